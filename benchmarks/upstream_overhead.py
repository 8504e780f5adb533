"""What the platform adds before an upstream model's first token, against calling that upstream directly.

The upstream is the scripted server of the tests, which answers at once; both are asked in turn in the same run. The
platform's time is from the POST to the first text on the real socket.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.reporting import percentile, print_table
from tests.adapters_support.openai_server import OpenaiServer, Say
from tests.running import Client, RunningServer, Socket, find_answer

ANSWER = "The upstream answers at once."


async def ask_directly(client: httpx.AsyncClient, base_url: str) -> float:
    """Return milliseconds from asking the upstream to its first text."""
    body = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    started = time.perf_counter()
    async with client.stream("POST", f"{base_url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if '"content": "' in line:
                return (time.perf_counter() - started) * 1000
    raise RuntimeError("the upstream gave no text")


async def ask_platform(client: Client, socket: Socket, room: str) -> float:
    """Return milliseconds from posting a question to the first text of its answer on the socket."""
    seen = len(socket.heard.updates)
    started = time.perf_counter()
    posted = await client.post(room, "hello")
    await socket.until(lambda heard: any(update["data"]["kind"] == "delta" for update in heard.updates[seen:]))
    taken = (time.perf_counter() - started) * 1000
    await socket.until(lambda heard: find_answer(heard, posted["id"]))
    return taken


async def measure(url: str, count: int) -> tuple[list[float], list[float]]:
    """Ask both in turn; return the milliseconds of the upstream alone and of the platform."""
    direct: list[float] = []
    through: list[float] = []
    client = await Client(url).sign_up()
    async with OpenaiServer() as upstream, httpx.AsyncClient() as http:
        upstream.play(Say(ANSWER))
        await client.call("PUT", "/ai/model-server", {"base_url": upstream.base_url, "model": "test-model"})
        room = await client.new_conversation()
        async with client.socket() as socket:
            await socket.follow(f"room:{room}")
            for _ in range(count + 5):
                direct.append(await ask_directly(http, upstream.base_url))
                through.append(await ask_platform(client, socket, room))
    await client.close()
    return direct[5:], through[5:]


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="20 questions instead of 100")
    count = 20 if parser.parse_args().short else 100
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder)).start()
        try:
            direct, through = asyncio.run(measure(server.url, count))
        finally:
            server.stop()
    rows = [
        [name, *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95))]
        for name, values in (("the upstream alone", direct), ("through Outcry", through))
    ]
    added = percentile(through, 0.5) - percentile(direct, 0.5)
    rows.append(["added by Outcry", f"{added:.1f}", ""])
    print_table(f"First token, ms, {count} questions", ["what", "p50", "p95"], rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

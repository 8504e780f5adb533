"""First token of a Fast answer by the desk, from the POST, over the real socket. The floor: posting alone."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.reporting import percentile, print_table
from tests.running import Client, RunningServer, Socket, find_answer

QUESTIONS = (
    "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?",
    "How is Amazon doing?",
    "MACD of JPM",
    "Compare KO and PEP over the last 6 months",
    "What is the 50 day moving average of SPX?",
)
LIMIT_MS = 200


async def ask(client: Client, socket: Socket, room: str, question: str) -> tuple[float, float, float]:
    """Post a question; return milliseconds to the 201, to the first token, and to the whole answer."""
    seen = len(socket.heard.updates)
    started = time.perf_counter()
    posted = await client.post(room, question)
    acknowledged = time.perf_counter()
    await socket.until(lambda heard: any(update["data"]["kind"] == "delta" for update in heard.updates[seen:]))
    first = time.perf_counter()
    await socket.until(lambda heard: find_answer(heard, posted["id"]))
    whole = time.perf_counter()
    return (acknowledged - started) * 1e3, (first - started) * 1e3, (whole - started) * 1e3


async def measure(url: str, count: int) -> list[tuple[float, float, float]]:
    """Ask one question after the other in one conversation."""
    client = await Client(url).sign_up()
    room = await client.new_conversation()
    async with client.socket() as socket:
        await socket.follow(f"room:{room}")
        for question in QUESTIONS:
            await ask(client, socket, room, question)
        taken = [await ask(client, socket, room, QUESTIONS[n % len(QUESTIONS)]) for n in range(count)]
    await client.close()
    return taken


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="30 questions instead of 200")
    count = 30 if parser.parse_args().short else 200
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder)).start()
        try:
            taken = asyncio.run(measure(server.url, count))
        finally:
            server.stop()
    rows = []
    for place, name in enumerate(("message acknowledged (floor)", "first token on the socket", "whole answer")):
        values = [row[place] for row in taken]
        rows.append([name, *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))])
    print_table(f"A Fast answer by the desk, ms from the POST, {count} questions", ["what", "p50", "p95", "p99"], rows)
    return 0 if percentile([row[1] for row in taken], 0.95) < LIMIT_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())

"""What the platform adds before an upstream model's first token, against calling that upstream directly.

Run against a fresh server started as the README says (its first account may use a model server on this machine):

    make run                      # in another terminal
    .venv/bin/python -m benchmarks.upstream_overhead --url http://127.0.0.1:8000

The upstream is the scripted server of the tests, which answers at once. Both are measured in turn in the same run, over
the same number of questions; the platform's time is from the POST to the first text on the real socket.
"""

import argparse
import asyncio
import json
import time
import uuid
from typing import Any

import httpx
import websockets
from rich.console import Console
from rich.table import Table

from tests.adapters_support.openai_server import OpenaiServer, Say

ANSWER = "The upstream answers at once."


async def direct(client: httpx.AsyncClient, base_url: str) -> float:
    """Return milliseconds from asking the upstream to its first text."""
    body = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    started = time.perf_counter()
    async with client.stream("POST", f"{base_url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if '"content": "' in line:
                return (time.perf_counter() - started) * 1000
    raise RuntimeError("the upstream gave no text")


class Platform:
    """A signed-in person with a room and a socket."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url
        self._token = ""
        self._room = ""

    async def prepare(self, upstream: str) -> None:
        """Register, connect the upstream and open a conversation."""
        person = {"email": f"bench-{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex, "name": "Bench"}
        self._token = (await self._call("POST", "/auth/register", person))["access_token"]
        await self._call("PUT", "/ai/model-server", {"base_url": upstream, "model": "test-model"})
        self._room = (await self._call("POST", "/rooms", {"kind": "conversation"}))["id"]

    async def _call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        response = await self._client.request(method, f"{self._url}/api/v1{path}", json=body, headers=headers)
        if response.is_error:
            raise SystemExit(f"{method} {path}: {response.text}")
        found: dict[str, Any] = response.json()
        return found

    async def measure(self, count: int) -> list[float]:
        """Return milliseconds from each POST to the first text of its answer on the socket."""
        address = self._url.replace("http", "ws", 1) + "/api/v1/realtime"
        async with websockets.connect(address) as socket:
            await socket.send(json.dumps({"type": "auth", "token": self._token}))
            await socket.recv()
            await socket.send(json.dumps({"type": "subscribe", "topic": f"room:{self._room}"}))
            await socket.recv()
            return [await self._one(socket) for _ in range(count)]

    async def _one(self, socket: websockets.ClientConnection) -> float:
        body = {"text": "hello", "client_id": uuid.uuid4().hex}
        started = time.perf_counter()
        posting = asyncio.create_task(self._call("POST", f"/rooms/{self._room}/messages", body))
        first = 0.0
        while True:
            frame = json.loads(await socket.recv())
            for update in frame if isinstance(frame, list) else ():
                data = update["data"]
                if data["kind"] == "delta" and not first:
                    first = (time.perf_counter() - started) * 1000
                message = data.get("message") or {}
                if message.get("author", {}).get("kind") == "assistant" and message.get("status") == "complete":
                    if message["text"] != ANSWER:
                        raise SystemExit(f"the answer came from elsewhere: {message}")
                    await posting
                    return first


def percentile(values: list[float], part: float) -> float:
    """Return the value below which this part of the values lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


async def run(url: str, count: int) -> None:
    """Measure and print."""
    async with OpenaiServer(script=[Say(ANSWER)]) as upstream, httpx.AsyncClient(timeout=30, trust_env=False) as client:
        platform = Platform(client, url.rstrip("/"))
        await platform.prepare(upstream.base_url)
        await platform.measure(3)
        alone = [await direct(client, upstream.base_url) for _ in range(count)]
        through = await platform.measure(count)
    table = Table("first token", "p50 ms", "p95 ms", title=f"Upstream overhead, {count} questions each")
    for name, values in (("upstream alone", alone), ("through the platform", through)):
        table.add_row(name, f"{percentile(values, 0.5):.1f}", f"{percentile(values, 0.95):.1f}")
    table.add_row("added", f"{percentile(through, 0.5) - percentile(alone, 0.5):.1f}", "")
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--count", type=int, default=60)
    arguments = parser.parse_args()
    asyncio.run(run(arguments.url, arguments.count))

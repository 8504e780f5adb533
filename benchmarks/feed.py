"""Ticks from a market to screens: 20,000 trades a second through bars and topics, the server on one core.

The market is a program of its own that speaks Alpaca's protocol. A trade counts as shown when a socket has a state that
holds it. It is measured from when the trade was due, so that a market that lags counts against us. The floor is the
market's own socket, read by the same client.
"""

import argparse
import asyncio
import base64
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from websockets.asyncio.client import connect

from benchmarks.reporting import percentile, print_table
from benchmarks.start import free_port
from tests.running import Client, RunningServer

A_SECOND = 20_000
STEP_S = 0.005
SYMBOLS = tuple(f"S{number:02}" for number in range(20))
SOCKETS = 10
LIMIT_MS = 100
WARM_UP_S = 3.0

KEY = "benchmark"


def batch(number: int) -> str:
    """Return the trades of one step, as many of each symbol; the price is the number of the step."""
    now = datetime.now(UTC).isoformat()
    each = round(A_SECOND * STEP_S) // len(SYMBOLS)
    trades = [
        f'{{"T":"t","S":"{symbol}","i":{number * each + one},"x":"V","p":{number},"s":1,"t":"{now}","c":[],"z":"C"}}'
        for symbol in SYMBOLS
        for one in range(each)
    ]
    return f"[{','.join(trades)}]"


async def serve_market(port: int) -> None:
    """Speak Alpaca's protocol, and send trades in even steps; print when the first was due."""
    followers: list[web.WebSocketResponse] = []

    async def stream(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json([{"T": "success", "msg": "connected"}])
        async for message in socket:
            if message.json()["action"] == "auth":
                await socket.send_json([{"T": "success", "msg": "authenticated"}])
            else:
                followers.append(socket)
        followers.remove(socket)
        return socket

    async def bars(_: web.Request) -> web.Response:
        return web.json_response({"bars": {}, "next_page_token": None})

    app = web.Application()
    app.router.add_get("/v2/iex", stream)
    app.router.add_get("/v2/stocks/bars", bars)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    begun = time.monotonic()
    print(begun, flush=True)
    for number in itertools.count(1):
        await asyncio.sleep(max(0.0, begun + number * STEP_S - time.monotonic()))
        text = batch(number)
        for socket in followers.copy():
            if not socket.closed:
                await socket.send_str(text)


@dataclass
class Seen:
    """What a client saw, in milliseconds: how long each trade took until a state held it, and how old the newest
    trade of each state was when it came.
    """

    begun: float
    delays: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    states: int = 0
    newest: dict[str, int] = field(default_factory=dict)

    def show(self, key: str, number: int, now: float) -> None:
        """Note that a state with this step came; what was not shown before is shown now."""
        self.states += 1
        self.ages.append((now - self.begun - number * STEP_S) * 1e3)
        before = self.newest.get(key)
        self.newest[key] = number
        if before is not None:
            self.delays.extend((now - self.begun - one * STEP_S) * 1e3 for one in range(before + 1, number + 1))


async def read(connection: Any, take: Callable[[Any, float], None], until: float) -> None:
    """Read frames until a time."""
    while (left := until - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(left):
                frame = await connection.recv()
        except TimeoutError:
            return
        take(json.loads(frame), time.monotonic())


async def run_floor(port: int, begun: float, seconds: float) -> Seen:
    """Read the market's own socket."""
    seen = Seen(begun)

    def take(said: Any, now: float) -> None:
        if said[0]["T"] == "t":
            seen.show("", said[0]["p"], now)

    async with connect(f"ws://127.0.0.1:{port}/v2/iex", proxy=None, compression=None, max_size=None) as connection:
        await connection.send(json.dumps({"action": "auth"}))
        await connection.send(json.dumps({"action": "subscribe"}))
        await read(connection, take, time.monotonic() + seconds)
    return seen


def processor_seconds(process_id: int) -> float:
    """Return how much processor time a process has taken."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run_ours(server: RunningServer, begun: float, seconds: float) -> tuple[Seen, dict[str, Any]]:
    """Follow quotes and five-minute bars on several sockets; return what was seen, and how the feed went."""
    url = server.url
    client = await Client(url).sign_up()
    async with asyncio.timeout(30):
        while not (status := (await client.call("GET", "/feeds"))[0])["ticks"]:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.1)
    seen = Seen(begun)
    address = url.replace("http", "ws", 1) + "/api/v1/realtime"
    connections = [await connect(address, proxy=None, compression=None, max_size=None) for _ in range(SOCKETS)]

    def taker(name: int) -> Callable[[Any, float], None]:
        def take(said: Any, now: float) -> None:
            for update in said if isinstance(said, list) else ():
                if update["topic"].startswith("quotes:"):
                    seen.show(f"{name} {update['topic']}", int(update["data"]["price"]), now)

        return take

    for connection in connections:
        await connection.send(json.dumps({"type": "auth", "ticket": await client.ticket()}))
        await connection.recv()
        for symbol in SYMBOLS:
            for topic in (f"quotes:{symbol}", f"bars:{symbol}:5m"):
                await connection.send(json.dumps({"type": "subscribe", "topic": topic}))
    warm = time.monotonic() + WARM_UP_S
    await asyncio.gather(*(read(one, lambda *_: None, warm) for one in connections))
    status = (await client.call("GET", "/feeds"))[0]
    first, busy = (status["ticks"], time.monotonic()), processor_seconds(server.process_id)
    await asyncio.gather(*(read(one, taker(name), time.monotonic() + seconds) for name, one in enumerate(connections)))
    status = (await client.call("GET", "/feeds"))[0]
    status["cores"] = (processor_seconds(server.process_id) - busy) / (time.monotonic() - first[1])
    status["a_second"] = (status["ticks"] - first[0]) / (time.monotonic() - first[1])
    for connection in connections:
        await connection.close()
    await client.close()
    return seen, status


def measure(seconds: float) -> tuple[Seen, Seen, dict[str, Any]]:
    """Run the market and the server, each on a core of its own, and the client beside the market."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    port = free_port()
    market = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.feed", "--market", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert market.stdout
    try:
        begun = float(market.stdout.readline())
        ours, status = measure_ours(port, begun, seconds, core=cores[0])
        return ours, asyncio.run(run_floor(port, begun, min(seconds, 10.0))), status
    finally:
        market.terminate()


def measure_ours(port: int, begun: float, seconds: float, *, core: int) -> tuple[Seen, dict[str, Any]]:
    """Run the server on one core, following the market at a port."""
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(
            Path(folder) / "data",
            command=("taskset", "-c", str(core), sys.executable, "-m", "outcry", "up"),
            OUTCRY_FEED=f"alpaca:iex?symbols={','.join(SYMBOLS)}&url=http://127.0.0.1:{port}",
            OUTCRY_SECRET_ALPACA_KEY=base64.b64encode(KEY.encode()).decode(),
            OUTCRY_SECRET_ALPACA_SECRET=base64.b64encode(KEY.encode()).decode(),
        ).start()
        try:
            return asyncio.run(run_ours(server, begun, seconds))
        finally:
            server.stop()


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="10 seconds instead of 130, in which no minute need close")
    parser.add_argument("--market", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.market:
        asyncio.run(serve_market(options.market))
        return 0
    seconds = 10.0 if options.short else 130.0
    ours, floor, status = measure(seconds)
    rows = [
        [name, str(len(values)), *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))]
        for name, values in (
            ("each trade, until a state held it", ours.delays),
            ("the newest trade of each state", ours.ages),
            ("the market's own socket (floor)", floor.delays),
        )
    ]
    title = f"Trade due to state on a socket, ms: {A_SECOND:,} trades a second, {SOCKETS} sockets, {seconds:.0f} s"
    print_table(title, ["what", "samples", "p50", "p95", "p99"], rows)
    shown = ours.states / seconds / SOCKETS / len(SYMBOLS)
    print(f"\n{status['a_second']:,.0f} trades a second were taken; a topic was sent {shown:.1f} times a second.")
    print(f"The server took {status['cores']:.2f} of its core.")
    print(f"late {status['late']}, dropped {status['dropped']}, reconnects {status['reconnects']}")
    return 0 if percentile(ours.delays, 0.99) < LIMIT_MS and status["a_second"] > 0.98 * A_SECOND else 1


if __name__ == "__main__":
    raise SystemExit(main())

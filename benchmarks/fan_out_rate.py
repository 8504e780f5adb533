"""Deliveries a second in one room of 500 sockets, messages of 200 bytes sent as fast as they go.

Ours are stored before anybody sees them, and acknowledged to who sent them. The peers, Node's `ws` in a plain loop and
socket.io, store nothing; they are installed from npm into a folder of their own and run in the same minutes. Each
sender has eight messages under way: the next goes when one comes back (ours: when it is acknowledged).
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from benchmarks.crowd import SENDERS, Heard, PlainSocket, follow, open_plain, sign_in
from benchmarks.fan_out import connect_when_up
from benchmarks.node_peers import install_peers, running_peer
from benchmarks.reporting import print_table
from benchmarks.start import free_port
from tests.running import Client, RunningServer

SOCKETS = 500
SENDING = 4
WINDOW = 8
BYTES = 200
WARM_S = 2.0

Frame = Callable[[int, str], str]
T = TypeVar("T")


def run_on_uvloop(what: Coroutine[Any, Any, T]) -> T:
    """Run something on the faster loop, which is the server's too."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(what)


def text_of(sender: int) -> str:
    """Return a message of one sender: 200 bytes, with the mark of a message and that of its sender."""
    return ("#" + SENDERS[sender].decode()).ljust(BYTES, "x")


async def send(socket: PlainSocket, sender: int, frame: Frame) -> None:
    """Send as fast as what was sent comes back."""
    sent = 0
    while True:
        while sent - socket.own < WINDOW:
            sent += 1
            socket.send(frame(sent, text_of(sender)))
        await socket.own_reached(sent - WINDOW + 1)


async def measure(heard: Heard, senders: list[PlainSocket], frame: Frame, seconds: float) -> tuple[float, float]:
    """Return deliveries a second, and messages a second, after a warm-up."""
    tasks = [asyncio.create_task(send(socket, number, frame)) for number, socket in enumerate(senders)]
    await asyncio.sleep(WARM_S)
    begun, deliveries, own = time.perf_counter(), heard.deliveries, sum(socket.own for socket in senders)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - begun
    rates = (heard.deliveries - deliveries) / took, (sum(socket.own for socket in senders) - own) / took
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return rates


async def run_ours(url: str, seconds: float) -> tuple[float, float]:
    """Measure an installation."""
    client = await Client(url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    address = url.replace("http", "ws", 1) + "/api/v1/realtime"
    heard = Heard()
    # What senders hear are answers, which have the mark of a message too, and are no deliveries.
    counted = [(heard, b"")] * SOCKETS + [(Heard(), mark) for mark in SENDERS[:SENDING]]
    opened: list[PlainSocket] = []
    for into, mark in counted:
        ticket = await client.ticket()
        opened.append(await open_plain(address, into, mark))
        await sign_in(opened[-1], ticket)
    sockets, senders = opened[:SOCKETS], opened[SOCKETS:]
    for socket in sockets:
        await follow(socket, f"room:{room}")
    for socket in (*sockets, *senders):
        socket.count()
    run = time.monotonic_ns()

    def frame(number: int, text: str) -> str:
        body = {"room_id": room, "text": text, "client_id": f"{run}-{number}-{SENDERS.index(text[1].encode())}"}
        return json.dumps({"type": "call", "id": str(number), "name": "chat.post", "body": body})

    rates = await measure(heard, senders, frame, seconds)
    for socket in (*sockets, *senders):
        socket.transport.abort()
    await client.close()
    return rates


async def run_peer(name: str, port: int, seconds: float) -> tuple[float, float]:
    """Measure a peer, whose senders are among the sockets."""
    await connect_when_up(port)
    heard = Heard()
    address = f"ws://127.0.0.1:{port}/" + ("socket.io/?EIO=4&transport=websocket" if name == "socket.io" else "")
    marks = [*SENDERS[:SENDING], *(b"" for _ in range(SOCKETS - SENDING))]
    sockets = [await open_plain(address, heard, mark) for mark in marks]
    if name == "socket.io":
        for socket in sockets:
            assert (await socket.next()).startswith("0{")
            socket.send("40")
            assert (await socket.next()).startswith("40{")
    for socket in sockets:
        socket.count()

    def frame(_number: int, text: str) -> str:
        return f'42["m","{text}"]' if name == "socket.io" else text

    rates = await measure(heard, sockets[:SENDING], frame, seconds)
    for socket in sockets:
        socket.transport.abort()
    return rates


def run(rounds: int, seconds: float) -> dict[str, list[tuple[float, float]]]:
    """Measure all in turn, ``rounds`` times."""
    seen: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        with_peers = install_peers(Path(folder))
        if not with_peers:
            print("Node or npm is not there: the peers are left out.")
        for number in range(rounds):
            for name in ("ws", "socket.io") if with_peers else ():
                port = free_port()
                with running_peer(Path(folder), name, port):
                    seen.setdefault(name, []).append(run_on_uvloop(run_peer(name, port, seconds)))
            # Who only counts bytes gives no sign of life.
            environment = {"OUTCRY_SAMPLE_MARKET": "false", "OUTCRY_EDGE_HEARTBEAT_SECONDS": "600"}
            server = RunningServer(Path(folder) / f"data{number}", **environment).start()
            try:
                seen.setdefault("Outcry, stored", []).append(run_on_uvloop(run_ours(server.url, seconds)))
            finally:
                server.stop()
    return seen


def main() -> int:
    """Measure, print, and fail when ours are not twice those of either peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="one round of 5 seconds instead of three of 10")
    short = parser.parse_args().short
    seen = run(1 if short else 3, 5.0 if short else 10.0)
    middle = {name: [statistics.median(values) for values in zip(*rates, strict=True)] for name, rates in seen.items()}
    rows = [[name, f"{deliveries:,.0f}", f"{messages:,.0f}"] for name, (deliveries, messages) in middle.items()]
    title = f"One room, {SOCKETS} sockets, {SENDING} senders, {BYTES} bytes"
    print_table(title, ["what", "deliveries a second", "messages a second"], rows)
    ours = middle.pop("Outcry, stored")[0]
    return 0 if all(ours >= 2 * deliveries for deliveries, _ in middle.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())

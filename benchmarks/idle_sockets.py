"""Memory of an idle socket: signed in, following its person's own topic and a room; and that ten thousand of them hold.

The server's resident memory before and after, divided by the number of sockets; `--parts` says what it is made of
(tracemalloc, on a thousand sockets). `--hold 600` keeps ten thousand for ten minutes and then tells all of them one
message. The floor is a bare uvicorn WebSocket application that accepts and waits.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.crowd import Heard, PlainSocket, follow, open_plain, sign_in
from benchmarks.fan_out import FLOOR, connect_when_up
from benchmarks.fan_out_rate import run_on_uvloop
from benchmarks.reporting import print_table
from benchmarks.start import free_port, resident_mb
from tests.running import Client, RunningServer

LIMIT_KB = 32.0
AT_ONCE = 20

# The server, which says at the signal USR1 what its memory is made of since the signal before.
TRACED = """
import signal, sys, tracemalloc
tracemalloc.start(1)
snapshots = []
def tell(*_):
    import gc
    gc.collect()
    snapshots.append(tracemalloc.take_snapshot())
    if len(snapshots) == 2:
        for found in snapshots[1].compare_to(snapshots[0], "lineno")[:45]:
            frame = found.traceback[0]
            print("part", found.size_diff, found.count_diff, f"{frame.filename}:{frame.lineno}", flush=True)
    print("snapshot", len(snapshots), flush=True)
signal.signal(signal.SIGUSR1, tell)
sys.argv = ["outcry", "up"]
from outcry.cli import main
main()
"""
WITHOUT_BOUNDS = {
    "OUTCRY_EDGE_CONNECTIONS": "20000",
    "OUTCRY_EDGE_CONNECTIONS_PER_ADDRESS": "20000",
    "OUTCRY_SAMPLE_MARKET": "false",
}


async def open_signed_in(client: Client, room: str, heard: Heard, count: int) -> list[PlainSocket]:
    """Open sockets that follow their person's topic and a room."""
    address = client.url.replace("http", "ws", 1) + "/api/v1/realtime"
    own = f"user:{client.me['person']['id']}"

    async def open_one() -> PlainSocket:
        # First the ticket: who is connected has ten seconds to show it.
        ticket = await client.ticket()
        socket = await open_plain(address, heard)
        await sign_in(socket, ticket)
        await follow(socket, own)
        await follow(socket, f"room:{room}")
        socket.idle = True
        return socket

    opened: list[PlainSocket] = []
    while len(opened) < count:
        some = min(AT_ONCE, count - len(opened))
        opened += await asyncio.gather(*(open_one() for _ in range(some)))
    return opened


async def measure_ours(server: RunningServer, count: int, hold_s: float) -> tuple[float, float, int]:
    """Return kB a socket, the seconds until all heard one message after holding, and how many heard it."""
    client = await Client(server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    heard = Heard()
    # What the first ones make, such as pools, is none of the others'.
    first = await open_signed_in(client, room, heard, 20)
    before = resident_mb(server.process_id)
    opened = await open_signed_in(client, room, heard, count)
    a_socket = (resident_mb(server.process_id) - before) * 1e3 / count
    await asyncio.sleep(hold_s)
    # The first token may have ended meanwhile.
    await client.refresh()
    begun = time.perf_counter()
    await client.post(room, "# still there?")
    expected = sum(not socket.closed.is_set() for socket in (*first, *opened))
    async with asyncio.timeout(60):
        # A room's title may be told with it.
        while heard.deliveries < count + len(first):  # noqa: ASYNC110  # an event a delivery would cost more
            await asyncio.sleep(0.01)
    took = time.perf_counter() - begun
    for socket in (*first, *opened):
        socket.transport.abort()
    await client.close()
    return a_socket, took, expected - len(first)


async def measure_floor(process_id: int, port: int, count: int) -> float:
    """Return kB a socket of the bare application."""
    await connect_when_up(port)
    opened = [await open_plain(f"ws://127.0.0.1:{port}/", Heard()) for _ in range(20)]
    before = resident_mb(process_id)
    opened += [await open_plain(f"ws://127.0.0.1:{port}/", Heard()) for _ in range(count)]
    # It accepts a moment after the answer is here.
    await asyncio.sleep(0.5)
    a_socket = (resident_mb(process_id) - before) * 1e3 / count
    for socket in opened:
        socket.transport.abort()
    return a_socket


async def print_parts(server: RunningServer, count: int) -> None:
    """Print what a socket's memory is made of."""
    client = await Client(server.url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    opened = await open_signed_in(client, room, Heard(), 50)
    await tell_memory(server, 1)
    opened += await open_signed_in(client, room, Heard(), count)
    await tell_memory(server, 2)
    rows = []
    for line in server.output:
        if line.startswith("part "):
            _, size, number, place = line.split(maxsplit=3)
            short = "/".join(place.strip().split("/")[-3:])
            rows.append([short, f"{int(size) / count:,.0f}", f"{int(number) / count:.1f}"])
    print_table(f"Bytes of one of {count} sockets", ["made at", "bytes", "objects"], rows[:30])
    for socket in opened:
        socket.transport.abort()
    await client.close()


async def tell_memory(server: RunningServer, number: int) -> None:
    """Have the server look at its memory."""
    subprocess.run(["kill", "-USR1", str(server.process_id)], check=True)  # noqa: ASYNC221  # nothing else is measured
    async with asyncio.timeout(120):
        while f"snapshot {number}\n" not in server.output:  # noqa: ASYNC110  # it has no other sign
            await asyncio.sleep(0.1)


def run_floor(count: int) -> float:
    """Measure the floor."""
    port = free_port()
    floor = subprocess.Popen([sys.executable, "-c", FLOOR, str(port)])
    try:
        return run_on_uvloop(measure_floor(floor.pid, port, count))
    finally:
        floor.terminate()
        floor.wait()


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="1,000 sockets alone")
    parser.add_argument("--parts", action="store_true", help="what the memory is made of")
    parser.add_argument("--hold", type=float, default=10.0, help="seconds to keep the many open")
    parser.add_argument("--sockets", type=int, default=10_000, help="how many the many are")
    chosen = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if chosen.parts:
        with tempfile.TemporaryDirectory() as folder:
            command = (sys.executable, "-c", TRACED)
            server = RunningServer(Path(folder), command=command, **WITHOUT_BOUNDS).start(within_s=180)
            try:
                run_on_uvloop(print_parts(server, 1_000))
            finally:
                server.stop()
        return 0
    rows, worst = [], 0.0
    for count in (1_000,) if chosen.short else (1_000, chosen.sockets):
        hold_s = chosen.hold if count != 1_000 else 0.0
        with tempfile.TemporaryDirectory() as folder:
            server = RunningServer(Path(folder), **WITHOUT_BOUNDS).start()
            try:
                a_socket, took, held = run_on_uvloop(measure_ours(server, count, hold_s))
            finally:
                server.stop()
        floor = f"{run_floor(count):.1f}" if count == 1_000 else ""
        rows.append([f"{count:,}", f"{a_socket:.1f}", floor, f"{hold_s:.0f}", f"{held:,}", f"{took:.2f}"])
        worst = max(worst, a_socket)
    head = ["sockets", "kB a socket", "floor: bare uvicorn", "held s", "still open", "s until all heard one message"]
    print_table("Idle sockets, resident memory", head, rows)
    return 0 if worst < LIMIT_KB else 1


if __name__ == "__main__":
    raise SystemExit(main())

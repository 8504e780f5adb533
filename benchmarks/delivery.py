"""Many rooms, each with a little talk: 2,000 sockets in 200 rooms, 100 messages a second for a minute.

Measured is from the sending of a message until each socket of its room has it, and until who sent it has the
acknowledgement, which comes once it is stored. Each room has one person with ten sockets, over one of which they post.
The floor is a bare uvicorn WebSocket application that passes what comes on to the sockets of the room, in the same run.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crowd import Heard, PlainSocket, follow, open_plain, sign_in
from benchmarks.fan_out import connect_when_up
from benchmarks.fan_out_rate import run_on_uvloop
from benchmarks.idle_sockets import WITHOUT_BOUNDS
from benchmarks.reporting import percentile, print_table
from benchmarks.start import free_port
from tests.running import Client, RunningServer

ROOMS = 200
A_ROOM = 10
A_SECOND = 100
SEEN_LIMIT_MS = 100
TOLD_LIMIT_MS = 50
AT_ONCE = 20
# Coprime to the number of rooms: no two in a row are neighbours.
_STEP = 77

FLOOR = """
import sys, uvicorn
rooms = {}
async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    room = rooms.setdefault(scope["path"], set())
    room.add(send)
    while (message := await receive())["type"] == "websocket.receive":
        for other in list(room):
            await other({"type": "websocket.send", "text": message["text"]})
    room.discard(send)
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", ws="websockets-sansio", ws_per_message_deflate=False)
"""

# Makes the frame that posts a message to a room: the number of the room, that of the message, and its text.
Frame = Callable[[int, int, str], str]


@dataclass
class Talk:
    """When each message was sent, and after how many milliseconds it was seen by each socket, and acknowledged."""

    sent: dict[int, float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)

    async def listen(self, socket: PlainSocket) -> None:
        """Note what one socket hears; an answer is an acknowledgement, everything else holds messages."""
        while True:
            text = await socket.frames.get()
            now = time.perf_counter()
            marks = [int(part.partition(">>")[0]) for part in text.split("<<")[1:]]
            into = self.told if text.startswith('{"type":"answer"') else self.seen
            into += [(now - self.sent[mark]) * 1e3 for mark in marks if mark in self.sent]


async def talk(rooms: list[list[PlainSocket]], frame: Frame, seconds: float, *, acknowledged: bool) -> Talk:
    """Post to one room after another, at a steady pace; return once everybody has everything."""
    talk = Talk()
    listening = [asyncio.create_task(talk.listen(socket)) for sockets in rooms for socket in sockets]
    begun = time.perf_counter()
    for number in range(round(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, begun + number / A_SECOND - time.perf_counter()))
        room = number * _STEP % len(rooms)
        talk.sent[number] = time.perf_counter()
        rooms[room][0].send(frame(room, number, f"<<{number}>> the market is quiet today, and so are we".ljust(200)))
    async with asyncio.timeout(60):
        while len(talk.seen) < len(talk.sent) * A_ROOM or (acknowledged and len(talk.told) < len(talk.sent)):  # noqa: ASYNC110  # an event a delivery would cost what is measured
            await asyncio.sleep(0.02)
    assert len(talk.seen) == len(talk.sent) * A_ROOM, "none twice"
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return talk


async def run_ours(url: str, seconds: float) -> Talk:
    """Measure an installation."""
    address = url.replace("http", "ws", 1) + "/api/v1/realtime"

    async def open_room() -> tuple[str, list[PlainSocket]]:
        person = await Client(url).sign_up()
        room = str((await person.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"])
        sockets = []
        for _ in range(A_ROOM):
            ticket = await person.ticket()
            sockets.append(await open_plain(address, Heard()))
            await sign_in(sockets[-1], ticket)
            await follow(sockets[-1], f"room:{room}")
        await person.close()
        return room, sockets

    opened: list[tuple[str, list[PlainSocket]]] = []
    while len(opened) < ROOMS:
        opened += await asyncio.gather(*(open_room() for _ in range(min(AT_ONCE, ROOMS - len(opened)))))

    def frame(room: int, number: int, text: str) -> str:
        body = {"room_id": opened[room][0], "text": text, "client_id": f"message-{number}"}
        return json.dumps({"type": "call", "id": str(number), "name": "chat.post", "body": body})

    sockets = [sockets for _, sockets in opened]
    heard = await talk(sockets, frame, seconds, acknowledged=True)
    close_all(sockets)
    return heard


async def run_floor(port: int, seconds: float) -> Talk:
    """The same through a bare application."""
    await connect_when_up(port)
    rooms = [
        [await open_plain(f"ws://127.0.0.1:{port}/{room}", Heard()) for _ in range(A_ROOM)] for room in range(ROOMS)
    ]
    heard = await talk(rooms, lambda _room, _number, text: text, seconds, acknowledged=False)
    close_all(rooms)
    return heard


def close_all(rooms: list[list[PlainSocket]]) -> None:
    """End every socket."""
    for sockets in rooms:
        for socket in sockets:
            socket.transport.abort()


def measure(seconds: float) -> tuple[Talk, Talk]:
    """Measure the floor and ours, one after the other."""
    port = free_port()
    floor = subprocess.Popen([sys.executable, "-c", FLOOR, str(port)])
    try:
        bare = run_on_uvloop(run_floor(port, seconds))
    finally:
        floor.terminate()
        floor.wait()
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder), OUTCRY_AUTH_HASH_MEMORY_KIB="1024", **WITHOUT_BOUNDS).start()
        try:
            return run_on_uvloop(run_ours(server.url, seconds)), bare
        finally:
            server.stop()


def main() -> int:
    """Measure, print, and fail over the limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="10 seconds instead of 60")
    seconds = 10.0 if parser.parse_args().short else 60.0
    ours, bare = measure(seconds)
    rows = [
        [name, f"{len(values):,}", *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))]
        for name, values in (
            ("Outcry: stored, then seen", ours.seen),
            ("Outcry: stored and acknowledged", ours.told),
            ("bare uvicorn, passed on (floor)", bare.seen),
        )
    ]
    title = f"ms: {ROOMS * A_ROOM:,} sockets in {ROOMS} rooms, {A_SECOND} messages a second, {seconds:.0f} s"
    print_table(title, ["what", "samples", "p50", "p95", "p99"], rows)
    ratio = percentile(ours.seen, 0.5) / percentile(bare.seen, 0.5)
    print(f"\nSeen after {ratio:.1f} times the floor's time (p50).")
    met = percentile(ours.seen, 0.99) < SEEN_LIMIT_MS and percentile(ours.told, 0.99) < TOLD_LIMIT_MS
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())

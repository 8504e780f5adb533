"""A message posted until another member sees it: 200 sockets open, 50 messages a second.

The floor is the same frames broadcast by a bare uvicorn WebSocket application in the same run.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.reporting import percentile, print_table
from benchmarks.start import free_port
from tests.running import Client, RunningServer

SOCKETS = 200
A_SECOND = 50
LIMIT_MS = 100

FLOOR = """
import sys, uvicorn
sockets = set()
async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    sockets.add(send)
    while (message := await receive())["type"] == "websocket.receive":
        for other in list(sockets):
            await other({"type": "websocket.send", "text": message["text"]})
    sockets.discard(send)
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", ws="websockets-sansio", ws_per_message_deflate=False)
"""


async def listen(connection: ClientConnection, sent: dict[str, float], delays: list[float]) -> None:
    """Note how long each message took from its sending to here."""
    async for frame in connection:
        now = time.perf_counter()
        text = frame if isinstance(frame, str) else frame.decode()
        # Looking for the marks is cheaper than parsing: the client shares the two cores with the server.
        for part in text.split("<<")[1:]:
            started = sent.get(part.split(">>", 1)[0])
            if started is not None:
                delays.append((now - started) * 1e3)


async def send_steadily(post: "asyncio.Queue[str]", seconds: float, sent: dict[str, float]) -> None:
    """Put a marked text on the queue fifty times a second."""
    started = time.perf_counter()
    for number in range(round(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, started + number / A_SECOND - time.perf_counter()))
        mark = f"m{number}"
        sent[mark] = time.perf_counter()
        await post.put(f"<<{mark}>> the market is quiet")


async def run_ours(url: str, seconds: float) -> list[float]:
    """Fan messages of one member out to the sockets of a room."""
    client = await Client(url).sign_up()
    room = (await client.call("POST", "/rooms", {"kind": "room", "title": "Floor"}))["id"]
    address = url.replace("http", "ws", 1) + "/api/v1/realtime"
    connections = [await connect(address, proxy=None, compression=None) for _ in range(SOCKETS)]
    for connection in connections:
        await connection.send(json.dumps({"type": "auth", "ticket": await client.ticket()}))
        await connection.recv()
        await connection.send(json.dumps({"type": "subscribe", "topic": f"room:{room}"}))
        await connection.recv()
    sent: dict[str, float] = {}
    delays: list[float] = []
    listeners = [asyncio.create_task(listen(connection, sent, delays)) for connection in connections]
    queue: asyncio.Queue[str] = asyncio.Queue()

    async def poster() -> None:
        while True:
            await client.post(room, await queue.get())
            queue.task_done()

    posters = [asyncio.create_task(poster()) for _ in range(4)]
    await send_steadily(queue, seconds, sent)
    await queue.join()
    await until_all(delays, len(sent) * SOCKETS)
    for task in posters:
        task.cancel()
    for connection in connections:
        await connection.close()
    await asyncio.gather(*listeners, *posters, return_exceptions=True)
    await client.close()
    return delays


async def run_floor(port: int, seconds: float) -> list[float]:
    """The same through a bare application."""
    address = f"ws://127.0.0.1:{port}/"
    connections = [await connect(address, proxy=None, compression=None) for _ in range(SOCKETS)]
    sent: dict[str, float] = {}
    delays: list[float] = []
    listeners = [asyncio.create_task(listen(connection, sent, delays)) for connection in connections]
    queue: asyncio.Queue[str] = asyncio.Queue()

    async def poster() -> None:
        while True:
            await connections[0].send(json.dumps({"text": await queue.get()}))

    posting = asyncio.create_task(poster())
    await send_steadily(queue, seconds, sent)
    await until_all(delays, len(sent) * SOCKETS)
    posting.cancel()
    for connection in connections:
        await connection.close()
    await asyncio.gather(*listeners, posting, return_exceptions=True)
    return delays


async def until_all(delays: list[float], expected: int) -> None:
    """Wait until every message reached every socket; raises TimeoutError when one does not."""
    async with asyncio.timeout(20):
        while len(delays) < expected:  # noqa: ASYNC110  # an event a delivery would cost what is measured
            await asyncio.sleep(0.02)


async def connect_when_up(port: int) -> None:
    """Wait until a server listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


async def measure(url: str, seconds: float) -> tuple[list[float], list[float]]:
    """Measure ours and the floor, one after the other."""
    port = free_port()
    floor = subprocess.Popen([sys.executable, "-c", FLOOR, str(port)])  # noqa: ASYNC220  # before anything is measured
    try:
        await connect_when_up(port)
        bare = await run_floor(port, seconds)
    finally:
        floor.terminate()
    return await run_ours(url, seconds), bare


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="5 seconds instead of 30")
    seconds = 5.0 if parser.parse_args().short else 30.0
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder)).start()
        try:
            ours, bare = asyncio.run(measure(server.url, seconds))
        finally:
            server.stop()
    rows = [
        [name, str(len(values)), *(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))]
        for name, values in (("Outcry: stored, then shown", ours), ("bare uvicorn broadcast (floor)", bare))
    ]
    title = f"Posted to seen, ms: {SOCKETS} sockets in one room, {A_SECOND} messages a second, {seconds:.0f} s"
    print_table(title, ["what", "deliveries", "p50", "p95", "p99"], rows)
    return 0 if percentile(ours, 0.99) < LIMIT_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())

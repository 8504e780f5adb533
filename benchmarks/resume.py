"""A thousand sockets cut at once: how long until all are back and have everything that was posted meanwhile.

Each is a client of ours (`outcry.client`), which waits a random time of half a second at most before its first try,
gets a ticket, signs in, and follows its room from where it was. Messages are posted to all rooms while nobody is there
and while they come back. There is no peer: neither `ws` nor socket.io resumes over a cut of this kind by itself.
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fan_out_rate import run_on_uvloop
from benchmarks.idle_sockets import WITHOUT_BOUNDS
from benchmarks.reporting import percentile, print_table
from outcry.client.client import OutcryClient
from outcry.client.subscription import Heard, Place, Subscription
from tests.running import Client, RunningServer

SOCKETS = 1_000
ROOMS = 20
MESSAGES = 5
LIMIT_S = 5.0


@dataclass
class Member:
    """One client and what it heard of its room."""

    client: OutcryClient
    room: str
    texts: list[str] = field(default_factory=list)
    last: Place | None = None

    def hear(self, heard: Heard) -> None:
        """Keep the texts of messages."""
        assert not heard.reset
        self.last = heard.place
        if heard.data["kind"] == "message":
            self.texts.append(heard.data["message"]["text"])


async def open_members(url: str, person: Client, rooms: list[str], count: int) -> list[Member]:
    """Open clients, each following one of the rooms from now on."""
    members = [Member(OutcryClient(url, token=person.token), rooms[number % len(rooms)]) for number in range(count)]

    async def open_one(member: Member) -> None:
        await member.client.__aenter__()
        subscription = Subscription(f"room:{member.room}", is_log=True, place=None, sink=member.hear)
        await member.client.link.follow(subscription)
        async with asyncio.timeout(120):
            await subscription.started.wait()

    for start in range(0, count, 50):
        await asyncio.gather(*(open_one(member) for member in members[start : start + 50]))
    return members


async def measure(url: str, count: int) -> tuple[float, list[float]]:
    """Return the seconds until all had everything, and those until each was open again."""
    person = await Client(url).sign_up()
    rooms = [
        (await person.call("POST", "/rooms", {"kind": "private", "title": f"Floor {number}"}))["id"]
        for number in range(ROOMS)
    ]
    members = await open_members(url, person, rooms, count)
    begun = time.perf_counter()
    for member in members:
        member.client.link.cut()

    async def reopen(member: Member) -> float:
        while member.client.link.opened < 2:  # noqa: ASYNC110  # the link tells nobody else
            await asyncio.sleep(0.005)
        return time.perf_counter() - begun

    reopening = [asyncio.create_task(reopen(member)) for member in members]
    async with OutcryClient(url, token=person.token) as poster:
        posts = [poster.post(room, f"message {number}") for number in range(MESSAGES) for room in rooms]
        await asyncio.gather(*posts)
    expected = [f"message {number}" for number in range(MESSAGES)]
    opened = await asyncio.gather(*reopening)
    async with asyncio.timeout(60):
        while any(len(member.texts) < MESSAGES for member in members):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
    took = time.perf_counter() - begun
    assert all(member.texts == expected for member in members), "in order, none twice"
    await asyncio.gather(*(member.client.close() for member in members))
    await person.close()
    return took, opened


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="200 sockets")
    count = 200 if parser.parse_args().short else SOCKETS
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder), **WITHOUT_BOUNDS).start()
        try:
            took, opened = run_on_uvloop(measure(server.url, count))
        finally:
            server.stop()
    row = [f"{count:,}", *(f"{percentile(opened, share):.2f}" for share in (0.5, 0.99)), f"{max(opened):.2f}"]
    head = ["sockets", "open again s p50", "p99", "last", "all have everything s"]
    print_table(f"Cut at once, {ROOMS} rooms, {ROOMS * MESSAGES} messages meanwhile", head, [[*row, f"{took:.2f}"]])
    return 0 if took < LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())

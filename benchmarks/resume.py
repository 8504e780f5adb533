"""A thousand sockets cut at once: how long until all are back and have everything that was posted meanwhile.

They are of fifty people, each of whom has twenty open in a room of their own: every session and every membership is
looked at anew. Each is a client of ours (`outcry.client`), which waits a random time of half a second at most before
its first try, gets a ticket, signs in, and follows its room from where it was. Messages are posted to all rooms while
nobody is there and while they come back. There is no peer: neither `ws` nor socket.io resumes over a cut of this kind
by itself.
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
PEOPLE = 50
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


async def open_members(people: list[Client], rooms: list[str], count: int) -> list[Member]:
    """Open clients, each following its person's room from now on."""
    members = [
        Member(OutcryClient(people[place].url, token=people[place].token), rooms[place])
        for place in (number % len(people) for number in range(count))
    ]

    async def open_one(member: Member) -> None:
        await member.client.__aenter__()
        subscription = Subscription(f"room:{member.room}", is_log=True, place=None, sink=member.hear)
        await member.client.link.follow(subscription)
        async with asyncio.timeout(120):
            await subscription.started.wait()

    for start in range(0, count, 50):
        await asyncio.gather(*(open_one(member) for member in members[start : start + 50]))
    return members


async def note_reopened(members: list[Member], begun: float) -> list[float]:
    """Return the seconds until each was open again. One task looks at all: one for each would be what is measured."""
    opened: list[float] = []
    waiting = members
    while waiting:
        await asyncio.sleep(0.01)
        left = [member for member in waiting if member.client.link.opened < 2]
        opened += [time.perf_counter() - begun] * (len(waiting) - len(left))
        waiting = left
    return opened


async def measure(url: str, count: int) -> tuple[float, list[float]]:
    """Return the seconds until all had everything, and those until each was open again."""
    people = [await Client(url).sign_up() for _ in range(PEOPLE)]
    rooms = [(await one.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"] for one in people]
    members = await open_members(people, rooms, count)
    begun = time.perf_counter()
    for member in members:
        member.client.link.cut()

    reopening = asyncio.create_task(note_reopened(members, begun))
    for number in range(MESSAGES):
        both = zip(people, rooms, strict=True)
        await asyncio.gather(*(one.post(room, f"message {number}") for one, room in both))
    expected = [f"message {number}" for number in range(MESSAGES)]
    opened = await reopening
    async with asyncio.timeout(60):
        while any(len(member.texts) < MESSAGES for member in members):  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.01)
    took = time.perf_counter() - begun
    assert all(member.texts == expected for member in members), "in order, none twice"
    await asyncio.gather(*(member.client.close() for member in members))
    await asyncio.gather(*(one.close() for one in people))
    return took, opened


def main() -> int:
    """Measure, print, and fail over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="200 sockets")
    count = 200 if parser.parse_args().short else SOCKETS
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder), OUTCRY_AUTH_HASH_MEMORY_KIB="1024", **WITHOUT_BOUNDS).start()
        try:
            took, opened = run_on_uvloop(measure(server.url, count))
        finally:
            server.stop()
    row = [f"{count:,}", *(f"{percentile(opened, share):.2f}" for share in (0.5, 0.99)), f"{max(opened):.2f}"]
    head = ["sockets", "open again s p50", "p99", "last", "all have everything s"]
    print_table(f"Cut at once, {PEOPLE} people, {PEOPLE * MESSAGES} messages meanwhile", head, [[*row, f"{took:.2f}"]])
    return 0 if took < LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())

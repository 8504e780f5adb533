"""Reading rooms: pages of a long history, and a thousand who come back at once after a restart of the server.

The peers, in the same run: the rows of a page by one plain SQLAlchemy statement, with nobody's right checked and
nothing made of them; and a reading of what was missed for each who comes back, where ours is shared.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select

from benchmarks.posting import Bench, engines
from benchmarks.reporting import percentile, print_table
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.edge.remembering import RememberingRealtime
from outcry.kit.clock import SystemClock
from outcry.kit.ids import new_id
from outcry.kit.module import Topic
from outcry.kit.paging import encode_cursor
from outcry.kit.principal import Principal
from outcry.kit.topics import Past, Position
from outcry.services.auth.permissions import scopes_of
from outcry.services.chat.log.history import RoomHistory
from outcry.services.chat.models import MessageRow
from outcry.services.chat.names import Names
from outcry.services.chat.queries import ChatQueries

PAGES = 1_000
PAGE = 50
MISSED = 200
FOLLOWERS = 1_000
# Of a thousand who each read, most get no connection within the half minute that one waits for it.
FOLLOWERS_ALONE = 100
HISTORY_LIMIT_MS = 100
TEXT = "NVDA broke its range on twice the usual volume; I would not chase it before the close. " * 2


async def fill(bench: Bench, room_id: UUID, messages: int) -> None:
    """Write a long history, past the service."""
    clock = SystemClock()
    for start in range(0, messages, 10_000):
        rows = [
            {
                "id": new_id(),
                "tenant_id": bench.tenant_id,
                "room_id": room_id,
                "sequence": sequence,
                "version": 1,
                "author_kind": "person",
                "author_id": bench.person_id,
                "text": TEXT,
                "status": "posted",
                "created_at": clock.now(),
                "client_id": f"{sequence:08}",
                "activity": "",
                "revision": 0,
            }
            for sequence in range(start + 1, min(start + 10_000, messages) + 1)
        ]
        async with bench.database.transaction() as transaction:
            await transaction.session.execute(insert(MessageRow), rows)


async def timed(times: int, act: Callable[[], Awaitable[object]]) -> list[float]:
    """Do something one time after the other; return how long each took in ms."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        await act()
        took.append((time.perf_counter() - started) * 1e3)
    return took


class Counted:
    """A history that counts how often it is read."""

    def __init__(self, inner: RoomHistory) -> None:
        self._inner = inner
        self.readings = 0

    async def position(self, name: str) -> Position:
        """Pass it on and count."""
        self.readings += 1
        return await self._inner.position(name)

    async def since(self, name: str, after: Position) -> Past | None:
        """Pass it on and count."""
        self.readings += 1
        return await self._inner.since(name, after)


async def anybody(_principal: Principal, _name: str) -> bool:
    """Let everybody listen."""
    return True


async def main(messages: int) -> bool:
    """Measure and print; say whether pages are quick enough."""
    pages: list[list[str]] = []
    resumes: list[list[str]] = []
    fine = True
    with tempfile.TemporaryDirectory(prefix="outcry-rooms-") as folder:
        async with engines(Path(folder)) as benches:
            for engine, bench in benches:
                await fill(bench, bench.rooms[0], messages)
                for name, took in (await read_pages(bench, messages)).items():
                    pages.append([engine, name, f"{percentile(took, 0.5):.1f}", f"{percentile(took, 0.99):.1f}"])
                    fine = fine and (name.startswith("plain") or percentile(took, 0.99) <= HISTORY_LIMIT_MS)
                resumes += [[engine, *row] for row in await come_back(bench)]
    print_table(f"A page of {PAGE} of {messages:,} messages, ms", ["engine", "what", "median", "p99"], pages)
    print_table(
        f"They come back at once after a restart, each missed {MISSED} messages",
        ["engine", "what", "s", "readings of the database"],
        resumes,
    )
    return fine


async def read_pages(bench: Bench, messages: int) -> dict[str, list[float]]:
    """Read pages from anywhere in the history."""
    clock = SystemClock()
    log = SqlMessageLog(bench.database, clock=clock)
    queries = ChatQueries(database=bench.database, log=log, names=Names(auth=bench.auth, clock=clock))
    principal = Principal(
        user_id=bench.person_id,
        tenant_id=bench.tenant_id,
        role="member",
        scopes=scopes_of("member", operator=False),
        session_id=new_id(),
    )
    room_id, numbers = bench.rooms[0], random.Random(1)  # noqa: S311  # which pages are read is no secret

    async def ours() -> None:
        cursor = encode_cursor(numbers.randrange(PAGE, messages))
        page = await queries.history(principal, room_id, cursor=cursor, limit=PAGE)
        assert page.items

    async def plain() -> None:
        before = numbers.randrange(PAGE, messages)
        query = select(MessageRow.__table__).where(MessageRow.room_id == room_id, MessageRow.sequence < before)
        async with bench.database.reading() as session:
            (await session.execute(query.order_by(MessageRow.sequence.desc()).limit(PAGE))).all()

    await timed(20, ours)
    return {"a page of history": await timed(PAGES, ours), "plain rows": await timed(PAGES, plain)}


async def come_back(bench: Bench) -> list[list[str]]:
    """Let many come back, sharing and not."""
    clock, room_id = SystemClock(), bench.rooms[1]
    log = SqlMessageLog(bench.database, clock=clock)
    before = await log.position(room_id)
    for _ in range(MISSED):
        await bench.post(room_id)
    history = Counted(RoomHistory(database=bench.database, log=log, names=Names(auth=bench.auth, clock=clock)))

    async def shared() -> None:
        topic = Topic(log=True, may_listen=anybody, history=history)
        realtime = RememberingRealtime(MemoryRealtime(), {"room": topic})

        async def one() -> None:
            start = await realtime.follow_log(f"room:{room_id}", before, lambda _: None)
            assert len(start.missed) == MISSED
            assert not start.reset

        await asyncio.gather(*(one() for _ in range(FOLLOWERS)))

    async def each_alone() -> None:
        await asyncio.gather(*(history.since(str(room_id), before) for _ in range(FOLLOWERS_ALONE)))

    rows = []
    for name, act in ((f"{FOLLOWERS:,}, a reading is shared", shared), (f"{FOLLOWERS_ALONE}, each reads", each_alone)):
        history.readings = 0
        took = await timed(1, act)
        rows.append([name, f"{took[0] / 1e3:.2f}", f"{history.readings:,}"])
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    raise SystemExit(0 if asyncio.run(main(parser.parse_args().messages)) else 1)

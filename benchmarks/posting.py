"""What a durable message costs: posts a second, one at a time and 64 at a time, in one room and in many.

The peer, in the same run: one plain SQLAlchemy insert of a row of the same size and a commit for each message, by the
same engine, with nothing ordered, remembered, indexed or told. Both are durable when they are acknowledged: SQLite with
synchronous=FULL, PostgreSQL with fsync.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert

from benchmarks.reporting import percentile, print_table
from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.mail.folder import FolderMail
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.pages.none import NonePages
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.adapters.text_search.tantivy import TantivyTextSearch
from outcry.engines import migrations_folder
from outcry.kit.clock import SystemClock
from outcry.kit.ids import new_id
from outcry.kit.module import Module
from outcry.kit.slash import SlashCommands
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat import module as chat
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.settings import ChatSettings
from tests.conftest import find_postgresql, run_postgresql
from tests.services.people import Crowd, build_auth

TEXT = "NVDA broke its range on twice the usual volume; I would not chase it before the close. " * 2
ROOMS = 64
TOGETHER = 64
ALONE = "a post, one at a time"
ALONE_LIMIT_MS = 15

Post = Callable[[int], Awaitable[object]]
PLAIN = Table("plain", MetaData(), Column("id", LargeBinary, primary_key=True), Column("text", String))


@dataclass(frozen=True)
class Bench:
    """The chat service over an engine, with rooms that one person is in, and a table for the peer."""

    database: RelationalDatabase
    service: Module
    auth: AuthFacade
    tenant_id: UUID
    person_id: UUID
    rooms: Sequence[UUID]

    def ways(self) -> list[tuple[str, Post, int]]:
        """Return what is measured: (name, the post, how many at a time)."""
        return [
            ("one INSERT and COMMIT, one at a time", self.peer, 1),
            (ALONE, self.in_one_room, 1),
            ("one INSERT and COMMIT, 64 at a time", self.peer, TOGETHER),
            ("a post, 64 at a time in one room", self.in_one_room, TOGETHER),
            ("a post, 64 at a time in 64 rooms", self.in_many_rooms, TOGETHER),
        ]

    async def in_one_room(self, _number: int) -> None:
        """Post to the first room."""
        await self.post(self.rooms[0])

    async def in_many_rooms(self, number: int) -> None:
        """Post to the rooms in turn."""
        await self.post(self.rooms[number % ROOMS])

    async def post(self, room: UUID) -> None:
        """Post to a room."""
        assert isinstance(self.service.facade, ChatFacade)
        await self.service.facade.post_charts(
            tenant_id=self.tenant_id,
            room_id=room,
            person_id=self.person_id,
            text=TEXT,
            cards=(),
            client_id=new_id().hex,
        )

    async def peer(self, _number: int) -> None:
        """Insert a row and commit."""
        async with self.database.transaction() as transaction:
            await transaction.session.execute(insert(PLAIN).values(id=new_id().bytes, text=TEXT))


async def build(database: RelationalDatabase, auth_database: RelationalDatabase, folder: Path) -> Bench:
    """Make the service and its rooms."""
    clock, secrets, realtime = SystemClock(), FilesSecrets(folder / "secrets", environment={}), MemoryRealtime()
    await auth_database.migrate(migrations_folder("auth"))
    await database.migrate(migrations_folder("chat"))
    auth_module = build_auth(auth_database, secrets, clock, folder, realtime=realtime)
    await auth_module.start()
    crowd = Crowd(auth_database, secrets, clock)
    tenant_id = await crowd.new_organisation()
    person_id = await crowd.new_person("Ada", tenant_id)
    assert isinstance(auth_module.facade, AuthFacade)
    service = chat.build(
        database=database,
        realtime=realtime,
        cache=MemoryCache(clock),
        log=SqlMessageLog(database, clock=clock),
        index=TantivyTextSearch(folder / "search"),
        blobs=ObstoreBlobs.in_memory(),
        mail=FolderMail(folder / "mail", clock=clock),
        pages=NonePages(),
        slash=SlashCommands(),
        auth=auth_module.facade,
        clock=clock,
        settings=ChatSettings(),
    )
    await service.start()
    rooms = [new_id() for _ in range(ROOMS)]
    async with database.transaction() as transaction:
        await (await transaction.session.connection()).run_sync(PLAIN.create)
        for room_id in rooms:
            transaction.session.add(_room(room_id, tenant_id, clock))
        await transaction.session.flush()
        for room_id in rooms:
            transaction.session.add(_member(room_id, tenant_id, person_id, clock))
    return Bench(database, service, auth_module.facade, tenant_id, person_id, rooms)


def _room(room_id: UUID, tenant_id: UUID, clock: SystemClock) -> RoomRow:
    return RoomRow(
        id=room_id,
        tenant_id=tenant_id,
        title="Desk",
        title_chosen=True,
        kind="private",
        created_at=clock.now(),
        last_activity_at=clock.now(),
        last_text="",
        next_sequence=1,
    )


def _member(room_id: UUID, tenant_id: UUID, person_id: UUID, clock: SystemClock) -> MemberRow:
    return MemberRow(
        room_id=room_id,
        user_id=person_id,
        tenant_id=tenant_id,
        kind="person",
        role="owner",
        archived=False,
        joined_at=clock.now(),
    )


@dataclass(frozen=True)
class Run:
    """Posts a second, how long each took in ms, and the processor's time for one in this process in ms."""

    rate: float
    took: list[float]
    processor: float


async def run(post: Post, *, together: int, seconds: float) -> Run:
    """Post for some seconds, ``together`` at a time."""
    took: list[float] = []
    numbers = count()
    end = time.perf_counter() + seconds

    async def one_after_the_other() -> None:
        while (started := time.perf_counter()) < end:
            await post(next(numbers))
            took.append((time.perf_counter() - started) * 1e3)

    started, before = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_after_the_other() for _ in range(together)))
    rate = len(took) / (time.perf_counter() - started)
    return Run(rate=rate, took=took, processor=(time.process_time() - before) * 1e3 / len(took))


@asynccontextmanager
async def engines(folder: Path) -> AsyncIterator[list[tuple[str, Bench]]]:
    """Open what is installed."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:

        async def open_one(name: str, make: Callable[[str], RelationalDatabase]) -> tuple[str, Bench]:
            databases = [make(service) for service in ("auth", "chat")]
            for database in databases:
                stack.push_async_callback(database.close)
            bench = await build(databases[1], databases[0], folder / name)
            stack.push_async_callback(bench.service.stop)
            return name, bench

        benches = [await open_one("SQLite", lambda name: SqliteDatabase(folder / f"{name}.sqlite", clock=clock))]
        if find_postgresql() is not None:
            server = stack.enter_context(run_postgresql(durable=True))
            benches.append(
                await open_one("PostgreSQL", lambda name: PostgresqlDatabase(server.dsn, schema=name, clock=clock))
            )
        yield benches


async def main(seconds: float, rounds: int) -> bool:
    """Measure and print; say whether a lone post is quick enough."""
    folder = Path(tempfile.mkdtemp(prefix="outcry-posting-"))
    rows: list[list[str]] = []
    fine = True
    try:
        async with engines(folder) as benches:
            for engine, bench in benches:
                for name, post, together in bench.ways():
                    runs = [await run(post, together=together, seconds=seconds) for _ in range(rounds + 1)][1:]
                    took = [ms for each in runs for ms in each.took]
                    if name == ALONE:
                        fine = fine and percentile(took, 0.5) <= ALONE_LIMIT_MS
                    rows.append(
                        [
                            engine,
                            name,
                            f"{statistics.median(each.rate for each in runs):,.0f}",
                            f"{percentile(took, 0.5):.1f}",
                            f"{percentile(took, 0.99):.1f}",
                            f"{statistics.median(each.processor for each in runs):.2f}",
                        ]
                    )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_table("Durable posts", ["engine", "what", "a second", "median ms", "p99 ms", "processor ms"], rows)
    return fine


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    raise SystemExit(0 if asyncio.run(main(given.seconds, given.rounds)) else 1)

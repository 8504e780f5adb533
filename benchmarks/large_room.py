"""What unread counts and receipts cost whoever posts to a room of 500, all of whom listen: alone, and while they read.

The floor, in the same run: the same posts where nobody hears of them but the room's own topic.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

from benchmarks.reporting import percentile, print_table
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.engines import migrations_folder
from outcry.kit.clock import SystemClock
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.realtime import Update
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.courier import Courier, room_topic, user_topic
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.presence.wiring import Attendance, build_attendance
from outcry.services.chat.settings import ChatSettings
from tests.services.people import Crowd, build_auth

PEOPLE = 500
A_SECOND = 10
TEXT = "NVDA broke its range on twice the usual volume; I would not chase it before the close. " * 2
# How many times the processor's time of a post they may cost.
LIMIT = 2.0


@dataclass(frozen=True)
class Stage:
    """A room of 500, and how one posts to it: with and without what counts and tells."""

    tenant_id: UUID
    room_id: UUID
    people: Sequence[UUID]
    plain: Poster
    attended: Poster
    attendance: Attendance
    heard: list[int]

    @cached_property
    def readers(self) -> Sequence[Principal]:
        """Everybody but the one who posts, each with a device."""
        return [
            Principal(user_id=one, tenant_id=self.tenant_id, role="member", scopes=frozenset(), session_id=new_id())
            for one in self.people[1:]
        ]


async def set_up(folder: Path, database: SqliteDatabase, auth_database: SqliteDatabase) -> Stage:
    """Make the room, and let everybody listen to it and to their own topic."""
    clock, secrets, realtime = SystemClock(), FilesSecrets(folder / "secrets", environment={}), MemoryRealtime()
    await auth_database.migrate(migrations_folder("auth"))
    await database.migrate(migrations_folder("chat"))
    auth = build_auth(auth_database, secrets, clock, folder, realtime=realtime)
    await auth.start()
    tenant_id = await Crowd(auth_database, secrets, clock).new_organisation()
    people, room_id = [new_id() for _ in range(PEOPLE)], new_id()
    await _fill(database, tenant_id, room_id, people, clock)
    assert isinstance(auth.facade, AuthFacade)
    names, log = Names(auth=auth.facade, clock=clock), SqlMessageLog(database, clock=clock)
    posters: list[Poster] = []
    couriers = [Courier(realtime), Courier(realtime)]
    for courier in couriers:
        changes = Changes(database=database, courier=courier, log=log)
        posters.append(Poster(changes=changes, auth=auth.facade, names=names, clock=clock, settings=ChatSettings()))
    attendance = build_attendance(
        database=database,
        realtime=realtime,
        cache=MemoryCache(clock),
        courier=couriers[1],
        names=names,
        clock=clock,
    )
    heard = [0]

    def hear(_: Update) -> None:
        heard[0] += 1

    for person_id in people:
        await realtime.follow_log(room_topic(room_id), None, hear)
        await realtime.follow_log(user_topic(person_id), None, hear)
    plain, attended = posters
    return Stage(tenant_id, room_id, people, plain, attended, attendance, heard)


async def _fill(
    database: SqliteDatabase, tenant_id: UUID, room_id: UUID, people: Sequence[UUID], clock: SystemClock
) -> None:
    now = clock.now()
    async with database.transaction() as transaction:
        transaction.session.add(
            RoomRow(
                id=room_id,
                tenant_id=tenant_id,
                title="Floor",
                title_chosen=True,
                kind="private",
                created_at=now,
                last_activity_at=now,
                last_text="",
                next_sequence=1,
            )
        )
        await transaction.session.flush()
        for number, person_id in enumerate(people):
            transaction.session.add(
                MemberRow(
                    room_id=room_id,
                    user_id=person_id,
                    tenant_id=tenant_id,
                    kind="person",
                    role="owner" if number == 0 else "member",
                    archived=False,
                    joined_at=now,
                )
            )


async def post_steadily(stage: Stage, poster: Poster, seconds: float, *, readers: int = 0) -> list[float]:
    """Post ten times a second, and let people read each message at once; return how long each post took in ms."""
    took: list[float] = []
    began = time.perf_counter()
    for number in range(round(seconds * A_SECOND)):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        started = time.perf_counter()
        message = await poster.post(
            tenant_id=stage.tenant_id,
            room_id=stage.room_id,
            person_id=stage.people[0],
            text=TEXT,
            client_id=new_id().hex,
        )
        took.append((time.perf_counter() - started) * 1e3)
        for reader in stage.readers[:readers]:
            stage.attendance.receipts.note_read(reader, stage.room_id, read=message.sequence, stream="main")
    await stage.attendance.settle()
    return took


async def main(seconds: float) -> bool:
    """Measure and print; say whether the cost is within its limit."""
    folder = Path(tempfile.mkdtemp(prefix="outcry-large-room-"))
    clock = SystemClock()
    databases = [SqliteDatabase(folder / f"{name}.sqlite", clock=clock) for name in ("chat", "auth")]
    try:
        stage = await set_up(folder, *databases)
        ways = [("posted and shown (floor)", stage.plain, 0), ("counted and told", stage.attended, 0)]
        ways.append(("counted and told, 499 read each at once", stage.attended, PEOPLE - 1))
        rows: list[list[str]] = []
        costs: list[float] = []
        await post_steadily(stage, stage.attended, 2)
        for name, poster, readers in ways:
            stage.heard[0], before = 0, time.process_time()
            took = await post_steadily(stage, poster, seconds, readers=readers)
            processor = (time.process_time() - before) * 1e3 / len(took)
            costs.append(processor)
            figures = (*(percentile(took, share) for share in (0.5, 0.95, 0.99)), processor)
            rows.append([name, *(f"{figure:.1f}" for figure in figures), f"{stage.heard[0]:,}"])
        await stage.attendance.stop()
    finally:
        for database in databases:
            await database.close()
        shutil.rmtree(folder, ignore_errors=True)
    title = f"Posts to a room of {PEOPLE}, {A_SECOND} a second, {seconds:g} s each"
    print_table(title, ["what", "p50 ms", "p95 ms", "p99 ms", "processor ms a post", "updates heard"], rows)
    return max(costs) <= LIMIT * costs[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="take fewer samples")
    raise SystemExit(0 if asyncio.run(main(10 if parser.parse_args().short else 30)) else 1)

"""Whatever happens in rooms, and however often somebody is cut off and comes back: they end with what is there."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.edge.remembering import RememberingRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.ids import new_id
from outcry.kit.module import Topic
from outcry.kit.principal import Principal
from outcry.ports.realtime import Update
from outcry.ports.text_search import TextSearch
from outcry.services.auth.contracts import AuthFacade, Person
from outcry.services.auth.permissions import scopes_of
from outcry.services.chat.audience.wiring import build_speech
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.courier import Courier
from outcry.services.chat.log.history import RoomHistory
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.settings import ChatSettings
from tests.conftest import migrated_file
from tests.services.chat.screen import Screen

FOLLOWERS = 3
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Nobody:
    """An auth service that knows no name."""

    async def list_people(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Person, ...]:
        """Know nobody."""
        return ()


@dataclass
class Process:
    """The chat service of one process, over a database that it shares with others."""

    database: RelationalDatabase
    clock: FakeClock
    engine: MemoryRealtime = field(default_factory=MemoryRealtime)

    def __post_init__(self) -> None:
        """Wire it."""
        log = SqlMessageLog(self.database, clock=self.clock)
        names = Names(auth=cast(AuthFacade, Nobody()), clock=self.clock)
        self.log, self.courier = log, Courier(self.engine)
        self.changes = Changes(database=self.database, courier=self.courier, log=log)
        self.poster = Poster(
            changes=self.changes,
            auth=cast(AuthFacade, Nobody()),
            names=names,
            clock=self.clock,
            settings=ChatSettings(),
        )
        self.replies = build_speech(
            database=self.database,
            changes=self.changes,
            names=names,
            poster=self.poster,
            auth=cast(AuthFacade, Nobody()),
            clock=self.clock,
            # Nobody searches here.
            index=cast(TextSearch, None),
        ).facade
        self.queries = ChatQueries(database=self.database, log=log, names=names)
        history = RoomHistory(database=self.database, log=log, names=names)
        topic = Topic(log=True, may_listen=self.queries.may_listen_to_room, history=history)
        self.realtime = RememberingRealtime(self.engine, {"room": topic})


class Follower:
    """A client: a screen, and a socket that may be cut. One that misses an update leaves by itself, as ours do."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.cancel: Callable[[], None] | None = None
        self.coming = False

    async def resume(self, floor: "Floor") -> None:
        """Come back from where the screen is."""
        if self.cancel or self.coming:
            return
        self.coming = True
        early: list[Update] = []
        sink = early.append
        start = await floor.process.realtime.follow_log(
            f"room:{floor.room_id}", self.screen.position, lambda update: sink(update)
        )
        if start.reset:
            self.screen = await Screen.load(floor.process, floor.person, floor.room_id)
        self.screen.take((update.offset, update.data) for update in start.missed)
        self.screen.reach(start.position)
        self.cancel, self.coming, sink = start.cancel, False, self.hear
        for update in early:
            self.hear(update)

    def hear(self, update: Update) -> None:
        """Take one update in; one that skips is not taken, and ends it."""
        if self.cancel and update.offset > self.screen.position.offset + 1:
            self.end()
        else:
            self.screen.take([(update.offset, update.data)])

    async def cut(self) -> None:
        """Lose the connection."""
        self.end()

    def end(self) -> None:
        """Follow no more."""
        if self.cancel:
            self.cancel()
            self.cancel = None


@dataclass
class Floor:
    """A room, two processes over it, and those who follow it in the first."""

    process: Process
    other: Process
    person: Principal
    room_id: UUID
    followers: list[Follower] = field(default_factory=list)
    coming: list[asyncio.Task[None]] = field(default_factory=list)
    count: int = 0

    async def post(self, process: Process, count: int = 1) -> None:
        """Post some messages at once."""
        posts = []
        for _ in range(count):
            self.count += 1
            posts.append(
                process.poster.post(
                    tenant_id=self.person.tenant_id,
                    room_id=self.room_id,
                    person_id=self.person.user_id,
                    text=f"message {self.count}",
                    client_id=f"{self.count:08}",
                )
            )
        await asyncio.gather(*posts)

    async def change(self, *, fails: bool = False) -> None:
        """Change the newest message and the room's title, and tell both; or fail at the very end."""
        query = select(MessageRow).where(MessageRow.room_id == self.room_id).order_by(MessageRow.sequence.desc())
        with suppress(LookupError):
            async with self.process.changes.of(self.room_id) as change:
                room = await change.session.get_one(RoomRow, self.room_id)
                row = await change.session.scalar(query.limit(1))
                if row is not None and row.status == "posted":
                    row.text += "!"
                    change.tell(RoomUpdate(kind="message", message=row.to_message()))
                room.title = f"title {new_id()}"
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
                if fails:
                    raise LookupError("no")

    async def reply(self) -> None:
        """Answer the first message, a piece at a time."""
        async with self.process.database.reading() as session:
            first = await session.scalar(
                select(MessageRow.id).where(MessageRow.room_id == self.room_id, MessageRow.sequence == 1)
            )
        if first is None:
            return
        tenant_id = self.person.tenant_id
        reply = await self.process.replies.begin_reply(tenant_id=tenant_id, room_id=self.room_id, reply_to=first)
        for at, text in ((0, "one "), (4, "two "), (4, "two three")):
            await self.process.replies.append_reply(
                tenant_id=tenant_id, message_id=reply.id, version=reply.version, at=at, text=text, activity=text
            )

    async def act(self, name: str, number: int) -> None:
        """Do one thing of the list."""
        follower = self.followers[number % FOLLOWERS]
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "post": lambda: self.post(self.process, 1 + number),
            "post elsewhere": lambda: self.post(self.other),
            "change": self.change,
            "fail": lambda: self.change(fails=True),
            "reply": self.reply,
            "cut": follower.cut,
            "resume": lambda: follower.resume(self),
            "resume meanwhile": lambda: self.come(follower),
            "forget": lambda: self.process.courier.forget(self.room_id),
            "trim": lambda: self.process.log.cut(keep=number, before=NOON - timedelta(days=1)),
            "restart": self.restart,
        }
        await acts[name]()

    async def come(self, follower: Follower) -> None:
        """Let a follower come back while the next things happen."""
        self.coming.append(asyncio.create_task(follower.resume(self)))

    async def restart(self) -> None:
        """Begin a new process in the place of the first: it remembers nothing."""
        await self.arrive()
        for each in self.followers:
            await each.cut()
        self.process = Process(self.process.database, self.process.clock)

    async def arrive(self) -> None:
        """Let those who are coming be there."""
        coming, self.coming = self.coming, []
        await asyncio.gather(*coming)


ACTS = (
    "post",
    "post elsewhere",
    "change",
    "fail",
    "reply",
    "cut",
    "resume",
    "resume meanwhile",
    "forget",
    "trim",
    "restart",
)


async def _make_floor(database: RelationalDatabase, clock: FakeClock) -> Floor:
    scopes = scopes_of("member", operator=False)
    person = Principal(user_id=new_id(), tenant_id=new_id(), role="member", scopes=scopes, session_id=new_id())
    room_id = new_id()
    async with database.transaction() as transaction:
        transaction.session.add(
            RoomRow(
                id=room_id,
                tenant_id=person.tenant_id,
                title="Desk",
                title_chosen=True,
                kind="private",
                created_at=NOON,
                last_activity_at=NOON,
                last_text="",
                next_sequence=1,
            )
        )
        await transaction.session.flush()
        transaction.session.add(
            MemberRow(
                room_id=room_id,
                user_id=person.user_id,
                tenant_id=person.tenant_id,
                kind="person",
                role="owner",
                archived=False,
                joined_at=NOON,
            )
        )
    floor = Floor(Process(database, clock), Process(database, clock), person, room_id)
    floor.followers = [Follower(await Screen.load(floor.process, person, room_id)) for _ in range(FOLLOWERS)]
    return floor


async def _check(acts: list[tuple[str, int]], template: Path, folder: Path) -> None:
    shutil.copy(template, folder / "chat.sqlite")
    clock = FakeClock(NOON)
    database = SqliteDatabase(folder / "chat.sqlite", clock=clock)
    try:
        floor = await _make_floor(database, clock)
        for name, number in acts:
            await floor.act(name, number)
        await floor.arrive()
        # What was shown in another process is seen with the next that is shown here, or by coming back.
        for follower in floor.followers:
            await follower.cut()
            await follower.resume(floor)
        after = await Screen.load(floor.process, floor.person, floor.room_id)
        for follower in floor.followers:
            assert follower.screen.state == after.state
            assert follower.screen.position == after.position
            assert follower.screen.seen == sorted(set(follower.screen.seen))
    finally:
        await database.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty file."""
    return asyncio.run(migrated_file(tmp_path_factory.mktemp("template"), "chat", FakeClock(NOON)))


@settings(deadline=None, max_examples=25)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), max_size=25))
def test_whoever_comes_back_ends_with_what_is_there(template: Path, acts: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_check(acts, template, Path(folder)))

"""The chat service over real databases, with the real auth service beside it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.secrets.files import FilesSecrets
from outcry.adapters.text_search.tantivy import TantivyTextSearch
from outcry.kit.clock import FakeClock
from outcry.kit.events import Envelope, Event, seal
from outcry.kit.facade import loopback
from outcry.kit.ids import new_id
from outcry.kit.module import Handler
from outcry.kit.principal import Principal
from outcry.kit.privacy import PersonalData
from outcry.kit.slash import SlashCommands
from outcry.ports.message_log import MessageLog
from outcry.services.auth.contracts import AuthFacade, Colleague, Organisation, Person, PlainText, Refusal, SealedText
from outcry.services.auth.directory import Directory
from outcry.services.auth.models.people import MembershipRow
from outcry.services.auth.permissions import scopes_of
from outcry.services.auth.vault import Vault
from outcry.services.chat.audience.wiring import Speech, build_speech
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.courier import Courier
from outcry.services.chat.erasure import ChatEraser
from outcry.services.chat.files.wiring import Filing, build_filing
from outcry.services.chat.handlers import ChatHandlers
from outcry.services.chat.later.wiring import Unsent, build_unsent
from outcry.services.chat.links.commands import LinkCommands
from outcry.services.chat.links.queries import LinkQueries
from outcry.services.chat.log.history import RoomHistory
from outcry.services.chat.messages.commands import MessageCommands
from outcry.services.chat.messages.marks import MessageMarks
from outcry.services.chat.messages.queries import MessageQueries
from outcry.services.chat.messages.wiring import Handling, build_handling
from outcry.services.chat.moderation.wiring import Moderation, build_moderation
from outcry.services.chat.module import personal_data
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.presence.wiring import Attendance, Paces, build_attendance
from outcry.services.chat.previews.wiring import Previews
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.retention.wiring import Retention, build_retention
from outcry.services.chat.rooms.commands import RoomCommands
from outcry.services.chat.rooms.queries import RoomQueries
from outcry.services.chat.roster import Roster
from outcry.services.chat.search.indexer import Indexer
from outcry.services.chat.search.queries import SearchQueries
from outcry.services.chat.settings import ChatSettings
from outcry.services.chat.topics.commands import TopicCommands
from outcry.services.chat.topics.queries import TopicQueries
from tests.conftest import OpenDatabase
from tests.services.chat.linking import Linked, Site
from tests.services.people import Crowd, build_auth


@dataclass
class Desk:
    """The chat service and what stands around it."""

    crowd: Crowd
    database: RelationalDatabase
    realtime: MemoryRealtime
    log: MessageLog
    history: RoomHistory
    changes: Changes
    clock: FakeClock
    commands: ChatCommands
    queries: ChatQueries
    rooms: RoomCommands
    found: RoomQueries
    topics: TopicCommands
    seen_topics: TopicQueries
    links: LinkCommands
    seen_links: LinkQueries
    replies: ChatFacade
    handlers: Mapping[str, Handler]
    calls: "CountedPeople"
    personal: PersonalData
    index: TantivyTextSearch
    indexer: Indexer
    search: SearchQueries
    attendance: Attendance
    handling: Handling
    unsent: Unsent
    filing: Filing
    previews: Previews
    linked: Linked
    blobs: ObstoreBlobs

    @property
    def messages(self) -> MessageCommands:
        """What changes messages."""
        return self.handling.commands

    @property
    def moderation(self) -> Moderation:
        """What moderators do and see."""
        return build_moderation(
            database=self.database,
            changes=self.changes,
            auth=self.calls,
            names=self.rooms._names,
            roster=self.rooms._roster,
            messages=self.messages,
            clock=self.clock,
        )

    @property
    def retention(self) -> Retention:
        """How long messages are kept, and what sees to it."""
        names = self.rooms._names
        citations = Citations(database=self.database, changes=self.changes, names=names)
        store = self.filing.queries.store
        return build_retention(self.database, self.changes, names, self.indexer, citations, store, self.clock)

    @property
    def marks(self) -> MessageMarks:
        """What puts something on messages."""
        return self.handling.marks

    @property
    def reading(self) -> MessageQueries:
        """What reads single messages."""
        return self.handling.queries

    async def new_person(self, name: str, tenant_id: UUID | None = None, *, role: str = "member") -> Principal:
        """Make a member of an organisation, of a new one when none is named."""
        tenant_id = tenant_id or await self.crowd.new_organisation()
        person_id = await self.crowd.new_person(name, tenant_id, role=role)
        return as_person(person_id, tenant_id, role)

    async def rename(self, person: Principal, name: str) -> None:
        """Give a person another name, as the auth service stores it."""
        vault = Vault(self.crowd.secrets, self.clock)
        await vault.start()
        async with self.crowd.database.transaction() as transaction:
            await Directory(vault).set_name(transaction.session, person.user_id, name)

    async def bind(self, guest: Principal, room_id: UUID) -> None:
        """Note the one room of a guest, as the auth service does."""
        theirs = update(MembershipRow).where(MembershipRow.person_id == guest.user_id)
        async with self.crowd.database.transaction() as transaction:
            await transaction.session.execute(theirs.values(room_id=room_id))

    async def leave(self, person: Principal) -> None:
        """Take a person out of their organisation, as the auth service does."""
        gone = delete(MembershipRow).where(
            MembershipRow.person_id == person.user_id, MembershipRow.organisation_id == person.tenant_id
        )
        async with self.crowd.database.transaction() as transaction:
            await transaction.session.execute(gone)

    async def hear(self, event: Event, tenant_id: UUID, *, actor_id: UUID | None = None) -> Envelope:
        """Hand an event of the auth service to the chat service."""
        envelope = seal(event, clock=self.clock, tenant_id=tenant_id, key="auth", actor_id=actor_id)
        await self.handlers[envelope.name](envelope)
        return envelope

    async def follow(self, topic: str) -> list[dict[str, Any]]:
        """Return the list that a topic's updates are going to be put into."""
        heard: list[dict[str, Any]] = []
        await self.realtime.follow_log(topic, None, lambda update: heard.append(json.loads(update.data)))
        return heard


class CountedPeople(AuthFacade):
    """The auth service's facade, which counts how often names are asked for."""

    def __init__(self, inner: AuthFacade) -> None:
        self._inner = inner
        self.asked = 0
        self.on_asked: Callable[[], Awaitable[None]] | None = None

    async def authenticate(self, *, access_token: str) -> Principal:
        """Pass it on."""
        return await self._inner.authenticate(access_token=access_token)

    async def list_people(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Person, ...]:
        """Pass it on and count; ``on_asked`` happens before the answer is there."""
        self.asked += 1
        people = await self._inner.list_people(tenant_id=tenant_id, ids=ids)
        if self.on_asked:
            await self.on_asked()
        return people

    async def find_organisation(self, *, tenant_id: UUID) -> Organisation | None:
        """Pass it on."""
        return await self._inner.find_organisation(tenant_id=tenant_id)

    async def find_person(self, *, tenant_id: UUID, email: str) -> Colleague | None:
        """Pass it on."""
        return await self._inner.find_person(tenant_id=tenant_id, email=email)

    async def list_colleagues(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Colleague, ...]:
        """Pass it on."""
        return await self._inner.list_colleagues(tenant_id=tenant_id, ids=ids)

    async def common_scopes(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> frozenset[str]:
        """Pass it on."""
        return await self._inner.common_scopes(tenant_id=tenant_id, ids=ids)

    async def list_holders(self, *, tenant_id: UUID, permission: str) -> tuple[UUID, ...]:
        """Pass it on."""
        return await self._inner.list_holders(tenant_id=tenant_id, permission=permission)

    async def find_time_zone(self, *, tenant_id: UUID, person_id: UUID) -> str:
        """Pass it on."""
        return await self._inner.find_time_zone(tenant_id=tenant_id, person_id=person_id)

    async def search_people(self, *, tenant_id: UUID, start: str, limit: int) -> tuple[Colleague, ...]:
        """Pass it on."""
        return await self._inner.search_people(tenant_id=tenant_id, start=start, limit=limit)

    async def admit_guest(
        self, *, tenant_id: UUID, person_id: UUID, room_id: UUID, room_role: str, invited_by: UUID
    ) -> None:
        """Pass it on."""
        await self._inner.admit_guest(
            tenant_id=tenant_id, person_id=person_id, room_id=room_id, room_role=room_role, invited_by=invited_by
        )

    async def seal_for_people(self, *, items: tuple[PlainText, ...]) -> tuple[str | None, ...]:
        """Pass it on."""
        return await self._inner.seal_for_people(items=items)

    async def open_for_people(self, *, items: tuple[SealedText, ...]) -> tuple[str | None, ...]:
        """Pass it on."""
        return await self._inner.open_for_people(items=items)

    async def report_refusal(self, *, refusal: Refusal) -> None:
        """Pass it on."""
        await self._inner.report_refusal(refusal=refusal)


def as_person(person_id: UUID, tenant_id: UUID, role: str) -> Principal:
    """Return the principal of somebody with a role."""
    scopes = scopes_of(role, operator=False)
    return Principal(user_id=person_id, tenant_id=tenant_id, role=role, scopes=scopes, session_id=new_id())


def attend(
    database: RelationalDatabase, realtime: MemoryRealtime, courier: Courier, names: Names, clock: FakeClock
) -> Attendance:
    """Wire presence and receipts so that nothing is gathered for longer than it takes."""
    return build_attendance(
        database=database,
        realtime=realtime,
        cache=MemoryCache(clock),
        courier=courier,
        names=names,
        clock=clock,
        paces=Paces(marks=0, receipts=0, presence=0, typing=0),
    )


def write_unsent(
    database: RelationalDatabase, courier: Courier, poster: Poster, clock: FakeClock, settings: ChatSettings
) -> Unsent:
    """Wire what is written and not sent."""
    slash = SlashCommands()
    return build_unsent(database=database, courier=courier, poster=poster, clock=clock, settings=settings, slash=slash)


def listen(handlers: ChatHandlers, speech: Speech) -> dict[str, Handler]:
    """Return everything that is done when events arrive."""
    return {**handlers.by_event(), **speech.handlers}


Beside = tuple[Crowd, MemoryRealtime, CountedPeople]


@pytest.fixture
async def beside(open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Beside]:
    """The auth service: who is there, the realtime engine that it shares with the chat service, and its facade."""
    database, realtime = await open_database("auth"), MemoryRealtime()
    secrets = FilesSecrets(tmp_path / "secrets", environment={})
    module = build_auth(database, secrets, fake_clock, tmp_path, realtime=realtime)
    await module.start()
    people = cast(AuthFacade, module.facade)
    if database.engine_name == "postgresql":
        people = loopback(AuthFacade, people)
    yield Crowd(database, secrets, fake_clock), realtime, CountedPeople(people)
    await module.stop()


@pytest.fixture
async def linked(fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Linked]:
    """A web server that is linked to, and what is kept of it."""
    async with Site() as running:
        linked = Linked(running, fake_clock, tmp_path / "blobs")
        yield linked
        await linked.close()


@pytest.fixture
def site(linked: Linked) -> Site:
    """The web server, for tests that fill it."""
    return linked.site


@pytest.fixture
async def desk(
    open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path, beside: Beside, linked: Linked
) -> AsyncIterator[Desk]:
    """The chat service: on SQLite its calls to others are direct, on PostgreSQL they go through bytes and back."""
    (crowd, realtime, people), database, clock = beside, await open_database("chat"), fake_clock
    wired = database.engine_name == "postgresql"
    courier, names = Courier(realtime), Names(auth=people, clock=clock)
    log = SqlMessageLog(database, clock=clock)
    changes = Changes(database=database, courier=courier, log=log)
    attendance = attend(database, realtime, courier, names, clock)
    settings = ChatSettings(most_members=4)
    roster = Roster(names=names, clock=clock, settings=settings)
    poster = Poster(changes=changes, auth=people, names=names, clock=clock, settings=settings)
    index = TantivyTextSearch(tmp_path / "search")
    speech = build_speech(
        database=database, changes=changes, names=names, poster=poster, index=index, auth=people, clock=clock
    )
    indexer = Indexer(database=database, index=index)
    handling = build_handling(database=database, changes=changes, names=names, clock=clock, settings=settings)
    blobs = ObstoreBlobs.in_memory()
    filing = build_filing(database=database, blobs=blobs, names=names, clock=clock, settings=settings)
    previews = linked.build(database, changes, names)
    erasing = ChatEraser(database=database, changes=changes, log=log, roster=roster)
    personal: PersonalData = personal_data(database, erasing, handling, speech, indexer, filing, previews)
    replies: ChatFacade = loopback(ChatFacade, speech.facade) if wired else speech.facade
    personal = loopback(PersonalData, personal) if wired else personal
    yield Desk(
        crowd=crowd,
        database=database,
        realtime=realtime,
        log=log,
        history=RoomHistory(database=database, log=log, names=names),
        changes=changes,
        clock=clock,
        commands=ChatCommands(changes=changes, auth=people, roster=roster, poster=poster, names=names, clock=clock),
        rooms=RoomCommands(changes=changes, auth=people, names=names, roster=roster, clock=clock),
        found=RoomQueries(database=database, auth=people),
        topics=TopicCommands(database=database, changes=changes, names=names, clock=clock),
        seen_topics=TopicQueries(database=database),
        links=LinkCommands(database=database, changes=changes, auth=people, names=names, roster=roster, clock=clock),
        seen_links=LinkQueries(database=database, auth=people, names=names, clock=clock),
        queries=ChatQueries(database=database, log=log, names=names),
        replies=replies,
        handlers=listen(ChatHandlers(database=database, changes=changes, names=names, roster=roster), speech),
        calls=people,
        personal=personal,
        index=index,
        indexer=indexer,
        search=SearchQueries(database=database, index=index, names=names),
        attendance=attendance,
        handling=handling,
        filing=filing,
        previews=previews,
        linked=linked,
        blobs=blobs,
        unsent=write_unsent(database, courier, poster, clock, settings),
    )
    await attendance.stop()
    await index.close()

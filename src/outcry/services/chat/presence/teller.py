"""Tells rooms how their people are, and that they type."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.chat.models import MemberRow
from outcry.services.chat.names import Names
from outcry.services.chat.pacing import Pacing
from outcry.services.chat.presence.board import Board
from outcry.services.chat.presence.contracts import Presence, PresenceUpdate, Typing, Typist
from outcry.services.chat.presence.lease import Person
from outcry.services.chat.presence.standings import NOTHING, is_plain, look, standings_of
from outcry.services.chat.presence.typists import Typists

MOST_NAMED = 4
# All changes of everybody are told together.
_ALL = UUID(int=0)

_UPDATE = TypeAdapter(PresenceUpdate)
_TYPING = TypeAdapter(Typing)


def presence_topic(room_id: UUID) -> str:
    """Return the name of a room's topic of presence."""
    return f"presence:{room_id}"


def typing_topic(tenant_id: UUID, room_id: UUID) -> str:
    """Return the inner name of a room's topic of typing."""
    return f"typing:{tenant_id}:{room_id}"


class PresenceTeller:
    """Tells of people whose look changed, and of nobody else: what an invisible person does is no change.

    Changes are gathered for ``pace_s`` seconds and told as one update a room, with each person as they are then.
    """

    def __init__(
        self, *, database: Database, realtime: Realtime, board: Board, clock: Clock, pace_s: float = 1.0
    ) -> None:
        self._database = database
        self._realtime = realtime
        self._board = board
        self._clock = clock
        self._changed: set[Person] = set()
        self._shown: dict[Person, Presence] = {}
        self._ends: dict[Person, datetime] = {}
        self._pacing = Pacing(self._tell, every_s=pace_s)
        board.on_change = self.changed

    def changed(self, person: Person) -> None:
        """Look at somebody again, soon: they came, went, or chose something."""
        self._changed.add(person)
        self._pacing.ask(_ALL)

    def expire(self) -> None:
        """Look again at those whose choice has ended."""
        now = self._clock.now()
        for person in [person for person, end in self._ends.items() if end <= now]:
            del self._ends[person]
            self.changed(person)

    async def settle(self) -> None:
        """Wait until everything is told."""
        await self._pacing.settle()

    async def stop(self) -> None:
        """Tell no more."""
        await self._pacing.stop()

    async def _tell(self, _: UUID) -> None:
        people, self._changed = self._changed, set()
        async with self._database.reading() as session:
            standings = await standings_of(session, people, self._clock.now())
        news: dict[Person, Presence] = {}
        for person in people:
            standing = standings.get(person, NOTHING)
            if standing.until is not None:
                self._ends[person] = standing.until
            presence = look(person[1], self._board.activity(person), standing)
            if presence != self._shown.get(person, Presence(person_id=person[1], state="away")):
                news[person] = presence
        for person, presence in news.items():
            if is_plain(presence):
                del self._shown[person]
            else:
                self._shown[person] = presence
        if news:
            await self._tell_rooms(news)

    async def _tell_rooms(self, news: dict[Person, Presence]) -> None:
        ids = [person_id for _, person_id in news]
        query = select(MemberRow.room_id, MemberRow.tenant_id, MemberRow.user_id).where(MemberRow.user_id.in_(ids))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        rooms: dict[UUID, list[Presence]] = {}
        for room_id, tenant_id, user_id in rows:
            if presence := news.get((tenant_id, user_id)):
                rooms.setdefault(room_id, []).append(presence)
        for room_id, people in rooms.items():
            update = PresenceUpdate(people=tuple(people))
            await self._realtime.append(presence_topic(room_id), _UPDATE.dump_json(update).decode())


class TypingTeller:
    """Shows a room who types in it: a few by name, the others by number."""

    def __init__(self, *, realtime: Realtime, names: Names, clock: Clock, pace_s: float = 0.3) -> None:
        self._realtime = realtime
        self._names = names
        self._tenants: dict[UUID, UUID] = {}
        self.typists = Typists(clock, self._tell, pace_s=pace_s)

    def start(self, tenant_id: UUID, room_id: UUID, person_id: UUID) -> None:
        """Note that somebody types in a room."""
        self._tenants[room_id] = tenant_id
        self.typists.start(room_id, person_id)

    async def _tell(self, room_id: UUID) -> None:
        tenant_id = self._tenants.get(room_id)
        if tenant_id is None:
            return
        names = await self._names.of(tenant_id, self.typists.of(room_id)[:MOST_NAMED])
        typing = self.typists.of(room_id)
        named = tuple(Typist(person_id=each, name=names[each].name) for each in typing if each in names)
        if not typing:
            self._tenants.pop(room_id, None)
        text = _TYPING.dump_json(Typing(people=named, count=len(typing))).decode()
        await self._realtime.set_latest(typing_topic(tenant_id, room_id), text)

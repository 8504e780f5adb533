"""Where a search is meant to look: rooms and topics, by what they are called."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.membership import people_of_rooms
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.names import Name, Names
from outcry.services.chat.search.errors import UnreadableSearchError
from outcry.services.chat.topics.models import TopicRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPlaces:
    """Rooms to look in whole, and topics, each with its room."""

    rooms: frozenset[UUID]
    topics: frozenset[tuple[UUID, UUID]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Called:
    """What the rooms and topics of somebody are called; a room without a title by the others who are in it."""

    titles: Mapping[UUID, str]
    people: Mapping[UUID, Sequence[str]]
    topics: Sequence[tuple[UUID, UUID, str]]


class Places:
    """Finds them among the rooms that a person is in now."""

    def __init__(self, *, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    async def of(self, principal: Principal, wanted: Sequence[str]) -> ChosenPlaces:
        """Return the places that are meant by a part of a title, a person's name or an id; all when none is named.

        Raises UnreadableSearchError for what nothing is called.
        """
        mine = (MemberRow.user_id == principal.user_id, RoomRow.tenant_id == principal.tenant_id)
        query = select(RoomRow).join(MemberRow, MemberRow.room_id == RoomRow.id).where(*mine)
        if not wanted:
            async with self._database.reading() as session:
                return ChosenPlaces(rooms=frozenset(await session.scalars(query.with_only_columns(RoomRow.id))))
        topics = select(TopicRow.room_id, TopicRow.id, TopicRow.title).join(RoomRow, RoomRow.id == TopicRow.room_id)
        topics = topics.join(MemberRow, MemberRow.room_id == RoomRow.id).where(*mine)
        async with self._database.reading() as session:
            rooms = list(await session.scalars(query))
            titled = [(room_id, topic_id, title) for room_id, topic_id, title in await session.execute(topics)]
            crews = await people_of_rooms(session, rooms)
        names = await self._names.of(principal.tenant_id, {one for crew in crews.values() for one in crew})
        called = _Called(
            titles={room.id: room.title for room in rooms},
            people={room_id: _others(crew, names, principal.user_id) for room_id, crew in crews.items()},
            topics=titled,
        )
        return _choose(called, wanted)


def _others(crew: Sequence[UUID], names: Mapping[UUID, Name], me: UUID) -> list[str]:
    return [names[one].name for one in crew if one != me and one in names]


def _choose(called: _Called, wanted: Sequence[str]) -> ChosenPlaces:
    rooms: set[UUID] = set()
    topics: set[tuple[UUID, UUID]] = set()
    for name in wanted:
        part = plain(name)
        fitting = {room_id for room_id, title in called.titles.items() if part in plain(title) or str(room_id) == name}
        fitting |= {room_id for room_id, crew in called.people.items() if any(is_called(one, name) for one in crew)}
        inside = {
            (room_id, topic_id)
            for room_id, topic_id, title in called.topics
            if part in plain(title) or str(topic_id) == name
        }
        if not fitting and not inside:
            raise UnreadableSearchError(f"No room or topic of yours is called {name}.")
        rooms |= fitting
        topics |= inside
    return ChosenPlaces(rooms=frozenset(rooms), topics=frozenset(each for each in topics if each[0] not in rooms))


def is_called(name: str, wanted: str) -> bool:
    """Say whether each word that was typed begins a word of the name."""
    words = plain(name).split()
    asked = plain(wanted).split()
    return bool(asked) and all(any(word.startswith(one) for word in words) for one in asked)


def plain(text: str) -> str:
    """Return a text without regard to case and accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))

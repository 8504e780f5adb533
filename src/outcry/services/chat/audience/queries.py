"""What everybody who is in a room may read: as much as is said there by an assistant that all of them hear."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.ports.text_search import TextQuery, TextSearch
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.contracts import ASSISTANT_ID, GONE, Message, Recalled
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.messages.mentions import calls_desk
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow, people_of_messages
from outcry.services.chat.names import Names
from outcry.services.chat.search.question import read_question

# The role of the assistant, in the organisation and in no table of permissions: it may what its listeners may.
ASSISTANT_ROLE = "assistant"
# How many messages that call the assistant may stand among the newest without others being missed.
_MOST_ASKED = 200


class AudienceQueries:
    """Reads on behalf of all people of a room at once, as they are at this moment."""

    def __init__(self, *, database: Database, index: TextSearch, names: Names, auth: AuthFacade) -> None:
        self._database = database
        self._index = index
        self._names = names
        self._auth = auth

    async def principal(self, *, tenant_id: UUID, room_id: UUID) -> Principal:
        """Return the assistant as it may act in a room: with the permissions that all people there have."""
        query = select(MemberRow.user_id).where(
            MemberRow.room_id == room_id, MemberRow.tenant_id == tenant_id, MemberRow.kind == "person"
        )
        async with self._database.reading() as session:
            people = tuple(await session.scalars(query))
        if not people:
            raise RoomNotFoundError()
        scopes = await self._auth.common_scopes(tenant_id=tenant_id, ids=people)
        return Principal(
            user_id=ASSISTANT_ID, tenant_id=tenant_id, role=ASSISTANT_ROLE, scopes=scopes, session_id=room_id
        )

    async def search(self, *, tenant_id: UUID, room_id: UUID, query: str, limit: int) -> tuple[Recalled, ...]:
        """Return what people said with all of these words, the newest first, in rooms that the whole room is in."""
        question = read_question(_without_filters(query))
        async with self._database.reading() as session:
            rooms = frozenset(await session.scalars(_common_rooms(tenant_id, room_id)))
        hits = await self._index.search(
            TextQuery(
                tenant_id=tenant_id,
                scope_ids=rooms,
                clauses=tuple(question.clauses),
                flags=frozenset(question.flags),
                # What was said by the assistant and to it is among the hits and not among the answers.
                limit=2 * limit,
            )
        )
        async with self._database.reading() as session:
            rows = await _read(session, tenant_id, room_id, [hit.id for hit in hits])
        names = await self._names.of(tenant_id, people_of_messages(row for row, _ in rows))
        return tuple(Recalled(message=row.to_message(names), room_title=title) for row, title in rows[:limit])

    async def since(self, *, tenant_id: UUID, room_id: UUID, since: datetime, limit: int) -> tuple[Message, ...]:
        """Return the newest messages of people in a room, but those that call the assistant, of all its topics."""
        query = (
            select(MessageRow)
            .where(
                MessageRow.tenant_id == tenant_id,
                MessageRow.room_id == room_id,
                MessageRow.created_at >= since,
                MessageRow.author_kind == "person",
                MessageRow.status.not_in(GONE),
            )
            .order_by(MessageRow.sequence.desc())
            .limit(limit + _MOST_ASKED)
        )
        async with self._database.reading() as session:
            # What the assistant was asked is no part of what people say to each other.
            said = [row for row in await session.scalars(query) if not calls_desk(row.mentions)]
        rows = said[:limit]
        names = await self._names.of(tenant_id, people_of_messages(rows))
        return tuple(row.to_message(names) for row in reversed(rows))


def _common_rooms(tenant_id: UUID, room_id: UUID) -> Select[UUID]:
    """Return the query for the rooms in which each person of this room is; this one is among them."""
    people = select(MemberRow.user_id).where(
        MemberRow.room_id == room_id, MemberRow.tenant_id == tenant_id, MemberRow.kind == "person"
    )
    count = select(func.count()).select_from(people.subquery()).scalar_subquery()
    return (
        select(MemberRow.room_id)
        .where(MemberRow.user_id.in_(people), MemberRow.tenant_id == tenant_id)
        .group_by(MemberRow.room_id)
        .having(func.count() == count)
    )


async def _read(
    session: AsyncSession, tenant_id: UUID, room_id: UUID, ids: Iterable[UUID]
) -> list[tuple[MessageRow, str]]:
    """Return messages of people that may still be read, whatever the index says, the newest first."""
    query = (
        select(MessageRow, RoomRow.title)
        .join(RoomRow, RoomRow.id == MessageRow.room_id)
        .where(
            MessageRow.id.in_(list(ids)),
            MessageRow.tenant_id == tenant_id,
            MessageRow.author_kind == "person",
            MessageRow.status.not_in(GONE),
            MessageRow.room_id.in_(_common_rooms(tenant_id, room_id)),
        )
        .order_by(MessageRow.created_at.desc(), MessageRow.id.desc())
    )
    found = await session.execute(query)
    # What the assistant was asked is no more of an answer than what it said.
    return [(row, title) for row, title in found if not calls_desk(row.mentions)]


def _without_filters(query: str) -> str:
    """Return words to look for in which nothing is a filter or a phrase; each stands whole."""
    return f"{clean_line(query.translate({ord(':'): ' ', ord(chr(34)): ' '}))} "

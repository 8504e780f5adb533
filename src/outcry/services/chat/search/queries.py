"""Searches messages: only of the rooms that the person is in now, whatever the index says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.text_search import Hit, TextQuery, TextSearch
from outcry.services.chat.contracts import ASSISTANT_ID, ASSISTANT_NAME, GONE, RoomKind
from outcry.services.chat.membership import people_of_rooms
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow, to_authors
from outcry.services.chat.names import Name, Names
from outcry.services.chat.search.contracts import FoundFragment, FoundMessage, Highlight
from outcry.services.chat.search.documents import topic_flag
from outcry.services.chat.search.errors import UnreadableSearchError
from outcry.services.chat.search.places import Places, is_called
from outcry.services.chat.search.question import read_question
from outcry.services.chat.topics.models import TopicRow

MOST = 50
_BAD_CURSOR = "The cursor is not one that this search gave out."


class SearchQueries:
    """Finds messages."""

    def __init__(self, *, database: Database, index: TextSearch, names: Names) -> None:
        self._database = database
        self._index = index
        self._names = names
        self._places = Places(database=database, names=names)

    async def search(self, principal: Principal, *, query: str, cursor: str | None, limit: int) -> Page[FoundMessage]:
        """Return messages that fit, the newest first; raises UnreadableSearchError and UnavailableError.

        A page may have fewer than ``limit``: what was erased, or is in a room that was left, since it was indexed.
        """
        principal.require("chat:message:read")
        question, after = read_question(query), _read_cursor(cursor)
        count = clamp_limit(limit, most=MOST)
        places = await self._places.of(principal, question.rooms)
        people = await self._choose_people(principal, question.people)
        hits = await self._index.search(
            TextQuery(
                tenant_id=principal.tenant_id,
                scope_ids=places.rooms,
                within=frozenset((room_id, topic_flag(topic_id)) for room_id, topic_id in places.topics),
                clauses=tuple(question.clauses),
                author_ids=people,
                since=question.since,
                until=question.until,
                flags=frozenset(question.flags),
                limit=count + 1,
                after=after,
            )
        )
        shown = hits[:count]
        following = encode_cursor(to_micros(shown[-1].time), str(shown[-1].id)) if len(hits) > count else None
        return Page(items=await self._show(principal, shown), next_cursor=following)

    async def _show(self, principal: Principal, hits: Sequence[Hit]) -> tuple[FoundMessage, ...]:
        """Return what of the hits the person may read at this moment."""
        query = (
            select(MessageRow, RoomRow, TopicRow.title)
            .join(RoomRow, RoomRow.id == MessageRow.room_id)
            .join(MemberRow, MemberRow.room_id == MessageRow.room_id)
            .outerjoin(TopicRow, TopicRow.id == MessageRow.topic_id)
            .where(
                MessageRow.id.in_([hit.id for hit in hits]),
                MessageRow.tenant_id == principal.tenant_id,
                MessageRow.status.not_in((*GONE, "streaming")),
                MemberRow.user_id == principal.user_id,
                RoomRow.tenant_id == principal.tenant_id,
            )
        )
        async with self._database.reading() as session:
            rows = {row.id: (row, room, title) for row, room, title in await session.execute(query)}
            crews = await people_of_rooms(session, list({room.id: room for _, room, _ in rows.values()}.values()))
        shown = {row.author_id for row, _, _ in rows.values()} | {one for crew in crews.values() for one in crew}
        names = await self._names.of(principal.tenant_id, shown)
        return tuple(
            _found(hit, *rows[hit.id], crew=crews[rows[hit.id][1].id], names=names) for hit in hits if hit.id in rows
        )

    async def _choose_people(self, principal: Principal, wanted: Sequence[str]) -> frozenset[UUID] | None:
        """Return who is meant, of those that are in a room with the person; None for everybody."""
        if not wanted:
            return None
        mine = select(MemberRow.room_id).where(
            MemberRow.user_id == principal.user_id, MemberRow.tenant_id == principal.tenant_id
        )
        query = select(MemberRow.user_id).where(MemberRow.room_id.in_(mine)).distinct()
        async with self._database.reading() as session:
            ids = set(await session.scalars(query))
        known = {person_id: name.name for person_id, name in (await self._names.of(principal.tenant_id, ids)).items()}
        known[ASSISTANT_ID] = ASSISTANT_NAME
        chosen: set[UUID] = set()
        for name in wanted:
            fitting = {person_id for person_id, called in known.items() if is_called(called, name)}
            if name.lower() == "me":
                fitting = {principal.user_id}
            if not fitting:
                raise UnreadableSearchError(f"Nobody in your rooms is called {name}.")
            chosen |= fitting
        return frozenset(chosen)


def _found(
    hit: Hit,
    row: MessageRow,
    room: RoomRow,
    topic_title: str | None,
    *,
    crew: Sequence[UUID],
    names: Mapping[UUID, Name],
) -> FoundMessage:
    return FoundMessage(
        id=row.id,
        room_id=row.room_id,
        room_title=room.title,
        room_kind=cast(RoomKind, room.kind),
        room_people=to_authors(crew, names),
        topic_id=row.topic_id,
        topic_title=topic_title or "",
        sequence=row.sequence,
        author=row.to_message(names).author,
        created_at=row.created_at,
        fragment=_fragment(hit),
    )


def _fragment(hit: Hit) -> FoundFragment:
    cut = hit.fragment
    highlights = tuple(Highlight(start=start, end=end) for start, end in cut.ranges)
    return FoundFragment(text=cut.text, highlights=highlights, before=cut.before, after=cut.after)


def _read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    micros, message_id = decode_cursor(cursor, int, str)
    try:
        return from_micros(int(micros)), UUID(str(message_id))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(_BAD_CURSOR) from error

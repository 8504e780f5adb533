"""Reads a room for its export, page by page: only what whoever exports it may read, as long as they may."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.export.contracts import ExportHead, ExportPage
from outcry.services.chat.membership import room_of
from outcry.services.chat.messages.contracts import MessageVersion, ReactionPeople
from outcry.services.chat.messages.mentions import people_in_mentions
from outcry.services.chat.messages.models import ReactionRow, VersionRow
from outcry.services.chat.models import MessageRow, people_of_messages, to_authors, to_mentions
from outcry.services.chat.names import Name, Names

# So few that reading a page holds up nobody for long.
PAGE = 200


async def count_messages(session: AsyncSession, room_id: UUID, last: int) -> int:
    """Return how many messages a room has up to a sequence."""
    query = select(func.count()).where(MessageRow.room_id == room_id, MessageRow.sequence <= last)
    return await session.scalar(query) or 0


class ExportQueries:
    """Reads pages of messages with all that belongs to them."""

    def __init__(self, *, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    async def pages(self, principal: Principal, head: ExportHead) -> AsyncIterator[ExportPage]:
        """Give the messages that there were when the export began, each as it is when its page is read.

        Raises RoomNotFoundError as soon as whoever exports the room is no longer in it.
        """
        after = 0
        while after < head.last:
            query = (
                select(MessageRow)
                .where(MessageRow.room_id == head.room.id, MessageRow.sequence > after)
                .where(MessageRow.sequence <= head.last)
                .order_by(MessageRow.sequence)
                .limit(PAGE)
            )
            async with self._database.reading() as session:
                await room_of(session, principal, head.room.id)
                rows = list(await session.scalars(query))
                versions, reactions = await _belongings(session, [row.id for row in rows])
            if not rows:
                return
            after = rows[-1].sequence
            names = await self._names.of(principal.tenant_id, _people_of(rows, versions, reactions))
            yield await asyncio.to_thread(_page, rows, versions, reactions, names)


def _people_of(
    rows: Sequence[MessageRow], versions: Sequence[VersionRow], reactions: Sequence[ReactionRow]
) -> set[UUID]:
    """Return everybody whose name a page shows."""
    people = people_of_messages(rows) | {row.user_id for row in reactions}
    return people | {person_id for row in versions for person_id in people_in_mentions(row.mentions)}


def _page(
    rows: Sequence[MessageRow],
    versions: Sequence[VersionRow],
    reactions: Sequence[ReactionRow],
    names: Mapping[UUID, Name],
) -> ExportPage:
    texts: dict[UUID, list[MessageVersion]] = {}
    for row in versions:
        mentions = to_mentions(row.mentions, names)
        version = MessageVersion(number=row.number, text=row.text, mentions=mentions, written_at=row.written_at)
        texts.setdefault(row.message_id, []).append(version)
    put: dict[UUID, dict[str, list[UUID]]] = {}
    for each in reactions:
        put.setdefault(each.message_id, {}).setdefault(each.emoji, []).append(each.user_id)
    return ExportPage(
        messages=[row.to_message(names) for row in rows],
        versions=texts,
        reactions={
            message_id: [
                ReactionPeople(emoji=emoji, people=to_authors(user_ids, names)) for emoji, user_ids in kinds.items()
            ]
            for message_id, kinds in put.items()
        },
    )


async def _belongings(session: AsyncSession, ids: Sequence[UUID]) -> tuple[list[VersionRow], list[ReactionRow]]:
    """Return the earlier texts of messages and what was put on them, in their order."""
    versions = select(VersionRow).where(VersionRow.message_id.in_(ids)).order_by(VersionRow.number)
    reactions = (
        select(ReactionRow)
        .where(ReactionRow.message_id.in_(ids))
        .order_by(ReactionRow.reacted_at, ReactionRow.user_id, ReactionRow.emoji)
    )
    return list(await session.scalars(versions)), list(await session.scalars(reactions))

"""What people left on messages besides their own words of now: given out, and erased.

These are reactions, earlier versions of what they wrote, why they removed something, which replies they stopped, what
they have not sent yet, and their names in others' words.
"""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import GONE
from outcry.services.chat.drafts.models import DraftRow
from outcry.services.chat.later.models import LaterRow
from outcry.services.chat.messages.access import Told
from outcry.services.chat.messages.marks import forget_reactions
from outcry.services.chat.messages.mentions import unname
from outcry.services.chat.messages.models import MentionRow, ReactionRow, VersionRow
from outcry.services.chat.messages.wiping import refresh
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.names import Names
from outcry.services.chat.search.journal import note_message

_PEOPLE_A_QUERY = 500
_STEP = 100


class MessageTraces:
    """Gives out and erases traces, step by step; what a crash left is found again by asking once more."""

    def __init__(self, *, database: Database, changes: Changes, names: Names) -> None:
        self._database = database
        self._changes = changes
        self._told = Told(names)

    async def export_person(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return what a person reacted, wrote before editing it, and removed, one file each that has something."""
        async with self._database.reading() as session:
            found = {
                "reactions": await _reactions(session, person_id),
                "earlier-versions": await _versions(session, person_id),
                "removals": await _removals(session, person_id),
                "stopped-replies": await _stopped(session, person_id),
                "drafts": await _drafts(session, person_id),
                "to-send-later": await _later(session, person_id),
            }
        return tuple(
            ExportFile(path=f"chat/{name}.json", text=json.dumps(items, ensure_ascii=False, indent=2))
            for name, items in found.items()
            if items
        )

    async def erase_people(self, person_ids: Sequence[UUID]) -> int:
        """Erase these people's traces; return how many messages changed."""
        changed = await self._erase_unsent(person_ids)
        for start in range(0, len(person_ids), _PEOPLE_A_QUERY):
            people = frozenset(person_ids[start : start + _PEOPLE_A_QUERY])
            async with self._database.reading() as session:
                room_ids = sorted(
                    await session.scalars(_marked(people).with_only_columns(MessageRow.room_id).distinct())
                )
            for room_id in room_ids:
                changed += await self._erase_in_room(room_id, people)
        return changed

    async def _erase_unsent(self, person_ids: Sequence[UUID]) -> int:
        changed = 0
        for start in range(0, len(person_ids), _PEOPLE_A_QUERY):
            people = person_ids[start : start + _PEOPLE_A_QUERY]
            async with self._database.transaction() as transaction:
                for table in (DraftRow, LaterRow):
                    gone = delete(table).where(table.user_id.in_(people))
                    changed += cast(CursorResult[Any], await transaction.session.execute(gone)).rowcount
        return changed

    async def _erase_in_room(self, room_id: UUID, people: frozenset[UUID]) -> int:
        query = _marked(people).where(MessageRow.room_id == room_id).order_by(MessageRow.sequence).limit(_STEP)
        changed = 0
        while True:
            async with self._changes.of(room_id) as change:
                # The room before its messages, as everybody who holds both does.
                room = await change.session.get(RoomRow, room_id, with_for_update=True)
                if room is None:
                    return changed
                rows = list(await change.session.scalars(query.with_for_update()))
                for row in rows:
                    old = row.text
                    await _erase(change.session, row, people)
                    self._told.tell(change, row)
                    if row.text != old:
                        await refresh(change, room, old=old)
                if rows:
                    change.forget_shown()
            changed += len(rows)
            if len(rows) < _STEP:
                return changed


async def _erase(session: AsyncSession, row: MessageRow, people: frozenset[UUID]) -> None:
    await forget_reactions(session, row, people)
    if row.removed_by in people:
        row.removal_reason = None
    if row.stopped_by in people:
        row.stopped_by = None
    await session.execute(delete(MentionRow).where(MentionRow.message_id == row.id, MentionRow.person_id.in_(people)))
    if row.status in GONE:
        return
    row.text, row.mentions = unname(row.text, row.mentions, people)
    for version in await session.scalars(select(VersionRow).where(VersionRow.message_id == row.id)):
        version.text, version.mentions = unname(version.text, version.mentions, people)
    note_message(session, row)


def _marked(people: frozenset[UUID]) -> Any:
    """Return the query for the messages on which people left something."""
    reacted = select(ReactionRow.message_id).where(ReactionRow.user_id.in_(people))
    mentioned = select(MentionRow.message_id).where(MentionRow.person_id.in_(people))
    explained = MessageRow.removed_by.in_(people) & MessageRow.removal_reason.is_not(None)
    stopped = MessageRow.stopped_by.in_(people)
    return select(MessageRow).where(MessageRow.id.in_(reacted) | MessageRow.id.in_(mentioned) | explained | stopped)


async def _reactions(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(ReactionRow, MessageRow.room_id)
        .join(MessageRow, MessageRow.id == ReactionRow.message_id)
        .where(ReactionRow.user_id == person_id)
        .order_by(ReactionRow.reacted_at)
    )
    return [
        {
            "room_id": str(room_id),
            "message_id": str(row.message_id),
            "emoji": row.emoji,
            "at": row.reacted_at.isoformat(),
        }
        for row, room_id in await session.execute(query)
    ]


async def _versions(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = (
        select(VersionRow)
        .join(MessageRow, MessageRow.id == VersionRow.message_id)
        .where(MessageRow.author_id == person_id)
        .order_by(VersionRow.message_id, VersionRow.number)
    )
    return [
        {
            "message_id": str(row.message_id),
            "number": row.number,
            "text": row.text,
            "written_at": row.written_at.isoformat(),
        }
        for row in await session.scalars(query)
    ]


async def _removals(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(MessageRow).where(MessageRow.removed_by == person_id).order_by(MessageRow.removed_at)
    return [
        {
            "room_id": str(row.room_id),
            "message_id": str(row.id),
            "reason": row.removal_reason or "",
            "at": row.removed_at.isoformat() if row.removed_at else None,
        }
        for row in await session.scalars(query)
    ]


async def _stopped(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(MessageRow).where(MessageRow.stopped_by == person_id).order_by(MessageRow.created_at)
    return [{"room_id": str(row.room_id), "message_id": str(row.id)} for row in await session.scalars(query)]


async def _drafts(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(DraftRow).where(DraftRow.user_id == person_id).order_by(DraftRow.saved_at)
    return [
        {"room_id": str(row.room_id), "text": row.text, "saved_at": row.saved_at.isoformat()}
        for row in await session.scalars(query)
    ]


async def _later(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(LaterRow).where(LaterRow.user_id == person_id).order_by(LaterRow.due_at)
    return [
        {"room_id": str(row.room_id), "text": row.text, "due_at": row.due_at.isoformat(), "zone": row.zone}
        for row in await session.scalars(query)
    ]

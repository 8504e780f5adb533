"""The chat service's part in exports and erasures: rooms, what a person said, and what the AI answered them."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.erasure import ChatEraser
from outcry.services.chat.files.privacy import FileTraces
from outcry.services.chat.links.models import LinkRow
from outcry.services.chat.messages.privacy import MessageTraces
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.moderation.privacy import ModerationTraces
from outcry.services.chat.notifying.traces import NoticeTraces
from outcry.services.chat.presence.traces import Traces
from outcry.services.chat.previews.sweeping import Sweeper
from outcry.services.chat.retention.privacy import RetentionTraces
from outcry.services.chat.search.indexer import Indexer
from outcry.services.chat.topics.models import TopicRow

PAGE = 200


class ChatPersonalData(PersonalData):
    """PersonalData over the service's own database. Others' messages are theirs, and in nobody else's export."""

    def __init__(
        self,
        *,
        database: Database,
        eraser: ChatEraser,
        traces: MessageTraces,
        citations: Citations,
        indexer: Indexer,
        files: FileTraces,
        previews: Sweeper,
    ) -> None:
        self._database = database
        self._citations = citations
        self._eraser = eraser
        self._left_on_messages = traces
        self._indexer = indexer
        self._files = files
        self._previews = previews
        self._traces = Traces(database)
        self._noticed = NoticeTraces(database)
        self._moderation = ModerationTraces(database)
        self._retention = RetentionTraces(database)

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the person's rooms, a file a room of what they said in it with the AI's replies, and their traces."""
        rooms = await self._rooms(person_id)
        files = [ExportFile(path="chat/rooms.json", text=_text(rooms))] if rooms else []
        for name, rows in (("topics", await self._topics(person_id)), ("links", await self._links(person_id))):
            if rows:
                files.append(ExportFile(path=f"chat/{name}.json", text=_text(rows)))
        for room in rooms:
            pieces = [_text(message) async for message in self._messages(person_id, UUID(room["id"]))]
            if pieces:
                text = "[\n" + ",\n".join(pieces) + "\n]"
                files.append(ExportFile(path=f"chat/messages/{room['id']}.json", text=text))
        files.extend(await self._left_on_messages.export_person(person_id))
        files.extend(await self._noticed.export(person_id))
        files.extend(await self._moderation.export(person_id))
        files.extend(await self._retention.export(person_id))
        files.extend(await self._files.export(person_id))
        return (*files, *await self._traces.export(person_id))

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Erase organisations whole, and of people what they said, with the replies to it, and that they were there."""
        changed = 0
        for organisation_id in organisation_ids:
            changed += await self._eraser.erase_organisation(organisation_id)
        changed += await self._eraser.erase_people(person_ids)
        changed += await self._traces.erase(person_ids=person_ids, organisation_ids=organisation_ids)
        changed += await self._noticed.erase(person_ids=person_ids, organisation_ids=organisation_ids)
        changed += await self._left_on_messages.erase_people(person_ids)
        changed += await self._moderation.erase(person_ids=person_ids, organisation_ids=organisation_ids)
        changed += await self._retention.erase(person_ids=person_ids, organisation_ids=organisation_ids)
        changed += await self._citations.forget_gone()
        await self._files.erase(person_ids=person_ids, organisation_ids=organisation_ids)
        changed += await self._previews.forget_organisations(organisation_ids)
        # Also when nothing changed: an earlier try may have ended between the two.
        await self._indexer.forget()
        return changed

    async def _rooms(self, person_id: UUID) -> list[dict[str, Any]]:
        said = select(MessageRow.room_id).where(MessageRow.author_id == person_id, MessageRow.status != "erased")
        joined = select(MemberRow.room_id).where(MemberRow.user_id == person_id)
        named = select(RoomRow.id).where(or_(RoomRow.titled_by == person_id, RoomRow.described_by == person_id))
        query = (
            select(RoomRow, MemberRow)
            .outerjoin(MemberRow, (MemberRow.room_id == RoomRow.id) & (MemberRow.user_id == person_id))
            .where(RoomRow.id.in_(said.union(joined, named)))
            .order_by(RoomRow.created_at, RoomRow.id)
        )
        async with self._database.reading() as session:
            return [_room(room, member, person_id) for room, member in await session.execute(query)]

    async def _topics(self, person_id: UUID) -> list[dict[str, Any]]:
        """Return the topics that the person started or named; a title that is another's words is theirs."""
        query = (
            select(TopicRow)
            .where(or_(TopicRow.started_by == person_id, TopicRow.titled_by == person_id))
            .order_by(TopicRow.id)
        )
        async with self._database.reading() as session:
            return [
                {
                    "id": str(row.id),
                    "room_id": str(row.room_id),
                    "title": row.title if row.titled_by == person_id else None,
                    "started_by_you": row.started_by == person_id,
                    "created_at": row.created_at.isoformat(),
                }
                for row in await session.scalars(query)
            ]

    async def _links(self, person_id: UUID) -> list[dict[str, Any]]:
        async with self._database.reading() as session:
            rows = await session.scalars(select(LinkRow).where(LinkRow.made_by == person_id).order_by(LinkRow.id))
            return [
                {
                    "id": str(row.id),
                    "room_id": str(row.room_id),
                    "role": row.role,
                    "guests": row.guests,
                    "created_at": row.created_at.isoformat(),
                    "expires_at": row.expires_at.isoformat(),
                    "revoked_at": row.revoked_at and row.revoked_at.isoformat(),
                    "uses": row.uses,
                }
                for row in rows
            ]

    async def _messages(self, person_id: UUID, room_id: UUID) -> AsyncIterator[dict[str, Any]]:
        after = 0
        while True:
            query = (
                select(MessageRow)
                .where(MessageRow.room_id == room_id, MessageRow.author_id == person_id, MessageRow.sequence > after)
                .where(MessageRow.status != "erased")
                .order_by(MessageRow.sequence)
                .limit(PAGE)
            )
            async with self._database.reading() as session:
                rows = list(await session.scalars(query))
                ids = [row.id for row in rows]
                answers = await session.scalars(select(MessageRow).where(MessageRow.reply_to.in_(ids)))
                replies = {row.reply_to: row for row in answers}
            for row in rows:
                yield _message(row) | {"reply": _reply(replies.get(row.id))}
            if len(rows) < PAGE:
                return
            after = rows[-1].sequence


def _room(room: RoomRow, member: MemberRow | None, person_id: UUID) -> dict[str, Any]:
    """Return a room as its member sees it; of one that the person left, only a title that they gave."""
    place = member and {
        "role": member.role,
        "joined_at": member.joined_at.isoformat(),
        "archived": member.archived,
        "favourite": member.favourite,
        "muted": member.muted,
        "section": member.section,
        "notices": member.notices,
        "muted_until": member.muted_until and member.muted_until.isoformat(),
    }
    return {
        "id": str(room.id),
        "organisation_id": str(room.tenant_id),
        "kind": room.kind,
        "title": room.title if member or room.titled_by == person_id else None,
        "titled_by_you": room.titled_by == person_id,
        "description": room.description if member or room.described_by == person_id else None,
        "described_by_you": room.described_by == person_id,
        "created_at": room.created_at.isoformat(),
        "membership": place,
    }


def _message(row: MessageRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "sequence": row.sequence,
        "created_at": row.created_at.isoformat(),
        "status": row.status,
        "text": row.text,
        "cards": row.cards or [],
        "files": row.files or [],
        "previews": row.previews or [],
    }


def _reply(row: MessageRow | None) -> dict[str, Any] | None:
    return None if row is None else _message(row) | {"answer": row.answer}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)

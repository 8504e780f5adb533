"""Exports a room: who may, that they did, and the file as it is made."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.events import RoomExported
from outcry.services.chat.export.contracts import ExportForm, ExportHead, ExportPage
from outcry.services.chat.export.errors import ExportForbiddenError, ExportRunsError
from outcry.services.chat.export.json_file import JsonFile
from outcry.services.chat.export.markdown_file import MarkdownFile
from outcry.services.chat.export.queries import ExportQueries, count_messages
from outcry.services.chat.membership import members_of, room_of
from outcry.services.chat.models import MemberRow, RoomRow, to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.room_news import seal_words
from outcry.services.chat.roster import people_of
from outcry.services.chat.topics.models import TopicRow

LONGEST_REASON = 300


class ExportFile(Protocol):
    """How an export is written."""

    def begin(self, head: ExportHead) -> bytes:
        """Return what stands before the messages."""
        ...

    def page(self, page: ExportPage, *, first: bool) -> bytes:
        """Return a page of them."""
        ...

    def end(self, count: int) -> bytes:
        """Return what tells that nothing is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomExport:
    """An export that was begun: it is in the audit log already."""

    principal: Principal
    head: ExportHead


class RoomExports:
    """Gives rooms out. Each person has one export made at a time."""

    def __init__(self, *, database: Database, auth: AuthFacade, names: Names, clock: Clock) -> None:
        self._database = database
        self._auth = auth
        self._names = names
        self._clock = clock
        self._queries = ExportQueries(database=database, names=names)
        self._running: set[tuple[UUID, UUID]] = set()

    async def begin(self, principal: Principal, room_id: UUID, *, form: ExportForm, reason: str) -> RoomExport:
        """Check who asks, and publish that the room is exported before any of it is.

        The owner needs no reason; an admin of the organisation who is in the room gives one. Raises RoomNotFoundError
        for who is not in it, ExportForbiddenError, ExportRunsError, and InvalidInputError for a missing reason.
        """
        principal.require("chat:room:export")
        why = clean_line(reason)[:LONGEST_REASON]
        if any(person_id == principal.user_id for person_id, _ in self._running):
            raise ExportRunsError()
        async with self._database.reading() as session:
            room, own = await room_of(session, principal, room_id)
            _check(principal, own, why)
            members = await members_of(session, room_id)
            topics = list(await session.scalars(select(TopicRow).where(TopicRow.room_id == room_id)))
            count = await count_messages(session, room_id, room.next_sequence - 1)
        head = await self._head(principal, form, why, room, members, topics, count)
        await self._publish(head, principal, own)
        return RoomExport(principal=principal, head=head)

    async def stream(self, export: RoomExport) -> AsyncIterator[bytes]:
        """Give the file as it is made; each page is written in a thread, and only as fast as it is taken."""
        file: ExportFile = JsonFile() if export.head.form == "json" else MarkdownFile()
        running = (export.principal.user_id, export.head.id)
        self._running.add(running)
        try:
            yield await asyncio.to_thread(file.begin, export.head)
            count = 0
            async for page in self._queries.pages(export.principal, export.head):
                yield await asyncio.to_thread(file.page, page, first=count == 0)
                count += len(page.messages)
            yield file.end(count)
        finally:
            self._running.discard(running)

    async def _head(
        self,
        principal: Principal,
        form: ExportForm,
        reason: str,
        room: RoomRow,
        members: list[MemberRow],
        topics: list[TopicRow],
        count: int,
    ) -> ExportHead:
        people = people_of(members)
        names = await self._names.of(principal.tenant_id, {*people, principal.user_id})
        own = next(row for row in members if row.user_id == principal.user_id)
        return ExportHead(
            id=new_id(),
            form=form,
            at=self._clock.now(),
            by=to_authors([principal.user_id], names)[0],
            reason=reason,
            room=room.seen_by(own, to_authors([] if room.title else people, names)),
            members=tuple(row.to_member(names) for row in members),
            topics=tuple(row.to_topic() for row in sorted(topics, key=lambda row: row.created_at)),
            messages=count,
            last=room.next_sequence - 1,
        )

    async def _publish(self, head: ExportHead, principal: Principal, own: MemberRow) -> None:
        event = RoomExported(
            export_id=head.id,
            room_id=head.room.id,
            person_id=principal.user_id,
            form=head.form,
            messages=head.messages,
            role="owner" if own.role == "owner" else "admin",
            sealed=await seal_words(self._auth, principal.user_id, reason=head.reason),
        )
        async with self._database.transaction() as transaction:
            transaction.publish(event, tenant_id=principal.tenant_id, key=str(head.room.id), actor_id=principal.user_id)


def _check(principal: Principal, own: MemberRow, reason: str) -> None:
    if own.role == "owner":
        return
    if not principal.may("chat:export:oversee"):
        raise ExportForbiddenError()
    if not reason:
        message = {"field": "reason", "message": "is needed, as you do not own this room"}
        raise InvalidInputError("Say why you export a room that is not yours.", errors=(message,))

"""Takes the assistant's words away with those that they were made of: no summary keeps what was removed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outcry.kit.events import Envelope
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.models import CitationRow
from outcry.services.chat.contracts import GONE, Answer
from outcry.services.chat.events import MessageRemoved
from outcry.services.chat.messages.access import Told
from outcry.services.chat.messages.wiping import refresh, wipe
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.names import Names
from outcry.services.chat.search.journal import note_message

_STEP = 100


async def cite(session: AsyncSession, row: MessageRow, *, quoted: Iterable[UUID], read: Iterable[UUID]) -> None:
    """Write what a message of the assistant was made of, in place of what was written before."""
    await session.execute(delete(CitationRow).where(CitationRow.message_id == row.id))
    in_words = set(quoted)
    for source_id in in_words.union(read):
        session.add(
            CitationRow(message_id=row.id, source_id=source_id, tenant_id=row.tenant_id, quoted=source_id in in_words)
        )


class Citations:
    """Looks for messages of the assistant that were made of what is gone. Doing it twice is harmless."""

    def __init__(self, *, database: Database, changes: Changes, names: Names) -> None:
        self._database = database
        self._changes = changes
        self._told = Told(names)

    async def start(self) -> None:
        """Take away what a crash left."""
        await self.forget_gone()

    async def on_message_removed(self, envelope: Envelope) -> None:
        """Take away what was made of a message, as soon as its words are gone."""
        await self.forget_gone(envelope.open(MessageRemoved).message_id)

    async def check(self, answer: Answer, read: Sequence[UUID]) -> None:
        """Take a new message away again if something that it was made of went while it was written."""
        sources = {each.message_id for each in answer.messages}.union(read)
        if sources:
            await self.forget_gone(*sources)

    async def forget_gone(self, *sources: UUID) -> int:
        """Erase the words of what was made of removed or erased messages; return of how many.

        Of what was removed only where it is quoted, of what was erased with its author also where it was merely read.
        With ``sources`` it looks for these alone.
        """
        forgotten = 0
        while found := await self._find(sources):
            for message_id, room_id in found:
                forgotten += await self._forget(message_id, room_id)
        return forgotten

    async def _find(self, sources: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
        source = aliased(MessageRow)
        query = (
            select(MessageRow.id, MessageRow.room_id)
            .join(CitationRow, CitationRow.message_id == MessageRow.id)
            .outerjoin(source, source.id == CitationRow.source_id)
            .where(or_(source.id.is_(None), source.status == "erased", CitationRow.quoted & source.status.in_(GONE)))
            .distinct()
            .limit(_STEP)
        )
        if sources:
            query = query.where(CitationRow.source_id.in_(sources))
        async with self._database.reading() as session:
            return [(row.id, row.room_id) for row in await session.execute(query)]

    async def _forget(self, message_id: UUID, room_id: UUID) -> int:
        async with self._changes.of(room_id) as change:
            session = change.session
            room = await session.scalar(select(RoomRow).where(RoomRow.id == room_id).with_for_update())
            row = await session.get(MessageRow, message_id, with_for_update=True)
            await session.execute(delete(CitationRow).where(CitationRow.message_id == message_id))
            if room is None or row is None or row.status in GONE:
                return 0
            old = row.text
            await wipe(session, row)
            row.status, row.version = "erased", row.version + 1
            note_message(session, row)
            await refresh(change, room, old=old)
            change.forget_shown()
            self._told.tell(change, row)
        return 1

"""What changes how far a person has read."""

import asyncio
from uuid import UUID

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.membership import room_of
from outcry.services.chat.receipts.contracts import Unread
from outcry.services.chat.receipts.marks import Marks
from outcry.services.chat.receipts.models import ReadingRow
from outcry.services.chat.receipts.teller import ReceiptTeller
from outcry.services.chat.receipts.unread import unread_of


class ReceiptCommands:
    """Marks of a person, over all their devices."""

    def __init__(self, *, database: Database, marks: Marks, teller: ReceiptTeller) -> None:
        self._database = database
        self._marks = marks
        self._teller = teller

    async def mark_read(self, principal: Principal, room_id: UUID, *, read: int, delivered: int = 0) -> None:
        """Note that the person has read a room up to a sequence, and this device has it up to another.

        Neither goes back, and what is beyond the newest message stands for that. Raises RoomNotFoundError.
        """
        await self._marks.put(
            room_id,
            principal.user_id,
            tenant_id=principal.tenant_id,
            read=read,
            device_id=principal.session_id,
            delivered=max(read, delivered),
        )

    def note_read(self, principal: Principal, room_id: UUID, *, read: int, delivered: int = 0) -> None:
        """Have the same written soon; for a room that the person is not in, nothing happens."""
        self._marks.note(
            room_id,
            principal.user_id,
            tenant_id=principal.tenant_id,
            read=read,
            device_id=principal.session_id,
            delivered=max(read, delivered),
        )

    async def mark_unread(self, principal: Principal, room_id: UUID, *, first: int) -> Unread:
        """Note that everything from a sequence on is unread again. What others were shown of it stays."""
        async with self._marks.order:
            # What one of the person's devices said a moment ago must not undo this.
            self._marks.take_back(room_id, principal.user_id)
            async with self._database.transaction() as transaction:
                session = transaction.session
                room, member = await room_of(session, principal, room_id, lock=True)
                key = (member.room_id, member.user_id)
                row = await session.get(ReadingRow, key, with_for_update=True)
                before = min(first - 1, room.next_sequence - 1)
                if row is None:
                    row = ReadingRow(
                        room_id=room_id,
                        user_id=principal.user_id,
                        tenant_id=principal.tenant_id,
                        read=before,
                        shown_read=0,
                        shown_delivered=0,
                    )
                    session.add(row)
                row.read = min(row.read, before)
                await session.flush()
                (unread,) = await unread_of(session, principal.tenant_id, principal.user_id, room_ids=(room_id,))
            await self._teller.tell_unread(principal.user_id, unread)
        return unread

    async def mark_all_read(self, principal: Principal) -> None:
        """Note that the person has read every room that they are in."""
        async with self._database.reading() as session:
            rooms = await unread_of(session, principal.tenant_id, principal.user_id)
        behind = [unread for unread in rooms if unread.read < unread.last]
        put = (
            self._marks.put(room.room_id, principal.user_id, tenant_id=principal.tenant_id, read=room.last)
            for room in behind
        )
        for outcome in await asyncio.gather(*put, return_exceptions=True):
            # A room that the person left meanwhile is read as well as any.
            if isinstance(outcome, BaseException) and not isinstance(outcome, RoomNotFoundError):
                raise outcome

"""Messages that the assistant posts by itself, such as the summary that it was told to write every day."""

from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError
from outcry.kit.ids import new_id
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations, cite
from outcry.services.chat.contracts import ASSISTANT_ID, Answer, Message, RoomUpdate
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.models import ANSWER, MemberRow, MessageRow, RoomRow
from outcry.services.chat.posting import people_in, preview, take_sequence
from outcry.services.chat.search.journal import note_message


class Reports:
    """Posts whole messages of the assistant."""

    def __init__(self, *, changes: Changes, citations: Citations, clock: Clock) -> None:
        self._changes = changes
        self._citations = citations
        self._clock = clock

    async def post(
        self, *, tenant_id: UUID, room_id: UUID, client_id: str, text: str, answer: Answer, read: tuple[UUID, ...]
    ) -> Message:
        """Post one; the same ``client_id`` again returns the first."""
        async with self._changes.of(room_id) as change:
            session = change.session
            found = select(RoomRow).where(RoomRow.id == room_id, RoomRow.tenant_id == tenant_id)
            room = await session.scalar(found.with_for_update())
            if room is None:
                raise RoomNotFoundError()
            earlier: MessageRow | None = await session.scalar(
                select(MessageRow).where(
                    MessageRow.room_id == room_id,
                    MessageRow.author_id == ASSISTANT_ID,
                    MessageRow.client_id == client_id,
                )
            )
            if earlier is not None:
                return earlier.to_message()
            if await session.get(MemberRow, (room_id, ASSISTANT_ID)) is None:
                raise ConflictError("The Desk is not in this room any more.")
            row = self._row(room, client_id, text, answer)
            session.add(row)
            await session.flush()
            await cite(session, row, quoted=[each.message_id for each in answer.messages], read=read)
            note_message(session, row)
            room.last_activity_at, room.last_text = row.created_at, preview(text)
            message = row.to_message()
            change.tell(RoomUpdate(kind="message", message=message))
            change.tell_lists(await people_in(session, room_id))
        await self._citations.check(answer, read)
        return message

    def _row(self, room: RoomRow, client_id: str, text: str, answer: Answer) -> MessageRow:
        return MessageRow(
            id=new_id(),
            tenant_id=room.tenant_id,
            room_id=room.id,
            sequence=take_sequence(room),
            version=1,
            author_kind="assistant",
            author_id=ASSISTANT_ID,
            text=text,
            status="complete",
            created_at=self._clock.now(),
            client_id=client_id,
            activity="",
            answer=ANSWER.dump_python(answer, mode="json"),
        )

"""A message that something is done to, and what all of that asks first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.kit.principal import Principal
from outcry.services.chat.changes import Change
from outcry.services.chat.contracts import GONE, Message, RoomUpdate
from outcry.services.chat.membership import message_of, room_of
from outcry.services.chat.messages.errors import MessageGoneError, StillWrittenError
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.names import Names


@dataclass(frozen=True, slots=True)
class Held:
    """A message with its room and who does something to it, as long as the change is open."""

    room: RoomRow
    member: MemberRow
    row: MessageRow


async def hold(change: Change, principal: Principal, room_id: UUID, message_id: UUID) -> Held:
    """Hold a message and its room until the change ends.

    Raises RoomNotFoundError and MessageNotFoundError; MessageGoneError for what has no words left, and
    StillWrittenError for a reply that is being written: its text and its marks would race on the way to the screens.
    """
    room, member = await room_of(change.session, principal, room_id, lock=True)
    row = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
    if row.status in GONE:
        raise MessageGoneError()
    if row.status == "streaming":
        raise StillWrittenError()
    return Held(room, member, row)


class Told:
    """Makes the update that shows a message as a change leaves it, with the names of now."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def tell(self, change: Change, row: MessageRow) -> None:
        """Count a change of a message, and show it once it is committed."""
        row.revision += 1

        async def update() -> RoomUpdate:
            return RoomUpdate(kind="message", message=await self.message(row))

        change.tell_after("message", update, subject_id=row.id)

    async def message(self, row: MessageRow) -> Message:
        """Return a message with the names of everybody whom it shows."""
        return row.to_message(await self._names.of(row.tenant_id, row.people()))


def first_written(row: MessageRow) -> datetime:
    """Return when the text that a message has now was written."""
    return row.edited_at or row.created_at

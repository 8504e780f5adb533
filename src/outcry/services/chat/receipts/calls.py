"""What may be said of receipts over the realtime socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from outcry.kit.module import Connection, SocketCall
from outcry.kit.principal import Principal
from outcry.services.chat.receipts.commands import ReceiptCommands


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomMark:
    """How far the person has read a room, or one stream of it, and up to where this device has the room."""

    room_id: UUID
    read: Annotated[int, Field(ge=0, lt=2**31)] = 0
    delivered: Annotated[int, Field(ge=0, lt=2**31)] = 0
    topic: UUID | Literal["main"] | None = None


def receipt_calls(commands: ReceiptCommands) -> Mapping[str, SocketCall]:
    """Return the calls by name."""

    async def mark(principal: Principal, _connection: Connection, body: RoomMark) -> None:
        # Not awaited until it is written: the other calls of this socket would wait for it. The endpoint waits.
        commands.note_read(principal, body.room_id, read=body.read, delivered=body.delivered, stream=body.topic)

    return {"chat.read": SocketCall(permission="chat:receipt:change", body=RoomMark, handle=mark)}

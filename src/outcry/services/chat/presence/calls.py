"""What a device says of its person over the realtime socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from outcry.kit.module import Connection, SocketCall
from outcry.kit.principal import Principal
from outcry.services.chat.presence.commands import PresenceCommands
from outcry.services.chat.presence.contracts import Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """Whether somebody uses this device (``here``), or has not for five minutes (``idle``)."""

    state: Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingSign:
    """That the person types in a room, or no more. Said again every few seconds, as it ends after six."""

    room_id: UUID
    typing: bool


def presence_calls(commands: PresenceCommands) -> Mapping[str, SocketCall]:
    """Return the calls by name. They change nothing that is kept, so they count as reading."""

    async def be(principal: Principal, connection: Connection, body: DeviceState) -> None:
        await commands.be(principal, connection, body.state)

    async def sign(principal: Principal, _connection: Connection, body: TypingSign) -> None:
        await commands.type(principal, body.room_id, typing=body.typing)

    return {
        "chat.presence": SocketCall(permission="chat:presence:change", body=DeviceState, handle=be, reads=True),
        "chat.typing": SocketCall(permission="chat:message:post", body=TypingSign, handle=sign, reads=True),
    }

"""What the chat service takes over the realtime socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from outcry.kit.module import Connection, SocketCall
from outcry.kit.principal import Principal
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import Message
from outcry.services.chat.messages.api import FileIds, Mentions, to_extras


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMessage:
    """A message to post to a room. ``client_id`` makes posting it twice harmless."""

    room_id: UUID
    text: Annotated[str, Field(max_length=100_000)]
    client_id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    mentions: Mentions | None = None
    quote_id: UUID | None = None
    topic_id: UUID | None = None
    file_ids: FileIds | None = None


def make_calls(commands: ChatCommands) -> Mapping[str, SocketCall]:
    """Return the calls by name."""

    async def post(principal: Principal, connection: Connection, body: PostMessage) -> Message:
        extras = to_extras(body.mentions, body.quote_id, body.file_ids)
        return await commands.post(
            principal,
            body.room_id,
            text=body.text,
            client_id=body.client_id,
            extras=extras,
            topic_id=body.topic_id,
            placed=connection.go_on,
        )

    return {"chat.post": SocketCall(permission="chat:message:post", body=PostMessage, answer=Message, handle=post)}

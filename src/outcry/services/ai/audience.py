"""Who hears an answer: an answer keeps to what every person in its room may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from outcry.services.chat.contracts import ChatFacade, Message, Recalled


class Audience(Protocol):
    """The people of a room, asked as they are at each call: somebody may come in while an answer is written."""

    async def may(self, permission: str) -> bool:
        """Say whether all of them have a permission."""
        ...

    async def search(self, query: str, limit: int) -> Sequence[Recalled]:
        """Return what people said with all of these words where all of them are, the newest first."""
        ...

    async def since(self, moment: datetime, limit: int) -> Sequence[Message]:
        """Return the newest of what people said in this room from a moment on, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomAudience:
    """The people of one room. ``question_id`` is the message that is answered, which is no finding about itself."""

    chat: ChatFacade
    tenant_id: UUID
    room_id: UUID
    question_id: UUID | None = None

    async def may(self, permission: str) -> bool:
        """Ask for their common permissions."""
        return (await self.chat.get_audience(tenant_id=self.tenant_id, room_id=self.room_id)).may(permission)

    async def search(self, query: str, limit: int) -> Sequence[Recalled]:
        """Search what they all may read."""
        found = await self.chat.search_for_audience(
            tenant_id=self.tenant_id, room_id=self.room_id, query=query, limit=limit + 1
        )
        return [each for each in found if each.message.id != self.question_id][:limit]

    async def since(self, moment: datetime, limit: int) -> Sequence[Message]:
        """Read the room."""
        found = await self.chat.said_since(
            tenant_id=self.tenant_id, room_id=self.room_id, since=moment, limit=limit + 1
        )
        return [each for each in found if each.id != self.question_id][-limit:]

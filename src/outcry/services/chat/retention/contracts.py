"""What only the endpoints of retention and legal hold show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outcry.services.chat.contracts import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How long a room keeps messages. ``days`` holds: the room's own, or the organisation's; 0 is for good.

    ``own_days`` is None where the room has no rule of its own. While it is ``held`` nothing goes.
    """

    days: int
    own_days: int | None
    usual_days: int
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold of a room, or of the whole organisation where there is no ``room_id``."""

    room_id: UUID | None
    reason: str
    placed_by: Author
    placed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """What a message said that was taken away under a hold."""

    message_id: UUID
    room_id: UUID
    sequence: int
    author: Author
    text: str
    record: dict[str, Any]
    written_at: datetime

"""What only the endpoints of retention and legal hold show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from outcry.services.chat.contracts import Author, RoomKind
from outcry.services.chat.files.kinds import MessageFile


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
class HeldRoom:
    """A room in which ``messages`` were taken away under a hold; its title is empty where it has none."""

    room_id: UUID
    title: str
    kind: RoomKind
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVersion:
    """A text that a message had before an edit."""

    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReaction:
    """An emoji that somebody had put on a message."""

    emoji: str
    person: Author
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """What a message said that was taken away under a hold, ``versions`` from the first on.

    ``files`` are had at ``/api/v1/holds/files/{id}``. ``record`` has its ``cards`` and ``answer``, where it had any.
    """

    message_id: UUID
    room_id: UUID
    sequence: int
    author: Author
    text: str
    record: dict[str, Any]
    written_at: datetime
    files: tuple[MessageFile, ...] = ()
    versions: tuple[HeldVersion, ...] = ()
    reactions: tuple[HeldReaction, ...] = ()

"""What only the HTTP answers of searching show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.services.chat.contracts import Author, RoomKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """Characters ``start`` up to ``end`` (code points) of a fragment."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFragment:
    """The piece of a message around what was found, plain text; ``before`` and ``after`` say that it goes on there."""

    text: str
    highlights: tuple[Highlight, ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMessage:
    """A message that fits. ``sequence`` is its place in the room: read its history ``around`` it to jump there.

    ``room_title`` is empty for a room that is called by ``room_people``. ``topic_title`` is that of its topic, if any.
    """

    id: UUID
    room_id: UUID
    room_title: str
    sequence: int
    author: Author
    created_at: datetime
    fragment: FoundFragment
    room_kind: RoomKind
    room_people: tuple[Author, ...] = ()
    topic_id: UUID | None = None
    topic_title: str = ""

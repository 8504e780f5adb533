"""What only the HTTP answers about duties show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

DutyState = Literal["proposed", "active", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A summary that a room gets on certain days (1 is Monday, 7 Sunday) at a time such as 17:00 in ``zone``.

    A ``quiet`` one posts nothing when nothing was said. One that was ``proposed`` by words begins once whoever asked
    for it confirms it. ``problem`` says why it was paused, where the assistant did it. ``mine`` says that the reader
    may change it: they made it, or moderate the room.
    """

    id: UUID
    room_id: UUID
    made_by: UUID
    days: tuple[int, ...]
    at: str
    zone: str
    quiet: bool
    state: DutyState
    problem: str
    next_at: datetime | None
    mine: bool

"""What only the endpoints of topics show."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTopic:
    """A topic by its title, with that of its room, which is empty where a room has none."""

    id: UUID
    room_id: UUID
    title: str
    room_title: str

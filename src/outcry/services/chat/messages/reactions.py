"""What people put on a message, as it shows it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji that ``count`` people put on a message; ``people`` are the first of them, at most twenty."""

    emoji: str
    count: int
    people: tuple[UUID, ...]

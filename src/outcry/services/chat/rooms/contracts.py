"""What a person sees of rooms and people before they are together in one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.services.chat.contracts import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoom:
    """An open room as the directory lists it; ``joined`` says whether the person who looks is in it."""

    id: UUID
    title: str
    description: str
    members: int
    joined: bool
    last_activity_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """A colleague whom somebody searched; ``present`` says whether they are in the room that was named."""

    author: Author
    email: str
    present: bool = False

"""Links to rooms as people see them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from outcry.services.chat.contracts import Author

LinkRole = Literal["member", "reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLink:
    """A link to a room, as those see it who may make one. ``guests`` says that it lets in people from outside too."""

    id: UUID
    role: str
    guests: bool
    made_by: Author
    created_at: datetime
    expires_at: datetime
    uses: int
    most_uses: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link that was just made, with the token that is shown this once."""

    link: RoomLink
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLook:
    """What a link leads to, for whoever has it."""

    room: str
    organisation: str
    role: str
    guests: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Where a link led. A guest goes on in ``organisation_id``, another than the one they are in."""

    room_id: UUID
    organisation_id: UUID
    guest: bool

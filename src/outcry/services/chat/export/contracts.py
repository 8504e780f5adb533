"""What an export of a room is made of, whatever it is written as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from outcry.services.chat.contracts import Author, Member, Message, Room, Topic
from outcry.services.chat.messages.contracts import MessageVersion, ReactionPeople

ExportForm = Literal["json", "markdown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHead:
    """What an export begins with. ``messages`` is how many there were at ``at``; ``reason`` is an admin's."""

    id: UUID
    form: ExportForm
    at: datetime
    by: Author
    reason: str
    room: Room
    members: tuple[Member, ...]
    topics: tuple[Topic, ...]
    messages: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """Messages in their order, with the texts that they had before and everybody who put an emoji on them."""

    messages: Sequence[Message]
    versions: Mapping[UUID, Sequence[MessageVersion]]
    reactions: Mapping[UUID, Sequence[ReactionPeople]]

"""What only the endpoints of moderation show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from outcry.services.chat.contracts import Author, Message

CaseState = Literal["open", "kept", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Somebody who may not come into a room; ``until`` None is until it is lifted."""

    person: Author
    by: Author
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwantedWord:
    """A word, or some in this order, and whether a message that has them is refused or put into the review queue."""

    text: str
    action: Literal["refuse", "review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList:
    """The words that are not wanted in a room, or in the whole organisation."""

    entries: tuple[UnwantedWord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Who reported a message, None for the list of words, and why."""

    by: Author | None
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A message that was reported, as it is now, and what was decided about it by whom."""

    message: Message
    room_title: str
    state: CaseState
    opened_at: datetime
    reports: tuple[Report, ...]
    decided_by: Author | None = None
    decided_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCases:
    """How many reported messages wait for a person's decision, counted up to 100."""

    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a message."""

    message_id: UUID
    state: CaseState

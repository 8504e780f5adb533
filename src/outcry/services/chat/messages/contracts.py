"""What only the HTTP answers about messages show."""

from dataclasses import dataclass
from datetime import datetime

from outcry.services.chat.contracts import Author, Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageVersion:
    """A text that a message had, or has: the one of the highest number."""

    number: int
    text: str
    mentions: tuple[Mention, ...]
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionPeople:
    """Who put an emoji on a message, in the order in which they did."""

    emoji: str
    people: tuple[Author, ...]

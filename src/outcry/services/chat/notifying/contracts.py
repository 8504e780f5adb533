"""Notices as the browser sees them."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from outcry.services.chat.contracts import NoticeLevel

MINUTES_A_DAY = 24 * 60

Minute = Annotated[int, Field(ge=0, lt=MINUTES_A_DAY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From when to when nothing is told, in minutes of the day; over midnight where the end is before the start."""

    start: Minute
    end: Minute


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeChoice:
    """How a person is told of what is new. ``zone`` is where their quiet hours are.

    ``mail`` is what they get mails about when it is unread after ``mail_after`` minutes.
    """

    zone: str = "UTC"
    quiet: QuietHours | None = None
    mail: NoticeLevel = "mentions"
    mail_after: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What goes over a person's own topic when they are to be told of a message now.

    It has no words: whoever shows it reads the message, as it is then. ``called`` says that it names the person, or was
    said to them alone.
    """

    kind: Literal["notice"] = "notice"
    room_id: UUID
    message_id: UUID
    sequence: int
    called: bool

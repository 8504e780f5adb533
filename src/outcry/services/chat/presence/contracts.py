"""Presence as the browser sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Shown = Literal["here", "idle", "away", "do_not_disturb"]
Chosen = Literal["auto", "away", "do_not_disturb", "invisible"]
Activity = Literal["here", "idle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A person as others see them. ``text`` and ``emoji`` are their status, which ends at ``until``."""

    person_id: UUID
    state: Shown
    text: str = ""
    emoji: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPresence:
    """The people of a room; who is not listed is away and has no status.

    ``epoch`` and ``offset`` are where to follow ``presence:<room>`` from so that nothing is missed.
    """

    epoch: str
    offset: int
    people: tuple[Presence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceUpdate:
    """What goes over a room's presence topic: these people are like this now."""

    people: tuple[Presence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person chose. ``auto`` follows their devices; ``until`` ends the state and the status.

    ``receipts`` says whether others see how far they have read, and they how far others have.
    """

    state: Chosen = "auto"
    until: datetime | None = None
    text: str = ""
    emoji: str = ""
    receipts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Typist:
    """Somebody who is typing."""

    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """Who is typing in a room, whole: up to four by name, and how many they are."""

    people: tuple[Typist, ...]
    count: int

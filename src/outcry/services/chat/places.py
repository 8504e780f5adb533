"""What a room is to one of its members. A part of the contracts, which say it to others."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from outcry.services.chat.moderation.errors import SilencedError

NoticeLevel = Literal["all", "mentions", "nothing"]
RoomRole = Literal["owner", "moderator", "member", "reader"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """That a moderator took somebody's voice in a room; ``until`` None is until it is given back.

    One whose ``until`` has passed is over.
    """

    since: datetime
    until: datetime | None

    def holds(self, now: datetime) -> bool:
        """Say whether it is not over yet."""
        return self.until is None or self.until > now

    def check(self, now: datetime) -> None:
        """Raise SilencedError unless it is over."""
        if not self.holds(now):
            return
        if self.until is None:
            raise SilencedError("You are silenced in this room until a moderator lets you speak again.")
        end = self.until.strftime("%Y-%m-%d %H:%M")
        wait_s = math.ceil((self.until - now).total_seconds())
        raise SilencedError(f"You are silenced in this room until {end} UTC.", wait_s=wait_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a room is to one of its members: their role in it, and how they keep it in their own list.

    ``notices`` is what they are told of: every message, those that call them, or nothing. A room that is ``muted``, or
    ``muted_until`` a time to come, tells nothing either.
    ``posts`` says whether they may say something in it, and so also draw on its charts.

    ``silence`` is a moderator's wish, that the room hears nothing of them. ``may_post_at`` is when slow mode lets them
    post again.
    """

    role: RoomRole
    favourite: bool = False
    muted: bool = False
    section: str = ""
    notices: NoticeLevel = "mentions"
    muted_until: datetime | None = None
    posts: bool = True
    silence: Silence | None = None
    may_post_at: datetime | None = None

    def silenced(self, now: datetime) -> bool:
        """Say whether the room hears nothing of them at a moment."""
        return self.silence is not None and self.silence.holds(now)

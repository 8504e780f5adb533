"""The words of a mail about what somebody has not read: who wrote where, and no word of what they wrote.

What is said in a room stays there: it can be edited, removed and erased, and a mail cannot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from outcry.kit.text import to_plain_line

MOST_ROOMS = 20
MOST_AUTHORS = 3
_MOST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNews:
    """What is unread of a room: its name, whoever wrote, how many messages, and how many of them name the reader."""

    name: str
    url: str
    authors: Sequence[str]
    messages: int
    called: int


def subject_of(news: Sequence[RoomNews]) -> str:
    """Return the subject: it names nobody."""
    called = sum(room.called for room in news)
    if called:
        return f"{_many(called, 'message is', 'messages are')} for you on Outcry"
    return f"{_many(sum(room.messages for room in news), 'message is', 'messages are')} unread on Outcry"


def text_of(news: Sequence[RoomNews], *, settings_url: str, stop_url: str) -> str:
    """Return the text: the rooms, and how to get fewer of these mails or none."""
    lines = ["This is unread on Outcry:", ""]
    for room in news[:MOST_ROOMS]:
        lines += [f"{_shown(room.name)}: {_counted(room)}, by {_named(room.authors)}", room.url, ""]
    if len(news) > MOST_ROOMS:
        lines += [f"And {_many(len(news) - MOST_ROOMS, 'room', 'rooms')} more.", ""]
    lines += [
        "You get at most one of these mails an hour. Choose what they are about, and when:",
        settings_url,
        "",
        "Get none any more:",
        stop_url,
        "",
        "Outcry",
        "",
    ]
    return "\n".join(lines)


def _counted(room: RoomNews) -> str:
    messages = _many(room.messages, "message", "messages")
    return f"{messages}, {room.called} for you" if 0 < room.called < room.messages else messages


def _named(authors: Sequence[str]) -> str:
    names = [_shown(name) for name in authors[:MOST_AUTHORS]]
    more = len(authors) - MOST_AUTHORS
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _shown(text: str) -> str:
    return to_plain_line(text, _MOST_SHOWN) or "…"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"

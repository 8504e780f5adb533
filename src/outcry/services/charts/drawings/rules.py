"""What a drawing of each kind must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_text
from outcry.services.charts.drawings.contracts import MOST_TEXT, Kind, Point, Style

POINTS: Mapping[Kind, int] = {
    "trend_line": 2,
    "ray": 2,
    "horizontal": 1,
    "channel": 3,
    "fibonacci": 2,
    "rectangle": 2,
    "text": 1,
    "measure": 2,
    "position": 3,
}
# Kinds that lie in time: both ends at one place would be nothing to see or take hold of.
_STRETCHED = frozenset({"trend_line", "ray", "channel", "fibonacci", "rectangle", "measure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What of a drawing a person chooses."""

    points: tuple[Point, ...]
    style: Style
    text: str


def check(kind: Kind, content: Content) -> Content:
    """Return the content with its text cleaned; raises InvalidInputError where it is no drawing of that kind."""
    check_points(kind, content.points)
    if kind in _STRETCHED and content.points[0] == content.points[1]:
        raise _wrong("points", "the first two are the same place")
    if kind == "position" and side_of(kind, content.points) is None:
        raise _wrong("points", "the entry must lie between the stop and the target")
    text = clean_text(content.text)
    if len(text) > MOST_TEXT:
        raise _wrong("text", f"has more than {MOST_TEXT} characters")
    if kind == "text" and not text:
        raise _wrong("text", "is empty")
    return Content(points=content.points, style=content.style, text=text)


def check_points(kind: Kind, points: Sequence[Point]) -> None:
    """Raise InvalidInputError unless there are as many points as the kind has."""
    if len(points) != POINTS[kind]:
        raise _wrong("points", f"a {kind.replace('_', ' ')} has {POINTS[kind]}")


def side_of(kind: Kind, points: Sequence[Point]) -> Literal["long", "short"] | None:
    """Return which way a position earns, None for everything else and where the prices are in no order."""
    if kind != "position" or len(points) != POINTS[kind]:
        return None
    entry, stop, target = (point.price for point in points)
    if stop < entry < target:
        return "long"
    return "short" if target < entry < stop else None


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}.", errors=({"field": field, "message": message},))

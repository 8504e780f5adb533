"""Drawings on charts as the browser sees them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

Kind = Literal["trend_line", "ray", "horizontal", "channel", "fibonacci", "rectangle", "text", "measure", "position"]
Colour = Literal["blue", "teal", "green", "amber", "orange", "red", "pink", "purple", "grey"]
Dash = Literal["solid", "dashed", "dotted"]
Act = Literal["created", "changed", "deleted", "restored", "undone", "redone"]

MOST_POINTS = 3
MOST_TEXT = 500
# 1 January 1900 to 1 January 2200, in milliseconds.
FIRST_TIME, LAST_TIME = -2_208_988_800_000, 7_258_118_400_000
MOST_PRICE = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on a chart: ``time`` in milliseconds since 1970-01-01 UTC, whatever the timeframe, and a price."""

    time: Annotated[int, Field(strict=True, ge=FIRST_TIME, le=LAST_TIME)]
    price: Annotated[float, Field(ge=-MOST_PRICE, le=MOST_PRICE, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a drawing looks: a colour of the palette, which each theme has its own shade of, and a width in pixels."""

    colour: Colour = "blue"
    width: Annotated[int, Field(strict=True, ge=1, le=4)] = 2
    dash: Dash = "solid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawing on an instrument, on charts of every timeframe.

    ``points`` by kind: two ends of a trend line, ray, Fibonacci, rectangle or measure; one of a horizontal and a text;
    of a channel two ends of a line and a third that its parallel goes through; of a position entry, stop and target,
    where ``side`` says which way it earns. ``room_id`` is None for a drawing that its person alone sees.
    ``version`` grows by one with each change. Who made or changed it is None once that person is erased.
    """

    id: UUID
    symbol: str
    room_id: UUID | None
    kind: Kind
    points: tuple[Point, ...]
    style: Style
    text: str
    side: Literal["long", "short"] | None
    version: int
    created_by: UUID | None
    created_at: datetime
    changed_by: UUID | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingList:
    """All drawings on a chart, oldest first.

    Follow ``topic`` from the position (``epoch``, ``offset``) on, so that nothing is missed, and ``drags`` to see what
    others move at this moment. ``can_change`` says whether the person may draw here, ``can_undo`` and ``can_redo``
    whether there is an act of theirs to take back or do again.
    """

    items: tuple[Drawing, ...]
    topic: str
    drags: str
    epoch: str
    offset: int
    can_change: bool
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingVersion:
    """How a drawing was after an act, who did it and when. ``deleted`` says that it was gone then."""

    drawing_id: UUID
    version: int
    act: Act
    kind: Kind
    points: tuple[Point, ...]
    style: Style
    text: str
    deleted: bool
    changed_by: UUID | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActTurned:
    """What taking an act back, or doing it again, did: the drawing as it is now, None when it is gone."""

    drawing_id: UUID
    version: int
    drawing: Drawing | None
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingUpdate:
    """What goes over the topic ``drawings:…``: nothing of it may be missed.

    ``drawing``: one is new, changed or back, whole. ``removed``: one is gone. Leave alone what has a lower ``version``
    than what you have.
    """

    kind: Literal["drawing", "removed"]
    drawing_id: UUID
    version: int
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drag:
    """A drawing that somebody moves at this moment: where its points are, and which version they took hold of."""

    drawing_id: UUID
    person_id: UUID
    version: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DragsUpdate:
    """What goes over the topic ``drags:…``: everything that is being moved on the chart; only the newest counts."""

    kind: Literal["drags"] = "drags"
    drags: tuple[Drag, ...] = field(default=())

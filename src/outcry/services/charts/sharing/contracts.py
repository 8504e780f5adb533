"""Shared charts as the browser sees them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import Adjustment, BarSeries
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.layouts.contracts import ChartLayout

LinkAudience = Literal["organisation", "people", "anyone"]
Audience = Literal["room", "organisation", "people", "anyone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSnapshot:
    """A chart at a moment: its layout, its window, the drawings on it and the bars that its formulas were true at.

    The bars are those that are recorded when it is looked at, up to ``end``: a correction of them shows.
    """

    layout: ChartLayout
    end: datetime
    start: datetime | None = None
    limit: int = 160
    adjustment: Adjustment = "splits"
    drawings: tuple[Drawing, ...] = ()
    hits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A snapshot that somebody shared. ``people`` are who may open it where the audience is ``people``.

    ``state`` is ``open`` until it is ``revoked`` or ``expired``. ``opened`` counts how often somebody opened its link.
    """

    id: UUID
    title: str
    symbol: str
    timeframe: Timeframe
    audience: Audience
    people: tuple[UUID, ...]
    room_id: UUID | None
    owner_id: UUID
    state: Literal["open", "revoked", "expired"]
    created_at: datetime
    expires_at: datetime | None
    opened: int
    last_opened_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewShare:
    """A share that was just made. Its link is ``path`` on this installation: told once, stored nowhere."""

    share: Share
    token: str = field(repr=False)
    path: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedChart:
    """What a share shows: the numbers, and a picture of them as SVG. It tells nothing of who drew and shared it."""

    title: str
    symbol: str
    name: str
    timeframe: Timeframe
    created_at: datetime
    expires_at: datetime | None
    layout: ChartLayout
    bars: BarSeries
    drawings: tuple[Drawing, ...]
    hits: tuple[int, ...]
    svg: str

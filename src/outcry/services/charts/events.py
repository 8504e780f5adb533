"""What the charts service tells the others."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from outcry.kit.events import Event
from outcry.kit.market import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsImported(Event):
    """Recorded bars of a symbol were written or replaced."""

    name: ClassVar[str] = "charts.bars_imported.v1"

    symbol: str
    timeframe: Timeframe
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateActionsImported(Event):
    """So many splits and dividends of a symbol were written or replaced, of these dates."""

    name: ClassVar[str] = "charts.corporate_actions_imported.v1"

    symbol: str
    splits: int
    dividends: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FundamentalsImported(Event):
    """So many reported figures of an instrument are new or different; ``first`` and ``last`` are when they were filed.

    ``filings`` counts the filings that were read.
    """

    name: ClassVar[str] = "charts.fundamentals_imported.v1"

    symbol: str
    facts: int
    filings: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentChanged(Event):
    """What is recorded of an instrument was changed; ``before`` and ``after`` have the changed fields as text."""

    name: ClassVar[str] = "charts.instrument_changed.v1"

    symbol: str
    before: dict[str, str]
    after: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentDeleted(Event):
    """An instrument was removed, and with it so many bars and its splits and dividends."""

    name: ClassVar[str] = "charts.instrument_deleted.v1"

    symbol: str
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarClosed(Event):
    """A bar is complete and will not change any more."""

    name: ClassVar[str] = "charts.bar_closed.v1"

    symbol: str
    timeframe: Timeframe
    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartShared(Event):
    """Somebody shared a snapshot of a chart: in a ``room``, with the ``organisation``, with ``people`` or ``anyone``.

    ``people`` counts those whom a link is for by name.
    """

    name: ClassVar[str] = "charts.chart_shared.v1"

    share_id: UUID
    symbol: str
    audience: str
    room_id: UUID | None
    people: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRevoked(Event):
    """A chart is shared no more; its link was opened so often."""

    name: ClassVar[str] = "charts.share_revoked.v1"

    share_id: UUID
    symbol: str
    audience: str
    opened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChanged(Event):
    """An organisation's replay was started, stopped or paced; speeds are market seconds a second."""

    name: ClassVar[str] = "charts.replay_changed.v1"

    running: bool
    speed: int
    was_running: bool
    was_speed: int

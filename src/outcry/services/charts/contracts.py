"""Instruments, bars and indicators as other services and the browser see them."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from outcry.kit.facade import Facade
from outcry.kit.market import Timeframe

# Market data that every organisation sees: the sample market and what the operator imported for all.
SHARED_TENANT = UUID("00000000-0000-7000-8000-000000000001")


# How bars are read: as they were recorded, without the jumps of splits, or without those of dividends either.
Adjustment = Literal["none", "splits", "all"]

# What bars were adjusted by: nothing (there was nothing to adjust), the recorded splits and dividends, or the adjusted
# close of the file. `in_the_bars` says that the splits are in the recorded prices already.
AdjustmentBasis = Literal["none", "corporate_actions", "adjusted_close", "in_the_bars"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorporateAction:
    """A split (``ratio`` new shares for one old) or a cash dividend (``amount`` a share) on its ex-date."""

    date: date
    kind: Literal["split", "dividend"]
    ratio: float | None
    amount: float | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSeries:
    """What is recorded of an instrument at one timeframe; times are bar opens, UTC."""

    timeframe: Timeframe
    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Something that has a price. ``zone`` is the IANA time zone of its sessions; ``aliases`` other names of it.

    ``kind`` is the asset class: stock, crypto, fx, index, fund or other. ``tick_size`` is the least step of its price
    and ``lot_size`` the least amount that is traded, None where unknown. ``calendar`` is a name that the library
    exchange_calendars knows, such as XNYS or 24/7, empty where unknown. ``identifiers`` are by their name: ``cik``,
    ``figi``, ``isin``. It is traded from ``active_from`` up to ``active_until``, both included, None where unknown.
    ``shared`` says that it belongs to everybody, so that no organisation may change it.
    """

    symbol: str
    name: str
    kind: str
    exchange: str
    currency: str
    zone: str
    aliases: tuple[str, ...]
    series: tuple[StoredSeries, ...]
    calendar: str = ""
    tick_size: float | None = None
    lot_size: float | None = None
    identifiers: dict[str, str] = field(default_factory=dict)
    active_from: date | None = None
    active_until: date | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeries:
    """Bars as columns of equal length, oldest first; ``time`` in milliseconds since 1970-01-01 UTC (bar opens).

    ``closed`` says whether the newest bar is complete. ``more`` says that older bars exist before the first.
    ``adjustment`` says how the prices were read and ``adjusted_by`` by what; ``adjusted_close`` is always as recorded.
    """

    symbol: str
    timeframe: Timeframe
    time: tuple[int, ...]
    open: tuple[float, ...]
    high: tuple[float, ...]
    low: tuple[float, ...]
    close: tuple[float, ...]
    volume: tuple[float, ...]
    adjusted_close: tuple[float | None, ...]
    closed: bool
    more: bool
    adjustment: Adjustment = "none"
    adjusted_by: AdjustmentBasis = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The newest recorded price, and the change since the close of the session before.

    ``time`` is the open time of the newest bar, in ``timeframe``.
    """

    symbol: str
    time: datetime
    timeframe: Timeframe
    open: float
    high: float
    low: float
    price: float
    volume: float
    previous_close: float | None
    change: float | None
    change_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorParameter:
    """One setting of an indicator. ``choices`` names the whole numbers from ``least`` on that stand for kinds."""

    name: str
    default: float
    least: float
    most: float
    whole: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorInfo:
    """An indicator of the catalogue. ``source`` says where its formula was published.

    ``inputs`` are the columns that it reads; ``other`` among them is a second instrument's close. ``series`` says that
    in a formula any series may stand for the close. ``pane`` is ``price`` where the outputs share the price axis, as
    ``overlay`` says too, else ``own``. ``drawn`` are the outputs that lines show; the others, such as a direction, are
    for formulas.
    """

    name: str
    title: str
    summary: str
    source: str
    group: str
    inputs: tuple[str, ...]
    series: bool
    pane: str
    overlay: bool
    parameters: tuple[IndicatorParameter, ...]
    outputs: tuple[str, ...]
    drawn: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSeries:
    """An indicator over bars. ``values[output]`` aligns with ``time`` (milliseconds); None inside the warm-up.

    ``warm_up`` is how many bars pass before the first value. ``close`` are the closing prices of the same bars, read
    with the same ``adjustment``.
    """

    symbol: str
    timeframe: Timeframe
    name: str
    title: str
    parameters: dict[str, float]
    warm_up: int
    time: tuple[int, ...]
    close: tuple[float, ...]
    values: dict[str, tuple[float | None, ...]]
    adjustment: Adjustment = "none"
    adjusted_by: AdjustmentBasis = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure that a company reported: ``concept`` (its taxonomy's name, ``title`` in words) in ``unit``.

    It is about the days ``start`` to ``end``, or where ``start`` is None about the end of the day ``end``. ``filed`` is
    when it became known, by the filing ``form`` and ``accession``, of the company's own ``fiscal_year`` and period.
    """

    symbol: str
    concept: str
    title: str
    unit: str
    start: date | None
    end: date
    value: float
    form: str
    filed: date
    accession: str
    fiscal_year: int | None
    fiscal_period: str


FigureUnit = Literal["price", "percent", "index", "count", "ratio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSource:
    """Where a figure of a summary comes from, at the bar that opened at ``time`` (milliseconds).

    ``bar``: a column of the bar. ``indicator``: an output of an indicator with these parameters. ``rule``: ``name``
    says how it follows from other figures, by their keys, and from columns of bars.
    """

    kind: Literal["bar", "indicator", "rule"]
    name: str
    output: str
    parameters: dict[str, float]
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFigure:
    """A figure that a summary leans on; ``value`` is None where there are too few bars for it."""

    key: str
    label: str
    value: float | None
    unit: FigureUnit
    source: FigureSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySection:
    """One side of a summary: a word for it, a sentence, both by fixed rules, and what they were made of."""

    name: Literal["trend", "momentum", "volatility", "volume", "levels"]
    verdict: str
    sentence: str
    figures: tuple[SummaryFigure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalSummary:
    """What indicators say of an instrument at its newest bar, which opened at ``as_of``. It advises nothing."""

    symbol: str
    name: str
    timeframe: Timeframe
    adjustment: Adjustment
    as_of: datetime
    closed: bool
    bars: int
    sections: tuple[SummarySection, ...]


class ChartsFacade(Facade):
    """Market data. Every method sees the tenant's own instruments and the shared ones, own first."""

    @abstractmethod
    async def search(self, *, tenant_id: UUID, query: str, limit: int) -> tuple[Instrument, ...]:
        """Return instruments whose symbol, name or alias fits, best first; an empty query lists by symbol."""

    @abstractmethod
    async def instruments(self, *, tenant_id: UUID, symbols: tuple[str, ...]) -> tuple[Instrument, ...]:
        """Return those of these symbols that exist, in any order."""

    @abstractmethod
    async def bars(
        self,
        *,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        adjustment: Adjustment = "splits",
    ) -> BarSeries:
        """Return the newest ``limit`` (at most 5,000) bars with start <= time < end.

        Without a word on it prices are read without the jumps of splits: they are in the shares of the newest bar.

        Raises NotFoundError for an unknown symbol and InvalidInputError where the timeframe cannot be built of what
        is recorded.
        """

    @abstractmethod
    async def quotes(self, *, tenant_id: UUID, symbols: tuple[str, ...]) -> tuple[Quote, ...]:
        """Return the newest price of each of these symbols that has bars."""

    @abstractmethod
    async def indicator(
        self,
        *,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        name: str,
        parameters: dict[str, float],
        start: datetime | None,
        end: datetime | None,
        limit: int,
        other: str | None = None,
        adjustment: Adjustment = "splits",
    ) -> IndicatorSeries:
        """Return an indicator's newest ``limit`` values with start <= time < end.

        It is computed over all recorded bars before ``end``, so the start of the window does not change the values.
        ``other`` is the symbol of the second instrument for those that compare with one: its closes at the same times.
        Raises NotFoundError for an unknown symbol or indicator, InvalidInputError for a parameter out of range, and
        for a second instrument that is missing or not read.
        """

    @abstractmethod
    async def fundamentals(
        self, *, tenant_id: UUID, symbol: str, concepts: tuple[str, ...], as_of: date | None, limit: int
    ) -> tuple[Fact, ...]:
        """Return the newest ``limit`` (at most 1,000) figures that the company reported, as known at the end of a day.

        ``concepts`` are such as ``NetIncomeLoss``; none asks for all. Raises NotFoundError for an unknown symbol.
        """

    @abstractmethod
    async def summary(
        self, *, tenant_id: UUID, symbol: str, timeframe: Timeframe, adjustment: Adjustment = "splits"
    ) -> TechnicalSummary:
        """Return a technical summary by fixed rules, each figure with its source.

        Raises NotFoundError for an unknown symbol and where there are no bars, InvalidInputError where the timeframe
        cannot be built of what is recorded.
        """

"""What HTTP tells of formulas."""

from dataclasses import dataclass

from outcry.kit.market import Timeframe
from outcry.quant.formula.errors import FormulaProblem
from outcry.quant.formula.explaining import PartCount, PartValue
from outcry.quant.formula.program import Kind
from outcry.services.charts.contracts import Adjustment


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaNeed:
    """Bars that a formula needs; an empty symbol and no timeframe stand for the chart's own.

    ``bars`` is how many, the newest included, before every part of the formula is known.
    """

    symbol: str
    timeframe: Timeframe | None
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaCheck:
    """What a text means, or what is wrong with it.

    With ``problems`` there is no canonical ``text``, ``kind`` is null and nothing is needed. ``cost`` is that of one
    bar, of at most ``most_cost``.
    """

    text: str
    kind: Kind | None
    cost: int
    most_cost: int
    needs: tuple[FormulaNeed, ...]
    problems: tuple[FormulaProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HitSpan:
    """Bars in a row on which a condition holds: the open times of the first and the last, in milliseconds."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaResult:
    """A formula over recorded bars that are over; times are bar opens in milliseconds since 1970 UTC.

    It is evaluated from the first recorded bar on; ``bars`` of them lie in the window, from ``first`` to ``last``. Of a
    condition, ``hits`` are the bars of the window on which it begins to hold, ``spans`` all stretches that reach into
    the window, ``unknown`` how many of its bars cannot be told, and ``holds`` whether it holds on the last one. Of a
    number, ``values`` align with ``time``; null is unknown. Of a condition that joins others by ``and`` and held on
    no bar of the window, ``parts`` say how often each of them did.
    """

    symbol: str
    timeframe: Timeframe
    adjustment: Adjustment
    text: str
    kind: Kind
    bars: int
    first: int | None
    last: int | None
    unknown: int
    hits: tuple[int, ...] = ()
    spans: tuple[HitSpan, ...] = ()
    holds: bool | None = None
    time: tuple[int, ...] = ()
    values: tuple[float | None, ...] = ()
    parts: tuple[PartCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaExplanation:
    """Each part of a formula on one bar, whose open time is in milliseconds; the whole formula's comes first."""

    symbol: str
    timeframe: Timeframe
    adjustment: Adjustment
    time: int
    parts: tuple[PartValue, ...]

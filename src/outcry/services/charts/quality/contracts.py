"""How good recorded bars are, as browsers see it."""

from dataclasses import dataclass
from typing import Literal

from outcry.kit.market import Timeframe

FaultKind = Literal[
    "gap", "off_calendar", "duplicate", "high_below_low", "outside_range", "not_positive", "jump", "stale"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong, or looks wrong, with bars from ``time`` on (milliseconds since 1970, a bar's open).

    ``count`` is how many bars are concerned: those that are missing, or that repeat each other.
    """

    kind: FaultKind
    time: int
    count: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What was found in the recorded bars of an instrument at ``timeframe``, which is the one they are stored in.

    ``score`` is 0 to 100 by ``rule``. ``expected`` is how many bars the trading calendar asks for between the first and
    the last; None without a calendar. ``counts`` has how many bars each kind of fault concerns; ``faults`` are the
    newest thousand, oldest first, and ``more`` says that there are others.
    """

    symbol: str
    timeframe: Timeframe
    calendar: str
    score: float
    rule: str
    bars: int
    expected: int | None
    counts: dict[FaultKind, int]
    faults: tuple[Fault, ...]
    more: bool

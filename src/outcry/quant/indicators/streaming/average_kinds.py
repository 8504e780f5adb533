"""Moving averages by TA-Lib's numbers of their kinds."""

from collections.abc import Callable

from outcry.quant.indicators.streaming.averages import ema, identity, late, sma, wma
from outcry.quant.indicators.streaming.derived_averages import dema, kama, t3, tema, trima
from outcry.quant.indicators.streaming.saving import Step


def average(kind: int, period: int) -> Step:
    """Return a moving average by TA-Lib's number of its kind; over one value it is the value."""
    return _KINDS[kind](period) if period > 1 else identity()


def wait(kind: int, period: int) -> int:
    """Return after how many bars an average of this kind has its first value."""
    return _WAITS[kind](period) if period > 1 else 0


def apart(kinds: tuple[int, int], periods: tuple[int, int]) -> tuple[Step, Step]:
    """Return two averages of which the quicker one begins later, so that their first values fall on one bar."""
    waits = [wait(kind, period) for kind, period in zip(kinds, periods, strict=True)]
    first, second = (
        late(average(kind, period), max(waits) - own) for kind, period, own in zip(kinds, periods, waits, strict=True)
    )
    return first, second


def _mama(_: int) -> Step:
    # Imported here, for it is seldom wanted and stands beside the other transforms of cycles.
    from outcry.quant.indicators.streaming.hilbert import Mama

    mean = Mama(0.5, 0.05)
    return lambda value: mean.push(value)[0]


_KINDS: tuple[Callable[[int], Step], ...] = (sma, ema, wma, dema, tema, trima, kama, _mama, t3)
_WAITS: tuple[Callable[[int], int], ...] = (
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: 2 * (period - 1),
    lambda period: 3 * (period - 1),
    lambda period: period - 1,
    lambda period: period,
    lambda _: 32,
    lambda period: 6 * (period - 1),
)

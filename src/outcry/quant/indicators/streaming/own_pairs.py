"""Streams that compare one instrument with another."""

from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.averages import sma
from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs


def relative_strength(period: int) -> Callable[[float, float], Outputs]:
    """Return the ratio of two prices, and how far, in percent, it lies over its average (Mansfield; Weinstein 1988).

    A bar on which the other price is 0 has no ratio, and is as if it were not there.
    """
    mean = sma(period)
    left = period - 1

    def step(close: float, other: float) -> Outputs:
        nonlocal left
        ratio = close / other if other else nan
        # NaN and infinity differ from themselves.
        average = mean(ratio) if ratio - ratio == 0.0 else nan
        if left:
            left -= 1
            return nan, nan
        return ratio, 100.0 * (ratio / average - 1.0) if average else nan

    return step


STREAMS: Mapping[str, Open] = {
    "relative_strength": lambda settings: Steps(relative_strength(int(settings["period"]))),
}

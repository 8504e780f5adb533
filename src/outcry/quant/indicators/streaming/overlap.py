"""Streams of the averages and bands that lie over the price."""

from collections import deque
from collections.abc import Callable, Mapping
from math import nan, sqrt

from outcry.quant.indicators.streaming import averages
from outcry.quant.indicators.streaming.extremes import highest, lowest
from outcry.quant.indicators.streaming.parabolic import Parabolic
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.spreads import LOST, WINDOWS
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings


def vwma(period: int) -> Callable[[float, float], float]:
    """Return the average weighted by volume, NaN while the whole window has none."""
    prices, volumes = averages.sma(period), averages.sma(period)

    def step(value: float, volume: float) -> float:
        weighted = prices(value * volume)
        weights = volumes(volume)
        return weighted / weights if weights else nan

    return step


def midprice(period: int) -> Callable[[float, float], float]:
    """Return the middle between the highest high and the lowest low."""
    top, bottom = highest(period), lowest(period)
    return lambda high, low: (top(high) + bottom(low)) / 2.0


def midpoint(period: int) -> Step:
    """Return the middle between the highest and the lowest value."""
    middle = midprice(period)
    return lambda value: middle(value, value)


def bollinger(period: int, deviations: float) -> Callable[[float], Outputs]:
    """Return Bollinger's bands around the simple average, with population deviations (Bollinger 2001).

    In one function, and a guard of its own, because it is among the indicators that are used most.
    """
    undefined = (nan, nan, nan)
    share = 1.0 / period
    ring = deque([0.0] * period, period)
    append = ring.append
    total = center = plain = squares = 0.0
    seen = 0
    fresh = period - 1 + WINDOWS * period

    def begin() -> None:
        nonlocal center, plain, squares, seen
        seen = period - 1
        center = plain = squares = 0.0
        for item in ring:
            center += item
        center *= share
        for item in ring:
            away = item - center
            plain += away
            squares += away * away

    def push(value: float) -> Outputs:
        nonlocal total, center, plain, squares, seen
        if value - value != 0.0:
            return undefined
        append(value)
        if not seen:
            center = value
        seen += 1
        total += value
        away = value - center
        plain += away
        squares += away * away
        if seen < period:
            return undefined
        middle = total / period
        mean = plain * share
        variance = squares * share - mean * mean
        oldest = ring[0]
        total -= oldest
        away = oldest - center
        dropped = away * away
        left = squares - dropped
        if seen == fresh or variance * period < LOST * left or left < LOST * dropped:
            begin()
            mean = plain * share
            variance = squares * share - mean * mean
            away = oldest - center
            left = squares - away * away
        plain -= away
        squares = left
        width = sqrt(variance) * deviations if variance > 0.0 else 0.0
        return middle + width, middle, middle - width

    return push


def acceleration_bands(period: int) -> Callable[[float, float, float], Outputs]:
    """Return Headley's bands, which widen with the range of the bars (Headley 2002)."""
    above, middle, below = (averages.sma(period) for _ in range(3))

    def step(high: float, low: float, close: float) -> Outputs:
        both = high + low
        reach = 4.0 * (high - low) / both if both else 0.0
        return above(high * (1.0 + reach)), middle(close), below(low * (1.0 - reach))

    return step


def _average(make: Callable[[int], Step]) -> Open:
    return lambda settings: Steps(make(int(settings["period"])))


def _ma(settings: Settings) -> Steps:
    return Steps(averages.average(int(settings["ma_type"]), int(settings["period"])))


def _t3(settings: Settings) -> Steps:
    return Steps(averages.t3(int(settings["period"]), settings["volume_factor"]))


def _sar(settings: Settings) -> Parabolic:
    step, most = settings["acceleration"], settings["maximum"]
    return Parabolic((step, step, most), (step, step, most))


def _sarext(settings: Settings) -> Parabolic:
    long, short = (
        (settings[f"initial_{side}"], settings[f"acceleration_{side}"], settings[f"maximum_{side}"])
        for side in ("long", "short")
    )
    return Parabolic(long, short, settings["start"], settings["offset_on_reverse"], signed=True)


STREAMS: Mapping[str, Open] = {
    "sma": _average(averages.sma),
    "ema": _average(averages.ema),
    "wma": _average(averages.wma),
    "dema": _average(averages.dema),
    "tema": _average(averages.tema),
    "trima": _average(averages.trima),
    "kama": _average(averages.kama),
    "hma": _average(averages.hma),
    "zlema": _average(averages.zlema),
    "rma": _average(averages.rma),
    "t3": _t3,
    "ma": _ma,
    "vwma": lambda settings: Steps(vwma(int(settings["period"]))),
    "midpoint": _average(midpoint),
    "midprice": lambda settings: Steps(midprice(int(settings["period"]))),
    "bbands": lambda settings: Steps(bollinger(int(settings["period"]), settings["deviations"]), guarded=True),
    "accbands": lambda settings: Steps(acceleration_bands(int(settings["period"]))),
    "sar": _sar,
    "sarext": _sarext,
}

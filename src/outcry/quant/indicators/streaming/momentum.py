"""Streams of momentum over one series: averages apart, and changes."""

from collections import deque
from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.average_kinds import apart, average
from outcry.quant.indicators.streaming.averages import ema, late, sma, then, total, wma
from outcry.quant.indicators.streaming.extremes import highest, lowest
from outcry.quant.indicators.streaming.running import macd, rsi
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.spreads import forecast
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings

_UNDEFINED = (nan, nan, nan)
# A slow average below this has no percents.
NOTHING = 1e-14


def macd_of_averages(
    fast: tuple[int, int], slow: tuple[int, int], signal: tuple[int, int]
) -> Callable[[float], Outputs]:
    """Return the MACD with a kind (TA-Lib's number) and a period for each of its averages."""
    first, second = apart((fast[0], slow[0]), (fast[1], slow[1]))
    third = average(*signal)

    def step(value: float) -> Outputs:
        line = first(value) - second(value)
        smooth = then(third, line)
        return (line, smooth, line - smooth) if smooth == smooth else _UNDEFINED

    return step


def oscillator(fast: int, slow: int, kind: int, *, percent: bool = False) -> Step:
    """Return a fast average less a slow one, or that in percent of the slow one."""
    first, second = average(kind, fast), average(kind, slow)

    def step(value: float) -> float:
        quick, far = first(value), second(value)
        if not percent:
            return quick - far
        if abs(far) < NOTHING:
            return 0.0
        return (quick - far) / far * 100.0

    return step


def ago(bars: int, compare: Callable[[float, float], float]) -> Step:
    """Return what compares a value with the one of so many bars before."""
    ring = deque([nan] * bars, bars)
    append = ring.append

    def step(value: float) -> float:
        before = ring[0]
        append(value)
        return compare(value, before) if before == before else nan

    return step


def change(value: float, before: float) -> float:
    """Return the change in percent; 0 if it was nothing before."""
    return (value / before - 1.0) * 100.0 if before else 0.0


def trix(period: int) -> Step:
    """Return the change, in percent, of a value averaged exponentially three times (Hutson 1983)."""
    first, second, third = ema(period), ema(period), ema(period)
    rate = ago(1, change)
    return lambda value: then(rate, then(third, then(second, first(value))))


def tsi(first: int, second: int) -> Step:
    """Return Blau's true strength: the change averaged twice over its size averaged twice (Blau 1991)."""
    once, twice, size_once, size_twice = ema(first), ema(second), ema(first), ema(second)
    moved = ago(1, lambda value, before: value - before)

    def step(value: float) -> float:
        change = moved(value)
        if change != change:
            return nan
        up = then(twice, once(change))
        size = then(size_twice, size_once(abs(change)))
        return 100.0 * up / size if size else 0.0

    return step


def coppock(period: int, short: int, long: int) -> Step:
    """Return Coppock's curve: the weighted average of two changes added up (Coppock 1962)."""
    smooth, near, far = wma(period), ago(short, change), ago(long, change)
    return lambda value: then(smooth, near(value) + far(value))


def dpo(period: int) -> Step:
    """Return the price of half a period ago less the average around it."""
    back = period // 2 + 1
    before = ago(back, lambda _, old: old)
    mean = late(sma(period), max(0, back - (period - 1)))

    def step(value: float) -> float:
        old = before(value)
        return old - mean(value)

    return step


def efficiency(period: int) -> Step:
    """Return how straight the way was: the way made over the way gone, 0 to 1 (Kaufman 1995)."""
    gone = total(period)
    move = ago(1, lambda value, before: abs(value - before))
    made = ago(period, lambda value, before: abs(value - before))

    def step(value: float) -> float:
        way = then(gone, move(value))
        straight = made(value)
        return straight / way if way else 1.0

    return step


def forecast_error(period: int) -> Step:
    """Return how far the value lies from what the line through those before foretold, in percent (Chande 1994)."""
    ahead = forecast(period, 1)
    foretold = nan

    def step(value: float) -> float:
        nonlocal foretold
        told, foretold = foretold, ahead(value)
        return 100.0 * (value - told) / value if value else 0.0

    return step


def filter_of_trend(period: int) -> Step:
    """Return White's filter: the range over the way gone, which is summed anew at each bar (White 1991)."""
    top, bottom = highest(period), lowest(period)
    move = ago(1, lambda value, before: abs(value - before))
    ring = deque([nan] * period, period)

    def step(value: float) -> float:
        ring.append(move(value))
        span = top(value) - bottom(value)
        way = 0.0
        for item in ring:
            way += item
        return span / way if way else 0.0

    return step


def rsi_step(period: int) -> Step:
    """Return the relative strength index as a step, to build upon."""
    stream = rsi(period)
    return lambda value: stream.push(value)[0]


def cmo(period: int) -> Step:
    """Return Chande's momentum oscillator with Wilder's smoothing: gains less losses over both (Chande 1994)."""
    before = period - 1.0
    left = period + 1
    last = gain = loss = 0.0

    def step(value: float) -> float:
        nonlocal left, last, gain, loss
        move = value - last
        last = value
        if left == period + 1:
            left = period
            return nan
        if not left:
            gain *= before
            loss *= before
        if move < 0.0:
            loss -= move
        else:
            gain += move
        if left:
            left -= 1
        if left:
            return nan
        gain /= period
        loss /= period
        both = gain + loss
        return 100.0 * ((gain - loss) / both) if both else 0.0

    return step


def cmou(period: int) -> Step:
    """Return Chande's momentum oscillator as he published it: gains less losses of the period over both."""
    gains, losses = total(period), total(period)
    moved = ago(1, lambda value, before: value - before)

    def step(value: float) -> float:
        move = moved(value)
        if move != move:
            return nan
        gain, loss = gains(max(move, 0.0)), losses(max(-move, 0.0))
        both = gain + loss
        return 100.0 * (gain - loss) / both if both else 0.0

    return step


def _whole(settings: Settings, *names: str) -> list[int]:
    return [int(settings[name]) for name in names]


def _period(make: Callable[[int], Step]) -> Open:
    return lambda settings: Steps(make(int(settings["period"])))


def _ago(compare: Callable[[float, float], float]) -> Open:
    return lambda settings: Steps(ago(int(settings["period"]), compare))


def _apart(*, percent: bool) -> Open:
    return lambda settings: Steps(oscillator(*_whole(settings, "fast", "slow", "ma_type"), percent=percent))


def _macdext(settings: Settings) -> Steps:
    fast, slow, signal = ((int(settings[f"{name}_type"]), int(settings[name])) for name in ("fast", "slow", "signal"))
    return Steps(macd_of_averages(fast, slow, signal))


STREAMS: Mapping[str, Open] = {
    "macd": lambda settings: macd(*_whole(settings, "fast", "slow", "signal")),
    "macdext": _macdext,
    "macdfix": lambda settings: macd(12, 26, int(settings["signal"]), 0.15, 0.075),
    "apo": _apart(percent=False),
    "ppo": _apart(percent=True),
    "coppock": lambda settings: Steps(coppock(*_whole(settings, "period", "short", "long"))),
    "dpo": _period(dpo),
    "trix": _period(trix),
    "tsi": lambda settings: Steps(tsi(*_whole(settings, "first", "second"))),
    "mom": _ago(lambda value, before: value - before),
    "roc": _ago(change),
    "rocp": _ago(lambda value, before: (value - before) / before if before else 0.0),
    "rocr": _ago(lambda value, before: value / before if before else 0.0),
    "rocr100": _ago(lambda value, before: value / before * 100.0 if before else 0.0),
    "er": _period(efficiency),
    "fosc": _period(forecast_error),
    "vhf": _period(filter_of_trend),
    "rsi": lambda settings: rsi(int(settings["period"])),
    "cmo": _period(cmo),
    "cmou": _period(cmou),
}

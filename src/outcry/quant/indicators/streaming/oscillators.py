"""Streams of momentum on a scale with ends, from the parts of bars."""

from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.average_kinds import apart, average
from outcry.quant.indicators.streaming.averages import ema, rma, sma, then, total
from outcry.quant.indicators.streaming.extremes import highest, lowest
from outcry.quant.indicators.streaming.momentum import rsi_step
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings

OfBar = Callable[[float, float, float], float]
_UNDEFINED = (nan, nan)
# Two numbers that differ by less than this share of their sum are one: the rest is rounding.
SAME = 1e-14


def place_in_range(period: int) -> OfBar:
    """Return where the close lies between the lowest low and the highest high, 0 to 100; 0 where they are one."""
    top, bottom = highest(period), lowest(period)

    def step(high: float, low: float, close: float) -> float:
        most, least = top(high), bottom(low)
        span = most - least
        return 0.0 if span <= SAME * (abs(most) + abs(least)) else 100.0 * ((close - least) / span)

    return step


def stochastic(place: OfBar, smooth: Step, signal: Step) -> Callable[[float, float, float], Outputs]:
    """Return Lane's stochastic: the close's place in its range, averaged, and the average of that (Lane 1984)."""

    def step(high: float, low: float, close: float) -> Outputs:
        k = then(smooth, place(high, low, close))
        d = then(signal, k)
        return (k, d) if d == d else _UNDEFINED

    return step


def stochastic_rsi(period: int, place: OfBar, signal: Step) -> Callable[[float], Outputs]:
    """Return the fast stochastic of the relative strength index (Chande 1994)."""
    strength = rsi_step(period)

    def step(value: float) -> Outputs:
        index = strength(value)
        if index != index:
            return _UNDEFINED
        k = place(index, index, index)
        d = then(signal, k)
        return (k, d) if d == d else _UNDEFINED

    return step


def kdj(period: int, smoothing: int, signal: int) -> Callable[[float, float, float], Outputs]:
    """Return the stochastic smoothed as Wilder does, and J = 3 K - 2 D."""
    lines = stochastic(place_in_range(period), _wilder(smoothing), _wilder(signal))

    def step(high: float, low: float, close: float) -> Outputs:
        k, d = lines(high, low, close)
        return k, d, 3.0 * k - 2.0 * d

    return step


def _wilder(period: int) -> Step:
    return rma(period) if period > 1 else average(0, 1)


def smi(period: int, fast: int, slow: int, signal: int) -> Callable[[float, float, float], Outputs]:
    """Return Blau's stochastic momentum: the close's way from the middle of its range, averaged twice (Blau 1993)."""
    top, bottom = highest(period), lowest(period)
    away, away_twice, span, span_twice, smooth = ema(slow), ema(fast), ema(slow), ema(fast), ema(signal)

    def step(high: float, low: float, close: float) -> Outputs:
        most, least = top(high), bottom(low)
        if most != most:
            return _UNDEFINED
        made = then(away_twice, away(close - (most + least) / 2.0))
        reach = then(span_twice, span(most - least))
        line = (200.0 * made / reach if reach else 0.0) if reach == reach else nan
        mean = then(smooth, line)
        return (line, mean) if mean == mean else _UNDEFINED

    return step


def williams(period: int) -> OfBar:
    """Return how far the close lies below the highest high, -100 to 0 (Williams 1973)."""
    top, bottom = highest(period), lowest(period)

    def step(high: float, low: float, close: float) -> float:
        most, least = top(high), bottom(low)
        span = most - least
        return 0.0 if span <= SAME * (abs(most) + abs(least)) else -100.0 * ((most - close) / span)

    return step


def cci(period: int) -> OfBar:
    """Return how far the typical price lies from its average, in 0.015 mean deviations (Lambert 1980)."""
    places = [0.0] * period
    seen = 0

    def step(high: float, low: float, close: float) -> float:
        nonlocal seen
        typical = (high + low + close) / 3.0
        places[seen % period] = typical
        seen += 1
        if seen < period:
            return nan
        if seen == 2 * period:
            seen = period
        mean = 0.0
        for item in places:
            mean += item
        mean /= period
        spread = 0.0
        for item in places:
            spread += abs(item - mean)
        spread /= period
        away = typical - mean
        rounding = SAME * abs(mean)
        return away / (0.015 * spread) if abs(away) > rounding and spread > rounding else 0.0

    return step


def ultimate(short: int, medium: int, long: int) -> OfBar:
    """Return buying pressure over three periods in one line, 0 to 100 (Williams 1985)."""
    bought = [total(period) for period in sorted((short, medium, long))]
    ranged = [total(period) for period in sorted((short, medium, long))]
    b1, b2, b3 = bought
    r1, r2, r3 = ranged
    before = nan

    def step(high: float, low: float, close: float) -> float:
        nonlocal before
        if before != before:
            before = close
            return nan
        floor = min(low, before)
        gained = close - floor
        span = max(high - low, abs(before - high), abs(before - low))
        before = close
        one, two, three = (b1(gained), r1(span)), (b2(gained), r2(span)), (b3(gained), r3(span))
        if three[1] != three[1]:
            return nan
        found = 0.0
        for weight, (part, whole) in ((4.0, one), (2.0, two), (1.0, three)):
            if whole:
                found += weight * (part / whole)
        return 100.0 * (found / 7.0)

    return step


def intraday(period: int) -> Callable[[float, float], float]:
    """Return the intraday momentum index: rises from open to close over all such moves, 0 to 100 (Chande 1994)."""
    rises, falls = total(period), total(period)

    def step(opened: float, close: float) -> float:
        move = close - opened
        up, down = rises(max(move, 0.0)), falls(max(-move, 0.0))
        both = up + down
        return (100.0 * (up / both) if both else 50.0) if both == both else nan

    return step


def qstick(period: int) -> Callable[[float, float], float]:
    """Return the average way from open to close (Chande 1994)."""
    mean = sma(period)
    return lambda opened, close: mean(close - opened)


def balance(opened: float, high: float, low: float, close: float) -> float:
    """Return the balance of power: the way from open to close over the range, 0 without a range (Livshin 2001)."""
    span = high - low
    return (close - opened) / span if span > 0.0 else 0.0


def elder(period: int) -> Callable[[float, float, float], Outputs]:
    """Return how far high and low lie from the exponential average of the closes (Elder 1993)."""
    mean = ema(period)

    def step(high: float, low: float, close: float) -> Outputs:
        middle = mean(close)
        return high - middle, low - middle

    return step


def awesome(fast: int, slow: int) -> Callable[[float, float], float]:
    """Return a fast average of the bars' middles less a slow one (Williams 1998)."""
    first, second = apart((0, 0), (fast, slow))

    def step(high: float, low: float) -> float:
        middle = (high + low) / 2.0
        return first(middle) - second(middle)

    return step


def accelerator(fast: int, slow: int, signal: int) -> Callable[[float, float], float]:
    """Return the awesome oscillator less its own average (Williams 1998)."""
    line, mean = awesome(fast, slow), sma(signal)

    def step(high: float, low: float) -> float:
        found = line(high, low)
        return found - then(mean, found)

    return step


def _whole(settings: Settings, *names: str) -> list[int]:
    return [int(settings[name]) for name in names]


def _stoch(settings: Settings) -> Steps:
    period, smoothing, signal = _whole(settings, "period", "smoothing", "signal")
    return Steps(stochastic(place_in_range(period), average(0, smoothing), average(0, signal)))


def _stochf(settings: Settings) -> Steps:
    period, signal, kind = _whole(settings, "period", "signal", "signal_type")
    return Steps(stochastic(place_in_range(period), average(0, 1), average(kind, signal)))


def _stochrsi(settings: Settings) -> Steps:
    strength, period, signal, kind = _whole(settings, "rsi_period", "period", "signal", "signal_type")
    return Steps(stochastic_rsi(strength, place_in_range(period), average(kind, signal)))


STREAMS: Mapping[str, Open] = {
    "stoch": _stoch,
    "stochf": _stochf,
    "stochrsi": _stochrsi,
    "kdj": lambda settings: Steps(kdj(*_whole(settings, "period", "smoothing", "signal"))),
    "smi": lambda settings: Steps(smi(*_whole(settings, "period", "fast", "slow", "signal"))),
    "willr": lambda settings: Steps(williams(int(settings["period"]))),
    "cci": lambda settings: Steps(cci(int(settings["period"]))),
    "ultosc": lambda settings: Steps(ultimate(*_whole(settings, "short", "medium", "long"))),
    "imi": lambda settings: Steps(intraday(int(settings["period"]))),
    "qstick": lambda settings: Steps(qstick(int(settings["period"]))),
    "bop": lambda _: Steps(balance),
    "eri": lambda settings: Steps(elder(int(settings["period"]))),
    "ao": lambda settings: Steps(awesome(*_whole(settings, "fast", "slow"))),
    "ac": lambda settings: Steps(accelerator(*_whole(settings, "fast", "slow", "signal"))),
}

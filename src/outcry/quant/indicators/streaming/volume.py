"""Streams of prices with the volume behind them."""

from collections import deque
from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.averages import ema, sma, total
from outcry.quant.indicators.streaming.momentum import ago, oscillator
from outcry.quant.indicators.streaming.oscillators import SAME
from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.stream import Open

OfTrade = Callable[[float, float], float]
OfBar = Callable[[float, float, float, float], float]


def on_balance() -> OfTrade:
    """Return the volume added up on rises and taken away on falls; the first bar's is added (Granville 1963)."""
    seen = 0
    summed = before = 0.0

    def step(close: float, volume: float) -> float:
        nonlocal seen, summed, before
        if not seen or close > before:
            summed += volume
        elif close < before:
            summed -= volume
        seen = 1
        before = close
        return summed

    return step


def money_flow(high: float, low: float, close: float, volume: float) -> float:
    """Return the volume, weighted by where the close lies between low (-1) and high (1)."""
    span = high - low
    return ((close - low) - (high - close)) / span * volume if span > 0.0 else 0.0


def accumulation() -> OfBar:
    """Return the sum of the money flow (Chaikin)."""
    summed = 0.0

    def step(high: float, low: float, close: float, volume: float) -> float:
        nonlocal summed
        summed += money_flow(high, low, close, volume)
        return summed

    return step


def chaikin_oscillator(fast: int, slow: int) -> OfBar:
    """Return a fast exponential average of the accumulation less a slow one, begun at its first value (Chaikin)."""
    flow = accumulation()
    fast_weight, slow_weight = 2.0 / (fast + 1), 2.0 / (slow + 1)
    seen = 0
    first = second = 0.0

    def step(high: float, low: float, close: float, volume: float) -> float:
        nonlocal seen, first, second
        value = flow(high, low, close, volume)
        if seen:
            first = multiply_add(1.0 - fast_weight, first, fast_weight * value)
            second = multiply_add(1.0 - slow_weight, second, slow_weight * value)
        else:
            first = second = value
        if seen < slow - 1:
            seen += 1
            return nan
        return first - second

    return step


def chaikin_flow(period: int) -> OfBar:
    """Return the money flow of the period over its volume (Chaikin)."""
    flows, volumes = total(period), total(period)

    def step(high: float, low: float, close: float, volume: float) -> float:
        flow, traded = flows(money_flow(high, low, close, volume)), volumes(volume)
        return flow / traded if traded else 0.0

    return step


def money_flow_index(period: int) -> OfBar:
    """Return rising money over all money, 0 to 100 (Quong and Soudack 1989)."""
    # A flow is positive on a rise of the typical price and negative on a fall.
    ring = deque([0.0] * period, period)
    before = nan
    rising = falling = 0.0
    left = period
    still = 0

    def step(high: float, low: float, close: float, volume: float) -> float:
        nonlocal before, rising, falling, left, still
        typical = (high + low + close) / 3.0
        last, before = before, typical
        if last != last:
            return nan
        gone = ring[0]
        if gone > 0.0:
            rising -= gone
        else:
            falling += gone
        flow = typical * volume
        still += 1
        if flow and abs(typical - last) > SAME * (abs(typical) + abs(last)):
            still = 0
            if typical > last:
                rising += flow
            else:
                falling += flow
                flow = -flow
        else:
            flow = 0.0
        ring.append(flow)
        if still >= period:
            # Nothing flowed in the window: what is left of the totals is rounding.
            rising = falling = 0.0
        left -= 1 if left else 0
        if left:
            return nan
        up, down = max(rising, 0.0), max(falling, 0.0)
        both = up + down
        return 100.0 * (up / both) if both else 0.0

    return step


def force(period: int) -> OfTrade:
    """Return the exponential average of the change times the volume (Elder 1993)."""
    mean = ema(period)
    moved = ago(1, lambda value, before: value - before)

    def step(close: float, volume: float) -> float:
        move = moved(close)
        return mean(move * volume) if move == move else nan

    return step


def facilitation(high: float, low: float, volume: float) -> float:
    """Return the range a share traded (Williams 1995), 0 without volume."""
    return (high - low) / volume if volume else 0.0


def index_on(counts: Callable[[float, float], bool]) -> OfTrade:
    """Return an index from 1,000 on that takes a bar's change only if its volume counts (Fosback 1976)."""
    seen = 0
    level = 1000.0
    last_close = last_volume = 0.0

    def step(close: float, volume: float) -> float:
        nonlocal seen, level, last_close, last_volume
        if seen and counts(volume, last_volume) and last_close:
            level += level * ((close - last_close) / last_close)
        seen = 1
        last_close, last_volume = close, volume
        return level

    return step


def price_volume_trend() -> OfTrade:
    """Return the sum of the volume times the relative change."""
    seen = 0
    summed = before = 0.0

    def step(close: float, volume: float) -> float:
        nonlocal seen, summed, before
        if seen and before:
            summed += volume * ((close - before) / before)
        seen = 1
        before = close
        return summed

    return step


def relative_volume(period: int) -> Step:
    """Return the volume over the average of the period before it, NaN where that is nothing."""
    mean = sma(period)
    usual = nan

    def step(volume: float) -> float:
        nonlocal usual
        before, usual = usual, mean(volume)
        return volume / before if before else nan

    return step


def _pvo(settings: Mapping[str, float]) -> Steps:
    return Steps(oscillator(int(settings["fast"]), int(settings["slow"]), int(settings["ma_type"]), percent=True))


STREAMS: Mapping[str, Open] = {
    "obv": lambda _: Steps(on_balance()),
    "ad": lambda _: Steps(accumulation()),
    "adosc": lambda settings: Steps(chaikin_oscillator(int(settings["fast"]), int(settings["slow"]))),
    "cmf": lambda settings: Steps(chaikin_flow(int(settings["period"]))),
    "mfi": lambda settings: Steps(money_flow_index(int(settings["period"]))),
    "efi": lambda settings: Steps(force(int(settings["period"]))),
    "marketfi": lambda _: Steps(facilitation),
    "nvi": lambda _: Steps(index_on(lambda volume, before: volume < before)),
    "pvi": lambda _: Steps(index_on(lambda volume, before: volume > before)),
    "pvt": lambda _: Steps(price_volume_trend()),
    "pvo": _pvo,
    "rvol": lambda settings: Steps(relative_volume(int(settings["period"]))),
}

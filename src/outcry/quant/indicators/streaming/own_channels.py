"""Streams of channels and stops around the price, of Ichimoku's cloud, and of Heikin-Ashi bars."""

from collections import deque
from collections.abc import Callable, Mapping
from math import inf, nan

from outcry.quant.indicators.streaming.averages import ema, late
from outcry.quant.indicators.streaming.extremes import highest, lowest
from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings
from outcry.quant.indicators.streaming.volatility import atr

OfRange = Callable[[float, float], Outputs]
OfBar = Callable[[float, float, float], Outputs]


def donchian(period: int) -> OfRange:
    """Return the highest high, the lowest low, and the middle between them (Donchian, 1960s)."""
    top, bottom = highest(period), lowest(period)

    def step(high: float, low: float) -> Outputs:
        upper, lower = top(high), bottom(low)
        return upper, (upper + lower) / 2.0, lower

    return step


def keltner(period: int, atr_period: int, multiplier: float) -> OfBar:
    """Return an exponential average of typical prices with a band of average true ranges (Keltner 1960, Raschke).

    The quicker of the two begins later, so that their first values fall on one bar.
    """
    wait = max(period - 1, atr_period)
    mean, reach = late(ema(period), wait - (period - 1)), atr(atr_period)
    left = wait - atr_period

    def step(high: float, low: float, close: float) -> Outputs:
        nonlocal left
        middle = mean((high + low + close) / 3.0)
        if left:
            left -= 1
            return nan, nan, nan
        band = multiplier * reach(high, low, close)
        return middle + band, middle, middle - band

    return step


def supertrend(period: int, multiplier: float) -> OfBar:
    """Return a stop so many average true ranges from the bar's middle, and the side it is on: 1 under, -1 over.

    Each band only closes in while the last close respects it. It begins as a rise (Seban 2009).
    """
    reach = atr(period)
    upper, lower = inf, -inf
    before = direction = 0.0

    def step(high: float, low: float, close: float) -> Outputs:
        nonlocal upper, lower, before, direction
        last, before = before, close
        width = multiplier * reach(high, low, close)
        if width != width:
            return nan, nan
        middle = (high + low) / 2.0
        if middle + width < upper or last > upper:
            upper = middle + width
        if middle - width > lower or last < lower:
            lower = middle - width
        if not direction:
            direction = 1.0
        elif close < lower if direction > 0.0 else close > upper:
            direction = -direction
        return lower if direction > 0.0 else upper, direction

    return step


def ichimoku(conversion: int, base: int, span: int, displacement: int) -> OfRange:
    """Return the two lines, the cloud at this bar, and the cloud that this bar throws ahead (Hosoda 1969).

    Nothing before all of them have values.
    """
    lines = [(highest(period), lowest(period)) for period in (conversion, base, span)]
    (top_1, bottom_1), (top_2, bottom_2), (top_3, bottom_3) = lines
    thrown_a = deque([nan] * displacement, displacement)
    thrown_b = deque([nan] * displacement, displacement)
    left = max(conversion, base, span) - 1 + displacement

    def step(high: float, low: float) -> Outputs:
        nonlocal left
        quick = (top_1(high) + bottom_1(low)) / 2.0
        slow = (top_2(high) + bottom_2(low)) / 2.0
        ahead_a = (quick + slow) / 2.0
        ahead_b = (top_3(high) + bottom_3(low)) / 2.0
        cloud_a, cloud_b = thrown_a[0], thrown_b[0]
        thrown_a.append(ahead_a)
        thrown_b.append(ahead_b)
        if left:
            left -= 1
            return nan, nan, nan, nan, nan, nan
        return quick, slow, cloud_a, cloud_b, ahead_a, ahead_b

    return step


def heikin_ashi() -> Callable[[float, float, float, float], Outputs]:
    """Return bars of averages: the close is the bar's mean, the open the middle of the bar before (Valcu 2004)."""
    last_open = last_close = nan

    def step(opened: float, high: float, low: float, close: float) -> Outputs:
        nonlocal last_open, last_close
        last_open = (last_open + last_close) / 2.0 if last_open == last_open else (opened + close) / 2.0
        last_close = (opened + high + low + close) / 4.0
        return last_open, max(high, last_open, last_close), min(low, last_open, last_close), last_close

    return step


def _whole(settings: Settings, *names: str) -> list[int]:
    return [int(settings[name]) for name in names]


STREAMS: Mapping[str, Open] = {
    "donchian": lambda settings: Steps(donchian(int(settings["period"]))),
    "keltner": lambda settings: Steps(
        keltner(int(settings["period"]), int(settings["atr_period"]), settings["multiplier"])
    ),
    "supertrend": lambda settings: Steps(supertrend(int(settings["period"]), settings["multiplier"])),
    "ichimoku": lambda settings: Steps(ichimoku(*_whole(settings, "conversion", "base", "span", "displacement"))),
    "heikin_ashi": lambda _: Steps(heikin_ashi()),
}

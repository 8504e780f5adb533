"""What a technical summary says: fixed rules over figures, in words that recommend nothing.

The thresholds are those of the indicators' authors: RSI 30 and 70, ADX 20 and 25 (J. Welles Wilder, New Concepts in
Technical Trading Systems, 1978).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from outcry.services.charts.contracts import SummarySection
from outcry.services.charts.rendering.scales import compact, plain, price_decimals
from outcry.services.charts.summary.figures import Readings, percent, rank_of_last

# How far back the levels, the range and what is usual of an instrument are looked for.
_YEAR, _SWING = 252, 3
_USUAL = 20

SectionName = Literal["trend", "momentum", "volatility", "volume", "levels"]


def price(value: float) -> str:
    """Return a price as the sentences have it."""
    return plain(value, price_decimals(value))


def trend(read: Readings) -> SummarySection:
    """Compare the close with its averages of 50 and 200 bars; ADX says how strong it is."""
    close = read.bar("close", "Close", "close")
    short = read.indicator("sma_50", "SMA (50)", "sma", unit="price", period=50)
    long = read.indicator("sma_200", "SMA (200)", "sma", unit="price", period=200)
    strength = read.indicator("adx_14", "ADX (14)", "adx", unit="index", period=14)
    if close is None or short is None:
        return _section("trend", "unknown", "There are fewer than 50 bars: no average of them to compare with.", read)
    if long is None:
        verdict = "up" if close > short else "down" if close < short else "sideways"
        said = f"The close of {price(close)} is {_side(close, short)} its average of 50 bars, {price(short)}."
    else:
        verdict = "up" if close > short > long else "down" if close < short < long else "mixed"
        said = (
            f"The close of {price(close)} is {_side(close, short)} its average of 50 bars ({price(short)}) and "
            f"{_side(close, long)} that of 200 ({price(long)})."
        )
    if strength is not None:
        word = "no clear trend" if strength < 20 else "a trend that forms" if strength < 25 else "a strong trend"
        said += f" ADX of {strength:.1f} stands for {word}."
    return _section("trend", verdict, said, read)


def momentum(read: Readings) -> SummarySection:
    """Read RSI, the histogram of MACD, and the change over ten bars."""
    rsi = read.indicator("rsi_14", "RSI (14)", "rsi", unit="index", period=14)
    histogram = read.indicator("macd_histogram", "MACD histogram", "macd", "histogram", unit="price")
    change = read.indicator("roc_10", "Change over 10 bars", "roc", unit="percent", period=10)
    if rsi is None or change is None:
        return _section("momentum", "unknown", "There are too few bars for RSI (14).", read)
    zone = "above 70, overbought" if rsi >= 70 else "below 30, oversold" if rsi <= 30 else "between 30 and 70"
    said = f"RSI of {rsi:.1f} is {zone}. The close moved {change:+.2f}% over 10 bars."
    verdict = "rising" if change > 0 else "falling" if change < 0 else "flat"
    if histogram is not None:
        if (histogram > 0) is not (change > 0):
            verdict = "mixed"
        said += f" MACD is {'above' if histogram > 0 else 'below' if histogram < 0 else 'at'} its signal line."
    return _section("momentum", verdict, said.replace("-", "−"), read)


def volatility(read: Readings) -> SummarySection:
    """Compare the average true range, as a part of the close, with what it was over the last 252 bars."""
    atr = read.indicator("atr_14", "ATR (14)", "atr", unit="price", period=14)
    part = None if atr is None or not read.close else 100 * atr / read.close
    read.derived("atr_percent", "ATR in percent of the close", part, "100 * atr_14 / close", unit="percent")
    rank = None
    if part is not None:
        parts = 100 * read.series("atr", period=14) / read.bars.close
        rank = rank_of_last(parts, within=_YEAR)
    rule = "share of the last values of atr_percent below the newest"
    read.derived("atr_rank", "ATR among its last 252", rank, rule, unit="percent", bars=_YEAR)
    if part is None or atr is None:
        return _section("volatility", "unknown", "There are too few bars for ATR (14).", read)
    said = f"A bar's true range is {price(atr)} on average, {part:.2f}% of the close."
    if rank is None:
        return _section("volatility", "unknown", f"{said} There are too few bars to say whether that is much.", read)
    verdict = "high" if rank >= 80 else "low" if rank <= 20 else "usual"
    return _section("volatility", verdict, f"{said} It was lower in {rank:.0f}% of the last {_YEAR} bars.", read)


def volume(read: Readings) -> SummarySection:
    """Compare the newest volume with its average of 20 bars; on-balance volume says which way it went."""
    if not np.any(read.bars.volume > 0):
        return _section("volume", "unknown", "No volume is recorded.", read)
    newest = read.bar("volume", "Volume", "volume", unit="count")
    before = read.bars.volume[-_USUAL - 1 : -1]
    usual = float(np.mean(before)) if len(before) == _USUAL else None
    read.derived("volume_average", "Average of the 20 before", usual, "mean(volume[-21:-1])", unit="count")
    ratio = None if newest is None or not usual else newest / usual
    read.derived("volume_ratio", "Volume to its average", ratio, "volume / volume_average", unit="ratio")
    balance = read.series("obv")
    moved = float(balance[-1] - balance[-_USUAL - 1]) if len(balance) > _USUAL else None
    read.derived("obv_change", "On-balance volume over 20 bars", moved, "obv[-1] - obv[-21]", unit="count")
    if ratio is None or newest is None or usual is None:
        return _section("volume", "unknown", "There are too few bars with a volume.", read)
    verdict = "high" if ratio >= 1.5 else "low" if ratio <= 0.67 else "usual"
    said = f"The volume of {compact(newest)} is {ratio:.2f} times the average of the 20 bars before, {compact(usual)}."
    if moved:
        said += f" On-balance volume {'rose' if moved > 0 else 'fell'} over 20 bars."
    return _section("volume", verdict, said, read)


def levels(read: Readings) -> SummarySection:
    """Find the range of the last 252 bars, and the nearest turning points above and below the close."""
    bars, close = read.bars.tail(_YEAR), read.close
    offset = len(read.bars) - len(bars)
    top, bottom = int(np.argmax(bars.high)) + offset, int(np.argmin(bars.low)) + offset
    high = read.bar("range_high", f"Highest of {len(bars)} bars", "high", place=top)
    low = read.bar("range_low", f"Lowest of {len(bars)} bars", "low", place=bottom)
    above, below = _turns(bars.high, close, upper=True), _turns(bars.low, close, upper=False)
    if above is not None:
        read.bar("resistance", "Nearest turning point above", "high", place=above + offset)
    if below is not None:
        read.bar("support", "Nearest turning point below", "low", place=below + offset)
    if high is None or low is None:
        return _section("levels", "unknown", "There are no prices.", read)
    place = 50.0 if high == low else 100 * (close - low) / (high - low)
    read.derived(
        "range_place",
        "Place in the range",
        place,
        "100 * (close - range_low) / (range_high - range_low)",
        unit="percent",
    )
    read.derived(
        "from_high", "From the highest", percent(close, high), "100 * (close / range_high - 1)", unit="percent"
    )
    verdict = "near the high" if place >= 90 else "near the low" if place <= 10 else "within the range"
    said = f"The close is at {place:.0f}% of the range of {len(bars)} bars, {price(low)} to {price(high)}."
    known = [(word, spot) for word, spot in (("above", above), ("below", below)) if spot is not None]
    prices = {"above": bars.high, "below": bars.low}
    if known:
        said += f" The nearest turning point {' and '.join(f'{w} is {price(float(prices[w][p]))}' for w, p in known)}."
    return _section("levels", verdict, said, read)


def _turns(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", close: float, *, upper: bool) -> int | None:
    """Return the bar of the nearest turning point beyond the close: higher (lower) than three bars on either side."""
    found: int | None = None
    for place in range(_SWING, len(values) - _SWING):
        value = values[place]
        around = values[place - _SWING : place + _SWING + 1]
        turns = value == (np.max(around) if upper else np.min(around))
        beyond = value > close if upper else value < close
        if turns and beyond and (found is None or (value < values[found] if upper else value > values[found])):
            found = place
    return found


def _side(value: float, other: float) -> str:
    return "above" if value > other else "below" if value < other else "at"


def _section(name: SectionName, verdict: str, sentence: str, read: Readings) -> SummarySection:
    return SummarySection(name=name, verdict=verdict, sentence=sentence, figures=read.taken())


SECTIONS: tuple[Callable[[Readings], SummarySection], ...] = (trend, momentum, volatility, volume, levels)

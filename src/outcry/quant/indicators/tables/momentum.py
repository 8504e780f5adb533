"""How fast prices move: averages apart, and changes."""

from functools import partial

from outcry.quant.indicators.declaring import HLC, average, average_warm_up, bars, from_talib, length, period
from outcry.quant.indicators.definition import Whole

_APPEL = "Gerald Appel, late 1970s (The Moving Average Convergence-Divergence Method, 1979)"
_PLAIN = "No single publication."

_close = partial(from_talib, group="momentum", inputs=("close",), series=True)
_macd = partial(_close, outputs=("macd", "signal", "histogram"), priced=True)
_FAST_SLOW = (length("fast", 12), length("slow", 26))


def _slower(whole: Whole) -> int:
    return average_warm_up(whole["ma_type"], whole["slow"])


def _macdext_warm_up(whole: Whole) -> int:
    lines = (average_warm_up(whole[f"{name}_type"], whole[name]) for name in ("fast", "slow"))
    return max(lines) + average_warm_up(whole["signal_type"], whole["signal"])


_AVERAGES_APART = (
    _macd(
        "macd",
        "Moving average convergence divergence",
        "A fast average less a slow one, with the average of that difference as its signal.",
        f"{_APPEL}; histogram by Thomas Aspray, 1986.",
        parameters=(length("fast", 12), length("slow", 26, least=3), length("signal", 9, least=1)),
        warm_up=lambda whole: whole["slow"] - 1 + whole["signal"] - 1,
        order=("fast", "slow"),
    ),
    _macd(
        "macdext",
        "MACD of any averages",
        "The MACD with a kind of average for each of its three lines.",
        f"{_APPEL}.",
        parameters=(
            length("fast", 12),
            average("fast_type"),
            length("slow", 26),
            average("slow_type"),
            length("signal", 9, least=1),
            average("signal_type"),
        ),
        warm_up=_macdext_warm_up,
        order=("fast", "slow"),
    ),
    _macd(
        "macdfix",
        "MACD with fixed constants",
        "The MACD of 12 and 26 bars with the smoothing constants of its first publication, 0.15 and 0.075.",
        f"{_APPEL}.",
        parameters=(length("signal", 9, least=1),),
        warm_up=lambda whole: 25 + whole["signal"] - 1,
    ),
    _close(
        "apo",
        "Absolute price oscillator",
        "A fast average less a slow one.",
        f"{_APPEL}.",
        parameters=(*_FAST_SLOW, average("ma_type", 1)),
        warm_up=_slower,
        order=("fast", "slow"),
        priced=True,
    ),
    _close(
        "ppo",
        "Percentage price oscillator",
        "A fast average less a slow one, in percent of the slow one.",
        f"{_APPEL}.",
        parameters=(*_FAST_SLOW, average("ma_type", 1)),
        warm_up=_slower,
        order=("fast", "slow"),
    ),
    from_talib(
        "ao",
        "Awesome oscillator",
        "A fast simple average of the bars' middles less a slow one.",
        "Bill Williams, New Trading Dimensions, 1998.",
        "momentum",
        ("high", "low"),
        (length("fast", 5), length("slow", 34)),
        bars("slow", less=1),
        order=("fast", "slow"),
        priced=True,
    ),
    from_talib(
        "ac",
        "Accelerator oscillator",
        "The awesome oscillator less its own average.",
        "Bill Williams, New Trading Dimensions, 1998.",
        "momentum",
        ("high", "low"),
        (length("fast", 5), length("slow", 34), length("signal", 5)),
        lambda whole: whole["slow"] - 1 + whole["signal"] - 1,
        order=("fast", "slow"),
        priced=True,
    ),
    _close(
        "coppock",
        "Coppock curve",
        "A weighted average of two rates of change; a turn upwards from below 0 is its signal, on monthly bars.",
        "Edwin S. C. Coppock, Barron's, October 1962.",
        parameters=(length("period", 10), length("short", 11), length("long", 14)),
        warm_up=lambda whole: max(whole["short"], whole["long"]) + whole["period"] - 1,
    ),
    _close(
        "dpo",
        "Detrended price oscillator",
        "The close half a period ago less the average around it.",
        "Described in Steven B. Achelis, Technical Analysis from A to Z, 1995.",
        parameters=period(20),
        warm_up=bars(less=1),
        priced=True,
    ),
    _close(
        "trix",
        "TRIX",
        "The rate of change, in percent, of a close that was averaged exponentially three times.",
        "Jack K. Hutson, Technical Analysis of Stocks & Commodities, July 1983.",
        parameters=period(30),
        warm_up=lambda whole: 3 * (whole["period"] - 1) + 1,
    ),
    _close(
        "tsi",
        "True strength index",
        "The change of the close averaged twice, over its size averaged twice, from -100 to 100.",
        "William Blau, Technical Analysis of Stocks & Commodities, November 1991.",
        parameters=(length("first", 25), length("second", 13)),
        warm_up=lambda whole: whole["first"] + whole["second"] - 1,
    ),
    from_talib(
        "eri",
        "Elder ray",
        "How far the high and the low lie from an exponential average of the closes.",
        "Alexander Elder, Trading for a Living, 1993.",
        group="momentum",
        inputs=HLC,
        parameters=period(13),
        warm_up=bars(less=1),
        outputs=("bull", "bear"),
        priced=True,
    ),
)

_CHANGES = (
    _close(
        "mom",
        "Momentum",
        "The close less the close of some bars before.",
        _PLAIN,
        parameters=period(10, least=1),
        warm_up=bars(),
        priced=True,
    ),
    _close(
        "roc",
        "Rate of change",
        "The change of the close in percent.",
        _PLAIN,
        parameters=period(10, least=1),
        warm_up=bars(),
    ),
    _close(
        "rocp",
        "Rate of change, relative",
        "The change of the close over the close of some bars before: 0.02 for 2 percent.",
        _PLAIN,
        parameters=period(10, least=1),
        warm_up=bars(),
    ),
    _close(
        "rocr",
        "Rate of change, ratio",
        "The close over the close of some bars before: 1.02 for 2 percent more.",
        _PLAIN,
        parameters=period(10, least=1),
        warm_up=bars(),
    ),
    _close(
        "rocr100",
        "Rate of change, ratio times 100",
        "The close in percent of the close of some bars before.",
        _PLAIN,
        parameters=period(10, least=1),
        warm_up=bars(),
    ),
    _close(
        "er",
        "Kaufman's efficiency ratio",
        "How straight the price went: the way made over the way gone, from 0 to 1.",
        "Perry J. Kaufman, Smarter Trading, 1995.",
        parameters=period(10),
        warm_up=bars(),
    ),
    _close(
        "fosc",
        "Forecast oscillator",
        "How far the close lies from the value that a line through the bars before foretold, in percent.",
        "Tushar S. Chande and Stanley Kroll, The New Technical Trader, 1994.",
        parameters=period(5),
        warm_up=bars(),
    ),
)

MOMENTUM = (*_AVERAGES_APART, *_CHANGES)

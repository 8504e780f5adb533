"""Averages and bands that lie on the prices."""

from functools import partial

from outcry.quant.indicators.declaring import (
    HLC,
    average,
    average_warm_up,
    bars,
    fixed,
    from_talib,
    length,
    period,
    share,
    talib_call,
)
from outcry.quant.indicators.definition import Columns, Settings, Whole

_WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978"
_EHLERS = "John F. Ehlers, Rocket Science for Traders, 2001"
_PLAIN = "No single publication."

_average = partial(from_talib, group="overlap", inputs=("close",), series=True, overlay=True, priced=True)
_band = partial(
    from_talib, group="overlap", inputs=HLC, overlay=True, priced=True, outputs=("upper", "middle", "lower")
)
_stop = partial(from_talib, group="overlap", inputs=("high", "low"), overlay=True, priced=True)


def _bbands(columns: Columns, whole: Whole, settings: Settings) -> Columns:
    width = settings["deviations"]
    return talib_call("BBANDS", columns, (whole["period"], width, width))


def _donchian(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """The two extremes by themselves: three times as fast as TA-Lib's function of all three."""
    high, low = columns
    (upper,), (lower,) = (talib_call(name, (one,), (whole["period"],)) for name, one in (("MAX", high), ("MIN", low)))
    return upper, (upper + lower) / 2.0, lower


def _keltner_warm_up(whole: Whole) -> int:
    return max(whole["period"] - 1, whole["atr_period"])


def _hull_warm_up(whole: Whole) -> int:
    return whole["period"] - 1 + int(whole["period"] ** 0.5) - 1


def _zero_lag_warm_up(whole: Whole) -> int:
    return whole["period"] - 1 + (whole["period"] - 1) // 2


OVERLAP = (
    _average(
        "sma",
        "Simple moving average",
        "The plain mean of the last closes.",
        "Arithmetic mean of the closes; no single publication.",
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _average(
        "ema",
        "Exponential moving average",
        "A mean of the closes in which newer ones weigh more.",
        "Smoothing constant 2 / (period + 1), seeded with the simple mean of the first period (P. N. Haurlan, "
        "Measuring Trend Values, 1968).",
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _average(
        "wma",
        "Weighted moving average",
        "A mean of the last closes with weights that fall in a straight line.",
        "Weights period, period - 1, ..., 1 over their sum; no single publication.",
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _average(
        "dema",
        "Double exponential moving average",
        "Twice an exponential average less the average of that average, which takes out most of the lag.",
        "Patrick G. Mulloy, Technical Analysis of Stocks & Commodities, January 1994.",
        parameters=period(30),
        warm_up=bars(less=1, times=2),
    ),
    _average(
        "tema",
        "Triple exponential moving average",
        "Three exponential averages, one of the other, put together so that their lags cancel.",
        "Patrick G. Mulloy, Technical Analysis of Stocks & Commodities, February 1994.",
        parameters=period(30),
        warm_up=bars(less=1, times=3),
    ),
    _average(
        "trima",
        "Triangular moving average",
        "A mean in which the middle of the period weighs most.",
        "A simple mean of simple means; no single publication.",
        parameters=period(30),
        warm_up=bars(less=1),
    ),
    _average(
        "kama",
        "Kaufman adaptive moving average",
        "An average that is quick where the price goes straight and slow where it goes to and fro.",
        "Perry J. Kaufman, Smarter Trading, 1995: fastest constant 2 / 3, slowest 2 / 31.",
        parameters=period(30),
        warm_up=bars(),
    ),
    _average(
        "mama",
        "MESA adaptive moving average",
        "An average that adapts to the rate at which the phase of the price's cycle changes, and one that follows it.",
        "John F. Ehlers, Technical Analysis of Stocks & Commodities, September 2001.",
        parameters=(share("fast_limit", 0.5, 0.01, 0.99), share("slow_limit", 0.05, 0.01, 0.99)),
        warm_up=fixed(32),
        outputs=("mama", "fama"),
    ),
    _average(
        "t3",
        "T3 moving average",
        "Six exponential averages, one of the other, weighted so that the line is smooth and hardly lags.",
        "Tim Tillson, Technical Analysis of Stocks & Commodities, January 1998.",
        parameters=(length("period", 5), share("volume_factor", 0.7, 0, 1)),
        warm_up=bars(less=1, times=6),
    ),
    _average(
        "hma",
        "Hull moving average",
        "A weighted average of twice a short weighted average less a long one.",
        "Alan Hull, 2005.",
        parameters=period(20),
        warm_up=_hull_warm_up,
    ),
    _average(
        "zlema",
        "Zero-lag exponential moving average",
        "An exponential average of the price plus what it has moved within the average's lag.",
        "John F. Ehlers and Ric Way, Technical Analysis of Stocks & Commodities, November 2010.",
        parameters=period(30),
        warm_up=_zero_lag_warm_up,
    ),
    _average(
        "rma",
        "Wilder's moving average",
        "An exponential average with the smoothing constant 1 / period, seeded with the simple mean.",
        f"{_WILDER}.",
        parameters=period(30),
        warm_up=bars(less=1),
    ),
    _average(
        "vwma",
        "Volume weighted moving average",
        "A mean of the last closes, each weighted by its volume; undefined where nothing was traded.",
        "Buff Dormeier, Technical Analysis of Stocks & Commodities, February 2001.",
        inputs=("close", "volume"),
        series=False,
        parameters=period(30),
        warm_up=bars(less=1),
        sparse=True,
    ),
    _average(
        "ma",
        "Moving average of any kind",
        "One of nine kinds of moving average.",
        "As of the kind that is chosen.",
        parameters=(length("period", 30), average("ma_type")),
        warm_up=lambda whole: average_warm_up(whole["ma_type"], whole["period"]),
    ),
    _average(
        "midpoint",
        "Midpoint",
        "Half way between the highest and the lowest close of the period.",
        _PLAIN,
        parameters=period(14),
        warm_up=bars(less=1),
    ),
    _stop(
        "midprice",
        "Midprice",
        "Half way between the highest high and the lowest low of the period.",
        _PLAIN,
        parameters=period(14),
        warm_up=bars(less=1),
    ),
    _average(
        "bbands",
        "Bollinger bands",
        "A simple average with a band of some standard deviations around it.",
        "John Bollinger, Bollinger on Bollinger Bands, 2001: population standard deviation.",
        parameters=(length("period", 20), share("deviations", 2, 0.1, 10)),
        warm_up=bars(less=1),
        outputs=("upper", "middle", "lower"),
        calculate=_bbands,
    ),
    _band(
        "accbands",
        "Acceleration bands",
        "Averages of the high, the close and the low, pushed apart where bars are long for their price.",
        "Price Headley, Big Trends in Trading, 2002.",
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _band(
        "donchian",
        "Donchian channel",
        "The highest high and the lowest low of the period, this bar's included, and the middle between them.",
        "Richard D. Donchian's four-week rule, 1960s.",
        inputs=("high", "low"),
        parameters=period(20),
        warm_up=bars(less=1),
        calculate=_donchian,
    ),
    _band(
        "keltner",
        "Keltner channel",
        "An exponential average of the typical price with a band of some average true ranges around it.",
        "Chester W. Keltner, How to Make Money in Commodities, 1960, in the form of Linda Bradford Raschke, 1980s.",
        parameters=(length("period", 20), length("atr_period", 10), share("multiplier", 2, 0.1, 10)),
        warm_up=_keltner_warm_up,
        function="KC",
    ),
    _stop(
        "sar",
        "Parabolic stop and reverse",
        "A stop that follows the price ever faster and changes sides when it is touched.",
        f"{_WILDER}.",
        parameters=(share("acceleration", 0.02, 0, 1), share("maximum", 0.2, 0, 1)),
        warm_up=fixed(1),
    ),
    _stop(
        "sarext",
        "Parabolic stop and reverse, extended",
        "The parabolic stop with settings of its own for each side; negative while the position is short.",
        f"{_WILDER}; the settings for each side are TA-Lib's.",
        parameters=(
            share("start", 0, -1e9, 1e9),
            share("offset_on_reverse", 0, 0, 1),
            share("initial_long", 0.02, 0, 1),
            share("acceleration_long", 0.02, 0, 1),
            share("maximum_long", 0.2, 0, 1),
            share("initial_short", 0.02, 0, 1),
            share("acceleration_short", 0.02, 0, 1),
            share("maximum_short", 0.2, 0, 1),
        ),
        warm_up=fixed(1),
    ),
    _average(
        "ht_trendline",
        "Hilbert transform: instantaneous trendline",
        "The price without its dominant cycle.",
        f"{_EHLERS}.",
        parameters=(),
        warm_up=fixed(63),
    ),
)

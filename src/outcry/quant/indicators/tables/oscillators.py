"""Momentum on a scale with ends: overbought at one, oversold at the other."""

from functools import partial

from outcry.quant.indicators.declaring import (
    HLC,
    OHLC,
    average,
    average_warm_up,
    bars,
    from_talib,
    length,
    no_bars,
    period,
    talib_call,
)
from outcry.quant.indicators.definition import Columns, Settings, Whole

_CHANDE = "Tushar S. Chande and Stanley Kroll, The New Technical Trader, 1994."
_LANE = "George C. Lane, Lane's Stochastics, Technical Analysis of Stocks & Commodities, 1984"
_WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978"

_close = partial(from_talib, group="momentum", inputs=("close",), series=True)
_range = partial(from_talib, group="momentum", inputs=HLC)


def _stoch(columns: Columns, whole: Whole, _: Settings) -> Columns:
    return talib_call("STOCH", columns, (whole["period"], whole["smoothing"], 0, whole["signal"], 0))


def _kdj(columns: Columns, whole: Whole, _: Settings) -> Columns:
    wilder = 13
    return talib_call("KDJ", columns, (whole["period"], whole["smoothing"], wilder, whole["signal"], wilder))


def _stoch_warm_up(whole: Whole) -> int:
    return whole["period"] + whole["smoothing"] + whole["signal"] - 3


def _fast_stoch_warm_up(whole: Whole) -> int:
    return whole["period"] - 1 + average_warm_up(whole["signal_type"], whole["signal"])


OSCILLATORS = (
    _close(
        "rsi",
        "Relative strength index",
        "How much of the recent movement went up, from 0 to 100; above 70 is called overbought, below 30 oversold.",
        f"{_WILDER}: averages smoothed by 1 / period.",
        parameters=period(14),
        warm_up=bars(),
    ),
    _close(
        "cmo",
        "Chande momentum oscillator, smoothed",
        "Gains less losses over their sum, from -100 to 100, smoothed as Wilder does.",
        _CHANDE,
        parameters=period(14),
        warm_up=bars(),
    ),
    _close(
        "cmou",
        "Chande momentum oscillator",
        "Gains less losses of the period over their sum, from -100 to 100.",
        _CHANDE,
        parameters=period(14),
        warm_up=bars(),
    ),
    _range(
        "stoch",
        "Stochastic oscillator",
        "Where the close lies in the range of the last bars, from 0 to 100.",
        f"{_LANE}: the slow form, both lines smoothed by simple means.",
        parameters=(length("period", 14, least=1), length("smoothing", 3, least=1), length("signal", 3, least=1)),
        warm_up=_stoch_warm_up,
        outputs=("k", "d"),
        calculate=_stoch,
    ),
    _range(
        "stochf",
        "Stochastic oscillator, fast",
        "Where the close lies in the range of the last bars, from 0 to 100, and its average.",
        f"{_LANE}: the fast form.",
        parameters=(length("period", 5, least=1), length("signal", 3, least=1), average("signal_type")),
        warm_up=_fast_stoch_warm_up,
        outputs=("k", "d"),
    ),
    _close(
        "stochrsi",
        "Stochastic RSI",
        "Where the relative strength index lies in its own range, from 0 to 100, and its average.",
        _CHANDE,
        parameters=(
            length("rsi_period", 14),
            length("period", 5, least=1),
            length("signal", 3, least=1),
            average("signal_type"),
        ),
        warm_up=lambda whole: whole["rsi_period"] + _fast_stoch_warm_up(whole),
        outputs=("k", "d"),
    ),
    _range(
        "kdj",
        "KDJ",
        "The stochastic oscillator smoothed as Wilder does, and J = 3 K - 2 D, which runs ahead of both.",
        f"{_LANE}; the line J has no single publication.",
        parameters=(length("period", 9, least=1), length("smoothing", 3, least=1), length("signal", 3, least=1)),
        warm_up=_stoch_warm_up,
        outputs=("k", "d", "j"),
        calculate=_kdj,
    ),
    _range(
        "smi",
        "Stochastic momentum index",
        "How far the close lies from the middle of its range, averaged twice, from -100 to 100.",
        "William Blau, Technical Analysis of Stocks & Commodities, January 1993.",
        parameters=(length("period", 13), length("fast", 2), length("slow", 25), length("signal", 9)),
        warm_up=lambda whole: sum(whole.values()) - 4,
        outputs=("smi", "signal"),
    ),
    _range(
        "willr",
        "Williams %R",
        "How far the close lies below the highest high of the period, from -100 to 0.",
        "Larry Williams, How I Made One Million Dollars Last Year Trading Commodities, 1973.",
        parameters=period(14),
        warm_up=bars(less=1),
    ),
    _range(
        "cci",
        "Commodity channel index",
        "How far the price lies from its average, in mean deviations; beyond 100 either way is unusual.",
        "Donald R. Lambert, Commodities magazine, October 1980: constant 0.015.",
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _range(
        "ultosc",
        "Ultimate oscillator",
        "Buying pressure over three periods in one line, from 0 to 100.",
        "Larry Williams, Technical Analysis of Stocks & Commodities, April 1985.",
        parameters=(length("short", 7), length("medium", 14), length("long", 28)),
        warm_up=lambda whole: max(whole.values()),
    ),
    from_talib(
        "imi",
        "Intraday momentum index",
        "The relative strength index of the bars' bodies: how much of the way from open to close went up.",
        _CHANDE,
        "momentum",
        ("open", "close"),
        period(14),
        bars(less=1),
    ),
    from_talib(
        "qstick",
        "Qstick",
        "The mean body of the last bars: close less open.",
        _CHANDE,
        "momentum",
        ("open", "close"),
        period(10),
        bars(less=1),
        priced=True,
    ),
    from_talib(
        "bop",
        "Balance of power",
        "The bar's body over its length, from -1 to 1.",
        "Igor Livshin, Technical Analysis of Stocks & Commodities, August 2001.",
        "momentum",
        OHLC,
        (),
        no_bars,
    ),
)

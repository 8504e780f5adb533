"""The indicators that can be computed, each with the publication of its formula, on TA-Lib (BSD licence)."""

from collections.abc import Mapping

import talib

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.definition import Indicator, Parameter, Settings

_Whole = Mapping[str, int]


def _period(default: int, least: int = 2) -> tuple[Parameter, ...]:
    return (Parameter(name="period", default=default, least=least, most=1000),)


def _sma(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.SMA(bars.close, whole["period"]),)


def _ema(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.EMA(bars.close, whole["period"]),)


def _wma(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.WMA(bars.close, whole["period"]),)


def _rsi(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.RSI(bars.close, whole["period"]),)


def _macd(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    line, signal, histogram = talib.MACD(bars.close, whole["fast"], whole["slow"], whole["signal"])
    return line, signal, histogram


def _bbands(bars: Bars, whole: _Whole, settings: Settings) -> tuple[Floats, ...]:
    width = settings["deviations"]
    upper, middle, lower = talib.BBANDS(bars.close, whole["period"], width, width)
    return upper, middle, lower


def _atr(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.ATR(bars.high, bars.low, bars.close, whole["period"]),)


def _stoch(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    k, d = talib.STOCH(
        bars.high,
        bars.low,
        bars.close,
        fastk_period=whole["period"],
        slowk_period=whole["smoothing"],
        slowd_period=whole["signal"],
    )
    return k, d


def _adx(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.ADX(bars.high, bars.low, bars.close, whole["period"]),)


def _obv(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.OBV(bars.close, bars.volume),)


def _cci(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.CCI(bars.high, bars.low, bars.close, whole["period"]),)


def _mfi(bars: Bars, whole: _Whole, _: Settings) -> tuple[Floats, ...]:
    return (talib.MFI(bars.high, bars.low, bars.close, bars.volume, whole["period"]),)


_ALL = (
    Indicator(
        name="sma",
        title="Simple moving average",
        summary="The plain mean of the last closes.",
        source="Arithmetic mean of the closes; no single publication.",
        parameters=_period(20),
        outputs=("sma",),
        warm_up=lambda whole: whole["period"] - 1,
        calculate=_sma,
        overlay=True,
        priced=True,
    ),
    Indicator(
        name="ema",
        title="Exponential moving average",
        summary="A mean of the closes in which newer ones weigh more.",
        source="Smoothing constant 2 / (period + 1), seeded with the simple mean of the first period (P. N. Haurlan, "
        "Measuring Trend Values, 1968).",
        parameters=_period(20),
        outputs=("ema",),
        warm_up=lambda whole: whole["period"] - 1,
        calculate=_ema,
        overlay=True,
        priced=True,
    ),
    Indicator(
        name="wma",
        title="Weighted moving average",
        summary="A mean of the last closes with weights that fall in a straight line.",
        source="Weights period, period - 1, ..., 1 over their sum; no single publication.",
        parameters=_period(20),
        outputs=("wma",),
        warm_up=lambda whole: whole["period"] - 1,
        calculate=_wma,
        overlay=True,
        priced=True,
    ),
    Indicator(
        name="rsi",
        title="Relative strength index",
        summary="How much of the recent movement went up, from 0 to 100; above 70 is called overbought, below 30 "
        "oversold.",
        source="J. Welles Wilder, New Concepts in Technical Trading Systems, 1978: averages smoothed by 1 / period.",
        parameters=_period(14),
        outputs=("rsi",),
        warm_up=lambda whole: whole["period"],
        calculate=_rsi,
    ),
    Indicator(
        name="macd",
        title="Moving average convergence divergence",
        summary="A fast average less a slow one, with the average of that difference as its signal.",
        source="Gerald Appel, late 1970s (The Moving Average Convergence-Divergence Method, 1979); histogram by "
        "Thomas Aspray, 1986.",
        parameters=(
            Parameter(name="fast", default=12, least=2, most=1000),
            Parameter(name="slow", default=26, least=3, most=1000),
            Parameter(name="signal", default=9, least=1, most=1000),
        ),
        outputs=("macd", "signal", "histogram"),
        warm_up=lambda whole: whole["slow"] - 1 + whole["signal"] - 1,
        calculate=_macd,
        priced=True,
        order=("fast", "slow"),
    ),
    Indicator(
        name="bbands",
        title="Bollinger bands",
        summary="A simple average with a band of some standard deviations around it.",
        source="John Bollinger, Bollinger on Bollinger Bands, 2001: population standard deviation.",
        parameters=(
            Parameter(name="period", default=20, least=2, most=1000),
            Parameter(name="deviations", default=2, least=0.1, most=10, whole=False),
        ),
        outputs=("upper", "middle", "lower"),
        warm_up=lambda whole: whole["period"] - 1,
        calculate=_bbands,
        overlay=True,
        priced=True,
    ),
    Indicator(
        name="atr",
        title="Average true range",
        summary="How far the price moves in a bar, gaps included.",
        source="J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.",
        parameters=_period(14),
        outputs=("atr",),
        warm_up=lambda whole: whole["period"],
        calculate=_atr,
        priced=True,
    ),
    Indicator(
        name="stoch",
        title="Stochastic oscillator",
        summary="Where the close lies in the range of the last bars, from 0 to 100.",
        source="George C. Lane, Lane's Stochastics, Technical Analysis of Stocks & Commodities, 1984: the slow form, "
        "both lines smoothed by simple means.",
        parameters=(
            Parameter(name="period", default=14, least=1, most=1000),
            Parameter(name="smoothing", default=3, least=1, most=1000),
            Parameter(name="signal", default=3, least=1, most=1000),
        ),
        outputs=("k", "d"),
        warm_up=lambda whole: whole["period"] + whole["smoothing"] + whole["signal"] - 3,
        calculate=_stoch,
    ),
    Indicator(
        name="adx",
        title="Average directional index",
        summary="How strong a trend is, up or down alike, from 0 to 100; above 25 is called a trend.",
        source="J. Welles Wilder, New Concepts in Technical Trading Systems, 1978.",
        parameters=_period(14),
        outputs=("adx",),
        warm_up=lambda whole: 2 * whole["period"] - 1,
        calculate=_adx,
    ),
    Indicator(
        name="obv",
        title="On-balance volume",
        summary="Volume added on days that rise and taken away on days that fall.",
        source="Joseph E. Granville, New Key to Stock Market Profits, 1963; starts at the first bar's volume.",
        parameters=(),
        outputs=("obv",),
        warm_up=lambda whole: 0,
        calculate=_obv,
    ),
    Indicator(
        name="cci",
        title="Commodity channel index",
        summary="How far the price lies from its average, in mean deviations; beyond 100 either way is unusual.",
        source="Donald R. Lambert, Commodities magazine, October 1980: constant 0.015.",
        parameters=_period(20),
        outputs=("cci",),
        warm_up=lambda whole: whole["period"] - 1,
        calculate=_cci,
    ),
    Indicator(
        name="mfi",
        title="Money flow index",
        summary="The relative strength index weighted by volume, from 0 to 100.",
        source="Gene Quong and Avrum Soudack, Technical Analysis of Stocks & Commodities, March 1989.",
        parameters=_period(14),
        outputs=("mfi",),
        warm_up=lambda whole: whole["period"],
        calculate=_mfi,
    ),
)

CATALOGUE: Mapping[str, Indicator] = {indicator.name: indicator for indicator in _ALL}

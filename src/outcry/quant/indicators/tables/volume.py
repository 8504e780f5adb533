"""What was traded, and on which side."""

from functools import partial

from outcry.quant.indicators.declaring import (
    HLCV,
    average,
    average_warm_up,
    bars,
    from_talib,
    length,
    no_bars,
    period,
)
from outcry.quant.indicators.definition import Indicator, Parameter
from outcry.quant.indicators.sessions import SESSION
from outcry.quant.indicators.vwap import anchored_vwap, session_vwap

_CHAIKIN = "Marc Chaikin; in Steven B. Achelis, Technical Analysis from A to Z, 1995."
_FOSBACK = "Paul L. Dysart, 1930s; Norman G. Fosback, Stock Market Logic, 1976: it starts at 1,000."

_range = partial(from_talib, group="volume", inputs=HLCV)
_close = partial(from_talib, group="volume", inputs=("close", "volume"), parameters=(), warm_up=no_bars)
_volume = partial(from_talib, group="volume", inputs=("volume",))

VOLUME = (
    _close(
        "obv",
        "On-balance volume",
        "Volume added on bars that rise and taken away on bars that fall.",
        "Joseph E. Granville, New Key to Stock Market Profits, 1963; starts at the first bar's volume.",
    ),
    _range(
        "mfi",
        "Money flow index",
        "The relative strength index weighted by volume, from 0 to 100.",
        "Gene Quong and Avrum Soudack, Technical Analysis of Stocks & Commodities, March 1989.",
        parameters=period(14),
        warm_up=bars(),
    ),
    _range(
        "ad",
        "Accumulation and distribution line",
        "Volume added up, each bar's by where its close lies between its low and its high.",
        _CHAIKIN,
        parameters=(),
        warm_up=no_bars,
    ),
    _range(
        "adosc",
        "Chaikin oscillator",
        "A fast average of the accumulation and distribution line less a slow one.",
        _CHAIKIN,
        parameters=(length("fast", 3), length("slow", 10)),
        warm_up=bars("slow", less=1),
        order=("fast", "slow"),
    ),
    _range(
        "cmf",
        "Chaikin money flow",
        "The part of the period's volume that was accumulated, from -1 to 1.",
        _CHAIKIN,
        parameters=period(20),
        warm_up=bars(less=1),
    ),
    _close(
        "efi",
        "Elder's force index",
        "An average of the change of the close times the volume.",
        "Alexander Elder, Trading for a Living, 1993.",
        parameters=period(13),
        warm_up=bars(),
        priced=True,
    ),
    from_talib(
        "marketfi",
        "Market facilitation index",
        "How far the price moved for each unit traded.",
        "Bill Williams, Trading Chaos, 1995.",
        group="volume",
        inputs=("high", "low", "volume"),
        parameters=(),
        warm_up=no_bars,
        priced=True,
    ),
    _close(
        "nvi",
        "Negative volume index",
        "The price's changes on bars with less volume than the one before, compounded.",
        _FOSBACK,
    ),
    _close(
        "pvi",
        "Positive volume index",
        "The price's changes on bars with more volume than the one before, compounded.",
        _FOSBACK,
    ),
    _close(
        "pvt",
        "Price volume trend",
        "Volume times the relative change of the close, added up.",
        "Described in Steven B. Achelis, Technical Analysis from A to Z, 1995.",
    ),
    _volume(
        "pvo",
        "Percentage volume oscillator",
        "A fast average of the volume less a slow one, in percent of the slow one.",
        "The percentage price oscillator of Gerald Appel over volume; no single publication.",
        parameters=(length("fast", 12), length("slow", 26), average("ma_type", 1)),
        warm_up=lambda whole: average_warm_up(whole["ma_type"], whole["slow"]),
        order=("fast", "slow"),
    ),
    _volume(
        "rvol",
        "Relative volume",
        "The volume over the mean of the bars before it; undefined where nothing was traded in them.",
        "No single publication.",
        parameters=period(20),
        warm_up=bars(),
        sparse=True,
    ),
    Indicator(
        name="vwap",
        title="Volume weighted average price",
        summary="The mean price of the session so far, each bar's by its volume; undefined before any volume.",
        source="Stephen A. Berkowitz, Dennis E. Logue and Eugene A. Noser, Journal of Finance, March 1988.",
        group="volume",
        inputs=("time", *HLCV),
        parameters=SESSION,
        outputs=("vwap",),
        warm_up=no_bars,
        calculate=session_vwap,
        overlay=True,
        priced=True,
        sparse=True,
    ),
    Indicator(
        name="anchored_vwap",
        title="Anchored volume weighted average price",
        summary="The mean price since a day, written 20250131, and a minute of it in UTC, each bar's by its volume.",
        source="Paul Levine, Midas, 1995; Brian Shannon, Technical Analysis Using Multiple Timeframes, 2008.",
        group="volume",
        inputs=("time", *HLCV),
        parameters=(
            Parameter(name="anchor", default=19700101, least=10101, most=99991231),
            Parameter(name="minute", default=0, least=0, most=1439),
        ),
        outputs=("vwap",),
        warm_up=no_bars,
        calculate=anchored_vwap,
        overlay=True,
        priced=True,
        sparse=True,
    ),
)

"""Whether there is a trend, how strong it is, and which way it goes."""

from functools import partial

from outcry.quant.indicators import ichimoku
from outcry.quant.indicators.declaring import HLC, bars, from_talib, length, no_bars, period, share
from outcry.quant.indicators.definition import Indicator

_WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978."
_CHANDE = "Tushar S. Chande, Technical Analysis of Stocks & Commodities, September 1995."

_range = partial(from_talib, group="trend", inputs=HLC, parameters=period(14), warm_up=bars())
_highs = partial(from_talib, group="trend", inputs=("high", "low"), parameters=period(14))

TREND = (
    _range(
        "adx",
        "Average directional index",
        "How strong a trend is, up or down alike, from 0 to 100; above 25 is called a trend.",
        _WILDER,
        warm_up=lambda whole: 2 * whole["period"] - 1,
    ),
    _range(
        "adxr",
        "Average directional index rating",
        "The mean of the average directional index and its value a period before.",
        _WILDER,
        warm_up=lambda whole: 3 * whole["period"] - 2,
    ),
    _range("dx", "Directional index", "The directional index before it is averaged, from 0 to 100.", _WILDER),
    _range(
        "plus_di",
        "Plus directional indicator",
        "The part of the true range that was made by moves upwards, in percent.",
        _WILDER,
    ),
    _range(
        "minus_di",
        "Minus directional indicator",
        "The part of the true range that was made by moves downwards, in percent.",
        _WILDER,
    ),
    _highs(
        "plus_dm",
        "Plus directional movement",
        "How far highs rose beyond the last high, in Wilder's running sum.",
        _WILDER,
        warm_up=bars(less=1),
        priced=True,
    ),
    _highs(
        "minus_dm",
        "Minus directional movement",
        "How far lows fell beyond the last low, in Wilder's running sum.",
        _WILDER,
        warm_up=bars(less=1),
        priced=True,
    ),
    _highs(
        "aroon",
        "Aroon",
        "How lately, from 0 to 100, the period had its lowest low and its highest high.",
        _CHANDE,
        warm_up=bars(),
        outputs=("down", "up"),
    ),
    _highs(
        "aroonosc",
        "Aroon oscillator",
        "Aroon up less Aroon down, from -100 to 100.",
        _CHANDE,
        warm_up=bars(),
    ),
    _range(
        "vortex",
        "Vortex indicator",
        "Moves from the low before to this high, and from the high before to this low, over the true range.",
        "Etienne Botes and Douglas Siepman, Technical Analysis of Stocks & Commodities, January 2010.",
        outputs=("plus", "minus"),
    ),
    from_talib(
        "vhf",
        "Vertical horizontal filter",
        "How far the closes reached over how far they went in all: high in trends, low in ranges.",
        "Adam White, Futures, August 1991.",
        "trend",
        ("close",),
        period(28),
        bars(),
        series=True,
    ),
    _range(
        "supertrend",
        "SuperTrend",
        "A stop some average true ranges from the middle of the bar that only follows the trend; 1 up, -1 down.",
        "Olivier Seban, 2009: average true range by Wilder.",
        parameters=(length("period", 10), share("multiplier", 3, 0.1, 100)),
        outputs=("supertrend", "direction"),
        aside=("direction",),
        overlay=True,
        priced=True,
    ),
    _range(
        "wad",
        "Williams' accumulation and distribution",
        "How far closes lie from the true low on bars that rise, and from the true high on bars that fall, added up.",
        "Larry Williams, The Secret of Selecting Stocks for Immediate and Substantial Gains, 1972.",
        parameters=(),
        warm_up=no_bars,
        priced=True,
    ),
    Indicator(
        name="ichimoku",
        title="Ichimoku",
        summary="Two lines, the cloud in which the bar stands, and the cloud that it throws ahead of itself.",
        source="Goichi Hosoda, 1969.",
        group="trend",
        inputs=("high", "low"),
        parameters=(
            length("conversion", 9),
            length("base", 26),
            length("span", 52),
            length("displacement", 26, least=1),
        ),
        outputs=ichimoku.OUTPUTS,
        aside=("lead_a", "lead_b"),
        warm_up=ichimoku.ichimoku_warm_up,
        calculate=ichimoku.ichimoku,
        overlay=True,
        priced=True,
    ),
)

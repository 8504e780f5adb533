"""How far prices move, whichever way."""

from functools import partial

from outcry.quant.indicators.declaring import HLC, bars, fixed, from_talib, length, period

_WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems, 1978."

_ranges = partial(from_talib, group="volatility", inputs=HLC)
_spreads = partial(from_talib, group="volatility", inputs=("high", "low"))

VOLATILITY = (
    _ranges(
        "atr",
        "Average true range",
        "How far the price moves in a bar, gaps included.",
        _WILDER,
        parameters=period(14),
        warm_up=bars(),
        priced=True,
    ),
    _ranges(
        "natr",
        "Normalised average true range",
        "The average true range in percent of the close.",
        "John Forman, Technical Analysis of Stocks & Commodities, May 2006.",
        parameters=period(14),
        warm_up=bars(),
    ),
    _ranges(
        "trange",
        "True range",
        "The length of the bar, its gap to the last close included.",
        _WILDER,
        parameters=(),
        warm_up=fixed(1),
        priced=True,
    ),
    _spreads(
        "adr",
        "Average day range",
        "The mean length of the last bars, gaps left out.",
        "No single publication.",
        parameters=period(14),
        warm_up=bars(less=1),
        priced=True,
    ),
    _spreads(
        "cvi",
        "Chaikin's volatility",
        "How much, in percent, the averaged length of the bars has changed.",
        "Marc Chaikin; in Steven B. Achelis, Technical Analysis from A to Z, 1995.",
        parameters=(length("period", 10), length("roc_period", 10)),
        warm_up=lambda whole: whole["period"] - 1 + whole["roc_period"],
    ),
    _spreads(
        "massi",
        "Mass index",
        "A sum of ratios of two averages of the bars' lengths; a bulge above 27 that falls under 26.5 warns of a turn.",
        "Donald G. Dorsey, Technical Analysis of Stocks & Commodities, June 1992.",
        parameters=(length("period", 9), length("sum_period", 25)),
        warm_up=lambda whole: 2 * (whole["period"] - 1) + whole["sum_period"] - 1,
    ),
    from_talib(
        "rvi",
        "Relative volatility index",
        "The relative strength index of standard deviations: how much of the volatility goes with rising closes.",
        "Donald G. Dorsey, Technical Analysis of Stocks & Commodities, June 1993.",
        group="volatility",
        inputs=("close",),
        series=True,
        parameters=(length("period", 14), length("deviation_period", 10)),
        warm_up=lambda whole: whole["period"] - 1 + whole["deviation_period"] - 1,
    ),
)

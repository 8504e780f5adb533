"""Prices at which something turned, or may turn again."""

from outcry.quant.indicators import levels, pivots, zigzag
from outcry.quant.indicators.declaring import HLC, OHLC, bars, fixed, from_talib, length, share
from outcry.quant.indicators.definition import Indicator, Parameter
from outcry.quant.indicators.sessions import SESSION

LEVEL = (
    from_talib(
        "fractal",
        "Williams fractal",
        "100 on the bar that confirms a high above its neighbours on both sides, and a low below them.",
        "Bill Williams, Trading Chaos, 1995.",
        "level",
        ("high", "low"),
        (length("left", 2, least=1), length("right", 2, least=1)),
        lambda whole: whole["left"] + whole["right"],
        outputs=("high", "low"),
    ),
    Indicator(
        name="pivot_points",
        title="Pivot points",
        summary="A pivot, resistances and supports from the session before; Fibonacci's have no fourth ones.",
        source="Floor traders' custom; Nick Scott's Camarilla, 1989; Ken Wood's from this session's open, 1990s.",
        group="level",
        inputs=("time", *OHLC),
        parameters=(
            Parameter(name="kind", default=0, least=0, most=len(pivots.KINDS) - 1, choices=pivots.KINDS),
            *SESSION,
        ),
        outputs=pivots.OUTPUTS,
        warm_up=fixed(1),
        calculate=pivots.pivot_points,
        overlay=True,
        priced=True,
        sparse=True,
    ),
    Indicator(
        name="zigzag",
        title="ZigZag",
        summary="Turns larger than some percent, on the bar that confirms them: the price, and how many bars back.",
        source="Arthur A. Merrill, Filtered Waves, 1977.",
        group="level",
        inputs=("high", "low"),
        parameters=(share("deviation", 5, 0.1, 50),),
        outputs=zigzag.OUTPUTS,
        warm_up=fixed(1),
        calculate=zigzag.zigzag,
        aside=("ago", "direction"),
        overlay=True,
        priced=True,
        sparse=True,
    ),
    Indicator(
        name="levels",
        title="Support and resistance",
        summary="The nearest prices under and over the close at which the market turned more than once.",
        source="Robert D. Edwards and John Magee, Technical Analysis of Stock Trends, 1948; the grouping is ours.",
        group="level",
        inputs=HLC,
        parameters=(
            length("strength", 5, least=1),
            share("tolerance", 1, 0.01, 20),
            Parameter(name="touches", default=2, least=1, most=20),
            Parameter(name="memory", default=30, least=2, most=200),
        ),
        outputs=levels.OUTPUTS,
        warm_up=bars("strength", times=2),
        calculate=levels.levels,
        overlay=True,
        priced=True,
        sparse=True,
    ),
)

"""One price for a bar, and bars made of bars."""

from functools import partial

from outcry.quant.indicators.declaring import HLC, OHLC, from_talib, no_bars

_PLAIN = "No single publication."

_price = partial(
    from_talib,
    source=_PLAIN,
    group="price",
    parameters=(),
    warm_up=no_bars,
    overlay=True,
    priced=True,
)

PRICE = (
    _price("avgprice", "Average price", "The mean of open, high, low and close.", inputs=OHLC),
    _price("medprice", "Median price", "Half way between high and low.", inputs=("high", "low")),
    _price("typprice", "Typical price", "The mean of high, low and close.", inputs=HLC),
    _price("wclprice", "Weighted close", "The mean of high, low and twice the close.", inputs=HLC),
    _price(
        "heikin_ashi",
        "Heikin-Ashi",
        "Bars of averages, each opening in the middle of the one before, so that trends keep one colour.",
        source="Dan Valcu, Technical Analysis of Stocks & Commodities, February 2004.",
        inputs=OHLC,
        outputs=("open", "high", "low", "close"),
        function="HA",
    ),
)

"""Streams of one price made of a bar's four."""

from collections.abc import Mapping

from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open


def average_price(opened: float, high: float, low: float, close: float) -> float:
    """Return the mean of the four prices."""
    return (high + low + close + opened) / 4.0


def median_price(high: float, low: float) -> float:
    """Return the middle of the bar."""
    return (high + low) / 2.0


def typical_price(high: float, low: float, close: float) -> float:
    """Return the mean of high, low and close."""
    return (high + low + close) / 3.0


def weighted_close(high: float, low: float, close: float) -> float:
    """Return the mean of high, low and twice the close."""
    return (high + low + close * 2.0) / 4.0


STREAMS: Mapping[str, Open] = {
    "avgprice": lambda _: Steps(average_price),
    "medprice": lambda _: Steps(median_price),
    "typprice": lambda _: Steps(typical_price),
    "wclprice": lambda _: Steps(weighted_close),
}

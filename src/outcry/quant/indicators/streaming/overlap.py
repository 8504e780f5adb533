"""Streams of the averages and bands that lie over the price."""

from collections.abc import Mapping

from outcry.quant.indicators.streaming.averages import Ema, Sma
from outcry.quant.indicators.streaming.stream import Open

STREAMS: Mapping[str, Open] = {
    "sma": lambda settings: Sma(int(settings["period"])),
    "ema": lambda settings: Ema(int(settings["period"])),
}

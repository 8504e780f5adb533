"""Streams of the averages and bands that lie over the price."""

from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming import averages, derived_averages
from outcry.quant.indicators.streaming.average_kinds import average
from outcry.quant.indicators.streaming.extremes import highest, lowest
from outcry.quant.indicators.streaming.parabolic import Parabolic
from outcry.quant.indicators.streaming.running import bollinger
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings


def vwma(period: int) -> Callable[[float, float], float]:
    """Return the average weighted by volume, NaN while the whole window has none."""
    prices, volumes = averages.sma(period), averages.sma(period)

    def step(value: float, volume: float) -> float:
        weighted = prices(value * volume)
        weights = volumes(volume)
        return weighted / weights if weights else nan

    return step


def midprice(period: int) -> Callable[[float, float], float]:
    """Return the middle between the highest high and the lowest low."""
    top, bottom = highest(period), lowest(period)
    return lambda high, low: (top(high) + bottom(low)) / 2.0


def midpoint(period: int) -> Step:
    """Return the middle between the highest and the lowest value."""
    middle = midprice(period)
    return lambda value: middle(value, value)


def acceleration_bands(period: int) -> Callable[[float, float, float], Outputs]:
    """Return Headley's bands, which widen with the range of the bars (Headley 2002)."""
    above, middle, below = (averages.sma(period) for _ in range(3))

    def step(high: float, low: float, close: float) -> Outputs:
        both = high + low
        reach = 4.0 * (high - low) / both if both else 0.0
        return above(high * (1.0 + reach)), middle(close), below(low * (1.0 - reach))

    return step


def _average(make: Callable[[int], Step]) -> Open:
    return lambda settings: Steps(make(int(settings["period"])))


def _ma(settings: Settings) -> Steps:
    return Steps(average(int(settings["ma_type"]), int(settings["period"])))


def _t3(settings: Settings) -> Steps:
    return Steps(derived_averages.t3(int(settings["period"]), settings["volume_factor"]))


def _sar(settings: Settings) -> Parabolic:
    step, most = settings["acceleration"], settings["maximum"]
    return Parabolic((step, step, most), (step, step, most))


def _sarext(settings: Settings) -> Parabolic:
    long, short = (
        (settings[f"initial_{side}"], settings[f"acceleration_{side}"], settings[f"maximum_{side}"])
        for side in ("long", "short")
    )
    return Parabolic(long, short, settings["start"], settings["offset_on_reverse"], signed=True)


STREAMS: Mapping[str, Open] = {
    "sma": _average(averages.sma),
    "ema": _average(averages.ema),
    "wma": _average(averages.wma),
    "dema": _average(derived_averages.dema),
    "tema": _average(derived_averages.tema),
    "trima": _average(derived_averages.trima),
    "kama": _average(derived_averages.kama),
    "hma": _average(derived_averages.hma),
    "zlema": _average(derived_averages.zlema),
    "rma": _average(averages.rma),
    "t3": _t3,
    "ma": _ma,
    "vwma": lambda settings: Steps(vwma(int(settings["period"]))),
    "midpoint": _average(midpoint),
    "midprice": lambda settings: Steps(midprice(int(settings["period"]))),
    "bbands": lambda settings: bollinger(int(settings["period"]), settings["deviations"]),
    "accbands": lambda settings: Steps(acceleration_bands(int(settings["period"]))),
    "sar": _sar,
    "sarext": _sarext,
}

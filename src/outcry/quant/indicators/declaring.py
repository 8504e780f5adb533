"""Short ways to write an entry of the catalogue whose arithmetic is TA-Lib's (BSD licence)."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Calculate, Columns, Group, Indicator, Input, Parameter, Settings, Whole
from outcry.quant.indicators.library import load_talib

HLC: tuple[Input, ...] = ("high", "low", "close")
OHLC: tuple[Input, ...] = ("open", *HLC)
HLCV: tuple[Input, ...] = (*HLC, "volume")

# TA-Lib's own numbers for the kinds of moving average, 0 to 8.
AVERAGES = ("simple", "exponential", "weighted", "double", "triple", "triangular", "kaufman", "mesa", "t3")
_AVERAGE_WARM_UP: tuple[Callable[[int], int], ...] = (
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: 2 * (period - 1),
    lambda period: 3 * (period - 1),
    lambda period: period - 1,
    lambda period: period,
    lambda period: 32,
    lambda period: 6 * (period - 1),
)


def length(name: str, default: int, least: int = 2) -> Parameter:
    """Return the setting for a number of bars, up to 1,000."""
    return Parameter(name=name, default=default, least=least, most=1000)


def period(default: int, least: int = 2) -> tuple[Parameter, ...]:
    """Return the settings of an indicator that has a period and nothing else."""
    return (length("period", default, least),)


def share(name: str, default: float, least: float, most: float) -> Parameter:
    """Return a setting that need not be whole."""
    return Parameter(name=name, default=default, least=least, most=most, whole=False)


def average(name: str, default: int = 0) -> Parameter:
    """Return the setting for a kind of moving average."""
    return Parameter(name=name, default=default, least=0, most=len(AVERAGES) - 1, choices=AVERAGES)


def average_warm_up(kind: int, over: int) -> int:
    """Return how many bars pass before a moving average of this kind has its first value; over one bar it is none."""
    return _AVERAGE_WARM_UP[kind](over) if over > 1 else 0


def bars(name: str = "period", less: int = 0, times: int = 1) -> Callable[[Whole], int]:
    """Return the warm-up ``times * (setting - less)``."""
    return lambda whole: times * (whole[name] - less)


def no_bars(_: Whole) -> int:
    """Return the warm-up of what has a value on the first bar."""
    return 0


def fixed(count: int) -> Callable[[Whole], int]:
    """Return the warm-up of what always needs the same number of bars."""
    return lambda _: count


@cache
def _find_function(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(load_talib(), name)
    return function


def talib_call(function: str, columns: Columns, arguments: Sequence[float]) -> Columns:
    """Call a function of TA-Lib; what it gives as integers becomes floats."""
    results = _find_function(function)(*columns, *arguments)
    if isinstance(results, tuple):
        return tuple(_to_floats(result) for result in results)
    return (_to_floats(results),)


def _to_floats(values: Any) -> Floats:  # NumPy's arrays of integers or of floats
    floats: Floats = values if values.dtype.kind == "f" else values.astype(np.float64)
    return floats


def calls(function: str, parameters: tuple[Parameter, ...]) -> Calculate:
    """Return the calculation that is one call of TA-Lib with the settings in their order."""

    def calculate(columns: Columns, whole: Whole, settings: Settings) -> Columns:
        arguments = [whole[one.name] if one.whole else settings[one.name] for one in parameters]
        return talib_call(function, columns, arguments)

    return calculate


def from_talib(
    name: str,
    title: str,
    summary: str,
    source: str,
    group: Group,
    inputs: tuple[Input, ...],
    parameters: tuple[Parameter, ...],
    warm_up: Callable[[Whole], int],
    *,
    outputs: tuple[str, ...] = (),
    function: str = "",
    calculate: Calculate | None = None,
    **marks: Any,
) -> Indicator:
    """Return an entry computed by TA-Lib's function of the same name, else by ``function`` or ``calculate``.

    ``inputs`` and ``parameters`` stand in TA-Lib's order, unless ``calculate`` sorts them. ``marks`` are ``series``,
    ``overlay``, ``priced``, ``sparse``, ``order`` and ``aside``. An entry with one output calls it as itself.
    """
    called = function or name.upper()
    return Indicator(
        name=name,
        title=title,
        summary=summary,
        source=source,
        group=group,
        inputs=inputs,
        parameters=parameters,
        outputs=outputs or (name,),
        warm_up=warm_up,
        calculate=calculate or calls(called, parameters),
        function=called,
        **marks,
    )


def pattern(
    name: str, function: str, warm_up: int, title: str, summary: str, source: str, penetration: float | None = None
) -> Indicator:
    """Return a candle pattern, TA-Lib's ``CDL<function>``; ``penetration`` is how far one body must reach into one."""
    settings = () if penetration is None else (share("penetration", penetration, 0, 1),)
    return from_talib(
        name, title, summary, source, "pattern", OHLC, settings, fixed(warm_up), function=f"CDL{function}"
    )

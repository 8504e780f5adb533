"""What an indicator is: what it reads, its settings, its outputs, and when its first value comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from outcry.kit.market import Floats

Settings = Mapping[str, float]
Whole = Mapping[str, int]
Columns = tuple[Floats, ...]
Calculate = Callable[[Columns, Whole, Settings], Columns]

Group = Literal[
    "overlap", "momentum", "volume", "volatility", "price", "cycle", "pattern", "statistic", "level", "trend"
]
# `time` is the bar's open time in microseconds since 1970 UTC; `other` a second series, such as another
# instrument's closes at the same times.
Input = Literal["open", "high", "low", "close", "volume", "time", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting: its default, the range it may take, and whether only whole numbers make sense.

    ``choices`` names the whole numbers from ``least`` on, where each stands for a kind and not for a quantity.
    """

    name: str
    default: float
    least: float
    most: float
    whole: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One entry of the catalogue.

    ``inputs`` are the columns that it reads, in the order in which ``calculate`` takes them. ``series`` says that any
    series may stand for the close (and for the other one): the average of a volume, of an oscillator. ``warm_up``
    gives, for the whole-number settings, how many bars pass before the first value: bar number ``warm_up`` (from 0)
    has it. With ``sparse`` a later bar may still have none: a pivot is rare, and no volume has no average price.
    ``calculate`` takes defined numbers only (the bars without are left out before), the whole-number settings as
    integers, and all settings; it returns one array an output, as long as its columns. ``overlay`` says that the
    outputs belong on the price axis, ``priced`` that they grow with the prices: a stock at twice the price has twice
    the value. ``order`` names two settings of which the first must be the smaller. ``source`` names where the formula
    was published. ``function`` is what TA-Lib calls it, empty for what is ours.
    ``aside`` are outputs that are not drawn with the others: a direction, a count of bars, a cloud of later bars.
    """

    name: str
    title: str
    summary: str
    source: str
    group: Group
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    warm_up: Callable[[Whole], int]
    calculate: Calculate
    series: bool = False
    overlay: bool = False
    priced: bool = False
    sparse: bool = False
    order: tuple[str, str] | None = None
    function: str = ""
    aside: tuple[str, ...] = ()

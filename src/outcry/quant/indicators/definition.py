"""What an indicator is: its settings, its outputs, and when its first value comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from outcry.kit.market import Bars, Floats

Settings = Mapping[str, float]
Calculate = Callable[[Bars, Mapping[str, int], Settings], tuple[Floats, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One setting: its default, the range it may take, and whether only whole numbers make sense."""

    name: str
    default: float
    least: float
    most: float
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One entry of the catalogue.

    ``warm_up`` gives, for settings, how many bars pass before the first value: bar number ``warm_up`` (from 0) has
    it. ``calculate`` takes bars, the whole-number settings as integers, and all settings; it returns one array an
    output. ``order`` names two settings of which the first must be the smaller. ``priced`` says that outputs are
    prices. ``source`` names where the formula was published.
    """

    name: str
    title: str
    summary: str
    source: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...]
    warm_up: Callable[[Mapping[str, int]], int]
    calculate: Calculate
    overlay: bool = False
    priced: bool = False
    order: tuple[str, str] | None = None

"""The figures of a technical summary, each with where it comes from."""

import math
from dataclasses import dataclass, field

import numpy as np

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.computing import complete, compute, get_indicator
from outcry.services.charts.contracts import FigureSource, FigureUnit, SummaryFigure

_MICROS_PER_MS = 1000


@dataclass
class Readings:
    """Bars, and the figures that were read from them, by their keys in the order in which they were read."""

    bars: Bars
    figures: dict[str, SummaryFigure] = field(default_factory=dict)
    _computed: dict[tuple[str, tuple[float, ...]], dict[str, Floats]] = field(default_factory=dict)

    @property
    def close(self) -> float:
        """The newest close."""
        return float(self.bars.close[-1])

    def series(self, name: str, output: str = "", **parameters: float) -> Floats:
        """Return an output of an indicator over all bars."""
        settings = complete(get_indicator(name), parameters)
        key = (name, tuple(settings.values()))
        if key not in self._computed:
            self._computed[key] = compute(name, self.bars, settings)
        return self._computed[key][output or name]

    def indicator(
        self, key: str, label: str, name: str, output: str = "", *, unit: FigureUnit, **parameters: float
    ) -> float | None:
        """Read the newest value of an indicator; None inside its warm-up."""
        value = _known(self.series(name, output, **parameters)[-1])
        settings = complete(get_indicator(name), parameters)
        source = FigureSource(
            kind="indicator", name=name, output=output or name, parameters=settings, time=self._time()
        )
        return self._add(key, label, value, unit, source)

    def bar(self, key: str, label: str, column: str, *, place: int = -1, unit: FigureUnit = "price") -> float | None:
        """Read a column of one bar."""
        values: Floats = getattr(self.bars, column)
        source = FigureSource(kind="bar", name=column, output="", parameters={}, time=self._time(place))
        return self._add(key, label, _known(values[place]), unit, source)

    def derived(
        self, key: str, label: str, value: float | None, rule: str, *, unit: FigureUnit, **parameters: float
    ) -> float | None:
        """Note a figure that follows from others; ``rule`` says how, by their keys and the columns of bars."""
        known = None if value is None else _known(value)
        source = FigureSource(kind="rule", name=rule, output="", parameters=dict(parameters), time=self._time())
        return self._add(key, label, known, unit, source)

    def taken(self) -> tuple[SummaryFigure, ...]:
        """Return what was read since this was last asked."""
        figures, self.figures = tuple(self.figures.values()), {}
        return figures

    def _add(self, key: str, label: str, value: float | None, unit: FigureUnit, source: FigureSource) -> float | None:
        self.figures[key] = SummaryFigure(key=key, label=label, value=value, unit=unit, source=source)
        return value

    def _time(self, place: int = -1) -> int:
        return int(self.bars.time[place]) // _MICROS_PER_MS


def _known(value: float) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def percent(value: float | None, of: float | None) -> float | None:
    """Return by how many percent a value is above (or, negative, below) another."""
    if value is None or not of:
        return None
    return 100 * (value / of - 1)


def rank_of_last(values: Floats, *, within: int) -> float | None:
    """Return which part of the last ``within`` defined values is below the newest, in percent; None with few."""
    known = values[np.isfinite(values)][-within:]
    if len(known) < min(within, 60):
        return None
    return 100 * float(np.mean(known[:-1] < known[-1]))

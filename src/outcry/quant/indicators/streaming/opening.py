"""Opening a stream by its indicator's name: settings are checked as the batch checks them, undefined bars kept out."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from math import nan

from outcry.kit.errors import NotFoundError
from outcry.quant.indicators.computing import complete, get_indicator
from outcry.quant.indicators.definition import Indicator
from outcry.quant.indicators.streaming.guards import guard_outputs, guard_value
from outcry.quant.indicators.streaming.running import Running
from outcry.quant.indicators.streaming.saving import Steps, form_of
from outcry.quant.indicators.streaming.stream import Open, Outputs, State, Stream

# Each has a table STREAMS; they are imported when the first stream is opened.
GROUPS = (
    "overlap",
    "momentum",
    "oscillators",
    "directional",
    "volume",
    "volatility",
    "prices",
    "statistics",
    "fractals",
    "hilbert",
    "candle_patterns",
    "own_channels",
    "own_pairs",
    "own_sessions",
    "own_turns",
)


def open_stream(name: str, parameters: Mapping[str, float]) -> Stream:
    """Return a stream of the indicator that has seen no bar yet.

    A bar on which an input is NaN or infinite gives NaN and leaves the stream as it was.

    Raises:
        NotFoundError: no such indicator, or none that can be computed bar by bar.
        InvalidInputError: a parameter is unknown or out of range.
    """
    indicator = get_indicator(name)
    settings = complete(indicator, parameters)
    opener = streams().get(indicator.name)
    if opener is None:
        raise NotFoundError(f"{indicator.name} cannot be computed one bar at a time.")
    return Opened(indicator, settings, opener(settings))


@cache
def streams() -> Mapping[str, Open]:
    """Return what opens a stream, by the indicator's name, from the tables of all groups."""
    tables = [import_module(f"outcry.quant.indicators.streaming.{group}").STREAMS for group in GROUPS]
    return {name: opener for table in tables for name, opener in table.items()}


class Opened:
    """A stream behind its guard, with its name and settings in what it saves."""

    __slots__ = ("_form", "_indicator", "_settings", "_stream", "push")

    def __init__(self, indicator: Indicator, settings: Mapping[str, float], stream: Stream) -> None:
        self._indicator = indicator
        self._settings = tuple(settings.values())
        self._stream = stream
        self._form = ""
        self.push = self._guarded()

    def state(self) -> State:
        """Return the name, the settings, a mark of the code that remembers, and what it remembers."""
        return (self._indicator.name, self._settings, self._mark(), self._stream.state())

    def restore(self, state: State) -> None:
        """Go on from ``state``; raises ValueError, and changes nothing, if another indicator or setting saved it."""
        remembered = self._own(state)
        before = self._stream.state()
        try:
            self._stream.restore(remembered)
        except (ValueError, TypeError, OverflowError) as error:
            self._stream.restore(before)
            raise ValueError(f"{self._indicator.name} cannot go on from this: {error}") from error

    def _mark(self) -> str:
        # Only streams that are saved need it, and it takes longer than to save one.
        self._form = self._form or form_of(self._stream)
        return self._form

    def _guarded(self) -> Callable[..., Outputs]:
        stream, inputs = self._stream, len(self._indicator.inputs)
        undefined = (nan,) * len(self._indicator.outputs)
        if isinstance(stream, Running):
            return stream.push
        if isinstance(stream, Steps) and len(undefined) == 1:
            return guard_value(stream.push, inputs, undefined)
        return guard_outputs(stream.push, inputs, undefined)

    def _own(self, state: State) -> State:
        if isinstance(state, str) or not isinstance(state, Sequence) or len(state) != 4:
            raise ValueError("this is not what a stream saved")
        name, settings, form, remembered = state
        if name != self._indicator.name or not isinstance(settings, Sequence) or tuple(settings) != self._settings:
            raise ValueError(
                f"a stream of {self._indicator.name} with other settings, or of another indicator, saved this"
            )
        if form != self._mark():
            raise ValueError(
                f"another version of the code saved this stream of {name}; open it anew and push the history"
            )
        if isinstance(remembered, str) or not isinstance(remembered, Sequence):
            raise ValueError("this is not what a stream saved")
        return remembered

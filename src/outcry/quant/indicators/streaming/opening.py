"""Opening a stream by its indicator's name: settings are checked as the batch checks them, undefined bars kept out."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from math import nan

from outcry.kit.errors import NotFoundError
from outcry.quant.indicators.computing import complete, get_indicator
from outcry.quant.indicators.streaming.saving import Single
from outcry.quant.indicators.streaming.stream import Open, Outputs, Plain, State, Stream

# Each has a table STREAMS; they are imported when the first stream is opened.
GROUPS = ("overlap", "momentum")


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
    stream = opener(settings)
    guard = OneInput if isinstance(stream, Single) else ManyInputs
    return guard(indicator.name, tuple(settings.values()), stream, (nan,) * len(indicator.outputs))


@cache
def streams() -> Mapping[str, Open]:
    """Return what opens a stream, by the indicator's name, from the tables of all groups."""
    tables = [import_module(f"outcry.quant.indicators.streaming.{group}").STREAMS for group in GROUPS]
    return {name: opener for table in tables for name, opener in table.items()}


class Guard:
    """A stream behind the rule for undefined values, with its name and settings in what it saves."""

    __slots__ = ("_name", "_push", "_settings", "_stream", "_undefined")

    def __init__(self, name: str, settings: tuple[float, ...], stream: Stream, undefined: Outputs) -> None:
        self._name = name
        self._settings = settings
        self._stream = stream
        self._push: Callable[..., Outputs] = stream.push
        self._undefined = undefined

    def state(self) -> State:
        """Return the name, the settings and what the stream remembers."""
        return (self._name, self._settings, self._stream.state())

    def restore(self, state: State) -> None:
        """Go on from ``state``; raises ValueError, and changes nothing, if another indicator or setting saved it."""
        if isinstance(state, str) or not isinstance(state, Sequence) or len(state) != 3:
            raise ValueError("this is not what a stream saved")
        name, settings, remembered = state
        if name != self._name or not _same(settings, self._settings):
            raise ValueError(f"a stream of {self._name} with other settings, or of another indicator, saved this")
        if isinstance(remembered, str | float | int):
            raise ValueError("this is not what a stream saved")
        before = self._stream.state()
        try:
            self._stream.restore(remembered)
        except (ValueError, TypeError, OverflowError) as error:
            self._stream.restore(before)
            raise ValueError(f"{self._name} cannot go on from this: {error}") from error


class OneInput(Guard):
    """A guard before a stream of one series."""

    __slots__ = ()

    def push(self, value: float) -> Outputs:
        """Take the next bar."""
        # NaN and infinity are what differs from itself by something else than zero.
        if value - value == 0.0:
            return self._push(value)
        return self._undefined


class ManyInputs(Guard):
    """A guard before a stream of any number of series."""

    __slots__ = ()

    def push(self, *inputs: float) -> Outputs:
        """Take the next bar."""
        for value in inputs:
            if value - value != 0.0:
                return self._undefined
        return self._push(*inputs)


def _same(saved: Plain, settings: tuple[float, ...]) -> bool:
    return isinstance(saved, Sequence) and tuple(saved) == settings

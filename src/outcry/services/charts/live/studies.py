"""Indicators of live bars, one bar at a time: what screens follow beside the bars."""

import asyncio
import logging
import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from outcry.kit.errors import InvalidInputError, OutcryError
from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.quant.indicators.computing import complete, get_indicator
from outcry.quant.indicators.streaming.opening import open_stream
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.live.ladder import ClosedBar

log = logging.getLogger(__name__)

# Gives the closed bars of a symbol, oldest first, once all that closed is stored.
History = Callable[[str, Timeframe], Awaitable[Bars]]

MOST_STUDIES = 2_000
_STUDY = re.compile(r"(?P<name>[a-z][a-z0-9_]{0,40})(\((?P<settings>[a-z0-9_.=,\-]{1,200})\))?")
_COLUMNS = ("open", "high", "low", "close", "volume", "time")


def read_study(text: str) -> tuple[str, dict[str, float]]:
    """Return the indicator and settings that ``rsi(period=14)`` says; raises InvalidInputError or NotFoundError."""
    found = _STUDY.fullmatch(text)
    if found is None:
        raise InvalidInputError("A study is written as rsi or rsi(period=14).")
    settings: dict[str, float] = {}
    for pair in (found["settings"] or "").split(",") if found["settings"] else ():
        name, _, number = pair.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or name in settings:
            raise InvalidInputError("A study's settings are names and numbers, such as period=14.")
        settings[name] = value
    indicator = get_indicator(found["name"])
    if not set(indicator.inputs) <= set(_COLUMNS):
        raise InvalidInputError(f"{indicator.name} needs a second instrument, which live studies do not have.")
    return indicator.name, dict(complete(indicator, settings))


class _Study:
    """One indicator of one series, as far as its bars have closed."""

    def __init__(self, name: str, settings: Mapping[str, float]) -> None:
        indicator = get_indicator(name)
        self._inputs = indicator.inputs
        self._outputs = indicator.outputs
        self._push = open_stream(name, settings).push
        self.settings = settings
        self.name = name
        self.last = -1
        self.values: tuple[float, ...] = ()
        self.waiting: list[FormingBar] | None = []

    def begin(self, bars: Bars) -> None:
        """Take the history, then what closed meanwhile."""
        columns = [getattr(bars, name).tolist() for name in self._inputs]
        for numbers in zip(*columns, strict=True):
            self.values = self._push(*numbers)
        if len(bars):
            self.last = int(bars.time[-1])

    def take(self, bar: FormingBar) -> None:
        """Take a bar that closed, unless it was in the history."""
        if self.waiting is not None:
            self.waiting.append(bar)
            return
        time = to_micros(bar.time)
        if time > self.last:
            self.last = time
            self.values = self._push(*(float(time) if name == "time" else getattr(bar, name) for name in self._inputs))

    def state(self) -> dict[str, Any] | None:
        """Return the values at the newest closed bar; None before the first."""
        if not self.values or self.waiting is not None:
            return None
        return {
            "name": self.name,
            "parameters": dict(self.settings),
            "time": self.last // 1000,
            "values": {
                output: value if math.isfinite(value) else None
                for output, value in zip(self._outputs, self.values, strict=True)
            },
        }


class Studies:
    """The studies that somebody follows. Each begins with the recorded bars, and is forgotten with its last follower.

    Values are those of raw bars, at the newest bar that has closed: the same numbers as over HTTP without adjustment.
    """

    def __init__(self, history: History, *, changed: Callable[[str], None]) -> None:
        self._history = history
        self._changed = changed
        self._studies: dict[tuple[str, Timeframe, str], _Study] = {}
        self._loading: dict[tuple[str, Timeframe, str], asyncio.Task[None]] = {}

    def follow(self, symbol: str, timeframe: Timeframe, text: str) -> None:
        """Begin a study unless it is there; raises InvalidInputError or NotFoundError."""
        key = (symbol, timeframe, text)
        if key in self._studies:
            return
        name, settings = read_study(text)
        if len(self._studies) >= MOST_STUDIES:
            raise InvalidInputError("Too many live studies are followed already.")
        self._studies[key] = _Study(name, settings)
        self._loading[key] = asyncio.create_task(self._load(key), name=f"charts-live-study-{symbol}")

    def take(self, symbol: str, closed: Iterable[ClosedBar]) -> None:
        """Give bars that closed to the studies of them."""
        bars = list(closed)
        for (of, timeframe, _), study in self._studies.items():
            if of == symbol:
                for one in bars:
                    if one.timeframe is timeframe:
                        study.take(one.bar)

    def state(self, symbol: str, timeframe: Timeframe, text: str) -> dict[str, Any] | None:
        """Return what a study shows, None while there is nothing."""
        study = self._studies.get((symbol, timeframe, text))
        state = None if study is None else study.state()
        return None if state is None else {"symbol": symbol, "timeframe": timeframe.value, **state}

    def keep(self, followed: set[tuple[str, Timeframe, str]]) -> None:
        """Forget the studies that nobody follows."""
        for key in [key for key in self._studies if key not in followed and key not in self._loading]:
            del self._studies[key]

    async def until_loaded(self) -> None:
        """Wait until every study has its history."""
        while self._loading:
            await asyncio.gather(*self._loading.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Stop loading."""
        for task in self._loading.values():
            task.cancel()
        await asyncio.gather(*self._loading.values(), return_exceptions=True)

    async def _load(self, key: tuple[str, Timeframe, str]) -> None:
        symbol, timeframe, _ = key
        study = self._studies[key]
        try:
            bars = await self._history(symbol, timeframe)
            await asyncio.to_thread(study.begin, bars)
            waiting, study.waiting = study.waiting or [], None
            for bar in waiting:
                study.take(bar)
            self._changed(symbol)
        except OutcryError as error:
            log.warning("a live study of %s cannot begin: %s", symbol, error.detail)
            del self._studies[key]
        except Exception:
            log.exception("a live study of %s cannot begin", symbol)
            del self._studies[key]
        finally:
            del self._loading[key]

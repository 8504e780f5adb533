"""Recorded bars played as if they happened now."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.ports.feed import FeedInstrument, FeedItem, FeedStanding, Tick

# Gives the bars to play of a symbol, and their timeframe; raises NotFoundError.
Recorded = Callable[[str], Awaitable[tuple[Timeframe, Bars]]]

_SHORTEST_BAR_S = 1.0
_TICKS_PER_SECOND = 4.0
_WAVES = 5
_WAVE_HEIGHT = 0.12
_MICROSECOND = timedelta(microseconds=1)


class ReplayFeed:
    """Implements the Feed port: a symbol's recorded bars, each as ticks, over and over.

    A bar goes from its open to one extreme, to the other, and to its close (the low first when it rose), with small
    waves on the way that never leave its range; its volume is spread evenly. So a bar built of the ticks is the bar
    that was recorded. Ticks carry market times, spread over the bar's nominal length from its open on.

    Args:
        recorded: gives what to play.
        speed: market seconds a second, asked before each step, so it may change at any time. A bar takes at least a
            second, that it can be seen.
        sleep: waits some seconds; tests give one that does not.
    """

    def __init__(
        self,
        recorded: Recorded,
        *,
        speed: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._recorded = recorded
        self._speed = speed
        self._sleep = sleep
        self._closed = False

    async def ticks(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[FeedItem]]:
        """Go through the ticks, a few a second of each symbol, until the caller stops or the feed is closed."""
        players = [await self._player(symbol) for symbol in symbols]
        while players:
            yield [tick for player in players for tick in next(player)]
            await self._sleep(1 / _TICKS_PER_SECOND)
            if self._closed:
                return

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Return the recorded bars of that time; raises InvalidInputError for another timeframe than the recorded."""
        recorded, bars = await self._recorded(symbol)
        if timeframe is not recorded:
            raise InvalidInputError(f"Of {symbol} bars of {recorded} are recorded, not of {timeframe}.")
        first, last = np.searchsorted(bars.time, [to_micros(start), to_micros(end)])
        return bars.between(int(first), int(last))

    def symbols(self) -> Sequence[str]:
        """Return nothing: what can be played is what is recorded."""
        return ()

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Return nothing, likewise."""
        return ()

    def standing(self) -> FeedStanding:
        """Return that all is well: nothing can be lost of what was recorded."""
        return FeedStanding(connected=not self._closed, heard_at=None, reconnects=0, frozen=0, problem="")

    async def close(self) -> None:
        """End every iteration at its next step."""
        self._closed = True

    async def _player(self, symbol: str) -> Iterator[Sequence[Tick]]:
        timeframe, bars = await self._recorded(symbol)
        if not len(bars):
            raise NotFoundError(f"Nothing is recorded of {symbol}.")
        return self._play(symbol, timeframe, bars)

    def _play(self, symbol: str, timeframe: Timeframe, bars: Bars) -> Iterator[Sequence[Tick]]:
        """Go through the steps for ever: the ticks of each."""
        seconds = timeframe.duration.total_seconds()
        step: list[Tick] = []
        while True:
            for at in range(len(bars)):
                path = _Path.of(bars, at)
                progress = 0.0
                step.append(_tick(symbol, timeframe, path, 0.0, volume=0.0))
                while progress < 1:
                    yield step
                    step = []
                    reached = min(1.0, progress + self._step(seconds))
                    for stop in path.stops(progress, reached):
                        step.append(_tick(symbol, timeframe, path, stop, volume=path.volume * (stop - progress)))
                        progress = stop

    def _step(self, bar_seconds: float) -> float:
        """Return which part of a bar one step plays."""
        takes = max(_SHORTEST_BAR_S, bar_seconds / max(self._speed(), 1e-9))
        return 1 / (takes * _TICKS_PER_SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """The way of the price through one bar: four turning points at 0, 1/3, 2/3 and 1 of its time."""

    opened: int
    turns: tuple[float, float, float, float]
    low: float
    high: float
    volume: float
    decimals: int

    @classmethod
    def of(cls, bars: Bars, at: int) -> "_Path":
        """Lay the path of the bar at a position."""
        first, high, low, last = (float(column[at]) for column in (bars.open, bars.high, bars.low, bars.close))
        turns = (first, low, high, last) if last >= first else (first, high, low, last)
        return cls(
            opened=int(bars.time[at]),
            turns=turns,
            low=low,
            high=high,
            volume=float(bars.volume[at]),
            # Five digits are what prices are quoted in, whatever their size.
            decimals=max(2, 4 - math.floor(math.log10(low))) if low > 0 else 2,
        )

    def stops(self, after: float, until: float) -> Iterator[float]:
        """Go through where to tick on the way: at each turning point that is passed, and at the end of the way."""
        for third in (1 / 3, 2 / 3):
            if after < third < until:
                yield third
        yield until

    def price(self, progress: float) -> float:
        """Return the price when this part of the bar has passed; exact at the turning points."""
        for number, turn in enumerate(self.turns):
            if progress == number / 3:
                return turn
        leg = min(2, int(progress * 3))
        part = progress * 3 - leg
        straight = self.turns[leg] + (self.turns[leg + 1] - self.turns[leg]) * part
        wave = math.sin(2 * math.pi * _WAVES * part) * 4 * part * (1 - part)
        price = round(straight + wave * _WAVE_HEIGHT * (self.high - self.low), self.decimals)
        return min(self.high, max(self.low, price))


def _tick(symbol: str, timeframe: Timeframe, path: _Path, progress: float, *, volume: float) -> Tick:
    # The close belongs to the bar that it ends, not to the first moment of the next.
    passed = min(timeframe.duration * progress, timeframe.duration - _MICROSECOND)
    return Tick(
        symbol=symbol,
        time=from_micros(path.opened) + passed,
        price=path.price(progress),
        volume=volume,
        replayed=True,
    )

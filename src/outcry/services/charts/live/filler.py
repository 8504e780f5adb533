"""Closes gaps: asks the source for its own bars of the minutes in which ticks may be missing."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from outcry.kit.errors import OutcryError, UnavailableError
from outcry.kit.market import Timeframe
from outcry.ports.feed import Feed
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.live.ladder import to_forming
from outcry.services.charts.live.track import Track

log = logging.getLogger(__name__)

_AT_ONCE = 4
_MOST_TRIES = 10
_TRIES_FOR_LACKING = 3
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0


class Filler:
    """Fills the gaps of several symbols at once, each until it is filled or can never be.

    What the source gives replaces what was built of ticks. A minute that it does not give, although trades of it came,
    is asked for again a little later; then what came stands. A gap that cannot be filled is counted and logged, and
    what came stands: bars must go on.

    Args:
        settle: told when a symbol is settled up to a time.
    """

    def __init__(self, feed: Feed, *, settle: Callable[[Track, datetime], None]) -> None:
        self._feed = feed
        self._settle = settle
        self._filling: dict[str, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(_AT_ONCE)
        self.filled = 0
        self.unfilled = 0

    def look(self, tracks: Iterable[Track], over: datetime) -> None:
        """Begin to fill the gaps whose last minute was over by then."""
        for track in tracks:
            book, symbol = track.book, track.instrument.symbol
            if book.may_fill(over) and symbol not in self._filling:
                # The end as it is now: a doubt that comes before the task begins is of a minute that is not over.
                task = asyncio.create_task(self._fill(track, book.doubtful_until), name=f"charts-live-fill-{symbol}")
                self._filling[symbol] = task
                task.add_done_callback(partial(self._done, symbol))

    def _done(self, symbol: str, _: "asyncio.Task[None]") -> None:
        self._filling.pop(symbol, None)

    async def stop(self) -> None:
        """Stop asking; the next start asks again."""
        tasks = list(self._filling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def until_idle(self) -> None:
        """Wait until nothing is being filled."""
        while self._filling:
            await asyncio.gather(*self._filling.values(), return_exceptions=True)

    async def _fill(self, track: Track, end: datetime) -> None:
        symbol = track.instrument.symbol
        try:
            async with self._free:
                given = await self._ask(track, end)
        except OutcryError as error:
            self.unfilled += 1
            log.warning("a gap of %s before %s stays: %s", symbol, end.isoformat(), error.detail)
        except Exception:
            self.unfilled += 1
            log.exception("a gap of %s before %s stays", symbol, end.isoformat())
        else:
            self.filled += 1
            track.book.fill(given, end)
        self._settle(track, end)

    async def _ask(self, track: Track, end: datetime) -> tuple[FormingBar, ...]:
        symbol, tries = track.instrument.symbol, 0
        while True:
            tries += 1
            try:
                bars = await self._feed.backfill(symbol, Timeframe.M1, start=track.book.settled_until, end=end)
            except UnavailableError as error:
                if tries >= _MOST_TRIES:
                    raise
                await asyncio.sleep(max(float(error.wait_s), _pause(tries)))
                continue
            given = to_forming(bars)
            if not track.book.lacks(given, end) or tries >= _TRIES_FOR_LACKING:
                return given
            await asyncio.sleep(_pause(tries))


def _pause(tries: int) -> float:
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0**tries)
    return random.uniform(0, longest)  # noqa: S311  # spreads load, hides nothing

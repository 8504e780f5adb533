"""One symbol's minutes that may still change, and which trades still count."""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from outcry.ports.feed import Tick
from outcry.services.charts.bar_builder import FormingBar

Verdict = Literal["taken", "late", "dropped", "refused"]

MINUTE = timedelta(minutes=1)
_KEPT_IDS = 2_000


def minute_of(moment: datetime) -> datetime:
    """Return the beginning of the minute that holds a moment."""
    return moment.replace(second=0, microsecond=0)


class _Minute:
    """A minute as its trades come, in any order: it opens with the earliest and closes with the latest of them.

    Trades of one and the same time count in the order in which they came.
    """

    __slots__ = ("close", "end", "first", "high", "last", "low", "open", "start", "volume")

    def __init__(self, tick: Tick) -> None:
        self.start = minute_of(tick.time)
        self.end = self.start + MINUTE
        self.first = self.last = tick.time
        self.open = self.high = self.low = self.close = tick.price
        self.volume = tick.volume

    def add(self, tick: Tick) -> None:
        price, time = tick.price, tick.time
        self.volume += tick.volume
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        if time >= self.last:
            self.last, self.close = time, price
        elif time < self.first:
            self.first, self.open = time, price

    def bar(self) -> FormingBar:
        return FormingBar(
            time=self.start, open=self.open, high=self.high, low=self.low, close=self.close, volume=self.volume
        )


class Book:
    """Builds minutes of trades that come out of order, twice or too late.

    A minute stays open until it is settled; from then on it never changes. Trades of settled minutes are late. Minutes
    in doubt, of which trades may be missing, are settled only once the source's own bars have replaced them. A book
    begins interrupted: the source has not said yet that trades come.

    Args:
        settled_until: the end of the last minute that is settled, a full minute.
    """

    def __init__(self, settled_until: datetime) -> None:
        self.settled_until = settled_until
        self.doubtful_until = settled_until
        self.interrupted = True
        self._minutes: dict[datetime, _Minute] = {}
        self._given: dict[datetime, FormingBar] = {}
        self._newest: _Minute | None = None
        self._ids: dict[str, None] = {}

    def add(self, tick: Tick, latest: datetime) -> Verdict:
        """Take a trade, unless it is of a settled minute, came before, or makes no sense.

        ``latest`` is the latest time that a trade can have now; a clock that goes wrong must not close bars early.
        """
        if not (0 < tick.price < math.inf and 0 <= tick.volume < math.inf) or tick.time > latest:
            return "refused"
        if tick.id and self._came_before(tick.id):
            return "dropped"
        newest = self._newest
        if newest is not None and newest.start <= tick.time < newest.end:
            newest.add(tick)
            return "taken"
        if tick.time < self.settled_until:
            return "late"
        self._add_elsewhere(tick)
        return "taken"

    def interrupt(self) -> None:
        """Note that trades may be missing from now on."""
        self.interrupted = True

    def resume(self, until: datetime) -> None:
        """Note that trades come again; of what is not settled before ``until``, a full minute, some may be missing."""
        self.interrupted = False
        self.doubtful_until = max(self.doubtful_until, until)

    @property
    def in_doubt(self) -> bool:
        """Whether something has to be asked for, now or later, before anything is settled."""
        return self.interrupted or self.doubtful_until > self.settled_until

    def may_fill(self, over: datetime) -> bool:
        """Say whether there is a gap that had ended by then."""
        return not self.interrupted and self.settled_until < self.doubtful_until <= over

    def lacks(self, given: Iterable[FormingBar], end: datetime) -> bool:
        """Say whether what the source gave lacks a minute before ``end`` that has trades here."""
        times = {bar.time for bar in given}
        return any(start not in times for start in self._minutes if self.settled_until <= start < end)

    def fill(self, given: Iterable[FormingBar], end: datetime) -> None:
        """Take the source's own bars for the minutes before ``end`` that are not settled, instead of what is here."""
        for bar in given:
            if self.settled_until <= bar.time < end:
                self._given[bar.time] = bar
                self._drop(bar.time)

    def settle(self, until: datetime) -> tuple[FormingBar, ...]:
        """Close the minutes before ``until``, a full minute, and return those that have trades, oldest first."""
        if until <= self.settled_until:
            return ()
        closed = [bar for bar in self.bars() if bar.time < until]
        for bar in closed:
            self._given.pop(bar.time, None)
            self._drop(bar.time)
        self.settled_until = until
        return tuple(closed)

    def bars(self) -> Iterator[FormingBar]:
        """Go through the minutes that are not settled, as they stand, oldest first."""
        for start in sorted({*self._minutes, *self._given}):
            yield self._given[start] if start in self._given else self._minutes[start].bar()

    def _add_elsewhere(self, tick: Tick) -> None:
        start = minute_of(tick.time)
        if start in self._given:
            return  # the source's own bar holds it already
        minute = self._minutes.get(start)
        if minute is None:
            minute = self._minutes[start] = _Minute(tick)
        else:
            minute.add(tick)
        if self._newest is None or start > self._newest.start:
            self._newest = minute

    def _drop(self, start: datetime) -> None:
        self._minutes.pop(start, None)
        if self._newest is not None and self._newest.start == start:
            self._newest = None

    def _came_before(self, trade_id: str) -> bool:
        if trade_id in self._ids:
            return True
        self._ids[trade_id] = None
        if len(self._ids) > _KEPT_IDS:
            del self._ids[next(iter(self._ids))]
        return False

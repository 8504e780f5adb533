"""Bars of every timeframe out of settled minutes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.services.charts.bar_builder import FormingBar, open_of
from outcry.services.charts.live.book import MINUTE
from outcry.services.charts.series import end_of

LONGER = tuple(timeframe for timeframe in Timeframe if timeframe is not Timeframe.M1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedBar:
    """A bar that is over and will not change any more. ``end`` is when it was over."""

    timeframe: Timeframe
    bar: FormingBar
    end: datetime


@dataclass(slots=True)
class _Rung:
    """One timeframe's bar so far."""

    bar: FormingBar
    end: datetime
    whole: bool


def start_of(opened: datetime, timeframe: Timeframe, zone: ZoneInfo) -> datetime:
    """Return when a bar with this stamp begins: of days and longer, local midnight of its first date."""
    if timeframe.is_intraday:
        return opened
    return datetime(opened.year, opened.month, opened.day, tzinfo=zone).astimezone(UTC)


class Ladder:
    """Folds minutes, in their order, into all longer bars at once.

    A longer bar counts only if the minutes are known from its beginning on: one of which we saw a part is never said
    to be closed. Volumes are added minute by minute, so that a ladder that was built anew gives the same numbers.

    Args:
        zone: where days, weeks and months begin.
        since: from when on every minute is known.
        settled_until: up to when minutes were folded in.
        minutes: the stored minutes before that, at least those of the present month and week.
    """

    def __init__(self, zone: str, *, since: datetime, settled_until: datetime, minutes: Bars) -> None:
        self._zone_name = zone
        self._zone = ZoneInfo(zone)
        self._since = since
        self._rungs: dict[Timeframe, _Rung] = {}
        for timeframe in LONGER:
            opened = open_of(settled_until, timeframe, self._zone)
            begun = int(np.searchsorted(minutes.time, to_micros(start_of(opened, timeframe, self._zone))))
            until = int(np.searchsorted(minutes.time, to_micros(settled_until)))
            if begun < until:
                self._rungs[timeframe] = self._rung(timeframe, _fold(minutes.between(begun, until), opened))

    def earliest_needed(self, moment: datetime) -> datetime:
        """Return from when on minutes are needed to go on at a moment."""
        return earliest_needed(moment, self._zone)

    def add(self, minutes: Iterable[FormingBar], until: datetime) -> Iterator[ClosedBar]:
        """Fold settled minutes in; give every bar that is over by ``until``, in the order in which they ended."""
        for minute in minutes:
            yield from self._over(minute.time)
            end = minute.time + MINUTE
            yield ClosedBar(timeframe=Timeframe.M1, bar=minute, end=end)
            for timeframe in LONGER:
                self._put(timeframe, minute)
            yield from self._over(end)
        yield from self._over(until)

    def forming(self, timeframe: Timeframe, minutes: Iterable[FormingBar]) -> FormingBar | None:
        """Return the newest bar of a timeframe as it stands, with the minutes that are not settled added to it."""
        rung = self._rungs.get(timeframe)
        bar = rung.bar if rung is not None else None
        for minute in minutes:
            opened = open_of(minute.time, timeframe, self._zone)
            bar = bar.followed_by(minute) if bar is not None and bar.time == opened else minute.stamped(opened)
        return bar

    def _put(self, timeframe: Timeframe, minute: FormingBar) -> None:
        opened = open_of(minute.time, timeframe, self._zone)
        rung = self._rungs.get(timeframe)
        if rung is not None and rung.bar.time == opened:
            rung.bar = rung.bar.followed_by(minute)
        else:
            self._rungs[timeframe] = self._rung(timeframe, minute.stamped(opened))

    def _rung(self, timeframe: Timeframe, bar: FormingBar) -> _Rung:
        whole = start_of(bar.time, timeframe, self._zone) >= self._since
        return _Rung(bar=bar, end=end_of(bar.time, timeframe, self._zone_name), whole=whole)

    def _over(self, moment: datetime) -> Iterator[ClosedBar]:
        for timeframe in LONGER:
            rung = self._rungs.get(timeframe)
            if rung is None or rung.end > moment:
                continue
            del self._rungs[timeframe]
            if rung.whole:
                yield ClosedBar(timeframe=timeframe, bar=rung.bar, end=rung.end)


def earliest_needed(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return from when on minutes are needed to build the bars that a moment is in."""
    return min(start_of(open_of(moment, timeframe, zone), timeframe, zone) for timeframe in LONGER)


def _fold(minutes: Bars, opened: datetime) -> FormingBar:
    return FormingBar(
        time=opened,
        open=float(minutes.open[0]),
        high=float(minutes.high.max()),
        low=float(minutes.low.min()),
        close=float(minutes.close[-1]),
        # One after the other, as the minutes were added when they came.
        volume=float(np.cumsum(minutes.volume)[-1]),
    )


def to_forming(bars: Bars) -> tuple[FormingBar, ...]:
    """Return the rows of columns."""
    return tuple(
        FormingBar(time=from_micros(time), open=first, high=high, low=low, close=close, volume=volume)
        for time, first, high, low, close, volume in zip(
            bars.time.tolist(),
            bars.open.tolist(),
            bars.high.tolist(),
            bars.low.tolist(),
            bars.close.tolist(),
            bars.volume.tolist(),
            strict=True,
        )
    )


def to_columns(rows: Iterable[FormingBar]) -> Bars:
    """Return rows as columns, without adjusted closes."""
    bars = list(rows)
    prices = np.array([(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars], dtype=np.float64)
    table = prices.reshape(len(bars), 5)
    return Bars(
        time=np.array([to_micros(bar.time) for bar in bars], dtype=np.int64),
        open=table[:, 0].copy(),
        high=table[:, 1].copy(),
        low=table[:, 2].copy(),
        close=table[:, 3].copy(),
        volume=table[:, 4].copy(),
        adjusted_close=np.full(len(bars), np.nan),
    )

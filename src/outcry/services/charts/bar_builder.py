"""Bars out of ticks, and longer bars out of shorter ones."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from outcry.kit.market import Timeframe
from outcry.ports.feed import Tick

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormingBar:
    """A bar as far as its ticks have come. ``time`` is its open."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    def with_tick(self, tick: Tick) -> "FormingBar":
        """Return the bar with one more tick, which is newer than all others."""
        return FormingBar(
            time=self.time,
            open=self.open,
            high=max(self.high, tick.price),
            low=min(self.low, tick.price),
            close=tick.price,
            volume=self.volume + tick.volume,
        )

    def followed_by(self, later: "FormingBar") -> "FormingBar":
        """Return the bar with a shorter one, which follows all that it holds, added at its end."""
        return FormingBar(
            time=self.time,
            open=self.open,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            close=later.close,
            volume=self.volume + later.volume,
        )

    def stamped(self, opened: datetime) -> "FormingBar":
        """Return the same prices as the beginning of a longer bar."""
        return FormingBar(
            time=opened, open=self.open, high=self.high, low=self.low, close=self.close, volume=self.volume
        )


class BarBuilder:
    """Builds bars of one timeframe. Days are sessions in ``zone``, stamped with midnight UTC of their date."""

    def __init__(self, timeframe: Timeframe, zone: str) -> None:
        self._timeframe = timeframe
        self._zone = ZoneInfo(zone)
        self._forming: FormingBar | None = None

    def add(self, tick: Tick) -> tuple[FormingBar | None, FormingBar]:
        """Take a tick; return the bar that it closed, if any, and the bar that is forming.

        A tick that is older than the forming bar comes too late to count.
        """
        opened = self.open_of(tick.time)
        forming = self._forming
        if forming is not None and opened < forming.time:
            return None, forming
        if forming is not None and opened == forming.time:
            self._forming = forming.with_tick(tick)
            return None, self._forming
        self._forming = FormingBar(
            time=opened, open=tick.price, high=tick.price, low=tick.price, close=tick.price, volume=tick.volume
        )
        return forming, self._forming

    def open_of(self, moment: datetime) -> datetime:
        """Return when the bar that holds this moment opened."""
        return open_of(moment, self._timeframe, self._zone)


def open_of(moment: datetime, timeframe: Timeframe, zone: ZoneInfo) -> datetime:
    """Return when the bar that holds a moment opened; of days and longer, the midnight UTC that it is stamped with.

    Minutes and hours are cut at multiples of their length since midnight UTC, days are dates in ``zone``, weeks begin
    on Monday: the rule by which the TimeSeries port aggregates.
    """
    if timeframe.is_intraday:
        return _EPOCH + (moment - _EPOCH) // timeframe.duration * timeframe.duration
    date = moment.astimezone(zone).date()
    if timeframe is Timeframe.W1:
        date -= timedelta(days=date.weekday())
    elif timeframe is Timeframe.MN1:
        date = date.replace(day=1)
    return datetime(date.year, date.month, date.day, tzinfo=UTC)

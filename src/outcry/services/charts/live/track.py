"""One symbol as a feed follows it: its open minutes, its longer bars, and what screens show of it."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from outcry.kit.market import Timeframe, to_micros
from outcry.ports.feed import BidAsk, FeedInstrument, Tick
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.live.book import MINUTE, Book, Verdict
from outcry.services.charts.live.ladder import ClosedBar
from outcry.services.charts.live.recorder import Found

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Track:
    """What is known of one symbol, and how it is shown."""

    def __init__(self, instrument: FeedInstrument, found: Found) -> None:
        self.instrument = instrument
        self.known_since = found.known_since
        self.silent_until = found.silent_until
        self.ladder = found.ladder
        self.book = Book(found.settled_until)
        if found.untold:
            self.book.fill(found.untold, found.untold[-1].time + MINUTE)
        self.newest = _LONG_AGO
        self.price: float | None = None
        self._quote: BidAsk | None = None
        self._closed: dict[Timeframe, FormingBar] = {}

    def take_quote(self, quote: BidAsk, latest: datetime) -> Verdict:
        """Keep a bid and ask; of an instrument without trades their middle makes bars."""
        if not (0 < quote.bid < math.inf and 0 < quote.ask < math.inf) or quote.time > latest:
            return "refused"
        if self._quote is not None and quote.time < self._quote.time:
            return "late"
        self._quote = quote
        self.newest = max(self.newest, quote.time)
        if not self.instrument.quoted:
            return "taken"
        self.price = (quote.bid + quote.ask) / 2
        return self.book.add(Tick(symbol=quote.symbol, time=quote.time, price=self.price, volume=0.0), latest)

    def remember(self, closed: Iterable[ClosedBar]) -> None:
        """Keep the newest closed bar of each timeframe, for the screens."""
        for one in closed:
            self._closed[one.timeframe] = one.bar

    def bar_state(self, timeframe: Timeframe) -> dict[str, Any] | None:
        """Return the newest bar of a timeframe, and the one that closed before it."""
        forming, last = self._forming(timeframe), self._closed.get(timeframe)
        shown = forming if forming is not None and (last is None or forming.time > last.time) else last
        if shown is None:
            return None
        return {
            "symbol": self.instrument.symbol,
            "timeframe": timeframe.value,
            **_numbers(shown),
            "closed": shown is last,
            "replayed": False,
            "last_closed": None if last is None else _numbers(last),
        }

    def quote_state(self) -> dict[str, Any] | None:
        """Return the present minute in the form that a replay has, with the price, bid and ask, and the day so far."""
        minute = self.bar_state(Timeframe.M1)
        if minute is None and self._quote is None:
            return None
        day = self._forming(Timeframe.D1)
        quote = self._quote
        return {
            **(minute or {"symbol": self.instrument.symbol, "timeframe": Timeframe.M1.value, "replayed": False}),
            "speed": 1,
            "price": self.price,
            "price_time": None if self.price is None else to_micros(self.newest) // 1000,
            "bid": None if quote is None else quote.bid,
            "ask": None if quote is None else quote.ask,
            "bid_size": None if quote is None else quote.bid_size,
            "ask_size": None if quote is None else quote.ask_size,
            "day": None if day is None else _numbers(day),
        }

    def _forming(self, timeframe: Timeframe) -> FormingBar | None:
        minutes = tuple(self.book.bars())
        if timeframe is Timeframe.M1:
            return minutes[-1] if minutes else None
        return self.ladder.forming(timeframe, minutes)


def _numbers(bar: FormingBar) -> dict[str, Any]:
    return {
        "time": to_micros(bar.time) // 1000,
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": bar.volume,
    }

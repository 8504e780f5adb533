"""Takes what a feed gives: into bars of every timeframe, into the store, and onto the screens."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError
from outcry.kit.market import Bars, Timeframe, from_micros
from outcry.ports.feed import BidAsk, Feed, FeedInstrument, FeedItem, Interrupted, Resumed, Tick
from outcry.ports.realtime import Realtime
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.contracts import SHARED_TENANT, Instrument
from outcry.services.charts.live.book import MINUTE, minute_of
from outcry.services.charts.live.contracts import FeedStatus
from outcry.services.charts.live.filler import Filler
from outcry.services.charts.live.recorder import Closing, Recorder
from outcry.services.charts.live.screens import Screens, Shown
from outcry.services.charts.live.studies import History, Studies
from outcry.services.charts.live.track import Track
from outcry.services.charts.series import end_of
from outcry.services.charts.settings import ChartsSettings

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25
_SAY_EVERY_S = 900.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
_LAG_WEIGHT = 0.1
# How late ticks of an instrument may be that are late by nature; delayed exchanges are a quarter of an hour late.
_SLOWEST = timedelta(minutes=20)


class LiveRunner:
    """One feed's ticks as they come, for all organisations.

    A minute closes ``live_late_seconds`` after its end, by the newest tick that came: until then a late trade still
    counts, after that it is counted and refused, so what was told to be closed never changes. While ticks may have
    been missed nothing closes, until the source's own bars have filled the gap.

    Args:
        name: what the feed is called on screens and in logs.
        history: gives the stored bars of a symbol, or builds them of its minutes.
    """

    def __init__(
        self,
        *,
        name: str,
        feed: Feed,
        commands: ChartsCommands,
        recorder: Recorder,
        realtime: Realtime,
        clock: Clock,
        settings: ChartsSettings,
        history: History,
    ) -> None:
        self._name = name
        self._feed = feed
        self._commands = commands
        self._recorder = recorder
        self._clock = clock
        self._settings = settings
        self._late = timedelta(seconds=settings.live_late_seconds)
        self._ahead = timedelta(seconds=settings.live_ahead_seconds)
        self._symbols = frozenset(feed.symbols())
        self._tracks: dict[str, Track] = {}
        self._filler = Filler(feed, settle=self._settle_filled)
        self._history = history
        self.screens = Screens(realtime, self._state_of)
        self.studies = Studies(self._closed, changed=self.screens.touch)
        self._counts: Counter[str] = Counter()
        self._lag_ms: float | None = None
        self._newest: datetime | None = None
        self._boundary: datetime | None = None
        self._problem = ""
        self._tasks: list[asyncio.Task[None]] = []

    def covers(self, tenant_id: UUID, symbol: str) -> bool:
        """Say whether the feed gives an instrument: one of those for all, not of an organisation's own."""
        return tenant_id == SHARED_TENANT and symbol in self._symbols

    def is_open(self, symbol: str) -> bool:
        """Say whether a symbol is followed already; it is not while the source has never answered."""
        return symbol in self._tracks

    async def start(self) -> None:
        """Begin to follow, in the background: a source that is away keeps nothing else from starting."""
        for name, work in (
            ("follow", self._following()),
            ("store", self._recorder.run()),
            ("show", self.screens.run()),
            ("watch", self._watching()),
        ):
            self._tasks.append(asyncio.create_task(work, name=f"charts-live-{name}"))

    async def stop(self) -> None:
        """Stop following, and store what closed."""
        for task in self._tasks[:1]:
            await _end(task)
        if self._tasks:
            await self._recorder.drain()
        for task in self._tasks[1:]:
            await _end(task)
        await self._filler.stop()
        await self.studies.stop()
        await self._feed.close()
        self._tasks = []
        self._say()

    def status(self) -> FeedStatus:
        """Return how the feed goes."""
        standing = self._feed.standing()
        return FeedStatus(
            name=self._name,
            connected=standing.connected,
            problem=standing.problem or self._problem,
            symbols=tuple(sorted(self._tracks)),
            heard_at=standing.heard_at,
            lag_ms=None if self._lag_ms is None else round(self._lag_ms, 1),
            reconnects=standing.reconnects,
            frozen=standing.frozen,
            ticks=self._counts["taken"],
            quotes=self._counts["quotes"],
            late=self._counts["late"],
            dropped=self._counts["dropped"],
            refused=self._counts["refused"],
            filled=self._filler.filled,
            unfilled=self._filler.unfilled,
            waiting=self._recorder.waiting,
        )

    async def open(self, instruments: Sequence[FeedInstrument]) -> None:
        """Prepare to follow these: they become instruments for all, and go on where they stopped."""
        await self._commands.import_bars(SHARED_TENANT, [_to_instrument(one) for one in instruments], ())
        # An instrument that is there already stays as it is, and its days are cut as they are everywhere.
        zones = await self._commands.list_zones(SHARED_TENANT)
        back = timedelta(days=self._settings.live_backfill_days)
        tracks = {}
        for given in instruments:
            one = replace(given, zone=zones.get(given.symbol, given.zone))
            found = await self._recorder.find(one.symbol, one.zone, now=self._clock.now(), back=back)
            tracks[one.symbol] = Track(one, found)
        self._tracks = tracks

    def take(self, group: Sequence[FeedItem]) -> None:
        """Take what came together."""
        now = self._clock.now()
        latest, moved = now + self._ahead, dict[str, Track]()
        for item in group:
            if isinstance(item, Interrupted | Resumed):
                self._note_break(item, latest)
            elif (track := self._tracks.get(item.symbol)) is not None and self._take_one(track, item, latest):
                moved[item.symbol] = track
        for symbol, track in moved.items():
            self.screens.touch(symbol)
            self._note_time(track, now)
        if self._newest is not None:
            self._settle_all(minute_of(min(self._newest, now) - self._late))

    async def look(self) -> None:
        """Ask for what is missing, greet who came; called a few times a second."""
        self._filler.look(self._tracks.values(), self._surely_over())
        for track in self._tracks.values():
            if not track.instrument.punctual:
                self._settle(track)
        await self.screens.look()
        followed = self.screens.followed
        self.studies.keep({(symbol, shown.timeframe, shown.study) for symbol, shown in followed if shown.timeframe})

    def _surely_over(self) -> datetime:
        """Return up to when the market's minutes are over, by its newest tick, or by a clock here that may be fast."""
        now = self._clock.now()
        by_clock = now - self._ahead
        by_ticks = by_clock if self._newest is None else min(self._newest, now)
        return max(by_clock, by_ticks) - self._late

    def _take_one(self, track: Track, item: Tick | BidAsk, latest: datetime) -> bool:
        """Take a tick or quote; say whether it counts."""
        if isinstance(item, BidAsk):
            self._counts["quotes"] += 1
            return track.take_quote(item, latest) == "taken"
        verdict = track.book.add(item, latest)
        self._counts[verdict] += 1
        if verdict != "taken":
            return False
        if item.time >= track.newest:
            track.newest, track.price = item.time, item.price
        return True

    def _note_time(self, track: Track, now: datetime) -> None:
        lag = (now - track.newest).total_seconds() * 1000
        self._lag_ms = lag if self._lag_ms is None else self._lag_ms + _LAG_WEIGHT * (lag - self._lag_ms)
        if not track.instrument.punctual:
            self._settle(track)
        elif self._newest is None or track.newest > self._newest:
            self._newest = track.newest

    def _settle_all(self, boundary: datetime) -> None:
        """Close what is over, once a minute is."""
        if self._boundary is None or boundary > self._boundary:
            self._boundary = boundary
            for track in self._tracks.values():
                self._settle(track)

    def _note_break(self, item: Interrupted | Resumed, latest: datetime) -> None:
        # By the latest time that the market's clock may show, as for trades: its minute may be the next one already.
        until = minute_of(latest) + MINUTE
        for symbol in item.symbols:
            if (track := self._tracks.get(symbol)) is None:
                continue
            if isinstance(item, Resumed):
                track.book.resume(until)
            else:
                track.book.interrupt()

    def _settle(self, track: Track) -> None:
        """Close what is over of one symbol, unless something of it may be missing."""
        if track.book.in_doubt:
            return
        now = self._clock.now()
        newest = self._newest if track.instrument.punctual else max(track.newest, now - _SLOWEST)
        if newest is not None:
            self._close(track, minute_of(min(newest, now) - self._late))

    def _settle_filled(self, track: Track, until: datetime) -> None:
        """Close what the source's own bars have filled, then what came after."""
        self._close(track, until)
        self._settle(track)

    def _close(self, track: Track, until: datetime) -> None:
        if until <= track.book.settled_until:
            return
        bars = tuple(track.ladder.add(track.book.settle(until), until))
        track.remember(bars)
        self.studies.take(track.instrument.symbol, bars)
        self._recorder.put(
            Closing(
                symbol=track.instrument.symbol,
                bars=bars,
                known_since=track.known_since,
                until=until,
                silent_until=track.silent_until,
            )
        )
        self.screens.touch(track.instrument.symbol)

    def _state_of(self, symbol: str, shown: Shown) -> dict[str, Any] | None:
        track = self._tracks.get(symbol)
        if track is None:
            return None
        if shown.timeframe is None:
            return track.quote_state()
        if shown.study:
            return self.studies.state(symbol, shown.timeframe, shown.study)
        return track.bar_state(shown.timeframe)

    async def _closed(self, symbol: str, timeframe: Timeframe) -> Bars:
        """Return the closed bars of a symbol: those that are over by what was settled, all of them stored."""
        track = self._tracks[symbol]
        until, zone = track.book.settled_until, track.instrument.zone
        await self._recorder.drain()
        bars = await self._history(symbol, timeframe)
        count = len(bars)
        while count and end_of(from_micros(int(bars.time[count - 1])), timeframe, zone) > until:
            count -= 1
        return bars.between(0, count)

    async def _following(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                if not self._tracks:
                    await self.open(await self._feed.instruments())
                pause = _FIRST_PAUSE_S
                self._problem = ""
                await self._follow()
                return
            except OutcryError as error:
                self._problem = error.detail
                log.warning("the feed %s does not work: %s", self._name, error.detail)
            except Exception:
                self._problem = "Something went wrong here; the log says what."
                log.exception("the feed %s broke", self._name)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _follow(self) -> None:
        for track in self._tracks.values():
            track.book.interrupt()
        groups = self._feed.ticks(tuple(self._tracks))
        try:
            async for group in groups:
                self.take(group)
        finally:
            if isinstance(groups, AsyncGenerator):
                await groups.aclose()

    def _say(self) -> None:
        status = self.status()
        log.info(
            "the feed %s: connected %s, lag %s ms; ticks %d, late %d, dropped %d, refused %d; "
            "reconnects %d, unfilled gaps %d",
            status.name,
            "yes" if status.connected else "no",
            status.lag_ms,
            status.ticks,
            status.late,
            status.dropped,
            status.refused,
            status.reconnects,
            status.unfilled,
        )

    async def _watching(self) -> None:
        loop = asyncio.get_running_loop()
        said_at = loop.time()
        while True:
            if loop.time() - said_at >= _SAY_EVERY_S:
                said_at = loop.time()
                self._say()
            try:
                await self.look()
            except Exception:
                log.exception("the feed %s could not be looked after", self._name)
            await asyncio.sleep(_LOOK_EVERY_S)


def _to_instrument(one: FeedInstrument) -> Instrument:
    return Instrument(
        symbol=one.symbol,
        name=one.name,
        kind=one.kind,
        exchange=one.exchange,
        currency=one.currency,
        zone=one.zone,
        aliases=() if one.source_symbol == one.symbol else (one.source_symbol,),
        series=(),
    )


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

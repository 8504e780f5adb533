"""Plays recorded bars as live ones to those who listen, per organisation. Stored bars never change."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np

from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.ports.feed import Feed, Tick
from outcry.ports.realtime import Realtime
from outcry.services.charts.bar_builder import BarBuilder, FormingBar
from outcry.services.charts.commands import ChartsCommands, Replay
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.series import newest_series, session_date

Recorded = Callable[[str], Awaitable[tuple[Timeframe, Bars]]]
# Makes a feed that plays what it is given: the recorded bars, and the speed, asked again and again.
MakeFeed = Callable[[Recorded, Callable[[], float]], Feed]

_LAST_BARS = 5
_LONGEST_SESSION = 1440
_LOOK_EVERY_S = 0.25
_SETTINGS_AGE_S = 2.0
# A listener is announced before it listens; after so many looks without one it is forgotten.
_PATIENCE = 40

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Channel:
    """One symbol of one organisation that somebody listens to, or did a moment ago."""

    tenant_id: UUID
    symbol: str
    idle_looks: int = 0
    player: asyncio.Task[None] | None = None

    @property
    def topic(self) -> str:
        return topic_of(self.tenant_id, self.symbol)

    @property
    def playing(self) -> bool:
        return self.player is not None and not self.player.done()


@dataclass(slots=True)
class _Setting:
    """An organisation's replay settings as last read, at this time of the event loop."""

    replay: Replay
    read_at: float


@dataclass(slots=True)
class _State:
    channels: dict[tuple[UUID, str], _Channel] = field(default_factory=dict)
    settings: dict[UUID, _Setting] = field(default_factory=dict)


def topic_of(tenant_id: UUID, symbol: str) -> str:
    """Return the realtime topic of an organisation's view of a symbol."""
    return f"quotes:{tenant_id}:{symbol}"


class ReplayRunner:
    """Watches who listens, and plays to them while their organisation's replay runs."""

    def __init__(
        self, *, queries: ChartsQueries, commands: ChartsCommands, realtime: Realtime, make_feed: MakeFeed
    ) -> None:
        self._queries = queries
        self._commands = commands
        self._realtime = realtime
        self._make_feed = make_feed
        self._state = _State()
        self._watch: asyncio.Task[None] | None = None

    def expect(self, tenant_id: UUID, symbol: str) -> None:
        """Note that somebody is about to listen to a symbol."""
        key = (tenant_id, symbol)
        channel = self._state.channels.setdefault(key, _Channel(tenant_id=tenant_id, symbol=symbol))
        channel.idle_looks = 0

    def changed(self, tenant_id: UUID, replay: Replay) -> None:
        """Take new settings over at once."""
        now = asyncio.get_running_loop().time()
        self._state.settings[tenant_id] = _Setting(replay=replay, read_at=now)

    @property
    def expected(self) -> set[tuple[UUID, str]]:
        """What somebody listens to, or did a moment ago: organisations and symbols."""
        return set(self._state.channels)

    @property
    def playing(self) -> set[tuple[UUID, str]]:
        """What is being played now."""
        return {key for key, channel in self._state.channels.items() if channel.playing}

    async def start(self) -> None:
        """Begin to watch."""
        self._watch = asyncio.create_task(self._watching(), name="charts-replay")

    async def stop(self) -> None:
        """Stop watching and playing."""
        await _end(self._watch)
        for channel in self._state.channels.values():
            await _end(channel.player)
        self._state = _State()

    async def look(self) -> None:
        """Start and stop players to fit who listens and what is set; called four times a second."""
        for key, channel in list(self._state.channels.items()):
            if self._realtime.listeners(channel.topic) == 0:
                channel.idle_looks += 1
                await _end(channel.player)
                channel.player = None
                if channel.idle_looks > _PATIENCE:
                    del self._state.channels[key]
                continue
            channel.idle_looks = 0
            await self._tend(channel)

    async def _tend(self, channel: _Channel) -> None:
        setting = await self._setting(channel.tenant_id)
        if setting.running and channel.player is None:
            name = f"charts-replay-{channel.symbol}"
            channel.player = asyncio.create_task(self._play(channel.tenant_id, channel.symbol), name=name)
        elif not setting.running and channel.player is not None:
            await _end(channel.player)
            channel.player = None
            await self._show_recorded(channel)

    async def _watching(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("the replay could not look after its listeners")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _setting(self, tenant_id: UUID) -> Replay:
        now = asyncio.get_running_loop().time()
        known = self._state.settings.get(tenant_id)
        if known is None or now - known.read_at > _SETTINGS_AGE_S:
            # Another process may have changed them.
            known = _Setting(replay=await self._commands.get_replay(tenant_id), read_at=now)
            self._state.settings[tenant_id] = known
        return known.replay

    def _speed(self, tenant_id: UUID) -> float:
        return float(self._state.settings[tenant_id].replay.speed)

    async def _play(self, tenant_id: UUID, symbol: str) -> None:
        try:
            await self._play_on(tenant_id, symbol)
        except Exception:
            # The channel keeps its finished player, so a broken series is not tried again with every look.
            _log.exception("the replay of a symbol ended early")

    async def _play_on(self, tenant_id: UUID, symbol: str) -> None:
        timeframe, bars = await self.recorded(tenant_id, symbol)

        async def recorded(_: str) -> tuple[Timeframe, Bars]:
            return timeframe, bars

        feed = self._make_feed(recorded, lambda: self._speed(tenant_id))
        # A recorded day is stamped with midnight UTC and its ticks fill that day, so days are cut in UTC here.
        builder = BarBuilder(timeframe, "UTC")
        newest: datetime | None = None
        steps = feed.ticks((symbol,))
        try:
            async for step in steps:
                for tick in (item for item in step if isinstance(item, Tick)):
                    if newest is not None and tick.time < newest:
                        builder = BarBuilder(timeframe, "UTC")
                    newest = tick.time
                    closed, forming = builder.add(tick)
                    if closed is not None:
                        await self._show(tenant_id, symbol, timeframe, closed, closed=True)
                    await self._show(tenant_id, symbol, timeframe, forming, closed=False)
        finally:
            if isinstance(steps, AsyncGenerator):
                await steps.aclose()
            await feed.close()

    async def recorded(self, tenant_id: UUID, symbol: str) -> tuple[Timeframe, Bars]:
        """Return what is played of a symbol: its last session where minutes are recorded, else its last bars."""
        found = await self._queries.instrument_reader.get(tenant_id, symbol)
        one = found.instrument
        series = newest_series(one.series, one.zone)
        if series is None:
            return Timeframe.D1, _NO_BARS
        intraday = series.timeframe.is_intraday
        bars = await self._queries.read_bars(
            found, series.timeframe, limit=_LONGEST_SESSION if intraday else _LAST_BARS
        )
        if intraday and len(bars):
            last = session_date(series.last, series.timeframe, one.zone)
            dates = [session_date(from_micros(int(t)), series.timeframe, one.zone) for t in bars.time]
            bars = bars.tail(sum(date == last for date in dates))
        return series.timeframe, bars

    async def _show_recorded(self, channel: _Channel) -> None:
        """Put the truth back on the screens: the newest recorded bar."""
        timeframe, bars = await self.recorded(channel.tenant_id, channel.symbol)
        if not len(bars):
            return
        newest = FormingBar(
            time=from_micros(int(bars.time[-1])),
            open=float(bars.open[-1]),
            high=float(bars.high[-1]),
            low=float(bars.low[-1]),
            close=float(bars.close[-1]),
            volume=float(bars.volume[-1]),
        )
        await self._show(channel.tenant_id, channel.symbol, timeframe, newest, closed=True, replayed=False)

    async def _show(
        self,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        bar: FormingBar,
        *,
        closed: bool,
        replayed: bool = True,
    ) -> None:
        state = {
            "symbol": symbol,
            "timeframe": timeframe.value,
            "time": to_micros(bar.time) // 1000,
            "open": bar.open,
            "high": bar.high,
            "low": bar.low,
            "close": bar.close,
            "volume": bar.volume,
            "closed": closed,
            "replayed": replayed,
            "speed": self._state.settings[tenant_id].replay.speed,
        }
        await self._realtime.set_latest(topic_of(tenant_id, symbol), json.dumps(state))


_NO_FLOATS = np.empty(0, dtype=np.float64)
_NO_BARS = Bars(
    time=np.empty(0, dtype=np.int64),
    open=_NO_FLOATS,
    high=_NO_FLOATS,
    low=_NO_FLOATS,
    close=_NO_FLOATS,
    volume=_NO_FLOATS,
    adjusted_close=_NO_FLOATS,
)


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

"""Live prices, wired: the feed that the installation follows, and the topics that show it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Bars, Timeframe
from outcry.kit.module import Topic
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.feed import Feed
from outcry.ports.realtime import Realtime
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.charts.live.api import feeds_router
from outcry.services.charts.live.recorder import Recorder
from outcry.services.charts.live.runner import LiveRunner
from outcry.services.charts.live.screens import Shown
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.replay import ReplayRunner
from outcry.services.charts.settings import ChartsSettings

_ALL = 2**40


@dataclass(frozen=True, kw_only=True)
class Prices:
    """The parts of the service that move: the replay, and a live feed where there is one."""

    router: APIRouter
    topics: dict[str, Topic]
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


def build_prices(
    live_feed: tuple[str, Feed] | None,
    *,
    replay: ReplayRunner,
    commands: ChartsCommands,
    queries: ChartsQueries,
    database: Database,
    time_series: TimeSeries,
    realtime: Realtime,
    clock: Clock,
    settings: ChartsSettings,
) -> Prices:
    """Return what moves prices. What a live feed gives moves by what happens; the replay plays the rest."""

    async def history(symbol: str, timeframe: Timeframe) -> Bars:
        found = await queries.instrument_reader.get(SHARED_TENANT, symbol)
        return await queries.read_bars(found, timeframe, limit=_ALL)

    live = None
    if live_feed is not None:
        live = LiveRunner(
            name=live_feed[0],
            feed=live_feed[1],
            commands=commands,
            recorder=Recorder(database=database, time_series=time_series),
            realtime=realtime,
            clock=clock,
            settings=settings,
            history=history,
        )
    listening = Listening(queries.instrument_reader, replay, live)

    async def start() -> None:
        await replay.start()
        if live is not None:
            await live.start()

    async def stop() -> None:
        if live is not None:
            await live.stop()
        await replay.stop()

    return Prices(
        router=feeds_router(live),
        topics={
            "quotes": Topic(log=False, may_listen=listening.to_quotes),
            "bars": Topic(log=False, may_listen=listening.to_bars),
            "studies": Topic(log=False, may_listen=listening.to_studies),
        },
        start=start,
        stop=stop,
    )


class Listening:
    """Who may listen to which prices; whoever may is expected by what plays them."""

    def __init__(self, instruments: InstrumentReader, replay: ReplayRunner, live: LiveRunner | None) -> None:
        self._instruments = instruments
        self._replay = replay
        self._live = live

    async def to_quotes(self, principal: Principal, topic_id: str) -> bool:
        """Topics are ``<tenant id>:<SYMBOL>``; one's own organisation's only, and only of instruments that exist."""
        tenant, _, symbol = topic_id.partition(":")
        owner = await self._owner(principal, tenant, symbol)
        if owner is None:
            return False
        if self._live is not None and self._live.covers(owner, symbol):
            self._live.screens.expect(principal.tenant_id, symbol)
        else:
            self._replay.expect(principal.tenant_id, symbol)
        return True

    async def to_bars(self, principal: Principal, topic_id: str) -> bool:
        """Topics are ``<tenant id>:<SYMBOL>:<timeframe>``; nothing comes of what no live feed gives."""
        tenant, _, rest = topic_id.partition(":")
        symbol, _, length = rest.rpartition(":")
        if length not in list(Timeframe) or (owner := await self._owner(principal, tenant, symbol)) is None:
            return False
        if self._live is not None and self._live.covers(owner, symbol):
            self._live.screens.expect(principal.tenant_id, symbol, Shown(timeframe=Timeframe(length)))
        return True

    async def to_studies(self, principal: Principal, topic_id: str) -> bool:
        """Topics are ``<tenant id>:<SYMBOL>:<timeframe>:rsi(period=14)``, of what a live feed gives only."""
        tenant, _, rest = topic_id.partition(":")
        symbol, _, rest = rest.partition(":")
        length, _, study = rest.partition(":")
        if self._live is None or length not in list(Timeframe) or not principal.may("charts:indicator:read"):
            return False
        owner = await self._owner(principal, tenant, symbol)
        if owner is None or not self._live.covers(owner, symbol) or not self._live.is_open(symbol):
            return False
        try:
            self._live.studies.follow(symbol, Timeframe(length), study)
        except (InvalidInputError, NotFoundError):
            return False
        self._live.screens.expect(principal.tenant_id, symbol, Shown(timeframe=Timeframe(length), study=study))
        return True

    async def _owner(self, principal: Principal, tenant: str, symbol: str) -> UUID | None:
        """Return whose instrument this is to who asks, None where they may not listen to it."""
        if not principal.may("charts:bars:read") or tenant != str(principal.tenant_id):
            return None
        found = await self._instruments.list_by_symbol(principal.tenant_id, (symbol,))
        return found[0].tenant_id if found and found[0].instrument.symbol == symbol else None

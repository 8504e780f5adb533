"""Wiring of the charts service."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from starlette.routing import BaseRoute

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.feed import Feed
from outcry.ports.filings import Filings
from outcry.ports.realtime import Realtime
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.adjusting.api import adjusting_router
from outcry.services.charts.api import make_router
from outcry.services.charts.board import build_board
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.fundamentals.api import fundamentals_router
from outcry.services.charts.fundamentals.commands import FundamentalsCommands
from outcry.services.charts.importing.wiring import build_imports
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.charts.listing.api import listing_router
from outcry.services.charts.listing.commands import ListingCommands
from outcry.services.charts.live.wiring import build_prices
from outcry.services.charts.privacy import ChartsPersonalData
from outcry.services.charts.profiles.api import profiles_router
from outcry.services.charts.profiles.queries import ProfileQueries
from outcry.services.charts.quality.api import quality_router
from outcry.services.charts.quality.queries import QualityQueries
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.replay import MakeFeed, ReplayRunner
from outcry.services.charts.settings import ChartsSettings
from outcry.services.charts.sharing.slash import chart_command
from outcry.services.chat.contracts import ChatFacade


def build_market(
    *, database: Database, time_series: TimeSeries, clock: Clock, settings: ChartsSettings
) -> ChartsCommands:
    """Return what loads samples and imports files, without the service around it."""
    return ChartsCommands(database=database, time_series=time_series, clock=clock, settings=settings)


def build_reports(*, database: Database, time_series: TimeSeries, filings: Filings) -> FundamentalsCommands:
    """Return what takes companies' reports, without the service around it."""
    return FundamentalsCommands(database=database, instruments=InstrumentReader(database, time_series), filings=filings)


def build(
    *,
    database: Database,
    time_series: TimeSeries,
    realtime: Realtime,
    chat: ChatFacade,
    filings: Filings,
    blobs: Blobs,
    make_feed: MakeFeed,
    clock: Clock,
    settings: ChartsSettings,
    live_feed: tuple[str, Feed] | None = None,
    uploads: Path | None = None,
) -> Module:
    """Wire the service. ``make_feed`` makes the replay's feed: ``lambda recorded, speed: ReplayFeed(...)``.

    ``live_feed`` is the feed that the installation follows, and what it is called on screens and in logs. Files to
    import wait in ``uploads``, by default a folder of its own among the system's temporary files.
    """
    queries = ChartsQueries(database=database, time_series=time_series, clock=clock)
    commands = ChartsCommands(database=database, time_series=time_series, clock=clock, settings=settings)
    replay = ReplayRunner(queries=queries, commands=commands, realtime=realtime, make_feed=make_feed)

    router = make_router(queries, commands, replay)
    router.routes.extend(_facts(queries, ListingCommands(database=database, time_series=time_series), time_series))
    fundamentals = FundamentalsCommands(database=database, instruments=queries.instrument_reader, filings=filings)
    router.routes.extend(fundamentals_router(fundamentals, queries.reported).routes)
    board = build_board(database=database, realtime=realtime, queries=queries, chat=chat, blobs=blobs, clock=clock)
    router.routes.extend(board.routes)

    imports = build_imports(
        database=database, market=commands, realtime=realtime, clock=clock, settings=settings, folder=uploads
    )
    router.routes.extend(imports.router.routes)
    prices = build_prices(
        live_feed,
        replay=replay,
        commands=commands,
        queries=queries,
        database=database,
        time_series=time_series,
        realtime=realtime,
        clock=clock,
        settings=settings,
    )
    router.routes.extend(prices.router.routes)

    return Module(
        name="charts",
        needs=("chat",),
        facade=queries,
        personal=ChartsPersonalData(database, time_series, parts=(*board.personal, imports.personal)),
        router=router,
        topics={**prices.topics, **board.topics, "job": imports.topic},
        pushed=board.pushed,
        slash=(chart_command(queries.instrument_reader, chat),),
        start=_in_turn(imports.runner.start, prices.start),
        stop=_in_turn(prices.stop, imports.runner.stop),
    )


def _facts(queries: ChartsQueries, listing: ListingCommands, time_series: TimeSeries) -> Iterator[BaseRoute]:
    """Return the endpoints about what is recorded of instruments, and how good it is."""
    yield from listing_router(listing, queries).routes
    yield from adjusting_router(queries).routes
    yield from quality_router(QualityQueries(queries, time_series)).routes
    yield from profiles_router(ProfileQueries(queries)).routes


def _in_turn(*steps: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def take_all() -> None:
        for step in steps:
            await step()

    return take_all

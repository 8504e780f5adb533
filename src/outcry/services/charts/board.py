"""What people make of charts, wired: drawings, layouts, watchlists, formulas, pictures and what is shared of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from starlette.routing import BaseRoute

from outcry.kit.clock import Clock
from outcry.kit.module import Topic
from outcry.kit.privacy import PersonalData
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.charts.conditions.api import conditions_router
from outcry.services.charts.conditions.queries import ConditionQueries
from outcry.services.charts.drawings.wiring import PUSHED, build_drawings
from outcry.services.charts.kept_privacy import KeptPersonalData
from outcry.services.charts.layouts import api as layouts
from outcry.services.charts.layouts.commands import LayoutCommands
from outcry.services.charts.layouts.queries import LayoutQueries
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.rendering import api as rendering
from outcry.services.charts.rendering.gathering import PictureGatherer
from outcry.services.charts.rendering.hits import FormulaHits
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.rendering.privacy import KeptPictures
from outcry.services.charts.rendering.queries import PictureQueries
from outcry.services.charts.rendering.raster import Rasteriser
from outcry.services.charts.sharing.snapshots import Snapshots
from outcry.services.charts.sharing.wiring import build_sharing
from outcry.services.charts.summary.api import summary_router
from outcry.services.charts.watchlists import api as watchlists
from outcry.services.charts.watchlists.commands import WatchlistCommands
from outcry.services.charts.watchlists.queries import WatchlistQueries
from outcry.services.chat.contracts import ChatFacade


@dataclass(frozen=True, kw_only=True)
class Board:
    """The part of the service that is about what people make of charts."""

    routes: Sequence[BaseRoute]
    topics: Mapping[str, Topic]
    personal: Sequence[PersonalData]
    pushed: tuple[type, ...]


def build_board(
    *,
    database: Database,
    realtime: Realtime,
    queries: ChartsQueries,
    chat: ChatFacade,
    blobs: Blobs,
    clock: Clock,
) -> Board:
    """Return it over these engines."""
    instruments = queries.instrument_reader
    drawings = build_drawings(database=database, realtime=realtime, instruments=instruments, chat=chat, clock=clock)
    kept = LayoutQueries(database)
    pictures = Pictures(blobs=blobs, rasteriser=Rasteriser(), clock=clock)
    conditions = ConditionQueries(queries, clock)
    gatherer, hits = PictureGatherer(queries), FormulaHits(conditions)
    drawn = PictureQueries(gatherer=gatherer, layouts=kept, drawings=drawings.queries, hits=hits)
    snapshots = Snapshots(charts=queries, drawings=drawings.queries, gatherer=gatherer, hits=hits, clock=clock)
    sharing = build_sharing(database=database, snapshots=snapshots, pictures=pictures, chat=chat, clock=clock)
    routers = (
        drawings.router,
        layouts.make_router(LayoutCommands(database=database, clock=clock), kept),
        rendering.make_router(drawn, pictures),
        sharing.router,
        conditions_router(conditions),
        summary_router(queries),
        watchlists.make_router(
            WatchlistCommands(database=database, instruments=instruments, clock=clock),
            WatchlistQueries(database=database, charts=queries),
        ),
    )
    return Board(
        routes=tuple(chain.from_iterable(router.routes for router in routers)),
        topics=drawings.topics,
        personal=(drawings.personal, KeptPersonalData(database), KeptPictures(pictures), sharing.personal),
        pushed=PUSHED,
    )

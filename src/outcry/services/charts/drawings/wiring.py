"""Drawings, wired."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.module import Topic
from outcry.kit.privacy import PersonalData
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.charts.drawings.api import make_router
from outcry.services.charts.drawings.commands import DrawingCommands
from outcry.services.charts.drawings.contracts import DragsUpdate, DrawingUpdate
from outcry.services.charts.drawings.courier import DrawingCourier
from outcry.services.charts.drawings.ledger import Ledger
from outcry.services.charts.drawings.privacy import DrawingPersonalData
from outcry.services.charts.drawings.queries import DrawingQueries
from outcry.services.charts.drawings.scopes import Charts
from outcry.services.charts.drawings.undoing import Undoing
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.chat.contracts import ChatFacade

PUSHED = (DrawingUpdate, DragsUpdate)


@dataclass(frozen=True, kw_only=True)
class Drawings:
    """The parts of the service that are about drawings."""

    router: APIRouter
    queries: DrawingQueries
    topics: dict[str, Topic]
    personal: PersonalData


def build_drawings(
    *, database: Database, realtime: Realtime, instruments: InstrumentReader, chat: ChatFacade, clock: Clock
) -> Drawings:
    """Return the drawings over these engines."""
    charts = Charts(instruments=instruments, chat=chat, clock=clock)
    courier, ledger = DrawingCourier(realtime=realtime, clock=clock), Ledger(clock)
    queries = DrawingQueries(database=database, charts=charts, courier=courier)
    commands = DrawingCommands(database=database, charts=charts, queries=queries, courier=courier, ledger=ledger)
    undoing = Undoing(database=database, charts=charts, courier=courier, ledger=ledger)
    return Drawings(
        router=make_router(commands, queries, undoing),
        queries=queries,
        topics={
            "drawings": Topic(log=True, may_listen=charts.may_listen),
            "drags": Topic(log=False, may_listen=charts.may_listen_to_drags),
        },
        personal=DrawingPersonalData(database=database, courier=courier),
    )

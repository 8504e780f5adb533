"""Shared charts, wired."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.privacy import PersonalData
from outcry.ports.database import Database
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.sharing.access import ShareAccess
from outcry.services.charts.sharing.api import make_router
from outcry.services.charts.sharing.commands import ShareCommands
from outcry.services.charts.sharing.opening import ShareOpener
from outcry.services.charts.sharing.privacy import SharePersonalData
from outcry.services.charts.sharing.queries import ShareQueries
from outcry.services.charts.sharing.snapshots import Snapshots
from outcry.services.chat.contracts import ChatFacade


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """The parts of the service that are about shared charts."""

    router: APIRouter
    personal: PersonalData


def build_sharing(
    *, database: Database, snapshots: Snapshots, pictures: Pictures, chat: ChatFacade, clock: Clock
) -> Sharing:
    """Return the sharing of charts over these engines."""
    commands = ShareCommands(database=database, snapshots=snapshots, chat=chat, clock=clock)
    opener = ShareOpener(
        database=database, snapshots=snapshots, pictures=pictures, access=ShareAccess(chat), clock=clock
    )
    queries = ShareQueries(database=database, clock=clock)
    return Sharing(router=make_router(commands, queries, opener, pictures), personal=SharePersonalData(database))

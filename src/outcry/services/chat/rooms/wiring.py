"""Wires what is done with whole rooms: kinds, roles, links, topics, exports and moderation."""

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.export.api import export_router
from outcry.services.chat.export.commands import RoomExports
from outcry.services.chat.links.api import links_router
from outcry.services.chat.links.commands import LinkCommands
from outcry.services.chat.links.queries import LinkQueries
from outcry.services.chat.messages.wiring import Handling
from outcry.services.chat.moderation.wiring import build_moderation
from outcry.services.chat.names import Names
from outcry.services.chat.rooms.api import rooms_router
from outcry.services.chat.rooms.commands import RoomCommands
from outcry.services.chat.rooms.queries import RoomQueries
from outcry.services.chat.roster import Roster
from outcry.services.chat.topics.api import topics_router
from outcry.services.chat.topics.commands import TopicCommands
from outcry.services.chat.topics.queries import TopicQueries


def room_routers(
    handling: Handling,
    roster: Roster,
    *,
    database: Database,
    changes: Changes,
    auth: AuthFacade,
    names: Names,
    clock: Clock,
) -> tuple[APIRouter, ...]:
    """Return the endpoints over these engines."""
    rooms = RoomCommands(changes=changes, auth=auth, names=names, roster=roster, clock=clock)
    links = LinkCommands(database=database, changes=changes, auth=auth, names=names, roster=roster, clock=clock)
    messages = handling.commands
    moderation = build_moderation(
        database=database, changes=changes, auth=auth, names=names, roster=roster, messages=messages, clock=clock
    )
    return (
        rooms_router(rooms, RoomQueries(database=database, auth=auth)),
        topics_router(
            TopicCommands(database=database, changes=changes, names=names, clock=clock), TopicQueries(database=database)
        ),
        links_router(links, LinkQueries(database=database, auth=auth, names=names, clock=clock)),
        export_router(RoomExports(database=database, auth=auth, names=names, clock=clock)),
        moderation.router(),
    )

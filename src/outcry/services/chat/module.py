"""Wires the chat service."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.module import Handler, Module, Topic
from outcry.kit.slash import SlashCommands
from outcry.ports.blobs import Blobs
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.mail import Mail
from outcry.ports.message_log import MessageLog
from outcry.ports.pages import Pages
from outcry.ports.realtime import Realtime
from outcry.ports.text_search import TextSearch
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.api import make_router
from outcry.services.chat.audience.wiring import Speech, build_speech
from outcry.services.chat.calls import make_calls
from outcry.services.chat.changes import Changes
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.courier import Courier
from outcry.services.chat.erasure import ChatEraser
from outcry.services.chat.files.wiring import Filing, build_filing
from outcry.services.chat.handlers import ChatHandlers
from outcry.services.chat.later.wiring import build_unsent
from outcry.services.chat.log.history import RoomHistory
from outcry.services.chat.log.trimming import LogTrimmer
from outcry.services.chat.messages.wiring import Handling, build_handling
from outcry.services.chat.moderation.handlers import ModerationHandlers
from outcry.services.chat.names import Names
from outcry.services.chat.notifying.wiring import Notices, build_notices
from outcry.services.chat.posting import Poster
from outcry.services.chat.presence.wiring import build_attendance
from outcry.services.chat.previews.wiring import Previews, build_previews
from outcry.services.chat.privacy import ChatPersonalData
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.retention.wiring import build_retention
from outcry.services.chat.rooms.wiring import room_routers
from outcry.services.chat.roster import Roster
from outcry.services.chat.search.api import search_router
from outcry.services.chat.search.indexer import Indexer
from outcry.services.chat.search.queries import SearchQueries
from outcry.services.chat.settings import ChatSettings
from outcry.services.chat.slash.commands import help_command


class Lasting(Protocol):
    """Something that goes on in the background while the service runs."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """Stop."""


def build(
    *,
    database: Database,
    realtime: Realtime,
    log: MessageLog,
    cache: Cache,
    index: TextSearch,
    blobs: Blobs,
    auth: AuthFacade,
    mail: Mail,
    pages: Pages,
    clock: Clock,
    settings: ChatSettings,
    slash: SlashCommands,
) -> Module:
    """Return the chat service over these engines; ``slash`` are the commands of all services, filled later."""
    courier, names = Courier(realtime), Names(auth=auth, clock=clock)
    changes = Changes(database=database, courier=courier, log=log)
    roster = Roster(names=names, clock=clock, settings=settings)
    poster = Poster(changes=changes, auth=auth, names=names, clock=clock, settings=settings)
    commands = ChatCommands(changes=changes, auth=auth, roster=roster, poster=poster, names=names, clock=clock)
    queries, indexer = ChatQueries(database=database, log=log, names=names), Indexer(database=database, index=index)
    search = SearchQueries(database=database, index=index, names=names)
    attendance = build_attendance(
        database=database, realtime=realtime, cache=cache, courier=courier, names=names, clock=clock
    )
    handling = build_handling(database=database, changes=changes, names=names, clock=clock, settings=settings)
    unsent = build_unsent(
        database=database, courier=courier, poster=poster, clock=clock, settings=settings, slash=slash
    )
    seats = room_routers(handling, roster, database=database, changes=changes, auth=auth, names=names, clock=clock)
    notices = build_notices(
        database=database, courier=courier, auth=auth, names=names, mail=mail, clock=clock, settings=settings
    )
    filing = build_filing(database=database, blobs=blobs, names=names, clock=clock, settings=settings)
    previews = build_previews(
        database=database, changes=changes, names=names, cache=cache, pages=pages, blobs=blobs, clock=clock
    )
    speech = build_speech(
        database=database, changes=changes, names=names, poster=poster, index=index, auth=auth, clock=clock
    )
    keeping = build_retention(database, changes, names, indexer, speech.citations, filing.queries.store, clock)
    own = (search_router(search), *(each.router() for each in (handling, notices, filing, previews, keeping)))
    eraser = ChatEraser(database=database, changes=changes, log=log, roster=roster)
    trimmer = LogTrimmer(log=log, clock=clock, settings=settings)
    lasting = (indexer, trimmer, unsent.sender, notices.mailer, filing.sweeper, previews.worker, keeping.sweeper)
    return Module(
        name="chat",
        needs=("auth",),
        facade=speech.facade,
        personal=personal_data(database, eraser, handling, speech, indexer, filing, previews),
        router=_join(make_router(commands, queries), *attendance.routers(), *seats, *unsent.routers(), *own),
        handlers=_listen(speech, notices, database, changes, names=names, roster=roster, courier=courier, auth=auth),
        calls={**make_calls(commands), **attendance.calls},
        slash=(help_command(slash),),
        pushed=(RoomUpdate, *attendance.pushed, *notices.pushed),
        topics={**attendance.topics, **_topics(queries, RoomHistory(database=database, log=log, names=names))},
        start=_in_turn(log.epoch, speech.citations.start, attendance.beat.start, *(each.start for each in lasting)),
        stop=_in_turn(*(each.stop for each in reversed(lasting)), attendance.stop),
    )


def personal_data(
    database: Database,
    eraser: ChatEraser,
    handling: Handling,
    speech: Speech,
    indexer: Indexer,
    filing: Filing,
    previews: Previews,
) -> ChatPersonalData:
    """Return the service's part in exports and erasures, over its own parts."""
    return ChatPersonalData(
        database=database,
        eraser=eraser,
        traces=handling.traces,
        citations=speech.citations,
        indexer=indexer,
        files=filing.traces,
        previews=previews.sweeper,
    )


def _listen(
    speech: Speech,
    notices: Notices,
    database: Database,
    changes: Changes,
    *,
    names: Names,
    roster: Roster,
    courier: Courier,
    auth: AuthFacade,
) -> dict[str, Handler]:
    people = ChatHandlers(database=database, changes=changes, names=names, roster=roster)
    reviews = ModerationHandlers(database=database, courier=courier, auth=auth)
    return {**people.by_event(), **reviews.by_event(), **speech.handlers, **notices.handlers.by_event()}


def _join(router: APIRouter, *parts: APIRouter) -> APIRouter:
    router.routes.extend(route for part in parts for route in part.routes)
    return router


def _topics(queries: ChatQueries, history: RoomHistory) -> dict[str, Topic]:
    return {
        "room": Topic(log=True, may_listen=queries.may_listen_to_room, history=history),
        "user": Topic(log=True, may_listen=queries.may_listen_to_user),
    }


def _in_turn(*steps: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    async def take_all() -> None:
        for step in steps:
            await step()

    return take_all

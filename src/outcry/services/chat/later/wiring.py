"""Wires what is written and not sent: drafts, messages for later, and slash commands."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.slash import SlashCommands
from outcry.ports.database import Database
from outcry.services.chat.courier import Courier
from outcry.services.chat.drafts.api import drafts_router
from outcry.services.chat.drafts.commands import Drafts
from outcry.services.chat.later.api import later_router
from outcry.services.chat.later.commands import LaterMessages
from outcry.services.chat.later.sending import LaterSender
from outcry.services.chat.posting import Poster
from outcry.services.chat.settings import ChatSettings
from outcry.services.chat.slash.api import slash_router


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """Everything that happens to words before they are a message."""

    drafts: Drafts
    later: LaterMessages
    sender: LaterSender
    slash: SlashCommands
    database: Database

    def routers(self) -> Iterator[APIRouter]:
        """Return the endpoints."""
        yield drafts_router(self.drafts)
        yield later_router(self.later)
        yield slash_router(self.slash, self.database)


def build_unsent(
    *,
    database: Database,
    courier: Courier,
    poster: Poster,
    clock: Clock,
    settings: ChatSettings,
    slash: SlashCommands,
) -> Unsent:
    """Return it over these engines."""
    return Unsent(
        drafts=Drafts(database=database, courier=courier, clock=clock),
        later=LaterMessages(database=database, clock=clock, settings=settings),
        sender=LaterSender(database=database, courier=courier, poster=poster, clock=clock),
        slash=slash,
        database=database,
    )

"""Wires moderation."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.changes import Changes
from outcry.services.chat.messages.commands import MessageCommands
from outcry.services.chat.moderation.api import moderation_router
from outcry.services.chat.moderation.commands import ModerationCommands
from outcry.services.chat.moderation.queries import ModerationQueries
from outcry.services.chat.moderation.reviews import ReviewCommands
from outcry.services.chat.moderation.word_lists import WordLists
from outcry.services.chat.names import Names
from outcry.services.chat.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """What moderators do and see."""

    commands: ModerationCommands
    queries: ModerationQueries
    words: WordLists
    reviews: ReviewCommands

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return moderation_router(self.commands, self.queries, self.words, self.reviews)


def build_moderation(
    *,
    database: Database,
    changes: Changes,
    auth: AuthFacade,
    names: Names,
    roster: Roster,
    messages: MessageCommands,
    clock: Clock,
) -> Moderation:
    """Return it over these engines."""
    return Moderation(
        commands=ModerationCommands(changes=changes, auth=auth, names=names, roster=roster, clock=clock),
        queries=ModerationQueries(database=database, names=names, clock=clock),
        words=WordLists(database=database, clock=clock),
        reviews=ReviewCommands(database=database, changes=changes, messages=messages, clock=clock),
    )

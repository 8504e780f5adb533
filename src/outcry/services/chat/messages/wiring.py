"""Wires what can be done with messages."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.messages.api import messages_router
from outcry.services.chat.messages.commands import MessageCommands
from outcry.services.chat.messages.marks import MessageMarks
from outcry.services.chat.messages.privacy import MessageTraces
from outcry.services.chat.messages.queries import MessageQueries
from outcry.services.chat.names import Names
from outcry.services.chat.settings import ChatSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What can be done with messages, and what reads it."""

    commands: MessageCommands
    marks: MessageMarks
    queries: MessageQueries
    traces: MessageTraces

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return messages_router(self.commands, self.marks, self.queries)


def build_handling(
    *, database: Database, changes: Changes, names: Names, clock: Clock, settings: ChatSettings
) -> Handling:
    """Return it over these engines."""
    return Handling(
        commands=MessageCommands(changes=changes, names=names, clock=clock, settings=settings),
        marks=MessageMarks(changes=changes, names=names, clock=clock),
        queries=MessageQueries(database=database, names=names),
        traces=MessageTraces(database=database, changes=changes, names=names),
    )

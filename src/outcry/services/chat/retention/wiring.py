"""Wires retention and legal hold."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.names import Names
from outcry.services.chat.retention.api import retention_router
from outcry.services.chat.retention.commands import RetentionCommands
from outcry.services.chat.retention.expiring import Expirer
from outcry.services.chat.retention.queries import RetentionQueries
from outcry.services.chat.retention.sweeping import RetentionSweeper
from outcry.services.chat.search.indexer import Indexer


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long messages are kept, and what sees to it."""

    commands: RetentionCommands
    queries: RetentionQueries
    sweeper: RetentionSweeper

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return retention_router(self.commands, self.queries)


def build_retention(
    database: Database,
    changes: Changes,
    names: Names,
    indexer: Indexer,
    citations: Citations,
    store: FileStore,
    clock: Clock,
) -> Retention:
    """Return it over these engines."""
    expirer = Expirer(changes=changes, clock=clock)
    return Retention(
        commands=RetentionCommands(database=database, changes=changes, clock=clock),
        queries=RetentionQueries(database=database, names=names, store=store),
        sweeper=RetentionSweeper(database=database, expirer=expirer, indexer=indexer, citations=citations, clock=clock),
    )

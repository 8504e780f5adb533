"""Wires link previews."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.blobs import Blobs
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.pages import Pages
from outcry.services.chat.changes import Changes
from outcry.services.chat.names import Names
from outcry.services.chat.previews.api import previews_router
from outcry.services.chat.previews.commands import PreviewCommands
from outcry.services.chat.previews.queries import PreviewQueries
from outcry.services.chat.previews.sweeping import Sweeper
from outcry.services.chat.previews.visits import Visitor
from outcry.services.chat.previews.worker import PreviewWorker


@dataclass(frozen=True, slots=True, kw_only=True)
class Previews:
    """Everything about what links lead to."""

    worker: PreviewWorker
    sweeper: Sweeper
    commands: PreviewCommands
    queries: PreviewQueries

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return previews_router(self.commands, self.queries)


def build_previews(
    *, database: Database, changes: Changes, names: Names, cache: Cache, pages: Pages, blobs: Blobs, clock: Clock
) -> Previews:
    """Return it over these engines."""
    sweeper = Sweeper(database=database, blobs=blobs, clock=clock)
    return Previews(
        worker=PreviewWorker(
            database=database,
            changes=changes,
            names=names,
            cache=cache,
            visitor=Visitor(pages=pages, blobs=blobs),
            sweeper=sweeper,
            clock=clock,
        ),
        sweeper=sweeper,
        commands=PreviewCommands(database=database, changes=changes, names=names, clock=clock),
        queries=PreviewQueries(database=database, blobs=blobs),
    )

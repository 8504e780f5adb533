"""Wires files."""

from dataclasses import dataclass

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.chat.files.api import files_router
from outcry.services.chat.files.commands import FileCommands
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.privacy import FileTraces
from outcry.services.chat.files.queries import FileQueries
from outcry.services.chat.files.sweeping import FileSweeper
from outcry.services.chat.names import Names
from outcry.services.chat.settings import ChatSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What takes files in, gives them out, and lets go of them."""

    commands: FileCommands
    queries: FileQueries
    sweeper: FileSweeper
    traces: FileTraces

    def router(self) -> APIRouter:
        """Return the endpoints."""
        return files_router(self.commands, self.queries)


def build_filing(*, database: Database, blobs: Blobs, names: Names, clock: Clock, settings: ChatSettings) -> Filing:
    """Return it over these engines."""
    store = FileStore(blobs)
    sweeper = FileSweeper(database=database, store=store, clock=clock)
    return Filing(
        commands=FileCommands(database=database, store=store, clock=clock, settings=settings),
        queries=FileQueries(database=database, store=store, names=names),
        sweeper=sweeper,
        traces=FileTraces(database=database, sweeper=sweeper),
    )

"""Imports from the browser, wired."""

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.kit.ids import new_id
from outcry.kit.module import Topic
from outcry.kit.principal import Principal
from outcry.kit.privacy import PersonalData
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.importing.api import import_router
from outcry.services.charts.importing.commands import ImportCommands
from outcry.services.charts.importing.history import ImportHistory
from outcry.services.charts.importing.privacy import ImportPersonalData
from outcry.services.charts.importing.queries import ImportQueries
from outcry.services.charts.importing.running import ImportRunner
from outcry.services.charts.settings import ChartsSettings


@dataclass(frozen=True, kw_only=True)
class Imports:
    """The endpoints, the topic, the personal data and the runner of imports."""

    router: APIRouter
    topic: Topic
    personal: PersonalData
    runner: ImportRunner


def build_imports(
    *,
    database: Database,
    market: ChartsCommands,
    realtime: Realtime,
    clock: Clock,
    settings: ChartsSettings,
    folder: Path | None,
) -> Imports:
    """Wire imports; uploaded files wait in ``folder``, which is emptied at the start.

    Without one it is a folder of its own among the system's temporary files.
    """
    folder = folder or Path(tempfile.gettempdir()) / f"outcry-imports-{new_id()}"
    history = ImportHistory(
        database=database, clock=clock, keep=timedelta(days=settings.import_keep_days), most=settings.import_keep_most
    )
    runner = ImportRunner(
        database=database, market=market, realtime=realtime, clock=clock, folder=folder, history=history
    )
    queries = ImportQueries(database, runner)

    async def may_listen(principal: Principal, topic_id: str) -> bool:
        """Topics are ``<tenant id>:<import id>``; of one's own organisation, and of imports that exist."""
        tenant, _, import_id = topic_id.partition(":")
        if not principal.may("charts:import:read") or tenant != str(principal.tenant_id):
            return False
        try:
            await queries.get(principal.tenant_id, UUID(import_id))
        except (NotFoundError, ValueError):
            return False
        return True

    return Imports(
        router=import_router(ImportCommands(runner, settings), queries),
        topic=Topic(log=False, may_listen=may_listen),
        personal=ImportPersonalData(database),
        runner=runner,
    )

"""Wires the audit service."""

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.secrets import Secrets
from outcry.services.audit.api import make_router
from outcry.services.audit.checkpoints import Checkpoints
from outcry.services.audit.commands import AuditLog
from outcry.services.audit.export import Exports, Open
from outcry.services.audit.handlers import AuditHandlers
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.privacy import AuditPersonalData
from outcry.services.audit.queries import AuditQueries
from outcry.services.audit.reading import Reading
from outcry.services.audit.record_reading import RecordQueries
from outcry.services.audit.reporting import Reports
from outcry.services.audit.retention import Retention
from outcry.services.audit.settings import AuditSettings
from outcry.services.auth.contracts import AuthFacade


def build(
    *, database: Database, auth: AuthFacade, secrets: Secrets, blobs: Blobs, clock: Clock, settings: AuditSettings
) -> Module:
    """Return the audit service over these engines."""
    checkpoints = Checkpoints(database=database, secrets=secrets, blobs=blobs, clock=clock, settings=settings)
    log = AuditLog(
        database=database, auth=auth, checkpoints=checkpoints, checkpoint_entries=settings.checkpoint_entries
    )
    store = LeafStore(database, blobs)
    queries = AuditQueries(database=database, auth=auth, checkpoints=checkpoints, store=store)
    records = RecordQueries(database=database, auth=auth, store=store)
    exports = Exports(
        database=database,
        store=store,
        open_sealed=lambda items: auth.open_for_people(items=items),
        checkpoints=checkpoints,
        clock=clock,
    )

    reports = Reports(
        database=database,
        auth=auth,
        store=store,
        checkpoints=checkpoints,
        clock=clock,
        font=settings.report_font,
    )

    retention = Retention(database=database, blobs=blobs, clock=clock, settings=settings)

    async def start() -> None:
        await checkpoints.start()
        await retention.start()

    async def stop() -> None:
        await retention.stop()
        await log.stop()
        await checkpoints.stop()

    return Module(
        name="audit",
        needs=("auth",),
        personal=AuditPersonalData(database, auth, store),
        router=make_router(queries, records, Reading(database), exports, reports),
        handlers=AuditHandlers(log).by_event(),
        start=start,
        stop=stop,
    )


def build_exports(
    *, database: Database, open_sealed: Open, secrets: Secrets, blobs: Blobs, clock: Clock, settings: AuditSettings
) -> Exports:
    """Return what exports logs, without the service around it."""
    checkpoints = Checkpoints(database=database, secrets=secrets, blobs=blobs, clock=clock, settings=settings)
    return Exports(
        database=database,
        store=LeafStore(database, blobs),
        open_sealed=open_sealed,
        checkpoints=checkpoints,
        clock=clock,
    )

"""HTTP endpoints of the audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import StreamingResponse

from outcry.kit.http import Moment, refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.audit.checkpoints import SignedCheckpoint
from outcry.services.audit.errors import EntryNotFoundError
from outcry.services.audit.export import Exports
from outcry.services.audit.queries import AuditQueries, ConsistencyProof, EntryFilter, InclusionProof
from outcry.services.audit.reading import Reading
from outcry.services.audit.record_reading import AuditRecord, RecordQueries
from outcry.services.audit.report_api import add_reports
from outcry.services.audit.reporting import Reports
from outcry.services.audit.views import AuditEntry

_ZIP = "application/zip"
_Reader = Annotated[Principal, requires("audit:entry:read")]
_Exporter = Annotated[Principal, requires("audit:export:create", fresh=True)]
_Cursor = Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
_EntryName = Annotated[
    str, Path(pattern=r"^([0-9]{1,19}|[0-9a-fA-F-]{36})$", description="The index of an entry, or its id.")
]
_Size = Annotated[int, Query(ge=0, lt=2**63, description="A number of entries.")]


def _read_filter(
    start: Annotated[Moment | None, Query(description="From this time on; without a zone it is UTC.")] = None,
    end: Annotated[Moment | None, Query(description="Before this time; without a zone it is UTC.")] = None,
    actor_id: Annotated[UUID | None, Query(description="Who did it.")] = None,
    person_id: Annotated[UUID | None, Query(description="Whom it is about.")] = None,
    act: Annotated[str, Query(max_length=120, pattern=r"^[a-z0-9_.]*$", description="How the act begins.")] = "",
    object_type: Annotated[str, Query(max_length=60, pattern=r"^[a-z0-9_]*$")] = "",
    object_id: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    outcome: Annotated[str, Query(pattern=r"^(done|failed|refused)?$")] = "",
) -> EntryFilter:
    return EntryFilter(
        start=start,
        end=end,
        actor_id=actor_id,
        person_id=person_id,
        act=act,
        object_type=object_type,
        object_id=object_id,
        outcome=outcome,
    )


def make_router(
    queries: AuditQueries, records: RecordQueries, reading: Reading, exports: Exports, reports: Reports
) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
    _add_entries(router, queries, reading)
    _add_records(router, records, reading)
    _add_proofs(router, queries)
    _add_checkpoints(router, queries)
    _add_export(router, exports)
    add_reports(router, reports)
    return router


def _add_entries(router: APIRouter, queries: AuditQueries, reading: Reading) -> None:
    @router.get("/entries")
    async def list_entries(
        principal: _Reader,
        wanted: Annotated[EntryFilter, Depends(_read_filter)],
        limit: _Limit = 50,
        cursor: _Cursor = None,
    ) -> Page[AuditEntry]:
        """List the organisation's entries, the newest first. That you read them becomes an entry itself."""
        page = await queries.list_entries(tenant_id=principal.tenant_id, wanted=wanted, cursor=cursor, limit=limit)
        await reading.note(principal, page.items, wanted.told())
        return page

    @router.get("/entries/{entry}")
    async def get_entry(principal: _Reader, entry: _EntryName) -> AuditEntry:
        """Return one entry. That you read it becomes an entry itself."""
        found = await queries.get_entry(tenant_id=principal.tenant_id, entry=_entry(entry))
        await reading.note(principal, (found,), {})
        return found


def _add_records(router: APIRouter, records: RecordQueries, reading: Reading) -> None:
    @router.get("/records/{object_type}/{object_id}")
    async def get_record(
        principal: _Reader,
        object_type: Annotated[str, Path(max_length=60, pattern=r"^[a-z0-9_-]+$", description="Such as room.")],
        object_id: Annotated[
            str, Path(max_length=200, pattern=r"^[^\x00]+$", description="Its id; - for what there is only one of.")
        ],
        at: Annotated[Moment | None, Query(description="As it was then; without a zone it is UTC.")] = None,
    ) -> AuditRecord:
        """Make a record again as it was at a time. That you read it becomes an entry itself."""
        named = "" if object_id == "-" else object_id
        found = await records.get_record(tenant_id=principal.tenant_id, object_type=object_type, object_id=named, at=at)
        await reading.note_record(principal, found)
        return found


def _add_proofs(router: APIRouter, queries: AuditQueries) -> None:
    @router.get("/entries/{entry}/proof", responses=refusals(409))
    async def prove_entry(
        principal: _Reader,
        entry: _EntryName,
        size: Annotated[int | None, Query(ge=1, lt=2**63, description="Of which checkpoint; else the newest.")] = None,
    ) -> InclusionProof:
        """Prove that an entry is in the log, by the hashes that lead from it to a signed checkpoint."""
        return await queries.prove_entry(tenant_id=principal.tenant_id, entry=_entry(entry), size=size)

    @router.get("/consistency", responses=refusals(404))
    async def prove_growth(principal: _Reader, old: _Size, new: _Size) -> ConsistencyProof:
        """Prove that the log of so many entries begins with all that it had at a smaller size."""
        return await queries.prove_growth(tenant_id=principal.tenant_id, old=old, new=new)


def _add_checkpoints(router: APIRouter, queries: AuditQueries) -> None:
    @router.get("/checkpoints")
    async def list_checkpoints(
        principal: _Reader, limit: _Limit = 50, cursor: _Cursor = None
    ) -> Page[SignedCheckpoint]:
        """List the signed checkpoints, the newest first."""
        return await queries.list_checkpoints(tenant_id=principal.tenant_id, cursor=cursor, limit=limit)

    @router.get("/checkpoints/latest", responses=refusals(404))
    async def get_latest_checkpoint(principal: _Reader) -> SignedCheckpoint:
        """Return the newest checkpoint: keep it, and nothing before it can be changed unseen."""
        return await queries.get_checkpoint(tenant_id=principal.tenant_id, size=None)

    @router.get("/key")
    async def get_key(_: _Reader) -> str:
        """Return the key that checkpoints are verified by; keep it apart from this server."""
        return queries.verifier_key()


def _add_export(router: APIRouter, exports: Exports) -> None:
    @router.get(
        "/export", response_class=StreamingResponse, responses={200: {"content": {_ZIP: {}}}, **refusals(404, 409)}
    )
    async def export_log(
        principal: _Exporter,
        size: Annotated[
            int | None, Query(ge=1, lt=2**63, description="Up to which checkpoint; else the newest.")
        ] = None,
    ) -> StreamingResponse:
        """Return a zip of the log that anybody can verify by ``outcry audit verify``. This becomes an entry itself."""
        wanted = await exports.begin(tenant_id=principal.tenant_id, size=size, actor_id=principal.user_id)
        name = f"outcry-audit-{wanted.size}.zip"
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return StreamingResponse(exports.stream(wanted), media_type=_ZIP, headers=headers)


def _entry(written: str) -> UUID | int:
    if written.isdigit():
        return int(written)
    try:
        return UUID(written)
    except ValueError as error:
        raise EntryNotFoundError() from error

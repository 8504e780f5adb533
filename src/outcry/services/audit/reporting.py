"""Makes compliance reports: one pass over the log, then the names."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.audit.checkpoints import Checkpoints, SignedCheckpoint, to_signed
from outcry.services.audit.errors import InvalidReportPeriodError, ReportTooLargeError
from outcry.services.audit.events import ReportMade
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import CheckpointRow, EntryRow
from outcry.services.audit.report import ComplianceReport, LogState, named, people_of
from outcry.services.audit.report_sections import (
    DEVICE_ACT,
    ERASED,
    EXPORT_ACTS,
    MEMBER_ACTS,
    READ_ACTS,
    REGISTERED,
    SIGNED_IN,
    Sections,
)
from outcry.services.audit.views import AuditEntry, open_entries
from outcry.services.auth.contracts import AuthFacade, SealedText

Form = Literal["json", "csv", "pdf"]

USUAL_PERIOD = timedelta(days=90)
LONGEST_PERIOD = timedelta(days=366)
MOST_ENTRIES = 50_000
_PAGE = 500

ERASED_PERSON = "erased person"
FORMER_MEMBER = "former member"


class Reports:
    """Makes reports, and publishes that it did."""

    def __init__(
        self,
        *,
        database: Database,
        auth: AuthFacade,
        store: LeafStore,
        checkpoints: Checkpoints,
        clock: Clock,
        font: Path | None = None,
        most_entries: int = MOST_ENTRIES,
    ) -> None:
        self.font = font
        self._database = database
        self._auth = auth
        self._store = store
        self._checkpoints = checkpoints
        self._clock = clock
        self._most = most_entries

    async def make(
        self, principal: Principal, *, start: datetime | None, end: datetime | None, form: Form
    ) -> ComplianceReport:
        """Return the report of a period, of the last 90 days where none is named.

        Raises InvalidReportPeriodError, ReportTooLargeError and ArchiveDamagedError.
        """
        now = self._clock.now()
        until = end or now
        since = _start(start, until)
        report = await self._read(principal.tenant_id, since, until, now)
        await self._tell(principal, report, form)
        return report

    async def _read(self, tenant_id: UUID, start: datetime, end: datetime, now: datetime) -> ComplianceReport:
        sections, samples, unread, read = Sections(start), dict[UUID, SealedText](), 0, 0
        async for page in self._entries(tenant_id, start, end):
            read += len(page)
            if read > self._most:
                raise ReportTooLargeError(f"More than {self._most} entries are in it: choose a shorter period.")
            for entry in page:
                if entry.kept == "archived_away":
                    unread += 1
                else:
                    sections.add(entry)
                    _sample(entry, samples)
        organisation = await self._auth.find_organisation(tenant_id=tenant_id)
        report = ComplianceReport(
            organisation_id=tenant_id,
            organisation=organisation.name if organisation else "",
            start=start,
            end=end,
            made_at=now,
            access=sections.access(),
            reads=sections.reads(),
            role_changes=sections.role_changes(),
            roles=sections.roles(),
            exports=sections.exports(),
            failures=sections.failures(),
            failures_by_day=sections.failures_by_day(),
            log=await self._log_state(tenant_id, start, end, unread),
        )
        return named(report, await self._names(tenant_id, people_of(report), samples, sections.erased))

    async def _entries(self, tenant_id: UUID, start: datetime, end: datetime) -> AsyncIterator[list[AuditEntry]]:
        """Go through the entries that the report is of, in order; the rest stays in the database."""
        query = select(EntryRow).where(*_conditions(tenant_id, start, end)).order_by(EntryRow.index).limit(_PAGE)
        after = -1
        while True:
            async with self._database.reading() as session:
                rows = list(await session.scalars(query.where(EntryRow.index > after)))
            yield list(await open_entries(self._auth, self._store, rows))
            if len(rows) < _PAGE:
                return
            after = rows[-1].index

    async def _log_state(self, tenant_id: UUID, start: datetime, end: datetime, unread: int) -> LogState:
        within = (EntryRow.tenant_id == tenant_id, EntryRow.time >= start, EntryRow.time < end)
        async with self._database.reading() as session:
            entries = await session.scalar(select(func.count()).select_from(EntryRow).where(*within)) or 0
        return LogState(
            key=str(self._checkpoints.key),
            at_start=await self._checkpoint_at(tenant_id, start),
            at_end=await self._checkpoint_at(tenant_id, end),
            entries=entries,
            unread=unread,
        )

    async def _checkpoint_at(self, tenant_id: UUID, time: datetime) -> SignedCheckpoint | None:
        query = select(CheckpointRow).where(CheckpointRow.tenant_id == tenant_id, CheckpointRow.time <= time)
        async with self._database.reading() as session:
            row = await session.scalar(query.order_by(CheckpointRow.size.desc()).limit(1))
        return to_signed(row) if row else None

    async def _names(
        self, tenant_id: UUID, ids: set[UUID], samples: dict[UUID, SealedText], erased: set[UUID]
    ) -> dict[UUID, str]:
        """Return what people are called now. Who is no member any more and whose key is gone was erased."""
        people = await self._auth.list_people(tenant_id=tenant_id, ids=tuple(ids))
        names = {person.id: person.name for person in people}
        others = ids - names.keys()
        asked = [samples[one] for one in others if one in samples]
        opened = await self._auth.open_for_people(items=tuple(asked)) if asked else ()
        closed = {one.person_id for one, text in zip(asked, opened, strict=True) if text is None}
        return names | {one: ERASED_PERSON if one in closed | erased else FORMER_MEMBER for one in others}

    async def _tell(self, principal: Principal, report: ComplianceReport, form: Form) -> None:
        event = ReportMade(maker_id=principal.user_id, start=report.start, end=report.end, form=form)
        async with self._database.transaction() as transaction:
            transaction.publish(
                event,
                tenant_id=principal.tenant_id,
                key=f"audit:{principal.tenant_id}",
                actor_id=principal.user_id,
            )


def _start(start: datetime | None, end: datetime) -> datetime:
    try:
        since = start or end - USUAL_PERIOD
        length = end - since
    except OverflowError as error:
        raise InvalidReportPeriodError() from error
    if not timedelta(0) < length <= LONGEST_PERIOD:
        raise InvalidReportPeriodError(f"A report is of up to {LONGEST_PERIOD.days} days that end after they begin.")
    return since


def _conditions(tenant_id: UUID, start: datetime, end: datetime) -> list[ColumnElement[bool]]:
    wanted = or_(
        EntryRow.outcome != "done",
        EntryRow.act.in_((SIGNED_IN, *READ_ACTS, *EXPORT_ACTS)),
        and_(EntryRow.act == DEVICE_ACT, EntryRow.object_type == "device"),
        # Archived away: it may have been anything.
        EntryRow.act == "",
    )
    places = EntryRow.act.in_((*MEMBER_ACTS, REGISTERED, ERASED))
    return [EntryRow.tenant_id == tenant_id, EntryRow.time < end, or_(places, and_(EntryRow.time >= start, wanted))]


def _sample(entry: AuditEntry, samples: dict[UUID, SealedText]) -> None:
    """Keep something that is sealed for each person, to ask later whether their key is still there."""
    address = json.loads(entry.leaf)["address"]
    if "sealed" in address:
        person_id = UUID(address["of"])
        samples.setdefault(person_id, SealedText(person_id=person_id, sealed=address["sealed"]))

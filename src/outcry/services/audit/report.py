"""The compliance report: who came in, who may what, what went out and what was refused. No input, no output."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outcry.services.audit.checkpoints import SignedCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccess:
    """How often somebody signed in, by which ways, and from how many networks; ``devices`` are newly remembered."""

    person_id: UUID
    name: str = ""
    sign_ins: int
    ways: dict[str, int]
    networks: int
    devices: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRead:
    """How often somebody looked at data of others, and at how many things in all."""

    person_id: UUID | None
    name: str = ""
    act: str
    times: int
    things: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """A change of somebody's place; ``index`` is its entry in the log."""

    index: int
    time: datetime
    act: str
    person_id: UUID | None
    name: str = ""
    actor_id: UUID | None
    actor: str = ""
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHolder:
    """What somebody was at the end of the period, by the entries of the log from its beginning on."""

    person_id: UUID
    name: str = ""
    role: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExport:
    """Something that was given out."""

    index: int
    time: datetime
    act: str
    actor_id: UUID | None
    actor: str = ""
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed tries of one person from one network; ``refusals`` are of what they may not do."""

    person_id: UUID | None
    name: str = ""
    network: str
    sign_ins: int
    step_ups: int
    refusals: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresOfDay:
    """Failed tries of a day (UTC)."""

    day: date
    sign_ins: int
    step_ups: int
    refusals: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """The log itself: its newest checkpoints before the start and the end, and whom they are signed by.

    ``entries`` counts those of the period. Of ``unread`` the leaves are archived away, so they are in no section.
    """

    key: str
    at_start: SignedCheckpoint | None
    at_end: SignedCheckpoint | None
    entries: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceReport:
    """The report of an organisation from ``start`` and before ``end``."""

    organisation_id: UUID
    organisation: str
    start: datetime
    end: datetime
    made_at: datetime
    access: tuple[PersonAccess, ...]
    reads: tuple[DataRead, ...]
    role_changes: tuple[RoleChange, ...]
    roles: tuple[RoleHolder, ...]
    exports: tuple[DataExport, ...]
    failures: tuple[Failures, ...]
    failures_by_day: tuple[FailuresOfDay, ...]
    log: LogState


def named(report: ComplianceReport, names: Mapping[UUID, str]) -> ComplianceReport:
    """Return the report with people's names."""

    def put(rows: Any) -> Any:
        return tuple(replace(row, **_names(row, names)) for row in rows)

    people = ("access", "reads", "role_changes", "roles", "exports", "failures")
    return replace(report, **{section: put(getattr(report, section)) for section in people})


def people_of(report: ComplianceReport) -> set[UUID]:
    """Return everybody in the report."""
    rows: tuple[Any, ...] = (
        *report.access,
        *report.reads,
        *report.role_changes,
        *report.roles,
        *report.exports,
        *report.failures,
    )
    found = {getattr(row, name, None) for row in rows for name in ("person_id", "actor_id")}
    return {one for one in found if one is not None}


def _names(row: Any, names: Mapping[UUID, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for ids, words in (("person_id", "name"), ("actor_id", "actor")):
        if hasattr(row, ids):
            found[words] = names.get(getattr(row, ids), "")
    return found

"""Folds the sections of a compliance report from entries of the log in their order. No input, no output.

Names are not in it yet: an entry has ids alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from outcry.kit.network import network_of
from outcry.services.audit.report import (
    DataExport,
    DataRead,
    Failures,
    FailuresOfDay,
    PersonAccess,
    RoleChange,
    RoleHolder,
)
from outcry.services.audit.views import AuditEntry

SIGNED_IN = "auth.signed_in"
REGISTERED = "auth.person_registered"
ERASED = "auth.person_erased"
MEMBER_ACTS = tuple(
    f"auth.member_{act}" for act in ("joined", "left", "removed", "role", "disabled", "enabled", "ownership")
)
READ_ACTS = ("audit.entries_read", "auth.members_read", "auth.invitations_read")
EXPORT_ACTS = ("auth.person_exported", "audit.exported", "audit.report_made")
DEVICE_ACT = "auth.credential_added"

# The columns of failures, by the act that failed; anything else counts as one of the others.
_FAILURES = {"auth.sign_in": "sign_ins", "auth.step_up": "step_ups", "auth.access_refused": "refusals"}


@dataclass(slots=True)
class _Access:
    sign_ins: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    networks: set[str] = field(default_factory=set)
    devices: int = 0
    first: datetime | None = None
    last: datetime | None = None


class Sections:
    """Takes entries in the order of the log, and gives the sections of a report that begins at ``start``."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._access: dict[UUID, _Access] = {}
        self._reads: dict[tuple[UUID | None, str], list[int]] = {}
        self._changes: list[RoleChange] = []
        self._roles: dict[UUID, RoleHolder] = {}
        self._exports: list[DataExport] = []
        self._failures: dict[tuple[UUID | None, str], Counter[str]] = {}
        self._days: dict[date, Counter[str]] = {}
        self.erased: set[UUID] = set()

    def add(self, entry: AuditEntry) -> None:
        """Take an entry; one from before the start says only who held what role."""
        if entry.outcome == "done" and entry.act in (*MEMBER_ACTS, REGISTERED, ERASED):
            self._add_place(entry)
        if entry.time < self._start:
            return
        if entry.outcome != "done":
            self._add_failure(entry)
        elif entry.act in (SIGNED_IN, DEVICE_ACT):
            self._add_access(entry)
        elif entry.act in READ_ACTS:
            found = self._reads.setdefault((entry.actor_id, entry.act), [0, 0])
            found[0] += 1
            found[1] += _number(entry.after.get("count"))
        elif entry.act in EXPORT_ACTS:
            self._exports.append(
                DataExport(
                    index=entry.index,
                    time=entry.time,
                    act=entry.act,
                    actor_id=entry.actor_id or entry.person_id,
                    what=", ".join(f"{name} {value}" for name, value in sorted(entry.after.items())),
                )
            )

    def _add_access(self, entry: AuditEntry) -> None:
        if entry.person_id is None:
            return
        access = self._access.setdefault(entry.person_id, _Access())
        if entry.act == DEVICE_ACT:
            access.devices += entry.object_type == "device"
            return
        access.sign_ins += 1
        access.ways[entry.after.get("methods") or "unknown"] += 1
        if entry.address:
            access.networks.add(network_of(entry.address))
        access.first = access.first or entry.time
        access.last = entry.time

    def _add_place(self, entry: AuditEntry) -> None:
        person_id = entry.person_id
        if person_id is None:
            return
        if entry.act == ERASED:
            self.erased.add(person_id)
            self._roles.pop(person_id, None)
            return
        held = self._roles.get(person_id)
        role = entry.after.get("role") or (held.role if held else entry.before.get("role", ""))
        state = entry.after.get("state") or (held.state if held else "active")
        if state == "gone":
            self._roles.pop(person_id, None)
        else:
            self._roles[person_id] = RoleHolder(person_id=person_id, role=role, state=state, since=entry.time)
        if entry.time >= self._start:
            self._changes.append(
                RoleChange(
                    index=entry.index,
                    time=entry.time,
                    act=entry.act,
                    person_id=person_id,
                    actor_id=entry.actor_id,
                    before=_place(entry.before),
                    after=_place(entry.after),
                )
            )

    def _add_failure(self, entry: AuditEntry) -> None:
        kind = _FAILURES.get(entry.act, "others")
        times = 1 + _number(entry.after.get("dropped"))
        network = network_of(entry.address) if entry.address else ""
        self._failures.setdefault((entry.person_id or entry.actor_id, network), Counter())[kind] += times
        self._days.setdefault(entry.time.date(), Counter())[kind] += times

    def access(self) -> tuple[PersonAccess, ...]:
        """Return who signed in, who did so most often first."""
        found = [
            PersonAccess(
                person_id=person_id,
                sign_ins=one.sign_ins,
                ways=dict(sorted(one.ways.items())),
                networks=len(one.networks),
                devices=one.devices,
                first=one.first,
                last=one.last,
            )
            for person_id, one in self._access.items()
            if one.sign_ins or one.devices
        ]
        return tuple(sorted(found, key=lambda one: -one.sign_ins))

    def reads(self) -> tuple[DataRead, ...]:
        """Return who read data of others."""
        return tuple(
            DataRead(person_id=person_id, act=act, times=times, things=things)
            for (person_id, act), (times, things) in self._reads.items()
        )

    def role_changes(self) -> tuple[RoleChange, ...]:
        """Return the changes of roles, in order."""
        return tuple(self._changes)

    def roles(self) -> tuple[RoleHolder, ...]:
        """Return who held what at the end."""
        return tuple(sorted(self._roles.values(), key=lambda one: (one.role, one.since)))

    def exports(self) -> tuple[DataExport, ...]:
        """Return what was given out, in order."""
        return tuple(self._exports)

    def failures(self) -> tuple[Failures, ...]:
        """Return the failed tries of each person and network, the most first."""
        found = sorted(self._failures.items(), key=lambda one: -one[1].total())
        return tuple(
            Failures(person_id=person_id, network=network, **_columns(kinds)) for (person_id, network), kinds in found
        )

    def failures_by_day(self) -> tuple[FailuresOfDay, ...]:
        """Return the failed tries of each day that had any, in order."""
        return tuple(FailuresOfDay(day=day, **_columns(kinds)) for day, kinds in sorted(self._days.items()))


def _columns(kinds: Counter[str]) -> dict[str, Any]:
    return {name: kinds[name] for name in ("sign_ins", "step_ups", "refusals", "others")}


def _place(record: Mapping[str, str]) -> str:
    return ", ".join(record[name] for name in ("role", "state") if record.get(name))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0

"""Exports made by hand, to be tampered with."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from outcry.services.audit import export_files as files
from outcry.services.audit.export_files import StreamedZip
from outcry.services.audit.leaves import Act, Entry, canonical, to_leaf
from outcry.services.audit.notes import Checkpoint, Signer
from outcry.services.audit.tree import append_leaf, hash_leaf, root_of

TENANT = UUID("0197f0e0-0000-7000-8000-000000000001")
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
SIGNER = Signer("outcry/audit", b"\1" * 32)
OTHER = Signer("outcry/audit", b"\2" * 32)
EVERY = 7


def make_leaf(place: int, index: int | None = None, tenant: UUID = TENANT, more: str = "") -> bytes:
    """Return the leaf of the act of this number, also with another index than its own."""
    person = uuid5(TENANT, f"person {place % 5}")
    act = Act(
        kind="auth.member_role",
        object_type="member",
        object_id=str(person),
        person_id=person,
        before={"role": "member"},
        after={"role": f"analyst{more}"},
        sealed={"after.name": "c2VhbGVk"},
    )
    entry = Entry(
        id=uuid5(TENANT, f"act {place}{more}"),
        time=START + timedelta(seconds=place),
        tenant_id=tenant,
        actor_id=person,
        request=uuid5(TENANT, f"request {place}"),
        trace="ab" * 16,
        address={"of": str(person), "sealed": "YWRkcmVzcw=="},
        act=act,
    )
    return to_leaf(entry, place if index is None else index)


def note_of(leaves: list[bytes], *, signer: Signer = SIGNER, tenant: UUID = TENANT) -> str:
    """Return the signed checkpoint of these entries."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaves):
        append_leaf(size, peaks, hash_leaf(leaf))
    time = START + timedelta(seconds=len(leaves))
    checkpoint = Checkpoint(origin=f"{signer.key.name}/{tenant}", size=len(leaves), root=root_of(peaks), time=time)
    return signer.sign(checkpoint.to_text())


@dataclass
class Parts:
    """What an export is made of. ``notes`` are its checkpoints by their size."""

    leaves: list[bytes]
    hashes: list[bytes]
    notes: dict[int, str]
    keys: list[str] = field(default_factory=lambda: [str(SIGNER.key)])
    said: int | None = None
    opened: str = ""
    newest: str | None = None
    leaves_from: int = 0

    def tampered(self, leaves: list[bytes], *, rehashed: bool) -> "Parts":
        """Return it with other entries; with hashes that fit them, if wanted."""
        return replace(self, leaves=leaves, hashes=[hash_leaf(leaf) for leaf in leaves] if rehashed else self.hashes)

    def without_notes_from(self, size: int) -> "Parts":
        """Return it without the checkpoints of so many entries and more."""
        return replace(self, notes={one: note for one, note in self.notes.items() if one < size})

    def contents(self) -> dict[str, bytes]:
        """Return every file."""
        manifest = {
            "format": files.FORMAT,
            "version": files.FORMAT_VERSION,
            "tenant": str(TENANT),
            "size": len(self.leaves) if self.said is None else self.said,
            "leaves_from": self.leaves_from,
        }
        newest = self.newest if self.newest is not None else self.notes[max(self.notes)] if self.notes else ""
        return {
            files.MANIFEST: json.dumps(manifest).encode(),
            files.NEWEST: newest.encode(),
            files.CHECKPOINTS: b"".join(
                canonical({"size": size, "note": note}) + b"\n" for size, note in sorted(self.notes.items())
            ),
            files.KEYS: json.dumps({"keys": self.keys}).encode(),
            files.HASHES: b"".join(self.hashes),
            files.ENTRIES: b"".join(leaf + b"\n" for leaf in self.leaves),
            files.OPENED: self.opened.encode(),
        }

    def write(self, path: Path) -> Path:
        """Write it as a zip, or, where the name has no suffix, as a folder."""
        if path.suffix:
            zipped = StreamedZip(START)
            content = b""
            for name, data in self.contents().items():
                zipped.begin(name)
                content += zipped.write(data) + zipped.end()
            path.write_bytes(content + zipped.close())
            return path
        path.mkdir(exist_ok=True)
        for name, data in self.contents().items():
            (path / name).write_bytes(data)
        return path


@cache
def _leaves(size: int) -> tuple[bytes, ...]:
    return tuple(make_leaf(place) for place in range(size))


@cache
def _notes(size: int) -> tuple[tuple[int, str], ...]:
    sizes = sorted({*range(EVERY, size + 1, EVERY), size})
    return tuple((one, note_of(list(_leaves(size)[:one]))) for one in sizes)


def make_export(size: int) -> Parts:
    """Return a good export of so many entries, with a checkpoint at every seventh and at the end."""
    leaves = list(_leaves(size))
    return Parts(leaves=leaves, hashes=[hash_leaf(leaf) for leaf in leaves], notes=dict(_notes(size)))

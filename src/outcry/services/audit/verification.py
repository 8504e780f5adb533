"""Verifies an export against signed checkpoints, without the server: in one pass, and little memory."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from outcry.services.audit import export_files as files
from outcry.services.audit.diagnosis import name_first
from outcry.services.audit.export_files import ExportFiles, UnreadableError
from outcry.services.audit.notes import VerifierKey
from outcry.services.audit.points import Finding, Point, Points, keys_of
from outcry.services.audit.tree import root_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of it. Without ``findings`` all ``size`` entries are what ``root`` stands for, signed at ``time``.

    ``key_given`` says that the key did not come out of the export. ``hashes_only`` is the number of the oldest entries
    whose text retention took: of these only the hashes are proved.
    """

    origin: str
    size: int
    root: str
    time: datetime | None
    checkpoints: int
    kept: int
    signers: tuple[str, ...]
    key_given: bool
    hashes_only: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an export says of itself in its manifest, which nobody signed."""

    tenant: UUID
    size: int
    leaves_from: int


def verify_export(path: Path, *, keys: Sequence[VerifierKey] = (), kept: Sequence[Path] = ()) -> Verdict:
    """Verify the export at a path; raises UnreadableError where there is none to judge.

    ``keys`` are those that may have signed, else those in the export. ``kept`` are files of checkpoints, or folders of
    such, that were kept elsewhere.
    """
    with ExportFiles(path) as export:
        claim = _read_claim(export.json(files.MANIFEST))
        points = Points(export, keys or keys_of(export), claim.tenant, kept)
        walk = _walk(export, points, claim)
        return Verdict(
            origin=walk.last.origin if walk.last else "",
            size=walk.size,
            root=base64.b64encode(walk.last.root).decode() if walk.last else "",
            time=walk.last.time if walk.last else None,
            checkpoints=walk.checkpoints,
            kept=walk.kept,
            signers=tuple(points.signers),
            key_given=bool(keys),
            hashes_only=min(claim.leaves_from, walk.size),
            findings=tuple(_findings(export, points, claim, walk)),
        )


@dataclass(slots=True)
class _Walk:
    """How far all was well: ``fine`` where that is to the end, with ``last`` as the checkpoint of it all."""

    fine: bool = False
    size: int = 0
    last: Point | None = None
    checkpoints: int = 0
    kept: int = 0

    def reached(self, point: Point, peaks: list[bytes]) -> bool:
        if root_of(peaks) != point.root:
            return False
        self.checkpoints += 1
        self.kept += bool(point.kept)
        self.last = point
        return True


def _walk(export: ExportFiles, points: Points, claim: Claim) -> _Walk:
    """Hash every entry and compare the root at every checkpoint, until something does not fit.

    What follows is ``append_leaf`` of tree.py written out: a call an entry would take half of the time.
    """
    walk, sha256, peaks = _Walk(), hashlib.sha256, list[bytes]()
    ahead: Iterator[Point] = iter(points)
    hashes = export.hashes()
    tenant = b'"tenant":"%b"' % str(claim.tenant).encode()
    size, due = 0, next(ahead, None)
    while due is not None and due.size == 0 and walk.reached(due, peaks):
        due = next(ahead, None)
    for leaf in export.lines(files.ENTRIES):
        leaf_hash = next(hashes, b"")
        if not leaf and size < claim.leaves_from:
            pass  # retention took it, and left its hash
        elif sha256(b"\0" + leaf).digest() != leaf_hash or tenant not in leaf or b'"index":%d,' % size not in leaf:
            return walk
        node, index = leaf_hash, size
        while index & 1:
            node, index = sha256(b"\1" + peaks.pop() + node).digest(), index >> 1
        peaks.append(node)
        size += 1
        while due is not None and due.size == size:
            if not walk.reached(due, peaks):
                return walk
            walk.size, due = size, next(ahead, None)
    walk.fine = due is None and walk.size == size > 0 and next(hashes, None) is None and claim.size == size
    return walk


def _findings(export: ExportFiles, points: Points, claim: Claim, walk: _Walk) -> Iterator[Finding]:
    if not walk.fine:
        yield name_first(export, points, said=claim.size, leaves_from=claim.leaves_from, tenant=str(claim.tenant))
    if points.problem is not None:
        yield points.problem


def _read_claim(manifest: dict[str, Any]) -> Claim:
    if manifest.get("format") != files.FORMAT:
        raise UnreadableError("This is no export of an audit log.")
    if manifest.get("version") != files.FORMAT_VERSION:
        raise UnreadableError("This export is of a newer form: verify it with a newer version of Outcry.")
    size, leaves_from = manifest.get("size"), manifest.get("leaves_from", 0)
    try:
        tenant = UUID(str(manifest.get("tenant")))
    except ValueError as error:
        raise UnreadableError(f"{files.MANIFEST} does not say which log this is.") from error
    if type(size) is not int or type(leaves_from) is not int or not 0 <= leaves_from <= size:
        raise UnreadableError(f"{files.MANIFEST} does not say how many entries there are.")
    return Claim(tenant, size, leaves_from)

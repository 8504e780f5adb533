"""What the command line asks of exports and proofs: no server, no database, no settings; only files and a key.

Each function returns what to say, and 0 where all is well, 1 where something is wrong, 2 where nothing can be judged.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from outcry.services.audit.export_files import UnreadableError
from outcry.services.audit.export_records import Version, list_versions
from outcry.services.audit.notes import NoteError, VerifierKey
from outcry.services.audit.points import printable, read_key
from outcry.services.audit.single_proofs import verify_proof
from outcry.services.audit.tree import ProofError
from outcry.services.audit.verification import Verdict, verify_export

Answer = tuple[int, list[str]]

_KEY_OF_EXPORT = (
    "The key came out of the export itself, so this shows only that the export fits together: a server that forges all "
    "of it was not ruled out. Give the key that you keep elsewhere by --key."
)


def say_export(path: Path, *, keys: Sequence[str], kept: Sequence[Path]) -> Answer:
    """Verify an export."""
    try:
        verdict = verify_export(path, keys=[_key(one) for one in keys], kept=kept)
    except UnreadableError as error:
        return 2, [f"unreadable: {error}"]
    return (1, _wrong(verdict)) if verdict.findings else (0, _right(verdict))


def say_proof(path: Path, *, key: str | None, kept: Sequence[Path]) -> Answer:
    """Verify one proof that the API gave."""
    try:
        shown = verify_proof(path, key=_key(key) if key else None, kept=kept)
    except UnreadableError as error:
        return 2, [f"unreadable: {error}"]
    except (ProofError, NoteError) as error:
        return 1, [f"wrong: {error}"]
    return 0, [f"ok: {shown[0].upper()}{shown[1:]}", *([] if key else [_KEY_OF_EXPORT.replace("export", "proof")])]


def say_record(path: Path, *, named: str, at: str | None, every: bool) -> Answer:
    """Return a record as it was at a time, or every version that it had until then, a line of JSON each."""
    object_type, _, object_id = named.partition(":")
    try:
        until = _time(at)
        found = list_versions(path, object_type=object_type, object_id="" if object_id == "-" else object_id, at=until)
        lines = [_line(named, version) for version in (found if every else _last(found))]
    except UnreadableError as error:
        return 2, [f"unreadable: {error}"]
    return (0, lines) if lines else (1, [f"The export has nothing about {printable(named)}, at least not until then."])


def _right(verdict: Verdict) -> list[str]:
    kept = f", {verdict.kept} of them kept elsewhere" if verdict.kept else ""
    lines = [
        f"ok: all {verdict.size} entries of {printable(verdict.origin)} are what was signed",
        f"root {verdict.root}, signed at {verdict.time:%Y-%m-%d %H:%M:%S} UTC",
        f"{verdict.checkpoints} checkpoints verified{kept}",
        *(f"signed by {key}" for key in verdict.signers),
    ]
    if verdict.hashes_only:
        lines.append(f"Of the oldest {verdict.hashes_only} only the hashes are there, by retention or by somebody.")
    return lines if verdict.key_given else [*lines, _KEY_OF_EXPORT]


def _wrong(verdict: Verdict) -> list[str]:
    lines = [f"{finding.what}: {finding.says}" for finding in verdict.findings]
    lines.append(f"up to entry {verdict.size - 1} all is what was signed" if verdict.size else "nothing is proved")
    return lines


def _key(written: str) -> VerifierKey:
    """Return a key that was given as it is, or as a file that has it."""
    path = Path(written)
    try:
        if "+" not in written or path.is_file():
            written = path.read_text()[:1_000].strip().strip('"')
    except (OSError, ValueError) as error:
        raise UnreadableError(f"{printable(path)} is neither a key nor a file with one.") from error
    return read_key(written)


def _time(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        time = datetime.fromisoformat(written)
    except ValueError as error:
        raise UnreadableError(f"{printable(written)} is no time; write it as 2026-01-31T12:00:00.") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def _last(versions: Iterator[Version]) -> list[Version]:
    last: list[Version] = []
    for version in versions:
        last = [version]
    return last


def _line(named: str, version: Version) -> str:
    values = {
        "object": named,
        "version": version.version,
        "index": version.index,
        "time": version.time.isoformat(),
        "fields": version.fields,
        "closed": version.closed,
    }
    return json.dumps(values)

"""Verifies one proof that the API gave, without the server."""

import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from outcry.services.audit.export_files import UnreadableError
from outcry.services.audit.notes import Checkpoint, NoteError, VerifierKey, open_checkpoint
from outcry.services.audit.points import printable, read_key
from outcry.services.audit.telling import about, own_index
from outcry.services.audit.tree import ProofError, hash_leaf, verify_consistency, verify_inclusion

_MOST_BYTES = 1024 * 1024


def verify_proof(path: Path, *, key: VerifierKey | None, kept: Sequence[Path] = ()) -> str:
    """Return what the proof in a file shows, in words; raises ProofError, NoteError and UnreadableError.

    It is an answer of ``/entries/{entry}/proof``, or one of ``/consistency`` with the two checkpoints among ``kept``.
    """
    try:
        value = json.loads(_read(path))
        return _inclusion(value, key, kept) if "leaf" in value else _consistency(value, key, kept)
    except (KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise UnreadableError(f"{printable(path)} is no proof of an audit log.") from error
    except ValueError as error:
        if isinstance(error, ProofError | NoteError):
            raise
        raise UnreadableError(f"{printable(path)} is no proof of an audit log.") from error


def _inclusion(value: dict[str, Any], key: VerifierKey | None, kept: Sequence[Path]) -> str:
    signer = key or read_key(str(value["key"]))
    checkpoint = open_checkpoint(value["checkpoint"]["note"], signer)
    leaf, index = str(value["leaf"]).encode(), value["index"]
    verify_inclusion(
        index=index, size=checkpoint.size, leaf_hash=hash_leaf(leaf), proof=_hashes(value), root=checkpoint.root
    )
    told = about(leaf)
    if own_index(leaf) != index or checkpoint.origin != f"{signer.name}/{told.tenant}":
        raise ProofError("The entry says of itself to be another's, of another place or log.")
    for other in _open_all(kept, signer):
        if (other.origin, other.size) == (checkpoint.origin, checkpoint.size) and other.root != checkpoint.root:
            raise ProofError("The checkpoint that you keep has another root: two histories were signed.")
    return f"Entry {index} ({told}) is in {_words(checkpoint)}."


def _consistency(value: dict[str, Any], key: VerifierKey | None, kept: Sequence[Path]) -> str:
    if key is None:
        raise UnreadableError("A proof between two checkpoints names no key: give it by --key.")
    found = {checkpoint.size: checkpoint for checkpoint in _open_all(kept, key)}
    missing = [size for size in (value["old"], value["new"]) if size not in found]
    if missing:
        raise UnreadableError(f"Give the checkpoint of {printable(missing[0])} entries by --checkpoint.")
    old, new = found[value["old"]], found[value["new"]]
    if old.origin != new.origin:
        raise ProofError("The two checkpoints are of different logs.")
    verify_consistency(old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=_hashes(value))
    return f"{_words(new)} begins with all of {_words(old)}."


def _open_all(kept: Sequence[Path], key: VerifierKey) -> list[Checkpoint]:
    return [open_checkpoint(_read(path).decode(), key) for path in kept]


def _hashes(value: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(one, validate=True) for one in value["hashes"]]


def _words(checkpoint: Checkpoint) -> str:
    when = f"{checkpoint.time:%Y-%m-%d %H:%M:%S} UTC"
    return f"the log {checkpoint.origin} of {checkpoint.size} entries, signed at {when}"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"{printable(path)} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise UnreadableError(f"{printable(path)} is too large to be a proof.")
    return content

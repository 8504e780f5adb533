"""Signed notes and the checkpoints in them (C2SP signed-note and tlog-checkpoint), with Ed25519. No input, no output.

A note is a text that ends in a newline, an empty line, and a line for each signature. A checkpoint is such a text: the
log's name, its size, its root in base64, and what else was noted; here when it was made.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from outcry.services.audit.tree import HASH_SIZE

_ED25519 = b"\x01"
_ID_SIZE = 4
_KEY_SIZE = 32
_SIGNATURE_LINE = re.compile("\u2014 ([^ +\\s]+) ([A-Za-z0-9+/=]+)")
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_TIME = "time "
# A note is a few lines; one of this size is an attack or a mistake.
_MOST_BYTES = 64 * 1024
_MOST_SIGNATURES = 100


class NoteError(ValueError):
    """A note, a checkpoint or a key is not what it should be."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key that signs notes. Its name says whose it is."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_SIZE]

    def __str__(self) -> str:
        """Return the key as it is written: ``name+id+base64``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Say whether this key made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_verifier_key(written: str) -> VerifierKey:
    """Return the key that was written; raises NoteError."""
    parts = written.strip().split("+", 2)
    if len(parts) != 3:
        raise NoteError("A verifier key is name+id+base64.")
    name, key_id, encoded = parts
    raw = _base64(encoded, "The verifier key")
    if raw[:1] != _ED25519 or len(raw) != 1 + _KEY_SIZE:
        raise NoteError("The verifier key is not one of Ed25519.")
    key = VerifierKey(_check_name(name), raw[1:])
    if key.id.hex() != key_id:
        raise NoteError("The verifier key does not fit its own id: it was changed or cut.")
    return key


class Signer:
    """Signs notes with an Ed25519 key made of a 32-byte seed."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key = VerifierKey(_check_name(name), public)

    def sign(self, text: str) -> str:
        """Return the note of a text that ends in a newline; raises NoteError for one that cannot be a note."""
        if not text.endswith("\n") or any(ord(one) < 32 and one != "\n" for one in text):
            raise NoteError("A note's text has whole lines, and no control characters.")
        signature = self.key.id + self._private.sign(text.encode())
        return f"{text}\n\u2014 {self.key.name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, key: VerifierKey) -> str:
    """Return the text of a note that this key signed; raises NoteError.

    Signatures by other keys are passed over; a wrong one that names this key is an error even beside a right one.
    """
    try:
        size = len(note.encode())
    except UnicodeEncodeError as error:
        raise NoteError("The note is no text.") from error
    text, found, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if size > _MOST_BYTES or not found or lines.pop() != "" or not 0 < len(lines) <= _MOST_SIGNATURES:
        raise NoteError("This is no signed note.")
    text += "\n"
    good = False
    for line in lines:
        match = _SIGNATURE_LINE.fullmatch(line)
        if match is None:
            raise NoteError("This is no signed note.")
        raw = _base64(match[2], "A signature")
        if match[1] == key.name and raw[:_ID_SIZE] == key.id:
            if not key.signed(text.encode(), raw[_ID_SIZE:]):
                raise NoteError("The signature is wrong: the note was changed, or another key signed it.")
            good = True
    if not good:
        raise NoteError(f"The note is not signed by {key.name}+{key.id.hex()}.")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How a log stood: ``root`` is that of its first ``size`` entries."""

    origin: str
    size: int
    root: bytes
    time: datetime

    def to_text(self) -> str:
        """Return the text to be signed."""
        when = self.time.astimezone(UTC).isoformat(timespec="microseconds")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{_TIME}{when}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint in a note's text; raises NoteError. Only what ``open_note`` returned can be trusted."""
    lines = text.split("\n")
    if len(lines) < 5 or lines[-1] != "" or "" in lines[:-1] or not lines[3].startswith(_TIME):
        raise NoteError("The note holds no checkpoint of an audit log.")
    if not _SIZE.fullmatch(lines[1]):
        raise NoteError("The checkpoint's size is no number.")
    root = _base64(lines[2], "The checkpoint's root")
    if len(root) != HASH_SIZE:
        raise NoteError("The checkpoint's root is no hash.")
    try:
        time = datetime.fromisoformat(lines[3].removeprefix(_TIME))
    except ValueError as error:
        raise NoteError("The checkpoint's time is none.") from error
    if time.tzinfo is None:
        raise NoteError("The checkpoint's time has no zone.")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root, time=time.astimezone(UTC))


def open_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """Return the checkpoint of a note that this key signed; raises NoteError."""
    return parse_checkpoint(open_note(note, key))


def _check_name(name: str) -> str:
    if not name or "+" in name or any(one.isspace() or ord(one) < 32 for one in name):
        raise NoteError("A key's name has no spaces and no plus sign.")
    return name


def _base64(encoded: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"{what} is not in base64.") from error
    if base64.b64encode(raw).decode() != encoded:
        raise NoteError(f"{what} is written in base64 in more than one way.")
    return raw

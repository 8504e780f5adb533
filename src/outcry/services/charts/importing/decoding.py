"""Bytes of a text file into UTF-8, whatever they were written in; what is no text is named."""

import codecs
from pathlib import Path

from outcry.services.charts.importing.report import ImportLimits, UnusableFileError

_SNIFF = 65_536
_KNOWN = (
    (b"PK\x03\x04", "looks like an Excel workbook or a zip archive; save it as CSV, or unpack it, first"),
    (b"\x1f\x8b", "is compressed by gzip; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed by zstd; unpack it first"),
    (b"BZh", "is compressed by bzip2; unpack it first"),
    (b"\xfd7zXZ", "is compressed by xz; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "looks like an old Excel workbook; save it as CSV first"),
    (b"%PDF", "is a PDF document, not a table"),
)
# Control characters that text files do have: tab, line feed, form feed, carriage return.
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13})


def read_text(path: Path, limits: ImportLimits) -> tuple[bytes, str]:
    """Return a file's text as UTF-8 without a byte order mark, and a note where its encoding was guessed.

    UTF-8, UTF-16 (with its mark, or recognised by its zero bytes) and, for everything else, Latin-1 are read. Raises
    UnusableFileError for an empty or too large file, for what is not text, and for one with a NUL.
    """
    size = path.stat().st_size
    if size > limits.bytes:
        raise UnusableFileError(f"{path.name} has {size:,} bytes; {limits.bytes:,} are the most.")
    raw = path.read_bytes()
    if not raw.strip():
        raise UnusableFileError(f"{path.name} is empty.")
    for magic, sentence in _KNOWN:
        if raw.startswith(magic):
            raise UnusableFileError(f"{path.name} {sentence}.")
    utf16 = _utf16(raw)
    if utf16:
        return _bounded(path, _with_line_feeds(_recode(path, raw, utf16)), limits), ""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    head = raw[:_SNIFF]
    if len(head.translate(None, _CONTROL)) != len(head):
        raise UnusableFileError(f"{path.name} is not text: it holds bytes that no text file has.")
    note = ""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        note = f"it is not UTF-8 (byte {byte:#04x} in line {line:,}), so it was read as Latin-1"
        raw = raw.decode("latin-1").encode()
    return _bounded(path, _with_line_feeds(raw), limits), note


def _bounded(path: Path, text: bytes, limits: ImportLimits) -> bytes:
    """Return the text; raises UnusableFileError for a NUL in it, with its line, and for too many lines."""
    nul = text.find(b"\0")
    if nul >= 0:
        line = text.count(b"\n", 0, nul) + 1
        raise UnusableFileError(f"{path.name} is not text: line {line:,} holds a NUL.")
    lines = text.count(b"\n")
    if lines > limits.rows:
        raise UnusableFileError(f"{path.name} has {lines:,} lines; {limits.rows:,} are the most.")
    return text


def _with_line_feeds(text: bytes) -> bytes:
    # Files of old Macintosh programs end their lines with a carriage return alone.
    return text if b"\n" in text else text.replace(b"\r", b"\n")


def _utf16(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = raw[: _SNIFF & ~1]
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > 0.9 * pairs and not head[0::2].count(0):
        return "utf-16-le"
    if pairs and head[0::2].count(0) > 0.9 * pairs and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def _recode(path: Path, raw: bytes, encoding: str) -> bytes:
    try:
        return raw.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise UnusableFileError(f"{path.name} begins as UTF-16 text but is damaged.") from error

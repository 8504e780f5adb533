"""What a file is by its first bytes: a name says nothing.

The signatures are those that the formats' own specifications give.
"""

from dataclasses import dataclass

from outcry.services.chat.files.kinds import FileKind

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
# What of a file is looked at to tell its type.
HEAD_BYTES = 8_192

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-elf"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
)
# RIFF and ISO base media say further inside what they are.
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
# A zip by what its first entries are called.
_ZIPPED = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "application/vnd.oasis.opendocument"),
)
_OFFICE: dict[str, FileKind] = {media_type: "document" for _, media_type in _ZIPPED}
_KINDS: dict[str, FileKind] = _OFFICE | {
    UNKNOWN: "other",
    TEXT: "text",
    "application/rtf": "document",
    "application/pdf": "document",
    "application/x-ole-storage": "document",
    "application/vnd.oasis.opendocument": "document",
    "application/vnd.apache.parquet": "data",
    "application/x-msdownload": "program",
    "application/x-elf": "program",
    "application/x-mach-binary": "program",
}
_BY_FAMILY: dict[str, FileKind] = {"image": "image", "video": "video", "audio": "audio"}
# What a name's ending promises. Of an ending that is not here a name promises nothing.
_ENDINGS: dict[FileKind, str] = {
    "image": "png jpg jpeg jfif gif webp tif tiff bmp heic heif avif",
    "video": "mp4 m4v mov webm mkv avi",
    "audio": "mp3 wav ogg oga flac m4a",
    "document": "pdf doc docx xls xlsx ppt pptx odt ods odp rtf",
    "archive": "zip gz tgz 7z rar bz2 xz zst",
    "text": "txt md csv tsv json jsonl xml html htm svg log yaml yml py js ts css sql ini toml",
    "data": "parquet",
    "program": "exe dll msi com scr elf so dylib",
}
_PROMISES: dict[str, FileKind] = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings.split()}


@dataclass(frozen=True, slots=True)
class Signature:
    """What the bytes of a file are."""

    media_type: str
    kind: FileKind


def read_signature(data: bytes) -> Signature:
    """Return what a file is by its bytes. Markup is text like any other: no browser is to take it for a page."""
    media_type = _binary(data) or (TEXT if _is_text(data[:HEAD_BYTES]) else UNKNOWN)
    kind = _KINDS.get(media_type) or _BY_FAMILY.get(media_type.partition("/")[0]) or "archive"
    return Signature(media_type, kind)


def is_disguised(name: str, kind: FileKind) -> bool:
    """Say whether a name promises another kind of file than its bytes are."""
    promised = _PROMISES.get(name.rpartition(".")[2].lower()) if "." in name else None
    return promised is not None and promised != kind


def _binary(data: bytes) -> str:
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "video/mp4")
    found = next((media_type for start, media_type in _STARTS if data.startswith(start)), "")
    if found == "application/zip":
        head = data[:HEAD_BYTES]
        return next((media_type for mark, media_type in _ZIPPED if mark in head), found)
    return found


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A letter may be cut in two where the head ends.
        return len(head) == HEAD_BYTES and error.start >= len(head) - 3
    return True

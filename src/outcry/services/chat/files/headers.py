"""What goes before the bytes of a file, so that a browser shows pictures at most and runs nothing."""

from urllib.parse import quote

from outcry.services.chat.files.models import FileRow
from outcry.services.chat.files.pictures import FORMATS

# A body of bytes, as the API document has it.
BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
# Whatever a browser is made to do with the bytes: no scripts, no requests, no page of ours around them.
_SANDBOX = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


def file_headers(row: FileRow, *, only_saved: bool = False) -> dict[str, str]:
    """Return the headers of a file; one that is ``only_saved`` is no picture to look at either."""
    inline = row.media_type in FORMATS and not row.disguised and not only_saved
    return {
        "content-type": f"{row.media_type}; charset=utf-8" if row.media_type == "text/plain" else row.media_type,
        "content-disposition": f"{'inline' if inline else 'attachment'}; {_file_name(row.name)}",
        "content-security-policy": _SANDBOX,
        "x-content-type-options": "nosniff",
        "accept-ranges": "none" if only_saved else "bytes",
        "etag": f'"{row.digest}"',
        # Who leaves the room has it no more, and neither has the disk of their browser.
        "cache-control": "no-store",
    }


def _file_name(name: str) -> str:
    """Return the name as RFC 6266 has it: in ASCII for what is old, and as it is."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

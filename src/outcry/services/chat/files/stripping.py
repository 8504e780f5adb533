"""Takes out of pictures what they say of who took them: place, camera, time, comments. The picture stays bit for bit.

Of Exif one figure stays: which way up the picture is. Formats: ITU-T T.81 with JFIF and Exif 2.32 for JPEG, the W3C's
PNG, Google's RIFF container for WebP, CompuServe's GIF89a.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

_ORIENTATION = 0x0112
# JPEG: JFIF, colour profiles, and Adobe's note of how colours are stored.
_JPEG_KEPT = (0xE0, 0xEE)
_JPEG_MARKER = re.compile(b"\xff[^\x00\xd0-\xd7\xff]")
_PNG_DROPPED = (b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME")
_WEBP_DROPPED = (b"EXIF", b"XMP ")
_WEBP_FLAGS = 0b0000_1100  # of VP8X: there is Exif, there is XMP
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class MalformedPictureError(ValueError):
    """The picture is not built as its format says."""


def strip_picture(data: bytes, media_type: str, *, orientation: int = 1) -> bytes | None:
    """Return a picture without what it tells beside itself; None for a format that this cannot do.

    ``orientation`` is Exif's, 1 to 8. Raises MalformedPictureError.
    """
    strip = _STRIPPERS.get(media_type)
    if strip is None:
        return None
    try:
        return strip(data, orientation)
    except (IndexError, struct.error) as error:
        raise MalformedPictureError("the picture ends too early") from error


def _jpeg(data: bytes, orientation: int) -> bytes:
    kept = [b"\xff\xd8"]
    if orientation != 1:
        kept.append(_jpeg_segment(0xE1, _exif(orientation)))
    kept.extend(_jpeg_parts(data))
    return b"".join(kept)


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """Go through the segments up to the picture's end; what comes after it goes, such as a second picture or a film."""
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            raise MalformedPictureError("a segment does not begin with a marker")
        marker = data[at + 1]
        if marker == 0xD9:
            yield data[at : at + 2]
            return
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == 0xDA:
            # The picture itself, up to the next marker that is none of its own.
            following = _JPEG_MARKER.search(data, end)
            if following is None:
                raise MalformedPictureError("the picture has no end")
            end = following.start()
        if _is_jpeg_kept(marker, data[at + 4 : at + 16]):
            yield data[at:end]
        at = end


def _is_jpeg_kept(marker: int, content: bytes) -> bool:
    if marker == 0xE2:
        return content.startswith(b"ICC_PROFILE\x00")
    return marker in _JPEG_KEPT or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _jpeg_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return exif.tobytes()


def _png(data: bytes, orientation: int) -> bytes:
    kept, at = [data[:8]], 8
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise MalformedPictureError("a chunk does not end")
        if name not in _PNG_DROPPED:
            kept.append(data[at:end])
        if name == b"IHDR" and orientation != 1:
            kept.append(_png_chunk(b"eXIf", _exif(orientation).removeprefix(b"Exif\x00\x00")))
        if name == b"IEND":
            return b"".join(kept)
        at = end


def _png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _webp(data: bytes, orientation: int) -> bytes:
    end_of_all = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    kept, at = [], 12
    while at + 8 <= end_of_all:
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if at + 8 + length > len(data):
            raise MalformedPictureError("a chunk does not end")
        chunk = data[at:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:]
        if name not in _WEBP_DROPPED:
            kept.append(chunk)
        at = end
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(data: bytes, _orientation: int) -> bytes:
    at = 13 + _gif_colours(data[10])
    kept = [data[:at]]
    while True:
        mark = data[at]
        if mark == 0x3B:
            return b"".join([*kept, b"\x3b"])
        if mark == 0x2C:
            end = _gif_blocks_end(data, at + 10 + _gif_colours(data[at + 9]) + 1)
        elif mark == 0x21:
            end = _gif_blocks_end(data, at + 2)
        else:
            raise MalformedPictureError("a block is of no known kind")
        if mark == 0x2C or _is_gif_kept(data[at + 1], data[at + 3 : at + 14]):
            kept.append(data[at:end])
        at = end


def _is_gif_kept(label: int, name: bytes) -> bool:
    return label == 0xF9 or label == 0x01 or (label == 0xFF and name in _GIF_KEPT)


def _gif_colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


_STRIPPERS: dict[str, Callable[[bytes, int], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
}

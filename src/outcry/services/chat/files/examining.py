"""Finds out what a file is, and makes of it what is kept."""

import asyncio
import hashlib
from dataclasses import dataclass

from outcry.kit.errors import InvalidInputError
from outcry.kit.pictures import PictureQueue
from outcry.kit.text import clean_line
from outcry.services.chat.files.kinds import FileKind
from outcry.services.chat.files.pictures import FORMATS, Smaller, draw_smaller
from outcry.services.chat.files.signatures import UNKNOWN, is_disguised, read_signature
from outcry.services.chat.files.stripping import MalformedPictureError, strip_picture

LONGEST_NAME = 120
_NAMELESS = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A file as it is kept. ``thumbnail`` is a WebP, None for what no picture is shown of.

    A ``disguised`` one is not what its name says; of a ``cleaned`` one place, camera and comments were taken out.
    """

    data: bytes
    digest: str
    name: str
    media_type: str
    kind: FileKind
    disguised: bool
    cleaned: bool
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = None


class Examiner:
    """Examines files off the event loop."""

    def __init__(self) -> None:
        self._queue = PictureQueue()

    async def examine(self, data: bytes, name: str) -> Examined:
        """Return what a file is; raises UnreadablePictureError and InvalidInputError for one of no bytes."""
        if not data:
            raise InvalidInputError("This file is empty.")
        signature = read_signature(data)
        drawn = await self._queue.draw(lambda: draw_smaller(data, signature.media_type))
        return await asyncio.to_thread(_finish, data, clean_name(name), drawn)


def _finish(data: bytes, name: str, drawn: Smaller | None) -> Examined:
    signature = read_signature(data)
    media_type, kind, kept, cleaned = signature.media_type, signature.kind, data, False
    # What begins like a picture and cannot be decoded is shown nowhere, and neither is what pretends in its name.
    broken = media_type in FORMATS and drawn is None
    disguised = broken or is_disguised(name, kind)
    if drawn and not disguised:
        try:
            stripped = strip_picture(data, media_type, orientation=drawn.orientation)
        except MalformedPictureError:
            disguised = True
        else:
            kept, cleaned = stripped or data, stripped is not None
    if disguised:
        media_type, kind, drawn = UNKNOWN, "other", None
    return Examined(
        data=kept,
        digest=hashlib.sha256(kept).hexdigest(),
        name=name,
        media_type=media_type,
        kind=kind,
        disguised=disguised,
        cleaned=cleaned,
        width=drawn.width if drawn else None,
        height=drawn.height if drawn else None,
        thumbnail=drawn.thumbnail if drawn else None,
    )


def clean_name(name: str) -> str:
    """Return the last part of a path as one line without hidden characters; its ending stays when it is cut."""
    last = clean_line(name.replace("\\", "/").rpartition("/")[2]).strip(". ")
    if len(last) <= LONGEST_NAME:
        return last or _NAMELESS
    stem, dot, ending = last.rpartition(".")
    if not dot or len(ending) > 12:
        return last[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 2]}….{ending}"

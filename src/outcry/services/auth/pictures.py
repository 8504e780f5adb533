"""Pictures of people: whatever is sent is decoded and drawn anew, so that nothing of the file itself is kept."""

import base64
import io
from uuid import UUID

from PIL import Image, ImageOps

from outcry.kit.errors import InvalidInputError
from outcry.kit.pictures import NotAPictureError, PictureQueue, redraw
from outcry.services.auth.vault import DataKey

# Whatever the edge is set to let in.
MOST_BYTES = 10_000_000
SIDE = 256
_FIELD = "person.picture"


def picture_folder(person_id: UUID) -> str:
    """Return where a person's pictures are among the blobs."""
    return f"people/{person_id}"


def picture_key(person_id: UUID, version: str) -> str:
    """Return where a version of a person's picture lies."""
    return f"{picture_folder(person_id)}/{version}.sealed"


def seal_picture(key: DataKey, png: bytes) -> bytes:
    """Return a picture sealed under its person's key."""
    return key.seal(base64.b64encode(png).decode(), _FIELD)


def open_picture(key: DataKey, sealed: bytes) -> bytes:
    """Return the PNG that was sealed; raises UnavailableError when it is not that."""
    return base64.b64decode(key.open(sealed, _FIELD))


class Pictures:
    """Draws pictures anew in a thread, one after the other."""

    def __init__(self) -> None:
        self._queue = PictureQueue()

    async def draw(self, data: bytes) -> bytes:
        """Return a PNG of 256 by 256 pixels, cut from the middle; raises InvalidInputError for what is no picture."""
        return await self._queue.draw(lambda: draw(data))


def draw(data: bytes) -> bytes:
    """Return a PNG of 256 by 256 pixels without metadata; raises InvalidInputError."""
    try:
        made = redraw(data, draft=SIDE * 2, draw=_square)
    except NotAPictureError as error:
        reason = str(error)
        raise InvalidInputError(reason, errors=({"field": "picture", "message": reason},)) from error
    out = io.BytesIO()
    made.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _square(image: Image.Image) -> Image.Image:
    return ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.LANCZOS)

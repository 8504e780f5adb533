"""Pictures of people: whatever is sent is decoded and drawn anew, so that nothing of the file itself is kept."""

import asyncio
import base64
import io
import warnings
from uuid import UUID

from PIL import Image, ImageOps

from outcry.kit.errors import InvalidInputError
from outcry.services.auth.vault import DataKey

# Whatever the edge is set to let in.
MOST_BYTES = 10_000_000
SIDE = 256
_FORMATS = ("PNG", "JPEG", "WEBP")
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 16_384
# Decoding takes up to some 200 MB for the largest picture: one at a time.
_AT_ONCE = 1


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
    """Draws pictures anew in a thread, a few at once."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def draw(self, data: bytes) -> bytes:
        """Return a PNG of 256 by 256 pixels, cut from the middle; raises InvalidInputError for what is no picture."""
        async with self._gate:
            return await asyncio.to_thread(draw, data)


def draw(data: bytes) -> bytes:
    """Return a PNG of 256 by 256 pixels without metadata; raises InvalidInputError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image)
                image.draft("RGB", (SIDE * 2, SIDE * 2))
                return _redrawn(image)
        except InvalidInputError:
            raise
        except Exception as error:
            # Decoders raise whatever they stumble over: OSError, SyntaxError, ValueError, struct.error, MemoryError.
            raise _refusal("This is not a picture in PNG, JPEG or WebP that can be read.") from error


def _check_size(image: Image.Image) -> None:
    # From the header, before anything is unpacked: a small file can unpack to gigabytes.
    width, height = image.size
    if width * height > _MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
        raise _refusal("The picture has too many pixels. Make it smaller first.")


def _redrawn(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    square = ImageOps.fit(upright.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", (SIDE, SIDE))
    clean.paste(square)
    out = io.BytesIO()
    clean.save(out, format="PNG", optimize=True)
    return out.getvalue()


def _refusal(reason: str) -> InvalidInputError:
    return InvalidInputError(reason, errors=({"field": "picture", "message": reason},))

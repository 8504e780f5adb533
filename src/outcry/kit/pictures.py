"""Pictures from outside: decoded under limits and drawn anew, so that nothing of the file itself is kept or served."""

import asyncio
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image, ImageOps

Result = TypeVar("Result")

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 82
# Decoding takes up to some 200 MB for the largest picture.
_AT_ONCE = 1


class NotAPictureError(ValueError):
    """Bytes that are no picture, or one that is too large to unpack. Its words are for who sent them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture of our own making, with its size in pixels; ``kind`` is its media type."""

    data: bytes
    kind: str
    width: int
    height: int


def redraw(data: bytes, *, draft: int, draw: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Return what ``draw`` makes of a PNG, JPEG or WebP, which it gets upright and as RGBA.

    Args:
        data: the file; its metadata, further frames and whatever is hidden behind it are left out.
        draft: the sides that will be needed, in pixels: JPEG is then decoded at a fraction of its size.
        draw: must return a new picture.

    Raises:
        NotAPictureError: it cannot be read, or would unpack to too many pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image)
                image.draft("RGB", (draft, draft))
                made = draw(ImageOps.exif_transpose(image).convert("RGBA"))
                clean = Image.new("RGBA", made.size)
                clean.paste(made)
                return clean
        except NotAPictureError:
            raise
        except Exception as error:
            # Decoders raise whatever they stumble over: OSError, SyntaxError, ValueError, struct.error, MemoryError.
            raise NotAPictureError("This is not a picture in PNG, JPEG or WebP that can be read.") from error


def fit_within(data: bytes, *, width: int, height: int) -> Drawn:
    """Return a picture scaled down, never up, to fit into a box of ``width`` by ``height`` pixels, as WebP.

    Raises NotAPictureError.
    """

    def draw(image: Image.Image) -> Image.Image:
        image.thumbnail((width, height), Image.Resampling.LANCZOS)
        return image

    made = redraw(data, draft=max(width, height), draw=draw)
    out = io.BytesIO()
    made.save(out, format="WEBP", quality=_QUALITY)
    return Drawn(data=out.getvalue(), kind="image/webp", width=made.width, height=made.height)


class PictureQueue:
    """Draws pictures anew in a thread, one after the other."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def draw(self, draw: Callable[[], Result]) -> Result:
        """Return what ``draw`` returns, which decodes one picture; raises what it raises."""
        async with self._gate:
            return await asyncio.to_thread(draw)


def _check_size(image: Image.Image) -> None:
    # From the header, before anything is unpacked: a small file can unpack to gigabytes.
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise NotAPictureError("The picture has too many pixels. Make it smaller first.")

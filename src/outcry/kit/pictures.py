"""Pictures from outside: decoded under limits and drawn anew, so that nothing of the file itself is kept or served."""

import asyncio
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image, ImageOps

Result = TypeVar("Result")

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 82
_ORIENTATION = 0x0112
_TOO_MANY = "The picture has too many pixels. Make it smaller first."
# Decoding takes up to some 200 MB for the largest picture.
_AT_ONCE = 1


class NotAPictureError(ValueError):
    """Bytes that are no picture, or one that is too large to unpack. Its words are for who sent them."""


class TooManyPixelsError(NotAPictureError):
    """A picture that is too large to unpack."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a picture's header says: its size once it is upright, and how it is stored (Exif's orientation, 1 to 8)."""

    width: int
    height: int
    orientation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture of our own making, with its size in pixels; ``kind`` is its media type."""

    data: bytes
    kind: str
    width: int
    height: int


def measure(data: bytes, *, formats: tuple[str, ...] = _FORMATS) -> Measured:
    """Return what a picture's header says, without unpacking it; raises NotAPictureError."""
    with _opened(data, formats) as image:
        width, height = image.size
        orientation = image.getexif().get(_ORIENTATION, 1)
        if orientation not in range(1, 9):
            orientation = 1
        turned = orientation >= 5
        return Measured(height if turned else width, width if turned else height, orientation)


def redraw(
    data: bytes,
    *,
    draft: int,
    draw: Callable[[Image.Image], Image.Image],
    formats: tuple[str, ...] = _FORMATS,
) -> Image.Image:
    """Return what ``draw`` makes of a picture, which it gets upright and as RGBA.

    Args:
        data: the file; its metadata, further frames and whatever is hidden behind it are left out.
        draft: the sides that will be needed, in pixels: JPEG is then decoded at a fraction of its size.
        draw: must return a new picture.
        formats: Pillow's names of those that are taken.

    Raises:
        NotAPictureError: it cannot be read, or would unpack to too many pixels.
    """
    with _opened(data, formats) as image:
        image.draft("RGB", (draft, draft))
        made = draw(ImageOps.exif_transpose(image).convert("RGBA"))
        clean = Image.new("RGBA", made.size)
        clean.paste(made)
        return clean


@contextmanager
def _opened(data: bytes, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=formats) as image:
                _check_size(image)
                yield image
        except NotAPictureError:
            raise
        except Image.DecompressionBombError as error:
            raise TooManyPixelsError(_TOO_MANY) from error
        except Exception as error:
            # Decoders raise whatever they stumble over: OSError, SyntaxError, ValueError, struct.error, MemoryError.
            raise NotAPictureError("This is not a picture in PNG, JPEG or WebP that can be read.") from error


def fit_within(data: bytes, *, width: int, height: int, formats: tuple[str, ...] = _FORMATS) -> Drawn:
    """Return a picture scaled down, never up, to fit into a box of ``width`` by ``height`` pixels, as WebP.

    Raises NotAPictureError.
    """

    def draw(image: Image.Image) -> Image.Image:
        image.thumbnail((width, height), Image.Resampling.LANCZOS)
        return image

    made = redraw(data, draft=max(width, height), draw=draw, formats=formats)
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
        raise TooManyPixelsError(_TOO_MANY)

"""Draws pictures that people send smaller; what is no picture, or would fill the memory, is found out on the way."""

from dataclasses import dataclass

from outcry.kit.pictures import NotAPictureError, TooManyPixelsError, fit_within, measure
from outcry.services.chat.files.errors import UnreadablePictureError

# What a browser shows: of these the bytes are decoded before they are kept.
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
# A picture in a message is shown this large at most, at two pixels a point.
SIDE = 720


@dataclass(frozen=True, slots=True)
class Smaller:
    """A picture's size as it is shown, how it was stored (Exif's orientation), and a smaller one of it as WebP."""

    width: int
    height: int
    orientation: int
    thumbnail: bytes


def draw_smaller(data: bytes, media_type: str) -> Smaller | None:
    """Return a picture drawn smaller, without anything else that was in its file; None when it cannot be decoded.

    Raises UnreadablePictureError for one with too many pixels, before they are unpacked.
    """
    if media_type not in FORMATS:
        return None
    formats = (FORMATS[media_type],)
    try:
        found = measure(data, formats=formats)
        small = fit_within(data, width=SIDE, height=SIDE, formats=formats)
    except TooManyPixelsError as error:
        raise UnreadablePictureError(str(error)) from error
    except NotAPictureError:
        return None
    return Smaller(found.width, found.height, found.orientation, small.data)

"""Pictures and other files to send."""

import io
from typing import Any

from PIL import Image, PngImagePlugin

SECRET = "52.5200N 13.4050E, Ada's phone"
_DESCRIPTION, _ORIENTATION, _GPS = 0x010E, 0x0112, 0x8825


def make_picture(kind: str, size: tuple[int, int] = (60, 40), *, orientation: int = 1, **more: Any) -> bytes:
    """Return a picture, red on its left and blue on its right, with SECRET wherever the format has a place for it."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[_DESCRIPTION], exif[_ORIENTATION] = SECRET, orientation
    exif[_GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    out = io.BytesIO()
    if kind == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", SECRET)
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", SECRET)
    if kind == "GIF":
        image.convert("P").save(out, "GIF", comment=SECRET, **more)
    else:
        image.save(out, kind, exif=exif, xmp=SECRET.encode(), comment=SECRET.encode(), **more)
    return out.getvalue()


def open_picture(data: bytes) -> Image.Image:
    """Return a picture, decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image

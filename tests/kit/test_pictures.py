"""Pictures from outside are drawn anew, small, without what was hidden in them; bombs are refused."""

import io
import struct
import zlib

import pytest
from PIL import Image

from outcry.kit.pictures import NotAPictureError, PictureQueue, fit_within


def encode(kind: str, size: tuple[int, int], **extra: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, format=kind, **extra)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that says it is this large, and is a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_scaled_into_its_box(kind: str) -> None:
    drawn = fit_within(encode(kind, (1600, 400)), width=400, height=300)
    assert (drawn.kind, drawn.width, drawn.height) == ("image/webp", 400, 100)
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert (image.format, image.size) == ("WEBP", (400, 100))


def test_a_small_picture_is_not_scaled_up() -> None:
    drawn = fit_within(encode("PNG", (20, 30)), width=400, height=300)
    assert (drawn.width, drawn.height) == (20, 30)


def test_where_a_photograph_was_taken_is_not_kept_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "at 48.2 north, secret"
    drawn = fit_within(encode("JPEG", (80, 40), exif=exif), width=400, height=300)
    assert (drawn.width, drawn.height) == (40, 80)
    assert b"secret" not in drawn.data
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert not image.getexif()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        encode("GIF", (10, 10)),
        encode("PNG", (50, 50))[:60],
        png_header(60_000, 60_000),
        png_header(20_000, 10),
        png_header(100, 100),
    ],
    ids=["nothing", "svg", "gif", "cut", "bomb", "ribbon", "empty"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPictureError):
        fit_within(data, width=100, height=100)


async def test_the_queue_gives_what_was_drawn() -> None:
    assert await PictureQueue().draw(lambda: 7) == 7

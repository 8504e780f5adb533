"""A file is what its bytes are."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from outcry.kit.errors import InvalidInputError
from outcry.services.chat.files.errors import UnreadablePictureError
from outcry.services.chat.files.examining import Examined, Examiner, clean_name
from outcry.services.chat.files.pictures import SIDE, draw_smaller
from outcry.services.chat.files.signatures import is_disguised, read_signature
from tests.services.chat.files.samples import SECRET, make_picture, open_picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def examine(data: bytes, name: str) -> Examined:
    return await Examiner().examine(data, name)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type", "kind"),
    [
        (make_picture("PNG"), "image/png", "image"),
        (make_picture("WEBP"), "image/webp", "image"),
        (b"%PDF-1.7\n", "application/pdf", "document"),
        (zipped("a.txt"), "application/zip", "archive"),
        (
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "document",
        ),
        (b"\x00\x00\x00\x18ftypheic\x00", "image/heic", "image"),
        (b"\x00\x00\x00\x18ftypisom\x00", "video/mp4", "video"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", "audio"),
        (b"MZ\x90\x00", "application/x-msdownload", "program"),
        (b"Date,Close\n2026-01-02,7\n", "text/plain", "text"),
        (SVG, "text/plain", "text"),
        (b"<!doctype html><script>", "text/plain", "text"),
        ("é".encode() * 5_000, "text/plain", "text"),
        (b"\x00\x01\x02\x03", "application/octet-stream", "other"),
        ("ä".encode("latin-1"), "application/octet-stream", "other"),
    ],
)
def test_bytes_say_what_a_file_is(data: bytes, media_type: str, kind: str) -> None:
    found = read_signature(data)
    assert (found.media_type, found.kind) == (media_type, kind)


@pytest.mark.parametrize(
    ("name", "kind", "disguised"),
    [
        ("chart.png", "image", False),
        ("chart.jpg", "image", False),
        ("report.pdf", "program", True),
        ("chart.png", "text", True),
        ("page.html", "text", False),
        ("notes", "program", False),
        ("odd.ending", "program", False),
        ("CHART.PNG", "document", True),
    ],
)
def test_a_name_may_lie(name: str, kind: str, disguised: bool) -> None:
    assert is_disguised(name, kind) is disguised  # type: ignore[arg-type]  # a kind, as a parameter


async def test_a_picture_is_kept_clean_with_a_smaller_one() -> None:
    found = await examine(make_picture("JPEG", (2_000, 1_000), orientation=6), "from my phone.jpg")
    assert (found.media_type, found.kind, found.cleaned, found.disguised) == ("image/jpeg", "image", True, False)
    # As it is shown: on its side.
    assert (found.width, found.height) == (1_000, 2_000)
    assert found.thumbnail is not None
    for data in (found.data, found.thumbnail):
        assert SECRET.encode() not in data
        assert b"GPS" not in data
    small = open_picture(found.thumbnail)
    assert small.size == (SIDE // 2, SIDE)
    # Upright, what was left is at the top.
    top, bottom = small.convert("RGB").getpixel((180, 100)), small.convert("RGB").getpixel((180, 620))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


async def test_small_pictures_are_not_blown_up_and_clear_ones_stay_clear() -> None:
    small = await examine(make_picture("PNG", (9, 7)), "a.png")
    assert small.thumbnail is not None
    assert open_picture(small.thumbnail).size == (9, 7)
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    clear = await examine(out.getvalue(), "clear.png")
    assert clear.thumbnail is not None
    assert open_picture(clear.thumbnail).convert("RGBA").getpixel((4, 4))[3] == 0  # type: ignore[index]  # of RGBA


@pytest.mark.parametrize("name", ["picture.png", "picture.html", "picture"])
async def test_what_only_begins_like_a_picture_is_shown_nowhere(name: str) -> None:
    for data in (make_picture("PNG")[:60], b"\x89PNG\r\n\x1a\n<script>alert(1)</script>"):
        found = await examine(data, name)
        assert (found.media_type, found.kind, found.disguised) == ("application/octet-stream", "other", True)
        assert (found.thumbnail, found.data) == (None, data)


async def test_pretenders_are_bytes_and_nothing_else() -> None:
    for data, name in ((SVG, "chart.png"), (b"MZ\x90\x00", "report.pdf"), (make_picture("PNG"), "terms.pdf")):
        found = await examine(data, name)
        assert (found.media_type, found.disguised, found.thumbnail) == ("application/octet-stream", True, None)


def bomb(side: int) -> bytes:
    """A PNG that says that it is very large, of a few bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\x00" * 1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    for side in (8_000, 60_000, 2**31 - 1):
        with pytest.raises(UnreadablePictureError):
            draw_smaller(bomb(side), "image/png")


async def test_a_file_has_bytes() -> None:
    with pytest.raises(InvalidInputError):
        await examine(b"", "a.txt")


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\plan.docx", "plan.docx"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("two\r\nlines: a.txt", "two lines: a.txt"),
        ("...", "file"),
        ("", "file"),
        ("Übersicht 2026.xlsx", "Übersicht 2026.xlsx"),
    ],
)
def test_names_are_one_line_and_no_path(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_long_names_keep_their_ending() -> None:
    name = clean_name("a" * 500 + ".parquet")
    assert len(name) <= 120
    assert name.endswith("….parquet")

"""What a picture tells of its maker goes, and the picture stays as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.chat.files.stripping import MalformedPictureError, strip_picture
from tests.services.chat.files.samples import SECRET, make_picture, open_picture

KINDS = ("JPEG", "PNG", "WEBP", "GIF")
_ORIENTATION = 0x0112


def media_type(kind: str) -> str:
    return f"image/{kind.lower()}"


@pytest.mark.parametrize("kind", KINDS)
def test_place_camera_and_comments_go_and_no_pixel_changes(kind: str) -> None:
    data = make_picture(kind)
    assert SECRET.encode() in data
    stripped = strip_picture(data, media_type(kind))
    assert stripped is not None
    assert SECRET.encode() not in stripped
    before, after = open_picture(data), open_picture(stripped)
    assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()
    assert not after.getexif()
    assert not {"comment", "Comment", "xmp"} & set(after.info)
    assert strip_picture(stripped, media_type(kind)) == stripped


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_which_way_up_it_is_stays(kind: str, orientation: int) -> None:
    stripped = strip_picture(make_picture(kind, orientation=orientation), media_type(kind), orientation=orientation)
    assert stripped is not None
    assert dict(open_picture(stripped).getexif()) == {_ORIENTATION: orientation}


def test_colour_profiles_and_progressive_scans_stay() -> None:
    profile = b"\x00" * 200
    data = make_picture("JPEG", (300, 200), icc_profile=profile, progressive=True, optimize=True)
    stripped = strip_picture(data, "image/jpeg")
    assert stripped is not None
    image = open_picture(stripped)
    assert image.info["icc_profile"] == profile
    assert image.tobytes() == open_picture(data).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_what_hangs_on_after_the_end_goes(kind: str) -> None:
    """Phones append a film with its place; others append programs."""
    stripped = strip_picture(make_picture(kind) + SECRET.encode() * 5, media_type(kind))
    assert stripped is not None
    assert SECRET.encode() not in stripped


def test_what_it_does_not_know_it_leaves_to_others() -> None:
    assert strip_picture(b"BM....", "image/bmp") is None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, 1_500), changes=st.lists(st.tuples(st.integers(2, 1_400), st.integers(0, 255)), max_size=6))
def test_broken_pictures_end_in_one_error(kind: str, cut: int, changes: list[tuple[int, int]]) -> None:
    data = bytearray(make_picture(kind))
    for at, byte in changes:
        data[at % len(data)] = byte
    broken = bytes(data[: max(14, len(data) - cut)])
    try:
        stripped = strip_picture(broken, media_type(kind))
    except MalformedPictureError:
        return
    assert stripped is not None
    assert len(stripped) <= len(broken)

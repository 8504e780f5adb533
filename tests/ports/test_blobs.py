"""What every engine of the Blobs port does, and what is particular to a folder."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.blobs.obstore import ObstoreBlobs, check_key
from outcry.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from outcry.ports.blobs import Blobs


@pytest.fixture(params=["folder", "memory", "s3"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    """Give an empty store of each engine in turn."""
    openers: dict[str, Callable[[], Blobs]] = {
        "folder": lambda: ObstoreBlobs.in_folder(tmp_path / "blobs"),
        "memory": ObstoreBlobs.in_memory,
        "s3": lambda: request.getfixturevalue("s3").open(prefix="some/prefix"),
    }
    opened = openers[request.param]()
    yield opened
    await opened.close()


async def keys_below(blobs: Blobs, prefix: str) -> list[str]:
    return sorted([info.key async for info in blobs.list_prefix(prefix)])


@pytest.mark.parametrize("data", [b"", b"one", bytes(range(256)) * 40_000], ids=["empty", "small", "10 MB"])
async def test_what_is_put_comes_back(blobs: Blobs, data: bytes) -> None:
    await blobs.put("tenant/charts/one.png", data)
    assert await blobs.get("tenant/charts/one.png") == data
    info = await blobs.find("tenant/charts/one.png")
    assert info is not None
    assert (info.key, info.size) == ("tenant/charts/one.png", len(data))
    assert abs(info.modified - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_part_comes_alone(blobs: Blobs) -> None:
    await blobs.put("a/film", b"0123456789")
    for start, length, part in ((0, 3, b"012"), (4, 2, b"45"), (8, 50, b"89"), (10, 5, b""), (90, 5, b""), (3, 0, b"")):
        assert await blobs.get_range("a/film", start, length) == part
    with pytest.raises(NotFoundError):
        await blobs.get_range("a/none", 0, 1)


async def test_putting_again_replaces(blobs: Blobs) -> None:
    await blobs.put("a", b"a longer text")
    await blobs.put("a", b"short")
    assert await blobs.get("a") == b"short"


async def test_what_is_put_once_is_put_once(blobs: Blobs) -> None:
    """The same again changes nothing, whoever stored it first; anything else is refused and leaves the first."""
    await blobs.put("a/note", b"one")
    for key in ("a/note", "b/note"):
        for _ in range(2):
            await blobs.put_once(key, b"one")
        with pytest.raises(ConflictError):
            await blobs.put_once(key, b"another")
        assert await blobs.get(key) == b"one"
    assert await keys_below(blobs, "") == ["a/note", "b/note"]
    await blobs.delete("a/note")
    await blobs.put_once("a/note", b"another")
    assert await blobs.get("a/note") == b"another"


async def test_of_many_who_put_once_one_wins(blobs: Blobs) -> None:
    texts = [str(number).encode() for number in range(20)]
    done = await asyncio.gather(*(blobs.put_once("a", text) for text in texts), return_exceptions=True)
    assert [one for one in done if one is not None and not isinstance(one, ConflictError)] == []
    (won,) = [text for text, one in zip(texts, done, strict=True) if one is None]
    assert await blobs.get("a") == won


async def test_what_is_not_there(blobs: Blobs) -> None:
    await blobs.put("a/b", b"x")
    for key in ("none", "a", "a/c", "a/b/c"):
        assert await blobs.find(key) is None
        with pytest.raises(NotFoundError):
            await blobs.get(key)
        await blobs.delete(key)
    assert await blobs.get("a/b") == b"x"


async def test_delete_removes_one(blobs: Blobs) -> None:
    await blobs.put("a/b", b"x")
    await blobs.put("a/c", b"y")
    await blobs.delete("a/b")
    assert await keys_below(blobs, "") == ["a/c"]


async def test_listing_goes_by_whole_segments(blobs: Blobs) -> None:
    for key in ("one/a", "one/b/c", "one-more/a", "two/a"):
        await blobs.put(key, b"x")
    assert await keys_below(blobs, "one") == ["one/a", "one/b/c"]
    assert await keys_below(blobs, "one/") == ["one/a", "one/b/c"]
    assert await keys_below(blobs, "one/b") == ["one/b/c"]
    assert await keys_below(blobs, "on") == []
    assert len(await keys_below(blobs, "")) == 4


ODD_KEYS = [
    "a b",
    "Zürich/日本.csv",
    "x%20y",
    "x%2Fy",
    "a:b",
    "a?b",
    "a*b",
    "~",
    "-rf",
    "x#",
    "…",
    "'; DROP TABLE",
    "🙂",
]


@pytest.mark.parametrize("key", ODD_KEYS)
async def test_odd_keys_are_themselves(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"x")
    assert await blobs.get(key) == b"x"
    assert await keys_below(blobs, "") == [key]


BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "../up",
    "a/../../up",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "a\\..\\b",
    "a\x00b",
    "a\nb",
    "e\u0301",
    "a#1",
    "a#1/b",
    "\ud800",
    "x" * 201,
    "ü" * 101,
    "/".join(["segment"] * 200),
]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_keys_that_lead_elsewhere_are_refused(blobs: Blobs, key: str) -> None:
    with pytest.raises(InvalidInputError):
        await blobs.put(key, b"x")
    with pytest.raises(InvalidInputError):
        await blobs.put_once(key, b"x")
    with pytest.raises(InvalidInputError):
        await blobs.get(key)
    with pytest.raises(InvalidInputError):
        await blobs.find(key)
    with pytest.raises(InvalidInputError):
        await blobs.delete(key)
    assert await keys_below(blobs, "") == []


@pytest.mark.parametrize("prefix", ["..", "/etc", "a//", "a\x00", "../.."])
async def test_prefixes_that_lead_elsewhere_are_refused(blobs: Blobs, prefix: str) -> None:
    with pytest.raises(InvalidInputError):
        await keys_below(blobs, prefix)


@given(st.text(max_size=300))
def test_a_key_that_is_taken_stays_below_its_folder(key: str) -> None:
    try:
        check_key(key)
    except InvalidInputError:
        return
    root = Path("/store/root")
    assert root in Path(f"{root}/{key}").parents
    assert ".." not in key.split("/")
    assert str(Path(f"{root}/{key}")) == f"{root}/{key}"


async def test_a_reader_sees_the_old_or_the_new(blobs: Blobs) -> None:
    versions = [bytes([number]) * 300_000 for number in range(8)]
    await blobs.put("a", versions[0])
    done = asyncio.Event()
    seen: set[bytes] = set()

    async def read() -> None:
        while not done.is_set():
            seen.add(await blobs.get("a"))

    reader = asyncio.create_task(read())
    for version in versions * 3:
        await blobs.put("a", version)
    done.set()
    await reader
    assert seen <= set(versions)
    assert seen


async def test_in_a_folder_a_file_is_no_folder(tmp_path: Path) -> None:
    blobs = ObstoreBlobs.in_folder(tmp_path)
    await blobs.put("a/b", b"x")
    with pytest.raises(ConflictError):
        await blobs.put("a", b"y")
    with pytest.raises(ConflictError):
        await blobs.put("a/b/c", b"y")
    assert await keys_below(blobs, "") == ["a/b"]


async def test_in_a_folder_what_is_put_once_is_read_only(tmp_path: Path) -> None:
    """Also for who may write everywhere, as far as it goes through here."""
    blobs = ObstoreBlobs.in_folder(tmp_path)
    await blobs.put_once("a/b", b"x")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o444
    with pytest.raises(ConflictError):
        await blobs.put("a/b", b"y")
    assert await blobs.get("a/b") == b"x"
    with pytest.raises(ConflictError):
        await blobs.put_once("a/b/c", b"y")
    await blobs.delete("a/b")
    assert await keys_below(blobs, "") == []


async def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    blobs = ObstoreBlobs.in_folder(folder)
    folder.rmdir()
    folder.write_text("not a folder any more")
    with pytest.raises((UnavailableError, ConflictError)):
        await blobs.put("a", b"x")
    assert folder.read_text() == "not a folder any more"


async def test_what_is_stored_is_there_for_the_next_process(tmp_path: Path) -> None:
    await ObstoreBlobs.in_folder(tmp_path / "blobs").put("a/b", b"x")
    assert await ObstoreBlobs.in_folder(tmp_path / "blobs").get("a/b") == b"x"
    assert (tmp_path / "blobs" / "a" / "b").read_bytes() == b"x"

"""The index hears of everything, once more after a crash, and forgets what is erased."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from outcry.kit.errors import UnavailableError
from outcry.ports.text_search import Document, Removal
from outcry.services.chat.search import indexer as indexing
from outcry.services.chat.search.indexer import Indexer
from outcry.services.chat.search.models import ChangeRow
from tests.services.chat.conftest import Desk
from tests.services.chat.search.test_search import look, room_of_two, say, texts
from tests.services.chat.test_erasure import dump, erase

pytestmark = pytest.mark.parametrize("desk", ["direct"], indirect=True)


async def waiting(desk: Desk) -> int:
    """Return how many changes the index has not heard of."""
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ChangeRow)) or 0


def files_with(folder: Path, word: str) -> list[str]:
    """Return the files of the index that a word stands in."""
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_erased_words_are_in_no_file_of_the_index(desk: Desk, tmp_path: Path) -> None:
    ada, bob, room = await room_of_two(desk)
    await say(desk, ada, room, "qzxvkjwq is what ada said")
    await say(desk, bob, room, "what bob said")
    alone = await desk.commands.create_room(ada, title="Own", kind="room")
    await say(desk, ada, alone, "qzxvkjwq alone")
    assert len(await look(desk, ada, "qzxvkjwq")) == 2
    folder = tmp_path / "search"
    assert files_with(folder, "qzxvkjwq") != []
    assert await erase(desk, ada) > 0
    assert files_with(folder, "qzxvkjwq") == []
    assert await texts(desk, bob, "said") == ["what bob said"]
    assert await erase(desk, ada) == 0


async def test_an_erased_organisation_is_gone_from_the_index(desk: Desk, tmp_path: Path) -> None:
    ada, _, room = await room_of_two(desk)
    eve = await desk.new_person("Eve")
    theirs = await desk.commands.create_room(eve, title="Other", kind="room")
    await say(desk, ada, room, "qzxvkjwq here")
    await say(desk, eve, theirs, "qzxvkjwz there")
    await desk.indexer.catch_up()
    assert files_with(tmp_path / "search", "qzxvkjwq") != []
    await erase(desk, organisations=(ada.tenant_id,))
    assert files_with(tmp_path / "search", "qzxvkjwq") == []
    assert await texts(desk, eve, "qzxvkjwz") == ["qzxvkjwz there"]


async def test_what_is_erased_is_not_found_before_the_index_heard_of_it(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    await say(desk, ada, room, "zebra")
    await desk.indexer.catch_up()
    async with desk.database.transaction() as transaction:
        erased = text("UPDATE message SET status = 'erased', text = ''")
        await transaction.session.execute(erased)
    assert (await desk.search.search(bob, query="zebra", cursor=None, limit=5)).items == ()


async def test_a_change_waits_until_the_index_has_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, _, room = await room_of_two(desk)
    await say(desk, ada, room, "zebra")
    write = desk.index.write

    async def refuse(documents: Sequence[Document], removals: Sequence[Removal], *, position: str) -> None:
        raise UnavailableError("full")

    monkeypatch.setattr(desk.index, "write", refuse)
    with pytest.raises(UnavailableError):
        await desk.indexer.catch_up()
    assert await waiting(desk) == 1
    monkeypatch.setattr(desk.index, "write", write)
    assert await texts(desk, ada, "zebra") == ["zebra"]
    assert await waiting(desk) == 0


async def test_a_crash_between_the_index_and_the_database_repeats_a_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _, room = await room_of_two(desk)
    await desk.indexer.catch_up()
    await say(desk, ada, room, "zebra")

    async def crash(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(desk.indexer, "_settle", crash)
        with pytest.raises(ConnectionError):
            await desk.indexer.catch_up()
    await say(desk, ada, room, "zebra two")
    again = Indexer(database=desk.database, index=desk.index)
    monkeypatch.setattr(desk.index, "clear", crash)  # nothing is filled anew for that
    await again.catch_up()
    assert await texts(desk, ada, "zebra") == ["zebra two", "zebra"]
    assert await waiting(desk) == 0


async def test_a_lost_index_is_filled_anew_also_over_a_crash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "BATCH", 3)
    ada, _, room = await room_of_two(desk)
    for number in range(8):
        await say(desk, ada, room, f"zebra {number}")
    assert len(await look(desk, ada, "zebra")) == 8
    await desk.index.clear()
    assert await desk.indexer._step()
    await say(desk, ada, room, "zebra 8")
    again = Indexer(database=desk.database, index=desk.index)
    await again.catch_up()
    assert sorted(await texts(desk, ada, "zebra")) == [f"zebra {number}" for number in range(9)]


async def test_an_index_of_another_time_is_filled_anew(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    for number in range(3):
        await say(desk, ada, room, f"zebra {number}")
        await desk.indexer.catch_up()
    for position in ("2:1:done", "2:99:done", "1:3:done", "3:done", "what", "2:-1:done"):
        await desk.index.clear()
        await desk.index.write([], [], position=position)
        assert len(await look(desk, ada, "zebra")) == 3


async def test_the_notes_of_changes_have_no_words(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    await say(desk, ada, room, "zebra")
    assert "zebra" not in await dump(desk, "search_change", "search_state")

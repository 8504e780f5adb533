"""The contract of the TextSearch port, over every engine that is here."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.text_search.fragments import cut_fragment
from outcry.adapters.text_search.tantivy import TantivyTextSearch
from outcry.adapters.text_search.words import fold, split
from outcry.ports.text_search import Clause, Document, Removal, TextQuery, TextSearch

TENANT, ROOM, ADA = uuid4(), uuid4(), uuid4()
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[TextSearch]:
    """An empty index."""
    engine = TantivyTextSearch(tmp_path / "search")
    yield engine
    await engine.close()


def document(
    text: str,
    *,
    tenant: UUID = TENANT,
    room: UUID = ROOM,
    author: UUID = ADA,
    minute: int = 0,
    flags: Sequence[str] = (),
) -> Document:
    """Return a document of these."""
    return Document(
        id=uuid4(),
        tenant_id=tenant,
        scope_id=room,
        author_id=author,
        time=NOON + timedelta(minutes=minute),
        text=text,
        flags=frozenset(flags),
    )


def query(*texts: str, prefix: bool = False, rooms: Sequence[UUID] = (ROOM,), limit: int = 20) -> TextQuery:
    """Return a query for these texts in these rooms."""
    clauses = tuple(Clause(text=text, prefix=prefix) for text in texts)
    return TextQuery(tenant_id=TENANT, scope_ids=frozenset(rooms), clauses=clauses, limit=limit)


async def found(index: TextSearch, *texts: str, prefix: bool = False) -> list[str]:
    """Return the texts that were found, the newest first."""
    return [hit.fragment.text for hit in await index.search(query(*texts, prefix=prefix))]


async def test_an_index_begins_empty_and_knows_its_position(index: TextSearch) -> None:
    assert await index.position() == ""
    await index.write([document("apple")], [], position="one")
    assert await index.position() == "one"
    await index.write([], [], position="two")
    assert await index.position() == "two"
    assert await found(index, "apple") == ["apple"]
    await index.clear()
    assert (await index.position(), await found(index, "apple")) == ("", [])


@pytest.mark.parametrize(
    ("text", "finds", "misses"),
    [
        ("Apple earnings beat", ["apple", "EARNINGS", "earnings beat"], ["appl", "beat earnings", "earning"]),
        ("buy $AAPL now", ["$AAPL", "$aapl", "aapl", "buy $aapl now"], ["$now"]),
        ("AAPL fell", ["aapl"], ["$AAPL"]),
        ("long BTC-USD here", ["BTC-USD", "btc", "usd", "long btc-usd"], ["btc-here", "btc here"]),
        ("sell BRK.B, don't wait", ["brk.b", "don't"], ["dont"]),
        ("Café Ελλάδα straße", ["cafe", "CAFÉ", "ελλαδα", "STRASSE"], ["caf"]),
        ("東京都は晴れです", ["東", "す", "東京", "京都", "東京都は晴れです"], ["都京", "東都"]),
        ("서울 증시", ["서울", "증시", "서울 증시"], ["시증"]),
        ("ตลาดหุ้นไทย", ["หุ้น", "ไทย"], ["ไทยหุ้น"]),
        ("हिन्दी भाषा", ["भाषा", "हिन्दी"], ["भाष"]),
        ('a (b) [c] {d} .* \\ " AND OR', ["b", "and or", "d"], [".*", "\\", '"', "z"]),
        ("5.4% at 10:30", ["5.4%", "10:30"], ["5.5"]),
    ],
)
async def test_words_and_phrases(index: TextSearch, text: str, finds: list[str], misses: list[str]) -> None:
    await index.write([document(text)], [], position="1")
    assert [words for words in finds if await found(index, words) != [text]] == []
    assert [words for words in misses if await found(index, words) != []] == []


async def test_the_last_word_may_go_on(index: TextSearch) -> None:
    await index.write([document("quarterly earnings of BTC-USD"), document("$MSFT")], [], position="1")
    assert len(await found(index, "earn", prefix=True)) == 1
    assert len(await found(index, "quarterly ear", prefix=True)) == 1
    assert len(await found(index, "btc-us", prefix=True)) == 1
    assert len(await found(index, "$MS", prefix=True)) == 1
    assert await found(index, "earn") == []
    # One letter would stand for a large part of all words.
    assert await found(index, "e", prefix=True) == []
    # A pattern is a word like any other.
    assert await found(index, "e.*s", prefix=True) == []


async def test_every_clause_has_to_fit(index: TextSearch) -> None:
    await index.write([document("rates rise in June"), document("rates fall")], [], position="1")
    assert await found(index, "june", "rates") == ["rates rise in June"]
    assert await found(index, "rates", "...") == []


async def test_nobody_finds_what_is_anothers(index: TextSearch) -> None:
    other, elsewhere = uuid4(), uuid4()
    documents = [document("apple one"), document("apple two", room=elsewhere), document("apple three", tenant=other)]
    await index.write(documents, [], position="1")
    assert await found(index, "apple") == ["apple one"]
    assert await index.search(query("apple", rooms=())) == ()
    both = await index.search(query("apple", rooms=(ROOM, elsewhere, uuid4())))
    assert {hit.fragment.text for hit in both} == {"apple one", "apple two"}


async def test_filters(index: TextSearch) -> None:
    bob = uuid4()
    documents = [
        document("apple", minute=0, flags=["link"]),
        document("apple", author=bob, minute=1, flags=["link", "$AAPL"]),
        document("apple", minute=2),
    ]
    await index.write(documents, [], position="1")

    async def places(**filters: object) -> list[int]:
        base = {"tenant_id": TENANT, "scope_ids": frozenset({ROOM})}
        ids = [each.id for each in documents]
        return [ids.index(hit.id) for hit in await index.search(TextQuery(**{**base, **filters}))]  # type: ignore[arg-type]  # each case names fields of its own

    assert await places() == [2, 1, 0]
    assert await places(author_ids=frozenset({bob})) == [1]
    assert await places(author_ids=frozenset()) == []
    assert await places(flags=frozenset({"link"})) == [1, 0]
    assert await places(flags=frozenset({"link", "$AAPL"})) == [1]
    linked = {"scope_ids": frozenset(), "within": frozenset({(ROOM, "link")})}
    assert await places(**linked) == [1, 0]
    assert await places(**linked, author_ids=frozenset({bob})) == [1]
    assert await places(within=frozenset({(ROOM, "link")})) == [2, 1, 0]
    assert await places(scope_ids=frozenset(), within=frozenset({(uuid4(), "link"), (ROOM, "$AAPL")})) == [1]
    assert await places(scope_ids=frozenset()) == []
    assert await places(since=NOON + timedelta(minutes=1)) == [2, 1]
    assert await places(until=NOON + timedelta(minutes=1)) == [0]
    assert await places(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=2)) == [1]
    assert await places(until=datetime(1900, 1, 1, tzinfo=UTC)) == []


async def test_pages_have_each_document_once_in_order_also_of_one_time(index: TextSearch) -> None:
    documents = [document(f"apple {number}", minute=number // 5) for number in range(23)]
    await index.write(documents[:9], [], position="1")
    await index.write(documents[9:], [], position="2")
    expected = sorted(((each.time, each.id) for each in documents), reverse=True)
    for size in (1, 2, 4, 7, 50):
        seen: list[tuple[datetime, UUID]] = []
        while True:
            after = seen[-1] if seen else None
            asked = TextQuery(
                tenant_id=TENANT,
                scope_ids=frozenset({ROOM}),
                clauses=(Clause(text="apple"),),
                limit=size,
                after=after,
            )
            hits = await index.search(asked)
            seen += [(hit.time, hit.id) for hit in hits]
            if len(hits) < size:
                break
        assert seen == expected


async def test_a_document_is_replaced_also_within_a_batch(index: TextSearch) -> None:
    first = document("apple")
    newer = Document(
        id=first.id, tenant_id=TENANT, scope_id=ROOM, author_id=ADA, time=first.time, text="pear", flags=frozenset()
    )
    await index.write([first], [], position="1")
    await index.write([newer], [], position="2")
    assert (await found(index, "apple"), await found(index, "pear")) == ([], ["pear"])
    await index.write([first, newer], [], position="3")
    assert (await found(index, "apple"), await found(index, "pear")) == ([], ["pear"])


async def test_removals(index: TextSearch) -> None:
    bob, elsewhere, other = uuid4(), uuid4(), uuid4()
    documents = {
        "one": document("apple"),
        "bob": document("apple", author=bob),
        "room": document("apple", room=elsewhere),
        "tenant": document("apple", tenant=other, room=elsewhere),
    }

    async def left(removal: Removal) -> set[str]:
        await index.clear()
        await index.write(list(documents.values()), [], position="1")
        await index.write([], [removal], position="2")
        hits = [*await index.search(query("apple", rooms=(ROOM, elsewhere)))]
        theirs = TextQuery(tenant_id=other, scope_ids=frozenset({elsewhere}), clauses=(Clause(text="apple"),))
        ids = {hit.id for hit in (*hits, *await index.search(theirs))}
        return {name for name, each in documents.items() if each.id in ids}

    assert await left(Removal(tenant_id=TENANT, document_id=documents["one"].id)) == {"bob", "room", "tenant"}
    assert await left(Removal(tenant_id=other, document_id=documents["one"].id)) == set(documents)
    assert await left(Removal(tenant_id=TENANT, scope_id=elsewhere)) == {"one", "bob", "tenant"}
    assert await left(Removal(tenant_id=TENANT, author_id=bob)) == {"one", "room", "tenant"}
    assert await left(Removal(tenant_id=TENANT)) == {"tenant"}
    # Removed first, then put: a room that is written anew in one batch.
    await index.write([documents["one"]], [Removal(tenant_id=TENANT)], position="3")
    assert len(await found(index, "apple")) == 1


async def test_a_fragment_is_plain_text_around_what_was_found(index: TextSearch) -> None:
    text = f"{'before ' * 60}<b>😀 Apple</b> & apples, apple pie {'after ' * 60}"
    await index.write([document(text)], [], position="1")
    fragment = (await index.search(query("apple")))[0].fragment
    assert [fragment.text[start:end] for start, end in fragment.ranges] == ["Apple", "apple"]
    assert (fragment.before, fragment.after) == (True, True)
    assert fragment.text in text
    assert len(fragment.text) < 200
    assert "<b>😀" in fragment.text
    whole = (await index.search(query()))[0].fragment
    assert (whole.ranges, whole.before, text.startswith(whole.text)) == ((), False, True)


@given(text=st.text(), clauses=st.lists(st.text(max_size=8), max_size=3))
def test_fragments_of_any_text(text: str, clauses: list[str]) -> None:
    fragment = cut_fragment(text, [Clause(text=each, prefix=True) for each in clauses])
    assert fragment.text in text
    ends = [0, *(end for each in fragment.ranges for end in each)]
    assert ends == sorted(ends)
    assert ends[-1] <= len(fragment.text)


@given(st.text())
def test_words_are_folded_parts_of_the_text_in_order(text: str) -> None:
    words = list(split(text))
    assert [word.place for word in words] == sorted(word.place for word in words)
    for word in words:
        assert word.text == fold(text[word.start : word.end])[:64]
        assert word.text


@given(st.text(alphabet="abcXYZ019$.-_ ", max_size=40))
def test_plain_text_has_the_same_words_as_among_other_scripts(text: str) -> None:
    plain = [(word.text, word.start) for word in split(text)]
    among = [(word.text, word.start) for word in split(f"{text} é")][: len(plain)]
    assert among == plain


async def test_any_text_is_stored_and_looked_for(index: TextSearch) -> None:
    strange = ["\u0300" * 5000, "a" * 70_000, "🙂" * 50, "\u202e\u200b", "x \u0301 y", "$", "", "\x00 nul"]
    await index.write([document(text) for text in strange], [], position="1")
    for text in strange:
        await index.search(query(text[:400], prefix=True))
    assert len(await index.search(query())) == len(strange)


async def test_many_ask_while_one_writes(index: TextSearch) -> None:
    async def write(number: int) -> None:
        await index.write([document(f"apple {number}")], [], position=str(number))

    async def ask() -> int:
        return len(await index.search(query("apple", limit=50)))

    await asyncio.gather(*(write(number) for number in range(12)), *(ask() for _ in range(30)))
    assert await ask() == 12


def holding(folder: Path, word: str) -> list[str]:
    """Return the files under a folder that a word stands in."""
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


async def test_purged_words_are_in_no_file(index: TextSearch, tmp_path: Path) -> None:
    secret, kept = document("the secret word is qzxvkjwq"), document("what stays")
    retried = Document(id=kept.id, tenant_id=TENANT, scope_id=ROOM, author_id=ADA, time=NOON, text="qzxvkjwq too")
    await index.write([secret, retried], [], position="1")
    await index.write([document(f"other {number}") for number in range(100)], [], position="2")
    assert holding(tmp_path, "qzxvkjwq") != []
    await index.write([kept], [Removal(tenant_id=TENANT, document_id=secret.id)], position="3")
    await index.purge()
    assert holding(tmp_path, "qzxvkjwq") == []
    assert (await found(index, "stays"), await index.position()) == (["what stays"], "3")
    assert len(await index.search(query("other", limit=200))) == 100
    await index.purge()
    assert len(await index.search(query("other", limit=200))) == 100


async def test_what_was_committed_is_there_after_opening_again(tmp_path: Path) -> None:
    first = TantivyTextSearch(tmp_path)
    await first.write([document("apple")], [], position="1")
    await first.close()
    again = TantivyTextSearch(tmp_path)
    assert (await again.position(), await found(again, "apple")) == ("1", ["apple"])
    await again.write([document("pear")], [], position="2")
    assert await found(again, "pear") == ["pear"]
    await again.close()


@pytest.mark.parametrize("harm", ["meta", "gone", "short", "store", "empty_folder", "file_in_its_place"])
async def test_a_damaged_index_is_a_new_one(tmp_path: Path, harm: str) -> None:
    first = TantivyTextSearch(tmp_path / "search")
    await first.write([document(f"apple {number}") for number in range(50)], [], position="1")
    await first.close()
    folder = next((tmp_path / "search").iterdir())
    damage(folder, harm)
    again = TantivyTextSearch(tmp_path / "search")
    assert (await again.position(), await found(again, "apple")) == ("", [])
    await again.write([document("pear")], [], position="2")
    assert (await again.position(), await found(again, "pear")) == ("2", ["pear"])
    await again.close()


def damage(folder: Path, harm: str) -> None:
    """Do something to an index's files."""
    if harm == "meta":
        (folder / "meta.json").write_text('{"segm')
    elif harm == "gone":
        next(folder.glob("*.idx")).unlink()
    elif harm == "short":
        path = next(folder.glob("*.term"))
        path.write_bytes(path.read_bytes()[:20])
    elif harm == "store":
        next(folder.glob("*.store")).write_bytes(b"")
    else:
        for path in folder.iterdir():
            path.unlink()
        if harm == "file_in_its_place":
            folder.rmdir()
            folder.write_text("no folder")


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.ports.test_text_search import document
from outcry.adapters.text_search.tantivy import TantivyTextSearch

async def main():
    index = TantivyTextSearch(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        await index.write([document(f"apple word{number}")], [], position=str(number))
        print(number, flush=True)

import tests.ports.test_text_search as suite
from uuid import UUID
suite.TENANT, suite.ROOM = UUID(sys.argv[2]), UUID(sys.argv[3])
document.__kwdefaults__.update(tenant=suite.TENANT, room=suite.ROOM)
asyncio.run(main())
"""


def write_and_be_killed(folder: Path) -> int:
    """Write to an index in another process until it is killed; return how many batches it said were written."""
    command = [sys.executable, "-c", WRITER, str(folder), str(TENANT), str(ROOM)]
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root) as process:
        assert process.stdout is not None
        acknowledged = 0
        while acknowledged < 8:
            acknowledged = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    return int(rest[-1]) if rest else acknowledged


async def test_kill_9_loses_nothing_that_was_written(tmp_path: Path) -> None:
    acknowledged = write_and_be_killed(tmp_path)
    index = TantivyTextSearch(tmp_path)
    position = int(await index.position())
    assert position in {acknowledged, acknowledged + 1}
    assert len(await index.search(query("apple", limit=1000))) == position
    # The lock of the one that was killed holds nobody up.
    await index.write([document("pear")], [], position="next")
    await index.close()

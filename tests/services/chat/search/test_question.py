"""What a person types into the search box is read, or refused with a reason."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.ports.text_search import Clause
from outcry.services.chat.search.errors import UnreadableSearchError
from outcry.services.chat.search.question import read_question


def test_words_phrases_symbols_and_filters() -> None:
    question = read_question('rates "no landing" $brk.b from:Ada from:"Bob Lee" in:desk has:LINK earn')
    assert question.clauses == [Clause(text="rates"), Clause(text="no landing"), Clause(text="earn", prefix=True)]
    assert (question.people, question.rooms) == (["Ada", "Bob Lee"], ["desk"])
    assert question.flags == {"$BRK.B", "link"}


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("a & b -", [Clause(text="a"), Clause(text="b")]),
        ("see https://example.com/x?y=1 ", [Clause(text="see"), Clause(text="https://example.com/x?y=1")]),
        ("at 10:30 ", [Clause(text="at"), Clause(text="10:30")]),
        ('"note: this"', [Clause(text="note: this")]),
        ("lost $5 ", [Clause(text="lost"), Clause(text="$5")]),
        ("$AA", [Clause(text="$AA", prefix=True)]),
        ("x  ", [Clause(text="x")]),
    ],
)
def test_what_is_a_word(text: str, clauses: list[Clause]) -> None:
    assert read_question(text).clauses == clauses


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("before:2026-01-05", None, datetime(2026, 1, 5, tzinfo=UTC)),
        ("after:2026-01-05", datetime(2026, 1, 6, tzinfo=UTC), None),
        ("on:2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)),
        (
            "after:2026-01-01 after:2025-01-01 before:2026-03-01 before:2026-02-01",
            datetime(2026, 1, 2, tzinfo=UTC),
            datetime(2026, 2, 1, tzinfo=UTC),
        ),
    ],
)
def test_days(text: str, since: datetime | None, until: datetime | None) -> None:
    question = read_question(text)
    assert (question.since, question.until) == (since, until)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "at least one word"),
        (" \n ", "at least one word"),
        ("& -", "at least one word"),
        ("form:ada x", "no filter form:"),
        ('from:"" x', "after from:"),
        ('rates "no landing', "not closed"),
        ('from:"ada', "not closed"),
        ("has:video", "has:link, has:chart"),
        ("before:yesterday", "before:2026-01-31"),
        ("on:2026-02-30", "is no day"),
        ("after:2026-1-5", "is no day"),
        ("after:9999-12-31", "too far"),
        ("word " * 17, "16"),
        ("x" * 401, "400"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, says: str) -> None:
    with pytest.raises(UnreadableSearchError) as caught:
        read_question(text)
    assert says in caught.value.detail


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(['"', ":", "$", " ", "from", "a", "on"]), max_size=8).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_question(text)
    except UnreadableSearchError as error:
        assert error.detail  # noqa: PT017  # either end is right

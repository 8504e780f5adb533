"""Whom and what a text names."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from outcry.services.chat.contracts import FORMER_NAME
from outcry.services.chat.messages.mentions import (
    NamedPerson,
    calls_desk,
    people_in_mentions,
    read_mentions,
    unname,
)

ADA, BOB = UUID(int=1), UUID(int=2)


def named(label: str, person_id: UUID = ADA) -> NamedPerson:
    return NamedPerson(label=label, person_id=person_id)


def seen(text: str, *people: NamedPerson) -> list[tuple[str, str, Any]]:
    """Return what a text names: the words, the kind, and who or which."""
    return [
        (text[each["start"] : each["end"]], each["kind"], each["person_id"] or each["symbol"])
        for each in read_mentions(text, people) or []
    ]


def test_people_groups_and_symbols() -> None:
    text = "@Ada Lovelace and @here: @desk, is $aapl above $BRK.B? 💥 @Ada Lovelace"
    assert seen(text, named("@Ada Lovelace")) == [
        ("@Ada Lovelace", "person", str(ADA)),
        ("@here", "here", ""),
        ("@desk", "desk", ""),
        ("$aapl", "symbol", "AAPL"),
        ("$BRK.B", "symbol", "BRK.B"),
        ("@Ada Lovelace", "person", str(ADA)),
    ]


def test_the_longest_name_counts() -> None:
    text = "@Ada Lovelace met @Ada"
    assert seen(text, named("@Ada", BOB), named("@Ada Lovelace")) == [
        ("@Ada Lovelace", "person", str(ADA)),
        ("@Ada", "person", str(BOB)),
    ]


def test_two_of_one_name_are_told_apart_by_their_order() -> None:
    text = "@Ada or @Ada or @Ada"
    found = seen(text, named("@Ada", BOB), named("@Ada", ADA))
    assert [who for _, _, who in found] == [str(BOB), str(ADA), str(ADA)]


def test_words_that_only_look_like_it() -> None:
    text = "mail ada@here.com, `@here` and ```\n@desk $AAPL\n``` cost $5 or US$AAPL, @heretic, @Adamant"
    assert seen(text, named("@Ada")) == []
    assert seen("@Ada", named("Ada"), named("@")) == []


def test_what_follows_from_them() -> None:
    stored = read_mentions("@here @Ada @desk @Ada", [named("@Ada")])
    assert people_in_mentions(stored) == [UUID(int=0), ADA]
    assert calls_desk(stored)
    assert not calls_desk(read_mentions("desk"))
    assert len(read_mentions("$AAPL " * 60) or []) == 50


def test_a_name_is_taken_out_of_the_words() -> None:
    text = "@Ada, ask @Bob about $AAPL and @Ada"
    clean, mentions = unname(text, read_mentions(text, [named("@Ada"), named("@Bob", BOB)]), frozenset({ADA}))
    assert clean == f"@{FORMER_NAME}, ask @Bob about $AAPL and @{FORMER_NAME}"
    words = [clean[each["start"] : each["end"]] for each in mentions or []]
    assert words == [f"@{FORMER_NAME}", "@Bob", "$AAPL", f"@{FORMER_NAME}"]


@given(st.text(st.sampled_from("@Ad $AAPL`\n💥here"), max_size=60))
def test_mentions_are_in_order_apart_and_in_the_text(text: str) -> None:
    mentions = read_mentions(text, [named("@Ad"), named("@Ad$", BOB)]) or []
    edges = [edge for each in mentions for edge in (each["start"], each["end"])]
    assert edges == sorted(edges)
    assert all(0 <= each["start"] < each["end"] <= len(text) for each in mentions)
    clean, left = unname(text, mentions, frozenset({ADA, BOB}))
    assert [clean[each["start"] : each["end"]] for each in left or [] if each["kind"] == "person"] == [
        f"@{FORMER_NAME}" for each in mentions if each["kind"] == "person"
    ]

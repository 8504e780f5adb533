"""Unwanted words, however they are written."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.chat.moderation.words import Action, Entry, find, fold


def entry(text: str, action: Action = "refuse") -> Entry:
    """Return an entry as a list stores it."""
    return Entry(text=text, words=fold(text), action=action)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ("scam", "This is a SCAM!"),
        ("scam", "_scam_, again"),
        ("scam", "\uff53\uff43\uff41\uff4d"),  # full width
        ("scam", "s\u0441\u0430m"),  # two Cyrillic letters
        ("scam", "s\u0307c\u0323am"),  # marks on letters
        ("Straße", "STRASSE"),
        ("résumé", "my resume"),
        ("pump it", "Pump,  it!"),
        ("\u0441\u043e\u0440", "\u0421\u041e\u0420"),
    ],
)
def test_a_word_is_found_as_people_disguise_it(wanted: str, text: str) -> None:
    assert find([entry(wanted)], text) == entry(wanted)


@pytest.mark.parametrize(
    ("unwanted", "text"),
    [
        ("ass", "assets, class, bass"),
        ("pump it", "pump and it"),
        ("pump it", "it pump"),
        ("cop", "\u0441\u043e\u0440"),  # a Russian word that looks like it
        ("scam", ""),
        ("scam", "s c a m"),
    ],
)
def test_other_words_are_left_alone(unwanted: str, text: str) -> None:
    assert find([entry(unwanted)], text) is None


def test_what_refuses_comes_before_what_has_it_reviewed() -> None:
    entries = [entry("moon", "review"), entry("scam")]
    assert find(entries, "moon scam") == entries[1]
    assert find(entries, "to the moon") == entries[0]


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_folding_is_settled_after_one_time(text: str) -> None:
    words = fold(text)
    assert fold(" ".join(words)) == words
    for word in words:
        assert find([entry(word)], f"… {text} …") is not None


def test_a_long_list_and_a_long_text_take_no_time() -> None:
    entries = [entry(f"word{number}") for number in range(500)]
    text = "word0x " * 1_100
    started = time.perf_counter()
    assert find(entries, text) is None
    assert time.perf_counter() - started < 0.25

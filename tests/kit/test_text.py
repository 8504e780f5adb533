"""Typed text: uniform, and unable to show as another text than it is."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.text import MOST_MARKS, clean_line, clean_text, shorten


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  hello \n", "hello"),
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("a\tb", "a\tb"),
        ("nul\x00bell\x07escape\x1b[31m", "nulbellescape[31m"),
        ("c1\x85\x9bcontrols\x7f", "c1controls"),
        ("\ufeffbyte order mark", "byte order mark"),
        ("pay \u202ekcab\u202c now", "pay kcab now"),
        ("\u2066isolated\u2069", "isolated"),
        ("cafe\u0301", "caf\u00e9"),
        ("e\x00\u0301", "\u00e9"),
        ("\u200eleft to right mark stays\u200e", "\u200eleft to right mark stays\u200e"),
        ("zero\u200bwidth\u2060and\u00adsoft", "zerowidthandsoft"),
        ("\u3164\uffa0", ""),
        ("hidden\U000e0068\U000e0069", "hidden"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",) * 2,
        ("a\U000e0101\ufe01", "a"),
        ("\u845b\U000e0101\U000e0102", "\u845b\U000e0101"),
        ("\u200d a\u200c\u200d\u200cb \u200d", "a\u200cb"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",) * 2,
        ("\U0001f469\u200d\U0001f680 \u2764\ufe0f",) * 2,
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
        ("\u202e\x00 \n", ""),
    ],
)
def test_clean_text(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


def most_marks(text: str) -> int:
    """Return the most combining marks that one character carries."""
    most = marks = 0
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            marks += 1
        elif character not in "\u200c\u200d":
            marks = 0
        most = max(most, marks)
    return most


MARKS = "\u0300\u0301\u0323\u0489\u20dd\u093c\ufe0f"
TRICKS = st.text(st.sampled_from(f"a \n\u0915\u0958\u845b\u200c\u200d\U000e0101\U000e0067\U0001f3f4\u2764{MARKS}"))


@given(st.text() | TRICKS)
def test_clean_text_is_uniform_and_settled(typed: str) -> None:
    stored = clean_text(typed)
    assert clean_text(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert not [c for c in stored if unicodedata.category(c) == "Cc" and c not in "\t\n"]
    assert most_marks(stored) <= MOST_MARKS
    assert not set(stored) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@given(st.text())
def test_clean_line_is_one_line_of_single_spaces(typed: str) -> None:
    line = clean_line(typed)
    assert len(line.splitlines()) <= 1
    assert "  " not in line
    assert line == line.strip()
    assert clean_line(line) == line


@given(typed=st.text(), length=st.integers(min_value=1, max_value=50))
def test_shorten_never_exceeds_the_length(typed: str, length: int) -> None:
    short = shorten(typed, length)
    assert len(short) <= length
    assert short == typed if len(typed) <= length else short.endswith("…")


def test_shorten_cuts_at_a_word() -> None:
    assert shorten("How did Apple do, against Microsoft?", 20) == "How did Apple do…"
    assert shorten("Incomprehensibilities", 8) == "Incompr…"


def test_millions_of_marks_are_a_handful_and_soon() -> None:
    # Normalising alone would sort these for minutes.
    typed = "price" + "\u0315\u0300" * 2_000_000
    started = time.process_time()
    assert len(clean_text(typed)) <= len("price") + MOST_MARKS
    assert time.process_time() - started < 5
    assert clean_text("e\u0301" * 20) == "\u00e9" * 20

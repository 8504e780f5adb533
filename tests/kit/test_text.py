"""Typed text: uniform, and unable to show as another text than it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.text import clean_line, clean_text, shorten


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
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
        ("\u202e\x00 \n", ""),
    ],
)
def test_clean_text(typed: str, stored: str) -> None:
    assert clean_text(typed) == stored


@given(st.text())
def test_clean_text_is_uniform_and_settled(typed: str) -> None:
    stored = clean_text(typed)
    assert clean_text(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert not [c for c in stored if unicodedata.category(c) == "Cc" and c not in "\t\n"]
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

"""Paging: cursors come back as they were, and anything else is refused in words."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import MAX_LIMIT, Page, clamp_limit, decode_cursor, encode_cursor

INTEGERS = st.integers(min_value=-(2**63), max_value=2**63 - 1)
TEXTS = st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def _cursor_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(number=INTEGERS, word=TEXTS)
def test_a_cursor_gives_back_its_position(number: int, word: str) -> None:
    assert decode_cursor(encode_cursor(number, word), int, str) == [number, word]


@given(number=INTEGERS, word=TEXTS)
def test_a_cursor_stands_in_an_address_without_escaping(number: int, word: str) -> None:
    assert set(encode_cursor(number, word)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(cursor=st.text())
def test_any_text_is_read_or_refused(cursor: str) -> None:
    with suppress(InvalidInputError):  # any other error would be answered with a 500
        values = decode_cursor(cursor, int, str)
        assert [type(value) for value in values] == [int, str]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=JSON_VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    with suppress(InvalidInputError):  # any other error would be answered with a 500
        assert decode_cursor(_cursor_of(value), int) == value


@pytest.mark.parametrize(
    "value",
    [
        [True],  # a bool is an int to Python
        [2**63],  # wider than any column
        [-(2**63) - 1],
        [1.0],
        [None],
        ["1"],
        [1, 2],
        [],
        {"0": 1},
        1,
    ],
)
def test_what_is_not_one_integer_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match="not one that this list gave out"):
        decode_cursor(_cursor_of(value), int)


@pytest.mark.parametrize("word", ["a\0b", "\ud800", "\udfff tail"])
def test_text_that_no_engine_can_compare_is_refused(word: str) -> None:
    with pytest.raises(InvalidInputError):
        decode_cursor(_cursor_of([word]), str)


@pytest.mark.parametrize("depth", [100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    cursor = base64.urlsafe_b64encode(b"[" * depth + b"]" * depth).decode().rstrip("=")
    with pytest.raises(InvalidInputError):
        decode_cursor(cursor, int)


@given(limit=st.integers(), most=st.integers(min_value=1, max_value=10_000))
def test_a_limit_is_always_between_one_and_the_most(limit: int, most: int) -> None:
    clamped = clamp_limit(limit, most=most)
    assert 1 <= clamped <= most
    assert clamped == limit or not 1 <= limit <= most


def test_the_most_is_two_hundred_unless_told() -> None:
    assert clamp_limit(10_000) == MAX_LIMIT == 200


def test_the_last_page_has_no_cursor() -> None:
    assert Page(items=(1, 2)).next_cursor is None

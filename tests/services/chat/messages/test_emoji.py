"""Which strings are one emoji, and in which form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.chat.messages.emoji import find_emoji

WOMAN, MAN, HEART, JOINER, PICTURE = "\U0001f469", "\U0001f468", "\u2764", "\u200d", "\ufe0f"


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("👍", "👍"),
        ("👍\ufe0f", "👍"),
        ("👍🏽", "👍🏽"),
        (HEART, HEART + PICTURE),
        (HEART + PICTURE, HEART + PICTURE),
        ("✌🏿", "✌🏿"),
        ("🇩🇪", "🇩🇪"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("#\u20e3", "#\ufe0f\u20e3"),
        (WOMAN + JOINER + "🚀", WOMAN + JOINER + "🚀"),
        (WOMAN + JOINER + HEART + JOINER + MAN, WOMAN + JOINER + HEART + PICTURE + JOINER + MAN),
        ("🏳️‍🌈", "🏳️‍🌈"),
        ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",) * 2,
        ("🫩", "🫩"),
    ],
)
def test_an_emoji_has_one_form(typed: str, known: str) -> None:
    assert find_emoji(typed) == known
    assert find_emoji(known) == known


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "1",
        "#",
        "👍👍",
        "👍 ",
        ":)",
        "🇩",
        "🇽🇽",
        "🏽",
        JOINER,
        PICTURE,
        WOMAN + JOINER,
        "👍\u0301",
        "<b>",
        "\u20e3",
        "🏴\U000e0067\U000e0068\U000e007f",
        JOINER.join([WOMAN] * 5),
        "🚀🏽",
        "👍" + PICTURE * 2,
        "\U0010ffff",
        "漢",
        "👍" * 100,
    ],
)
def test_anything_else_is_none(typed: str) -> None:
    assert find_emoji(typed) is None


@given(st.text(st.sampled_from(f"👍🏽1#{HEART}{WOMAN}{JOINER}{PICTURE}\u20e3🇩🇪a"), max_size=8))
def test_the_form_of_a_form_is_itself(typed: str) -> None:
    known = find_emoji(typed)
    assert known is None or find_emoji(known) == known

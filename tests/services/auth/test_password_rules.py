"""Which passwords are taken, and what is said of the others."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.services.auth.password_rules import LEAST, MOST, check_password, normalise_password


def check(password: str, *, local_part: str = "annlee", name: str = "Ann Lee") -> str:
    return check_password(password, local_part=local_part, name=name)


@pytest.mark.parametrize(
    "password",
    [
        "purple tram eats seven violins",
        "x7#Qm2!vL9@pR4$",
        "nur ein Esel zählt Äpfel",
        "我喜欢在雨天看书喝茶听音乐写诗",
        "🐙🚲🌋🎻🧀🪁🦉🥁🧭🛶🪐🎲🦔🧃🪴",
        "   spaces   count  too ",
        "kX\x00binary\x07is fine too",
        "q" + "w7Rk!zP" * 30,
        "my cat is 12345 days old",
    ],
)
def test_long_passwords_of_any_characters_are_taken(password: str) -> None:
    assert check(password) == unicodedata.normalize("NFKC", password)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "at least 15"),
        ("x7#Qm2!vL9@pR4", "at least 15"),
        ("purple tram " * 22, "at most 256"),
        ("annlee counts purple trams", "your e-mail address"),
        ("Ann.Lee counts purple trams", "your e-mail address"),
        ("correct horse battery staple", "well-known phrase"),
        ("To be, or not to be: that is the question!", "well-known phrase"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("abababababababababab", "repeats"),
        ("xK9!xK9!xK9!xK9!xK9!", "repeats"),
        ("q7Rkz!q7Rkz!q7Rkz!q7", "repeats"),
        ("12345678901234567890", "repeats"),
        ("123456789!987654321", "row of neighbouring"),
        ("abcdefghijklmnopqrst", "row of neighbouring"),
        ("ZYXWVUTSRQPONMLKJIHG", "row of neighbouring"),
        ("qwertyuiopasdfghjkl!", "row of neighbouring"),
        ("1qaz2wsx3edc4rfv5tgb", "row of neighbouring"),
        ("Password12345678!", "row of neighbouring|everybody uses"),
        ("passwordletmein!!admin", "everybody uses"),
        ("Welcome-Password-2024", "everybody uses"),
    ],
)
def test_others_are_refused_with_the_reason(password: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason) as caught:
        check(password)
    assert caught.value.errors == ({"field": "password", "message": caught.value.detail},)
    if password:
        assert password not in caught.value.detail


def test_the_name_is_not_a_password() -> None:
    with pytest.raises(InvalidInputError, match="your name"):
        check("MarieCurie discovered it", local_part="mc", name="Marie Curie")


def test_a_very_short_name_forbids_nothing() -> None:
    check("bobsledding through purple snow", local_part="bob", name="Bob")


def test_the_length_counts_characters_after_normalising() -> None:
    assert len(normalise_password("ﬃ" * 5)) == 15
    with pytest.raises(InvalidInputError, match="at most"):
        check("purple tram" + "\ufdfa" * 14)  # one ligature of eighteen characters


def test_it_is_the_same_from_every_keyboard() -> None:
    assert check("zwölf Ｂoote im Regen") == check("zwo\u0308lf Boote im Regen")


@pytest.mark.parametrize("password", ["\ud800" + "purple tram eats", "purple tram eats\udfff"])
def test_half_a_character_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="half a character"):
        check(password)


@given(st.text(max_size=400), st.text(max_size=80), st.text(max_size=80))
def test_it_never_fails_otherwise_and_what_it_takes_is_long_enough(password: str, local: str, name: str) -> None:
    try:
        taken = check_password(password, local_part=local, name=name)
    except InvalidInputError:
        return
    assert LEAST <= len(taken) <= MOST
    assert unicodedata.is_normalized("NFKC", taken)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=14).map(normalise_password))
def test_a_short_piece_again_and_again_is_never_taken(piece: str) -> None:
    password = piece * 17
    assume(len(piece) < LEAST and normalise_password(password) == password)
    with pytest.raises(InvalidInputError):
        check(password)

"""Which passwords are taken, and what is said of the others."""

import random
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from zxcvbn import matching

from outcry.kit.errors import InvalidInputError
from outcry.services.auth.password_rules import (
    LEAST,
    MOST,
    Owner,
    check_password,
    normalise_password,
)


def check(password: str, *, local_part: str = "annlee", name: str = "Ann Lee", with_factor: bool = False) -> str:
    owner = Owner(email=f"{local_part}@montague.example", name=name, organisation="Capulet Capital")
    return check_password(password, owner, with_factor=with_factor)


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
        ("123456789!987654321", "everybody uses"),
        ("abcdefghijklmnopqrst", "row of neighbouring"),
        ("ZYXWVUTSRQPONMLKJIHG", "row of neighbouring"),
        ("qwertyuiopasdfghjkl!", "everybody uses"),
        ("1qaz2wsx3edc4rfv5tgb", "everybody uses"),
        ("Password12345678!", "row of neighbouring|everybody uses"),
        ("passwordletmein!!admin", "everybody uses"),
        ("Welcome-Password-2024", "everybody uses"),
        ("P@ssw0rd P@ssw0rd1", "everybody uses"),
        ("Liverpool1 Liverpool2", "everybody uses"),
        ("q" + "w7Rk!zP" * 30, "repeats"),
        ("montague montague7", "your name, your e-mail address or your organisation"),
        ("CapuletCapital2026", "your name, your e-mail address or your organisation"),
        ("latipaC telupaC 1!", "your name, your e-mail address or your organisation"),
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
        taken = check_password(password, Owner(email=f"{local}@example.com", name=name))
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


@pytest.mark.parametrize("password", ["x7#Qm2!v", "tram-violin-9", "我喜欢在雨天看书"])
def test_eight_characters_do_beside_a_second_factor(password: str) -> None:
    assert check(password, with_factor=True) == password
    with pytest.raises(InvalidInputError, match="at least 15"):
        check(password)


@pytest.mark.parametrize(
    "password",
    ["x7#Qm2!", "password", "P@ssw0rd1", "violins!", "iloveyou", "12345678", "qwertyui", "abcdefgh", "Summer2024!"],
)
def test_guessable_ones_do_not_even_there(password: str) -> None:
    with pytest.raises(InvalidInputError):
        check(password, with_factor=True)


def test_what_is_generated_is_always_taken() -> None:
    """The alphabet of web/src/lib/session/passphrase.ts."""
    source = random.Random(7)  # the same passphrases at each run
    onsets, vowels = "bdfghjklmnprstvz", ("a", "e", "i", "o", "u", "ai", "ou", "ea")
    for _ in range(200):
        syllables = [source.choice(onsets) + source.choice(vowels) for _ in range(12)]
        check("-".join(map("".join, zip(syllables[::2], syllables[1::2], strict=True))))


def test_a_long_password_is_judged_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = matching.omnimatch, []

    def omnimatch(password: str, *rest: object) -> object:
        seen.append(len(password))
        return real(password, *rest)

    monkeypatch.setattr(matching, "omnimatch", omnimatch)
    check("purple trams eat seven violins; " * 2 + "x7#Qm2!v" + "y" * 180)
    assert max(seen) <= 72


def test_what_is_known_of_one_person_stays_with_them() -> None:
    check("purple tram eats seven violins", name="Rosalind Franklin")
    assert "rosalind" not in matching.RANKED_DICTIONARIES.get("user_inputs", {})

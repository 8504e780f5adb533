"""What mails say, and what they never carry."""

import pytest

from outcry.services.auth import letters
from outcry.services.auth.identity import Client


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example",
        "evil.example/win",
        "www.evil",
        "Ann https://evil.example/?x=1 Lee",
        "mail ann@evil.example",
        "javascript:alert(1)",
        "<a href='x'>Ann</a>",
        "[Ann](evil)",
        "Ann\r\nBcc: eve@evil.example",
        "evil.example",
        "10.0.0.1",
    ],
)
def test_names_carry_no_links_and_no_markup(name: str) -> None:
    said = letters.shown(name)
    assert said
    assert not any(mark in said for mark in ("evil.", "://", "www.", "@", "<", ">", "[", "]", "\n", "\r", "0.0", "t:a"))


@pytest.mark.parametrize("name", ["Ann Lee", "O'Brien & Sons", "李小龍", "Dr. Łukasz", "A" * 60])
def test_ordinary_names_stay(name: str) -> None:
    assert letters.shown(name) == name


def test_a_long_name_is_cut() -> None:
    assert len(letters.shown("word " * 100)) <= 60


def test_what_a_browser_says_of_itself_is_not_repeated() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0 http://evil.example"
    letter = letters.factor_added("A passkey", Client(address="192.0.2.1", user_agent=agent))
    assert "Firefox, Linux" in letter.text
    assert "evil" not in letter.text

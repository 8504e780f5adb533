"""Addresses of people and of networks in their uniform form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.services.auth.identity import MAX_NAME, find_email, read_client, read_email, read_name


def test_a_client_is_kept_short_and_clean() -> None:
    client = read_client("x" * 500, "a\x00b\r\nc" + "y" * 500)
    assert len(client.address) == 64
    assert client.user_agent.startswith("ab c")
    assert len(client.user_agent) == 300
    assert read_client(None, "").address == "unknown"


@given(st.text(max_size=300))
def test_any_address_is_taken_in_one_form_or_refused(text: str) -> None:
    try:
        email = read_email(text)
    except InvalidInputError:
        return
    assert read_email(email.shown) == email
    assert email.key == unicodedata.normalize("NFKC", email.key)
    assert "\x00" not in email.key


@given(st.text(max_size=200))
def test_any_name_is_taken_as_one_short_line_or_refused(text: str) -> None:
    try:
        name = read_name(text)
    except InvalidInputError:
        return
    assert 1 <= len(name) <= MAX_NAME
    assert name == " ".join(name.split())
    assert read_name(name) == name
    assert any(unicodedata.category(character)[0] in "LNPS" for character in name)


@pytest.mark.parametrize(
    "name",
    ["Аnn Lee", "Ann Lеe", "Αnna", "Pаypal", "Ivan Ивaн", "x\u0303а", "Ոa", "Ꭺnn", "a\u0301а"],
)
def test_words_of_letters_that_look_alike_are_no_names(name: str) -> None:
    with pytest.raises(InvalidInputError, match="alphabets"):
        read_name(name)


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\u00ad",
        "\ufeff",
        "\u2060",
        "\u200d",
        "\u200c",
        "\u061c",
        "\u3164",
        "\u034f",
        "\U000e0041",
    ],
)
def test_what_nobody_sees_is_in_no_name(hidden: str) -> None:
    for name in (f"Ann{hidden} Lee", f"{hidden}Ann", f"Ann{hidden}", f"A{hidden}nn"):
        with pytest.raises(InvalidInputError, match=f"U.{ord(hidden):04X}"):
            read_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Ann Иванова",
        "José Ñandú",
        "Владимир Ильич",
        "Ελένη",
        "李小龍 Bruce",
        "山田タロー",
        "김민준",
        "محمد",
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d🚀 Ada",
        "❤\ufe0f\u200d🔥",
        "O'Brien-Łukasz III",
        "Nguyễn Thị",
        "R2D2",
    ],
)
def test_names_of_all_languages_are_taken(name: str) -> None:
    assert read_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "address", ["anna.иван@example.com", "аnn@example.com", "ann@exаmple.com", "ann@münchен.de", "αnn@example.com"]
)
def test_addresses_that_mix_scripts_are_refused_and_found(address: str) -> None:
    with pytest.raises(InvalidInputError, match="alphabets"):
        read_email(address)
    assert find_email(address) is not None


@pytest.mark.parametrize(
    "address", ["jürgen@münchen.de", "анна@пример.рф", "ann@пример.рф", "田中taro@例え.jp", "li@李.cn"]
)
def test_addresses_of_one_script_a_part_are_taken(address: str) -> None:
    assert read_email(address).shown == address

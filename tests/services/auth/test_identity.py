"""Addresses of people and of networks in their uniform form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.services.auth.identity import MAX_NAME, network_of, read_client, read_email, read_name


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("999.1.1.1", "999.1.1.1"),
    ],
)
def test_a_network_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network


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

"""Addresses of engines: taken apart, never shown."""

import pytest

from outcry.kit.address import AddressError, read_address


def test_an_address_is_taken_apart_and_decoded() -> None:
    address = read_address(
        "vault://u%40x:p%2F%3A@Host.example:8200/secret/a%20b/?ca=/x%26y&from=a+b", options={"ca", "from"}
    )
    assert (address.scheme, address.host, address.port) == ("vault", "host.example", 8200)
    assert (address.user, address.password, address.path) == ("u@x", "p/:", "secret/a b")
    assert address.options == {"ca": "/x&y", "from": "a+b"}
    assert "p/:" not in repr(address)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("[::1]", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("[fe80::1]", False),
        ("mail", False),
    ],
)
def test_this_machine_is_known(host: str, loopback: bool) -> None:
    assert read_address(f"smtp://{host}:25", options=()).is_loopback is loopback


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hunter2",
        "smtp:hunter2",
        "smtp://u:hunter2",
        "smtp://u:hunter2@",
        "smtp://u:hunter2 @h",
        "smtp://u:hun\nter2@h",
        "smtp://h:99999",
        "smtp://h?hunter2=1",
        "smtp://h?a=1&a=hunter2",
        "smtp://h/#hunter2",
        "smtp://[::1",
    ],
)
def test_what_cannot_be_used_is_said_without_being_shown(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        read_address(text, options={"a"})
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None

"""Which address passkeys are bound to, and from which pages they may be used."""

import pytest

from outcry.services.auth.errors import PasskeyRefusedError, PasskeysUnavailableError
from outcry.services.auth.relying_party import RelyingParty
from tests.adapters_support.authenticator import Authenticator, Wrong


def make(url: str, origin: str, wrong: Wrong | None = None) -> bytes:
    """Make a passkey at an installation, on a page of an origin; return the handle that it kept."""
    party, device = RelyingParty(url), Authenticator(origin=origin)
    options = party.options_to_make(handle=b"h" * 32, email="a@example.com", name="Ann")
    party.read_new(device.make(options.options, wrong or Wrong()), options.challenge)
    return device.held[0].handle


@pytest.mark.parametrize(
    ("url", "origin", "rp_id"),
    [
        ("https://desk.example", "https://desk.example", "desk.example"),
        ("https://Desk.Example/", "https://desk.example", "desk.example"),
        ("https://desk.example:8443/outcry", "https://desk.example:8443", "desk.example"),
        ("https://desk.example:443", "https://desk.example", "desk.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("https://localhost:8443", "http://localhost:8443", "localhost"),
    ],
)
def test_the_host_is_who_we_are_and_its_pages_are_ours(url: str, origin: str, rp_id: str) -> None:
    assert RelyingParty(url).rp_id == rp_id
    assert make(url, origin) == b"h" * 32


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://desk.example", "http://desk.example"),
        ("https://desk.example", "https://desk.example:8443"),
        ("https://desk.example", "https://www.desk.example"),
        ("https://desk.example", "https://example"),
        ("https://desk.example", "http://localhost"),
        ("http://localhost:8000", "http://localhost:8001"),
        ("http://localhost:8000", "http://127.0.0.1:8000"),
        ("https://desk.example", ""),
        ("https://desk.example", "https://desk.example/"),
    ],
)
def test_no_other_page_is_ours(url: str, origin: str) -> None:
    with pytest.raises(PasskeyRefusedError):
        make(url, origin, Wrong(origin=origin or "null"))


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:8000", "https://[2001:db8::7]", "https://192.0.2.7", "desk.example"]
)
def test_a_number_is_no_name_to_bind_to(url: str) -> None:
    with pytest.raises(PasskeysUnavailableError):
        RelyingParty(url).options_to_use(verified=True)

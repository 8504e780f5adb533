"""What proxies say of a request's origin counts as far as they are trusted, and no further."""

from ipaddress import ip_network
from typing import Literal

import pytest
from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.forwarding import Forwarding, read_forwarded, read_hop
from outcry.edge.settings import EdgeSettings

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
Header = Literal["x-forwarded-for", "forwarded"]


async def forwarded(
    headers: dict[str, str], *, peer: str = "10.0.0.1", header: Header = "x-forwarded-for", kind: str = "http"
) -> tuple[str, str, dict[str, int]]:
    """Return the address and scheme that the application sees, and what was counted."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError("nothing is sent")

    counts = Counts()
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scheme = "http" if kind == "http" else "ws"
    scope = {"type": kind, "client": (peer, 4711), "scheme": scheme, "headers": raw}
    await Forwarding(app, trusted=TRUSTED, header=header, counts=counts)(scope, receive, send)
    return seen[0]["client"][0], seen[0]["scheme"], counts.all()


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),  # the first was written by the client itself
        ("10.0.0.9, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
        ("203.0.113.9, rubbish", "10.0.0.1"),
        ("203.0.113.9, , 10.0.0.2", "10.0.0.2"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("'; DROP TABLE people; --", "10.0.0.1"),
        ("203.0.113.9\r\nx: y", "10.0.0.1"),
    ],
)
async def test_the_chain_is_read_from_the_right_through_trusted_hops(chain: str, address: str) -> None:
    assert await forwarded({"x-forwarded-for": chain}) == (address, "http", {})


async def test_a_stranger_is_not_believed_and_counted() -> None:
    said = {"x-forwarded-for": "1.1.1.1", "x-forwarded-proto": "https", "forwarded": "for=1.1.1.1;proto=https"}
    assert await forwarded(said, peer="203.0.113.9") == ("203.0.113.9", "http", {"untrusted_forwarding": 1})


async def test_who_says_nothing_is_not_counted() -> None:
    assert await forwarded({}, peer="203.0.113.9") == ("203.0.113.9", "http", {})


async def test_the_scheme_is_that_of_the_nearest_proxy() -> None:
    said = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http, https"}
    assert (await forwarded(said))[1] == "https"
    assert (await forwarded(said, kind="websocket"))[1] == "wss"
    assert (await forwarded({**said, "x-forwarded-proto": "gopher"}))[1] == "http"


async def test_only_the_header_that_the_proxies_write_counts() -> None:
    said = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=198.51.100.7;proto=https"}
    assert await forwarded(said) == ("203.0.113.9", "http", {})
    assert await forwarded(said, header="forwarded") == ("198.51.100.7", "https", {})


@pytest.mark.parametrize(
    ("header", "elements"),
    [
        ("for=192.0.2.60;proto=http;by=203.0.113.43", [("192.0.2.60", "http")]),
        ('For="[2001:db8:cafe::17]:4711"', [("[2001:db8:cafe::17]:4711", "")]),
        ("for=192.0.2.43, for=198.51.100.17;proto=HTTPS", [("192.0.2.43", ""), ("198.51.100.17", "https")]),
        ('for="a\\"b"', [('a"b', "")]),
        ('for="unclosed', []),
        ("for=1.2.3.4 garbage", []),
        ("", []),
    ],
)
def test_rfc_7239(header: str, elements: list[tuple[str, str]]) -> None:
    assert read_forwarded(header) == elements


@pytest.mark.parametrize("text", ["_hidden", "unknown", "[::1", "1.2.3.4:port", "1.2.3.4:80:80", "1.2.3", " "])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_hop(text) is None


def test_networks_are_joined_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_EDGE_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    assert EdgeSettings().trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    monkeypatch.setenv("OUTCRY_EDGE_TRUSTED_PROXIES", "")
    assert EdgeSettings().trusted_proxies == ()
    monkeypatch.setenv("OUTCRY_EDGE_TRUSTED_PROXIES", "proxy.example")
    with pytest.raises(ValidationError, match="trusted_proxies"):
        EdgeSettings()

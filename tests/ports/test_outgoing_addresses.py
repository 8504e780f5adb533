"""Which addresses the one way out calls, however they are written."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.outgoing.addresses import (
    AddressRefusedError,
    HostUnknownError,
    allowed_addresses,
    read_host,
    split_url,
)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0X7F.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.01",
        "127.0.0.1.",
        "localhost.",
        "example.com..",
        "example..com",
        "1.2.3.4.5",
        "a.0x10",
        "①②⑦.⓪.⓪.①",
        "ⓛocalhost",
        "ex%61mple.com",
        "fe80::1%eth0",
        "[fe80::1%25eth0]",
        "::ffff:127.0.0.1.",
        "exa mple.com",
        "example.com\u200b",
        "-example.com",
        "",
        ".",
        "x" * 64 + ".com",
        "x." * 130 + "com",
    ],
)
def test_odd_spellings_are_refused(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        read_host(host)


@pytest.mark.parametrize(
    ("host", "read"),
    [
        ("Example.COM", "example.com"),
        ("my_host.corp", "my_host.corp"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("4chan.org", "4chan.org"),
    ],
)
def test_a_host_has_one_spelling(host: str, read: str) -> None:
    assert read_host(host) == read
    assert read_host(read) == read


@given(st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    for in_url in (False, True):
        try:
            found = split_url(f"http://{text}/v1")[0] if in_url else read_host(text)
        except AddressRefusedError:
            continue
        assert found.isascii()
        assert found == read_host(found)


@pytest.mark.parametrize("url", ["http://2130706433/v1", "http://a.example:0/v1", "http://a.example /v1"])
def test_odd_urls_are_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        split_url(url)


async def allowed(address: str, *, private_allowed: bool) -> bool:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14", address]

    try:
        await allowed_addresses("host.example", 443, private_allowed=private_allowed, resolve=resolve)
    except AddressRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("address", "public", "operator"),
    [
        ("8.8.8.8", True, True),
        ("2606:2800:21f:cb07::1", True, True),
        ("64:ff9b::808:808", True, True),  # NAT64 of a public address: how IPv6-only networks reach IPv4
        ("127.255.0.9", False, True),
        ("172.16.0.1", False, True),
        ("198.18.0.1", False, True),
        ("192.0.2.1", False, True),
        ("64:ff9b::a00:1", False, True),
        ("fd00::1", False, True),
        ("fe80::1%eth0", False, True),
        ("2001:db8::5efe:a00:1", False, True),
        ("2606::5efe:a00:1", False, True),  # ISATAP
        ("2606::200:5efe:a9fe:a9fe", False, False),
        ("fe80::a9fe:a9fe", False, False),
        ("168.63.129.16", False, False),
        ("0.1.2.3", False, False),
        ("239.1.2.3", False, False),
        ("ff02::1", False, False),
        ("::", False, False),
        ("::8.8.8.8", False, False),
        ("240.0.0.1", False, False),
        ("2002:808:808::1", False, False),  # 6to4
        ("2001:0:1::1", False, False),  # Teredo
        ("192.88.99.1", False, False),
        ("64:ff9b:1::808:808", False, False),
        ("fec0::1", False, False),
        ("5f00::1", False, False),
        ("3fff::1", False, False),
    ],
)
async def test_which_addresses_are_called(address: str, public: bool, operator: bool) -> None:
    assert await allowed(address, private_allowed=False) is public
    assert await allowed(address, private_allowed=True) is operator


@pytest.mark.parametrize("found", [[], ["nonsense"]])
async def test_a_host_without_addresses_is_unknown(found: list[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    with pytest.raises(HostUnknownError):
        await allowed_addresses("host.example", 443, private_allowed=True, resolve=resolve)

"""Which addresses may be called, checked again at every call, so that a name cannot change its meaning."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import idna

from outcry.kit.errors import InvalidInputError
from outcry.kit.network import USUAL_PORTS

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class AddressRefusedError(InvalidInputError):
    """An address that is not called. Its words are for the person who wrote it down."""


class HostUnknownError(AddressRefusedError):
    """A host that has no address, now at least."""


def _networks(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# Where clouds serve a machine's own credentials and settings: AWS, GCP, Azure and others use link-local addresses;
# the rest are AWS and OpenStack over IPv6, Alibaba, Azure's wire server and Oracle.
_METADATA = _networks(
    "169.254.0.0/16", "fd00:ec2::/32", "fe80::a9fe:a9fe/128", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"
)
# Tunnels and translators (Teredo, 6to4 and its relays, local NAT64 of RFC 8215), which hide another address in theirs;
# site-local ones and "this network". No server of anybody's is there.
_NEVER = _networks(
    "2001::/32", "2002::/16", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "0.0.0.0/8", "5f00::/16", "3fff::/20"
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out for the public network
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: the upper half of an interface's id; the lower is an IPv4 address

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME = 253


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host name; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def split_url(url: str) -> tuple[str, int]:
    """Return host and port of a server's address; raises AddressRefusedError unless it is plain http(s)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError("The address is not a URL.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise AddressRefusedError("The address has to begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError("The address must not contain a user name or password: use the key field.")
    if parts.query or parts.fragment:
        raise AddressRefusedError("The address must not contain ? or #.")
    if port == 0:
        raise AddressRefusedError("The address names a port that no server has.")
    return read_host(parts.hostname), port or USUAL_PORTS[parts.scheme]


def read_host(host: str) -> str:
    """Return a host in its one spelling: a name in lower-case ASCII, or a plain IP address without brackets.

    Raises AddressRefusedError for the spellings by which other programs understand something else: numbers in decimal,
    octal or hexadecimal (``2130706433``, ``0177.1``, ``0x7f.1``), dots at the end, percent signs, zones, look-alikes.
    """
    text = host.removeprefix("[").removesuffix("]") if ":" in host else host
    try:
        return str(ipaddress.ip_address(text)) if "%" not in text else _refuse_host()
    except ValueError:
        pass
    try:
        name = text.lower() if text.isascii() else idna.encode(text, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressRefusedError("The host of the address is not written as host names are.") from error
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _refuse_host()
    return name


def _refuse_host() -> str:
    raise AddressRefusedError("The host of the address is not written as host names are.")


async def allowed_addresses(host: str, port: int, *, private_allowed: bool, resolve: Resolve) -> tuple[str, ...]:
    """Return the addresses to connect to; raises AddressRefusedError where the host has none, or one that may not be.

    ``private_allowed`` is for what the operator of the installation named: this machine and the private network.
    """
    name = read_host(host)
    try:
        found = await resolve(name, port)
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    except (OSError, ValueError, UnicodeError) as error:
        raise HostUnknownError("The host of the address cannot be found.") from error
    if not addresses:
        raise HostUnknownError("The host of the address cannot be found.")
    for address in addresses:
        _check(address, private_allowed=private_allowed)
    return tuple(str(address) for address in addresses)


def _check(address: Address, *, private_allowed: bool) -> None:
    for meant in _meanings(address):
        if any(meant.version == network.version and meant in network for network in _METADATA):
            raise AddressRefusedError("This address serves a machine's own settings and is never called.")
        if not _can_serve(meant):
            raise AddressRefusedError("This address cannot be a server.")
        if not _is_public(meant) and not private_allowed:
            raise AddressRefusedError(
                "Only the operator of this installation can use an address on this machine or private network."
            )


def _meanings(address: Address) -> tuple[Address, ...]:
    """Return what an address stands for: the IPv4 address inside an IPv6 one that has one, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64:
        return (inner,)
    return (address, inner) if int(address) >> 32 & 0xFFFFFFFF in _ISATAP else (address,)


def _can_serve(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or (address.is_reserved and not address.is_loopback):
        return False
    return not any(address.version == network.version and address in network for network in _NEVER)


def _is_public(address: Address) -> bool:
    # Not is_global alone: to some versions of Python every IPv6 address is global that they have not heard of.
    return address.is_global and (address.version == 4 or address in _UNICAST)

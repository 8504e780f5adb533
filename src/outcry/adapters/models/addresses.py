"""Which addresses a model server may have, checked again at every call, so that a name cannot change its meaning."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from outcry.kit.errors import InvalidInputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Where clouds serve a machine's own credentials and settings: AWS, GCP, Azure and others use link-local addresses;
# the rest are AWS over IPv6, Alibaba, Azure's wire server and Oracle.
_METADATA = tuple(
    ipaddress.ip_network(network)
    for network in ("169.254.0.0/16", "fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host name; raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def split_url(url: str) -> tuple[str, int]:
    """Return host and port of a model server's address; raises InvalidInputError unless it is plain http(s)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("The address is not a URL.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused("The address has to begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise _refused("The address must not contain a user name or password: use the key field.")
    if parts.query or parts.fragment:
        raise _refused("The address must not contain ? or #.")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


async def allowed_addresses(host: str, port: int, *, private_allowed: bool, resolve: Resolve) -> tuple[str, ...]:
    """Return the addresses to connect to; raises InvalidInputError when the host has none, or one that may not be."""
    try:
        found = await resolve(host, port)
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    except (OSError, ValueError, UnicodeError) as error:
        raise _refused("The host of the address cannot be found.") from error
    if not addresses:
        raise _refused("The host of the address cannot be found.")
    for address in addresses:
        _check(_plain(address), private_allowed=private_allowed)
    return tuple(str(address) for address in addresses)


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that stands for it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        return inner or address
    return address


def _check(address: Address, *, private_allowed: bool) -> None:
    if any(address.version == network.version and address in network for network in _METADATA):
        raise _refused("This address serves a machine's own settings and can never be a model server.")
    if address.is_multicast or address.is_unspecified or (address.is_reserved and not address.is_loopback):
        raise _refused("This address cannot be a server.")
    if not address.is_global and not private_allowed:
        raise _refused("Only the operator of this installation can use an address on this machine or private network.")


def _refused(sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, errors=({"field": "base_url", "message": sentence},))

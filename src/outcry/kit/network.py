"""Network addresses: which one customer has, and which of them are ours."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# Which port an address means that names none.
USUAL_PORTS = {"http": 80, "https": 443}


def network_of(address: str) -> str:
    """Return the part of an address that one customer has: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = find_address(address)
    if parsed is None:
        return address
    return str(IPv6Network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def find_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return a numeric address, an IPv4 one also where it is written as IPv6; None for anything else."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """Say whether an address belongs to one of these networks."""
    parsed = find_address(address)
    return parsed is not None and any(parsed in network for network in networks)

"""Addresses, written in all the ways in which they come."""

from ipaddress import ip_network

import pytest

from outcry.kit.network import is_within, network_of


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


@pytest.mark.parametrize(
    ("address", "within"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.1.2.3", False),
        ("fd00::1", True),
        ("fd00::1%eth0", True),
        ("fe00::1", False),
        ("", False),
        ("10.1.2.3.4", False),
        ("localhost", False),
    ],
)
def test_an_address_is_within_a_network_however_it_is_written(address: str, within: bool) -> None:
    assert is_within(address, (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))) is within

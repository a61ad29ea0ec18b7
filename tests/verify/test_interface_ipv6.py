"""An interface's IPv6 address is judged by the connected and local routes of its VRF."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Interface, IPv6Network

import pytest
from verify.verify_records import INTERFACE, source

from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable
from pytest_azinterop.verify.interface_ipv6 import address
from pytest_azinterop.verify.observed import ObservedInterfaceIpv6

EXPECTED = replace(INTERFACE, ipv6=IPv6Interface("2001:db8:7:ff::1/126"))


def found(*routes: tuple[str, str], interface: str = EXPECTED.name) -> list[tuple[str, str]]:
    rows = tuple(
        RibRoute(
            EXPECTED.vrf, IPv6Network(prefix), code, code, None, None, (NextHop(None, interface),), source=source()
        )
        for code, prefix in routes
    )
    judged = address(EXPECTED, ObservedInterfaceIpv6(RoutingTable(EXPECTED.vrf, None, rows, source=source())))
    assert all(each.evidence for each in judged)
    return [(each.rule, each.cause) for each in judged]


def test_the_declared_address_and_length_pass() -> None:
    assert found(("C", "2001:db8:7:ff::/126"), ("L", "2001:db8:7:ff::1/128")) == []


@pytest.mark.parametrize(
    ("routes", "cause"),
    [
        ([("C", "2001:db8:7:ff::/64"), ("L", "2001:db8:7:ff::1/128")], "mask"),
        ([("C", "2001:db8:7:ff::/126"), ("L", "2001:db8:7:ff::2/128")], "neighbors-address"),
        ([("C", "2001:db8:9::/126"), ("L", "2001:db8:9::1/128")], "other-address"),
        ([("L", "fe80::1/128")], "no-address"),
        ([], "no-address"),
    ],
)
def test_any_other_is_found(routes: list[tuple[str, str]], cause: str) -> None:
    assert found(*routes) == [("interface.ipv6-address", cause)]


def test_another_interfaces_address_is_none_of_this_one() -> None:
    other = found(("C", "2001:db8:7:ff::/126"), ("L", "2001:db8:7:ff::1/128"), interface="GigabitEthernet0/0/9")
    assert other == [("interface.ipv6-address", "no-address")]

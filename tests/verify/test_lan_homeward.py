"""Routes learned over the LAN, and next hops there: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from verify.verify_records import INTERFACE, rib, rib_route, source

from pytest_azinterop.state.adjacency import OspfNeighbor
from pytest_azinterop.state.device import ArpEntry
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.lan_homeward import ObservedLanHops, ObservedLanRoutes, learned, resolved

LAN = "TenGigabitEthernet0/0/2.12"
OWN = "10.7.0.0/24"
EXPECTED = replace(INTERFACE, name=LAN, role="lan", owned=(IPv4Network(OWN),))
OTHER = rib_route(OWN, "10.7.9.2")
SUBNET = rib_route("172.20.9.0/30", NextHop(None, LAN), protocol="C")
HOP = IPv4Address("172.20.9.2")


def routes(*rows: Any, state: str = "FULL", at: str = LAN) -> ObservedLanRoutes:
    neighbor = OspfNeighbor(HOP, 1, state, None, None, HOP, at, source=source("show ip ospf neighbor"))
    return ObservedLanRoutes(rib(rows), (neighbor,))


def hops(*rows: Any, mac: str | None = "0000.0c07.ac01", address: IPv4Address = HOP) -> ObservedLanHops:
    return ObservedLanHops(rib(rows), (ArpEntry("blue", address, mac, 3, "ARPA", LAN, source=source("show ip arp")),))


def test_an_adjacency_without_any_route_is_of_no_use() -> None:
    (found,) = learned(EXPECTED, routes(SUBNET, OTHER))
    assert (found.rule, found.cause, found.object) == ("lan.routes", "no-routes", EXPECTED.id)


@pytest.mark.parametrize(
    "observed",
    [
        routes(SUBNET, rib_route(OWN, NextHop(HOP, LAN), protocol="O", codes="O")),
        routes(SUBNET, OTHER, rib_route("10.99.0.0/24", NextHop(HOP, LAN), protocol="O", codes="O E2")),
        routes(SUBNET, rib_route(OWN, str(HOP), protocol="S")),
        routes(rib_route("10.7.0.0/25", NextHop(None, LAN), protocol="C")),
    ],
    ids=["the prefix", "another site's", "by a static route", "connected"],
)
def test_routes_over_the_interface_are_enough(observed: ObservedLanRoutes) -> None:
    assert learned(EXPECTED, observed) == []


def test_without_a_full_adjacency_another_rule_speaks() -> None:
    assert learned(EXPECTED, routes(SUBNET, OTHER, state="EXSTART")) == []
    assert learned(EXPECTED, routes(SUBNET, OTHER, at="GigabitEthernet0/0/9")) == []


@pytest.mark.parametrize(("protocol", "cause"), [("S", "static"), ("O", "unresolved")])
def test_a_silent_next_hop_is_told(protocol: str, cause: str) -> None:
    (found,) = resolved(EXPECTED, hops(SUBNET, rib_route(OWN, str(HOP), protocol=protocol), mac=None))
    assert (found.rule, found.cause, found.object) == ("lan.next-hop", cause, EXPECTED.id)
    assert str(HOP) in found.message


def test_a_next_hop_that_answers_was_not_asked_or_is_not_used_is_no_finding() -> None:
    static = rib_route(OWN, str(HOP), protocol="S")
    assert resolved(EXPECTED, hops(SUBNET, static)) == []
    assert resolved(EXPECTED, hops(SUBNET, static, address=IPv4Address("172.20.9.3"), mac=None)) == []
    assert resolved(EXPECTED, hops(SUBNET, rib_route("10.60.0.0/24", str(HOP), protocol="S"), mac=None)) == []
    elsewhere = replace(EXPECTED, name="GigabitEthernet0/0/9")
    assert resolved(elsewhere, hops(SUBNET, static, mac=None)) == []

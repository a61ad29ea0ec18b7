"""Routes learned over the LAN, and next hops there: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

import pytest
from verify.verify_records import CONFIG_TEXT, INTERFACE, OBSERVED_INTERFACE, config, rib, rib_route, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.adjacency import OspfNeighbor
from pytest_azinterop.state.device import ArpEntry
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import lan_routing
from pytest_azinterop.verify.finding import PartialFindings
from pytest_azinterop.verify.lan_homeward import ObservedLanHops, ObservedLanRoutes, learned, resolved
from pytest_azinterop.verify.lan_routing import ObservedOspf

LAN = "TenGigabitEthernet0/0/2.12"
OWN = "10.7.0.0/24"
EXPECTED = replace(INTERFACE, name=LAN, role="lan", owned=(IPv4Network(OWN),))
OTHER = rib_route(OWN, "10.7.9.2")
SUBNET = rib_route("172.20.9.0/30", NextHop(None, LAN), protocol="C")
HOP = IPv4Address("172.20.9.2")
OWN_ADDRESS = IPv4Interface("172.20.9.1/30")
assert OBSERVED_INTERFACE.interface is not None
PORT = replace(OBSERVED_INTERFACE.interface, name=LAN, address=OWN_ADDRESS)


def routes(*rows: Any, state: str = "FULL", at: str = LAN) -> ObservedLanRoutes:
    neighbor = OspfNeighbor(HOP, 1, state, None, None, HOP, at, source=source("show ip ospf neighbor"))
    return ObservedLanRoutes(rib(rows), ObservedOspf((neighbor,)))


def hops(*rows: Any, mac: str | None = "0000.0c07.ac01", address: IPv4Address = HOP) -> ObservedLanHops:
    asked = source("show ip arp vrf blue")
    own = ArpEntry("blue", OWN_ADDRESS.ip, "0000.0c07.ac02", None, "ARPA", LAN, source=asked)
    return ObservedLanHops(PORT, rib(rows), (own, ArpEntry("blue", address, mac, 3, "ARPA", LAN, source=asked)))


def test_an_adjacency_without_any_route_is_of_no_use() -> None:
    (found,) = learned(EXPECTED, routes(SUBNET, OTHER))
    assert (found.rule, found.cause, found.object) == ("lan.routes", "no-routes", EXPECTED.id)


@pytest.mark.parametrize(
    "observed",
    [
        routes(SUBNET, rib_route(OWN, NextHop(HOP, LAN), protocol="O", codes="O")),
        routes(SUBNET, OTHER, rib_route("10.99.0.0/24", NextHop(HOP, LAN), protocol="O", codes="O E2")),
        routes(SUBNET, rib_route(OWN, str(HOP), protocol="S")),
        routes(SUBNET, rib_route("10.7.0.0/25", NextHop(None, LAN), protocol="C")),
    ],
    ids=["the prefix", "another site's", "by a static route", "connected"],
)
def test_routes_over_the_interface_are_enough(observed: ObservedLanRoutes) -> None:
    assert learned(EXPECTED, observed) == []


@pytest.mark.parametrize("given", [{"state": "EXSTART"}, {"at": "GigabitEthernet0/0/9"}])
def test_without_a_full_adjacency_the_finding_is_another_rules(given: dict[str, str]) -> None:
    assert [each.rule for each in learned(EXPECTED, routes(SUBNET, OTHER, **given))] == ["lan.ospf"]


def test_it_is_the_same_finding_with_the_same_cause() -> None:
    silent = ObservedOspf((), config=config(CONFIG_TEXT))
    (found,) = learned(EXPECTED, ObservedLanRoutes(rib((SUBNET,)), silent))
    assert [found] == lan_routing.neighbor(EXPECTED, silent)
    assert found.cause == "not-enabled"


@pytest.mark.parametrize(("protocol", "cause"), [("S", "static"), ("O", "unresolved")])
def test_a_silent_next_hop_is_told(protocol: str, cause: str) -> None:
    (found,) = resolved(EXPECTED, hops(SUBNET, rib_route(OWN, str(HOP), protocol=protocol), mac=None))
    assert (found.rule, found.cause, found.object) == ("lan.next-hop", cause, EXPECTED.id)
    assert str(HOP) in found.message


def test_a_next_hop_that_answers_was_not_asked_or_is_not_used_is_no_finding() -> None:
    static = rib_route(OWN, str(HOP), protocol="S")
    assert resolved(EXPECTED, hops(SUBNET, static)) == []
    assert resolved(EXPECTED, hops(SUBNET, static, address=IPv4Address("172.20.9.3"), mac=None)) == []
    assert resolved(EXPECTED, hops(SUBNET, static, address=IPv4Address("172.20.9.3"))) == []
    assert resolved(EXPECTED, hops(SUBNET, rib_route("10.60.0.0/24", str(HOP), protocol="S"), mac=None)) == []
    elsewhere = replace(EXPECTED, name="GigabitEthernet0/0/9")
    there = replace(hops(SUBNET, static, mac=None), interface=replace(PORT, address=None))
    assert resolved(elsewhere, there) == []


def test_a_table_without_the_interfaces_own_row_shows_nothing() -> None:
    with pytest.raises(UndeterminedError, match=r"no row of 172\.20\.9\.1"):
        resolved(EXPECTED, replace(hops(SUBNET), arp=()))


@pytest.mark.parametrize("protocol", ["S", "O"])
def test_a_table_that_ends_before_the_place_of_a_next_hop_shows_nothing_of_it(protocol: str) -> None:
    whole = hops(SUBNET, rib_route(OWN, str(HOP), protocol=protocol))
    cut = replace(whole, arp=whole.arp[:1])
    with pytest.raises(UndeterminedError, match=r"172\.20\.9\.2 is not in the ARP table"):
        resolved(EXPECTED, cut)
    assert resolved(EXPECTED, replace(cut, rib=rib((SUBNET,)))) == []


def test_rows_in_another_order_show_no_end() -> None:
    beyond = hops(SUBNET, rib_route(OWN, str(HOP), protocol="S"), address=IPv4Address("172.20.9.3"))
    with pytest.raises(UndeterminedError, match="not in the ARP table"):
        resolved(EXPECTED, replace(beyond, arp=beyond.arp[::-1]))


def test_what_is_silent_is_told_beside_what_is_not_known() -> None:
    silent, unseen = rib_route(OWN, str(HOP), protocol="S"), rib_route("10.7.0.0/25", "172.20.9.3", protocol="S")
    found = resolved(EXPECTED, hops(SUBNET, silent, unseen, mac=None))
    assert [each.cause for each in found] == ["static"]
    assert isinstance(found, PartialFindings)


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (rib_route(OWN, NextHop(HOP, LAN), protocol="O", codes="O"),),
        (rib_route("172.20.9.4/30", NextHop(None, LAN), protocol="C"),),
        (rib_route("172.20.9.0/30", NextHop(None, "GigabitEthernet0/0/9"), protocol="C"),),
    ],
    ids=["empty", "cut", "another router's", "another interface's"],
)
def test_a_routing_table_without_the_links_own_subnet_shows_nothing(rows: tuple[Any, ...]) -> None:
    with pytest.raises(UndeterminedError, match=r"no subnet of 172\.20\.9\.2"):
        learned(EXPECTED, routes(*rows))
    with pytest.raises(UndeterminedError, match=r"no subnet of 172\.20\.9\.1"):
        resolved(EXPECTED, hops(*rows))


def test_an_interface_that_is_down_is_told_as_such() -> None:
    for port in (None, replace(PORT, line_protocol="down")):
        (found,) = resolved(EXPECTED, replace(hops(SUBNET), interface=port))
        assert found.rule in ("interface.exists", "interface.state")


LENDER = "Loopback7"
LENT = rib_route("10.7.0.9/32", NextHop(None, LENDER), protocol="C")


def borrowing(*rows: Any) -> ObservedLanRoutes:
    """An interface without a subnet of its own."""
    unnumbered = CONFIG_TEXT.replace(" ip address 10.7.0.1 255.255.255.0", f" ip unnumbered {LENDER}")
    assert LENDER in unnumbered
    told = routes(*rows)
    return replace(told, ospf=replace(told.ospf, config=config(unnumbered)))


def test_an_interface_that_borrows_its_address_has_no_subnet() -> None:
    learnt = rib_route(OWN, NextHop(HOP, LAN), protocol="O", codes="O")
    assert learned(EXPECTED, borrowing(LENT, learnt)) == []
    (found,) = learned(EXPECTED, borrowing(LENT, OTHER))
    assert found.cause == "no-routes"


@pytest.mark.parametrize("rows", [(), (OTHER,)], ids=["empty", "another's"])
def test_a_table_without_the_lenders_subnet_shows_nothing(rows: tuple[Any, ...]) -> None:
    with pytest.raises(UndeterminedError, match="no subnet of Loopback7"):
        learned(EXPECTED, borrowing(*rows))

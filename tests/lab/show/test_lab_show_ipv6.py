"""IPv6 in the show commands: BGP tables that wrap, the routing table, interfaces, neighbors."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

import pytest
from lab.network.test_lab_ipv6 import clock, network
from lab.network.test_lab_published import network as published
from lab.show.show_samples import path, show

from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.show.bgp_table import table_row

__all__ = ["clock", "network", "published"]


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-dual")


def lines(router: Router, command: str) -> list[str]:
    return show(router, command).splitlines()


def test_a_long_prefix_and_a_long_next_hop_each_take_a_line() -> None:
    short = replace(path("192.0.2.1", 200, metric=0, valid=True, best=True), next_hop=IPv6Address("fc00::2"))
    assert table_row(short, "2001:DB8:AAAA:AAAA::1/128") == [
        " *>   2001:DB8:AAAA:AAAA::1/128",
        "                      FC00::2                  0             0 200 i",
    ]
    long = replace(short, next_hop=IPv6Address("2001:db8:40:ff::2"))
    assert table_row(long, "2001:DB8:A::/48") == [
        " *>   2001:DB8:A::/48  2001:DB8:40:FF::2",
        "                                               0             0 200 i",
    ]


def test_the_table_of_a_vrf(edge: Router) -> None:
    text = lines(edge, "show bgp vpnv6 unicast vrf 40")
    at = text.index("Route Distinguisher: 65040:40 (default for vrf 40) VRF Router ID 10.41.0.251")
    assert " *>   2001:DB8:A40::/56" in text[at:]
    assert "                                                    200      0 12076 i" in text[at:]
    assert lines(edge, "show bgp vpnv6 unicast all")[at:] == text[at:]
    assert lines(edge, "show bgp ipv6 unicast summary") == []


def test_a_neighbor_with_a_long_address_stands_on_its_own_line(edge: Router) -> None:
    text = lines(edge, "show bgp vpnv6 unicast vrf 40 summary")
    at = text.index("2001:DB8:40:FF::2")
    assert text[at + 1].split()[:2] == ["4", "12076"]
    assert text[at + 1].split()[-1] == "2"


def test_a_neighbor_tells_its_family(edge: Router) -> None:
    text = lines(edge, "show bgp vpnv6 unicast vrf 40 neighbors 2001:db8:40:FF::2")
    assert text[0] == "BGP neighbor is 2001:DB8:40:FF::2,  vrf 40,  remote AS 12076, external link"
    assert "    Address family IPv6 Unicast: advertised and received" in text
    assert "  Translates address family IPv6 Unicast for VRF 40" in text
    assert " BFD is configured. BFD peer is Up. Using BFD to detect fast fallover (single-hop)." in text
    assert lines(edge, "show bgp vpnv6 unicast vrf 40 neighbors 2001:db8::1") == [
        "% No such neighbor or address family"
    ]


def test_a_prefix_shows_both_next_hops_and_the_route_as_it_came(edge: Router) -> None:
    text = lines(edge, "show bgp vpnv6 unicast vrf 40 2001:db8:a40::/56")
    assert text[0].startswith("BGP routing table entry for [65040:40]2001:DB8:A40::/56, version ")
    near = edge.bgp_entry("40", IPv6Network("2001:db8:a40::/56"))
    assert near is not None
    local = str(near.paths[0].link_local).upper()
    way = f"    2001:DB8:40:FF::2 ({local}) (via vrf 40) from 2001:DB8:40:FF::2 (192.168.40.18)"
    assert text.count(way) == 2
    assert "  12076, (received-only)" in text
    assert "      Community: 12076:51004" in text


def test_routes_of_a_neighbor(edge: Router) -> None:
    base = "show bgp vpnv6 unicast vrf 40 neighbors 2001:DB8:40:FF::2"
    assert lines(edge, f"{base} advertised-routes")[-1] == "Total number of prefixes 1 "
    assert lines(edge, f"{base} received-routes")[-1] == "Total number of prefixes 2 "
    assert lines(edge, f"{base} routes")[-1] == "Total number of prefixes 2 "


def test_the_routing_table(edge: Router) -> None:
    text = lines(edge, "show ipv6 route vrf 40")
    assert text[0] == f"IPv6 Routing Table - 40 - {len(edge.rib('40', 6)) + 1} entries"
    for first, second in (
        ("C   2001:DB8:40:FF::/126 [0/0]", "     via TenGigabitEthernet0/0/0.400, directly connected"),
        ("L   2001:DB8:40:FF::1/128 [0/0]", "     via TenGigabitEthernet0/0/0.400, receive"),
        ("LC  2001:DB8:40:100::F1/128 [0/0]", "     via Loopback40, receive"),
        ("S   2001:DB8:40:100::/64 [1/0]", "     via 2001:DB8:40:10::2"),
        ("L   FF00::/8 [0/0]", "     via Null0, receive"),
    ):
        assert text[text.index(first) + 1] == second
    of_bgp = lines(edge, "show ipv6 route vrf 40 bgp")[12:]
    assert {line[:1] for line in of_bgp if not line.startswith(" ")} == {"B"}
    assert lines(edge, "show ipv6 route vrf Mgmt-intf") == ["% IPv6 routing table Mgmt-intf does not exist"]
    assert lines(edge, "show ipv6 route vrf 40 2001:db8:ffff::1") == ["% Route not found"]
    detail = lines(edge, "show ipv6 route vrf 40 2001:db8:a40::4")
    assert detail[:2] == ["Routing entry for 2001:DB8:A40::/56", '  Known via "bgp 65040", distance 20, metric 0']


def test_interfaces_and_neighbors(edge: Router) -> None:
    text = lines(edge, "show ipv6 interface brief")
    at = text.index("TenGigabitEthernet0/0/0.400 [up/up]")
    assert text[at + 1].startswith("    FE80::")
    assert text[at + 2] == "    2001:DB8:40:FF::1"
    assert text[text.index("TenGigabitEthernet0/0/0 [up/up]") + 1] == "    unassigned"
    neighbors = lines(edge, "show ipv6 neighbors vrf 40")
    assert neighbors[0] == "IPv6 Address                              Age Link-layer Addr State Interface"
    assert any(line.startswith("2001:DB8:40:FF::2 ") and line.endswith(" Te0/0/0.400") for line in neighbors)


def test_lists_maps_and_bfd(edge: Router) -> None:
    assert lines(edge, "show ipv6 prefix-list Azure_6") == [
        "ipv6 prefix-list Azure_6: 1 entries",
        "   seq 10 permit 2001:DB8:A40::/48 le 64",
    ]
    assert "    ipv6 address prefix-lists: Azure_6 " in lines(edge, "show route-map Cust40_from_Private_6")
    text = lines(edge, "show bfd neighbors ipv6 2001:db8:40:ff::2")
    assert text[1] == "IPv6 Sessions"
    assert text[3].startswith("2001:DB8:40:FF::2")
    assert lines(edge, "show bfd neighbors ipv4")[1] == "IPv4 Sessions"


def test_a_network_without_ipv6_shows_none(published: Simulation) -> None:
    router = published.router("ce1-loc1")
    for command in ("show bgp vpnv6 unicast all summary", "show bgp ipv6 unicast neighbors", "show ipv6 neighbors"):
        assert show(router, command) == ""
    assert show(router, "show ipv6 route").startswith("IPv6 Routing Table - default - 1 entries\n")

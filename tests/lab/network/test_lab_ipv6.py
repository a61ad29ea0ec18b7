"""IPv6 beside IPv4: the dual-stack network when it is well, and what changes make of it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Interface, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.network.test_lab_published import DATA, configure
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.addresses import IpNetwork, link_local_address, within
from pytest_azinterop.lab.config.editor import load
from pytest_azinterop.lab.config.tree import render
from pytest_azinterop.lab.network.records import NextHop
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.routes import Route, Table
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest

MSEE, TWIN = IPv6Address("2001:db8:40:ff::2"), IPv6Address("2001:db8:40:20::2")
MSEE4 = ip_address("192.168.40.18")
HUB, SPOKE, SITE = (
    IPv6Network(each) for each in ("2001:db8:a40::/56", "2001:db8:a40:100::/56", "2001:db8:40:100::/64")
)
HOST, SOURCE = "2001:db8:a40::4", "2001:db8:40:100::f1"
FAMILY = ("router bgp 65040", "address-family ipv6 vrf 40")
MAP = "route-map Cust40_from_Private_6 permit 10"
PRIMARY = "expressroute-4-primary"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)


@pytest.fixture
def network(clock: Clock) -> Simulation:
    return Simulation(DATA / "dual-stack", clock)


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-dual")


def states(router: Router, ip: int = 6, vrf: str | None = "40") -> dict[object, str]:
    return {each.address: each.state for each in router.bgp_neighbors(vrf, ip)}


def paths(router: Router, prefix: IpNetwork) -> list[tuple[object, int, str]]:
    """Neighbor, effective local preference and use, in the order of the router."""
    entry = router.bgp_entry("40", prefix)
    return [
        (
            each.from_neighbor,
            each.effective_local_preference,
            "received-only" if each.received_only else "best" if each.best else "used",
        )
        for each in (() if entry is None else entry.paths)
    ]


def prefixes(router: Router, ip: int = 6) -> set[IpNetwork]:
    table = router.bgp_table("40", ip)
    assert table is not None
    return {entry.prefix for entry in table.entries}


def reaches(router: Router, target: str, source: str = SOURCE) -> bool:
    result = router.ping(PingRequest(target, vrf="40", source=source, repeat=1))
    return result.error is None and result.replies[0].mark == "!"


def refresh(router: Router) -> None:
    router.clear_bgp("40", MSEE, soft="in")


def test_both_families_are_established_and_keep_to_themselves(edge: Router) -> None:
    assert set(states(edge).values()) == set(states(edge, 4).values()) == {"Established"}
    assert {HUB, SPOKE, SITE} <= prefixes(edge)
    assert IPv4Network("10.40.0.0/24") in prefixes(edge, 4)
    assert ({each.version for each in prefixes(edge)}, {each.version for each in prefixes(edge, 4)}) == ({6}, {4})
    assert {each.prefix.version for each in edge.rib("40")} == {4}
    assert {each.prefix.version for each in edge.rib("40", 6)} == {6}


def test_the_msee_hears_the_site_and_the_site_reaches_azure(network: Simulation, edge: Router) -> None:
    found = edge.advertised_routes("40", MSEE)
    assert found is not None
    assert [entry.prefix for entry in found.entries] == [SITE]
    assert SITE in network.nodes["msee-4-primary"].table(None).routes
    assert reaches(edge, HOST)
    assert reaches(edge, "2001:db8:a40:100::4")
    assert not reaches(edge, "2001:db8:a40::5")


def test_a_neighbor_of_one_family_can_be_shut_alone(edge: Router) -> None:
    configure(edge, *FAMILY, f"neighbor {MSEE} shutdown")
    assert states(edge)[MSEE] == "Idle"
    assert states(edge, 4)[MSEE4] == "Established"


def test_the_secondary_path_takes_over_and_gives_back(network: Simulation, edge: Router, clock: Clock) -> None:
    assert paths(edge, HUB)[0] == (MSEE, 200, "best")
    network.set_link(PRIMARY, state="silent")
    clock.advance(1)
    assert states(edge)[MSEE] != "Established"
    assert paths(edge, HUB) == [(TWIN, 150, "best")]
    assert reaches(edge, HOST)
    network.set_link(PRIMARY, state="up")
    clock.advance(30)
    assert paths(edge, HUB)[0] == (MSEE, 200, "best")


def test_a_route_over_the_link_goes_by_the_link_local_address(edge: Router) -> None:
    route = edge.route("40", IPv6Address(HOST))
    assert route is not None
    (hop,) = route.next_hops
    assert hop.interface == "TenGigabitEthernet0/0/0.400"
    assert hop.address is not None
    assert hop.address.is_link_local
    neighbors = {each.address for each in edge.ipv6_neighbors("40") if each.mac is not None}
    assert {MSEE, hop.address} <= neighbors


def test_the_link_local_address_follows_from_the_mac() -> None:
    assert link_local_address("0050.568d.f8bb") == IPv6Address("FE80::250:56FF:FE8D:F8BB")


def test_policy_reads_the_lists_of_its_own_family(edge: Router) -> None:
    configure(
        edge, f"ipv6 prefix-list hub seq 5 deny {HUB}", "ipv6 prefix-list hub seq 10 permit ::/0 le 128",
        "ip prefix-list hub seq 5 deny 0.0.0.0/0 le 32",
        MAP, "no match ipv6 address prefix-list Azure_6", "match ipv6 address prefix-list hub",
    )  # fmt: skip
    refresh(edge)
    assert (MSEE, 100, "received-only") in paths(edge, HUB)
    assert (TWIN, 150, "best") in paths(edge, HUB)
    assert paths(edge, SPOKE)[0] == (MSEE, 200, "best")
    configure(edge, MAP, "no match ipv6 address prefix-list hub", "match ip address prefix-list Azure_to_LAN")
    refresh(edge)
    assert [each for each in paths(edge, SPOKE) if each[0] == MSEE] == [(MSEE, 100, "received-only")]


def test_a_network_is_announced_while_its_route_stands(edge: Router) -> None:
    configure(edge, "no ipv6 route vrf 40 2001:db8:40:100::/64 2001:db8:40:10::2")
    entry = edge.bgp_entry("40", SITE)
    assert entry is not None
    assert not any(path.local for path in entry.paths)
    configure(edge, "ipv6 route vrf 40 2001:DB8:40:100::/64 TenGigabitEthernet1/0/0.40 2001:DB8:40:10::2 tag 7")
    entry = edge.bgp_entry("40", SITE)
    assert entry is not None
    assert entry.best is not None
    assert entry.best.local


def test_without_unicast_routing_the_router_is_a_host(edge: Router) -> None:
    configure(edge, "no ipv6 unicast-routing")
    assert states(edge)[MSEE] == "Idle"
    assert states(edge, 4)[MSEE4] == "Established"
    assert {each.protocol for each in edge.rib("40", 6)} == {"connected", "local"}


def test_scenarios_announce_and_withdraw_ipv6(network: Simulation, edge: Router) -> None:
    new = IPv6Network("2001:db8:a40:900::/56")
    network.set_far_end("msee-4-primary", withdraw=(SPOKE,), announce=((new, (12076, 65000)),))
    assert paths(edge, SPOKE) == [(TWIN, 150, "best")]
    entry = edge.bgp_entry("40", new)
    assert entry is not None
    assert [path.as_path for path in entry.paths if path.best] == [(12076, 65000)]


def test_a_default_route_is_originated_in_its_own_family(network: Simulation, edge: Router) -> None:
    configure(edge, *FAMILY, f"neighbor {TWIN} default-originate")
    twin = network.router("ce2-dual")
    assert IPv6Network("::/0") in prefixes(twin)
    assert IPv4Network("0.0.0.0/0") not in prefixes(twin, 4)


def test_the_global_table_has_a_family_too(network: Simulation, edge: Router, clock: Clock) -> None:
    for number, router in ((1, edge), (2, network.router("ce2-dual"))):
        other = f"2001:db8:9::{3 - number}"
        configure(
            router, "interface TenGigabitEthernet1/0/1.9", "encapsulation dot1q 9",
            f"ipv6 address 2001:db8:9::{number}/64",
            "interface Loopback9", f"ipv6 address 2001:db8:9{number}::1/128",
            "router bgp 65040", f"neighbor {other} remote-as 65040",
        )  # fmt: skip
        clock.advance(20)
        assert states(router, 6, None) == {}
        configure(
            router, "router bgp 65040", "address-family ipv6", f"neighbor {other} activate",
            f"network 2001:db8:9{number}::1/128",
        )  # fmt: skip
    clock.advance(20)
    assert states(edge, 6, None) == {IPv6Address("2001:db8:9::2"): "Established"}
    table = edge.bgp_table(None, 6)
    assert table is not None
    assert {str(entry.prefix) for entry in table.entries} == {"2001:db8:91::1/128", "2001:db8:92::1/128"}
    assert edge.bgp_neighbors(None) == ()


def test_the_configuration_is_shown_as_it_can_be_typed_again(edge: Router) -> None:
    text = edge.running_config()
    assert render(load(text).root) == text
    assert " address-family ipv6 vrf 40\n" in text
    assert "  network 2001:DB8:40:100::/64\n" in text
    configure(edge, "interface TenGigabitEthernet1/0/0.40", "no ipv6 address 2001:db8:40:10::1/64")
    assert "2001:DB8:40:10::1/64" not in edge.running_config()


def test_a_vrf_that_loses_the_family_loses_what_hangs_on_it(edge: Router) -> None:
    editor = edge.configure("someone")
    assert editor.apply("vrf definition 40").ok
    reply = editor.apply("no address-family ipv6")
    assert reply.text == "% IPv6 addresses from all interfaces in VRF 40 have been removed"
    assert edge.rib("40", 6) == ()
    assert states(edge) == {}
    assert states(edge, 4)[MSEE4] == "Established"
    assert "address-family ipv6" not in edge.running_config()


def test_a_configured_link_local_address_counts(network: Simulation, edge: Router) -> None:
    configure(edge, "interface TenGigabitEthernet0/0/0.400", "ipv6 address fe80::17 link-local")
    state = edge.interface("te0/0/0.400")
    assert state is not None
    assert state.link_local == IPv6Address("fe80::17")
    configure(edge, "interface Loopback9", "ipv6 enable")
    loopback = edge.interface("lo9")
    assert loopback is not None
    assert loopback.ipv6 == ()
    assert loopback.link_local is not None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("interface GigabitEthernet0", "ipv6 address 2001:db8::1/64"), "Enable IPv6 on that VRF first"),
        (("interface Loopback9", "ipv6 address fe80::1/64"), "invalid on this interface"),
        (("interface Loopback9", "ipv6 address 2001:db8::1/129"), "Invalid input"),
        (("interface Loopback9", "ipv6 address autoconfig"), "Not modelled"),
        (("interface Loopback9", "vrf forwarding 40", "ipv6 address 2001:db8:40:10::9/64"), "overlapping"),
        (("ipv6 router ospf 1",), "Not modelled"),
        (("ipv6 prefix-list x permit 2001:db8::/48 ge 40",), "Invalid prefix range"),
        ((*FAMILY, "neighbor 10.0.0.1 remote-as 1"), "Not modelled"),
        ((*FAMILY, "neighbor fe80::1 remote-as 1"), "Not modelled"),
        (("router bgp 65040", "address-family ipv4 vrf 40", "neighbor 2001:db8::9 remote-as 1"), "Not modelled"),
        (("router bgp 65040", "address-family ipv6 vrf Mgmt-intf"), "not enabled for IPv6"),
        ((*FAMILY, "network 10.0.0.0"), "Invalid input"),
        ((*FAMILY, "neighbor 2001:db8::9 activate"), "remote-as"),
        ((MAP, "match ipv6 address some-access-list"), "Not modelled"),
    ],
)
def test_what_is_wrong_or_not_modelled_is_refused(edge: Router, lines: tuple[str, ...], words: str) -> None:
    before = edge.running_config().count("2001:")
    editor = edge.configure("someone")
    for line in lines[:-1]:
        assert editor.apply(line).ok, line
    reply = editor.apply(lines[-1])
    assert not reply.ok
    assert words in reply.text
    assert edge.running_config().count("2001:") == before


NETWORKS = st.one_of(
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda v: ip_network((v[0], v[1]), strict=False)),
    st.tuples(st.integers(2**32, 2**128 - 1), st.integers(0, 128)).map(
        lambda v: ip_network((v[0], v[1]), strict=False)
    ),
)


@given(st.lists(NETWORKS, max_size=12), NETWORKS, st.booleans())
def test_longest_match_never_crosses_families(networks: list[IpNetwork], other: IpNetwork, default: bool) -> None:
    table = Table(Route(each, "static", 1, 0, (NextHop(None, "Null0"),)) for each in networks)
    for target in {each.network_address for each in (*networks, other)}:
        found = table.lookup(target, default=default)
        fitting = [
            each
            for each in networks
            if each.version == target.version and target in each and (default or each.prefixlen > 0)
        ]
        assert (None if found is None else found.prefix) == max(fitting, key=lambda each: each.prefixlen, default=None)


@given(NETWORKS, NETWORKS)
def test_within_agrees_with_membership(inner: IpNetwork, outer: IpNetwork) -> None:
    same = inner.version == outer.version
    expected = same and inner.network_address in outer and inner.prefixlen >= outer.prefixlen
    assert within(inner, outer) is expected


def test_each_family_has_access_lists_of_its_own(edge: Router, clock: Clock) -> None:
    port = next(name for name, each in edge.node.settings.interfaces.items() if MSEE in _network_of(each.ipv6))
    lines = ("ipv6 access-list FROM-AZURE", "permit tcp any any", "permit tcp any any eq 22 sequence 5")
    configure(edge, *lines, f"interface {port}", "ipv6 traffic-filter FROM-AZURE in")
    clock.advance(300)
    assert states(edge)[MSEE] == "Established"
    assert not reaches(edge, HOST)
    assert edge.ping(PingRequest(str(MSEE4), vrf="40", repeat=1)).replies[0].mark == "!"
    assert show(edge, "show ipv6 access-list").splitlines() == [
        "IPv6 access list FROM-AZURE",
        "    permit tcp any any eq 22 sequence 5",
        "    permit tcp any any sequence 10",
    ]
    configure(edge, "ipv6 access-list FROM-AZURE", f"permit icmp host {HOST} {SITE} echo-reply")
    assert reaches(edge, HOST)
    configure(edge, f"interface {port}", "ip access-group NO4 in", "ip access-list standard NO4", "deny any")
    assert reaches(edge, HOST)
    assert edge.ping(PingRequest(str(MSEE4), vrf="40", repeat=1)).replies[0].mark != "!"
    configure(edge, "ipv6 access-list FROM-AZURE", "no permit tcp any any")
    clock.advance(300)
    assert states(edge)[MSEE] != "Established"


def _network_of(addresses: tuple[IPv6Interface, ...]) -> list[IPv6Address]:
    return [host for each in addresses if each.network.prefixlen > 120 for host in each.network]

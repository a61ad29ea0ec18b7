"""Access lists, the reverse path check and policy routing on a router's interfaces."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

import pytest
from lab.network.test_lab_published import DATA, MSEE, TWIN, configure, states

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.config.editor import Editor, load
from pytest_azinterop.lab.config.extract import settings
from pytest_azinterop.lab.network.filtering import BFD, BGP_ANSWERED, BGP_OPENED, ECHO, ESP, IKE, NTP, Packet, permits
from pytest_azinterop.lab.network.records import AccessList, AccessListEntry
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest

PORT, LAN = "interface TenGigabitEthernet0/0/0.300", "interface TenGigabitEthernet1/0/0.30"
HUB, HOST = "10.10.30.4", IPv4Address("10.2.30.10")
HERE, THERE = IPv4Address("192.0.2.1"), IPv4Address("198.51.100.9")


def permitted(packet: Packet, *lines: str, kind: str = "extended") -> bool:
    entries = tuple(AccessListEntry(None, line.startswith("permit"), line.partition(" ")[2]) for line in lines)
    return permits(AccessList("x", kind, entries), HERE, THERE, packet)


@pytest.mark.parametrize(
    ("packet", "lines", "expected"),
    [
        (ECHO, ["permit ip any any"], True),
        (ECHO, ["permit tcp any any"], False),
        (ECHO, ["deny icmp any any echo", "permit ip any any"], False),
        (ECHO, ["deny icmp any any echo-reply", "permit ip any any"], True),
        (ECHO.answer(), ["deny icmp any any 0", "permit ip any any"], False),
        (BGP_OPENED, ["permit tcp any any eq bgp"], True),
        (BGP_ANSWERED, ["permit tcp any any eq bgp"], False),
        (BGP_ANSWERED, ["permit tcp any eq 179 any"], True),
        (BGP_ANSWERED, ["permit tcp any any established"], True),
        (BGP_OPENED, ["permit tcp any any established"], False),
        (BFD, ["permit udp any any eq 3784 3785 log"], True),
        (BFD, ["permit udp any any range 3000 3100"], False),
        (BFD, ["deny udp any any gt 3000", "permit ip any any"], False),
        (BFD, ["permit udp any any neq 3784"], False),
        (IKE, ["permit udp host 192.0.2.1 eq isakmp host 198.51.100.9 eq isakmp"], True),
        (IKE, ["permit udp host 192.0.2.2 any"], False),
        (IKE, ["permit udp any any lt 500"], False),
        (ESP, ["permit 50 192.0.2.0 0.0.0.255 any"], True),
        (ESP, ["permit esp 192.0.2.128 0.0.0.127 any"], False),
        (NTP, ["permit udp any any eq ntp"], True),
        (ESP, ["permit tcp any any eq bgp", "permit ip any 203.0.113.0 0.0.0.255"], False),
        (ECHO, [], True),
    ],
)
def test_an_extended_list_looks_at_protocol_addresses_ports_and_types(
    packet: Packet, lines: list[str], expected: bool
) -> None:
    assert permitted(packet, *lines) is expected


def test_a_standard_list_looks_at_the_source_alone_and_an_undefined_one_at_nothing() -> None:
    assert permitted(ECHO, "permit 192.0.2.1", kind="standard")
    assert permitted(ECHO, "permit host 192.0.2.1", kind="standard")
    assert permitted(ECHO, "deny 192.0.2.0 0.0.0.255", "permit any", kind="standard") is False
    assert permits(None, HERE, THERE, ECHO)


GROUPS = """
object-group network INNER
 host 192.0.2.1
object-group network SITE
 10.2.30.0 255.255.255.128
 range 10.9.0.0 10.9.0.3
 group-object INNER
object-group service SESSIONS
 tcp eq bgp
 udp source eq 500 eq 500
 icmp echo
ip access-list extended grouped
 permit object-group SESSIONS object-group SITE host 198.51.100.9
 deny ip any any fragments
 permit esp object-group INNER any
"""


@pytest.mark.parametrize(
    ("source", "packet", "expected"),
    [
        ("192.0.2.1", BGP_OPENED, True),
        ("10.9.0.3", BGP_OPENED, True),
        ("10.9.0.4", BGP_OPENED, False),
        ("10.2.30.127", ECHO, True),
        ("10.2.30.128", ECHO, False),
        ("10.2.30.1", ECHO.answer(), False),
        ("10.2.30.1", IKE, True),
        ("10.2.30.1", NTP, False),
        ("10.2.30.1", ESP, False),
        ("192.0.2.1", ESP, True),
    ],
)
def test_object_groups_stand_for_what_they_hold(source: str, packet: Packet, expected: bool) -> None:
    found = settings(load(GROUPS).root).access_lists["grouped"]
    assert permits(found, IPv4Address(source), THERE, packet) is expected


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (("ip access-list extended x", "permit ip object-group NONE any"), "Object-group NONE is not defined"),
        (("ip access-list extended x", "permit ip any any time-range night"), "Not modelled by this lab: time-range"),
        (("object-group network x", "10.0.0.0 255.0.255.0"), "Invalid input"),
        (("object-group network x", "group-object y"), "Object-group y is not defined"),
        (("object-group service x", "http"), "Invalid input"),
        (("object-group v6-network x",), "Not modelled by this lab"),
    ],
)
def test_what_a_list_cannot_follow_is_refused(lines: tuple[str, ...], answer: str) -> None:
    editor = Editor(load(""))
    *before, last = lines
    assert all(editor.apply(line).ok for line in before)
    assert answer in editor.apply(last).text


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0)


@pytest.fixture
def network(clock: Clock) -> Simulation:
    return Simulation(DATA / "published", clock)


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def apply(edge: Router, interface: str, way: str, *lines: str) -> None:
    configure(edge, "ip access-list extended test", *lines, interface, f"ip access-group test {way}")


def marks(edge: Router, target: str = HUB, source: str = "Loopback130") -> str:
    return "".join(each.mark for each in edge.ping(PingRequest(target, "30", source)).replies)


def test_an_inbound_list_that_forgets_bgp_ends_the_session(edge: Router, clock: Clock) -> None:
    apply(edge, PORT, "in", "permit icmp any any")
    clock.advance(60)
    assert states(edge)[MSEE] == "Established"
    clock.advance(300)
    assert states(edge)[MSEE] != "Established"


def test_a_session_comes_up_by_whoever_may_open_it(edge: Router, clock: Clock) -> None:
    apply(edge, PORT, "in", "permit tcp any eq bgp any")
    edge.clear_bgp("30", IPv4Address(str(MSEE)), soft="", every_vrf=False)
    clock.advance(300)
    assert states(edge)[MSEE] == "Established"


def test_probes_are_filtered_where_they_come_back_and_the_router_filters_not_what_it_sends(edge: Router) -> None:
    assert marks(edge) == "!!!!!"
    apply(edge, PORT, "out", "deny icmp any any", "permit ip any any")
    assert marks(edge) == "!!!!!"
    configure(edge, PORT, "no ip access-group test out", "ip access-group test in")
    assert marks(edge) == "....."


def test_what_passes_through_is_filtered_in_both_directions(network: Simulation, edge: Router) -> None:
    switch, target = network.nodes["switch-loc1"], IPv4Address(HUB)
    assert network.forwarding.walk(switch, None, HOST, target).delivered
    apply(edge, PORT, "out", "deny icmp any any", "permit ip any any")
    network.settle()
    assert network.forwarding.walk(switch, None, HOST, target).outcome == "filtered"
    assert network.forwarding.walk(switch, None, HOST, target, packet=IKE).delivered


def test_an_outer_list_without_esp_leaves_ike_and_takes_what_the_tunnel_carries(edge: Router, clock: Clock) -> None:
    apply(edge, "interface GigabitEthernet0/0/0", "in", "permit udp any any eq isakmp")
    clock.advance(60)
    assert [sa.status for sa in edge.ike_sas()] == ["READY"]
    assert marks(edge, "10.10.30.254", "Tunnel30") == "....."


def test_a_strict_reverse_path_check_drops_what_comes_another_way(edge: Router) -> None:
    configure(edge, PORT, "ip verify unicast source reachable-via rx")
    assert marks(edge) == "!!!!!"
    configure(edge, f"ip route vrf 30 {HUB} 255.255.255.255 Tunnel30")
    assert marks(edge) == "....."  # there through the tunnel, back over ExpressRoute
    configure(edge, PORT, "ip verify unicast source reachable-via any")
    assert marks(edge) == "!!!!!"
    configure(edge, PORT, "no ip verify unicast source reachable-via any")
    assert marks(edge) == "!!!!!"


def test_policy_routing_decides_before_the_routing_table(network: Simulation, edge: Router) -> None:
    switch, target = network.nodes["switch-loc1"], IPv4Address(HUB)
    assert network.forwarding.walk(switch, None, HOST, target).tunnels == []
    configure(
        edge,
        *("ip access-list extended to-the-hub", "permit ip 10.2.30.0 0.0.0.127 10.10.30.0 0.0.0.255"),
        *("route-map by-hand permit 10", "match ip address to-the-hub", "set ip next-hop 10.10.30.254"),
        *(LAN, "ip policy route-map by-hand"),
    )
    network.settle()
    assert network.forwarding.walk(switch, None, HOST, target).tunnels == [("ce1-loc1", "Tunnel30")]
    assert network.forwarding.walk(switch, None, HOST, IPv4Address("10.11.30.4")).tunnels == []
    assert marks(edge) == "!!!!!"  # what the router sends itself is not steered


def test_neighbors_of_another_mtu_or_network_type_exchange_no_routes(
    network: Simulation, edge: Router, clock: Clock
) -> None:
    def neighbors() -> list[str]:
        return [each.state for each in edge.ospf_neighbors()]

    def knows_the_lan() -> bool:
        network.settle()
        route = network.nodes["ce1-loc1"].table("30").routes.get(IPv4Network("10.2.30.0/25"))
        return route is not None and route.protocol == "ospf"

    assert knows_the_lan()
    assert neighbors() == ["FULL/  -"]
    configure(edge, LAN, "ip mtu 1400")
    clock.advance(60)
    assert neighbors() == ["EXSTART/  -"]
    assert not knows_the_lan()
    configure(edge, LAN, "no ip mtu", "ip ospf network broadcast")
    clock.advance(60)
    assert neighbors()[0].startswith("FULL/")
    assert not knows_the_lan()
    configure(edge, LAN, "ip ospf network point-to-point")
    apply(edge, LAN, "in", "deny ospf any any", "permit ip any any")
    clock.advance(60)
    assert neighbors() == []
    assert states(edge)[TWIN] == "Established"

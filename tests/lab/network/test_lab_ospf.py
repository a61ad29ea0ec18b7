"""What OSPF tells the site: redistribution, the default route, the database, and what the router behind learns."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
HUB, DEFAULT = IPv4Network("10.10.30.0/24"), IPv4Network("0.0.0.0/0")
OSPF = "router ospf 30 vrf 30"


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def configure(router: Router, *lines: str) -> None:
    editor = router.configure("someone")
    for line in lines:
        reply = editor.apply(line)
        assert reply.ok, (line, reply)
    editor.apply("end")


def told(router: Router) -> dict[IPv4Network, tuple[int, int, int]]:
    """Metric, type and tag of what the router itself brings in."""
    (process,) = router.ospf_processes()
    return {each.prefix: (each.metric, each.metric_type, each.tag) for each in process.externals if each.own}


def learned(network: Simulation, prefix: IPv4Network) -> tuple[str | None, int] | None:
    """How the switch of the site knows a network through its first router."""
    route = network.nodes["switch-loc1"].table(None).routes.get(prefix)
    return None if route is None else (route.route_type, route.metric)


def redistribute(line: str) -> tuple[str, str, str]:
    return (OSPF, "no redistribute bgp 65021", f"redistribute bgp 65021 {line}")


def test_what_is_told_is_learned_behind(network: Simulation, edge: Router) -> None:
    domain_tag = 0xD0000000 + 65021
    assert told(edge)[HUB] == (10, 2, domain_tag)
    assert DEFAULT not in told(edge)
    assert learned(network, HUB) == ("extern 2", 10)
    assert learned(network, IPv4Network("192.168.30.16/30")) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("subnets", (10, 2, 0xD0000000 + 65021)),
        ("metric 55 subnets", (55, 2, 0xD0000000 + 65021)),
        ("subnets metric-type 1 metric 55", (55, 1, 0xD0000000 + 65021)),
        ("subnets tag 7", (10, 2, 7)),
        ("subnets route-map MISSING", None),
        ("route-map BGP2OSPF", None),  # no network with the mask of its class passes
        ("subnets route-map BGP2OSPF tag 9 metric 3", (3, 2, 9)),
    ],
)
def test_options_of_redistribute(edge: Router, line: str, expected: tuple[int, int, int] | None) -> None:
    configure(edge, *redistribute(line))
    assert told(edge).get(HUB) == expected


def test_options_stand_in_the_order_of_the_router_and_go_one_by_one(edge: Router) -> None:
    configure(edge, *redistribute("route-map BGP2OSPF tag 9 subnets metric 3 metric-type 1"))
    stands = " redistribute bgp 65021 metric 3 metric-type 1 subnets tag 9 route-map BGP2OSPF\n"
    assert stands in edge.running_config()
    configure(edge, OSPF, "no redistribute bgp 65021 metric 3 metric-type 1", "no redistribute bgp 65021 tag 9")
    assert " redistribute bgp 65021 subnets route-map BGP2OSPF\n" in edge.running_config()
    configure(edge, OSPF, "no redistribute bgp 65021 route-map BGP2OSPF")
    assert " redistribute bgp 65021 subnets\n" in edge.running_config()
    reply = edge.configure("x")
    reply.apply(OSPF)
    assert not reply.apply("redistribute bgp 65021 subnets subnets").ok
    assert not reply.apply("redistribute bgp 65021 weight 3").ok


def test_a_route_map_sets_metric_type_and_tag(edge: Router) -> None:
    configure(edge, "route-map BGP2OSPF permit 10", "set metric 77", "set metric-type type-1", "set tag 5")
    assert told(edge)[HUB] == (77, 1, 5)


def test_type_one_adds_the_way_there(network: Simulation, edge: Router) -> None:
    configure(edge, *redistribute("subnets metric-type 1 metric 20"))
    assert learned(network, HUB) == ("extern 1", 21)


@pytest.mark.parametrize(
    ("line", "static", "expected"),
    [
        ("default-information originate", False, None),
        ("default-information originate", True, (1, 2, 30)),
        ("default-information originate always", False, (1, 2, 30)),
        ("default-information originate always metric 40 metric-type 1", False, (40, 1, 30)),
        ("default-information originate always route-map MISSING", False, None),
        ("default-information originate always route-map BGP2OSPF", False, (1, 2, 30)),
        ("default-information originate route-map BGP2OSPF", True, None),
    ],
)
def test_the_default_route(
    network: Simulation, edge: Router, line: str, static: bool, expected: tuple[int, int, int] | None
) -> None:
    if static:
        configure(edge, "ip route vrf 30 0.0.0.0 0.0.0.0 192.168.30.18")
    configure(edge, OSPF, line)
    assert told(edge).get(DEFAULT) == expected
    assert (learned(network, DEFAULT) is None) == (expected is None)


def test_the_process_as_it_is_shown(edge: Router) -> None:
    configure(edge, *redistribute("subnets metric 5"), "redistribute static")
    lines = show(edge, "show ip ospf 30").splitlines()
    assert lines[0] == ' Routing Process "ospf 30" with ID 10.2.30.253'
    start = lines.index(" Redistributing External Routes from,")
    assert lines[start - 1] == " It is an area border and autonomous system boundary router"
    assert lines[start + 1 : start + 3] == [
        "    bgp 65021 with metric mapped to 5, includes subnets in redistribution",
        "    static",
    ] or lines[start + 1 : start + 3] == [
        "    static",
        "    bgp 65021 with metric mapped to 5, includes subnets in redistribution",
    ]
    assert " Connected to MPLS VPN Superbackbone, VRF 30" in lines
    assert " Number of areas in this router is 1. 1 normal 0 stub 0 nssa" in lines
    configure(edge, OSPF, "capability vrf-lite", "no redistribute bgp 65021", "no redistribute static")
    text = show(edge, "show ip ospf")
    assert "Superbackbone" not in text
    assert "Redistributing" not in text
    assert show(edge, "show ip ospf 31") == "%OSPF: Router process 31 is not running"


def test_the_database_as_it_is_shown(network: Simulation, edge: Router) -> None:
    text = show(edge, "show ip ospf 30 database external 10.10.30.0 self-originate").splitlines()
    assert text[1] == "            OSPF Router with ID (10.2.30.253) (Process ID 30)"
    assert text[3] == "\t\tType-5 AS External Link States"
    assert "  Link State ID: 10.10.30.0 (External Network Number )" in text
    assert "  Options: (No TOS-capability, DC, Downward)" in text
    assert "  Network Mask: /24" in text
    assert "\tMetric Type: 2 (Larger than any link state path)" in text
    assert "\tMetric: 10 " in text
    assert "Type-5" not in show(edge, "show ip ospf 30 database external 10.99.0.0")
    summary = show(edge, "show ip ospf 30 database").splitlines()
    assert "\t\tRouter Link States (Area 0)" in summary
    rows = [line.split() for line in summary if line.startswith("10.10.30.0 ")]
    assert [row[1] for row in rows] == ["10.2.30.253"]
    assert rows[0][-1] == str(0xD0000000 + 65021)
    own = {each.prefix for each in edge.ospf_processes()[0].externals}
    assert own == set(told(edge))


def test_ages_grow_until_the_refresh_and_changes_count(network: Simulation, edge: Router) -> None:
    def lsa() -> tuple[int, int]:
        (found,) = [each for each in edge.ospf_processes()[0].externals if each.own and each.prefix == HUB]
        return found.age, found.sequence

    age, sequence = lsa()
    network.clock.advance(60)
    assert lsa() in {(age + 60, sequence), (age + 60 - 1800, sequence + 1)}
    configure(edge, *redistribute("subnets metric 99"))
    assert lsa()[0] == 0


def test_roles_on_a_segment_follow_the_router_ids(network: Simulation, edge: Router) -> None:
    assert {each.state for each in edge.ospf_neighbors()} == {"FULL/  -"}
    configure(edge, "interface TenGigabitEthernet1/0/0.30", "no ip ospf network point-to-point")
    (neighbor,) = edge.ospf_neighbors()
    higher = neighbor.router_id > IPv4Address("10.2.30.253")
    assert neighbor.state == ("FULL/DR" if higher else "FULL/BDR")


def test_an_interface_says_why_it_has_no_neighbor(network: Simulation, edge: Router) -> None:
    lan = "TenGigabitEthernet1/0/0.30"
    command = f"show ip ospf interface {lan}"
    assert "  Neighbor Count is 1, Adjacent neighbor count is 1 " in show(edge, command).splitlines()
    configure(edge, OSPF, f"passive-interface {lan}")
    lines = show(edge, command).splitlines()
    assert "    No Hellos (Passive interface) " in lines
    assert "  Neighbor Count is 0, Adjacent neighbor count is 0 " in lines
    configure(edge, f"interface {lan}", "shutdown")
    lines = show(edge, command).splitlines()
    assert lines[0] == f"{lan} is administratively down, line protocol is down "
    assert "  Transmit Delay is 1 sec, State DOWN" in lines
    assert show(edge, "show ip ospf 30 interface brief").splitlines()[1].split()[-2:] == ["DOWN", "0/0"]
    assert show(edge, "show ip ospf interface Tunnel30") == "%OSPF: OSPF not enabled on Tunnel30"
    assert show(edge, "show ip ospf 31 interface brief") == ""


def test_an_interface_on_a_segment_names_both_designated_routers(network: Simulation, edge: Router) -> None:
    lan = "TenGigabitEthernet1/0/0.30"
    configure(edge, f"interface {lan}", "no ip ospf network point-to-point", "ip ospf cost 77")
    (neighbor,) = edge.ospf_neighbors()
    own, theirs = ("192.168.30.0", "10.2.30.253"), (str(neighbor.address), str(neighbor.router_id))
    first, second = (theirs, own) if neighbor.state == "FULL/DR" else (own, theirs)
    text = show(edge, f"show ip ospf interface {lan}")
    assert f"  Designated Router (ID) {first[1]}, Interface address {first[0]}\n" in text
    assert f"  Backup Designated router (ID) {second[1]}, Interface address {second[0]}\n" in text
    assert "Network Type BROADCAST, Cost: 77\n" in text


def test_internal_routes_are_redistributed_only_where_bgp_is_told_to(network: Simulation) -> None:
    standby = network.router("ce2-loc1")
    family = ("router bgp 65021", "address-family ipv4 vrf 30")
    assert not [each for each in standby.ospf_processes()[0].externals if each.own]
    configure(standby, *family, "bgp redistribute-internal")
    assert HUB in {each.prefix for each in standby.ospf_processes()[0].externals if each.own}
    assert "  bgp redistribute-internal\n" in standby.running_config()
    configure(standby, *family, "no bgp redistribute-internal")
    assert not [each for each in standby.ospf_processes()[0].externals if each.own]

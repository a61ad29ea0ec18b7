"""What keeps two OSPF routers apart: timers, authentication, one router ID for two; and routes of distance 255."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Network

import pytest
from lab.network.test_lab_published import DATA, configure
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation

NAME = "TenGigabitEthernet1/0/0.30"
LAN, OSPF = f"interface {NAME}", "router ospf 30 vrf 30"
OWN, HUB = IPv4Network("10.2.30.0/25"), IPv4Network("10.10.30.0/24")


@pytest.fixture
def network() -> Simulation:
    return Simulation(DATA / "published", Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def neighbors(router: Router) -> int:
    return len(router.ospf_neighbors())


def protocol(network: Simulation, name: str = "ce1-loc1") -> str | None:
    route = network.nodes[name].table("30").routes.get(OWN)
    return None if route is None else route.protocol


@pytest.mark.parametrize(
    "lines",
    [
        (LAN, "ip ospf hello-interval 5"),
        (LAN, "ip ospf dead-interval 41"),
        (LAN, "ip ospf authentication"),
        (LAN, "ip ospf authentication message-digest", "ip ospf message-digest-key 1 md5 example"),
        (OSPF, "area 0.0.0.0 authentication message-digest"),
    ],
)
def test_hellos_that_differ_make_no_neighbor(network: Simulation, edge: Router, lines: tuple[str, ...]) -> None:
    assert (neighbors(edge), protocol(network)) == (1, "ospf")
    configure(edge, *lines)
    network.settle()
    assert neighbors(edge) == 0
    assert protocol(network) == "bgp"  # by the twin, which the LAN still tells


@pytest.mark.parametrize(
    "lines",
    [
        (LAN, "ip ospf hello-interval 10", "ip ospf dead-interval 40"),
        (LAN, "ip ospf authentication null", OSPF, "area 0 authentication"),
        (LAN, "ip ospf message-digest-key 1 md5 example"),
    ],
)
def test_what_says_the_same_in_other_words_changes_nothing(edge: Router, lines: tuple[str, ...]) -> None:
    configure(edge, *lines)
    assert neighbors(edge) == 1


def test_timers_and_authentication_are_shown_and_the_key_is_not(edge: Router) -> None:
    configure(
        edge,
        *(LAN, "ip ospf hello-interval 5", "ip ospf message-digest-key 3 md5 example"),
        *(OSPF, "area 0 authentication message-digest"),
    )
    text = show(edge, f"show ip ospf interface {NAME}")
    assert "Timer intervals configured, Hello 5, Dead 20, Wait 20, Retransmit 5" in text
    assert "Cryptographic authentication enabled\n    Youngest key id is 3" in text
    assert "example" not in text
    assert "Area has message digest authentication" in show(edge, "show ip ospf")


def test_a_neighbor_with_the_own_router_id_is_none(network: Simulation, edge: Router) -> None:
    (neighbor,) = edge.ospf_neighbors()
    configure(edge, OSPF, f"router-id {neighbor.router_id}")
    network.settle()
    assert neighbors(edge) == 0
    assert protocol(network) == "bgp"
    log = show(edge, "show logging")
    assert log.count(f"%OSPF-4-DUP_RTRID_NBR: OSPF detected duplicate router-id {neighbor.router_id}") == 1


def test_of_two_routers_of_one_id_the_area_knows_one(network: Simulation, edge: Router) -> None:
    def told() -> bool:
        return HUB in network.nodes["switch-loc1"].table(None).routes

    (process,) = network.router("ce2-loc1").ospf_processes()
    assert told()
    configure(edge, OSPF, f"router-id {process.router_id}")
    network.settle()
    assert not told()  # the router of a working circuit is the one that nobody hears
    assert protocol(network) == "ospf"  # to itself, each is the one


def test_a_route_of_distance_255_is_never_installed(network: Simulation, edge: Router) -> None:
    configure(edge, OSPF, "distance 255")
    network.settle()
    assert protocol(network) == "bgp"
    configure(edge, f"ip route vrf 30 {OWN.network_address} {OWN.netmask} Null0 255")
    network.settle()
    assert protocol(network) == "bgp"


def test_a_process_with_vrf_lite_prints_no_line_about_its_vrf(edge: Router) -> None:
    assert "VRF 30" in show(edge, "show ip ospf")
    configure(edge, OSPF, "capability vrf-lite")
    assert "VRF" not in show(edge, "show ip ospf")

"""A failover over time: who notices what when, which direction is lost how long, the ways before, during and after."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from lab.show.show_samples import show

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest, TraceRequest
from pytest_azinterop.lab.scenario_file import parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
FAMILY = ("router bgp 65021", "address-family ipv4 vrf 30")
SHUT_NEIGHBOR = (*FAMILY, "neighbor 192.168.30.18 shutdown")
RETURN_NEIGHBOR = (*FAMILY, "no neighbor 192.168.30.18 shutdown")
SHUT_INTERFACE = ("interface TenGigabitEthernet0/0/0.300", "shutdown")
RETURN_INTERFACE = ("interface TenGigabitEthernet0/0/0.300", "no shutdown")
BFD = (
    "interface TenGigabitEthernet0/0/0.300", "bfd interval 300 min_rx 300 multiplier 3",
    *FAMILY, "neighbor 192.168.30.18 fall-over bfd",
)  # fmt: skip
HUB, SITE = IPv4Address("10.10.30.4"), IPv4Address("10.2.30.10")


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


def change(network: Simulation, text: str) -> None:
    Applier(network, catalogue()).apply(parse(text, "scenario"))


def from_azure(network: Simulation) -> bool:
    return network.probe_from_vnet("hub", HUB, SITE).answered


def from_site(network: Simulation) -> bool:
    """A host of the site asks one of the hub; the answer has to come back too."""
    switch = network.nodes["switch-loc1"]
    network.settle()
    there = network.forwarding.walk(switch, None, SITE, HUB)
    return there.delivered and network.forwarding.reply(there, SITE, HUB, size=100).delivered


def way_to_azure(network: Simulation) -> bool:
    """Whether packets of the site arrive in the hub, whatever becomes of the answer."""
    network.settle()
    return network.forwarding.walk(network.nodes["switch-loc1"], None, SITE, HUB).delivered


def lost_seconds(network: Simulation, *, step: float = 0.1, most: float = 400) -> float:
    """How long the hub gets no answer from the site, from now on."""
    passed = 0.0
    while not from_azure(network):
        assert passed < most
        network.clock.advance(step)
        passed += step
    return passed


def hops(router: Router, target: str = "10.10.30.4") -> list[str]:
    found = router.traceroute(TraceRequest(target, "30", source="Loopback130"))
    return [str(hop.address) if hop.address is not None else "*" for hop in found.hops] if found.reached else []


def test_a_neighbor_that_is_shut_tells_the_other_side(network: Simulation, edge: Router) -> None:
    configure(edge, *SHUT_NEIGHBOR)
    assert network.far_end("msee-1-primary").peers()[0].state != "Established"
    assert lost_seconds(network) == 0
    assert from_site(network)


def test_without_bfd_a_shut_interface_is_a_black_hole_until_the_hold_timer_runs_out(
    network: Simulation, edge: Router
) -> None:
    configure(edge, *SHUT_INTERFACE)
    assert next(each.state for each in edge.bgp_neighbors("30") if str(each.address) == "192.168.30.18") == "Idle"
    msee = network.far_end("msee-1-primary")
    assert msee.peers()[0].state == "Established"
    assert way_to_azure(network)
    assert not from_site(network)
    lost = lost_seconds(network, step=1)
    assert 120 <= lost <= 180
    assert msee.peers()[0].state != "Established"
    assert from_site(network)


def test_bfd_makes_it_short(network: Simulation, edge: Router) -> None:
    configure(edge, *BFD)
    network.clock.advance(60)
    assert [each.up for each in edge.bfd_neighbors()] == [True]
    configure(edge, *SHUT_INTERFACE)
    assert not from_azure(network)
    assert 0.5 <= lost_seconds(network) <= 0.95


def test_azure_takes_its_time_in_both_ways(network: Simulation, edge: Router) -> None:
    change(network, "convergence: {lost: 8s, returned: 20s}")
    assert from_azure(network)
    configure(edge, *SHUT_NEIGHBOR)
    assert way_to_azure(network)
    assert lost_seconds(network) == pytest.approx(8, abs=0.11)
    assert not over_expressroute(network)
    configure(edge, *RETURN_NEIGHBOR)
    network.clock.advance(12)
    established = next(each for each in edge.bgp_neighbors("30") if str(each.address) == "192.168.30.18")
    assert established.state == "Established"
    up = established.state_age or 0.0
    assert not over_expressroute(network)
    network.clock.advance(20 - up + 1)
    assert over_expressroute(network)


def over_expressroute(network: Simulation) -> bool:
    """By which way the hub sends to the site: over the peering, or over the tunnel to 10.2.30.125."""
    found = [str(hop) for hop in network.probe_from_vnet("hub", HUB, SITE).hops]
    assert found[0] in ("192.168.30.17", "10.2.30.125"), found
    return "192.168.30.17" in found


def test_the_return_may_stick(network: Simulation, edge: Router) -> None:
    change(network, "convergence: {returned: 30d}")
    configure(edge, *SHUT_NEIGHBOR)
    network.clock.advance(60)
    configure(edge, *RETURN_NEIGHBOR)
    network.clock.advance(3600)
    assert hops(edge) == ["192.168.30.18", "*", "10.10.30.4"]
    assert not over_expressroute(network)
    change(network, "convergence: {returned: 0s}")
    assert over_expressroute(network)


def test_what_came_before_the_time_was_set_does_not_take_it(network: Simulation) -> None:
    change(network, "convergence: {lost: 30d, returned: 30d, shown: 30d}")
    assert over_expressroute(network)
    assert any(str(each.prefix) == "10.2.30.0/25" for each in network.far_end("msee-1-primary").passed_on())


def test_before_anything_is_lost_nothing_takes_time(network: Simulation) -> None:
    change(network, "convergence: {lost: 60s, returned: 60s, shown: 60s}")
    assert over_expressroute(network)
    assert from_site(network)


@pytest.mark.parametrize(
    ("trigger", "undo"), [(SHUT_INTERFACE, RETURN_INTERFACE), (SHUT_NEIGHBOR, RETURN_NEIGHBOR)], ids=["port", "session"]
)
def test_the_published_traceroutes(
    network: Simulation, edge: Router, trigger: tuple[str, ...], undo: tuple[str, ...]
) -> None:
    """The MSEE's hop 192.168.30.18 is there before and after the loss of ExpressRoute 1, and not meanwhile."""
    before, during = ["192.168.30.18", "*", "10.10.30.4"], ["10.10.30.4"]
    assert hops(edge) == before
    assert over_expressroute(network)
    configure(edge, *trigger)
    network.clock.advance(200)
    assert hops(edge) == during
    assert not over_expressroute(network)
    assert hops(edge, "10.17.30.4") == []
    assert hops(edge, "10.11.30.68") == ["10.11.30.68"]
    configure(edge, *undo)
    network.clock.advance(60)
    assert hops(edge) == before
    assert over_expressroute(network)


def test_the_site_sees_the_same_from_its_lan(network: Simulation, edge: Router) -> None:
    def seen() -> list[str]:
        network.settle()
        walk = network.forwarding.walk(network.nodes["switch-loc1"], None, SITE, HUB)
        return ["*" if hop is None else str(hop) for hop in walk.hops]

    assert seen() == ["192.168.30.0", "192.168.30.18", "*", "10.10.30.4"]
    configure(edge, *SHUT_NEIGHBOR)
    network.clock.advance(30)
    assert seen() == ["192.168.30.0", "10.10.30.4"]


def test_the_tunnel_carries_the_load_in_both_directions_while_expressroute_is_lost(
    network: Simulation, edge: Router
) -> None:
    def grown() -> tuple[int, int]:
        before = edge.ipsec()[0].counters
        network.clock.advance(100)
        after = edge.ipsec()[0].counters
        return after.encaps - before.encaps, after.decaps - before.decaps

    quiet = grown()
    assert all(quiet)
    configure(edge, *SHUT_NEIGHBOR)
    network.clock.advance(5)
    loaded = grown()
    assert all(more > 1.5 * less for more, less in zip(loaded, quiet, strict=True))
    configure(edge, *RETURN_NEIGHBOR)
    network.clock.advance(60)
    assert grown() == pytest.approx(quiet, abs=1)


def test_while_azure_has_not_moved_the_tunnel_carries_one_direction_alone(network: Simulation, edge: Router) -> None:
    change(network, "convergence: {lost: 50s}")

    def grown(seconds: float) -> tuple[int, int]:
        before = edge.ipsec()[0].counters
        network.clock.advance(seconds)
        after = edge.ipsec()[0].counters
        return after.encaps - before.encaps, after.decaps - before.decaps

    quiet = grown(40)
    configure(edge, *SHUT_NEIGHBOR)
    out, into = grown(40)
    assert out > 1.5 * quiet[0]
    assert into == pytest.approx(quiet[1], abs=1)
    network.clock.advance(20)
    assert grown(40)[1] > 1.5 * quiet[1]


def test_the_log_dates_what_happens_to_the_millisecond(network: Simulation, edge: Router) -> None:
    network.clock.advance(0.123)
    configure(edge, *SHUT_INTERFACE)
    network.clock.advance(0.5)
    configure(edge, *RETURN_INTERFACE)
    network.clock.advance(30)
    assert edge.log()
    start = network.clock.start
    found = [(round(each.at - start, 3), each.text) for each in edge.log() if each.at > start]
    assert (0.123, "%BGP-5-ADJCHANGE: neighbor 192.168.30.18 vpn vrf 30 Down Interface flap") in found
    assert (0.123, "%SYS-5-CONFIG_I: Configured from console by someone") in found
    (up,) = [at for at, text in found if text == "%BGP-5-ADJCHANGE: neighbor 192.168.30.18 vpn vrf 30 Up "]
    assert 3 < up < 12
    assert [text for _, text in found if "Te0/0/0.300" in text or "0/0/0.300, changed" in text] == []


def test_a_ping_during_the_loss_shows_it(edge: Router) -> None:
    configure(edge, *SHUT_INTERFACE)
    request = PingRequest("10.10.30.4", "30", source="Loopback130")
    assert [reply.mark for reply in edge.ping(request).replies] == ["."] * 5


def test_graceful_restart_that_the_other_side_offers_is_seen(network: Simulation, edge: Router) -> None:
    def capabilities() -> str:
        text = show(edge, "show bgp vpnv4 unicast vrf 30 neighbors 192.168.30.18")
        assert "  Graceful-Restart is disabled" in text
        return text

    assert "Graceful Restart Capability" not in capabilities()
    change(network, "far_ends: {msee-1-primary: {graceful_restart: true}}")
    assert "    Graceful Restart Capability: received\n      Remote Restart timer is 120 seconds\n" in capabilities()


def test_nothing_is_dampened(edge: Router) -> None:
    for command in ("show ip bgp vpnv4 vrf 30 dampening parameters", "show bgp vpnv4 unicast vrf 30 dampening damp"):
        assert show(edge, command) == "% dampening not enabled for base"
    assert show(edge, "show bgp vpnv4 unicast vrf 31 dampening parameters").startswith("% ")


def test_a_secondary_path_takes_over_where_it_is_up(network: Simulation, edge: Router) -> None:
    """Its router finds the way back to the probes' source only if that is announced on the LAN."""
    configure(network.router("ce2-loc1"), "interface TenGigabitEthernet0/0/0.300", "no shutdown")
    network.clock.advance(60)
    assert hops(edge) == ["192.168.30.18", "*", "10.10.30.4"]
    configure(edge, *SHUT_NEIGHBOR)
    network.clock.advance(30)
    assert str(network.probe_from_vnet("hub", HUB, SITE).hops[0]) == "192.168.30.21"
    assert from_azure(network)
    assert hops(edge) == []
    configure(edge, "router ospf 30 vrf 30", "network 10.2.30.126 0.0.0.0 area 0.0.0.0")
    assert hops(edge) == ["192.168.30.3", "*", "*", "10.10.30.4"]
    seen = [str(hop) for hop in network.host("loc1-host").trace(HUB)]
    assert seen == ["10.2.30.3", "192.168.30.4", "192.168.30.22", "None", "10.10.30.4"]


def flap(network: Simulation, edge: Router) -> None:
    configure(edge, *SHUT_NEIGHBOR)
    network.clock.advance(20)
    configure(edge, *RETURN_NEIGHBOR)
    network.clock.advance(20)


def test_a_route_that_goes_too_often_is_not_used_for_a_while(network: Simulation, edge: Router) -> None:
    """Default values: a first loss costs 1000, a third one within the half-life exceeds 2000."""
    configure(edge, *FAMILY, "bgp dampening")
    command = "show bgp vpnv4 unicast vrf 30 dampening"
    assert show(edge, f"{command} parameters").splitlines()[:4] == [
        "For vrf: 30",
        " dampening 15 750 2000 60 (DEFAULT)",
        "  Half-life time      : 15 mins       Decay Time       : 2320 secs",
        "  Max suppress penalty: 12000         Max suppress time: 60 mins",
    ]
    flap(network, edge)
    flap(network, edge)
    assert hops(edge)[0] == "192.168.30.18"
    flap(network, edge)
    assert hops(edge) == ["10.10.30.4"]
    assert " *d   10.10.30.0/24" in show(edge, "show bgp vpnv4 unicast vrf 30")
    row = show(edge, f"{command} dampened-paths").splitlines()[2]
    assert row.startswith(" *d 10.10.30.0/24      192.168.30.18   00:2")
    network.clock.advance(20 * 60)
    assert hops(edge) == ["10.10.30.4"]
    network.clock.advance(15 * 60)
    assert hops(edge)[0] == "192.168.30.18"
    assert len(show(edge, f"{command} dampened-paths").splitlines()) == 2


def test_without_dampening_a_route_may_go_and_come(network: Simulation, edge: Router) -> None:
    for _ in range(5):
        flap(network, edge)
    assert hops(edge)[0] == "192.168.30.18"

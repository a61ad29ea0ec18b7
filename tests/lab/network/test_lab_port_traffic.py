"""Traffic per sub-interface: it runs where routes lead, stops where a link loses it, and moves with time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lab.show.show_samples import show

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
ER = "TenGigabitEthernet0/0/0.300"


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def packets(router: Router, name: str = ER) -> tuple[int, int]:
    found = router.interface(name)
    assert found is not None
    return found.counters.in_packets, found.counters.out_packets


def grown(network: Simulation, router: Router, seconds: float = 100) -> tuple[int, int]:
    before = packets(router)
    network.clock.advance(seconds)
    after = packets(router)
    return after[0] - before[0], after[1] - before[1]


def test_both_directions_run_where_routes_lead(network: Simulation, edge: Router) -> None:
    into, out = grown(network, edge)
    assert into > 500
    assert out > 500
    assert grown(network, edge, 200) == pytest.approx((2 * into, 2 * out), abs=3)
    spare = network.router("ce2-loc1")
    spare_out = grown(network, spare)[1]
    assert spare_out < 100


def test_what_a_link_loses_does_not_arrive(network: Simulation, edge: Router) -> None:
    network.set_link("expressroute-1-primary", state="silent", direction="from_azure")
    into, out = grown(network, edge, 60)
    assert into == 0
    assert out > 300


def test_traffic_ends_with_the_routes_and_with_the_interface(network: Simulation, edge: Router) -> None:
    editor = edge.configure("x")
    for line in ("router bgp 65021", "address-family ipv4 vrf 30", "neighbor 192.168.30.18 shutdown", "end"):
        editor.apply(line)
    assert grown(network, edge)[1] < 100
    editor = edge.configure("x")
    for line in (f"interface {ER}", "shutdown", "end"):
        editor.apply(line)
    assert grown(network, edge) == (0, 0)


def test_a_port_carries_what_its_sub_interfaces_carry(edge: Router) -> None:
    assert packets(edge, "TenGigabitEthernet0/0/0") == packets(edge)
    edge.clear_counters(ER)
    assert packets(edge) == (0, 0)
    assert packets(edge, "TenGigabitEthernet0/0/0") > (0, 0)


def test_show_vlans_prints_totals_per_interface_and_per_tag(network: Simulation, edge: Router) -> None:
    edge.clear_counters(None)
    network.clock.advance(10)
    into, out = packets(edge)
    text = show(edge, "show vlans 30")
    block = text[text.index("TenGigabitEthernet0/0/0.300 (30/300)") :].splitlines()
    assert block[:4] == [
        "TenGigabitEthernet0/0/0.300 (30/300)",
        "                     IP: 192.168.30.17",
        f"      Total {into} packets, {into * 240} bytes input",
        f"      Total {out} packets, {out * 230} bytes output",
    ]
    assert "TenGigabitEthernet1/0/0.30 (30)" in text
    assert show(edge, "show vlans dot1q 30 second-dot1q 300").splitlines() == [
        "Total statistics for Outer/Inner VLAN 30/300:",
        f"   {into} packets, {into * 240} bytes input",
        f"   {out} packets, {out * 230} bytes output",
    ]
    assert show(edge, "show vlans 999") == "No subinterface configured with VLAN ID 999"
    assert not any("packets" in line for line in show(edge, f"show interfaces {ER}").splitlines())

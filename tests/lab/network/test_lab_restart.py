"""Graceful restart keeps routes of a neighbor that is gone; a reload takes what was not saved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from pytest_azinterop.lab import service
from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.exec.execution import Interpreter
from pytest_azinterop.lab.exec.session import Session
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest
from pytest_azinterop.lab.scenario_file import parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
EDGE, MSEE = "ce1-loc1", IPv4Address("192.168.30.18")
RESTARTS = """
routers:
  ce1-loc1:
    configure: |
      router bgp 65021
       bgp graceful-restart
       address-family ipv4 vrf 30
        neighbor 192.168.30.18 fall-over bfd
      interface TenGigabitEthernet0/0/0.300
       bfd interval 300 min_rx 300 multiplier 3
    exec: ["clear ip bgp vrf 30 192.168.30.18"]
far_ends: {msee-1-primary: {graceful_restart: true}}
"""


class _Open:
    def authorize(self, line: str, command: str, mode: str) -> bool:
        return True

    def keeps_open(self) -> bool:
        return True


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def change(network: Simulation, scenario: str, then: float = 0.0) -> None:
    applier, made = Applier(network, catalogue()), parse(scenario, "test.yaml")
    applier.check(made)
    applier.apply(made)
    network.clock.advance(then)


def shown(network: Simulation, line: str) -> str:
    return Interpreter(Session(network.router(EDGE), "test", 15, "vty0", length=0), catalogue(), _Open()).run(line)


def rows(network: Simulation) -> list[str]:
    """The hub's rows of the BGP table that come from the MSEE."""
    text = shown(network, "show bgp vpnv4 unicast vrf 30")
    return [line for line in text.splitlines() if "192.168.30.18" in line and "10.10.30.0/24" in line]


def answers(network: Simulation) -> bool:
    replies = network.router(EDGE).ping(PingRequest("10.10.30.4", "30", source="Loopback130")).replies
    return "!" in "".join(each.mark for each in replies)


@pytest.mark.parametrize("offered", [True, False])
def test_routes_of_a_lost_neighbor_are_used_until_it_should_be_back(network: Simulation, offered: bool) -> None:
    change(network, RESTARTS.replace("true", str(offered).lower()), then=60)
    text = shown(network, f"show bgp vpnv4 unicast vrf 30 neighbors {MSEE}")
    assert ("Restart Capability: advertised and received" in text) is offered
    assert "Graceful-Restart is enabled, restart-time 120 seconds, stalepath-time 360 seconds" in text
    change(network, "links: {expressroute-1-primary: {state: silent}}", then=10)
    state = {each.address: each.state for each in network.router(EDGE).bgp_neighbors("30")}[MSEE]
    assert state != "Established", "BFD tells at once"
    assert [line[1:3] for line in rows(network)] == (["S>"] if offered else [])
    assert answers(network) is not offered, "they lead into the broken path"
    network.clock.advance(115)
    assert rows(network) == []
    assert answers(network)


def test_a_neighbor_that_is_back_in_time_takes_nothing_away(network: Simulation) -> None:
    change(network, RESTARTS, then=60)
    change(network, "links: {expressroute-1-primary: {state: silent}}", then=10)
    change(network, "links: {expressroute-1-primary: {state: up}}", then=30)
    assert [line[1:3] for line in rows(network)] == ["*>"]
    network.clock.advance(600)
    assert [line[1:3] for line in rows(network)] == ["*>"]


def test_who_says_goodbye_is_not_waited_for(network: Simulation) -> None:
    change(network, RESTARTS, then=60)
    change(
        network,
        """
routers:
  ce1-loc1:
    configure: |
      router bgp 65021
       address-family ipv4 vrf 30
        neighbor 192.168.30.18 shutdown
""",
    )
    assert rows(network) == []
    assert all(not route.best or route.local for route in network.far_end("msee-1-primary").routes() if route.peer)


def test_a_neighbor_can_be_left_out(network: Simulation) -> None:
    line = "neighbor 192.168.30.18 fall-over bfd"
    more = f"{line}\n        neighbor 192.168.30.18 ha-mode graceful-restart disable"
    change(network, RESTARTS.replace(line, more), then=60)
    assert "Graceful-Restart is disabled" in shown(network, f"show bgp vpnv4 unicast vrf 30 neighbors {MSEE}")


def test_a_reload_starts_with_what_was_saved(network: Simulation) -> None:
    change(
        network,
        """
routers:
  ce1-loc1:
    configure: |
      interface TenGigabitEthernet0/0/0.300
       description saved
    exec: ["write memory"]
""",
    )
    change(
        network,
        """
routers:
  ce1-loc1:
    configure: |
      interface TenGigabitEthernet0/0/0.300
       description not saved
    reload: {reason: power-on, outage: 4m, version: 17.12.4}
""",
        then=200,
    )
    assert network.absent(EDGE) == 40
    assert network.far_end("msee-1-primary").passed_on() == ()
    network.clock.advance(40 + 3600)
    version = shown(network, "show version")
    assert "uptime is 1 hour" in version
    assert "Last reload reason: power-on" in version
    assert "Version 17.12.4" in version
    config = shown(network, "show running-config")
    assert " description saved" in config
    assert "not saved" not in config
    assert answers(network)
    sessions = [each for each in network.router(EDGE).bgp_neighbors("30") if each.state == "Established"]
    assert len(sessions) == 3
    assert all(each.state_age is not None and 3500 < each.state_age < 3600 for each in sessions)
    assert "%SYS-5-RESTART" in shown(network, "show logging")


def test_nobody_gets_in_while_a_router_reloads(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("routers: {ce1-loc1: {reload: {outage: 12s}}}\n")

    async def live() -> list[bool]:
        lab = await service.start(service.Options(scenarios=(str(file),), speed=120), tmp_path / "lab.jsonl")
        server = lab.servers[EDGE]
        try:
            found = [server.faults.unreachable, lab.servers["ce2-loc1"].faults.unreachable]
            for _ in range(1000):
                if not server.faults.unreachable:
                    break
                await asyncio.sleep(0.01)
            found.append(lab.network.absent(EDGE) > 0)
            await lab.change(parse("routers: {ce1-loc1: {reload: {outage: 1d}}}", "later.yaml"))
            return [*found, server.faults.unreachable]
        finally:
            await lab.stop()

    assert asyncio.run(live()) == [True, False, False, True]

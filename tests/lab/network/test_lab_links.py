"""What links do to packets, in one direction or above a size, and what tunnels make of it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from pytest_azinterop.lab.apply import Applier
from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.exec.catalogue import catalogue
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest
from pytest_azinterop.lab.scenario_file import ScenarioError, parse

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
EDGE, MSEE, GATEWAY = "ce1-loc1", IPv4Address("192.168.30.18"), IPv4Address("10.10.30.254")


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def change(network: Simulation, scenario: str) -> None:
    applier, made = Applier(network, catalogue()), parse(scenario, "test.yaml")
    applier.check(made)
    applier.apply(made)


def marks(network: Simulation, repeat: int = 100, size: int = 100, target: str = "10.10.30.4") -> str:
    result = network.router(EDGE).ping(
        PingRequest(target, "30", source="Loopback130", repeat=repeat, size=size, df_bit=size > 100)
    )
    return "".join(each.mark for each in result.replies)


def errors(network: Simulation) -> tuple[int, int, int]:
    """What failed the checks of integrity and of replays, and all that the plain form shows."""
    (tunnel,) = network.router(EDGE).ipsec()
    return tunnel.counters.verify_failed, tunnel.counters.replay_failed, tunnel.counters.recv_errors


@pytest.mark.parametrize(
    ("effect", "most"),
    [
        ("loss_percent: 40, direction: from_azure", 75),
        ("loss_percent: 40", 55),
        ("damaged_percent: 40, direction: to_azure", 75),
        ("damaged_percent: 40, direction: from_ce1-loc1", 75),
        ("loss_percent: 40, above_bytes: 1000", 100),
        ("duplicate_percent: 40", 100),
    ],
)
def test_the_share_that_is_lost_follows_the_direction_and_the_size(network: Simulation, effect: str, most: int) -> None:
    change(network, f"links: {{expressroute-1-primary: {{{effect}}}}}")
    answered = marks(network).count("!")
    assert most - 30 < answered <= most


def test_delay_may_concern_one_direction_and_large_packets(network: Simulation) -> None:
    def milliseconds(size: int) -> float:
        result = network.router(EDGE).ping(PingRequest("10.10.30.4", "30", source="Loopback130", size=size))
        return max(each.rtt_ms or 0.0 for each in result.replies)

    before = milliseconds(1000)
    change(network, "links: {expressroute-1-primary: {delay_ms: 100, direction: from_azure, above_bytes: 500}}")
    assert milliseconds(100) < before + 2
    assert before + 95 < milliseconds(1000) < before + 110


def test_what_is_damaged_fails_the_check_of_integrity(network: Simulation) -> None:
    change(network, "links: {internet-loc1: {damaged_percent: 20, direction: to_azure}}")
    network.clock.advance(600)
    assert errors(network) == (0, 0, 0), "the gateway's, not the router's"
    change(network, "links: {internet-loc1: {damaged_percent: 20, direction: from_azure}}")
    network.clock.advance(600)
    verify, replay, all_ = errors(network)
    assert verify > 50
    assert (replay, all_) == (0, verify)
    log = [line.text for line in network.router(EDGE).log() if "IPSEC-3" in line.text]
    assert len(log) == 1
    assert "%IPSEC-3-HMAC_ERROR" in log[0]


@pytest.mark.parametrize(
    ("effect", "window", "counted"),
    [
        ("duplicate_percent: 20", 64, True),
        ("duplicate_percent: 20", 1024, True),
        ("late_percent: 20, late_by: 63", 64, False),
        ("late_percent: 20, late_by: 64", 64, True),
        ("late_percent: 20, late_by: 200", 1024, False),
    ],
)
def test_what_comes_twice_or_too_late_fails_the_check_of_replays(
    network: Simulation, effect: str, window: int, counted: bool
) -> None:
    change(
        network,
        f"""
routers: {{{EDGE}: {{configure: "crypto ipsec security-association replay window-size {window}"}}}}
links: {{internet-hub: {{{effect}, direction: from_hub-vpn}}}}
""",
    )
    network.clock.advance(600)
    verify, replay, _ = errors(network)
    assert verify == 0
    assert (replay > 50) is counted


@pytest.mark.parametrize(
    ("blocked", "sa", "pinged"),
    [("[udp/500]", False, False), ("[esp]", True, False), ("[udp/4500, icmp]", True, True)],
)
def test_a_filter_on_the_way_takes_what_it_names(network: Simulation, blocked: str, sa: bool, pinged: bool) -> None:
    change(network, f"links: {{internet-loc1: {{blocks: {blocked}, direction: from_azure}}}}")
    network.clock.advance(300)
    assert bool(network.router(EDGE).ipsec()[0].inbound) is sa
    assert ("!" in marks(network, 5, target="10.11.30.68")) is pinged
    change(network, "links: {internet-loc1: {blocks: []}}")
    network.clock.advance(60)
    assert "!" in marks(network, 5, target="10.11.30.68")


def test_a_filter_of_tcp_takes_the_session_and_leaves_the_pings(network: Simulation) -> None:
    change(network, "links: {expressroute-1-primary: {blocks: [tcp/179]}}")
    network.clock.advance(300)
    states = {str(each.address): each.state for each in network.router(EDGE).bgp_neighbors("30")}
    assert states[str(MSEE)] != "Established"
    assert "!" in "".join(each.mark for each in network.router(EDGE).ping(PingRequest(str(MSEE), "30")).replies)


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ("direction: from_azure", "say which packets something happens to"),
        ("late_by: 5", "late_by belongs to late_percent"),
        ("blocks: [isakmp]", "not a protocol"),
        (
            "loss_percent: 3, direction: from_nowhere",
            "yaml:1: links.internet-loc1.direction: this link has from_ce1",
        ),
    ],
)
def test_what_would_have_no_effect_is_refused(network: Simulation, effect: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        change(network, f"links: {{internet-loc1: {{{effect}}}}}")


def test_loss_trips_an_impatient_dead_peer_detection(network: Simulation) -> None:
    def generations(hours: int) -> int:
        """How many IKE SAs there were."""
        found = set()
        for _ in range(hours * 12):
            network.clock.advance(300)
            found |= {each.local_spi for each in network.router(EDGE).ike_sas()}
        return len(found)

    assert generations(1) == 1
    change(network, "links: {internet-loc1: {loss_percent: 25}}")
    patient = generations(1)
    change(
        network,
        f"""
routers:
  {EDGE}:
    configure: |
      crypto ikev2 profile {next(iter(network.nodes[EDGE].settings.crypto.profiles))}
       dpd 10 2 periodic
""",
    )
    assert patient == 1
    assert generations(3) > 1


def test_broken_frames_are_counted_at_the_port_and_dropped(network: Simulation) -> None:
    def counted() -> tuple[int, int, int]:
        ports = {each.name: each.counters for each in network.router(EDGE).interfaces()}
        port, part = ports["TenGigabitEthernet0/0/0"], ports["TenGigabitEthernet0/0/0.300"]
        return port.in_errors, part.in_errors, port.in_packets

    change(network, "links: {expressroute-1-primary: {crc_percent: 25, direction: from_azure}}")
    before = counted()
    network.clock.advance(1000)
    broken, part, packets = (after - earlier for after, earlier in zip(counted(), before, strict=True))
    assert broken == pytest.approx(packets / 3, rel=0.02)
    assert broken > 100
    assert part == 0
    assert 45 < marks(network).count("!") < 95
    network.router(EDGE).clear_counters(None)
    assert counted()[0] == 0


def test_a_nat_in_front_of_the_router_is_found_by_ike(network: Simulation) -> None:
    change(
        network,
        f"""
routers:
  {EDGE}:
    configure: |
      interface Loopback30
       ip address 10.99.0.1 255.255.255.255
      crypto ikev2 policy Cust30-azure-policy
       match address local 10.99.0.1
far_ends:
  internet: {{nat: [{{inside: 10.99.0.1, outside: 66.198.12.106}}]}}
""",
    )
    network.clock.advance(300)
    (sa,) = network.router(EDGE).ike_sas()
    assert (sa.status, str(sa.local), sa.local_port, sa.nat_detected) == ("READY", "10.99.0.1", 4500, True)
    assert "!" in marks(network, 5, target="10.11.30.68")


def test_a_nat_needs_a_way_to_its_inside(network: Simulation) -> None:
    with pytest.raises(ScenarioError, match=r"yaml:1: far_ends\.internet: nat: no static route of internet"):
        change(network, "far_ends: {internet: {nat: [{inside: 10.99.0.1, outside: 192.0.2.1}]}}")

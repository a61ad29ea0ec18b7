"""Packet sizes and round-trip times along a path: what fits, what is lost, who says so, and how long it takes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.packet_size import encrypted, plaintext_mtu
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest

PUBLISHED = Path(__file__).parents[3] / "pytest_azinterop" / "lab" / "data" / "published"
START = datetime(2026, 3, 2, tzinfo=UTC)
HUB = "10.10.30.4"
CBC, GCM, TRIPLE = ("esp-aes", "256", "esp-sha-hmac"), ("esp-gcm", "256"), ("esp-3des", "esp-sha-hmac")


@pytest.fixture
def network() -> Simulation:
    return Simulation(PUBLISHED, Clock(START, speed=0))


@pytest.fixture
def edge(network: Simulation) -> Router:
    return network.router("ce1-loc1")


def configure(router: Router, *lines: str) -> None:
    editor = router.configure("someone")
    for line in lines:
        reply = editor.apply(line)
        assert reply.ok, (line, reply)
    editor.apply("end")


def marks(router: Router, size: int, target: str = HUB, *, df: bool = True) -> str:
    found = router.ping(PingRequest(target, "30", source="Loopback130", size=size, repeat=3, df_bit=df))
    assert found.error is None
    return "".join(reply.mark for reply in found.replies)


def times(router: Router, target: str = HUB) -> list[float]:
    found = router.ping(PingRequest(target, "30", source="Loopback130", repeat=20))
    return [reply.rtt_ms for reply in found.replies if reply.rtt_ms is not None]


def over_vpn(router: Router) -> None:
    configure(router, "interface TenGigabitEthernet0/0/0.300", "shutdown")
    router._simulation.clock.advance(200)  # the far side holds its session until then


@pytest.mark.parametrize(
    ("path", "transform", "udp", "expected"),
    [
        (1500, CBC, False, 1438), (1500, CBC, True, 1422), (1500, GCM, False, 1446), (1500, TRIPLE, False, 1446),
        (1500, ("esp-aes", "256", "esp-sha256-hmac"), False, 1438), (1400, CBC, False, 1342),
    ],
)  # fmt: skip
def test_plaintext_mtu_as_routers_print_it(path: int, transform: tuple[str, ...], udp: bool, expected: int) -> None:
    assert plaintext_mtu(path, transform, udp=udp) == expected


@given(st.integers(600, 9000), st.sampled_from([CBC, GCM, TRIPLE]), st.booleans())
def test_the_largest_packet_fits_and_the_next_does_not(path: int, transform: tuple[str, ...], udp: bool) -> None:
    largest = plaintext_mtu(path, transform, udp=udp)
    assert encrypted(largest, transform, udp=udp) <= path < encrypted(largest + 1, transform, udp=udp)


def test_over_expressroute_a_full_packet_passes(edge: Router) -> None:
    assert marks(edge, 1500) == "!!!"
    assert marks(edge, 1501) == "MMM"
    assert marks(edge, 4000, df=False) == "!!!"


def test_over_the_tunnel_its_mtu_counts(edge: Router) -> None:
    over_vpn(edge)
    assert marks(edge, 1438) == "!!!"
    assert marks(edge, 1439) == "MMM"
    assert marks(edge, 1500, df=False) == "!!!"
    configure(edge, "interface Tunnel30", "ip mtu 1400")
    assert marks(edge, 1401) == "MMM"
    assert marks(edge, 1400) == "!!!"


def test_the_tunnel_follows_the_port_below_it(edge: Router) -> None:
    configure(edge, "interface GigabitEthernet0/0/0", "ip mtu 1400")
    tunnel = edge.interface("Tunnel30")
    assert tunnel is not None
    assert tunnel.ip_mtu == 1342
    (identity,) = edge.ipsec()
    assert (identity.path_mtu, identity.plaintext_mtu) == (1400, 1342)
    over_vpn(edge)
    assert marks(edge, 1343) == "MMM"


@pytest.mark.parametrize("direction", ["from_azure", "to_azure", None])
def test_a_link_that_loses_large_packets_says_nothing(network: Simulation, edge: Router, direction: str | None) -> None:
    network.set_link("expressroute-1-primary", state="silent", direction=direction, above_bytes=1400)
    assert marks(edge, 1400) == "!!!"
    assert marks(edge, 1401) == "..."
    assert marks(edge, 1401, df=False) == "..."


def test_a_link_below_the_tunnel_loses_by_the_outer_size(network: Simulation, edge: Router) -> None:
    over_vpn(edge)
    network.set_link("internet-loc1", state="silent", direction="to_azure", above_bytes=1400)
    fits = plaintext_mtu(1400, CBC)
    assert marks(edge, fits) == "!!!"
    assert marks(edge, fits + 1) == "..."


def two_hops(tmp_path: Path) -> Simulation:
    """a - b - c: the link behind b takes less."""
    port = "interface GigabitEthernet{}\n ip address {} 255.255.255.0\n"
    routers = {
        "a": port.format(1, "10.0.0.1") + "ip route 10.1.0.0 255.255.0.0 10.0.0.2\n",
        "b": port.format(1, "10.0.0.2") + port.format(2, "10.1.0.1") + " ip mtu 1300\n",
        "c": port.format(1, "10.1.0.2") + "ip route 10.0.0.0 255.255.255.0 10.1.0.1\n",
    }
    for name, text in routers.items():
        (tmp_path / f"{name}.cfg").write_text(f"hostname {name}\n{text}end\n")

    def end(name: str, number: int) -> dict[str, str]:
        return {"router": name, "interface": f"GigabitEthernet{number}"}

    links = {
        "ab": {"ends": [end("a", 1), end("b", 1)], "delay_ms": 5},
        "bc": {"ends": [end("b", 2), end("c", 1)], "delay_ms": 10},
    }
    with (tmp_path / "topology.yaml").open("w") as stream:
        YAML(typ="safe").dump({"routers": {name: {} for name in routers}, "links": links}, stream)
    return Simulation(tmp_path, Clock(START, speed=0))


def far_marks(network: Simulation, size: int) -> str:
    found = network.router("a").ping(PingRequest("10.1.0.2", size=size, repeat=2, df_bit=True))
    return "".join(reply.mark for reply in found.replies)


def test_a_router_on_the_way_says_that_a_packet_is_too_big(tmp_path: Path) -> None:
    network = two_hops(tmp_path)
    assert far_marks(network, 1300) == "!!"
    assert far_marks(network, 1301) == "MM"
    configure(network.router("b"), "interface GigabitEthernet1", "no ip unreachables")
    assert far_marks(network, 1301) == ".."
    configure(network.router("b"), "interface GigabitEthernet1", "ip unreachables")
    assert far_marks(network, 1301) == "MM"


def test_round_trips_add_the_delays_of_the_links(tmp_path: Path) -> None:
    network = two_hops(tmp_path)
    found = network.router("a").ping(PingRequest("10.1.0.2", repeat=50))
    measured = [reply.rtt_ms for reply in found.replies if reply.rtt_ms is not None]
    assert len(measured) == 50
    assert 30 <= min(measured) < max(measured) <= 31.5


def test_round_trips_tell_expressroute_from_the_tunnel(network: Simulation, edge: Router) -> None:
    direct = times(edge)
    over_vpn(edge)
    tunnelled = times(edge)
    assert max(direct) < min(tunnelled)
    network.set_link("internet-loc1", delay_ms=40)
    assert min(times(edge)) >= 80


def test_an_unnumbered_tunnel_speaks_from_the_address_that_it_borrows(edge: Router) -> None:
    borrowed = "10.2.30.99"
    configure(
        edge,
        "interface Loopback99",
        "ip vrf forwarding 30",
        f"ip address {borrowed} 255.255.255.255",
        "interface Tunnel30",
        "no ip address",
        "ip unnumbered Loopback99",
    )
    found = edge.ping(PingRequest(HUB, "30", source="Tunnel30", repeat=2))
    assert (found.error, str(found.source)) == (None, borrowed)
    configure(edge, "interface Loopback99", "no ip address")
    refused = edge.ping(PingRequest(HUB, "30", source="Tunnel30", repeat=2))
    assert refused.error == "% Invalid source interface - IP not enabled or interface is down"

"""A static NAT between a router and its gateway: IKE finds it, the tunnel works through it."""

from __future__ import annotations

import shutil
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.simulation import Simulation

VARIANT = Path(__file__).parents[2] / "variants" / "behind-nat" / "network"


def test_a_tunnel_through_a_nat_uses_port_4500() -> None:
    router = Simulation(VARIANT, Clock()).router("nat-ce")
    (sa,) = router.ike_sas()
    assert (sa.status, sa.local, sa.local_port, sa.remote_port) == ("READY", IPv4Address("192.168.100.2"), 4500, 4500)
    assert (sa.nat_detected, sa.nat_outside) == (True, False)
    (identity,) = router.ipsec()
    assert {each.mode for each in (*identity.inbound, *identity.outbound)} == {"Tunnel UDP-Encaps"}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("outside: 198.51.100.19", "outside: 198.51.100.20"),
        ("inside: 192.168.100.2", "inside: 192.168.100.3"),
    ],
)
def test_a_nat_that_translates_to_another_address_leaves_no_tunnel(was: str, now: str, tmp_path: Path) -> None:
    network = shutil.copytree(VARIANT, tmp_path / "network")
    topology = (network / "topology.yaml").read_text()
    assert was in topology
    (network / "topology.yaml").write_text(topology.replace(was, now))
    router = Simulation(network, Clock()).router("nat-ce")
    assert [sa.status for sa in router.ike_sas()] != ["READY"]

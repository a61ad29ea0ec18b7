"""Which sessions an object concerns, in the shipped inventory."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_azinterop.intent.concerned import Concerned
from pytest_azinterop.intent.loader import load

EXPECTATIONS = load(Path(__file__).parents[2] / "inventory" / "lab", rules={}).expectations
ER, ER_2, VPN = "ce1-loc1/vrf-30/192.168.30.18", "ce2-loc1/vrf-30/192.168.30.22", "ce1-loc1/vrf-30/10.10.30.254"


@pytest.mark.parametrize(
    ("object_", "sessions"),
    [
        (ER, {ER}),
        ("ce1-loc1/TenGigabitEthernet0/0/0.300", {ER}),
        ("ce1-loc1/Tunnel30", {VPN}),
        ("ce1-loc1/vrf-30/Tunnel30", {VPN}),
        ("circuit/expressroute-1/primary", {ER}),
        ("circuit/expressroute-1", {ER, ER_2}),
        ("gateway/hub-vpn", {VPN}),
        ("gateway/branch-vpn", {VPN}),
        ("gateway/hub-er", {ER, ER_2}),
        ("connection/hub-to-loc1", {VPN}),
        ("subnet/branch-workloads", {VPN}),
        ("subnet/remote-workloads", {ER, ER_2}),
        ("no-such-thing", set()),
    ],
)
def test_an_object_concerns_its_sessions(object_: str, sessions: set[str]) -> None:
    found = {each for each in Concerned(EXPECTATIONS).by(object_) if "loc1" in each}
    assert found == sessions


def test_a_site_concerns_all_of_its_sessions_and_those_of_its_routers() -> None:
    found = Concerned(EXPECTATIONS).by("customer-30/loc1")
    assert {ER, ER_2, VPN} <= found
    assert all("loc1" in each for each in found)
    assert Concerned(EXPECTATIONS).by("customer-30/loc1/ce1-loc1") == found


def test_what_a_router_has_besides_concerns_all_sessions_of_it() -> None:
    assert Concerned(EXPECTATIONS).by("ce1-loc1/route-map ANY") == Concerned(EXPECTATIONS).by("ce1-loc1")

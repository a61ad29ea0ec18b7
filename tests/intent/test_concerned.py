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


LAN, SITE = "ce1-loc1/TenGigabitEthernet1/0/0.30", "customer-30/loc1"
REACH = "ce1-loc1/vrf-30/hub/10.10.30.4"


def common(one: tuple[str, str, str], other: tuple[str, str, str]) -> frozenset[str]:
    of = Concerned(EXPECTATIONS).of
    return of(*one) & of(*other)


def test_an_interface_towards_the_site_takes_no_session_down() -> None:
    for shut in (("interface.state", "shut", LAN), ("lan.ospf", "passive", LAN)):
        assert not common(shut, ("bgp.state", "idle", ER))
        assert not common(shut, ("routes.received", "missing", ER))
        assert not common(shut, ("site.preference", "no-path", SITE))
        assert common(shut, ("lan.ospf", "missing", LAN))
        assert common(shut, ("lan.external-routes", "missing", LAN))
        assert common(shut, ("routes.announced", "missing", ER))
        assert common(shut, ("sides.reach", "no-way-home", SITE))
        assert common(shut, ("reach.answer", "no-answer", REACH))
        assert not common(shut, ("routes.announced", "missing", "ce2-loc1/vrf-30/192.168.30.22"))
    assert common(("bgp.state", "idle", ER), ("lan.external-routes", "nothing-to-tell", LAN))
    uplink = ("interface.state", "shut", "ce1-loc1/TenGigabitEthernet0/0/0.300")
    assert common(uplink, ("bgp.state", "idle", ER))


def test_a_backup_is_lost_with_the_role_that_backs_up() -> None:
    for backup in (("site.backup", "missing", f"{SITE}/ce1-loc1"), ("sides.backup", "session-down", SITE)):
        assert common(("bgp.state", "idle", VPN), backup)
        assert not common(("bgp.state", "idle", ER), backup)
    assert common(("bgp.state", "idle", ER), ("sides.path", "site-missing", SITE))


def test_what_another_site_announces_concerns_whom_it_draws_from() -> None:
    drawn, there = ("sides.path", "azure-other-site", SITE), "ce1-loc2/vrf-31/192.168.31.18"
    assert common(drawn, ("routes.announced", "undeclared", there))
    assert common(drawn, ("azure.connection-weight", "other-weight", "connection/hub-er2"))
    assert not common(drawn, ("routes.announced", "missing", there))
    assert not common(("sides.path", "azure-missing", SITE), ("routes.announced", "undeclared", there))


def test_a_site_concerns_all_of_its_sessions_and_those_of_its_routers() -> None:
    found = Concerned(EXPECTATIONS).by("customer-30/loc1")
    assert {ER, ER_2, VPN} <= found
    assert all("loc1" in each for each in found)
    assert Concerned(EXPECTATIONS).by("customer-30/loc1/ce1-loc1") == found


def test_what_a_router_has_besides_concerns_all_sessions_of_it() -> None:
    assert Concerned(EXPECTATIONS).by("ce1-loc1/route-map ANY") == Concerned(EXPECTATIONS).by("ce1-loc1")


def test_both_ends_of_an_internal_session_concern_the_same() -> None:
    ends = [
        ("bgp.state", "idle", f"{each}") for each in ("ce1-loc1/vrf-30/192.168.30.3", "ce2-loc1/vrf-30/192.168.30.2")
    ]
    assert common(*ends) == Concerned(EXPECTATIONS).by(ends[0][2]) == {each for _, _, each in ends}

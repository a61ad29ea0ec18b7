"""What this router's own configuration and routing table say of a session that is not Established."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from verify.verify_records import CONFIG_TEXT, ER, GATEWAY, RIB, VPN, config, neighbor, rib, rib_route

from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import causality, session
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.observed import ObservedSession

NULL = NextHop(None, "Null0")
LINK = rib_route("172.20.1.0/30", NextHop(None, "TenGigabitEthernet0/0/1.120"), protocol="C")
DISCARD = rib_route("172.20.1.2/32", NULL, protocol="S")
AGGREGATE = rib_route("172.16.0.0/12", NULL, protocol="S")
V6 = replace(ER, neighbor=ip_address("2001:db8:1::2"), local_address=ip_address("2001:db8:1::1"))


def judged(expected: Any = ER, text: str = CONFIG_TEXT, routes: Any = (LINK,), **changes: Any) -> Finding:
    near = neighbor(expected, **({"state": "Active"} | changes))
    observed = ObservedSession(near, (), config(text), rib=rib((*RIB, *routes)))
    (found,) = session.state(expected, observed)
    return found


def test_a_discard_route_to_the_neighbor_is_the_cause() -> None:
    found = judged(routes=(LINK, DISCARD))
    assert (found.cause, found.next_command) == ("null-route", "show ip route vrf blue 172.20.1.2")
    assert "S route 172.20.1.2/32 to Null0 discards" in str(found.likely)


@pytest.mark.parametrize("routes", [(LINK,), (LINK, AGGREGATE), (AGGREGATE,), (DISCARD,)])
def test_a_discard_route_that_decides_nothing_is_none(routes: Any) -> None:
    assert judged(routes=routes).cause == "no-connection"


def test_a_router_that_does_not_route_ipv6_has_no_session_over_it() -> None:
    assert judged(V6).cause == "no-ipv6-routing"
    assert judged(V6, CONFIG_TEXT.replace("\nend\n", "\nipv6 unicast-routing\nend\n")).cause == "no-connection"
    assert judged(ER).cause == "no-connection"


def test_an_external_neighbor_beyond_the_link_needs_multihop() -> None:
    without = CONFIG_TEXT.replace(f"  neighbor {GATEWAY} ebgp-multihop 2\n", "")
    assert without != CONFIG_TEXT
    assert judged(VPN, without).cause == "no-multihop"
    assert judged(VPN).cause == "no-connection"
    assert judged(ER, without).cause == "no-connection"


@pytest.mark.parametrize("vrf", ["", " vrf forwarding green\n"], ids=["none", "another"])
def test_a_link_in_another_vrf_is_no_matter_of_multihop(vrf: str) -> None:
    here = " vrf forwarding blue\n ip address 172.20.1.1 "
    assert CONFIG_TEXT.count(here) == 1
    moved = CONFIG_TEXT.replace(here, f"{vrf} ip address 172.20.1.1 ")
    assert judged(text=moved).cause == "no-connection"
    assert judged(text=moved.replace(" ip address 172.20.1.1 255.255.255.252\n", "")).cause == "no-multihop"


def test_a_password_is_named_beside_the_connection_that_does_not_come_about() -> None:
    signed = CONFIG_TEXT.replace(
        "  neighbor 172.20.1.2 activate\n", "  neighbor 172.20.1.2 activate\n  neighbor 172.20.1.2 password <removed>\n"
    )
    found = judged(text=signed)
    assert found.cause == "no-connection"
    assert str(found.likely).endswith("signs with a password, and drops what the neighbor does not sign alike")
    assert "password" not in str(judged().likely)


def test_what_the_neighbor_has_told_stands() -> None:
    assert judged(routes=(LINK, DISCARD), shutdown=True).cause == "shutdown"


def test_bfd_that_waits_for_bgp_follows_from_it() -> None:
    waits, down = ("bfd.state", "bgp-down", ER.id), ("bgp.state", "null-route", ER.id)
    assert causality.may_follow(waits, down)
    assert not causality.may_follow(("bgp.state", "idle", ER.id), waits)
    assert causality.may_follow(("bgp.state", "idle", ER.id), ("bfd.state", "down", ER.id))

"""Routes of Microsoft peering in the routing table: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from verify.verify_records import ER, MSEE, neighbor, path, prefixes, rib, rib_route, routes

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.microsoft_routes import ObservedMicrosoftRoutes, used

FIRST, SECOND = "13.107.6.152/31", "52.96.0.0/14"
MICROSOFT = replace(ER, role="microsoft", receive=prefixes(FIRST, within=["52.0.0.0/8"]))
BY_BGP = [rib_route(each, str(MSEE)) for each in (FIRST, SECOND)]
NULL = NextHop(None, "Null0")


def judged(*rows: Any, state: str = "Established", accepted: tuple[str, ...] = (FIRST, SECOND)) -> list[Finding]:
    brought = routes("accepted", MSEE, [path(each) for each in accepted])
    return used(MICROSOFT, ObservedMicrosoftRoutes(neighbor(MICROSOFT, state=state), brought, rib(rows)))


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ([rib_route(FIRST, NULL, protocol="S"), BY_BGP[1]], "static"),
        ([rib_route(FIRST, "10.7.0.9", protocol="O", codes="O E2"), BY_BGP[1]], "other-protocol"),
        ([*BY_BGP, rib_route("13.107.6.152/32", NULL, protocol="S")], "more-specific-static"),
        ([*BY_BGP, rib_route("52.98.0.0/16", "10.7.0.9", protocol="O")], "more-specific-other-protocol"),
        (
            [*BY_BGP, rib_route("52.98.0.1/32", NextHop(None, "Loopback9"), protocol="C")],
            "more-specific-other-protocol",
        ),
        (BY_BGP[:1], "not-installed"),
    ],
)
def test_what_takes_a_prefix_away_is_found(rows: list[Any], cause: str) -> None:
    (found,) = judged(*rows)
    assert (found.rule, found.cause, found.object) == ("routes.microsoft", cause, MICROSOFT.id)


def test_what_takes_nothing_away_is_no_finding() -> None:
    others = [rib_route("0.0.0.0/0", NULL, protocol="S"), rib_route("192.0.2.0/24", NULL, protocol="S")]
    assert judged(*BY_BGP, *others, rib_route("52.97.0.0/24", "10.7.0.9")) == []
    undeclared = rib_route("203.0.113.0/24", NULL, protocol="S")
    assert judged(*BY_BGP, undeclared, accepted=(FIRST, SECOND, "203.0.113.0/24")) == []
    assert judged(*BY_BGP, rib_route(FIRST, NULL, protocol="S")) != []


def test_the_peering_s_own_subnet_is_left_out() -> None:
    inside = replace(MICROSOFT, receive=prefixes(within=["172.20.0.0/16"]))
    brought = routes("accepted", MSEE, [path("172.20.0.0/16")])
    link = [
        rib_route("172.20.0.0/16", str(MSEE)),
        rib_route("172.20.1.0/30", NextHop(None, "Te0"), protocol="C"),
        rib_route("172.20.1.1/32", NextHop(None, "Te0"), protocol="L"),
    ]
    assert ip_network("172.20.1.0/30").num_addresses == 4
    assert used(inside, ObservedMicrosoftRoutes(neighbor(inside), brought, rib(link))) == []


def test_without_a_session_that_is_said_and_of_another_table_nothing() -> None:
    assert {each.rule for each in judged(*BY_BGP, state="Idle")} == {"bgp.state"}
    brought = routes("accepted", MSEE, [path(FIRST)])
    missing = used(MICROSOFT, ObservedMicrosoftRoutes(None, brought, rib(BY_BGP)))
    assert {each.rule for each in missing} == {"bgp.neighbor"}
    with pytest.raises(UndeterminedError):
        used(MICROSOFT, ObservedMicrosoftRoutes(neighbor(MICROSOFT), brought, replace(rib(BY_BGP), vrf="other")))

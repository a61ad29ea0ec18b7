"""Where a router sends what Azure sends to the site: one change of what agrees at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from verify.sides_records import SIDES, sides
from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    HOST_ROUTE,
    LOCAL,
    MSEE,
    OWN,
    PAIR,
    RIB,
    SITE,
    VPN,
    edge_a,
    edge_b,
    neighbor,
    path,
    prefixes,
    rib,
    rib_route,
    site,
    site_router,
    table,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import scope
from pytest_azinterop.verify.own_prefixes import lead_to_lan
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import matrix, verdict

RULE = "site.own-prefixes"
LAN = "TenGigabitEthernet0/0/2.12"
EXPECTED = replace(SITE, owned=prefixes(OWN), lan=(("edge-a", LAN),))
SPACE = replace(EXPECTED, owned=prefixes(within=[OWN]))
TWO = replace(PAIR, owned=prefixes(OWN), lan=(("edge-a", LAN),))
NULL = NextHop(None, "Null0")
AZURE = RIB[:-1]
HOME = rib_route(OWN, NextHop(None, LAN), protocol="O")
SUBNET = rib_route("10.7.0.0/26", NextHop(None, LAN), protocol="O")
DISCARD = rib_route(OWN, NULL, protocol="S")
LOOPBACK = rib_route("10.7.0.126/32", NextHop(None, "Loopback9"), protocol="C")
LINK = rib_route("10.7.9.0/30", NextHop(None, "TenGigabitEthernet0/0/3.12"), protocol="C")


def with_routes(*routes: Any, **changes: Any) -> Any:
    return site(site_router(rib=rib((*AZURE, *routes)), **changes))


ASTRAY: dict[str, tuple[Any, Callable[[], Any], str]] = {
    "no session": (
        EXPECTED,
        lambda: site(site_router(neighbors=(neighbor(ER, state="Idle"), neighbor(VPN, state="Idle")))),
        "no-session",
    ),
    "discarded": (EXPECTED, lambda: with_routes(DISCARD), "null-route"),
    "discarded, and the router's own address inside": (EXPECTED, lambda: with_routes(DISCARD, LOOPBACK), "null-route"),
    "a part is discarded": (
        EXPECTED,
        lambda: with_routes(HOME, rib_route("10.7.0.0/25", NULL, protocol="S")),
        "null-route",
    ),
    "a part that the LAN has is discarded, around a part of it": (
        EXPECTED,
        lambda: with_routes(HOME, rib_route("10.7.0.0/25", NULL, protocol="S"), SUBNET),
        "null-route",
    ),
    "a host is discarded": (
        EXPECTED,
        lambda: with_routes(HOME, rib_route("10.7.0.9/32", NULL, protocol="S")),
        "null-route",
    ),
    "discarded, around the link to the LAN alone": (
        EXPECTED,
        lambda: with_routes(DISCARD, rib_route("10.7.0.0/31", NextHop(None, LAN), protocol="C")),
        "null-route",
    ),
    "what is around it is discarded": (
        EXPECTED,
        lambda: with_routes(rib_route("10.0.0.0/8", NULL, protocol="S")),
        "null-route",
    ),
    "a part of the space is discarded": (
        SPACE,
        lambda: with_routes(HOME, rib_route("10.7.0.0/25", NULL, protocol="S")),
        "null-route",
    ),
    "static to another interface": (
        EXPECTED,
        lambda: with_routes(HOME, rib_route("10.7.0.0/25", NextHop(None, "GigabitEthernet9"), protocol="S")),
        "other-interface",
    ),
    "network of a loopback": (
        EXPECTED,
        lambda: with_routes(HOME, rib_route("10.7.0.0/26", NextHop(None, "Loopback9"), protocol="C")),
        "other-interface",
    ),
    "next hop in another VRF": (
        EXPECTED,
        lambda: with_routes(rib_route(OWN, NextHop(MSEE, None, vrf="red"), protocol="S")),
        "other-interface",
    ),
    "one of two ways elsewhere": (
        EXPECTED,
        lambda: with_routes(rib_route(OWN, NextHop(None, LAN), NextHop(None, "GigabitEthernet9"), protocol="O")),
        "other-interface",
    ),
    "back to Azure": (
        EXPECTED,
        lambda: with_routes(
            rib_route(OWN, MSEE), rib_route("172.20.1.0/30", NextHop(None, ER.interface), protocol="C")
        ),
        "to-azure",
    ),
    "not in the routing table": (EXPECTED, with_routes, "no-route"),
    "only the default route": (
        EXPECTED,
        lambda: with_routes(rib_route("0.0.0.0/0", NextHop(None, "GigabitEthernet9"), protocol="S")),
        "no-route",
    ),
    "round between two routers": (
        TWO,
        lambda: site(
            edge_a(rib=rib((*AZURE, rib_route(OWN, "10.7.9.2")))), edge_b(rib=rib((*AZURE, rib_route(OWN, "10.7.9.1"))))
        ),
        "no-lan",
    ),
    "a part goes round between two routers": (
        TWO,
        lambda: site(
            edge_a(rib=rib((*AZURE, HOME, rib_route("10.7.0.0/26", "10.7.9.2", protocol="S")))),
            edge_b(rib=rib((*AZURE, rib_route(OWN, "10.7.9.1"), HOST_ROUTE))),
        ),
        "loop",
    ),
}
HOMEWARD: dict[str, tuple[Any, Callable[[], Any]]] = {
    "connected": (EXPECTED, site),
    "routed": (EXPECTED, lambda: with_routes(HOME, LOOPBACK)),
    "by a static route to a next hop on the LAN": (
        EXPECTED,
        lambda: with_routes(
            rib_route(OWN, "172.20.9.1", protocol="S"),
            rib_route("172.20.9.0/30", NextHop(None, LAN), protocol="C"),
        ),
    ),
    "discarded around a route of the LAN": (EXPECTED, lambda: with_routes(DISCARD, SUBNET)),
    "a default route towards the LAN": (
        EXPECTED,
        lambda: with_routes(rib_route("0.0.0.0/0", NextHop(None, LAN), protocol="O")),
    ),
    "parts of it alone": (EXPECTED, lambda: with_routes(SUBNET)),
    "not announced": (
        EXPECTED,
        lambda: with_routes(DISCARD, table=table(each for each in ER_ACCEPTED if each is not LOCAL)),
    ),
    "Azure's inside": (
        replace(EXPECTED, owned=prefixes("10.0.0.0/8")),
        lambda: with_routes(rib_route("10.0.0.0/8", NextHop(None, LAN), protocol="O")),
    ),
    "another site's inside": (
        replace(EXPECTED, elsewhere=frozenset({ip_network("10.7.0.128/25")})),
        lambda: with_routes(HOME, rib_route("10.7.0.128/25", MSEE)),
    ),
    "over the other router": (
        TWO,
        lambda: site(
            edge_a(rib=rib((*AZURE, HOME))), edge_b(rib=rib((*AZURE, rib_route(OWN, "10.7.9.1"), HOST_ROUTE)))
        ),
    ),
    "over the link to the other router": (
        replace(TWO, links=(("edge-b", "TenGigabitEthernet0/0/3.12"),)),
        lambda: site(
            edge_a(rib=rib((*AZURE, HOME))), edge_b(rib=rib((*AZURE, LINK, rib_route(OWN, "10.7.9.2", protocol="O"))))
        ),
    ),
    "over the link that an internal neighbor is on": (
        TWO,
        lambda: site(
            edge_a(rib=rib((*AZURE, HOME))),
            edge_b(rib=rib((*AZURE, LINK, rib_route(OWN, LINK.next_hops[0], protocol="O")))),
        ),
    ),
    "the link between the routers inside": (
        replace(TWO, owned=prefixes("10.7.0.0/16")),
        lambda: site(
            edge_a(rib=rib((*AZURE, rib_route("10.7.0.0/16", NextHop(None, LAN), protocol="O"), LINK))),
            edge_b(rib=rib((*AZURE, rib_route("10.7.0.0/16", "10.7.9.1"), LINK))),
        ),
    ),
    "no LAN declared": (SITE, lambda: with_routes(DISCARD)),
}


@pytest.mark.parametrize("name", ASTRAY)
def test_what_does_not_get_to_the_lan_is_told(name: str) -> None:
    expected, observed, cause = ASTRAY[name]
    (found,) = lead_to_lan(expected, observed())
    assert (found.rule, found.cause, found.severity) == (RULE, cause, "critical")
    assert found.evidence
    assert ", expected " in found.message


@pytest.mark.parametrize("name", HOMEWARD)
def test_what_gets_there_has_no_finding(name: str) -> None:
    expected, observed = HOMEWARD[name]
    assert lead_to_lan(expected, observed()) == []


def test_a_router_that_draws_no_packet_is_not_judged() -> None:
    """Its sessions are down, or it is not told of: what another one does is enough."""
    idle = edge_b(neighbors=(neighbor(PAIR.sessions[1], state="Idle"), neighbor(PAIR.internal[1])))
    lost = replace(idle, rib=rib((*AZURE, DISCARD)))
    assert lead_to_lan(TWO, site(edge_a(rib=rib((*AZURE, HOME))), lost)) == []
    (found,) = lead_to_lan(TWO, site(edge_a(rib=rib((*AZURE, HOME))), edge_b(rib=rib((*AZURE, DISCARD)))))
    assert (found.object, found.cause) == ("blue/north/edge-b", "null-route")


def test_part_of_a_prefix_draws_packets_as_well() -> None:
    part = path("10.7.0.0/25", "0.0.0.0", weight=32768)
    assert [each.cause for each in lead_to_lan(EXPECTED, with_routes(DISCARD, table=table((part,))))] == ["null-route"]


def test_both_sides_end_at_the_lan_as_well() -> None:
    observed = sides(routers=with_routes(DISCARD))
    for judge in (matrix.reached, verdict.path):
        (found,) = judge(replace(SIDES, site=EXPECTED), observed)
        assert (found.rule, found.cause) == (RULE, "null-route")
        assert judge(replace(SIDES, site=EXPECTED), sides()) == []


def test_a_router_that_was_not_collected_is_no_pass() -> None:
    with pytest.raises(UndeterminedError, match="edge-b"):
        lead_to_lan(TWO, site(edge_a()))


def test_where_the_intent_names_no_lan_nothing_is_judged() -> None:
    assert scope.reason_not_judged(RULE, SITE)
    assert scope.reason_not_judged(RULE, replace(EXPECTED, owned=prefixes()))
    assert scope.reason_not_judged(RULE, EXPECTED) is None


def test_every_cause_has_a_case() -> None:
    assert {case[2] for case in ASTRAY.values()} == set(RULES[RULE].causes)

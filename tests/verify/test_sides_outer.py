"""A VPN that is carried by a circuit: on it, to the right address, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest
from verify import sides_records as agreeing
from verify.sides_records import FAR, HUB, SIDES, connection, effective_row, gateway_record, sides, without
from verify.verify_records import (
    ER,
    ER_ACCEPTED,
    GATEWAY,
    LOCAL,
    MSEE,
    OWN,
    RIB,
    SHARED,
    TUNNEL,
    VPN,
    VPN_ACCEPTED,
    decision,
    neighbor,
    rib,
    rib_route,
    site,
    site_router,
    table,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.sides import ExpectedCrypto
from pytest_azinterop.state.azure_gateway import GatewayIpConfiguration
from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides import outer
from pytest_azinterop.verify.sides.observed import ObservedCrypto

PRIVATE = IPv4Address("10.60.0.40")
INNER = replace(TUNNEL, peer=PRIVATE)
EXPECTED = ExpectedCrypto(INNER, "hub-site", "circuit-n", True, (ER,))
OVER_MICROSOFT = replace(EXPECTED, private=False)
OUT = replace(decision(NextHop(MSEE, ER.interface)), address=PRIVATE, vrf=None)
GATE = replace(
    gateway_record("hub-vpn", "Vpn", 64513, GATEWAY),
    private_address_enabled=True,
    ip_configurations=(GatewayIpConfiguration("default", None, None, PRIVATE),),
)
LINK = connection("hub-site", kind="IPsec", over_private_address=True)


def observed(**changes: Any) -> ObservedCrypto:
    return replace(ObservedCrypto(LINK, None, None, None, GATE, OUT), **changes)


CASES: dict[str, tuple[Any, Callable[[], Any], str]] = {
    "no route": (EXPECTED, lambda: observed(outer=replace(OUT, action="drop", next_hops=())), "no-route"),
    "over the Internet": (
        EXPECTED,
        lambda: observed(outer=replace(OUT, next_hops=(NextHop(IPv4Address("198.51.100.1"), "GigabitEthernet0/0/0"),))),
        "other-path",
    ),
    "one of two ways over the Internet": (
        EXPECTED,
        lambda: observed(outer=replace(OUT, next_hops=(*OUT.next_hops, NextHop(IPv4Address("198.51.100.1"), "Gi0")))),
        "other-path",
    ),
    "public address": (
        EXPECTED,
        lambda: observed(connection=replace(LINK, over_private_address=False)),
        "public-address",
    ),
    "private address over Microsoft peering": (OVER_MICROSOFT, observed, "private-address"),
    "gateway without private addresses": (
        EXPECTED,
        lambda: observed(gateway=replace(GATE, private_address_enabled=False)),
        "gateway-without-private",
    ),
    "another private address": (
        EXPECTED,
        lambda: observed(
            gateway=replace(
                GATE, ip_configurations=(GatewayIpConfiguration("x", None, None, IPv4Address("10.60.0.41")),)
            )
        ),
        "other-address",
    ),
}


def test_tunnel_on_the_circuit_has_no_finding() -> None:
    assert outer.outer_path(EXPECTED, observed()) == []
    microsoft = observed(connection=replace(LINK, over_private_address=False), gateway=None)
    assert outer.outer_path(OVER_MICROSOFT, microsoft) == []
    assert outer.outer_path(replace(EXPECTED, over=None), ObservedCrypto(None, None, None, None)) == []


@pytest.mark.parametrize("name", CASES)
def test_each_way_beside_it_has_its_cause(name: str) -> None:
    expected, seen, cause = CASES[name]
    found = outer.outer_path(expected, seen())
    assert [each.cause for each in found] == [cause]
    assert found[0].evidence
    assert ", expected " in found[0].message


def test_every_cause_has_a_case() -> None:
    assert {cause for _, _, cause in CASES.values()} == set(RULES["sides.outer-path"].causes)


MISSING: dict[str, Callable[[], Any]] = {
    "forwarding": lambda: observed(outer=None),
    "forwarding of another address": lambda: observed(outer=replace(OUT, address=IPv4Address("10.60.0.41"))),
    "forwarding of another table": lambda: observed(outer=replace(OUT, vrf="blue")),
    "connection": lambda: observed(connection=None),
    "its address": lambda: observed(connection=replace(LINK, over_private_address=None)),
    "gateway": lambda: observed(gateway=None),
    "addresses of the gateway": lambda: observed(gateway=replace(GATE, ip_configurations=())),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_evidence_raises(name: str) -> None:
    with pytest.raises(UndeterminedError):
        outer.outer_path(EXPECTED, MISSING[name]())


# In clear -----------------------------------------------------------------------------------------------------------

SECRET = replace(SIDES, networks=(replace(HUB, over=("vpn", "expressroute")), FAR), encrypted=True)
BEST = (replace(ER_ACCEPTED[0], best=False), ER_ACCEPTED[1], replace(VPN_ACCEPTED[0], best=True), VPN_ACCEPTED[1])
INSIDE = site(site_router(table=table((LOCAL, *BEST)), rib=rib((rib_route(SHARED, GATEWAY), *RIB[1:]))))
BACK = (*without(agreeing.HUB_EFFECTIVE, OWN), effective_row(OWN, GATEWAY))


def test_what_the_tunnel_carries_both_ways_is_not_in_clear() -> None:
    assert outer.clear_text(SECRET, sides(routers=INSIDE, hub=BACK)) == []
    assert outer.clear_text(SIDES, sides()) == []


def test_one_prefix_over_both_goes_in_clear() -> None:
    """Azure prefers ExpressRoute, and says nothing."""
    assert [each.cause for each in outer.clear_text(SECRET, sides(routers=INSIDE))] == ["from-azure"]
    assert [each.cause for each in outer.clear_text(SECRET, sides(hub=BACK))] == ["to-azure"]
    found = outer.clear_text(SECRET, sides())
    assert [each.cause for each in found] == ["to-azure", "from-azure"]
    assert all(str(SHARED) in each.message and each.evidence and each.next_command for each in found)


def test_nothing_in_clear_needs_evidence() -> None:
    down = site(site_router(neighbors=(neighbor(ER, state="Idle"), neighbor(VPN, state="Idle"))))
    assert [each.cause for each in outer.clear_text(SECRET, sides(routers=down))] == ["no-session"]
    for expected, seen in (
        (SECRET, sides(subnets=())),
        (SECRET, sides(routers=replace(site(), routers=()))),
        (replace(SECRET, networks=(FAR,)), sides()),
    ):
        with pytest.raises(UndeterminedError):
            outer.clear_text(expected, seen)

"""A way to Azure over the site's own network, by another edge router: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from verify.verify_records import (
    CONFIG_TEXT,
    ER_ACCEPTED,
    GATEWAY,
    HOST_ROUTE,
    MSEE,
    ONLY_ER,
    ONLY_VPN,
    PAIR,
    SHARED,
    config,
    edge_a,
    edge_b,
    rib,
    rib_route,
    site,
    table,
)

from pytest_azinterop.state.routing import NextHop
from pytest_azinterop.verify import overrule

LAN = "TenGigabitEthernet0/0/2.12"
EXPECTED = replace(PAIR, lan=(("edge-a", LAN), ("edge-b", LAN)))
OSPF = "!\nrouter ospf 12 vrf blue\n capability vrf-lite\n redistribute bgp 64900 subnets\n!\nend\n"
PLAIN = OSPF.replace(" capability vrf-lite\n", "")
ALONE = OSPF.replace(" redistribute bgp 64900 subnets\n", "")


def with_ospf(lines: str = OSPF) -> Any:
    return config(CONFIG_TEXT.replace("\nend\n", "\n" + lines))


def by_lan(interface: str = LAN, *, codes: str = "O E2", protocol: str = "O", **changes: Any) -> Any:
    """The backup router, which has the routes of ExpressRoute from the LAN."""
    over = [rib_route(each, NextHop(None, interface), protocol=protocol, codes=codes) for each in (SHARED, ONLY_ER)]
    values = {"rib": rib((*over, rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE)), "config": with_ospf()}
    return edge_b(**(values | changes))


def test_another_edge_router_behind_the_lan_is_a_way_to_azure() -> None:
    observed = site(edge_a(config=with_ospf()), by_lan())
    assert overrule.static(EXPECTED, observed) == []
    assert overrule.rib(EXPECTED, observed) == []
    assert overrule.more_specific(EXPECTED, observed) == []


def test_a_static_route_beside_those_of_the_other_edge_router_is_told() -> None:
    over = [rib_route(each, NextHop(None, LAN), protocol="O", codes="O E2") for each in (SHARED, ONLY_ER)]
    static = rib_route("10.60.0.128/25", NextHop(None, "Tunnel12"), protocol="S")
    routes = rib((*over, rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE, static))
    observed = site(edge_a(config=with_ospf()), by_lan(rib=routes))
    assert [each.cause for each in overrule.more_specific(EXPECTED, observed)] == ["static"]


@pytest.mark.parametrize(
    "routers",
    [
        (edge_a(config=with_ospf()), by_lan("GigabitEthernet0/0/7")),
        (edge_a(config=with_ospf()), by_lan(codes="O")),
        (edge_a(config=with_ospf()), by_lan(codes="S", protocol="S")),
        (edge_a(config=with_ospf()), by_lan(config=with_ospf(PLAIN))),
        (edge_a(config=with_ospf()), by_lan(config=replace(with_ospf(), whole=False))),
        (edge_a(config=with_ospf(ALONE)), by_lan()),
        (edge_a(config=with_ospf(), rib=rib((rib_route(ONLY_VPN, "10.7.9.2"),))), by_lan()),
        (edge_a(config=with_ospf(), table=table(replace(each, flags="r") for each in ER_ACCEPTED)), by_lan()),
        (edge_a(config=with_ospf(), neighbors=()), by_lan()),
    ],
    ids=[
        "out of another interface",
        "of the site itself",
        "static",
        "by a process that heeds the down bit",
        "by a configuration that was cut off",
        "from a router that tells the LAN nothing",
        "to a router without the route",
        "to a router that has not installed it",
        "to a router without a session",
    ],
)
def test_a_route_that_leads_elsewhere_is_none(routers: tuple[Any, Any]) -> None:
    """Only that of the backup router is asked about: what the other one lacks is a finding about itself."""
    found = [each for each in overrule.rib(EXPECTED, site(*routers)) if each.rule == "site.static"]
    assert any("edge-b" in each.object for each in found), found


def test_the_role_of_the_other_router_counts() -> None:
    """A route of the LAN that leads to the less preferred way is not what the intent wants."""
    routes = (rib_route(SHARED, MSEE), rib_route(ONLY_ER, MSEE))
    turned = rib((*routes, rib_route(ONLY_VPN, NextHop(None, LAN), protocol="O", codes="O E2")))
    good = site(edge_a(config=with_ospf(), rib=turned), edge_b(config=with_ospf()))
    assert overrule.static(EXPECTED, good) == []
    rest = (rib_route(ONLY_VPN, GATEWAY), rib_route(ONLY_ER, "10.7.9.1"), HOST_ROUTE)
    led = rib((rib_route(SHARED, NextHop(None, LAN), protocol="O", codes="O E2"), *routes[1:]))
    over_vpn = edge_b(config=with_ospf(), rib=rib((rib_route(SHARED, GATEWAY), *rest)), table=_vpn_best())
    found = overrule.static(EXPECTED, site(edge_a(config=with_ospf(), rib=led), over_vpn))
    assert [each.cause for each in found] == ["other-protocol"]


def _vpn_best() -> Any:
    paths = (
        replace(each, best=each.next_hop == GATEWAY) if each.prefix == SHARED else each for each in edge_b().table.paths
    )
    return table(paths)

"""One change of an agreeing observation at a time: each rule finds it, names its cause, and is silent before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from ipaddress import IPv4Address, IPv4Interface, ip_address, ip_network
from typing import Any

import pytest
from verify import verify_records as agreeing
from verify.verify_records import (
    DEVICE,
    ER,
    ESP,
    GATEWAY,
    IKE_SA,
    INTERFACE,
    MSEE,
    OBSERVED_DEVICE,
    OBSERVED_INTERFACE,
    ONLY_ER,
    ONLY_VPN,
    OWN,
    RIB,
    SHARED,
    SITE,
    TABLE,
    TUNNEL,
    TUNNEL_INTERFACE,
    VPN,
    config,
    config_adding,
    config_with,
    decision,
    er_policy,
    er_routes,
    identity,
    neighbor,
    observed_tunnel,
    observed_underlay,
    path,
    prefixes,
    rib,
    rib_route,
    routes,
    site,
    site_router,
    table,
    vpn_routes,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import LastReset
from pytest_azinterop.state.crypto import IpsecCounters
from pytest_azinterop.state.routing import NextHop, RouteMap, RouteMapEntry
from pytest_azinterop.verify import carriage, overrule, rules_router, rules_routing, rules_vpn
from pytest_azinterop.verify.observed import (
    ObservedFarEnd,
    ObservedInterface,
    ObservedRoutes,
    ObservedSession,
    ObservedTunnel,
    ObservedUnderlay,
)
from pytest_azinterop.verify.rules import RULES

VRF2 = agreeing.Vrf("red", "64900:13", (), source=agreeing.source("show vrf"))


def session(**changes: Any) -> ObservedSession:
    return ObservedSession(neighbor(ER, **changes), ())


THERE = replace(agreeing.source("show bgp vpnv4 unicast vrf blue neighbors"), host="edge-b")


def between(near: dict[str, Any] | None = None, **there: Any) -> ObservedSession:
    """A session that is not up, with what a router at its other end has of it."""
    far = ObservedFarEnd("edge-b", replace(neighbor(ER, state="Idle"), source=THERE, **there), THERE)
    return replace(session(state="Active", **(near or {})), far_end=far)


def interface(**changes: Any) -> ObservedInterface:
    return replace(OBSERVED_INTERFACE, interface=replace(OBSERVED_INTERFACE.interface, **changes))


def port(**changes: Any) -> ObservedInterface:
    """The port has counted something else."""
    before = OBSERVED_INTERFACE.port
    assert before is not None
    assert before.counters is not None
    return replace(OBSERVED_INTERFACE, port=replace(before, counters=replace(before.counters, **changes)))


def tunnel(**changes: Any) -> Any:
    return observed_tunnel(interface=replace(TUNNEL_INTERFACE, **changes))


def parameters(**changes: Any) -> Any:
    return tunnel(tunnel=replace(TUNNEL_INTERFACE.tunnel, **changes))


def ike(**changes: Any) -> Any:
    return observed_tunnel(ike=(replace(IKE_SA, **changes),))


def after(**changes: Any) -> Any:
    return observed_tunnel(after=(identity(105, 205, 2, **changes),))


def counted(encaps: int, decaps: int, **changes: Any) -> Any:
    """The later sample; the earlier one is 100 encaps, 200 decaps."""
    return observed_tunnel(after=(identity(encaps, decaps, 2),), **changes)


def er_accepted(*paths: Any, **changes: Any) -> Any:
    return er_routes(accepted=routes("accepted", MSEE, paths), **changes)


def sends(expected_neighbor: Any, *paths: Any) -> Any:
    return routes("advertised", expected_neighbor, [agreeing.LOCAL, *paths])


def worse(prefix: Any, **changes: Any) -> Any:
    """A path of ExpressRoute that lacks its local preference."""
    return path(prefix, MSEE, 64512, **changes)


def in_table(*paths: Any, **changes: Any) -> Any:
    return site(site_router(table=table(paths), **changes))


def test_each_route_that_defeats_the_preference_is_told() -> None:
    undeclared = path("10.60.0.0/26", "10.7.0.99", 65333)
    observed = in_table(
        *TABLE, undeclared, SPECIFIC, accepted=(routes("accepted", MSEE, agreeing.ER_ACCEPTED), WITH_SPECIFIC)
    )
    found = overrule.more_specific(SITE, observed)
    assert {each.cause for each in found} == {"undeclared-source", "less-preferred"}


def in_rib(*entries: Any) -> Any:
    return site(site_router(rib=rib(entries)))


NOT_RAISED = tuple(worse(prefix) for prefix in (SHARED, ONLY_ER))
LEAKED = path(ONLY_ER, MSEE, 64512, local_preference=300)
SPECIFIC = path("10.60.0.128/25", GATEWAY, 64513)
WITH_SPECIFIC = routes("accepted", GATEWAY, [*agreeing.VPN_ACCEPTED, SPECIFIC])
ER_AND = agreeing.routes("accepted", MSEE, agreeing.ER_ACCEPTED)
VPN_HEAVY = [replace(each, weight=100, best=True) for each in agreeing.VPN_ACCEPTED]
DOWN = (neighbor(ER, state="Active"), neighbor(VPN, state="Idle"))
OUT_OF_ER = decision(NextHop(MSEE, "TenGigabitEthernet0/0/1.120"), prefix="10.60.0.0/24")
UNROUTED = replace(
    decision(prefix="0.0.0.0/0", action="drop"),
    vrf=TUNNEL.front_vrf,
    address=TUNNEL.peer,
    source=agreeing.source(f"show ip cef {TUNNEL.peer}"),
)
GONE = "ip route vrf blue 10.60.0.30 255.255.255.255 Tunnel12\n"
PARTIAL = """route-map RAISE permit 10
 match ip address prefix-list SOME
 set local-preference 300
route-map RAISE permit 20
!
ip prefix-list SOME seq 5 permit 10.60.0.0/24"""
RAISE_TEXT = "route-map RAISE permit 10\n set local-preference 300"

# rule, expected, agreeing observation, and for each change: its name, the changed observation, the cause to be named
Case = tuple[str, Any, Callable[[], Any], dict[str, tuple[Callable[[], Any], str]]]
CASES: list[Case] = [
    (
        "device.identity",
        DEVICE,
        lambda: OBSERVED_DEVICE,
        {
            "another router answers": (
                lambda: replace(OBSERVED_DEVICE, facts=replace(OBSERVED_DEVICE.facts, hostname="edge-x")),
                "wrong-hostname",
            ),
            "the chassis was replaced": (
                lambda: replace(OBSERVED_DEVICE, facts=replace(OBSERVED_DEVICE.facts, serial="FXS9999")),
                "wrong-serial",
            ),
        },
    ),
    (
        "device.clock",
        DEVICE,
        lambda: OBSERVED_DEVICE,
        {
            "an hour ahead": (lambda: replace(OBSERVED_DEVICE, clock_offset=timedelta(hours=1)), "offset"),
            "an hour behind": (lambda: replace(OBSERVED_DEVICE, clock_offset=timedelta(hours=-1)), "offset"),
            "seven minutes off in a zone that is not UTC": (
                lambda: replace(
                    OBSERVED_DEVICE,
                    clock_offset=None,
                    clock=replace(
                        OBSERVED_DEVICE.clock,
                        zone="CET",
                        time=agreeing.NOON.replace(tzinfo=None) + timedelta(minutes=67),
                    ),
                ),
                "offset",
            ),
            "lost its time source": (
                lambda: replace(OBSERVED_DEVICE, clock=replace(OBSERVED_DEVICE.clock, quality="not synchronised")),
                "not-synchronised",
            ),
            "never set": (
                lambda: replace(OBSERVED_DEVICE, clock=replace(OBSERVED_DEVICE.clock, quality="not authoritative")),
                "not-authoritative",
            ),
        },
    ),
    (
        "interface.exists",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {"no such interface": (lambda: ObservedInterface(None, None), "missing")},
    ),
    (
        "interface.state",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "shut": (lambda: interface(status="administratively down", line_protocol="down"), "shut"),
            "no link": (lambda: interface(status="down", line_protocol="down"), "down"),
            "link without protocol": (lambda: interface(line_protocol="down"), "protocol-down"),
        },
    ),
    (
        "interface.errors",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "broken frames": (lambda: port(input_errors=31), "input"),
            "few frames": (lambda: port(output_packets=9_999_999, output_errors=10), "output"),
        },
    ),
    (
        "interface.vrf",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "another VRF": (lambda: replace(OBSERVED_INTERFACE, vrf=VRF2), "other-vrf"),
            "the global table": (lambda: replace(OBSERVED_INTERFACE, vrf=None), "no-vrf"),
        },
    ),
    (
        "interface.route-distinguisher",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "another": (
                lambda: replace(OBSERVED_INTERFACE, vrf=replace(OBSERVED_INTERFACE.vrf, route_distinguisher="1:1")),
                "other-route-distinguisher",
            ),
            "none": (
                lambda: replace(OBSERVED_INTERFACE, vrf=replace(OBSERVED_INTERFACE.vrf, route_distinguisher=None)),
                "no-route-distinguisher",
            ),
        },
    ),
    (
        "interface.tags",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "wrong inner tag": (lambda: interface(inner_vlan=121), "inner-tag"),
            "wrong outer tag": (lambda: interface(outer_vlan=13), "outer-tag"),
            "both wrong": (lambda: interface(outer_vlan=13, inner_vlan=121), "both-tags"),
            "exchanged": (lambda: interface(outer_vlan=120, inner_vlan=12), "swapped"),
            "single tag": (lambda: interface(inner_vlan=None), "missing-inner-tag"),
            "no tag": (lambda: interface(outer_vlan=None, inner_vlan=None), "untagged"),
        },
    ),
    (
        "interface.address",
        INTERFACE,
        lambda: OBSERVED_INTERFACE,
        {
            "the MSEE's address": (lambda: interface(address=IPv4Interface("172.20.1.2/30")), "neighbors-address"),
            "a wide mask": (lambda: interface(address=IPv4Interface("172.20.1.1/29")), "mask"),
            "another subnet": (lambda: interface(address=IPv4Interface("172.20.1.9/30")), "other-address"),
            "none": (lambda: interface(address=None), "no-address"),
            "borrowed, without its network": (
                lambda: interface(address=None, borrowed=IPv4Address("172.20.1.1"), lender="Loopback1"),
                "unnumbered",
            ),
            "borrowed, another": (
                lambda: interface(address=None, borrowed=IPv4Address("172.20.1.9"), lender="Loopback1"),
                "other-address",
            ),
        },
    ),
    (
        "bgp.neighbor",
        ER,
        session,
        {
            "missing": (lambda: ObservedSession(None, ()), "missing"),
            "in another VRF": (
                lambda: ObservedSession(None, (neighbor(ER, vrf="red", state="Active"),)),
                "other-vrf",
            ),
        },
    ),
    (
        "bgp.state",
        ER,
        session,
        {
            "shut": (lambda: session(state="Idle", shutdown=True), "shutdown"),
            "no TCP": (lambda: session(state="Active"), "no-connection"),
            "OPEN refused": (lambda: session(state="OpenSent"), "opening"),
            "too many prefixes": (lambda: session(state="Idle (PfxCt)"), "prefix-limit"),
            "silent path": (
                lambda: session(
                    state="Active", last_reset=LastReset(timedelta(60), "BGP Notification sent, hold time expired")
                ),
                "hold-time-expired",
            ),
            "wrong AS": (
                lambda: session(
                    state="Idle", last_reset=LastReset(timedelta(60), "BGP Notification received, peer in wrong AS")
                ),
                "wrong-as",
            ),
            "BFD": (
                lambda: session(state="Idle", last_reset=LastReset(timedelta(60), "BFD adjacency down")),
                "bfd-down",
            ),
            "interface flap": (
                lambda: session(state="Idle", last_reset=LastReset(timedelta(60), "Interface flap")),
                "interface-down",
            ),
        },
    ),
    ("bgp.remote-as", ER, session, {"another AS": (lambda: session(remote_as=64999), "wrong-as")}),
    (
        "bgp.local-as",
        ER,
        er_routes,
        {
            "the router's AS": (lambda: er_routes(config=config_with("bgp 64900", "bgp 64901")), "wrong-as"),
            "local-as": (lambda: er_routes(neighbor=neighbor(ER, local_as=64950)), "replaced"),
            "no BGP": (lambda: er_routes(config=config(bgp=None)), "no-bgp"),
        },
    ),
    (
        "bgp.source",
        ER,
        session,
        {"another address": (lambda: session(local_address=ip_address("172.20.1.9")), "other-address")},
    ),
    (
        "bgp.timers",
        ER,
        session,
        {
            "short hold time": (lambda: session(hold_time=30), "hold-time"),
            "short keepalive": (lambda: session(keepalive=10), "keepalive"),
        },
    ),
    ("bgp.age", ER, session, {"just reset": (lambda: session(in_state_for=timedelta(seconds=299)), "young")}),
    (
        "bgp.soft-reconfiguration",
        ER,
        session,
        {"off": (lambda: session(soft_reconfiguration_inbound=False), "missing")},
    ),
    (
        "policy.local-preference",
        ER,
        er_routes,
        {
            "route-map removed and refreshed": (
                lambda: er_accepted(*NOT_RAISED, neighbor=neighbor(ER, route_map_in=None)),
                "route-map-missing",
            ),
            "bound, not refreshed": (lambda: er_accepted(*NOT_RAISED), "route-map-not-applied-since-refresh"),
            "30 instead of 300": (
                lambda: er_accepted(
                    *(worse(each, local_preference=30) for each in (SHARED, ONLY_ER)),
                    config=config_with("local-preference 300", "local-preference 30"),
                ),
                "wrong-value",
            ),
            "matched in part": (
                lambda: er_accepted(
                    path(SHARED, local_preference=300), worse(ONLY_ER), config=config_with(RAISE_TEXT, PARTIAL)
                ),
                "match-clause-partial",
            ),
            "sets nothing": (
                lambda: er_accepted(*NOT_RAISED, config=config_with(" set local-preference 300", " set weight 0")),
                "not-set",
            ),
            "undefined": (
                lambda: er_accepted(config=config_with(RAISE_TEXT, "!")),
                "route-map-undefined",
            ),
            "undefined and not refreshed": (
                lambda: er_accepted(*NOT_RAISED, config=config_with(RAISE_TEXT, "!")),
                "route-map-undefined",
            ),
            "no path": (er_accepted, "no-routes"),
        },
    ),
    (
        "policy.local-preference",
        VPN,
        vpn_routes,
        {
            "default raised": (
                lambda: vpn_routes(
                    config=config_with(" bgp log-neighbor-changes", " bgp default local-preference 250")
                ),
                "default-changed",
            ),
            "a default that explains nothing": (
                lambda: vpn_routes(
                    config=config_with(" bgp log-neighbor-changes", " bgp default local-preference 250"),
                    accepted=routes("accepted", GATEWAY, [path(SHARED, GATEWAY, 64513, local_preference=400)]),
                ),
                "wrong-preference",
            ),
            "left over from a route-map that was removed": (
                lambda: vpn_routes(
                    accepted=routes("accepted", GATEWAY, [path(SHARED, GATEWAY, 64513, local_preference=400)])
                ),
                "route-map-not-applied-since-refresh",
            ),
        },
    ),
    (
        "policy.bound",
        ER,
        er_policy,
        {
            "route-map unbound": (lambda: er_policy(neighbor=neighbor(ER, route_map_in=None)), "not-bound"),
            "another route-map": (lambda: er_policy(neighbor=neighbor(ER, route_map_in="OTHER")), "other-name"),
            "filter unbound": (lambda: er_policy(neighbor=neighbor(ER, prefix_list_out=None)), "not-bound"),
        },
    ),
    (
        "policy.bound",
        replace(ER, policy=type(ER.policy)()),
        er_policy,
        {"nothing inbound": (lambda: er_policy(neighbor=neighbor(ER, route_map_in=None)), "no-inbound-policy")},
    ),
    (
        "policy.defined",
        ER,
        er_policy,
        {
            "route-map": (lambda: er_policy(route_maps=()), "route-map-undefined"),
            "prefix-list": (lambda: er_policy(prefix_lists=()), "prefix-list-undefined"),
            "prefix-list in a match": (
                lambda: er_policy(
                    route_maps=(
                        replace(
                            agreeing.RAISE,
                            entries=(RouteMapEntry(10, True, ("ip address prefix-lists: A B",), ()),),
                        ),
                    )
                ),
                "prefix-list-undefined",
            ),
            "as-path list in a match": (
                lambda: er_policy(
                    route_maps=(
                        replace(
                            agreeing.RAISE, entries=(RouteMapEntry(10, True, ("as-path (as-path filter): 7",), ()),)
                        ),
                    )
                ),
                "list-undefined",
            ),
        },
    ),
    (
        "policy.effect",
        ER,
        er_policy,
        {
            "bound, not refreshed": (
                lambda: er_policy(accepted=routes("accepted", MSEE, NOT_RAISED)),
                "not-refreshed",
            ),
            "unbound, not refreshed": (
                lambda: er_policy(neighbor=neighbor(ER, route_map_in=None)),
                "wrong-when-refreshed",
            ),
            "a denying route-map, not refreshed": (
                lambda: er_policy(
                    route_maps=(RouteMap("RAISE", (RouteMapEntry(10, False, (), ()),), source=agreeing.source()),)
                ),
                "wrong-when-refreshed",
            ),
            "a permitted route that was not let in": (
                lambda: er_policy(accepted=routes("accepted", MSEE, agreeing.ER_ACCEPTED[:1])),
                "not-refreshed",
            ),
            "undefined: denies all": (
                lambda: er_policy(route_maps=(), accepted=routes("accepted", MSEE, [])),
                "nothing-accepted",
            ),
            "outbound filter bound, not refreshed": (
                lambda: er_policy(advertised=sends(MSEE, path(ONLY_VPN, GATEWAY, 64513))),
                "denied-route-advertised",
            ),
            "nothing sent": (lambda: er_policy(advertised=routes("advertised", MSEE, [])), "nothing-advertised"),
        },
    ),
    (
        "routes.announced",
        VPN,
        vpn_routes,
        {
            "ExpressRoute's routes leak": (
                lambda: vpn_routes(advertised=sends(GATEWAY, LEAKED)),
                "leaked-from-expressroute",
            ),
            "an unknown neighbor's routes leak": (
                lambda: vpn_routes(advertised=sends(GATEWAY, path("10.99.0.0/16", "10.7.0.99", 65333))),
                "leaked-learned",
            ),
            "a default route": (
                lambda: vpn_routes(advertised=sends(GATEWAY, replace(agreeing.LOCAL, prefix=ip_network("0.0.0.0/0")))),
                "default-route",
            ),
            "a default route by default-originate": (
                lambda: vpn_routes(advertised=replace(vpn_routes().advertised, default_originated=True)),
                "default-route",
            ),
            "a more specific": (
                lambda: vpn_routes(
                    advertised=sends(GATEWAY, replace(agreeing.LOCAL, prefix=ip_network("10.7.0.128/25")))
                ),
                "more-specific",
            ),
            "an undeclared prefix": (
                lambda: vpn_routes(
                    advertised=sends(GATEWAY, replace(agreeing.LOCAL, prefix=ip_network("10.8.0.0/24")))
                ),
                "undeclared",
            ),
            "nothing": (lambda: vpn_routes(advertised=routes("advertised", GATEWAY, [])), "nothing-announced"),
            "no network statement": (
                lambda: vpn_routes(
                    advertised=routes("advertised", GATEWAY, []),
                    config=config_with("  network 10.7.0.0 mask 255.255.255.0\n", ""),
                ),
                "not-originated",
            ),
            "filtered": (
                lambda: vpn_routes(
                    advertised=routes("advertised", GATEWAY, []),
                    config=config_with("seq 10 permit 10.7.0.0/24", "seq 10 permit 10.7.1.0/24"),
                ),
                "filtered-outbound",
            ),
        },
    ),
    (
        "routes.received",
        ER,
        er_routes,
        {
            "not sent": (
                lambda: er_accepted(
                    *agreeing.ER_ACCEPTED[:1], received=routes("received", MSEE, agreeing.ER_RECEIVED[:1])
                ),
                "not-sent",
            ),
            "filtered": (lambda: er_accepted(*agreeing.ER_ACCEPTED[:1]), "filtered-inbound"),
            "nothing at all": (lambda: er_accepted(received=routes("received", MSEE, [])), "nothing-received"),
            "nothing, without soft reconfiguration": (lambda: er_accepted(received=None), "missing"),
            "undefined route-map": (
                lambda: er_accepted(config=config_with(RAISE_TEXT, "!")),
                "route-map-undefined",
            ),
            "a default route": (
                lambda: er_accepted(*agreeing.ER_ACCEPTED, path("0.0.0.0/0", local_preference=300)),
                "default-route",
            ),
            "a more specific": (
                lambda: er_accepted(*agreeing.ER_ACCEPTED, path("10.60.0.0/25", local_preference=300)),
                "more-specific",
            ),
            "another VNet": (
                lambda: er_accepted(*agreeing.ER_ACCEPTED, path("10.77.0.0/16", local_preference=300)),
                "undeclared",
            ),
        },
    ),
    (
        "site.preference",
        SITE,
        site,
        {
            "equal local preference, the VPN is older": (
                lambda: in_table(
                    worse(SHARED, best=False), LEAKED, path(SHARED, GATEWAY, 64513), path(ONLY_VPN, GATEWAY, 64513)
                ),
                "equal-preference",
            ),
            "the VPN has the higher preference": (
                lambda: in_table(
                    worse(SHARED, best=False, local_preference=50),
                    LEAKED,
                    path(SHARED, GATEWAY, 64513, local_preference=60),
                    path(ONLY_VPN, GATEWAY, 64513),
                ),
                "local-preference",
            ),
            "weight": (
                lambda: in_table(worse(SHARED, best=False, local_preference=300), LEAKED, *VPN_HEAVY),
                "weight",
            ),
            "ExpressRoute does not bring it": (
                lambda: in_table(
                    LEAKED,
                    path(SHARED, GATEWAY, 64513),
                    path(ONLY_VPN, GATEWAY, 64513),
                    accepted=(
                        routes("accepted", MSEE, [LEAKED]),
                        routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED),
                    ),
                ),
                "preferred-missing",
            ),
            "an undeclared neighbor": (
                lambda: in_table(
                    path(SHARED, "10.7.0.99", 65333),
                    replace(agreeing.ER_ACCEPTED[0], best=False),
                    *TABLE[2:],
                ),
                "undeclared-source",
            ),
            "originated here": (
                lambda: in_table(
                    replace(agreeing.LOCAL, prefix=SHARED), replace(agreeing.ER_ACCEPTED[0], best=False), *TABLE[2:]
                ),
                "local-origin",
            ),
            "no best path": (lambda: in_table(*(replace(each, best=False) for each in TABLE)), "no-path"),
            "no usable path": (
                lambda: in_table(*(replace(each, best=False, valid=False) for each in TABLE)),
                "inaccessible",
            ),
            "no session": (lambda: site(site_router(neighbors=DOWN)), "no-session"),
        },
    ),
    (
        "site.backup",
        SITE,
        site,
        {
            "not brought": (
                lambda: site(
                    site_router(
                        accepted=(
                            routes("accepted", MSEE, agreeing.ER_ACCEPTED),
                            routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED[1:]),
                        )
                    )
                ),
                "missing",
            ),
            "next hop not reachable": (
                lambda: site(
                    site_router(
                        accepted=(
                            routes("accepted", MSEE, agreeing.ER_ACCEPTED),
                            routes("accepted", GATEWAY, [replace(agreeing.VPN_ACCEPTED[0], valid=False)]),
                        )
                    )
                ),
                "invalid",
            ),
            "session down": (
                lambda: site(site_router(neighbors=(neighbor(ER), neighbor(VPN, state="Active")))),
                "session-down",
            ),
        },
    ),
    (
        "site.more-specific",
        SITE,
        site,
        {
            "over the VPN": (
                lambda: in_table(
                    *TABLE, SPECIFIC, accepted=(routes("accepted", MSEE, agreeing.ER_ACCEPTED), WITH_SPECIFIC)
                ),
                "less-preferred",
            ),
            "from an undeclared neighbor": (
                lambda: in_table(*TABLE, path("10.60.0.128/25", "10.7.0.99", 65333)),
                "undeclared-source",
            ),
            "static": (
                lambda: in_rib(*RIB, rib_route("10.60.0.128/25", NextHop(None, "Tunnel12"), protocol="S")),
                "static",
            ),
            "static, behind the subnet of a link": (
                lambda: in_rib(
                    *RIB,
                    rib_route("172.20.1.0/30", NextHop(None, "TenGigabitEthernet0/0/1.120"), protocol="C", codes="C"),
                    rib_route("10.60.0.128/25", NextHop(None, "Tunnel12"), protocol="S"),
                ),
                "static",
            ),
            "OSPF": (
                lambda: in_rib(*RIB, rib_route("10.60.0.128/25", "10.7.0.9", protocol="O", codes="O E2")),
                "other-protocol",
            ),
            "an address of the router's own": (
                lambda: in_rib(*RIB, rib_route("10.60.0.4/32", NextHop(None, "Loopback99"), protocol="C", codes="C")),
                "other-protocol",
            ),
            "a subnet of the router's own": (
                lambda: in_rib(
                    *RIB,
                    rib_route("10.60.0.128/25", NextHop(None, "GigabitEthernet0/0/5"), protocol="C", codes="C"),
                    rib_route("10.60.0.129/32", NextHop(None, "GigabitEthernet0/0/5"), protocol="L", codes="L"),
                ),
                "other-protocol",
            ),
        },
    ),
    (
        "site.static",
        SITE,
        site,
        {
            "static": (
                lambda: in_rib(rib_route(SHARED, NextHop(None, "Tunnel12"), protocol="S"), *RIB[1:]),
                "static",
            ),
            "OSPF": (lambda: in_rib(rib_route(SHARED, "10.7.0.9", protocol="O"), *RIB[1:]), "other-protocol"),
            "rib-failure": (
                lambda: in_table(*(replace(each, flags="r") if each.prefix == SHARED else each for each in TABLE)),
                "rib-failure",
            ),
            "policy routing": (
                lambda: site(
                    site_router(
                        config=config(
                            agreeing.CONFIG_TEXT.replace(
                                " ip address 10.7.0.1 255.255.255.0",
                                " ip address 10.7.0.1 255.255.255.0\n ip policy route-map STEER",
                            ).replace("\nend\n", "\nroute-map STEER permit 10\n set interface Tunnel12\n!\nend\n")
                        )
                    )
                ),
                "policy-routing",
            ),
        },
    ),
    (
        "site.weight",
        SITE,
        site,
        {"on the VPN": (lambda: in_table(agreeing.LOCAL, *agreeing.ER_ACCEPTED, *VPN_HEAVY), "weight")},
    ),
    (
        "site.rib",
        SITE,
        site,
        {
            "missing": (lambda: in_rib(*RIB[1:]), "not-installed"),
            "another next hop": (lambda: in_rib(rib_route(SHARED, "10.7.0.9"), *RIB[1:]), "other-next-hop"),
            "spread over both": (lambda: in_rib(rib_route(SHARED, MSEE, GATEWAY), *RIB[1:]), "mixed-roles"),
        },
    ),
    (
        "vpn.underlay",
        TUNNEL,
        observed_underlay,
        {
            "no host route": (
                lambda: observed_underlay(forwarding=OUT_OF_ER, config=config_with(GONE, "")),
                "host-route-missing",
            ),
            "host route to another tunnel": (
                lambda: observed_underlay(
                    forwarding=decision(NextHop(None, "Tunnel13")),
                    config=config_with(GONE, GONE.replace("Tunnel12", "Tunnel13")),
                ),
                "host-route-elsewhere",
            ),
            "host route in the global table": (
                lambda: observed_underlay(
                    forwarding=OUT_OF_ER, config=config_with(GONE, GONE.replace("vrf blue ", ""))
                ),
                "host-route-in-other-table",
            ),
            "tunnel down": (
                lambda: observed_underlay(forwarding=OUT_OF_ER, tunnel=replace(TUNNEL_INTERFACE, line_protocol="down")),
                "tunnel-down",
            ),
            "one of two ways past the tunnel": (
                lambda: observed_underlay(
                    forwarding=decision(NextHop(None, "Tunnel12"), NextHop(MSEE, "TenGigabitEthernet0/0/1.120"))
                ),
                "outside-tunnel",
            ),
            "dropped": (lambda: observed_underlay(forwarding=decision(prefix="0.0.0.0/0", action="drop")), "no-route"),
            "its own address": (lambda: observed_underlay(forwarding=decision(action="receive")), "own-address"),
            "configuration hidden": (
                lambda: observed_underlay(forwarding=OUT_OF_ER, config=replace(config_with(GONE, ""), hidden=True)),
                "outside-tunnel",
            ),
        },
    ),
    (
        "vpn.session-in-tunnel",
        TUNNEL,
        observed_underlay,
        {
            "packets go over ExpressRoute": (lambda: observed_underlay(forwarding=OUT_OF_ER), "outside-tunnel"),
            "tunnel down, session up": (
                lambda: observed_underlay(forwarding=OUT_OF_ER, tunnel=replace(TUNNEL_INTERFACE, line_protocol="down")),
                "tunnel-down",
            ),
            "tunnel down, packets still enter it": (
                lambda: observed_underlay(tunnel=replace(TUNNEL_INTERFACE, line_protocol="down")),
                "tunnel-down",
            ),
            "another local address": (
                lambda: observed_underlay(neighbor=neighbor(VPN, local_address=ip_address("172.20.1.1"))),
                "other-local-address",
            ),
        },
    ),
    (
        "ike.sa",
        TUNNEL,
        observed_tunnel,
        {
            "none": (lambda: observed_tunnel(ike=()), "no-sa"),
            "none, and the tunnel is shut": (
                lambda: observed_tunnel(
                    ike=(), interface=replace(TUNNEL_INTERFACE, status="administratively down", line_protocol="down")
                ),
                "tunnel-shut",
            ),
            "nothing agreed": (
                lambda: ike(status="IN-NEG", encryption=None, integrity=None, dh_group=None),
                "no-answer",
            ),
            "wrong pre-shared key": (lambda: ike(status="IN-NEG", verify_method=None), "authentication"),
            "wrong pre-shared key, given up": (lambda: ike(status="DELETE", verify_method=None), "authentication"),
            "wrong pre-shared key, the gateway never showed its identity": (
                lambda: ike(status="DELETE", remote_id=None),
                "authentication",
            ),
            "nothing that both sides accept": (
                lambda: observed_tunnel(
                    ike=(), config=config_with(" encryption aes-cbc-256", " encryption 3des aes-cbc-128")
                ),
                "proposal",
            ),
            "another group": (
                lambda: observed_tunnel(ike=(), config=config_with(" group 14", " group 2")),
                "proposal",
            ),
            "profile undefined": (
                lambda: observed_tunnel(
                    ike=(), config=config_with("ipsec profile TO-GATEWAY\n set", "ipsec profile X\n set")
                ),
                "broken-chain",
            ),
            "keyring undefined": (
                lambda: observed_tunnel(ike=(), config=config_with("ikev2 keyring KEYS", "ikev2 keyring OTHER")),
                "broken-chain",
            ),
            "being deleted": (lambda: ike(status="DELETE"), "not-ready"),
            "in another front VRF": (lambda: ike(front_vrf="internet"), "other-front-vrf"),
            "from another address": (lambda: ike(local_address=ip_address("198.51.100.8")), "other-local-address"),
            "no way to the peer": (lambda: observed_tunnel(ike=(), outer=UNROUTED), "no-route-to-peer"),
            "a static route to Null0 for the peer": (
                lambda: observed_tunnel(
                    ike=(),
                    outer=replace(UNROUTED, prefix=ip_network(f"{TUNNEL.peer}/32")),
                    config=config_adding(f"ip route {TUNNEL.peer} 255.255.255.255 Null0"),
                ),
                "null-route-to-peer",
            ),
            "a route to nowhere that is not static": (
                lambda: observed_tunnel(ike=(), outer=replace(UNROUTED, prefix=ip_network(f"{TUNNEL.peer}/32"))),
                "no-route-to-peer",
            ),
            "no way to the peer, while the router tries": (
                lambda: replace(
                    ike(status="IN-NEG", encryption=None, integrity=None, dh_group=None, verify_method=None),
                    outer=UNROUTED,
                ),
                "no-route-to-peer",
            ),
            "no way to the peer, and nothing to offer": (
                lambda: observed_tunnel(ike=(), outer=UNROUTED, config=config_with(" group 14", " group 2")),
                "no-route-to-peer",
            ),
            "no way to the peer, from another table": (
                lambda: observed_tunnel(ike=(), outer=replace(UNROUTED, vrf="other")),
                "no-sa",
            ),
            "a way to the peer": (lambda: observed_tunnel(ike=(), outer=replace(UNROUTED, action="forward")), "no-sa"),
            "twice": (lambda: observed_tunnel(ike=(IKE_SA, replace(IKE_SA, tunnel_id=2))), "duplicate"),
        },
    ),
    (
        "ike.algorithms",
        TUNNEL,
        observed_tunnel,
        {
            "3DES": (lambda: ike(encryption="3DES"), "encryption"),
            "SHA-1": (lambda: ike(integrity="SHA96"), "integrity"),
            "group 2": (lambda: ike(dh_group=2), "dh-group"),
        },
    ),
    (
        "ike.nat",
        TUNNEL,
        observed_tunnel,
        {
            "undeclared NAT": (lambda: ike(nat_detected=True), "nat-detected"),
            "undeclared NAT, seen by the port": (lambda: ike(nat_detected=None, local_port=4500), "nat-detected"),
        },
    ),
    (
        "ike.nat",
        replace(TUNNEL, public=IPv4Address("192.0.2.7")),
        lambda: ike(nat_detected=True),
        {"NAT is gone": (observed_tunnel, "nat-not-detected")},
    ),
    (
        "ipsec.sa",
        TUNNEL,
        observed_tunnel,
        {
            "no identity": (lambda: observed_tunnel(after=()), "no-identity"),
            "another peer": (lambda: after(peer=ip_address("203.0.113.10")), "other-peer"),
            "no SA": (lambda: after(inbound=(), outbound=()), "no-sa"),
            "no inbound SA": (lambda: after(inbound=()), "no-inbound"),
            "no outbound SA": (lambda: after(outbound=()), "no-outbound"),
            "not active": (lambda: after(inbound=(replace(ESP, status="DOWN"),)), "inactive"),
            "transport mode": (lambda: after(outbound=(replace(ESP, tunnel_mode=False),)), "transport-mode"),
            "policy-based": (lambda: after(remote_selector=ip_network("10.60.0.0/24")), "selectors"),
            "GRE inside": (lambda: after(protocol=47), "selectors"),
        },
    ),
    (
        "ipsec.transform",
        TUNNEL,
        observed_tunnel,
        {"SHA-1": (lambda: after(outbound=(replace(ESP, transform="esp-256-aes esp-sha-hmac ,"),)), "transform")},
    ),
    (
        "ipsec.pfs",
        replace(TUNNEL, ipsec=agreeing.IpsecPolicy(pfs_groups=(14,))),
        observed_tunnel,
        {
            "off": (lambda: after(pfs=False, pfs_group=None), "pfs"),
            "group 2": (lambda: after(pfs_group=2), "pfs"),
        },
    ),
    (
        "ipsec.traffic",
        TUNNEL,
        observed_tunnel,
        {
            "nothing comes back": (lambda: counted(105, 200), "outbound-only"),
            "nothing goes out": (lambda: counted(100, 205), "inbound-only"),
            "probes go elsewhere": (lambda: counted(100, 200), "no-traffic"),
        },
    ),
    (
        "ipsec.errors",
        TUNNEL,
        observed_tunnel,
        {
            "receive errors": (lambda: after(counters=IpsecCounters(105, 105, 205, 205, receive_errors=3)), "errors"),
            "send errors": (lambda: after(counters=IpsecCounters(105, 105, 205, 205, send_errors=1)), "errors"),
            "replay": (
                lambda: observed_tunnel(
                    before=(
                        identity(1, 1, 0, counters=IpsecCounters(1, 1, 1, 1, errors=(("pkts replay failed", 4),))),
                    ),
                    after=(identity(2, 2, 2, counters=IpsecCounters(2, 2, 2, 2, errors=(("pkts replay failed", 5),))),),
                ),
                "errors",
            ),
        },
    ),
    (
        "tunnel.state",
        TUNNEL,
        observed_tunnel,
        {
            "missing": (lambda: observed_tunnel(interface=None), "missing"),
            "shut": (lambda: tunnel(status="administratively down", line_protocol="down"), "shut"),
            "no IKE": (
                lambda: observed_tunnel(interface=replace(TUNNEL_INTERFACE, line_protocol="down"), ike=()),
                "no-ike",
            ),
            "no IPsec": (
                lambda: observed_tunnel(interface=replace(TUNNEL_INTERFACE, line_protocol="down"), after=()),
                "no-ipsec",
            ),
            "for another reason": (lambda: tunnel(line_protocol="down"), "protocol-down"),
        },
    ),
    (
        "tunnel.source",
        TUNNEL,
        observed_tunnel,
        {
            "another interface": (lambda: parameters(source_interface="Loopback13"), "other-interface"),
            "another address": (
                lambda: parameters(source_address=IPv4Address("198.51.100.8")),
                "other-address",
            ),
            "no address": (lambda: parameters(source_address=None), "no-address"),
            "another front VRF": (lambda: parameters(path_vrf="internet"), "other-front-vrf"),
        },
    ),
    (
        "tunnel.destination",
        TUNNEL,
        observed_tunnel,
        {
            "another gateway": (lambda: parameters(destination=IPv4Address("203.0.113.10")), "other-address"),
            "none": (lambda: parameters(destination=None), "no-destination"),
        },
    ),
    (
        "tunnel.protection",
        TUNNEL,
        observed_tunnel,
        {
            "none": (lambda: parameters(protection_profile=None), "unprotected"),
            "another profile": (lambda: parameters(protection_profile="OTHER"), "other-profile"),
        },
    ),
    (
        "tunnel.mode",
        TUNNEL,
        observed_tunnel,
        {
            "GRE": (lambda: parameters(protocol="GRE/IP"), "gre"),
            "something else": (lambda: parameters(protocol="UDLR"), "other-mode"),
        },
    ),
    (
        "interface.vrf",
        replace(INTERFACE, vrf=None),
        lambda: replace(OBSERVED_INTERFACE, vrf=None),
        {"in a VRF": (lambda: OBSERVED_INTERFACE, "unexpected-vrf")},
    ),
    (
        "interface.tags",
        replace(INTERFACE, vlans=(12,)),
        lambda: interface(inner_vlan=None),
        {"two tags": (lambda: OBSERVED_INTERFACE, "unexpected-inner-tag")},
    ),
    (
        "bgp.state",
        ER,
        session,
        {
            "idle": (lambda: session(state="Idle"), "idle"),
            "shut at the other end": (lambda: between(remote_as=ER.local_as, shutdown=True), "far-end-shut"),
            "shut at both ends": (lambda: between(near={"shutdown": True}, shutdown=True), "shutdown"),
            "another AS at the other end": (lambda: between(remote_as=64999), "far-end-other-as"),
            "wanted at the other end": (lambda: between(remote_as=ER.local_as), "no-connection"),
            "unknown at the other end": (
                lambda: replace(between(), far_end=ObservedFarEnd("edge-b", None, THERE)),
                "far-end-missing",
            ),
            "closing": (lambda: session(state="Closing"), "closing"),
            "passwords": (
                lambda: session(state="Active", last_reset=LastReset(None, "MD5 digest mismatch")),
                "authentication",
            ),
            "no route": (
                lambda: session(state="Active", unread=("  Active open failed - no route to peer",)),
                "no-route",
            ),
            "closed": (
                lambda: session(state="Idle", last_reset=LastReset(timedelta(9), "Peer closed the session")),
                "closed-by-neighbor",
            ),
        },
    ),
    (
        "policy.local-preference",
        ER,
        er_routes,
        {
            "configuration hidden": (
                lambda: er_accepted(worse(SHARED, local_preference=7), config=config(hidden=True)),
                "wrong-preference",
            ),
        },
    ),
    (
        "routes.announced",
        ER,
        er_routes,
        {
            "the VPN's routes leak": (
                lambda: er_routes(advertised=sends(MSEE, path(ONLY_VPN, GATEWAY, 64513))),
                "leaked-from-vpn",
            ),
            "Microsoft's routes leak": (
                lambda: er_routes(
                    advertised=sends(MSEE, path("192.0.2.0/24", "172.20.9.2", 64512)),
                    siblings=(replace(ER, role="microsoft", neighbor=ip_address("172.20.9.2")),),
                ),
                "leaked-from-microsoft",
            ),
            "the other router's routes leak": (
                lambda: er_routes(advertised=sends(MSEE, path(ONLY_VPN, "10.7.9.2", 64513, internal=True))),
                "leaked-from-internal",
            ),
        },
    ),
    (
        "routes.announced",
        replace(ER, announce=prefixes(OWN, "10.7.1.0/24")),
        lambda: er_routes(advertised=sends(MSEE, replace(agreeing.LOCAL, prefix=ip_network("10.7.1.0/24")))),
        {
            "one of two, though originated and permitted": (
                lambda: er_routes(
                    advertised=routes("advertised", MSEE, [replace(agreeing.LOCAL, prefix=ip_network("10.7.1.0/24"))])
                ),
                "missing",
            )
        },
    ),
    (
        "site.backup",
        replace(SITE, backed_up=frozenset()),
        site,
        {},
    ),
    *(
        (rule, SITE, site, {"no session": (lambda: site(site_router(neighbors=DOWN)), "no-session")})
        for rule in ("site.more-specific", "site.static", "site.weight", "site.rib")
    ),
    (
        "vpn.underlay",
        TUNNEL,
        observed_underlay,
        {
            "another tunnel, with the host route in place": (
                lambda: observed_underlay(forwarding=decision(NextHop(None, "Tunnel13"))),
                "other-tunnel",
            )
        },
    ),
    (
        "ike.sa",
        TUNNEL,
        observed_tunnel,
        {
            "two attempts, at different points": (
                lambda: observed_tunnel(
                    ike=(
                        replace(IKE_SA, status="IN-NEG"),
                        replace(IKE_SA, status="IN-NEG", encryption=None, verify_method=None),
                    )
                ),
                "negotiating",
            )
        },
    ),
    (
        "tunnel.state",
        TUNNEL,
        observed_tunnel,
        {"no carrier": (lambda: tunnel(status="down", line_protocol="down"), "down")},
    ),
]


def judgement(rule: str) -> Callable[[Any, Any], list[Any]]:
    module, _, name = RULES[rule].judged_by.rpartition(".")
    found: Callable[[Any, Any], list[Any]] = getattr(import_module(f"pytest_azinterop.verify.{module}"), name)
    return found


@pytest.mark.parametrize(("rule", "expected", "observed"), [pytest.param(*case[:3], id=case[0]) for case in CASES])
def test_what_agrees_has_no_finding(rule: str, expected: Any, observed: Callable[[], Any]) -> None:
    assert judgement(rule)(expected, observed()) == []


@pytest.mark.parametrize(
    ("rule", "expected", "observed", "cause"),
    [
        pytest.param(rule, expected, changed, cause, id=f"{rule}: {name}")
        for rule, expected, _, changes in CASES
        for name, (changed, cause) in changes.items()
    ],
)
def test_one_change_is_found_and_its_cause_named(
    rule: str, expected: Any, observed: Callable[[], Any], cause: str
) -> None:
    found = judgement(rule)(expected, observed())
    assert {(each.rule, each.cause) for each in found} == {(rule, cause)}
    for each in found:
        assert each.severity == RULES[rule].severity
        assert each.object.split("/")[0] == expected.id.split("/")[0]
        assert ": " in each.message
        assert re.search(r" (is|are) ", each.message)
        assert ", expected " in each.message
        assert each.evidence or rule == "interface.exists" or cause == "missing"


# Shown in other tests: they need another judgement, or another intent than their rule's case.
ELSEWHERE = {
    ("bgp.neighbor", "not-configured"),
    ("bgp.neighbor", "not-activated"),
    *(("bgp.state", cause) for cause in ("null-route", "no-ipv6-routing", "no-multihop")),  # test_session_config.py
    ("site.preference", "less-preferred"),
    ("site.backup", "no-backup-role"),
    *(("site.backup", cause) for cause in carriage.WORDS),  # test_carriage.py
    *(("interface.ipv6-address", cause) for cause in RULES["interface.ipv6-address"].causes),  # test_interface_ipv6.py
    *(("site.own-prefixes", cause) for cause in RULES["site.own-prefixes"].causes),  # test_own_prefixes.py
    ("ike.flaps", "flapping"),  # test_tunnel_flaps.py
    # test_interface_ipv6.py, test_access_list.py, test_microsoft_routes.py
    *(
        (rule, cause)
        for rule in ("interface.ipv6-address", "interface.access-list", "routes.microsoft")
        for cause in RULES[rule].causes
    ),
}


def test_every_cause_of_every_rule_has_a_case() -> None:
    shown = {(rule, cause) for rule, _, _, changes in CASES for _, cause in changes.values()}
    ours = {entry.name: entry for group in (rules_router, rules_routing, rules_vpn) for entry in group.RULES}
    assert shown | ELSEWHERE == {(name, cause) for name, entry in ours.items() for cause in entry.causes}


@pytest.mark.parametrize(
    ("rule", "expected", "observed"),
    [
        pytest.param(rule, expected, changed, id=f"{rule}: {name}")
        for rule, expected, _, changes in CASES
        for name, (changed, _) in changes.items()
    ],
)
def test_what_is_not_known_may_cost_a_cause_and_never_the_finding(
    rule: str, expected: Any, observed: Callable[[], Any]
) -> None:
    """Optional evidence taken away from a wrong network: still a finding, or undetermined."""
    bundle = observed()
    if not isinstance(bundle, ObservedRoutes | ObservedUnderlay | ObservedTunnel):
        return
    for lost in (
        "config",
        "ike",
        "before",
        "after",
        "outer",
        "interface",
        "tunnel",
        "probe",
        "accepted",
        "received",
        "advertised",
    ):
        if hasattr(bundle, lost):
            with suppress(UndeterminedError):
                assert judgement(rule)(expected, replace(bundle, **{lost: None})), lost

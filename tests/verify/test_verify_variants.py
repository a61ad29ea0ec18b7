"""Networks that are built differently and are just as right; and wrong ones that only the whole site shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from verify import verify_records as agreeing
from verify.verify_records import (
    DEVICE,
    ER,
    ER_ROUTES,
    ESP,
    GATEWAY,
    HOST_ROUTE,
    IKE_SA,
    INTERNAL_B,
    MSEE,
    MSEE2,
    OBSERVED_DEVICE,
    ONLY_VPN,
    OWN,
    PAIR,
    RIB,
    SHARED,
    SITE,
    TABLE,
    TUNNEL,
    VPN,
    config,
    config_with,
    edge_a,
    edge_b,
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
    source,
    table,
    vpn_routes,
)

from pytest_azinterop.state.routing import NextHop, PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from pytest_azinterop.verify import announce, device, ike, ipsec, policy, preference, session, underlay
from pytest_azinterop.verify.observed import ObservedSession

OF_A_SITE = (
    preference.best_path,
    preference.backup,
    preference.more_specific,
    preference.static,
    preference.weight,
    preference.rib,
)


def of_site(expected: Any, observed: Any) -> list[tuple[str, str, str]]:
    return [(each.rule, each.object, each.cause) for judge in OF_A_SITE for each in judge(expected, observed)]


def test_two_routers_with_ibgp_and_next_hop_self_agree() -> None:
    assert of_site(PAIR, site(edge_a(), edge_b())) == []


def test_two_routers_with_ibgp_and_unchanged_next_hop_agree() -> None:
    internal = [path(prefix, MSEE, 64512, internal=True, local_preference=300) for prefix in ER_ROUTES]
    other = edge_b(
        table=table((agreeing.LOCAL, *internal, *agreeing.VPN_ACCEPTED)),
        rib=rib((*(rib_route(prefix, MSEE) for prefix in ER_ROUTES), rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE)),
    )
    assert of_site(PAIR, site(edge_a(), other)) == []


def test_backup_router_that_does_not_hear_of_the_preferred_path_is_found() -> None:
    alone = edge_b(
        table=table((agreeing.LOCAL, *(replace(each, best=True) for each in agreeing.VPN_ACCEPTED))),
        rib=rib((rib_route(SHARED, GATEWAY), rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE)),
    )
    found = preference.best_path(PAIR, site(edge_a(), alone))
    assert {(each.object, each.cause) for each in found} == {
        ("blue/north/edge-b", "less-preferred"),
        ("blue/north/edge-b", "no-path"),
    }
    assert any("not passed on here" in (each.likely or "") for each in found)


def test_paths_whose_next_hops_cannot_be_resolved_are_named() -> None:
    unusable = tuple(replace(each, best=False, valid=False, internal=True) for each in agreeing.ER_ACCEPTED)
    alone = edge_b(table=table((agreeing.LOCAL, *unusable)), rib=rib(()))
    found = [each for each in preference.best_path(PAIR, site(edge_a(), alone)) if each.cause == "inaccessible"]
    assert [each.object for each in found if "nothing leads to the next hop" in (each.likely or "")]
    assert "next-hop-self" in str(found[0].likely)


def test_what_no_role_brings_is_lost_and_critical() -> None:
    vpn_only = site_router(
        table=table((agreeing.LOCAL, *(replace(each, best=True) for each in agreeing.VPN_ACCEPTED))),
        neighbors=(neighbor(ER, state="Idle"), neighbor(VPN)),
        accepted=(routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED),),
    )
    found = preference.best_path(SITE, site(vpn_only))
    by_cause = {each.cause: each for each in found}
    assert set(by_cause) == {"no-path", "preferred-missing"}
    lost = by_cause["no-path"]
    assert lost.severity == "critical"
    assert "no path to 10.62.0.0/22 over any of expressroute, vpn, expected" in lost.message
    assert "not Established: edge-a 172.20.1.2 (expressroute)" in str(lost.likely)
    assert by_cause["preferred-missing"].severity == "high"
    assert "10.60.0.0/24" in by_cause["preferred-missing"].message


def test_a_path_on_another_router_of_the_site_is_no_total_loss() -> None:
    expected = replace(PAIR, internal=())
    bare = edge_a(table=table((agreeing.LOCAL,)), accepted=(routes("accepted", MSEE, []),), neighbors=(neighbor(ER),))
    found = preference.best_path(expected, site(bare, edge_b()))
    shared = [each for each in found if "10.60.0.0/24" in each.message]
    assert shared
    assert all(each.severity == "high" for each in shared)


def test_a_site_without_any_session_says_what_is_lost() -> None:
    down = (neighbor(ER, state="Idle"), neighbor(VPN, state="Active"))
    (found,) = preference.best_path(SITE, site(site_router(table=table((agreeing.LOCAL,)), neighbors=down)))
    assert (found.cause, found.severity) == ("no-session", "critical")
    assert "no path to 10.60.0.0/24, 10.61.0.0/24, 10.62.0.0/22 over any of expressroute, vpn" in found.message
    (held,) = preference.best_path(SITE, site(site_router(neighbors=down)))
    assert (held.cause, held.severity) == ("no-session", "high")


def test_a_router_that_only_follows_another_says_so() -> None:
    vpn = path(SHARED, GATEWAY, 64513, weight=7)
    follower = edge_a(table=table((*agreeing.ER_ACCEPTED[1:], path(SHARED, GATEWAY, 64513, internal=True))))
    leader = edge_b(table=table((agreeing.LOCAL, vpn, *edge_b().table.paths[2:3], agreeing.VPN_ACCEPTED[1])))
    found = preference.best_path(PAIR, site(follower, leader))
    told = {each.object: each.likely for each in found if "10.60.0.0/24" in each.message}
    assert told["blue/north/edge-a"] == "edge-b passes this path on, as its own best one"


def test_without_an_internal_session_each_router_prefers_among_its_own_paths() -> None:
    expected = replace(PAIR, internal=())
    one = edge_a(
        table=table((agreeing.LOCAL, *agreeing.ER_ACCEPTED)),
        rib=rib(RIB[:2]),
        neighbors=(neighbor(ER),),
    )
    other = edge_b(
        table=table((agreeing.LOCAL, *(replace(each, best=True) for each in agreeing.VPN_ACCEPTED))),
        rib=rib((rib_route(SHARED, GATEWAY), rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE)),
        neighbors=(neighbor(agreeing.VPN_B),),
    )
    assert of_site(expected, site(one, other)) == []


def test_router_whose_sessions_are_all_down_is_left_to_its_sessions() -> None:
    expected = replace(PAIR, internal=(), backed_up=frozenset())
    down = edge_b(neighbors=(neighbor(agreeing.VPN_B, state="Idle", shutdown=True),), table=table(()), rib=rib(()))
    one = edge_a(table=table((agreeing.LOCAL, *agreeing.ER_ACCEPTED)), rib=rib(RIB[:2]), neighbors=(neighbor(ER),))
    assert of_site(expected, site(one, down)) == []


def test_both_paths_of_a_circuit_on_one_router_share_the_load() -> None:
    second = replace(ER, neighbor=MSEE2, path="circuit-n secondary")
    expected = replace(SITE, sessions=(ER, second, VPN))
    more = [path(prefix, MSEE2, 64512, local_preference=300, best=False) for prefix in ER_ROUTES]
    router = site_router(
        table=table((*TABLE, *more)),
        rib=rib((*(rib_route(prefix, MSEE, MSEE2) for prefix in ER_ROUTES), *RIB[2:])),
        neighbors=(neighbor(ER), neighbor(second), neighbor(VPN)),
        accepted=(
            routes("accepted", MSEE, agreeing.ER_ACCEPTED),
            routes("accepted", MSEE2, more),
            routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED),
        ),
    )
    assert of_site(expected, site(router)) == []


def test_backup_over_either_of_two_tunnels_suffices() -> None:
    second = replace(VPN, neighbor=ip_address("10.60.0.31"))
    router = site_router(neighbors=(neighbor(ER), neighbor(VPN), neighbor(second, state="Active")))
    assert preference.backup(replace(SITE, sessions=(ER, VPN, second)), site(router)) == []


def test_a_site_that_prefers_the_vpn_is_judged_by_its_own_order() -> None:
    expected = replace(SITE, prefer=("vpn", "expressroute"), reach=SITE.reach[::-1])
    found = preference.best_path(expected, site())
    assert {each.cause for each in found} == {"local-preference"} or {each.cause for each in found} == {
        "less-preferred"
    }
    reverse = [
        path(SHARED, GATEWAY, 64513, local_preference=400),
        replace(agreeing.ER_ACCEPTED[0], best=False),
        agreeing.ER_ACCEPTED[1],
        agreeing.VPN_ACCEPTED[1],
    ]
    assert preference.best_path(expected, site(site_router(table=table(reverse)))) == []


def test_specifics_that_the_intent_wants_over_the_vpn_are_no_finding() -> None:
    inner = ip_network("10.62.1.0/24")
    expected = replace(SITE, reach=(SITE.reach[0], ("vpn", prefixes(SHARED, ONLY_VPN, inner))))
    brought = path(inner, GATEWAY, 64513)
    router = site_router(
        table=table((*TABLE, brought)),
        rib=rib((*RIB, rib_route(inner, GATEWAY))),
        accepted=(
            routes("accepted", MSEE, agreeing.ER_ACCEPTED),
            routes("accepted", GATEWAY, [*agreeing.VPN_ACCEPTED, brought]),
        ),
    )
    assert of_site(expected, site(router)) == []
    assert {each[0] for each in of_site(SITE, site(router))} == {"site.more-specific"}


def test_nothing_counts_as_more_specific_than_a_default_route() -> None:
    default = path("0.0.0.0/0", MSEE, 64512, local_preference=300)
    static = rib_route("192.0.2.0/24", NextHop(None, "TenGigabitEthernet0/0/2.12"), protocol="S")
    router = site_router(
        table=table((*TABLE, default)),
        rib=rib((*RIB, rib_route("0.0.0.0/0", MSEE), static)),
        accepted=(
            routes("accepted", MSEE, [*agreeing.ER_ACCEPTED, default]),
            routes("accepted", GATEWAY, agreeing.VPN_ACCEPTED),
        ),
    )
    assert of_site(SITE, site(router)) == []


def test_equal_weight_everywhere_overrules_nothing() -> None:
    heavy = [replace(each, weight=50) for each in TABLE]
    assert preference.weight(SITE, site(site_router(table=table(heavy)))) == []


OWN_ER = replace(ER, router="edge-b", path="secondary", neighbor=ip_address("172.20.1.6"))
TWO_ER = replace(PAIR, sessions=(ER, OWN_ER))


def beside_its_own(weight: int, own_weight: int = 0, own_preference: int = 300, internal_preference: int = 300) -> Any:
    """Edge-b has a path over ExpressRoute of its own beside the other router's."""
    own = path(SHARED, "172.20.1.6", 64512, weight=own_weight, local_preference=own_preference, best=False)
    internal = path(
        SHARED, "10.7.9.1", 64512, internal=True, weight=weight, local_preference=internal_preference, best=True
    )
    other = edge_b(
        table=table((internal, own)),
        neighbors=(neighbor(OWN_ER), neighbor(INTERNAL_B)),
        accepted=(routes("accepted", OWN_ER.neighbor, (own,)),),
    )
    return site(edge_a(), other)


def test_a_weight_must_not_make_the_other_routers_path_the_best() -> None:
    (found,) = preference.weight(TWO_ER, beside_its_own(500))
    assert (found.rule, found.cause) == ("site.weight", "weight")
    assert "edge-b" in found.object
    assert "is 500, expected at most 0" in found.message


@pytest.mark.parametrize(
    "observed",
    [
        beside_its_own(0),
        beside_its_own(500, own_weight=500),
        beside_its_own(500, own_preference=200),  # the primary path is at the other router, and wins anyway
    ],
)
def test_a_weight_that_decides_nothing_is_none(observed: Any) -> None:
    assert preference.weight(TWO_ER, observed) == []


def test_without_a_path_of_its_own_a_router_may_weigh_the_other_ones() -> None:
    alone = edge_b(
        table=table((path(SHARED, "10.7.9.1", 64512, internal=True, weight=500, local_preference=300, best=True),)),
        neighbors=(neighbor(OWN_ER), neighbor(INTERNAL_B)),
        accepted=(routes("accepted", OWN_ER.neighbor, ()),),
    )
    assert preference.weight(TWO_ER, site(edge_a(), alone)) == []


def test_a_static_route_in_place_of_the_best_path_is_found_by_both_questions() -> None:
    """BGP shows `r>`: the route is best, and the routing table holds another protocol's."""
    failing = [replace(each, flags="r") if each.prefix == SHARED else each for each in TABLE]
    held = rib_route(SHARED, NextHop(None, "Tunnel12"), protocol="S")
    observed = site(site_router(table=table(failing), rib=rib((held, *RIB[1:]))))
    found = preference.rib(SITE, observed)
    assert [(each.rule, each.cause) for each in found] == [("site.static", "static")]
    assert preference.static(SITE, observed) == found


def test_a_more_specific_route_is_shown_by_its_rows() -> None:
    inner = replace(rib_route("10.60.0.128/25", NextHop(None, "Tunnel12"), protocol="S"), source=source().at(7))
    (found,) = preference.more_specific(SITE, site(site_router(rib=rib((*RIB, inner)))))
    assert [each.lines for each in found.evidence] == [(7, 7)]


def test_a_young_session_says_when_it_is_old_enough() -> None:
    (found,) = session.age(ER, ObservedSession(neighbor(ER, in_state_for=timedelta(seconds=60)), ()))
    assert "old enough in 0:04:00, if nothing resets it again" in (found.likely or "")


def test_marking_by_policy_routing_steers_nothing() -> None:
    text = agreeing.CONFIG_TEXT.replace(
        " ip address 10.7.0.1 255.255.255.0", " ip address 10.7.0.1 255.255.255.0\n ip policy route-map MARK"
    ).replace("\nend\n", "\nroute-map MARK permit 10\n set ip precedence 5\n!\nend\n")
    assert preference.static(SITE, site(site_router(config=config(text)))) == []


@pytest.mark.parametrize("hours", [-12, -5, 0, 1, 5.75, 14])
def test_clock_of_any_zone_is_judged_to_the_quarter_of_an_hour(hours: float) -> None:
    time = agreeing.NOON.replace(tzinfo=None) + timedelta(hours=hours, seconds=2)
    clock = replace(OBSERVED_DEVICE.clock, zone="LOCAL", time=time)
    assert device.clock(DEVICE, replace(OBSERVED_DEVICE, clock=clock, clock_offset=None)) == []


def test_changed_default_is_right_where_it_gives_the_declared_preference() -> None:
    changed = config_with(" bgp log-neighbor-changes", " bgp default local-preference 300")
    expected = replace(ER, policy=type(ER.policy)())
    unbound = neighbor(ER, route_map_in=None)
    blank = routes("accepted", MSEE, agreeing.ER_RECEIVED)
    assert policy.local_preference(expected, er_routes(neighbor=unbound, config=changed, accepted=blank)) == []
    assert policy.bound(expected, er_policy(neighbor=unbound, config=changed)) == []


def test_effect_of_prefix_and_as_path_matches_is_simulated() -> None:
    lists = (
        PrefixList("SOME", (PrefixListEntry(5, True, ip_network("10.60.0.0/14"), le=24),), source=agreeing.source()),
    )
    raise_some = RouteMap(
        "RAISE",
        (
            RouteMapEntry(10, False, ("as-path (as-path filter): 9",), ()),
            RouteMapEntry(20, True, ("ip address prefix-lists: SOME",), ("local-preference 300",)),
        ),
        source=agreeing.source(),
    )
    known = config(agreeing.CONFIG_TEXT.replace("\nend\n", "\nip as-path access-list 9 permit _64999_\n!\nend\n"))
    refused = path("10.63.0.0/24", MSEE, 64512, 64999)
    observed = er_policy(
        route_maps=(raise_some,),
        prefix_lists=(agreeing.SITE_LIST, *lists),
        config=known,
        received=routes("received", MSEE, [*agreeing.ER_RECEIVED, refused]),
    )
    assert policy.effect(ER, observed) == []
    let_in = routes("accepted", MSEE, [*agreeing.ER_ACCEPTED, replace(refused, local_preference=300)])
    found = policy.effect(ER, replace(observed, accepted=let_in))
    assert [each.cause for each in found] == ["not-refreshed"]
    assert "10.63.0.0/24" in found[0].message


def test_unmodelled_clause_is_in_effect_where_the_routes_show_it() -> None:
    by_community = RouteMap(
        "RAISE", (RouteMapEntry(10, True, ("community (community-list filter): 1",), ()),), source=agreeing.source()
    )
    assert policy.effect(ER, er_policy(route_maps=(by_community,))) == []


def test_routes_with_our_own_as_are_not_expected_to_be_accepted() -> None:
    looped = path("10.99.0.0/16", MSEE, 64512, 64900)
    assert policy.effect(ER, er_policy(received=routes("received", MSEE, [*agreeing.ER_RECEIVED, looped]))) == []


def test_within_allows_more_and_wants_at_least_one() -> None:
    expected = replace(ER, receive=prefixes(within=["10.60.0.0/14"]))
    assert announce.received(expected, er_routes()) == []
    found = announce.received(expected, er_routes(accepted=routes("accepted", MSEE, [])))
    assert [(each.rule, each.cause) for each in found] == [("routes.received", "filtered-inbound")]


def test_at_least_allows_more() -> None:
    expected = replace(VPN, announce=prefixes(OWN, open_ended=True))
    more = replace(agreeing.LOCAL, prefix=ip_network("10.8.0.0/24"))
    observed = vpn_routes(advertised=routes("advertised", GATEWAY, [agreeing.LOCAL, more]))
    assert announce.announced(expected, observed) == []
    assert announce.announced(VPN, observed) != []


def test_aes_gcm_has_no_integrity_of_its_own() -> None:
    combined = replace(IKE_SA, encryption="AES-GCM-256", integrity=None)
    assert ike.algorithms(TUNNEL, observed_tunnel(ike=(combined,))) == []


def test_other_tunnels_of_the_router_do_not_matter() -> None:
    other_sa = replace(IKE_SA, remote_address=ip_address("203.0.113.77"), status="IN-NEG")
    other = identity(5, 5, 2, interface="Tunnel13", inbound=(), outbound=())
    observed = observed_tunnel(ike=(IKE_SA, other_sa), after=(identity(105, 205, 2), other))
    for judge in (ike.sa, ike.algorithms, ike.nat, ipsec.sa, ipsec.transform, ipsec.traffic, ipsec.errors):
        assert judge(TUNNEL, observed) == []


def test_rekey_shows_two_sas_in_each_direction() -> None:
    twice = identity(105, 205, 2, inbound=(ESP, replace(ESP, spi=2)), outbound=(ESP, replace(ESP, spi=3)))
    assert ipsec.sa(TUNNEL, observed_tunnel(after=(twice,))) == []


@pytest.mark.parametrize(
    ("before", "later"),
    [((2**32 - 2, 200), (3, 205)), ((100, 2**32 - 1), (105, 4)), ((100, 200), (3, 4))],
    ids=["encaps wrap", "decaps wrap", "cleared, and traffic since"],
)
def test_counters_that_wrap_or_are_cleared_still_show_traffic(before: Any, later: Any) -> None:
    observed = observed_tunnel(before=(identity(*before, 0),), after=(identity(*later, 2),))
    assert ipsec.traffic(TUNNEL, observed) == []


def test_link_local_neighbor_in_the_tunnels_own_subnet_needs_no_host_route() -> None:
    apipa = replace(
        TUNNEL,
        address=agreeing.IPv4Interface("169.254.21.2/30"),
        neighbor=agreeing.IPv4Address("169.254.21.1"),
    )
    decision = replace(
        agreeing.decision(NextHop(None, "Tunnel12"), prefix="169.254.21.1/32", action="attached"),
        address=apipa.neighbor,
    )
    peer = neighbor(replace(VPN, neighbor=apipa.neighbor), local_address=ip_address("169.254.21.2"))
    observed = observed_underlay(forwarding=decision, neighbor=peer)
    assert underlay.forwarding(apipa, observed) == []
    assert underlay.session_in_tunnel(apipa, observed) == []


def test_backup_without_a_second_role_is_found() -> None:
    alone = replace(SITE, sessions=(ER,), tunnels=(), prefer=("expressroute",), reach=SITE.reach[:1])
    assert [each.cause for each in preference.backup(alone, site())] == ["no-backup-role"]


@pytest.mark.parametrize("text", [agreeing.CONFIG_TEXT, None], ids=["tunnel down", "no host route"])
def test_what_becomes_of_packets_past_the_tunnel_is_told_as_it_is(text: str | None) -> None:
    gone = text is None
    known = config_with("ip route vrf blue 10.60.0.30 255.255.255.255 Tunnel12\n", "") if gone else config(text)
    down = replace(agreeing.TUNNEL_INTERFACE, line_protocol="down")
    cause = "host-route-missing" if gone else "tunnel-down"
    covered = agreeing.decision(NextHop(MSEE, "TenGigabitEthernet0/0/1.120"), prefix="10.60.0.0/24")
    dropped = agreeing.decision(prefix="0.0.0.0/0", action="drop")
    for forwarding, words, other in (
        (covered, "another route takes over: 10.60.0.0/24", "dropped"),
        (dropped, "no other route covers the neighbor: packets to it are dropped", "takes over"),
    ):
        (found,) = underlay.forwarding(TUNNEL, observed_underlay(forwarding=forwarding, config=known, tunnel=down))
        assert found.cause == cause
        assert words in str(found.likely)
        assert other not in str(found.likely)

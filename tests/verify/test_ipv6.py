"""IPv6 is judged as IPv4 is: the same rules, with its family in objects, words and commands."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from verify import verify_records as agreeing
from verify.verify_records import ER, SITE, VRF, config_adding, neighbor, path, prefixes, routes, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import BgpTable
from pytest_azinterop.state.routing import NextHop, PrefixList, PrefixListEntry, RouteMap, RouteMapEntry, RoutingTable
from pytest_azinterop.verify import announce, policy, preference, session
from pytest_azinterop.verify.observed import ObservedPolicy, ObservedRoutes, ObservedSession, ObservedSite

MSEE, NEAR = ip_address("fd00:20:1::2"), ip_address("fd00:20:1::1")
HUB, OWN = ip_network("fd00:60::/48"), ip_network("fd00:7::/48")
LINK = NextHop(ip_address("fe80::2"), ER.interface)
SIX = replace(ER, neighbor=MSEE, local_address=NEAR, announce=prefixes(OWN), receive=prefixes(HUB))
SITE6 = replace(
    SITE,
    version=6,
    sessions=(SIX,),
    internal=(),
    tunnels=(),
    prefer=("expressroute",),
    reach=(("expressroute", prefixes(HUB)),),
    backed_up=frozenset(),
)
ACCEPTED = path(HUB, MSEE, 64512, local_preference=300)


def site(*, hops: Any = (LINK,), accepted: Any = ACCEPTED, protocol: str = "B", config: Any = None) -> ObservedSite:
    rib = agreeing.rib_route(HUB, *hops, protocol=protocol)
    table = BgpTable(VRF, None, 7, "64900:12", (accepted,), source=source("show bgp vpnv6 unicast vrf blue"))
    return ObservedSite(
        (
            agreeing.site_router(
                table=table,
                rib=RoutingTable(VRF, None, (rib,), source=source("show ipv6 route vrf blue")),
                neighbors=(neighbor(SIX),),
                accepted=(routes("accepted", MSEE, [accepted]),),
                config=config or agreeing.config(),
            ),
        )
    )


def test_a_link_local_next_hop_stands_for_the_neighbor_on_the_link() -> None:
    assert preference.rib(SITE6, site()) == []
    assert preference.rib(SITE6, site(hops=(NextHop(MSEE, None),))) == []


@pytest.mark.parametrize(
    "hops",
    [
        (NextHop(ip_address("fe80::2"), "TenGigabitEthernet0/0/9.9"),),
        (NextHop(ip_address("fe80::2"), None),),
        (NextHop(ip_address("fd00:20:1::9"), ER.interface),),
    ],
)
def test_another_next_hop_is_told_with_the_family(hops: Any) -> None:
    (found,) = preference.rib(SITE6, site(hops=hops))
    assert (found.cause, found.object) == ("other-next-hop", "blue/north/ipv6/edge-a")
    assert found.message.startswith("blue at north, IPv6, edge-a vrf blue: ")
    assert found.next_command == "show ipv6 route vrf blue fd00:60::/48"


def test_between_edge_routers_the_link_tells_who_is_meant() -> None:
    """An internal session is declared without its interface: the connected network of the link holds its address."""
    far = ip_address("fd00:20:9::2")
    internal = path(HUB, far, 64512, internal=True, local_preference=300)
    through = NextHop(ip_address("fe80::9"), "TenGigabitEthernet0/0/2.9")
    link = agreeing.rib_route("fd00:20:9::/64", NextHop(None, "TenGigabitEthernet0/0/2.9"), protocol="C")
    site6 = replace(SITE6, internal=(replace(SIX, role="internal", neighbor=far, interface=None),))

    def seen(*paths: Any) -> ObservedSite:
        (router,) = site(hops=(through,)).routers
        rib = replace(router.rib, routes=(*router.rib.routes, link))
        return ObservedSite((replace(router, rib=rib, table=replace(router.table, paths=paths)),))

    assert [each.cause for each in preference.rib(site6, seen(internal))] == []
    other = replace(internal, next_hop=ip_address("fd00:21::2"))
    assert [each.cause for each in preference.rib(site6, seen(other))] == ["other-next-hop"]
    with pytest.raises(UndeterminedError, match="could be any of"):
        preference.rib(site6, seen(internal, replace(internal, next_hop=ip_address("fd00:20:9::3"), best=False)))


def test_a_static_route_overrules_ipv6_as_well() -> None:
    assert [each.cause for each in preference.static(SITE6, site(protocol="S"))] == ["static"]
    steering = config_adding("route-map STEER permit 10\n set ipv6 next-hop fd00:1::1")
    assert preference.static(SITE6, site(config=steering)) == []
    text = agreeing.CONFIG_TEXT.replace(
        " ip address 10.7.0.1 255.255.255.0\n", " ip address 10.7.0.1 255.255.255.0\n ipv6 policy route-map STEER\n"
    ).replace("\nend\n", "\nroute-map STEER permit 10\n set ipv6 next-hop fd00:1::1\nend\n")
    found = preference.static(SITE6, site(config=agreeing.config(text)))
    assert [each.cause for each in found] == ["policy-routing"]
    assert preference.static(SITE, agreeing.site(agreeing.site_router(config=agreeing.config(text)))) == []


def test_a_lost_prefix_is_told_with_the_commands_of_ipv6() -> None:
    (found,) = preference.best_path(SITE6, site(accepted=path(ip_network("fd00:99::/48"), MSEE, 64512)))[:1]
    assert found.object == "blue/north/ipv6/edge-a"
    assert str(found.next_command).startswith("show bgp vpnv6 unicast vrf blue fd00:")


def test_the_session_and_its_routes() -> None:
    (found,) = session.state(SIX, ObservedSession(neighbor(SIX, state="Active"), ()))
    assert (found.object, found.next_command) == (
        "edge-a/vrf-blue/fd00:20:1::2",
        "ping vrf blue fd00:20:1::2",
    )
    missing = ObservedRoutes(neighbor(SIX), None, accepted=routes("accepted", MSEE, ()))
    (found,) = announce.received(SIX, missing)
    assert "fd00:60::/48 is missing" in found.message
    low = ObservedRoutes(neighbor(SIX), agreeing.config(), accepted=routes("accepted", MSEE, [path(HUB, MSEE, 64512)]))
    assert [each.rule for each in policy.local_preference(SIX, low)] == ["policy.local-preference"]


def bound(matches: str, lists: tuple[PrefixList, ...]) -> ObservedPolicy:
    raised = RouteMap("RAISE", (RouteMapEntry(10, True, (matches,), ("local-preference 300",)),), source=source("x"))
    own = PrefixList("SITE", (PrefixListEntry(5, True, OWN),), source=source("show ipv6 prefix-list detail"))
    sent = path(OWN, "::", weight=32768, as_path=agreeing.LOCAL.as_path)
    return ObservedPolicy(
        neighbor=neighbor(SIX),
        config=agreeing.config(),
        route_maps=(raised,),
        prefix_lists=(own, *lists),
        accepted=routes("accepted", MSEE, [ACCEPTED]),
        received=routes("received", MSEE, [replace(ACCEPTED, local_preference=None)]),
        advertised=routes("advertised", MSEE, [sent]),
    )


AZURE = PrefixList("AZURE", (PrefixListEntry(5, True, HUB),), source=source("show ipv6 prefix-list detail"))


def test_policy_matches_ipv6_prefixes() -> None:
    assert policy.effect(SIX, bound("ipv6 address prefix-lists: AZURE", (AZURE,))) == []
    other = replace(AZURE, entries=(PrefixListEntry(5, True, ip_network("fd00:61::/48")),))
    assert [each.cause for each in policy.effect(SIX, bound("ipv6 address prefix-lists: AZURE", (other,)))] == [
        "wrong-when-refreshed"
    ]
    (found,) = policy.defined(SIX, bound("ipv6 address prefix-lists: AZURE", ()))
    assert (found.cause, found.next_command) == ("prefix-list-undefined", "show ipv6 prefix-list detail AZURE")


def test_a_clause_of_the_other_family_is_not_guessed() -> None:
    foreign = bound("ip address prefix-lists: AZURE", ())
    assert policy.defined(SIX, foreign) == []
    with pytest.raises(UndeterminedError, match="not known"):
        policy.effect(replace(SIX, local_preference=None), foreign)


def test_the_session_runs_from_its_own_address() -> None:
    seen = ObservedSession(neighbor(SIX, local_address=ip_address("fd00:20:1::3")), ())
    assert [each.cause for each in session.source(SIX, seen)] == ["other-address"]

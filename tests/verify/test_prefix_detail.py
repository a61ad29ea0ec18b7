"""Single prefixes with all their paths: denials, changes, communities, and paths that nobody declared."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.verify_records import (
    CONFIG_TEXT,
    ER,
    ER_RECEIVED,
    GATEWAY,
    MSEE,
    ONLY_ER,
    OWN,
    PAIR,
    SHARED,
    SITE,
    VPN,
    VRF,
    as_path,
    config,
    neighbor,
    routes,
    source,
)

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.values import community_number
from pytest_azinterop.state.bgp_detail import BgpPrefix, PrefixPath
from pytest_azinterop.verify import communities_sent, path_set, prefix_detail, rules_prefix
from pytest_azinterop.verify.path_set import ObservedPaths, ObservedRouterPaths
from pytest_azinterop.verify.prefix_detail import ObservedPrefixes

REGION, OTHER_REGION, MARK = "12076:50004", "12076:50012", "64900:7"
RECEIVING = replace(ER, carried=((SHARED, (REGION,)),))
SENDING = replace(ER, announce_communities=(MARK,))


def path(**changes: Any) -> PrefixPath:
    values: dict[str, Any] = {
        "next_hop": MSEE,
        "learned_from": MSEE,
        "router_id": None,
        "as_path": as_path(64512),
        "origin": "i",
        "metric": None,
        "local_preference": 300,
        "weight": 0,
        "valid": True,
        "best": True,
        "kind": "external",
        "communities": (REGION,),
        "source": source("show bgp vpnv4 unicast vrf blue 10.60.0.0/24"),
    }
    return PrefixPath(**{**values, **changes})


def kept(**changes: Any) -> PrefixPath:
    return path(**{"received_only": True, "best": False, "valid": False, "local_preference": 100, **changes})


def entry(prefix: Any, *paths: PrefixPath) -> BgpPrefix:
    best = next((number for number, each in enumerate(paths, start=1) if each.best), None)
    found = source(f"show bgp vpnv4 unicast vrf blue {prefix}")
    return BgpPrefix(VRF, ip_network(prefix), "64900:12", 5, best, False, True, paths, source=found)


def seen(*paths: PrefixPath, **changes: Any) -> ObservedPrefixes:
    """What the neighbor's declared prefixes show: the shared one has these paths, the other one agrees."""
    values: dict[str, Any] = {
        "neighbor": neighbor(ER),
        "entries": ((SHARED, entry(SHARED, *paths) if paths else None), (ONLY_ER, entry(ONLY_ER, path(), kept()))),
        "received": routes("received", MSEE, ER_RECEIVED),
        "config": config(),
    }
    return ObservedPrefixes(**{**values, **changes})


def sent(text: str, *paths: PrefixPath, **changes: Any) -> ObservedPrefixes:
    values: dict[str, Any] = {
        "neighbor": neighbor(ER, route_map_out="MARK"),
        "entries": ((OWN, entry(OWN, *paths)),),
        "config": config(CONFIG_TEXT.replace(ACTIVE, f"{ACTIVE}{BOUND}").replace("\nend\n", f"\n{text}\nend\n")),
    }
    return ObservedPrefixes(**{**values, **changes})


ACTIVE = "  neighbor 172.20.1.2 activate\n"
BOUND = "  neighbor 172.20.1.2 send-community\n  neighbor 172.20.1.2 route-map MARK out\n"
SETS = f"route-map MARK permit 10\n set community {MARK}"
PLAIN = path(kind="sourced", learned_from=ip_address("0.0.0.0"), next_hop=ip_address("0.0.0.0"), communities=())
UNMARKED = "route-map MARK permit 10\n set metric 5"
EXTENDED = config(CONFIG_TEXT.replace(ACTIVE, f"{ACTIVE}  neighbor 172.20.1.2 send-community extended\n"))


def router(name: str = "edge-a", *, neighbors: Any = None, **by_prefix: Any) -> ObservedRouterPaths:
    """A router whose declared prefixes have the paths of both sessions, but for those that are given."""
    gateway = {"next_hop": GATEWAY, "learned_from": GATEWAY, "best": False, "communities": ()}
    agreeing = {
        "shared": (path(), path(**gateway)),
        "only_er": (path(),),
        "only_vpn": (path(**{**gateway, "best": True}),),
    }
    names = {"shared": SHARED, "only_er": ONLY_ER, "only_vpn": ip_network("10.61.0.0/24")}
    entries = tuple(
        (names[key], entry(names[key], *found) if (found := by_prefix.get(key, paths)) else None)
        for key, paths in agreeing.items()
    )
    return ObservedRouterPaths(name, neighbors or (neighbor(ER), neighbor(VPN)), entries)


def site(**by_prefix: Any) -> ObservedPaths:
    return ObservedPaths((router(**by_prefix),))


DOWN = (neighbor(ER, state="Active"), neighbor(VPN, state="Idle"))
FOREIGN = path(learned_from=ip_address("172.20.9.9"), best=False)
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (prefix_detail.inbound, ER, seen(kept()), "policy.inbound:denied"),
    (prefix_detail.inbound, ER, seen(), "policy.inbound:denied"),
    (prefix_detail.inbound, ER, seen(kept(as_path=as_path(64512, 64900))), "policy.inbound:own-as"),
    (
        prefix_detail.inbound,
        ER,
        seen(path(), neighbor=neighbor(ER, soft_reconfiguration_inbound=False)),
        "policy.inbound:not-kept",
    ),
    (prefix_detail.inbound, ER, seen(path(as_path=as_path(64512, 64512)), kept()), "policy.inbound:as-path"),
    (prefix_detail.inbound, ER, seen(path(communities=()), kept()), "policy.inbound:communities"),
    (
        prefix_detail.inbound,
        replace(ER, inbound_changes=()),
        seen(path(), kept(), entries=((SHARED, entry(SHARED, path(), kept())),)),
        "policy.inbound:local-preference",
    ),
    (prefix_detail.inbound, ER, seen(path(metric=50), kept()), "policy.inbound:metric"),
    (prefix_detail.inbound, ER, seen(path(next_hop=GATEWAY), kept()), "policy.inbound:next-hop"),
    (prefix_detail.inbound, ER, seen(path(origin="?"), kept()), "policy.inbound:origin"),
    (prefix_detail.communities, RECEIVING, seen(path(communities=())), "routes.communities:none"),
    (prefix_detail.communities, RECEIVING, seen(path(communities=(OTHER_REGION,))), "routes.communities:other-region"),
    (prefix_detail.communities, RECEIVING, seen(path(communities=("1:2",))), "routes.communities:missing"),
    (prefix_detail.communities, RECEIVING, seen(path(communities=()), kept()), "routes.communities:removed-inbound"),
    (prefix_detail.communities, RECEIVING, seen(kept()), "routes.communities:no-path"),
    (prefix_detail.communities, RECEIVING, seen(), "routes.communities:no-path"),
    (communities_sent.announced, SENDING, sent(SETS, PLAIN, config=config()), "routes.announced-communities:not-sent"),
    (communities_sent.announced, SENDING, sent(SETS, PLAIN, config=EXTENDED), "routes.announced-communities:not-sent"),
    (communities_sent.announced, SENDING, sent(UNMARKED, PLAIN), "routes.announced-communities:not-set"),
    (
        communities_sent.announced,
        SENDING,
        sent("route-map MARK permit 10\n set community 1:2", replace(PLAIN, communities=(MARK,))),
        "routes.announced-communities:not-set",
    ),
    (communities_sent.announced, SENDING, sent("route-map MARK deny 10", PLAIN), "routes.announced-communities:denied"),
    (communities_sent.announced, SENDING, sent("", PLAIN), "routes.announced-communities:denied"),
    (
        communities_sent.announced,
        SENDING,
        sent(SETS, PLAIN, entries=((OWN, None),)),
        "routes.announced-communities:no-path",
    ),
    (path_set.paths, SITE, ObservedPaths((router(neighbors=DOWN),)), "site.paths:no-session"),
    (path_set.paths, SITE, site(only_er=()), "site.paths:missing"),
    (path_set.paths, SITE, site(shared=(path(),)), "site.paths:missing"),
    (path_set.paths, SITE, site(only_er=(kept(),)), "site.paths:received-only"),
    (path_set.paths, SITE, site(only_er=(path(inaccessible=True, best=False),)), "site.paths:inaccessible"),
    (path_set.paths, SITE, site(only_er=(path(valid=False, best=False),)), "site.paths:not-valid"),
    (path_set.paths, SITE, site(only_er=(path(), FOREIGN)), "site.paths:undeclared-source"),
    (path_set.paths, SITE, site(only_er=(path(best=False), PLAIN)), "site.paths:local-origin"),
    (path_set.paths, SITE, site(only_er=(path(), replace(FOREIGN, imported_from="64900:13:x"))), "site.paths:imported"),
)
AGREEING: tuple[tuple[Any, Any, Any], ...] = (
    (prefix_detail.inbound, ER, seen(path(), kept())),
    (prefix_detail.inbound, ER, seen(path())),
    (
        prefix_detail.inbound,
        replace(ER, inbound_changes=("metric",)),
        seen(
            path(metric=9, local_preference=100),
            kept(),
            entries=((SHARED, entry(SHARED, path(metric=9, local_preference=100), kept())),),
        ),
    ),
    (prefix_detail.inbound, ER, seen(received=routes("received", MSEE, ()))),
    (prefix_detail.communities, RECEIVING, seen(path())),
    (prefix_detail.communities, RECEIVING, seen(path(communities=("1:2", str((12076 << 16) + 50004))))),
    (communities_sent.announced, SENDING, sent(SETS, PLAIN)),
    (communities_sent.announced, SENDING, sent(UNMARKED, replace(PLAIN, communities=(MARK,)))),
    (
        communities_sent.announced,
        SENDING,
        sent("route-map MARK permit 10\n set community 1:2 additive", replace(PLAIN, communities=(MARK,))),
    ),
    (path_set.paths, SITE, site()),
    (path_set.paths, SITE, site(neighbors=(neighbor(ER), neighbor(VPN, state="Idle")), shared=(path(),), only_vpn=())),
)


@pytest.mark.parametrize(("judge", "expected", "observed", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, observed: Any, named: str) -> None:
    found = judge(expected, observed)
    assert [f"{each.rule}:{each.cause}" for each in found] == [named]
    assert found[0].object.startswith(expected.id)
    assert found[0].evidence


@pytest.mark.parametrize(("judge", "expected", "observed"), AGREEING)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, observed: Any) -> None:
    assert judge(expected, observed) == []


@pytest.mark.parametrize(
    ("judge", "expected"),
    [(prefix_detail.inbound, ER), (prefix_detail.communities, RECEIVING), (communities_sent.announced, SENDING)],
)
def test_a_session_that_is_down_is_told_as_that(judge: Any, expected: Any) -> None:
    found = judge(expected, seen(path(), neighbor=neighbor(ER, state="Active")))
    assert [each.rule for each in found] == ["bgp.state"]


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (prefix_detail.inbound, ER, seen(path(), received=None)),
        (prefix_detail.inbound, ER, seen(path(), received=routes("received", GATEWAY, ()))),
        (prefix_detail.communities, RECEIVING, seen(entries=())),
        (communities_sent.announced, SENDING, sent(SETS, PLAIN, config=None)),
        (communities_sent.announced, SENDING, sent(SETS, PLAIN, config=config(whole=False))),
        (communities_sent.announced, SENDING, sent("route-map MARK permit 10\n set comm-list X delete", PLAIN)),
        (
            communities_sent.announced,
            SENDING,
            sent("route-map MARK permit 10\n match tag 5\n set community 1:2", PLAIN),
        ),
    ],
)
def test_what_proves_nothing_is_not_judged(judge: Any, expected: Any, observed: Any) -> None:
    with pytest.raises(UndeterminedError):
        judge(expected, observed)


def test_a_router_without_the_session_need_not_have_its_path() -> None:
    here = router("edge-a", neighbors=(neighbor(ER),), shared=(path(),), only_vpn=())
    there = router(
        "edge-b",
        neighbors=(neighbor(VPN),),
        shared=(path(next_hop=GATEWAY, learned_from=GATEWAY),),
        only_er=(),
    )
    assert path_set.paths(replace(PAIR, internal=()), ObservedPaths((here, there))) == []


def test_every_cause_has_a_case() -> None:
    assert {f"{rule.name}:{cause}" for rule in rules_prefix.RULES for cause in rule.causes} == {
        case[3] for case in CASES
    }


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 65535), st.integers(0, 65535))
def test_a_community_is_the_same_in_both_ways_of_printing(high: int, low: int) -> None:
    assert community_number(f"{high}:{low}") == community_number(str((high << 16) + low)) == (high << 16) + low


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from((REGION, OTHER_REGION, MARK, "no-export")), unique=True))
def test_green_only_with_the_community(carried: list[str]) -> None:
    found = prefix_detail.communities(RECEIVING, seen(path(communities=tuple(carried))))
    assert (found == []) == (REGION in carried)

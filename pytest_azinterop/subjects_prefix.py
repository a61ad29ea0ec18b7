"""What a check can ask about single prefixes: one command for each of them, so they are costly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.path_set import ObservedPaths, ObservedRouterPaths
from pytest_azinterop.verify.prefix_detail import ObservedPrefixes
from pytest_azinterop.verify.text import order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.collect.facts import Fact, Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedPrefixes, ExpectedSession, ExpectedSite
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.bgp_detail import BgpPrefix

    Prefix = IPv4Network | IPv6Network


def _named(prefixes: ExpectedPrefixes | None) -> tuple[Prefix, ...]:
    return tuple(sorted(prefixes.required, key=order)) if prefixes else ()


def _entries(session: ExpectedSession, prefixes: Iterable[Prefix]) -> tuple[Fact, ...]:
    return tuple(fact.prefix_entry(session, prefix) for prefix in prefixes)


def _entry(session: ExpectedSession, prefix: Prefix, facts: Facts) -> BgpPrefix | None:
    """The entry of exactly this prefix: the router may answer with a shorter one that holds it."""
    records: Sequence[BgpPrefix] = facts.records(fact.prefix_entry(session, prefix))
    return next((record for record in records if record.prefix == prefix), None)


def _observed(session: ExpectedSession, prefixes: Iterable[Prefix], facts: Facts) -> ObservedPrefixes:
    return ObservedPrefixes(
        neighbor=_neighbor(session, facts),
        entries=tuple((prefix, _entry(session, prefix, facts)) for prefix in prefixes),
        config=fact.known_configuration(session.router, facts),
    )


def _neighbor(session: ExpectedSession, facts: Facts) -> BgpNeighbor:
    neighbors: Sequence[BgpNeighbor] = facts.records(fact.neighbors_of(session))
    return next(each for each in neighbors if each.address == session.neighbor)


# What inbound policy makes of what the neighbor sends --------------------------------------------------------------


def _kept(everything: Expectations) -> Sequence[ExpectedSession]:
    return tuple(each for each in everything.sessions if each.soft_reconfiguration and _named(each.receive))


def _inbound_needs(session: ExpectedSession) -> tuple[Need, ...]:
    routes = fact.neighbor_routes(session, "received")
    return (fact.neighbors_of(session), routes, *_entries(session, _named(session.receive)))


def _inbound(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedPrefixes:
    neighbor = _neighbor(session, facts)
    kept = neighbor.soft_reconfiguration_inbound
    return ObservedPrefixes(
        neighbor=neighbor,
        entries=tuple((prefix, _entry(session, prefix, facts)) for prefix in _named(session.receive)),
        received=fact.routes_of(session, facts, "received") if kept else None,
    )


# Communities -------------------------------------------------------------------------------------------------------


def _with_communities(everything: Expectations) -> Sequence[ExpectedSession]:
    return tuple(each for each in everything.sessions if each.carried)


def _carried(session: ExpectedSession) -> tuple[Prefix, ...]:
    return tuple(prefix for prefix, _ in session.carried)


def _community_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (fact.neighbors_of(session), *_entries(session, _carried(session)))


def _communities(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedPrefixes:
    return _observed(session, _carried(session), facts)


def _announcing(everything: Expectations) -> Sequence[ExpectedSession]:
    return tuple(each for each in everything.sessions if each.announce_communities)


def _announced_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        fact.neighbors_of(session),
        fact.privilege(session.router),
        fact.running_config(session.router),
        *_entries(session, _named(session.announce)),
    )


def _announced(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedPrefixes:
    fact.configuration(session.router, facts)
    return _observed(session, _named(session.announce), facts)


# All paths of a site's prefixes ------------------------------------------------------------------------------------


def _declared(site: ExpectedSite) -> tuple[Prefix, ...]:
    return tuple(sorted({prefix for _, reach in site.reach for prefix in reach.required}, key=order))


def _with_prefixes(everything: Expectations) -> Sequence[ExpectedSite]:
    return tuple(each for each in everything.sites if _declared(each))


def _path_needs(site: ExpectedSite) -> tuple[Need, ...]:
    return tuple(need for router in site.routers for need in _router_path_needs(site, router))


def _router_path_needs(site: ExpectedSite, router: str) -> tuple[Need, ...]:
    entries = (fact.prefix_in(router, site.vrf, prefix) for prefix in _declared(site))
    return (fact.bgp_neighbors(router, site.vrf, site.version), *entries)


def _paths(site: ExpectedSite, facts: Facts, _: Expectations) -> ObservedPaths:
    return ObservedPaths(tuple(_router_paths(site, router, facts) for router in site.routers))


def _router_paths(site: ExpectedSite, router: str, facts: Facts) -> ObservedRouterPaths:
    entries = []
    for prefix in _declared(site):
        records: Sequence[BgpPrefix] = facts.records(fact.prefix_in(router, site.vrf, prefix))
        entries.append((prefix, next((record for record in records if record.prefix == prefix), None)))
    neighbors = tuple(facts.records(fact.bgp_neighbors(router, site.vrf, site.version)))
    known = {neighbor.address for neighbor in neighbors}
    own = {each.neighbor for each in (*site.sessions, *site.internal) if each.router == router} - known
    for prefix, entry in entries:
        strange = next((path for path in entry.paths if path.learned_from in own), None) if entry is not None else None
        if strange is not None:
            raise UndeterminedError(
                f"{router}: {prefix} was learned from {strange.learned_from}, which is not among the neighbors: one of"
                " the two answers is not whole, or the session went in between",
                cause="contradiction",
                host=router,
            )
    return ObservedRouterPaths(router, neighbors, tuple(entries))


KINDS: Final = (
    SubjectKind("received_prefixes", "sessions whose received routes are kept", _kept, _inbound_needs, _inbound),
    SubjectKind("carried_communities", "sessions with communities", _with_communities, _community_needs, _communities),
    SubjectKind(
        "announced_communities", "sessions with announced communities", _announcing, _announced_needs, _announced
    ),
    SubjectKind("site_paths", "sites with declared prefixes", _with_prefixes, _path_needs, _paths),
)
NEED_NEIGHBOR: Final = frozenset({"received_prefixes", "carried_communities", "announced_communities"})

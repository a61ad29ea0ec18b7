"""What a check can ask about a customer's site, over all its routers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop import subject_facts as fact
from pytest_azinterop import subjects_reach
from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.carriage import ObservedCarriage
from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession, ExpectedSite, ExpectedTunnel
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpTable, NeighborRoutes


def needs(site: ExpectedSite) -> tuple[Need, ...]:
    """Tables and neighbors of each router, and what each session brought."""
    per_router = (need for router in site.routers for need in router_needs(site, router))
    return (*per_router, *(fact.neighbor_routes(session, "accepted") for session in site.sessions))


def router_needs(site: ExpectedSite, router: str) -> tuple[Need, ...]:
    """Tables and neighbors of one router."""
    return (
        fact.bgp_table(router, site.vrf, site.version),
        fact.rib(router, site.vrf, site.version),
        fact.bgp_neighbors(router, site.vrf, site.version),
    )


def observe(site: ExpectedSite, facts: Facts, _: Expectations) -> ObservedSite:
    """All routers of the site. Raises UndeterminedError."""
    return ObservedSite(tuple(_router(site, router, facts) for router in site.routers))


def configuration_needs(site: ExpectedSite) -> tuple[Need, ...]:
    """The same, and each router's configuration."""
    configurations = (need for router in site.routers for need in (fact.privilege(router), fact.running_config(router)))
    return (*needs(site), *configurations)


def observe_with_configuration(site: ExpectedSite, facts: Facts, everything: Expectations) -> ObservedSite:
    """All routers of the site, each with its configuration. Raises UndeterminedError."""
    return ObservedSite(
        tuple(
            replace(router, config=fact.configuration(router.router, facts))
            for router in observe(site, facts, everything).routers
        )
    )


def carriage_needs(sessions: Iterable[ExpectedSession], site: ExpectedSite) -> tuple[Need, ...]:
    """What carries these sessions of a site."""
    return tuple(need for session in sessions for need in _carriage_needs(session, site))


def _carriage_needs(session: ExpectedSession, site: ExpectedSite) -> tuple[Need, ...]:
    if session.role == "vpn":
        return (fact.interfaces(session.router), *map(fact.ipsec_sas, _tunnels(session, site)))
    return subjects_reach.arp_needs(session) if session.version == 4 else subjects_reach.discovery_needs(session)


def carriages(
    sessions: Iterable[ExpectedSession], site: ExpectedSite, facts: Facts, everything: Expectations
) -> tuple[ObservedCarriage, ...]:
    """What carries these sessions of a site. Raises UndeterminedError."""
    return tuple(_carriage(session, site, facts, everything) for session in sessions)


def _carriage(session: ExpectedSession, site: ExpectedSite, facts: Facts, everything: Expectations) -> ObservedCarriage:
    if session.role == "vpn":
        ports = facts.records(fact.interfaces(session.router))
        found = (record for tunnel in _tunnels(session, site) for record in facts.records(fact.ipsec_sas(tunnel)))
        return ObservedCarriage(session.id, fact.interface_named(ports, session.interface or ""), tuple(found))
    if session.version == 4:
        return ObservedCarriage(session.id, arp=subjects_reach.arp(session, facts, everything))
    return ObservedCarriage(session.id, discovery=subjects_reach.discovery(session, facts, everything))


def _tunnels(session: ExpectedSession, site: ExpectedSite) -> list[ExpectedTunnel]:
    return [each for each in site.tunnels if (each.router, each.name) == (session.router, session.interface)]


def _of_backup(site: ExpectedSite) -> list[ExpectedSession]:
    """The sessions that a backup may go over; none where nothing is backed up."""
    return [each for each in site.sessions if site.backed_up and each.role in site.prefer[1:]]


def backup_needs(site: ExpectedSite) -> tuple[Need, ...]:
    """As `needs`, and what carries the sessions of the roles after the first."""
    return (*needs(site), *carriage_needs(_of_backup(site), site))


def observe_backup(site: ExpectedSite, facts: Facts, everything: Expectations) -> ObservedSite:
    """All routers of the site, and what carries its backup. Raises UndeterminedError."""
    carried = carriages(_of_backup(site), site, facts, everything)
    return replace(observe(site, facts, everything), carriages=carried)


def _router(site: ExpectedSite, router: str, facts: Facts) -> ObservedSiteRouter:
    neighbors = tuple(facts.records(fact.bgp_neighbors(router, site.vrf, site.version)))
    known = {neighbor.address for neighbor in neighbors}
    # A neighbor that the router does not have has no routes to ask for; its absence is in `neighbors`.
    sessions = [session for session in site.sessions if session.router == router and session.neighbor in known]
    missing = [
        each for each in (*site.sessions, *site.internal) if each.router == router and each.neighbor not in known
    ]
    table = fact.the_one(facts, fact.bgp_table(router, site.vrf, site.version))
    accepted = tuple(fact.routes_of(session, facts, "accepted") for session in sessions)
    _check_told_alike(table, neighbors, accepted, missing)
    return ObservedSiteRouter(
        router=router,
        table=table,
        rib=fact.the_one(facts, fact.rib(router, site.vrf, site.version)),
        config=fact.known_configuration(router, facts),
        neighbors=neighbors,
        accepted=accepted,
    )


def _check_told_alike(
    table: BgpTable,
    neighbors: Iterable[BgpNeighbor],
    accepted: Iterable[NeighborRoutes],
    missing: Iterable[ExpectedSession],
) -> None:
    """The router's answers about one VRF tell the same: its table has what its neighbors brought, and nothing of a
    neighbor that it does not list. Raises UndeterminedError: then one of them is not whole, or changed meanwhile."""
    there = {(path.prefix, path.next_hop) for path in table.paths}
    for routes in accepted:
        lost = [path.prefix for path in routes.paths if (path.prefix, path.next_hop) not in there]
        if lost:
            evidence.undetermined(
                f"{table.source.host}: {len(lost)} of the routes accepted from {routes.neighbor} are not in the BGP"
                f" table, such as {lost[0]}: one of the two answers is not whole, or the routes changed in between",
                "contradiction",
                table.source,
            )
    for neighbor in neighbors:
        if neighbor.is_established and neighbor.accepted_prefixes and not there:
            evidence.undetermined(
                f"{table.source.host}: the BGP table is empty, and {neighbor.address} brought"
                f" {neighbor.accepted_prefixes} prefixes: one of the two answers is not whole",
                "contradiction",
                table.source,
            )
    for session in missing:
        path = next((path for path in table.paths if path.next_hop == session.neighbor), None)
        if path is not None:
            evidence.undetermined(
                f"{table.source.host}: the BGP table has {path.prefix} by way of {session.neighbor}, which is not among"
                " the neighbors: one of the two answers is not whole, or the session went in between",
                "contradiction",
                table.source,
            )


def helps(site: ExpectedSite) -> tuple[Need, ...]:
    """Configurations name causes where they can be read."""
    return tuple(fact.running_config(router) for router in site.routers)

"""What a check can ask about a customer's site, over all its routers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSite


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


def _router(site: ExpectedSite, router: str, facts: Facts) -> ObservedSiteRouter:
    neighbors = tuple(facts.records(fact.bgp_neighbors(router, site.vrf, site.version)))
    known = {neighbor.address for neighbor in neighbors}
    # A neighbor that the router does not have has no routes to ask for; its absence is in `neighbors`.
    sessions = [session for session in site.sessions if session.router == router and session.neighbor in known]
    return ObservedSiteRouter(
        router=router,
        table=fact.the_one(facts, fact.bgp_table(router, site.vrf, site.version)),
        rib=fact.the_one(facts, fact.rib(router, site.vrf, site.version)),
        config=fact.known_configuration(router, facts),
        neighbors=neighbors,
        accepted=tuple(fact.the_one(facts, fact.neighbor_routes(session, "accepted")) for session in sessions),
    )


def helps(site: ExpectedSite) -> tuple[Need, ...]:
    """Configurations name causes where they can be read."""
    return tuple(fact.running_config(router) for router in site.routers)

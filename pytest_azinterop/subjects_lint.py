"""Configurations as a whole, as lint reads them: of a router, and of all routers of a site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.intent.router_scope import configurations
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.lint.observed import ObservedConfiguration, ObservedConfigurations

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSite
    from pytest_azinterop.intent.router_scope import ExpectedConfiguration


def _configuration_needs(expected: ExpectedConfiguration) -> tuple[Need, ...]:
    router = expected.router
    return fact.version(router), fact.privilege(router), fact.running_config(router)


def _configuration(expected: ExpectedConfiguration, facts: Facts, _: Expectations) -> ObservedConfiguration:
    version = fact.the_one(facts, fact.version(expected.router))
    return ObservedConfiguration(fact.configuration(expected.router, facts), version.release)


def _configurations_needs(site: ExpectedSite) -> tuple[Need, ...]:
    return tuple(need for router in site.routers for need in (fact.privilege(router), fact.running_config(router)))


def _configurations(site: ExpectedSite, facts: Facts, _: Expectations) -> ObservedConfigurations:
    return ObservedConfigurations(tuple((router, fact.configuration(router, facts)) for router in site.routers))


def _places(everything: Expectations) -> tuple[ExpectedSite, ...]:
    """A customer at a site once, whatever its address families: its routers have one configuration each."""
    places: dict[tuple[str, str], ExpectedSite] = {}
    for site in everything.sites:
        known = places.setdefault((site.customer, site.site), site)
        if known is not site:
            places[site.customer, site.site] = replace(known, sessions=(*known.sessions, *site.sessions))
    return tuple(places.values())


KINDS: Final = (
    SubjectKind("configuration", "routers", configurations, _configuration_needs, _configuration),
    SubjectKind("configurations", "customer sites", _places, _configurations_needs, _configurations),
)

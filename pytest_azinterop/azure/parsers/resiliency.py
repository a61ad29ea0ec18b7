"""Resiliency of ExpressRoute gateways, and failover tests of peering locations and links.

The published descriptions give lists; Microsoft's own PowerShell module reads `{"value": […]}`: both are read.

https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateways/get-resiliency-information
https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateways/get-failover-all-test-details
https://learn.microsoft.com/azure/expressroute/resiliency-validation
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.azure.document import kind_of, refuse
from pytest_azinterop.azure.parsers.resource import read_one, read_rows
from pytest_azinterop.state.azure_resiliency import (
    CircuitOfRouteSet,
    FailoverConnection,
    GatewayResiliency,
    LinkBgpStatus,
    LinkFailoverTest,
    LinkRoute,
    ResiliencyComponent,
    ResiliencyRecommendation,
    RouteOrigin,
    RouteSet,
    RouteSets,
    SiteFailoverResult,
    SiteFailoverTest,
)

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.azure.values import Prefix
    from pytest_azinterop.state.azure_source import AzureSource


def parse(document: object, source: AzureSource) -> Reading[GatewayResiliency]:
    """The resiliency index of one gateway."""
    return read_one(document, source, _resiliency)


def parse_route_sets(document: object, source: AzureSource) -> Reading[RouteSets]:
    """The route sets of one gateway."""
    return read_one(document, source, _route_sets)


def parse_site_tests(document: object, source: AzureSource) -> Reading[SiteFailoverTest]:
    """Every failover test of a gateway's peering locations."""
    return read_rows(document, source, _site_test)


def parse_site_result(document: object, source: AzureSource) -> Reading[SiteFailoverResult]:
    """What one failover test of a peering location showed."""
    return read_rows(document, source, _site_result)


def parse_link_tests(document: object, source: AzureSource) -> Reading[LinkFailoverTest]:
    """Failover tests of a circuit's links, all of them or one in detail."""
    return read_rows(document, source, _link_test)


def _resiliency(fields: Fields) -> GatewayResiliency:
    fields.ignore("minScoreFromRecommendations", "maxScoreFromRecommendations")
    return GatewayResiliency(
        score=fields.text("overallScore"),
        score_change=fields.text_or_none("scoreChange"),
        components=tuple(_component(row) for row in fields.rows("components")),
        computed_at=fields.moment_or_none("lastComputedTime"),
        next_at=fields.moment_or_none("nextEligibleComputeTime"),
        unread=fields.unread(),
        source=fields.source,
    )


def _component(fields: Fields) -> ResiliencyComponent:
    return ResiliencyComponent(
        name=fields.text("name"),
        score=fields.text_or_none("currentScore"),
        maximum=fields.text_or_none("maxScore"),
        recommendations=fields.each_row("recommendations", _recommendation),
    )


def _recommendation(fields: Fields) -> ResiliencyRecommendation:
    fields.ignore("callToActionText", "callToActionLink")
    return ResiliencyRecommendation(
        title=fields.text("recommendationTitle"),
        recommendation_id=fields.text_or_none("recommendationId"),
        severity=fields.text_or_none("severity"),
        text=fields.text_or_none("recommendationText"),
    )


def _route_sets(fields: Fields) -> RouteSets:
    return RouteSets(
        sets=tuple(_route_set(row) for row in fields.rows("routeSets")),
        circuits=tuple(_circuit(fields, *entry) for entry in fields.entries("circuitsMetadataMap")),
        version=fields.text_or_none("routeSetVersion"),
        computed_at=fields.moment_or_none("lastComputedTime"),
        next_at=fields.moment_or_none("nextEligibleComputeTime"),
        unread=fields.unread(),
        source=fields.source,
    )


def _circuit(fields: Fields, key: str, path: str, value: object) -> CircuitOfRouteSet:
    row = fields.embedded(value, path)
    return CircuitOfRouteSet(key, row.text_or_none("name"), row.text_or_none("link"), row.text_or_none("location"))


def _route_set(fields: Fields) -> RouteSet:
    return RouteSet(
        name=fields.text("name"),
        locations=fields.texts("locations"),
        origins=tuple(_origins(fields, *entry) for entry in fields.entries("details")),
    )


def _origins(fields: Fields, key: str, path: str, value: object) -> tuple[Prefix, tuple[RouteOrigin, ...]]:
    try:
        prefix = ip_network(key)
    except ValueError:
        refuse("is not a prefix", fields.source, path=path)
    if not isinstance(value, list):
        refuse(f"is {kind_of(value)}, expected a list", fields.source, path=path)
    rows = (fields.embedded(item, f"{path}[{at}]") for at, item in enumerate(value))
    return prefix, tuple(
        RouteOrigin(row.text("circuit"), row.text_or_none("pri"), row.text_or_none("sec")) for row in rows
    )


def _site_test(fields: Fields) -> SiteFailoverTest:
    return SiteFailoverTest(
        location=fields.text("peeringLocation"),
        status=fields.text("status"),
        kind=fields.text_or_none("testType"),
        test_id=fields.text_or_none("testGuid"),
        started=fields.text_or_none("startTime"),
        ended=fields.text_or_none("endTime"),
        circuits=fields.each_row("circuits", _circuit_name),
        connections=fields.each_row("connections", _connection),
        issues=fields.texts_or_none("issues"),
        unread=fields.unread(),
        source=fields.source,
    )


def _circuit_name(fields: Fields) -> str:
    fields.ignore("nrpResourceUri", "connectionName")
    return fields.text("name")


def _connection(fields: Fields) -> FailoverConnection:
    return FailoverConnection(
        name=fields.text("name"),
        status=fields.text_or_none("status"),
        resource_id=fields.text_or_none("nrpResourceUri"),
        updated_at=fields.text_or_none("lastUpdatedTime"),
    )


def _site_result(fields: Fields) -> SiteFailoverResult:
    fields.ignore("failoverConnectionDetails")
    return SiteFailoverResult(
        location=fields.text("peeringLocation"),
        status=fields.text("status"),
        started=fields.text_or_none("startTimeUtc"),
        ended=fields.text_or_none("endTimeUtc"),
        redundant=fields.each_row("redundantRoutes", lambda row: (row.texts("peeringLocations"), row.texts("routes"))),
        not_redundant=fields.texts_or_none("nonRedundantRoutes"),
        successful=fields.flag_or_none("wasSimulationSuccessful"),
        unread=fields.unread(),
        source=fields.source,
    )


def _link_test(fields: Fields) -> LinkFailoverTest:
    fields.ignore("isSimulationVerified")
    redundant = fields.child_or_none("redundantRoutes")
    not_redundant = fields.child_or_none("nonRedundantRoutes")
    started = "startTimeUtc" if fields.has("startTimeUtc") else "startTime"
    ended = "endTimeUtc" if fields.has("endTimeUtc") else "endTime"
    return LinkFailoverTest(
        link=fields.text("linkType"),
        status=fields.text("status"),
        category=fields.text_or_none("circuitTestCategory"),
        kind=fields.text_or_none("testType"),
        test_id=fields.text_or_none("testGuid"),
        started=fields.text_or_none(started),
        ended=fields.text_or_none(ended),
        successful=fields.flag_or_none("wasSimulationSuccessful"),
        issues=fields.texts_or_none("issues"),
        bgp=fields.each_row("bgpStatus", _bgp),
        redundant_before=_routes(redundant, "beforeSimulation"),
        redundant_during=_routes(redundant, "duringSimulation"),
        not_redundant_before=_routes(not_redundant, "beforeSimulation"),
        not_redundant_during=_routes(not_redundant, "duringSimulation"),
        unread=fields.unread(),
        source=fields.source,
    )


def _bgp(fields: Fields) -> LinkBgpStatus:
    return LinkBgpStatus(
        family=fields.text("type"),
        link=fields.text("link"),
        status=fields.text("status"),
        checked_at=fields.text_or_none("checkTimeUtc"),
    )


def _routes(fields: Fields | None, name: str) -> tuple[LinkRoute, ...] | None:
    rows = None if fields is None else fields.rows_or_none(name)
    if rows is None:
        return None
    return tuple(
        LinkRoute(
            prefix=row.text("route"),
            next_hop=row.text_or_none("nextHop"),
            primary_as_path=row.text_or_none("primaryASPath"),
            secondary_as_path=row.text_or_none("secondaryASPath"),
        )
        for row in rows
    )

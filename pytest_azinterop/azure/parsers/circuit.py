"""Circuits and their peerings.

https://learn.microsoft.com/rest/api/expressroute/express-route-circuits/get
https://learn.microsoft.com/rest/api/expressroute/express-route-circuit-peerings/get
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.azure import values
from pytest_azinterop.azure.document import refuse
from pytest_azinterop.azure.parsers.resource import read_one, read_rows, resource
from pytest_azinterop.state.azure_circuit import Circuit, CircuitPeering, CircuitTraffic, Ipv6Peering, MicrosoftPeering

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.state.azure_source import AzureSource


def parse(document: object, source: AzureSource) -> Reading[Circuit]:
    """One circuit."""
    return read_one(document, source, _circuit)


def parse_list(document: object, source: AzureSource) -> Reading[Circuit]:
    """The circuits of a resource group or subscription."""
    return read_rows(document, source, _circuit)


def parse_peering(document: object, source: AzureSource) -> Reading[CircuitPeering]:
    """One peering."""
    return read_one(document, source, peering)


def parse_peerings(document: object, source: AzureSource) -> Reading[CircuitPeering]:
    """The peerings of one circuit."""
    return read_rows(document, source, peering)


def parse_traffic(document: object, source: AzureSource) -> Reading[CircuitTraffic]:
    """Byte counters of a circuit or of one peering. All four missing is no answer."""
    return read_one(document, source, _traffic)


def _circuit(fields: Fields) -> Circuit:
    resource(fields)
    fields.ignore("authorizations", "serviceKey", "authorizationKey", "activationKey", "serviceProviderNotes", "stag")
    fields.ignore("authorizationStatus", "partnerAccountId")
    sku = fields.child_or_none("sku")
    if sku is not None:
        sku.ignore("name")
    provider = fields.child_or_none("serviceProviderProperties")
    return Circuit(
        name=fields.text("name"),
        circuit_state=fields.text("circuitProvisioningState"),
        provider_state=fields.text("serviceProviderProvisioningState"),
        tier=None if sku is None else sku.text_or_none("tier"),
        family=None if sku is None else sku.text_or_none("family"),
        provider=None if provider is None else provider.text_or_none("serviceProviderName"),
        peering_location=None if provider is None else provider.text_or_none("peeringLocation"),
        bandwidth_mbps=None if provider is None else provider.integer_or_none("bandwidthInMbps"),
        bandwidth_gbps=fields.number_or_none("bandwidthInGbps"),
        port=fields.reference_or_none("expressRoutePort"),
        region=fields.text_or_none("location"),
        peerings=fields.each_row("peerings", peering),
        global_reach_enabled=fields.flag_or_none("globalReachEnabled"),
        allow_classic_operations=fields.flag_or_none("allowClassicOperations"),
        resiliency_level=fields.text_or_none("resiliencyLevel"),
        rate_limited=fields.flag_or_none("enableDirectPortRateLimit"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def peering(fields: Fields) -> CircuitPeering:
    """A peering, by itself or inside its circuit."""
    resource(fields)
    fields.ignore("stats")
    ipv6 = fields.child_or_none("ipv6PeeringConfig")
    has_key = fields.has("sharedKey")
    return CircuitPeering(
        name=fields.text("name"),
        kind=fields.text("peeringType"),
        state=fields.text("state"),
        azure_asn=fields.integer_or_none("azureASN"),
        peer_asn=fields.integer_or_none("peerASN"),
        vlan=fields.integer_or_none("vlanId"),
        primary_prefix=fields.get_or_none("primaryPeerAddressPrefix", values.ipv4_link, "an IPv4 prefix"),
        secondary_prefix=fields.get_or_none("secondaryPeerAddressPrefix", values.ipv4_link, "an IPv4 prefix"),
        primary_port=fields.text_or_none("primaryAzurePort"),
        secondary_port=fields.text_or_none("secondaryAzurePort"),
        has_shared_key=fields.text_or_none("sharedKey") is not None if has_key else None,
        provisioning_state=fields.text_or_none("provisioningState"),
        last_modified_by=fields.text_or_none("lastModifiedBy"),
        microsoft=_microsoft(fields.child_or_none("microsoftPeeringConfig")),
        ipv6=None if ipv6 is None else _ipv6_peering(ipv6),
        route_filter=fields.reference_or_none("routeFilter"),
        global_reach=_ids(fields, "connections"),
        global_reach_peers=_ids(fields, "peeredConnections"),
        hub_connection=fields.reference_or_none("expressRouteConnection"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _ids(fields: Fields, name: str) -> tuple[str, ...] | None:
    return fields.each_row(name, lambda row: row.identity())


def _microsoft(fields: Fields | None) -> MicrosoftPeering | None:
    if fields is None:
        return None
    fields.ignore("advertisedPublicPrefixInfo")
    return MicrosoftPeering(
        announced_prefixes=fields.prefixes_or_none("advertisedPublicPrefixes"),
        communities=fields.texts_or_none("advertisedCommunities"),
        customer_asn=fields.integer_or_none("customerASN"),
        routing_registry=fields.text_or_none("routingRegistryName"),
        validation=fields.text_or_none("advertisedPublicPrefixesState"),
        legacy_mode=fields.integer_or_none("legacyMode"),
    )


def _ipv6_peering(fields: Fields) -> Ipv6Peering:
    fields.ignore("routeFilter")
    return Ipv6Peering(
        primary_prefix=fields.get_or_none("primaryPeerAddressPrefix", values.ipv6_link, "an IPv6 prefix"),
        secondary_prefix=fields.get_or_none("secondaryPeerAddressPrefix", values.ipv6_link, "an IPv6 prefix"),
        state=fields.text_or_none("state"),
        microsoft=_microsoft(fields.child_or_none("microsoftPeeringConfig")),
    )


def _traffic(fields: Fields) -> CircuitTraffic:
    names = ("primarybytesIn", "primarybytesOut", "secondarybytesIn", "secondarybytesOut")
    if not any(fields.has(name) for name in names):
        refuse("has no byte counter", fields.source, path=fields.path)
    return CircuitTraffic(
        primary_in=fields.integer_or_none(names[0]),
        primary_out=fields.integer_or_none(names[1]),
        secondary_in=fields.integer_or_none(names[2]),
        secondary_out=fields.integer_or_none(names[3]),
        unread=fields.unread(),
        source=fields.source,
    )

"""VNets, their peerings and subnets, route tables, and what applies to a network interface.

https://learn.microsoft.com/rest/api/virtualnetwork/virtual-network-peerings/get
https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get-effective-route-table
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.azure import values
from pytest_azinterop.azure.document import prefixes_of, refuse
from pytest_azinterop.azure.parsers.resource import read_one, read_rows, resource
from pytest_azinterop.state.azure_network import (
    EffectiveRoute,
    NetworkInterface,
    RouteTable,
    Subnet,
    UserRoute,
    Vnet,
    VnetPeering,
)

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.azure.values import Address, Prefix
    from pytest_azinterop.state.azure_source import AzureSource


def parse_vnet(document: object, source: AzureSource) -> Reading[Vnet]:
    """One virtual network."""
    return read_one(document, source, _vnet)


def parse_vnets(document: object, source: AzureSource) -> Reading[Vnet]:
    """The virtual networks of a resource group or subscription."""
    return read_rows(document, source, _vnet)


def parse_peering(document: object, source: AzureSource) -> Reading[VnetPeering]:
    """One direction of a peering."""
    return read_one(document, source, _peering)


def parse_peerings(document: object, source: AzureSource) -> Reading[VnetPeering]:
    """The peerings of one virtual network."""
    return read_rows(document, source, _peering)


def parse_subnet(document: object, source: AzureSource) -> Reading[Subnet]:
    """One subnet."""
    return read_one(document, source, _subnet)


def parse_subnets(document: object, source: AzureSource) -> Reading[Subnet]:
    """The subnets of one virtual network."""
    return read_rows(document, source, _subnet)


def parse_route_table(document: object, source: AzureSource) -> Reading[RouteTable]:
    """One route table."""
    return read_one(document, source, _route_table)


def parse_route_tables(document: object, source: AzureSource) -> Reading[RouteTable]:
    """The route tables of a resource group or subscription."""
    return read_rows(document, source, _route_table)


def parse_network_interface(document: object, source: AzureSource) -> Reading[NetworkInterface]:
    """One network interface."""
    return read_one(document, source, _network_interface)


def parse_effective_routes(document: object, source: AzureSource) -> Reading[EffectiveRoute]:
    """What applies to a network interface; without a running machine Azure refuses the question."""
    return read_rows(document, source, _effective_route)


def _vnet(fields: Fields) -> Vnet:
    resource(fields)
    fields.ignore("dhcpOptions", "flowTimeoutInMinutes", "enableDdosProtection", "enableVmProtection", "encryption")
    fields.ignore("ddosProtectionPlan", "flowLogs", "ipAllocations", "privateEndpointVNetPolicies", "bgpCommunities")
    return Vnet(
        name=fields.text("name"),
        prefixes=_prefixes(fields, "addressSpace"),
        subnets=fields.each_row("subnets", _subnet),
        peerings=fields.each_row("virtualNetworkPeerings", _peering),
        summarized_gateway_prefixes=prefixes_of(fields.child_or_none("summarizedGatewayPrefixes")),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _prefixes(fields: Fields, name: str) -> tuple[Prefix, ...]:
    space = fields.child(name)
    space.ignore("ipamPoolPrefixAllocations")
    return space.each("addressPrefixes", values.as_prefix, "a prefix")


def _peering(fields: Fields) -> VnetPeering:
    resource(fields)
    fields.ignore("remoteBgpCommunities", "remoteVirtualNetworkEncryption", "doNotVerifyRemoteGateways")
    fields.ignore("localAddressSpace", "localVirtualNetworkAddressSpace")
    return VnetPeering(
        name=fields.text("name"),
        remote_vnet=fields.reference("remoteVirtualNetwork"),
        state=fields.text("peeringState"),
        sync_level=fields.text_or_none("peeringSyncLevel"),
        allow_vnet_access=fields.flag_or_none("allowVirtualNetworkAccess"),
        allow_forwarded_traffic=fields.flag_or_none("allowForwardedTraffic"),
        allow_gateway_transit=fields.flag_or_none("allowGatewayTransit"),
        use_remote_gateways=fields.flag_or_none("useRemoteGateways"),
        remote_prefixes=prefixes_of(fields.child_or_none("remoteAddressSpace")),
        complete_vnets=fields.flag_or_none("peerCompleteVnets"),
        remote_vnet_prefixes=prefixes_of(fields.child_or_none("remoteVirtualNetworkAddressSpace")),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _subnet(fields: Fields) -> Subnet:
    resource(fields)
    fields.ignore(
        "ipConfigurations", "serviceEndpoints", "delegations", "privateEndpoints", "privateEndpointNetworkPolicies"
    )
    fields.ignore("privateLinkServiceNetworkPolicies", "purpose", "natGateway", "defaultOutboundAccess")
    fields.ignore("resourceNavigationLinks", "serviceAssociationLinks", "ipConfigurationProfiles")
    several = fields.prefixes_or_none("addressPrefixes")
    single = fields.get_or_none("addressPrefix", values.as_prefix, "a prefix")
    if not several and single is None:
        refuse("has no address prefix", fields.source, path=fields.path)
    return Subnet(
        name=fields.text("name"),
        prefixes=several or ((single,) if single is not None else ()),
        route_table=fields.reference_or_none("routeTable"),
        network_security_group=fields.reference_or_none("networkSecurityGroup"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _route_table(fields: Fields) -> RouteTable:
    resource(fields)
    return RouteTable(
        name=fields.text("name"),
        routes=fields.each_row("routes", _user_route),
        disable_bgp_propagation=fields.flag_or_none("disableBgpRoutePropagation"),
        subnets=fields.each_row("subnets", lambda row: row.identity()),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _user_route(fields: Fields) -> UserRoute:
    resource(fields)
    fields.ignore("hasBgpOverride")
    return UserRoute(
        name=fields.text("name"),
        destination=fields.get("addressPrefix", _destination, "a prefix or service tag"),
        next_hop_type=fields.text("nextHopType"),
        next_hop=fields.address_or_none("nextHopIpAddress"),
    )


def _destination(value: object) -> Prefix | str:
    text = values.as_filled(value)
    return ip_network(text) if text[0].isdigit() or ":" in text else text


def _network_interface(fields: Fields) -> NetworkInterface:
    resource(fields)
    fields.ignore("macAddress", "primary", "enableAcceleratedNetworking", "nicType", "dnsSettings", "auxiliaryMode")
    fields.ignore("networkSecurityGroup", "tapConfigurations", "hostedWorkloads", "disableTcpStateTracking")
    fields.ignore("auxiliarySku", "allowPort25Out", "defaultOutboundConnectivityEnabled", "vnetEncryptionSupported")
    return NetworkInterface(
        name=fields.text("name"),
        addresses=tuple(map(_private_address, fields.rows("ipConfigurations"))),
        forwarding=fields.flag_or_none("enableIPForwarding"),
        machine=fields.reference_or_none("virtualMachine"),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _private_address(row: Fields) -> Address:
    resource(row)
    row.ignore("name", "provisioningState", "privateIPAllocationMethod", "privateIPAddressVersion", "primary", "subnet")
    row.ignore("publicIPAddress", "loadBalancerBackendAddressPools", "applicationSecurityGroups")
    return row.address("privateIPAddress")


def _effective_route(fields: Fields) -> EffectiveRoute:
    fields.ignore("hasBgpOverride", "tagMap")
    listed = fields.each("addressPrefix", _destination, "a prefix or service tag")
    tags = fields.texts_or_none("destinationServiceTags") or ()
    prefixes = tuple(item for item in listed if not isinstance(item, str))
    tags += tuple(item for item in listed if isinstance(item, str) and item not in tags)
    if not prefixes and not tags:
        refuse("has no destination", fields.source, path=fields.path)
    return EffectiveRoute(
        prefixes=prefixes,
        next_hops=fields.addresses_or_none("nextHopIpAddress"),
        next_hop_type=fields.text("nextHopType"),
        origin=fields.text("source"),
        state=fields.text("state"),
        name=fields.text_or_none("name"),
        service_tags=tags,
        propagation_disabled=fields.flag_or_none("disableBgpRoutePropagation"),
        unread=fields.unread(),
        source=fields.source,
    )

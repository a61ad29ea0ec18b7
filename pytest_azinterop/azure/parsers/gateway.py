"""Gateways, their BGP peers and routes, and local network gateways.

https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateways
https://learn.microsoft.com/rest/api/network-gateway/local-network-gateways/get
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.azure import values
from pytest_azinterop.azure.as_path import as_path_of
from pytest_azinterop.azure.document import prefixes_of
from pytest_azinterop.azure.parsers.resource import read_one, read_rows, resource
from pytest_azinterop.state.azure_gateway import (
    BgpSettings,
    Gateway,
    GatewayBgpPeer,
    GatewayInstanceAddresses,
    GatewayIpConfiguration,
    GatewayRoute,
    LocalNetworkGateway,
)

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.azure.values import Address
    from pytest_azinterop.state.azure_source import AzureSource


def parse(document: object, source: AzureSource) -> Reading[Gateway]:
    """One virtual network gateway."""
    return read_one(document, source, _gateway)


def parse_list(document: object, source: AzureSource) -> Reading[Gateway]:
    """The virtual network gateways of a resource group."""
    return read_rows(document, source, _gateway)


def parse_bgp_peers(document: object, source: AzureSource) -> Reading[GatewayBgpPeer]:
    """The BGP peers of every instance of a gateway."""
    return read_rows(document, source, _bgp_peer)


def parse_routes(document: object, source: AzureSource, *, peer: str | None = None) -> Reading[GatewayRoute]:
    """What the instances of a gateway learned, or advertise to `peer`."""
    to_peer = None if peer is None else ip_address(peer)
    return read_rows(document, source, lambda fields: _route(fields, to_peer))


def parse_local(document: object, source: AzureSource) -> Reading[LocalNetworkGateway]:
    """One local network gateway."""
    return read_one(document, source, _local)


def parse_locals(document: object, source: AzureSource) -> Reading[LocalNetworkGateway]:
    """The local network gateways of a resource group."""
    return read_rows(document, source, _local)


def _gateway(fields: Fields) -> Gateway:
    resource(fields)
    fields.ignore("vpnClientConfiguration", "natRules", "virtualNetworkGatewayPolicyGroups", "gatewayDefaultSite")
    fields.ignore("inboundDnsForwardingEndpoint", "enableDnsForwarding", "identity", "autoScaleConfiguration")
    sku = fields.child("sku")
    sku.ignore("tier", "capacity")
    bgp = fields.child_or_none("bgpSettings")
    return Gateway(
        name=fields.text("name"),
        kind=fields.text("gatewayType"),
        sku=sku.text("name"),
        active_active=_either(fields, "activeActive", "active"),
        bgp_enabled=fields.flag_or_none("enableBgp"),
        bgp=None if bgp is None else bgp_settings(bgp),
        vpn_type=fields.text_or_none("vpnType"),
        generation=fields.text_or_none("vpnGatewayGeneration"),
        ip_configurations=fields.each_row("ipConfigurations", _ip_configuration),
        private_address_enabled=fields.flag_or_none("enablePrivateIpAddress"),
        allow_remote_vnet_traffic=fields.flag_or_none("allowRemoteVnetTraffic"),
        allow_virtual_wan_traffic=fields.flag_or_none("allowVirtualWanTraffic"),
        resiliency_model=fields.text_or_none("resiliencyModel"),
        custom_routes=prefixes_of(fields.child_or_none("customRoutes")),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _either(fields: Fields, name: str, other: str) -> bool | None:
    """The command-line client of some years printed `active` for `activeActive`."""
    return fields.flag_or_none(name if fields.has(name) else other)


def _ip_configuration(fields: Fields) -> GatewayIpConfiguration:
    resource(fields)
    fields.ignore("privateIPAllocationMethod")
    return GatewayIpConfiguration(
        name=fields.text("name"),
        subnet=fields.reference_or_none("subnet"),
        public_ip=fields.reference_or_none("publicIPAddress"),
        private_address=fields.address_or_none("privateIPAddress"),
    )


def bgp_settings(fields: Fields) -> BgpSettings:
    """BGP of a gateway, virtual or local; `bgpPeeringAddress` lists one address per instance, by commas."""
    return BgpSettings(
        asn=fields.integer("asn"),
        addresses=fields.get_or_none("bgpPeeringAddress", _addresses, "addresses"),
        peer_weight=fields.integer_or_none("peerWeight"),
        instances=fields.each_row("bgpPeeringAddresses", _instance),
    )


def _addresses(value: object) -> tuple[Address, ...]:
    return tuple(ip_address(part.strip()) for part in values.as_text(value).split(","))


def _instance(fields: Fields) -> GatewayInstanceAddresses:
    return GatewayInstanceAddresses(
        ip_configuration=fields.text("ipconfigurationId"),
        bgp=fields.addresses_or_none("defaultBgpIpAddresses"),
        custom_bgp=fields.addresses_or_none("customBgpIpAddresses"),
        tunnel=fields.addresses_or_none("tunnelIpAddresses"),
    )


def _bgp_peer(fields: Fields) -> GatewayBgpPeer:
    return GatewayBgpPeer(
        instance=fields.address("localAddress"),
        neighbor=fields.address("neighbor"),
        asn=fields.integer("asn"),
        state=fields.text("state"),
        connected_for=fields.duration_or_none("connectedDuration"),
        routes_received=fields.integer_or_none("routesReceived"),
        messages_sent=fields.integer_or_none("messagesSent"),
        messages_received=fields.integer_or_none("messagesReceived"),
        unread=fields.unread(),
        source=fields.source,
    )


def _route(fields: Fields, to_peer: Address | None) -> GatewayRoute:
    path, _ = fields.get_blank("asPath", as_path_of, "an AS path")
    return GatewayRoute(
        instance=fields.address("localAddress"),
        prefix=fields.prefix("network"),
        next_hop=fields.address_or_none("nextHop"),
        source_peer=fields.address_or_none("sourcePeer"),
        protocol=fields.text("origin"),
        as_path=path,
        weight=fields.integer("weight"),
        to_peer=to_peer,
        unread=fields.unread(),
        source=fields.source,
    )


def _local(fields: Fields) -> LocalNetworkGateway:
    resource(fields)
    bgp = fields.child_or_none("bgpSettings")
    return LocalNetworkGateway(
        name=fields.text("name"),
        address=fields.address_or_none("gatewayIpAddress"),
        fqdn=fields.text_or_none("fqdn"),
        prefixes=prefixes_of(fields.child_or_none("localNetworkAddressSpace")),
        bgp=None if bgp is None else bgp_settings(bgp),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )

"""Connections of virtual network gateways.

https://learn.microsoft.com/rest/api/network-gateway/virtual-network-gateway-connections/get
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.azure import values
from pytest_azinterop.azure.parsers.resource import read_one, read_rows, resource
from pytest_azinterop.state.azure_connection import (
    Connection,
    CustomBgpAddress,
    IpsecPolicy,
    TrafficSelector,
    TunnelHealth,
)

if TYPE_CHECKING:
    from pytest_azinterop.azure.document import Fields
    from pytest_azinterop.azure.reading import Reading
    from pytest_azinterop.state.azure_source import AzureSource


def parse(document: object, source: AzureSource) -> Reading[Connection]:
    """One connection."""
    return read_one(document, source, _connection)


def parse_list(document: object, source: AzureSource) -> Reading[Connection]:
    """The connections of a resource group, or of one gateway. A list leaves some fields out."""
    return read_rows(document, source, _connection)


def _connection(fields: Fields) -> Connection:
    resource(fields)
    fields.ignore("sharedKey", "authorizationKey", "ingressNatRules", "egressNatRules", "tunnelProperties")
    fields.ignore("routingConfiguration", "certificateAuthentication")
    return Connection(
        name=fields.text("name"),
        kind=fields.text("connectionType"),
        gateway=fields.reference("virtualNetworkGateway1"),
        other_gateway=fields.reference_or_none("virtualNetworkGateway2"),
        local_gateway=fields.reference_or_none("localNetworkGateway2"),
        circuit=fields.reference_or_none("peer"),
        status=fields.text_or_none("connectionStatus"),
        bgp_enabled=fields.flag_or_none("enableBgp"),
        routing_weight=fields.integer_or_none("routingWeight"),
        ingress_bytes=fields.integer_or_none("ingressBytesTransferred"),
        egress_bytes=fields.integer_or_none("egressBytesTransferred"),
        ike=fields.text_or_none("connectionProtocol"),
        mode=fields.text_or_none("connectionMode"),
        dpd_timeout_seconds=fields.integer_or_none("dpdTimeoutSeconds"),
        ipsec_policies=fields.each_row("ipsecPolicies", _policy),
        traffic_selectors=fields.each_row("trafficSelectorPolicies", _selector),
        policy_based=fields.flag_or_none("usePolicyBasedTrafficSelectors"),
        tunnels=fields.each_row("tunnelConnectionStatus", _tunnel),
        custom_bgp_addresses=fields.each_row("gatewayCustomBgpIpAddresses", _custom_bgp),
        over_private_address=fields.flag_or_none("useLocalAzureIpAddress"),
        fast_path=fields.flag_or_none("expressRouteGatewayBypass"),
        private_link_fast_path=fields.flag_or_none("enablePrivateLinkFastPath"),
        authentication=fields.text_or_none("authenticationType"),
        region=fields.text_or_none("location"),
        provisioning_state=fields.text_or_none("provisioningState"),
        resource_id=fields.text_or_none("id"),
        unread=fields.unread(),
        source=fields.source,
    )


def _policy(fields: Fields) -> IpsecPolicy:
    """With a custom policy all six algorithms are required."""
    return IpsecPolicy(
        ike_encryption=fields.text("ikeEncryption"),
        ike_integrity=fields.text("ikeIntegrity"),
        dh_group=fields.text("dhGroup"),
        ipsec_encryption=fields.text("ipsecEncryption"),
        ipsec_integrity=fields.text("ipsecIntegrity"),
        pfs_group=fields.text("pfsGroup"),
        lifetime_seconds=fields.integer("saLifeTimeSeconds"),
        lifetime_kilobytes=fields.integer("saDataSizeKilobytes"),
    )


def _selector(fields: Fields) -> TrafficSelector:
    return TrafficSelector(
        local=fields.each("localAddressRanges", values.as_prefix, "a prefix"),
        remote=fields.each("remoteAddressRanges", values.as_prefix, "a prefix"),
    )


def _tunnel(fields: Fields) -> TunnelHealth:
    return TunnelHealth(
        tunnel=fields.text("tunnel"),
        status=fields.text("connectionStatus"),
        ingress_bytes=fields.integer_or_none("ingressBytesTransferred"),
        egress_bytes=fields.integer_or_none("egressBytesTransferred"),
        established_at=fields.moment_or_none("lastConnectionEstablishedUtcTime"),
    )


def _custom_bgp(fields: Fields) -> CustomBgpAddress:
    return CustomBgpAddress(
        ip_configuration=fields.text("ipConfigurationId"), address=fields.address("customBgpIpAddress")
    )

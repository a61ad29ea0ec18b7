"""The released SDK, sync and async, driven through every question of the catalogue, and how its models compare with our
records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

import azure_answers as answers
from fake_azure import TOKEN, FakeAzure

from pytest_azinterop.azure.request import Request
from pytest_azinterop.state.plain import plain

IDS: Final = {"subscription": answers.SUBSCRIPTION, "group": "net"}
VM: Final = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm"
PEER: Final = "10.2.30.125"
CIRCUIT: Final = {**IDS, "circuit": "er1"}
PEERING: Final = {**CIRCUIT, "peering": "AzurePrivatePeering"}
DEVICE: Final = {**PEERING, "path": "secondary"}
GATEWAY: Final = {**IDS, "gateway": "hub-vpn"}
SITE: Final = {**GATEWAY, "kind": "All", "latest": "true"}

# Operation -> its parameters here, the SDK's group and method, and the arguments behind the resource group.
CALLS: Final[Mapping[str, tuple[dict[str, str], str, str, tuple[str, ...], dict[str, Any]]]] = {
    "circuit": (CIRCUIT, "express_route_circuits", "get", ("er1",), {}),
    "circuits": (IDS, "express_route_circuits", "list", (), {}),
    "subscription-circuits": ({"subscription": IDS["subscription"]}, "express_route_circuits", "list_all", (), {}),
    "circuit-traffic": (CIRCUIT, "express_route_circuits", "get_stats", ("er1",), {}),
    "circuit-peering": (PEERING, "express_route_circuit_peerings", "get", ("er1", "AzurePrivatePeering"), {}),
    "circuit-peerings": (CIRCUIT, "express_route_circuit_peerings", "list", ("er1",), {}),
    "peering-traffic": (PEERING, "express_route_circuits", "get_peering_stats", ("er1", "AzurePrivatePeering"), {}),
    "circuit-arp": (
        DEVICE, "express_route_circuits", "begin_list_arp_table", ("er1", "AzurePrivatePeering", "secondary"), {},
    ),
    "circuit-routes": (
        DEVICE, "express_route_circuits", "begin_list_routes_table", ("er1", "AzurePrivatePeering", "secondary"), {},
    ),
    "circuit-sessions": (
        DEVICE, "express_route_circuits", "begin_list_routes_table_summary",
        ("er1", "AzurePrivatePeering", "secondary"), {},
    ),
    "link-failover-tests": (
        {**CIRCUIT, "kind": "LinkFailover", "latest": "true"}, "express_route_circuits",
        "begin_get_circuit_link_failover_all_tests_details", ("er1",),
        {"failover_test_type": "LinkFailover", "fetch_latest": True},
    ),
    "link-failover-test": (
        {**CIRCUIT, "link": "Primary", "category": "BgpDisconnect", "test": "g"}, "express_route_circuits",
        "begin_get_circuit_link_failover_single_test_details", ("er1",),
        {"link_type": "Primary", "circuit_test_category": "BgpDisconnect", "failover_test_id": "g"},
    ),
    "gateway": (GATEWAY, "virtual_network_gateways", "get", ("hub-vpn",), {}),
    "gateways": (IDS, "virtual_network_gateways", "list", (), {}),
    "gateway-connections": (GATEWAY, "virtual_network_gateways", "list_connections", ("hub-vpn",), {}),
    "bgp-peers": (
        {**GATEWAY, "peer": PEER}, "virtual_network_gateways", "begin_get_bgp_peer_status", ("hub-vpn",),
        {"peer": PEER},
    ),
    "learned-routes": (GATEWAY, "virtual_network_gateways", "begin_get_learned_routes", ("hub-vpn",), {}),
    "advertised-routes": (
        {**GATEWAY, "peer": PEER}, "virtual_network_gateways", "begin_get_advertised_routes", ("hub-vpn",),
        {"peer": PEER},
    ),
    "resiliency": (
        {**GATEWAY, "refresh": "false"}, "virtual_network_gateways", "begin_get_resiliency_information",
        ("hub-vpn",), {"attempt_refresh": False},
    ),
    "route-sets": (
        {**GATEWAY, "refresh": "false"}, "virtual_network_gateways", "begin_get_routes_information",
        ("hub-vpn",), {"attempt_refresh": False},
    ),
    "site-failover-tests": (
        SITE, "virtual_network_gateways", "begin_get_failover_all_test_details", ("hub-vpn",),
        {"type": "All", "fetch_latest": True},
    ),
    "site-failover-test": (
        {**GATEWAY, "location": "London", "test": "g"}, "virtual_network_gateways",
        "begin_get_failover_single_test_details", ("hub-vpn",),
        {"peering_location": "London", "failover_test_id": "g"},
    ),
    "connection": ({**IDS, "connection": "to-loc1"}, "virtual_network_gateway_connections", "get", ("to-loc1",), {}),
    "connections": (IDS, "virtual_network_gateway_connections", "list", (), {}),
    "local-gateway": ({**IDS, "local_gateway": "loc1"}, "local_network_gateways", "get", ("loc1",), {}),
    "local-gateways": (IDS, "local_network_gateways", "list", (), {}),
    "vnet": ({**IDS, "vnet": "hub"}, "virtual_networks", "get", ("hub",), {}),
    "vnets": (IDS, "virtual_networks", "list", (), {}),
    "subscription-vnets": ({"subscription": IDS["subscription"]}, "virtual_networks", "list_all", (), {}),
    "vnet-peering": (
        {**IDS, "vnet": "hub", "peering": "hub-to-spoke"}, "virtual_network_peerings", "get",
        ("hub", "hub-to-spoke"), {},
    ),
    "vnet-peerings": ({**IDS, "vnet": "hub"}, "virtual_network_peerings", "list", ("hub",), {}),
    "subnet": ({**IDS, "vnet": "hub", "subnet": "GatewaySubnet"}, "subnets", "get", ("hub", "GatewaySubnet"), {}),
    "subnets": ({**IDS, "vnet": "hub"}, "subnets", "list", ("hub",), {}),
    "route-table": ({**IDS, "route_table": "gateway"}, "route_tables", "get", ("gateway",), {}),
    "route-tables": (IDS, "route_tables", "list", (), {}),
    "network-interface": ({**IDS, "nic": "nic1"}, "network_interfaces", "get", ("nic1",), {}),
    "effective-routes": (
        {**IDS, "nic": "nic1"}, "network_interfaces", "begin_get_effective_route_table", ("nic1",), {},
    ),
    "watchers": ({"subscription": IDS["subscription"]}, "network_watchers", "list_all", (), {}),
    "next-hop": (
        {**IDS, "watcher": "nw", "target": VM, "source": "10.0.0.4", "destination": "10.2.0.4"},
        "network_watchers", "begin_get_next_hop", ("nw",),
        {"parameters": {"targetResourceId": VM, "sourceIPAddress": "10.0.0.4", "destinationIPAddress": "10.2.0.4"}},
    ),
    "connectivity": (
        {**IDS, "watcher": "nw", "source": VM, "destination": "10.2.0.4", "port": "22", "protocol": "Tcp"},
        "network_watchers", "begin_check_connectivity", ("nw",),
        {
            "parameters": {
                "source": {"resourceId": VM},
                "destination": {"address": "10.2.0.4", "port": 22},
                "protocol": "Tcp",
            }
        },
    ),
}  # fmt: skip

# Record -> field of ours: attribute of the SDK's model, by the SDK's own names.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Circuit": {
        "name": "name", "circuit_state": "circuit_provisioning_state", "tier": "sku.tier", "family": "sku.family",
        "provider_state": "service_provider_provisioning_state", "region": "location",
        "bandwidth_mbps": "service_provider_properties.bandwidth_in_mbps", "resource_id": "id",
        "peering_location": "service_provider_properties.peering_location",
        "global_reach_enabled": "global_reach_enabled",
    },
    "CircuitPeering": {
        "name": "name", "kind": "peering_type", "state": "state", "azure_asn": "azure_asn", "peer_asn": "peer_asn",
        "vlan": "vlan_id", "primary_prefix": "primary_peer_address_prefix", "primary_port": "primary_azure_port",
        "secondary_prefix": "secondary_peer_address_prefix",
    },
    "CircuitTraffic": {
        "primary_in": "primarybytes_in", "primary_out": "primarybytes_out",
        "secondary_in": "secondarybytes_in", "secondary_out": "secondarybytes_out",
    },
    "CircuitArpEntry": {"address": "ip_address", "side": "interface", "age": "age"},
    "CircuitRoute": {"prefix": "network", "weight": "weight"},
    "CircuitSession": {"neighbor": "neighbor", "asn": "as_property", "up_down": "up_down", "bgp_version": "v"},
    "Gateway": {
        "name": "name", "kind": "gateway_type", "sku": "sku.name", "active_active": "active_active",
        "bgp_enabled": "enable_bgp", "vpn_type": "vpn_type", "generation": "vpn_gateway_generation",
        "bgp.asn": "bgp_settings.asn", "bgp.peer_weight": "bgp_settings.peer_weight",
    },
    "GatewayBgpPeer": {
        "instance": "local_address", "neighbor": "neighbor", "asn": "asn", "state": "state",
        "routes_received": "routes_received", "messages_sent": "messages_sent",
        "messages_received": "messages_received",
    },
    "GatewayRoute": {
        "instance": "local_address", "prefix": "network", "next_hop": "next_hop", "source_peer": "source_peer",
        "protocol": "origin", "weight": "weight",
    },
    "LocalNetworkGateway": {"name": "name", "address": "gateway_ip_address", "bgp.asn": "bgp_settings.asn"},
    "Connection": {
        "name": "name", "kind": "connection_type", "status": "connection_status", "bgp_enabled": "enable_bgp",
        "routing_weight": "routing_weight", "gateway": "virtual_network_gateway1.id",
        "ingress_bytes": "ingress_bytes_transferred", "egress_bytes": "egress_bytes_transferred",
        "ike": "connection_protocol", "mode": "connection_mode",
    },
    "Vnet": {"name": "name", "region": "location", "prefixes": "address_space.address_prefixes"},
    "VnetPeering": {
        "name": "name", "remote_vnet": "remote_virtual_network.id", "state": "peering_state",
        "sync_level": "peering_sync_level", "allow_vnet_access": "allow_virtual_network_access",
        "allow_forwarded_traffic": "allow_forwarded_traffic", "allow_gateway_transit": "allow_gateway_transit",
        "use_remote_gateways": "use_remote_gateways", "remote_prefixes": "remote_address_space.address_prefixes",
    },
    "Subnet": {"name": "name", "route_table": "route_table.id"},
    "RouteTable": {"name": "name", "disable_bgp_propagation": "disable_bgp_route_propagation"},
    "NetworkInterface": {
        "name": "name", "forwarding": "enable_ip_forwarding", "machine": "virtual_machine.id", "region": "location",
        "provisioning_state": "provisioning_state", "resource_id": "id",
    },
    "EffectiveRoute": {
        "next_hop_type": "next_hop_type", "origin": "source", "state": "state", "name": "name",
        "next_hops": "next_hop_ip_address",
    },
    "NetworkWatcher": {"name": "name", "region": "location"},
    "NextHop": {"kind": "next_hop_type", "address": "next_hop_ip_address", "route_table": "route_table_id"},
    "Connectivity": {
        "status": "connection_status", "probes_sent": "probes_sent", "probes_failed": "probes_failed",
        "average_latency": "avg_latency_in_ms",
    },
    "GatewayResiliency": {"score": "overall_score", "score_change": "score_change"},
    "RouteSets": {"version": "route_set_version"},
    "SiteFailoverTest": {"location": "peering_location", "status": "status", "kind": "test_type"},
    "SiteFailoverResult": {"location": "peering_location", "successful": "was_simulation_successful"},
    "LinkFailoverTest": {"link": "link_type", "status": "status", "category": "circuit_test_category"},
}  # fmt: skip


class SyncToken:
    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(self.token, 4_000_000_000)


class AsyncToken:
    def __init__(self, token: str) -> None:
        self.token = token

    async def get_token(self, *_: str, **__: Any) -> Any:
        return SyncToken(self.token).get_token()

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


def version(request: Request) -> str:
    return request.operation.api_version


@dataclass(frozen=True)
class Door:
    """Where the SDK asks, and as whom."""

    url: str
    ca: str
    token: str = TOKEN
    subscription: str = answers.SUBSCRIPTION

    @classmethod
    def of(cls, azure: FakeAzure) -> Door:
        return cls(azure.url, str(azure.certificate))


Call = tuple[str, str, tuple[str, ...], dict[str, Any]]


def call_of(operation: str) -> Call:
    _, group, method, positional, keywords = CALLS[operation]
    return group, method, positional, keywords


def sdk_sync(door: Door, request: Request, call: Call) -> list[Any]:
    from azure.mgmt.network import NetworkManagementClient

    group, method, positional, keywords = call
    with NetworkManagementClient(
        SyncToken(door.token), door.subscription, base_url=door.url, credential_scopes=["https://test/.default"],
        polling_interval=0.001, connection_verify=door.ca, retry_total=0,
    ) as client:  # fmt: skip
        ask = getattr(getattr(client, group), method)
        found = ask(*_group(request), *positional, **keywords, api_version=version(request))
        return _rows(found.result() if method.startswith("begin_") else found)


def sdk_async(door: Door, request: Request, call: Call) -> list[Any]:
    from azure.mgmt.network.aio import NetworkManagementClient

    group, method, positional, keywords = call

    async def ask() -> list[Any]:
        async with NetworkManagementClient(
            AsyncToken(door.token), door.subscription, base_url=door.url, credential_scopes=["https://test/.default"],
            polling_interval=0.001, connection_verify=door.ca, retry_total=0,
        ) as client:  # fmt: skip
            ask_it = getattr(getattr(client, group), method)
            found = ask_it(*_group(request), *positional, **keywords, api_version=version(request))
            if hasattr(found, "__aiter__"):
                return [row async for row in found]
            found = await found
            return _rows(await found.result() if method.startswith("begin_") else found)

    return asyncio.run(ask())


Sdk = Callable[[Door, Request, Call], list[Any]]


def _group(request: Request) -> tuple[str, ...]:
    return (request.given["group"],) if "group" in request.given else ()


def _rows(found: Any) -> list[Any]:
    """The rows of whatever the SDK returns: a pager, a list, a model with `value`, or one model."""
    if isinstance(found, list) or (hasattr(found, "by_page")):
        return list(found)
    value = getattr(found, "value", None)
    return list(value) if isinstance(value, list) else [found]


def dig(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


def told(value: object) -> object:
    """A value of either side as it compares; addresses and prefixes as text."""
    shown = plain(value.value if isinstance(value, Enum) else value)
    if isinstance(shown, list):
        return [told(item) for item in shown]
    return str(shown).lower() if shown is not None and not isinstance(shown, (bool, int, float)) else shown


def read_alike(records: tuple[Any, ...], rows: list[Any]) -> None:
    """Every field that both sides have, of every record. (A list of connections has a model with fewer fields.)"""
    assert len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        for name, attribute in FIELDS[type(record).__name__].items():
            if hasattr(row, attribute.split(".")[0]) or not type(row).__name__.endswith("ListEntity"):
                assert told(dig(record, name)) == told(dig(row, attribute)), (name, attribute)

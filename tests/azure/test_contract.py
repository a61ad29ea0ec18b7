"""The released SDK and our client ask the same and read the same, for every question of the catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, Self

import azure_answers as answers
import pytest
from fake_azure import TOKEN, FakeAzure, ManualClock, Reply, Seen

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.client import ArmClient
from pytest_azinterop.azure.request import Request
from pytest_azinterop.state.plain import plain

pytestmark = pytest.mark.contract

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
RESULT: Final = f"/subscriptions/{answers.SUBSCRIPTION}/providers/Microsoft.Network/locations/uk/operationResults/1"
STATUS: Final = RESULT.replace("operationResults", "operations")
ANSWERS: Final = {name: document for name, _, document in answers.ANSWERS}


class SyncToken:
    def get_token(self, *_: str, **__: Any) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(TOKEN, 4_000_000_000)


class AsyncToken:
    async def get_token(self, *_: str, **__: Any) -> Any:
        return SyncToken().get_token()

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


def at_location(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(None, 202, {"Location": azure.url + RESULT}))
    azure.on("GET", RESULT, Reply(None, 202, {"Location": azure.url + RESULT}), Reply(document))


def in_status(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(None, 202, {"Azure-AsyncOperation": azure.url + STATUS}))
    beside = document if isinstance(document, dict) else {"value": document}
    azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded", **beside}))


def both(azure: FakeAzure, path: str, document: object) -> None:
    headers = {"Azure-AsyncOperation": azure.url + STATUS, "Location": azure.url + RESULT}
    azure.on("POST", path, Reply(None, 202, headers))
    azure.on("GET", STATUS, Reply({"status": "InProgress"}), Reply({"status": "Succeeded"}))
    azure.on("GET", RESULT, Reply(document))


def at_once(azure: FakeAzure, path: str, document: object) -> None:
    azure.on("POST", path, Reply(document))


Style = Callable[[FakeAzure, str, object], None]


def scripted(azure: FakeAzure, request: Request, style: Style = at_location) -> None:
    document = ANSWERS[request.operation_name]
    if request.operation.verb == "POST":
        style(azure, request.path, document)
    else:
        azure.on("GET", request.path, Reply(document))


def version(request: Request) -> str:
    return request.operation.api_version


def sdk_sync(azure: FakeAzure, request: Request) -> list[Any]:
    from azure.mgmt.network import NetworkManagementClient

    _, group, method, positional, keywords = CALLS[request.operation_name]
    with NetworkManagementClient(
        SyncToken(), answers.SUBSCRIPTION, base_url=azure.url, credential_scopes=["https://test/.default"],
        polling_interval=0.001, connection_verify=str(azure.certificate), retry_total=0,
    ) as client:  # fmt: skip
        call = getattr(getattr(client, group), method)
        found = call(*_group(request), *positional, **keywords, api_version=version(request))
        return _rows(found.result() if method.startswith("begin_") else found)


def sdk_async(azure: FakeAzure, request: Request) -> list[Any]:
    from azure.mgmt.network.aio import NetworkManagementClient

    _, group, method, positional, keywords = CALLS[request.operation_name]

    async def ask() -> list[Any]:
        async with NetworkManagementClient(
            AsyncToken(), answers.SUBSCRIPTION, base_url=azure.url, credential_scopes=["https://test/.default"],
            polling_interval=0.001, connection_verify=str(azure.certificate), retry_total=0,
        ) as client:  # fmt: skip
            call = getattr(getattr(client, group), method)
            found = call(*_group(request), *positional, **keywords, api_version=version(request))
            if hasattr(found, "__aiter__"):
                return [row async for row in found]
            found = await found
            return _rows(await found.result() if method.startswith("begin_") else found)

    return asyncio.run(ask())


def _group(request: Request) -> tuple[str, ...]:
    return (request.given["group"],) if "group" in request.given else ()


def _rows(found: Any) -> list[Any]:
    """The rows of whatever the SDK returns: a pager, a list, a model with `value`, or one model."""
    if isinstance(found, list) or (hasattr(found, "by_page")):
        return list(found)
    value = getattr(found, "value", None)
    return list(value) if isinstance(value, list) else [found]


def asked(azure: FakeAzure) -> list[tuple[str, str, frozenset[tuple[str, str]], object]]:
    """What arrived, without the polls: verb, path, query, body."""
    return [
        (seen.verb, seen.path, frozenset(seen.query), seen.body)
        for seen in azure.seen
        if "/locations/" not in seen.path
    ]


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


@pytest.fixture(params=[sdk_sync, sdk_async], ids=["sync", "async"])
def sdk(request: pytest.FixtureRequest) -> Iterator[Callable[[FakeAzure, Request], list[Any]]]:
    return request.param  # type: ignore[no-any-return]


def test_every_question_is_compared() -> None:
    assert CALLS.keys() == OPERATIONS.keys()
    assert {operation.record_type().__name__ for operation in OPERATIONS.values()} == FIELDS.keys()


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_asked_and_read_alike(
    azure: FakeAzure, client: ArmClient, sdk: Callable[[FakeAzure, Request], list[Any]], operation: str
) -> None:
    request = Request.of(operation, **CALLS[operation][0])
    scripted(azure, request)
    records: Any = client.ask(request).read().records
    ours = asked(azure)
    azure.seen.clear()
    scripted(azure, request)
    rows = sdk(azure, request)
    assert asked(azure) == ours
    assert len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        for name, attribute in FIELDS[type(record).__name__].items():
            if operation == "gateway-connections" and not hasattr(row, attribute.split(".")[0]):
                continue
            assert told(dig(record, name)) == told(dig(row, attribute)), (name, attribute)


@pytest.mark.parametrize("style", [at_once, at_location, both, in_status])
@pytest.mark.parametrize("operation", ["learned-routes", "circuit-routes", "next-hop"])
def test_every_style_of_long_running_operation(
    azure: FakeAzure, client: ArmClient, sdk: Callable[[FakeAzure, Request], list[Any]], operation: str, style: Style
) -> None:
    request = Request.of(operation, **CALLS[operation][0])
    scripted(azure, request, style)
    records = client.ask(request).read().records
    polls = [seen.path for seen in azure.seen]
    azure.seen.clear()
    scripted(azure, request, style)
    rows = sdk(azure, request)
    assert len(rows) == len(records) > 0
    assert [seen.path for seen in azure.seen] == polls


@pytest.mark.parametrize("operation", ["site-failover-tests", "site-failover-test", "link-failover-tests"])
def test_a_shape_that_the_sdk_does_not_read(azure: FakeAzure, client: ArmClient, operation: str) -> None:
    """Microsoft's own PowerShell module reads `{"value": […]}` here, which the SDK takes for a list."""
    request = Request.of(operation, **CALLS[operation][0])
    at_location(azure, request.path, {"value": ANSWERS[operation]})
    assert len(client.ask(request).read().records) == 1


def test_what_the_sdk_takes_for_an_answer(azure: FakeAzure, client: ArmClient, clock: ManualClock) -> None:
    """A status document without a result is a list without a value to the SDK; to us it is no answer."""
    request = Request.of("learned-routes", **GATEWAY)
    in_status(azure, request.path, {})
    (row,) = sdk_sync(azure, request)
    assert row.value is None
    in_status(azure, request.path, {})
    with pytest.raises(Exception, match="nowhere told"):
        client.ask(request)


def test_the_token_is_sent_alike(azure: FakeAzure, client: ArmClient) -> None:
    request = Request.of("gateway", **GATEWAY)
    scripted(azure, request)
    client.ask(request)
    sdk_sync(azure, request)
    ours, theirs = azure.seen
    assert isinstance(ours, Seen)
    assert ours.authorization == theirs.authorization == f"Bearer {TOKEN}"

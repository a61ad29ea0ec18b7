"""The released SDK against the endpoint, over TLS: every call of the lab's Azure, decoded by the SDK's models."""

from __future__ import annotations

import asyncio
import ssl
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Self

import pytest
import yaml
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.mgmt.network import NetworkManagementClient

from pytest_azinterop.lab.launch import Ready, start
from tests.lab_log import lab_events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP, PRIVATE, CIRCUIT = "interop", "AzurePrivatePeering", "expressroute-1"


class Credential:
    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *scopes: str, **more: object) -> AccessToken:
        return AccessToken(self.token, int(time.time()) + 3600)


class AsyncCredential(Credential):
    async def get_token(self, *scopes: str, **more: object) -> AccessToken:  # type: ignore[override]
        return super().get_token(*scopes)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None: ...


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with start(speed=0, arm=True, arm_pace=500, log=tmp_path_factory.mktemp("arm") / "lab.jsonl") as ready:
        yield ready


def client_of(ready: Ready, **more: Any) -> Any:
    door = ready.arm
    assert door is not None
    settings = {"base_url": door.url, "connection_verify": door.ca, "polling_interval": 0.01, **more}
    return NetworkManagementClient(Credential(door.token), door.subscription, **settings)


@pytest.fixture(scope="module")
def client(lab: Ready) -> Iterator[Any]:
    with client_of(lab) as found:
        yield found


def test_resources_are_decoded(client: Any) -> None:
    circuit = client.express_route_circuits.get(GROUP, CIRCUIT)
    assert (circuit.properties.circuit_provisioning_state, circuit.properties.service_provider_provisioning_state) == (
        "Enabled", "Provisioned",
    )  # fmt: skip
    assert circuit.properties.service_provider_properties.peering_location == "Washington DC"
    peering = client.express_route_circuit_peerings.get(GROUP, CIRCUIT, PRIVATE).properties
    assert (peering.peer_asn, peering.azure_asn, peering.vlan_id, peering.state) == (65021, 12076, 300, "Enabled")
    assert peering.primary_peer_address_prefix == "192.168.30.16/30"
    gateway = client.virtual_network_gateways.get(GROUP, "hub-vpn").properties
    assert (gateway.bgp_settings.asn, gateway.bgp_settings.bgp_peering_address) == (65515, "10.10.30.254")
    assert gateway.bgp_settings.bgp_peering_addresses[0].tunnel_ip_addresses == ["52.168.162.84"]
    assert client.virtual_network_gateways.get(GROUP, "hub-er").properties.gateway_type == "ExpressRoute"
    connection = client.virtual_network_gateway_connections.get(GROUP, "hub-to-loc1").properties
    assert connection.connection_status == "Connected"
    assert connection.tunnel_connection_status[0].connection_status == "Connected"
    assert connection.ipsec_policies == []
    assert connection.shared_key is None
    local = client.local_network_gateways.get(GROUP, "loc1").properties
    assert (local.gateway_ip_address, local.bgp_settings.asn) == ("66.198.12.106", 65021)
    pair = client.virtual_network_peerings.get(GROUP, "spoke", "spoke-to-hub").properties
    assert (pair.use_remote_gateways, pair.peering_state, pair.peering_sync_level) == (True, "Connected", "FullyInSync")
    assert client.subnets.get(GROUP, "hub", "workloads").properties.route_table.id.endswith("routeTables/hub-workloads")
    assert client.route_tables.get(GROUP, "hub-workloads").properties.disable_bgp_route_propagation is False
    interface = client.network_interfaces.get(GROUP, "vm-hub-nic").properties
    assert interface.ip_configurations[0].properties.private_ip_address == "10.10.30.4"
    assert client.public_ip_addresses.get(GROUP, "hub-vpn-pip1").properties.ip_address == "52.168.162.84"


def test_lists_are_followed_to_their_end(client: Any) -> None:
    names = {each.name for each in client.virtual_network_gateway_connections.list(GROUP)}
    assert names == {"hub-er1", "hub-er2", "remote-er1", "hub-to-loc1", "hub-to-branch", "branch-to-hub"}
    assert len(list(client.virtual_networks.list(GROUP))) == 4
    assert len(list(client.virtual_network_gateways.list(GROUP))) == 4
    assert len(list(client.express_route_circuits.list_all())) == 2
    assert [each.name for each in client.virtual_network_gateways.list_connections(GROUP, "hub-vpn")] == [
        "hub-to-loc1", "hub-to-branch",
    ]  # fmt: skip
    assert [each.name for each in client.express_route_circuit_peerings.list(GROUP, CIRCUIT)] == [PRIVATE]
    assert [each.name for each in client.virtual_network_peerings.list(GROUP, "hub")] == ["hub-to-spoke"]


@pytest.mark.parametrize("path", ["primary", "secondary"])
def test_circuit_tables_are_decoded(client: Any, path: str) -> None:
    circuits = client.express_route_circuits
    table = circuits.begin_list_routes_table(GROUP, CIRCUIT, PRIVATE, path).result(30).value
    assert ("10.2.30.0/25" in {row.network for row in table}) is (path == "primary")
    summary = circuits.begin_list_routes_table_summary(GROUP, CIRCUIT, PRIVATE, path).result(30).value
    assert summary[0].as_property == 65021
    arp = circuits.begin_list_arp_table(GROUP, CIRCUIT, PRIVATE, path).result(30).value
    assert [row.interface for row in arp] == ["Microsoft", "On-Prem"]


def test_circuit_statistics_are_decoded(client: Any) -> None:
    assert client.express_route_circuits.get_stats(GROUP, CIRCUIT).primarybytes_in > 0
    stats = client.express_route_circuits.get_peering_stats(GROUP, CIRCUIT, PRIVATE)
    assert stats.secondarybytes_out == 0


def test_gateway_actions_are_decoded(client: Any) -> None:
    gateways = client.virtual_network_gateways
    peers = gateways.begin_get_bgp_peer_status(GROUP, "hub-vpn", peer="10.2.30.125").result(30).value
    assert [(peer.neighbor, peer.state, peer.routes_received) for peer in peers] == [("10.2.30.125", "Connected", 1)]
    learned = gateways.begin_get_learned_routes(GROUP, "hub-er").result(30).value
    assert "12076-65021" in {route.as_path for route in learned if route.network == "10.2.30.0/25"}
    sent = gateways.begin_get_advertised_routes(GROUP, "hub-vpn", peer="10.2.30.125").result(30).value
    assert {route.network for route in sent} == {"10.10.30.0/24", "10.11.30.0/26", "10.11.30.64/26"}
    routes = gateways.begin_get_effective_routes(GROUP, "hub-vpn").result(30).value
    assert {route.next_hop_type for route in routes} == {"VirtualNetwork", "Tunnel"}


def test_resiliency_is_decoded(client: Any) -> None:
    gateways = client.virtual_network_gateways
    found = gateways.begin_get_resiliency_information(GROUP, "hub-er", attempt_refresh=False).result(30)
    assert int(found.overall_score) > 0
    assert {each.name for each in found.components} >= {"Redundant circuits"}
    routes = gateways.begin_get_routes_information(GROUP, "hub-er", attempt_refresh=False).result(30)
    assert routes.route_sets[0].details
    assert routes.circuits_metadata_map


def test_failover_tests_are_started_and_stopped(client: Any) -> None:
    circuits, query = client.express_route_circuits, {"link_type": "Primary", "circuit_test_category": "BgpDisconnect"}
    circuits.begin_start_circuit_link_failover_test(GROUP, "expressroute-2", **query).result(30)
    neighbor = circuits.begin_list_routes_table_summary(GROUP, "expressroute-2", PRIVATE, "primary").result(30).value[0]
    assert neighbor.as_property == 65515, "the session with the edge router is gone"
    stop = {"circuitTestCategory": "BgpDisconnect", "linkType": "Primary", "wasSimulationSuccessful": True}
    circuits.begin_stop_circuit_link_failover_test(GROUP, "expressroute-2", stop).result(30)
    gateways = client.virtual_network_gateways
    gateways.begin_start_express_route_site_failover_simulation(GROUP, "hub-er", peering_location="Seattle").result(30)
    learned = gateways.begin_get_learned_routes(GROUP, "hub-er").result(30).value
    assert "10.1.31.0/25" not in {route.network for route in learned}
    body = {"peeringLocation": "Seattle", "wasSimulationSuccessful": True, "details": []}
    gateways.begin_stop_express_route_site_failover_simulation(GROUP, "hub-er", body).result(30)


def test_network_watcher_and_effective_routes_are_decoded(client: Any) -> None:
    table = client.network_interfaces.begin_get_effective_route_table(GROUP, "vm-hub-nic").result(30).value
    assert {route.source for route in table} == {"Default", "VirtualNetworkGateway"}
    machine = client.network_interfaces.get(GROUP, "vm-hub-nic").properties.virtual_machine.id
    hop = client.network_watchers.begin_get_next_hop(
        GROUP,
        "NetworkWatcher_eastus",
        {"targetResourceId": machine, "sourceIPAddress": "10.10.30.4", "destinationIPAddress": "10.2.30.10"},
    ).result(30)
    assert (hop.next_hop_type, hop.next_hop_ip_address) == ("VirtualNetworkGateway", "10.10.30.132")
    check = client.network_watchers.begin_check_connectivity(
        GROUP,
        "NetworkWatcher_eastus",
        {"source": {"resourceId": machine}, "destination": {"address": "10.2.30.10", "port": 22}},
    ).result(30)
    assert check.connection_status == "Reachable"


def test_the_asynchronous_client_runs_everything_at_once(lab: Ready) -> None:
    from azure.mgmt.network.aio import NetworkManagementClient as AsyncClient

    door = lab.arm
    assert door is not None

    async def ask() -> list[Any]:
        async with AsyncClient(
            AsyncCredential(door.token), door.subscription, base_url=door.url, polling_interval=0.01,
            connection_verify=door.ca,
        ) as client:  # fmt: skip
            begun = await asyncio.gather(
                client.virtual_network_gateways.begin_get_learned_routes(GROUP, "hub-vpn"),
                client.virtual_network_gateways.begin_get_learned_routes(GROUP, "remote-er"),
                client.express_route_circuits.begin_list_routes_table(GROUP, CIRCUIT, PRIVATE, "primary"),
                client.network_interfaces.begin_get_effective_route_table(GROUP, "vm-spoke-nic"),
            )
            return list(await asyncio.gather(*(poller.result() for poller in begun)))

    for result in asyncio.run(ask()):
        assert result.value


def test_errors_are_those_that_the_sdk_knows(lab: Ready, client: Any) -> None:
    with pytest.raises(ResourceNotFoundError) as missing:
        client.virtual_networks.get(GROUP, "nowhere")
    assert missing.value.error.code == "ResourceNotFound"
    door = lab.arm
    assert door is not None
    with (
        NetworkManagementClient(
            Credential("wrong"), door.subscription, base_url=door.url, connection_verify=door.ca
        ) as stranger,
        pytest.raises(ClientAuthenticationError),
    ):
        stranger.virtual_networks.get(GROUP, "hub")


def test_the_certificate_is_the_labs_own(lab: Ready) -> None:
    door = lab.arm
    assert door is not None
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"{door.url}/subscriptions", timeout=5)
    context = ssl.create_default_context(cafile=door.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{door.url}/subscriptions", timeout=5, context=context)


def test_the_inventory_names_the_endpoint_and_not_its_token(lab: Ready) -> None:
    door = lab.arm
    assert door is not None
    named = yaml.safe_load((lab.inventory / "arm.yaml").read_text())
    assert named == {
        "endpoint": door.url, "ca": "arm-ca.pem", "subscription": door.subscription, "resource_group": GROUP,
    }  # fmt: skip
    assert door.token not in repr(door)
    assert all(door.token not in path.read_text() for path in lab.inventory.iterdir() if path.is_file())


def test_every_request_stands_in_the_log(lab: Ready, client: Any) -> None:
    door = lab.arm
    assert door is not None
    before = len(_requests(lab.log))
    client.virtual_network_gateways.begin_get_advertised_routes(GROUP, "hub-er", peer="10.10.30.132").result(30)
    posted, *polls = _requests(lab.log)[before:]
    assert (posted["method"], posted["status"], posted["query"]) == ("POST", 202, "peer=10.10.30.132")
    assert posted["path"].endswith("/virtualNetworkGateways/hub-er/getAdvertisedRoutes")
    assert {"time", "simulated", "api_version"} <= set(posted)
    assert {poll["operation"] for poll in polls} == {"virtualNetworkGateways/hub-er/getAdvertisedRoutes"}
    assert [poll["status"] for poll in polls][-1] == 200
    assert door.token not in lab.log.read_text()


def _requests(log: Path) -> list[dict[str, Any]]:
    return lab_events(log, "arm")


def test_a_failed_operation_is_an_error_of_the_poller(tmp_path: Path) -> None:
    scenario = tmp_path / "failing.yaml"
    scenario.write_text(
        "azure:\n"
        "  - operation: expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering/routeTables/primary\n"
        "    answer: {fails: {code: NetworkingInternalOperationError, message: try again}}\n"
        "  - operation: virtualNetworkGateways/hub-vpn/getLearnedRoutes\n"
        "    answer: {status: 403, code: AuthorizationFailed}\n"
        "  - {operation: virtualNetworkGateways/hub-er/getLearnedRoutes, answer: {never_ends: true}}\n"
    )
    with (
        start(speed=0, arm=True, arm_pace=500, scenario=[str(scenario)]) as ready,
        client_of(ready, retry_total=0) as client,
    ):
        with pytest.raises(HttpResponseError) as failed:
            client.express_route_circuits.begin_list_routes_table(GROUP, CIRCUIT, PRIVATE, "primary").result(30)
        assert failed.value.error.code == "NetworkingInternalOperationError"
        with pytest.raises(HttpResponseError) as refused:
            client.virtual_network_gateways.begin_get_learned_routes(GROUP, "hub-vpn")
        assert (refused.value.status_code, refused.value.error.code) == (403, "AuthorizationFailed")
        poller = client.virtual_network_gateways.begin_get_learned_routes(GROUP, "hub-er")
        assert poller.result(0.3) is None
        assert not poller.done()
        with pytest.raises(ResourceExistsError) as locked:
            client.virtual_network_gateways.begin_get_bgp_peer_status(GROUP, "hub-er")
        assert locked.value.error.code == "AnotherOperationInProgress"

"""Azure's side is what the intent says: circuits, gateways, connections, virtual networks."""

from __future__ import annotations

import pytest

from pytest_azinterop.verify import (
    azure_appliance,
    azure_circuit,
    azure_connection,
    azure_gateway,
    azure_network,
    azure_path,
    azure_return,
    azure_subnet,
)

pytestmark = pytest.mark.azure


def test_circuit_is_provisioned_and_enabled(circuit, judge):
    judge(azure_circuit.state(circuit.expected, circuit.observed))


def test_circuit_has_its_bandwidth(circuit, judge):
    judge(azure_circuit.bandwidth(circuit.expected, circuit.observed))


def test_circuit_has_its_tier(circuit, judge):
    judge(azure_circuit.tier(circuit.expected, circuit.observed))


def test_circuit_is_where_it_should_be(circuit, judge):
    judge(azure_circuit.location(circuit.expected, circuit.observed))


def test_peering_is_enabled(circuit, judge):
    judge(azure_circuit.peering_state(circuit.expected, circuit.observed))


def test_peering_has_its_asn(circuit, judge):
    judge(azure_circuit.peering_asn(circuit.expected, circuit.observed))


def test_peering_has_its_vlan(circuit, judge):
    judge(azure_circuit.peering_vlan(circuit.expected, circuit.observed))


def test_peering_has_its_subnets(circuit, judge):
    judge(azure_circuit.peering_subnets(circuit.expected, circuit.observed))


def test_path_has_resolved_both_ends(circuit_arp, judge):
    judge(azure_path.arp(circuit_arp.expected, circuit_arp.observed))


def test_path_has_its_session(circuit_path, judge):
    judge(azure_path.sessions(circuit_path.expected, circuit_path.observed))


def test_path_serves_its_gateways(circuit_service, judge):
    judge(azure_path.gateways(circuit_service.expected, circuit_service.observed))


def test_path_is_below_its_limits(circuit_path, judge):
    judge(azure_path.head_room(circuit_path.expected, circuit_path.observed))


def test_gateway_is_provisioned(gateway, judge):
    judge(azure_gateway.state(gateway.expected, gateway.observed))


def test_gateway_is_in_its_vnet(gateway, judge):
    judge(azure_gateway.place(gateway.expected, gateway.observed))


def test_gateway_has_its_asn(gateway, judge):
    judge(azure_gateway.asn(gateway.expected, gateway.observed))


def test_gateway_has_its_sku(gateway, judge):
    judge(azure_gateway.sku(gateway.expected, gateway.observed))


def test_gateway_is_as_active_as_declared(gateway, judge):
    judge(azure_gateway.active_active(gateway.expected, gateway.observed))


def test_gateway_takes_traffic_of_other_vnets_as_declared(gateway, judge):
    judge(azure_gateway.remote_networks(gateway.expected, gateway.observed))


def test_gateway_has_the_bgp_address_that_routers_call(gateway, judge):
    judge(azure_gateway.bgp_address(gateway.expected, gateway.observed))


def test_gateway_s_subnet_routes_by_itself(gateway_subnet, judge):
    judge(azure_subnet.of_gateways(gateway_subnet.expected, gateway_subnet.observed))


def test_gateway_has_its_bgp_peers(gateway_peers, judge):
    judge(azure_gateway.peers(gateway_peers.expected, gateway_peers.observed))


def test_gateway_is_below_its_limit(gateway_routes, judge):
    judge(azure_gateway.head_room(gateway_routes.expected, gateway_routes.observed))


def test_gateway_carries_its_load(gateway, judge):
    judge(azure_gateway.throughput(gateway.expected, gateway.observed))


def test_connection_binds_its_ends(connection, judge):
    judge(azure_connection.ends(connection.expected, connection.observed))


def test_connection_is_connected(connection, judge):
    judge(azure_connection.state(connection.expected, connection.observed))


def test_connection_runs_bgp(connection, judge):
    judge(azure_connection.bgp(connection.expected, connection.observed))


def test_connection_begins_and_answers_as_declared(connection, judge):
    judge(azure_connection.mode(connection.expected, connection.observed))


def test_connection_has_its_weight(connection, judge):
    judge(azure_connection.weight(connection.expected, connection.observed))


def test_connection_has_its_ipsec_policy(connection, judge):
    judge(azure_connection.ipsec_policy(connection.expected, connection.observed))


def test_connection_carries_traffic(connection, judge):
    judge(azure_connection.traffic(connection.expected, connection.observed))


def test_connection_uses_the_right_address(connection, judge):
    judge(azure_connection.outer_address(connection.expected, connection.observed))


def test_local_gateway_has_the_address_of_its_device(local_gateway, judge):
    judge(azure_connection.far_address(local_gateway.expected, local_gateway.observed))


def test_local_gateway_has_the_bgp_of_its_device(local_gateway, judge):
    judge(azure_connection.far_bgp(local_gateway.expected, local_gateway.observed))


def test_local_gateway_leaves_routing_to_bgp(local_gateway, judge):
    judge(azure_connection.far_prefixes(local_gateway.expected, local_gateway.observed))


def test_vnet_has_its_address_space(vnet, judge):
    judge(azure_network.spaces(vnet.expected, vnet.observed))


def test_vnet_peering_is_connected_and_in_sync(vnet_peering, judge):
    judge(azure_network.peering_state(vnet_peering.expected, vnet_peering.observed))


def test_vnet_peering_shares_gateways_as_declared(vnet_peering, judge):
    judge(azure_network.peering_gateways(vnet_peering.expected, vnet_peering.observed))


def test_vnet_peering_lets_traffic_through(vnet_peering, judge):
    judge(azure_network.peering_traffic(vnet_peering.expected, vnet_peering.observed))


def test_subnet_has_its_route_table(subnet, judge):
    judge(azure_subnet.route_table(subnet.expected, subnet.observed))


def test_subnet_reaches_the_sites_as_declared(subnet_routes, judge):
    judge(azure_subnet.next_hop(subnet_routes.expected, subnet_routes.observed))


def test_subnet_is_entered_as_it_is_left(subnet_return, judge):
    judge(azure_return.enters(subnet_return.expected, subnet_return.observed))


def test_firewall_forwards(subnet_appliance, judge):
    judge(azure_appliance.forwards(subnet_appliance.expected, subnet_appliance.observed))

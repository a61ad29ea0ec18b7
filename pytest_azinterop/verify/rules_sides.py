"""Rules about both sides together: what the edge routers hold against what Azure holds."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.verify.rule import Rule, rule

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "sides.announced",
        "critical",
        "sides.announced.announced",
        "What a router announces arrives in Azure, at every hop up to the routes of the networks there.",
        not_announced="the break is at the router: a filter, or nothing that originates the prefix",
        not_in_circuit="the break is between the router and the MSEE: refused there, or the table is of another path",
        other_next_hop="the MSEE has the prefix from another router alone",
        not_from_router="another device has this router's address, or the route is left over from before",
        not_learned="the break is before the gateway: its connection to the circuit or to the other gateway, or a prefix limit",
        one_instance="one instance of the gateway has lost a session that the other has",
        not_at_gateway="the break is between the router and the gateway: BGP is off on the connection, the gateway "
        "refuses the prefix, or it has its limit",
        not_effective="the break is between the gateway and the network: gateway transit of the VNet peering",
        no_gateway_routes="no gateway serves this subnet: `allowGatewayTransit` or `useRemoteGateways` is off, or the "
        "peering is not connected",
        propagation_disabled="the subnet's route table keeps routes of gateways out",
    ),
    rule(
        "sides.learned",
        "critical",
        "sides.learned.learned",
        "What Azure announces arrives in the router's BGP table, at every hop on the way.",
        not_advertised="the break is at the gateway: the network is neither its VNet nor a spoke that uses it, or it "
        "refused a branch's route, as one with its own ASN in it",
        not_in_circuit="the break is between the gateway and the MSEE: the connection, or a limit of prefixes",
        not_received="the break is between Azure and the router",
        filtered_inbound="the break is at the router's inbound policy",
        not_from_azure="the route is left over from before, or the tables are of another circuit",
        not_in_table="the break is inside the router, between the neighbor's routes and the table",
        invalid="the next hop cannot be resolved",
    ),
)

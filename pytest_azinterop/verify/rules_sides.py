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
        not_learned="the break is before the gateway: its connection to the circuit or to the other gateway, or a "
        "limit of prefixes",
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
    rule(
        "sides.path",
        "critical",
        "sides.verdict.path",
        "Between a site's prefixes and Azure's, packets pass over the same, most preferred path in both directions.",
        no_session="the site has no session to Azure at all",
        site_local_preference="its local preference is the higher one",
        site_equal_preference="local preference makes no difference between the paths, so chance decides",
        site_prepend="local preference makes no difference, and the AS path is the shorter one",
        site_weight="its weight is the higher one, which counts before local preference",
        site_more_specific="a more specific prefix is known over this path alone",
        site_static="a static route stands before what BGP knows",
        site_other_route="a route stands there that none of the site's sessions brought",
        site_missing="the preferred path does not bring the prefix",
        site_other_circuit="another circuit or connection of the same kind is preferred",
        site_less_preferred="a less preferred path is best",
        azure_user_route="a user-defined route decides",
        azure_more_specific="a more specific prefix is announced over this path alone",
        azure_weight="the connection's weight decides",
        azure_prepend="the AS path decides: a prepend by the site",
        azure_missing="the preferred path does not bring the prefix",
        azure_less_preferred="the other gateway is used although the preferred one has the prefix",
        both_less_preferred="neither side has, or takes, the preferred path",
    ),
)

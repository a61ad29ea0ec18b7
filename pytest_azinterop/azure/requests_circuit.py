"""Operations on ExpressRoute circuits."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.azure.operation import IN_GROUP, IN_SUBSCRIPTION, Operation, Query

FAILOVER_API: Final = "2025-07-01"
_CIRCUITS: Final = IN_GROUP + "expressRouteCircuits"
_CIRCUIT: Final = _CIRCUITS + "/{circuit}"
_PEERING: Final = _CIRCUIT + "/peerings/{peering}"
_RIGHT: Final = "Microsoft.Network/expressRouteCircuits/"
_OF_PATH: Final = (("path", "path"),)

OPERATIONS: Final = (
    Operation(
        "circuit",
        "GET",
        _CIRCUIT,
        _RIGHT + "read",
        "circuit:parse",
        "azure_circuit:Circuit",
        "One circuit with its peerings; keys are redacted.",
        spellings=("ExpressRouteCircuits_Get", "express_route_circuits.get", "network express-route show"),
    ),
    Operation(
        "circuits",
        "GET",
        _CIRCUITS,
        _RIGHT + "read",
        "circuit:parse_list",
        "azure_circuit:Circuit",
        "Every circuit of a resource group.",
        spellings=("ExpressRouteCircuits_List", "express_route_circuits.list", "network express-route list"),
    ),
    Operation(
        "subscription-circuits",
        "GET",
        IN_SUBSCRIPTION + "expressRouteCircuits",
        _RIGHT + "read",
        "circuit:parse_list",
        "azure_circuit:Circuit",
        "Every circuit of a subscription.",
        spellings=("ExpressRouteCircuits_ListAll", "express_route_circuits.list_all"),
    ),
    Operation(
        "circuit-traffic",
        "GET",
        _CIRCUIT + "/stats",
        _RIGHT + "stats/read",
        "circuit:parse_traffic",
        "azure_circuit:CircuitTraffic",
        "Bytes in and out on both paths of a circuit.",
        spellings=(
            "ExpressRouteCircuits_GetStats",
            "express_route_circuits.get_stats",
            "network express-route get-stats",
            "stats",
        ),
    ),
    Operation(
        "circuit-peering",
        "GET",
        _PEERING,
        _RIGHT + "peerings/read",
        "circuit:parse_peering",
        "azure_circuit:CircuitPeering",
        "One private or Microsoft peering.",
        spellings=(
            "ExpressRouteCircuitPeerings_Get",
            "express_route_circuit_peerings.get",
            "network express-route peering show",
        ),
    ),
    Operation(
        "circuit-peerings",
        "GET",
        _CIRCUIT + "/peerings",
        _RIGHT + "peerings/read",
        "circuit:parse_peerings",
        "azure_circuit:CircuitPeering",
        "Every peering of a circuit.",
        spellings=(
            "ExpressRouteCircuitPeerings_List",
            "express_route_circuit_peerings.list",
            "network express-route peering list",
        ),
    ),
    Operation(
        "peering-traffic",
        "GET",
        _PEERING + "/stats",
        _RIGHT + "peerings/stats/read",
        "circuit:parse_traffic",
        "azure_circuit:CircuitTraffic",
        "Bytes in and out on both paths of a peering.",
        spellings=(
            "ExpressRouteCircuits_GetPeeringStats",
            "express_route_circuits.get_peering_stats",
            "network express-route peering get-stats",
        ),
    ),
    Operation(
        "circuit-arp",
        "POST",
        _PEERING + "/arpTables/{path}",
        _RIGHT + "peerings/arpTables/read",
        "circuit_tables:parse_arp",
        "azure_circuit:CircuitArpEntry",
        "ARP entries of one path: the customer's router and Microsoft's.",
        lane=True,
        passes=_OF_PATH,
        spellings=(
            "ExpressRouteCircuits_ListArpTable",
            "express_route_circuits.begin_list_arp_table",
            "network express-route list-arp-tables",
            "arpTables",
            "arp-table",
        ),
    ),
    Operation(
        "circuit-routes",
        "POST",
        _PEERING + "/routeTables/{path}",
        _RIGHT + "peerings/routeTables/read",
        "circuit_tables:parse_routes",
        "azure_circuit:CircuitRoute",
        "Routes of one path, from the customer and from Azure, with AS path and local preference.",
        lane=True,
        passes=_OF_PATH,
        spellings=(
            "ExpressRouteCircuits_ListRoutesTable",
            "express_route_circuits.begin_list_routes_table",
            "network express-route list-route-tables",
        ),
    ),
    Operation(
        "circuit-sessions",
        "POST",
        _PEERING + "/routeTablesSummary/{path}",
        _RIGHT + "peerings/routeTablesSummary/read",
        "circuit_tables:parse_sessions",
        "azure_circuit:CircuitSession",
        "BGP sessions of one path, with their state and number of prefixes.",
        lane=True,
        passes=_OF_PATH,
        spellings=(
            "ExpressRouteCircuits_ListRoutesTableSummary",
            "routeTablesSummary",
            "route-table-summary",
            "express_route_circuits.begin_list_routes_table_summary",
            "network express-route list-route-tables-summary",
        ),
    ),
    Operation(
        "link-failover-tests",
        "POST",
        _CIRCUIT + "/getCircuitLinkFailoverAllTestsDetails",
        _RIGHT + "getCircuitLinkFailoverAllTestsDetails/action",
        "resiliency:parse_link_tests",
        "azure_resiliency:LinkFailoverTest",
        "Failover tests of a circuit's links.",
        api_version=FAILOVER_API,
        lane=True,
        query=(
            Query("failoverTestType", "kind"),
            Query("fetchLatest", "latest", ("true", "false")),
        ),
        spellings=(
            "ExpressRouteCircuits_GetCircuitLinkFailoverAllTestsDetails",
            "express_route_circuits.begin_get_circuit_link_failover_all_tests_details",
        ),
    ),
    Operation(
        "link-failover-test",
        "POST",
        _CIRCUIT + "/getCircuitLinkFailoverSingleTestDetails",
        _RIGHT + "getCircuitLinkFailoverSingleTestDetails/action",
        "resiliency:parse_link_tests",
        "azure_resiliency:LinkFailoverTest",
        "One failover test of a circuit's link, with the routes before and during it.",
        api_version=FAILOVER_API,
        lane=True,
        query=(
            Query("linkType", "link", ("Primary", "Secondary")),
            Query("circuitTestCategory", "category", ("BgpDisconnect", "ASPathPrepend")),
            Query("failoverTestId", "test"),
        ),
        spellings=(
            "ExpressRouteCircuits_GetCircuitLinkFailoverSingleTestDetails",
            "express_route_circuits.begin_get_circuit_link_failover_single_test_details",
        ),
    ),
)

"""Operations on virtual network gateways, their connections, and local network gateways."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.azure.operation import IN_GROUP, Operation, Query
from pytest_azinterop.azure.requests_circuit import FAILOVER_API

_GATEWAYS: Final = IN_GROUP + "virtualNetworkGateways"
_GATEWAY: Final = _GATEWAYS + "/{gateway}"
_CONNECTIONS: Final = IN_GROUP + "connections"
_LOCALS: Final = IN_GROUP + "localNetworkGateways"
_RIGHT: Final = "Microsoft.Network/virtualNetworkGateways/"
_REFRESH: Final = Query("attemptRefresh", "refresh", ("true", "false"))

OPERATIONS: Final = (
    Operation(
        "gateway",
        "GET",
        _GATEWAY,
        _RIGHT + "read",
        "gateway:parse",
        "azure_gateway:Gateway",
        "One gateway with its BGP settings and the addresses of its instances.",
        spellings=("VirtualNetworkGateways_Get", "virtual_network_gateways.get", "network vnet-gateway show"),
    ),
    Operation(
        "gateways",
        "GET",
        _GATEWAYS,
        _RIGHT + "read",
        "gateway:parse_list",
        "azure_gateway:Gateway",
        "Every gateway of a resource group.",
        spellings=("VirtualNetworkGateways_List", "virtual_network_gateways.list", "network vnet-gateway list"),
    ),
    Operation(
        "gateway-connections",
        "GET",
        _GATEWAY + "/connections",
        _RIGHT + "connections/read",
        "connection:parse_list",
        "azure_connection:Connection",
        "Every connection of one gateway, in short.",
        spellings=("VirtualNetworkGateways_ListConnections", "virtual_network_gateways.list_connections"),
    ),
    Operation(
        "bgp-peers",
        "POST",
        _GATEWAY + "/getBgpPeerStatus",
        _RIGHT + "getbgppeerstatus/action",
        "gateway:parse_bgp_peers",
        "azure_gateway:GatewayBgpPeer",
        "BGP peers of every instance of a gateway.",
        lane=True,
        query=(Query("peer", "peer", required=False, address=True),),
        spellings=(
            "VirtualNetworkGateways_GetBgpPeerStatus",
            "virtual_network_gateways.begin_get_bgp_peer_status",
            "network vnet-gateway list-bgp-peer-status",
            "bgp-peer-status",
        ),
    ),
    Operation(
        "learned-routes",
        "POST",
        _GATEWAY + "/getLearnedRoutes",
        _RIGHT + "getlearnedroutes/action",
        "gateway:parse_routes",
        "azure_gateway:GatewayRoute",
        "Routes that every instance of a gateway has learned.",
        lane=True,
        spellings=(
            "VirtualNetworkGateways_GetLearnedRoutes",
            "virtual_network_gateways.begin_get_learned_routes",
            "network vnet-gateway list-learned-routes",
        ),
    ),
    Operation(
        "advertised-routes",
        "POST",
        _GATEWAY + "/getAdvertisedRoutes",
        _RIGHT + "getadvertisedroutes/action",
        "gateway:parse_routes",
        "azure_gateway:GatewayRoute",
        "Routes that every instance of a gateway advertises to one peer.",
        lane=True,
        query=(Query("peer", "peer", address=True),),
        passes=(("peer", "peer"),),
        spellings=(
            "VirtualNetworkGateways_GetAdvertisedRoutes",
            "network vnet-gateway list-advertised-routes",
            "virtual_network_gateways.begin_get_advertised_routes",
        ),
    ),
    Operation(
        "resiliency",
        "POST",
        _GATEWAY + "/getResiliencyInformation",
        _RIGHT + "getResiliencyInformation/action",
        "resiliency:parse",
        "azure_resiliency:GatewayResiliency",
        "The resiliency index of an ExpressRoute gateway and what Azure recommends.",
        api_version=FAILOVER_API,
        lane=True,
        query=(_REFRESH,),
        spellings=(
            "VirtualNetworkGateways_GetResiliencyInformation",
            "virtual_network_gateways.begin_get_resiliency_information",
        ),
    ),
    Operation(
        "route-sets",
        "POST",
        _GATEWAY + "/getRoutesInformation",
        _RIGHT + "getRoutesInformation/action",
        "resiliency:parse_route_sets",
        "azure_resiliency:RouteSets",
        "Every prefix of an ExpressRoute gateway, by circuit and path.",
        api_version=FAILOVER_API,
        lane=True,
        query=(_REFRESH,),
        spellings=(
            "VirtualNetworkGateways_GetRoutesInformation",
            "virtual_network_gateways.begin_get_routes_information",
        ),
    ),
    Operation(
        "site-failover-tests",
        "POST",
        _GATEWAY + "/getFailoverAllTestsDetails",
        _RIGHT + "getFailoverAllTestsDetails/action",
        "resiliency:parse_site_tests",
        "azure_resiliency:SiteFailoverTest",
        "Failover tests of a gateway's peering locations.",
        api_version=FAILOVER_API,
        lane=True,
        query=(
            Query("type", "kind", ("SingleSiteFailover", "MultiSiteFailover", "All")),
            Query("fetchLatest", "latest", ("true", "false")),
        ),
        spellings=(
            "VirtualNetworkGateways_GetFailoverAllTestDetails",
            "virtual_network_gateways.begin_get_failover_all_test_details",
        ),
    ),
    Operation(
        "site-failover-test",
        "POST",
        _GATEWAY + "/getFailoverSingleTestDetails",
        _RIGHT + "getFailoverSingleTestDetails/action",
        "resiliency:parse_site_result",
        "azure_resiliency:SiteFailoverResult",
        "One failover test of a peering location: which routes were redundant.",
        api_version=FAILOVER_API,
        lane=True,
        query=(Query("peeringLocation", "location"), Query("failoverTestId", "test")),
        spellings=(
            "VirtualNetworkGateways_GetFailoverSingleTestDetails",
            "virtual_network_gateways.begin_get_failover_single_test_details",
        ),
    ),
    Operation(
        "connection",
        "GET",
        _CONNECTIONS + "/{connection}",
        "Microsoft.Network/connections/read",
        "connection:parse",
        "azure_connection:Connection",
        "One connection: status, tunnels, byte counters, IPsec policies, weight; the key is redacted.",
        spellings=(
            "VirtualNetworkGatewayConnections_Get",
            "virtual_network_gateway_connections.get",
            "network vpn-connection show",
        ),
    ),
    Operation(
        "connections",
        "GET",
        _CONNECTIONS,
        "Microsoft.Network/connections/read",
        "connection:parse_list",
        "azure_connection:Connection",
        "Every connection of a resource group, in short.",
        spellings=(
            "VirtualNetworkGatewayConnections_List",
            "virtual_network_gateway_connections.list",
            "network vpn-connection list",
        ),
    ),
    Operation(
        "local-gateway",
        "GET",
        _LOCALS + "/{local_gateway}",
        "Microsoft.Network/localNetworkGateways/read",
        "gateway:parse_local",
        "azure_gateway:LocalNetworkGateway",
        "What Azure has been told about a site's VPN device.",
        spellings=(
            "LocalNetworkGateways_Get",
            "local_network_gateways.get",
            "network local-gateway show",
            "local-network-gateway",
        ),
    ),
    Operation(
        "local-gateways",
        "GET",
        _LOCALS,
        "Microsoft.Network/localNetworkGateways/read",
        "gateway:parse_locals",
        "azure_gateway:LocalNetworkGateway",
        "Every local network gateway of a resource group.",
        spellings=("LocalNetworkGateways_List", "local_network_gateways.list", "network local-gateway list"),
    ),
)

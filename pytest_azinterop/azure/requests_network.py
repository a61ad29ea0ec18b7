"""Operations on virtual networks, route tables, network interfaces and Network Watcher."""

from __future__ import annotations

from typing import Final

from pytest_azinterop.azure.operation import IN_GROUP, IN_SUBSCRIPTION, Operation

_VNETS: Final = IN_GROUP + "virtualNetworks"
_VNET: Final = _VNETS + "/{vnet}"
_TABLES: Final = IN_GROUP + "routeTables"
_WATCHER: Final = IN_GROUP + "networkWatchers/{watcher}"
_RIGHT: Final = "Microsoft.Network/"

OPERATIONS: Final = (
    Operation(
        "vnet",
        "GET",
        _VNET,
        _RIGHT + "virtualNetworks/read",
        "network:parse_vnet",
        "azure_network:Vnet",
        "One virtual network with its subnets and peerings.",
        spellings=("VirtualNetworks_Get", "virtual_networks.get", "network vnet show", "virtual-network"),
    ),
    Operation(
        "vnets",
        "GET",
        _VNETS,
        _RIGHT + "virtualNetworks/read",
        "network:parse_vnets",
        "azure_network:Vnet",
        "Every virtual network of a resource group.",
        spellings=("VirtualNetworks_List", "virtual_networks.list", "network vnet list"),
    ),
    Operation(
        "subscription-vnets",
        "GET",
        IN_SUBSCRIPTION + "virtualNetworks",
        _RIGHT + "virtualNetworks/read",
        "network:parse_vnets",
        "azure_network:Vnet",
        "Every virtual network of a subscription.",
        spellings=("VirtualNetworks_ListAll", "virtual_networks.list_all"),
    ),
    Operation(
        "vnet-peering",
        "GET",
        _VNET + "/virtualNetworkPeerings/{peering}",
        _RIGHT + "virtualNetworks/virtualNetworkPeerings/read",
        "network:parse_peering",
        "azure_network:VnetPeering",
        "One direction of a VNet peering, with its flags and sync level.",
        spellings=("VirtualNetworkPeerings_Get", "virtual_network_peerings.get", "network vnet peering show"),
    ),
    Operation(
        "vnet-peerings",
        "GET",
        _VNET + "/virtualNetworkPeerings",
        _RIGHT + "virtualNetworks/virtualNetworkPeerings/read",
        "network:parse_peerings",
        "azure_network:VnetPeering",
        "Every peering of a virtual network.",
        spellings=("VirtualNetworkPeerings_List", "virtual_network_peerings.list", "network vnet peering list"),
    ),
    Operation(
        "subnet",
        "GET",
        _VNET + "/subnets/{subnet}",
        _RIGHT + "virtualNetworks/subnets/read",
        "network:parse_subnet",
        "azure_network:Subnet",
        "One subnet, such as GatewaySubnet.",
        spellings=("Subnets_Get", "subnets.get", "network vnet subnet show"),
    ),
    Operation(
        "subnets",
        "GET",
        _VNET + "/subnets",
        _RIGHT + "virtualNetworks/subnets/read",
        "network:parse_subnets",
        "azure_network:Subnet",
        "Every subnet of a virtual network.",
        spellings=("Subnets_List", "subnets.list", "network vnet subnet list"),
    ),
    Operation(
        "route-table",
        "GET",
        _TABLES + "/{route_table}",
        _RIGHT + "routeTables/read",
        "network:parse_route_table",
        "azure_network:RouteTable",
        "One route table with its user-defined routes.",
        spellings=("RouteTables_Get", "route_tables.get", "network route-table show"),
    ),
    Operation(
        "route-tables",
        "GET",
        _TABLES,
        _RIGHT + "routeTables/read",
        "network:parse_route_tables",
        "azure_network:RouteTable",
        "Every route table of a resource group.",
        spellings=("RouteTables_List", "route_tables.list", "network route-table list"),
    ),
    Operation(
        "effective-routes",
        "POST",
        IN_GROUP + "networkInterfaces/{nic}/effectiveRouteTable",
        _RIGHT + "networkInterfaces/effectiveRouteTable/action",
        "network:parse_effective_routes",
        "azure_network:EffectiveRoute",
        "Routes that apply to the network interface of a running machine.",
        spellings=(
            "NetworkInterfaces_GetEffectiveRouteTable",
            "network nic show-effective-route-table",
            "network_interfaces.begin_get_effective_route_table",
            "effectiveRouteTable",
        ),
    ),
    Operation(
        "watchers",
        "GET",
        IN_SUBSCRIPTION + "networkWatchers",
        _RIGHT + "networkWatchers/read",
        "watcher:parse_watchers",
        "azure_watcher:NetworkWatcher",
        "The Network Watchers of a subscription.",
        spellings=("NetworkWatchers_ListAll", "network_watchers.list_all", "network watcher list"),
    ),
    Operation(
        "next-hop",
        "POST",
        _WATCHER + "/nextHop",
        _RIGHT + "networkWatchers/nextHop/action",
        "watcher:parse_next_hop",
        "azure_watcher:NextHop",
        "Where Azure would send one packet of a machine.",
        body="bodies:next_hop",
        spellings=(
            "NetworkWatchers_GetNextHop",
            "network_watchers.begin_get_next_hop",
            "network watcher show-next-hop",
        ),
    ),
    Operation(
        "connectivity",
        "POST",
        _WATCHER + "/connectivityCheck",
        _RIGHT + "networkWatchers/connectivityCheck/action",
        "watcher:parse_connectivity",
        "azure_watcher:Connectivity",
        "Whether a machine reaches an address, hop by hop; Azure sends the probes.",
        body="bodies:connectivity",
        spellings=(
            "NetworkWatchers_CheckConnectivity",
            "network_watchers.begin_check_connectivity",
            "network watcher test-connectivity",
            "connectivityCheck",
        ),
    ),
)

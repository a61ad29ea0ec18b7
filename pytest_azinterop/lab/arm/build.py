"""The resources as they are at the start: from ``azure.yaml`` and from what the topology says about the far ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import GATEWAY_SUBNET
from pytest_azinterop.lab.arm.store import Json, Store, guid

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from pytest_azinterop.lab.arm.azure_file import AzureFile, Circuit, VpnConnection
    from pytest_azinterop.lab.topology import FarEndSpec, NeighborSpec, Topology, TunnelSpec

PRIVATE = "AzurePrivatePeering"
SHARED_KEY = "sharedKey"


def build(azure: AzureFile, topology: Topology) -> Store:
    """Every resource that the two files declare."""
    store = Store(azure.subscription, azure.resource_group)
    _route_tables(store, azure)
    _networks(store, azure, topology)
    _machines(store, azure)
    _vpn_gateways(store, azure, topology)
    _expressroute_gateways(store, azure)
    for name, circuit in azure.circuits.items():
        _circuit(store, azure, topology, name, circuit)
    _expressroute_connections(store, azure)
    for connection, spec in azure.vpn_connections.items():
        _vpn_connection(store, azure, topology, connection, spec)
    for location in sorted({azure.location, *(azure.location_of(name) for name in azure.networks)}):
        store.add(f"networkWatchers/NetworkWatcher_{location}", {"runningOperationIds": []}, location=location)
    return store


def _route_tables(store: Store, azure: AzureFile) -> None:
    for name, table in azure.route_tables.items():
        routes = [
            {
                "name": route_name,
                "properties": {
                    "provisioningState": "Succeeded",
                    "addressPrefix": str(route.prefix),
                    "nextHopType": route.next_hop_type,
                    **({} if route.next_hop is None else {"nextHopIpAddress": str(route.next_hop)}),
                },
            }
            for route_name, route in table.routes.items()
        ]
        store.add(
            f"routeTables/{name}",
            {"disableBgpRoutePropagation": table.disable_bgp_route_propagation, "routes": routes},
            location=table.location or azure.location,
        )


def _networks(store: Store, azure: AzureFile, topology: Topology) -> None:
    for name, network in azure.networks.items():
        prefixes = [str(each) for each in topology.vnets[name].prefixes]
        store.add(
            f"virtualNetworks/{name}",
            {"addressSpace": {"addressPrefixes": prefixes}, "enableDdosProtection": False},
            location=azure.location_of(name),
        )
        for subnet, prefix in network.subnets.items():
            table = network.route_tables.get(subnet)
            store.add(
                f"virtualNetworks/{name}/subnets/{subnet}",
                {
                    "addressPrefix": str(prefix),
                    **({} if table is None else {"routeTable": store.reference(f"routeTables/{table}")}),
                    "privateEndpointNetworkPolicies": "Disabled",
                    "privateLinkServiceNetworkPolicies": "Enabled",
                },
            )
    for name, peering in azure.peerings.items():
        space = {"addressPrefixes": [str(each) for each in topology.vnets[peering.to].prefixes]}
        store.add(
            f"virtualNetworks/{peering.from_}/virtualNetworkPeerings/{name}",
            {
                "peeringState": "Connected",
                "peeringSyncLevel": "FullyInSync",
                "remoteVirtualNetwork": store.reference(f"virtualNetworks/{peering.to}"),
                "allowVirtualNetworkAccess": True,
                "allowForwardedTraffic": peering.allow_forwarded_traffic,
                "allowGatewayTransit": peering.allow_gateway_transit,
                "useRemoteGateways": peering.use_remote_gateways,
                "doNotVerifyRemoteGateways": False,
                "peerCompleteVnets": True,
                "remoteAddressSpace": space,
                "remoteVirtualNetworkAddressSpace": dict(space),
            },
        )


def _machines(store: Store, azure: AzureFile) -> None:
    for name, machine in azure.machines.items():
        path = f"networkInterfaces/{name}-nic"
        mac = guid(path).replace("-", "")[:6].upper()
        store.add(
            path,
            {
                "ipConfigurations": [
                    {
                        "name": "ipconfig1",
                        "id": f"{store.id(path)}/ipConfigurations/ipconfig1",
                        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
                        "properties": {
                            "provisioningState": "Succeeded",
                            "privateIPAddress": str(machine.address),
                            "privateIPAllocationMethod": "Dynamic",
                            "privateIPAddressVersion": "IPv4",
                            "primary": True,
                            "subnet": store.reference(f"virtualNetworks/{machine.network}/subnets/{machine.subnet}"),
                        },
                    }
                ],
                "virtualMachine": {"id": f"{store.group_id}/providers/Microsoft.Compute/virtualMachines/{name}"},
                "macAddress": f"00-0D-3A-{mac[:2]}-{mac[2:4]}-{mac[4:]}",
                "primary": True,
                "enableIPForwarding": False,
                "enableAcceleratedNetworking": False,
                "nicType": "Standard",
            },
            location=azure.location_of(machine.network),
        )


def _public_address(store: Store, gateway: str, name: str, address: str, location: str) -> None:
    store.add(
        f"publicIPAddresses/{name}",
        {
            "ipAddress": address,
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Static",
            "idleTimeoutInMinutes": 4,
            "ipConfiguration": {"id": f"{store.id(f'virtualNetworkGateways/{gateway}')}/ipConfigurations/{name}"},
        },
        location=location,
        sku={"name": "Standard", "tier": "Regional"},
    )


def _ip_configuration(store: Store, gateway: str, network: str, public: str) -> Json:
    return {
        "name": public,
        "id": f"{store.id(f'virtualNetworkGateways/{gateway}')}/ipConfigurations/{public}",
        "type": "Microsoft.Network/virtualNetworkGateways/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAllocationMethod": "Dynamic",
            "publicIPAddress": store.reference(f"publicIPAddresses/{public}"),
            "subnet": {"id": store.id(f"virtualNetworks/{network}/subnets/{GATEWAY_SUBNET}")},
        },
    }


def _vpn_gateways(store: Store, azure: AzureFile, topology: Topology) -> None:
    for name, gateway in azure.vpn_gateways.items():
        location = azure.location_of(gateway.network)
        ends = [topology.far_ends[each] for each in gateway.instances]
        configurations = []
        for number, end in enumerate(ends, 1):
            public = f"{name}-pip{number}"
            _public_address(store, name, public, str(outer(end)), location)
            configurations.append(_ip_configuration(store, name, gateway.network, public))
        store.add(
            f"virtualNetworkGateways/{name}",
            {
                "gatewayType": "Vpn",
                "vpnType": "RouteBased",
                "vpnGatewayGeneration": "Generation1",
                "enableBgp": True,
                "activeActive": len(ends) > 1,
                "enablePrivateIpAddress": False,
                "allowRemoteVnetTraffic": False,
                "allowVirtualWanTraffic": False,
                "sku": {"name": gateway.sku, "tier": gateway.sku, "capacity": 2},
                "ipConfigurations": configurations,
                "bgpSettings": {
                    "asn": ends[0].asn,
                    "bgpPeeringAddress": ",".join(str(end.addresses["bgp"]) for end in ends),
                    "peerWeight": 0,
                },
            },
            location=location,
        )


def outer(end: FarEndSpec) -> object:
    """The public address of a gateway's instance."""
    return end.interfaces[end.public or next(iter(end.interfaces))].ip


def _expressroute_gateways(store: Store, azure: AzureFile) -> None:
    for name, gateway in azure.expressroute_gateways.items():
        location, public = azure.location_of(gateway.network), f"{name}-pip1"
        locations = {
            azure.circuits[each.circuit].peering_location
            for each in azure.expressroute_connections.values()
            if each.gateway == name
        }
        store.add(
            f"virtualNetworkGateways/{name}",
            {
                "gatewayType": "ExpressRoute",
                "vpnType": "RouteBased",
                "enableBgp": False,
                "activeActive": False,
                "enablePrivateIpAddress": False,
                "allowRemoteVnetTraffic": True,
                "allowVirtualWanTraffic": False,
                "resiliencyModel": "MultiHomed" if len(locations) > 1 else "SingleHomed",
                "sku": {"name": gateway.sku, "tier": gateway.sku, "capacity": 2},
                "ipConfigurations": [
                    {
                        **_ip_configuration(store, name, gateway.network, public),
                        "properties": {
                            "provisioningState": "Succeeded",
                            "privateIPAllocationMethod": "Dynamic",
                            "subnet": {"id": store.id(f"virtualNetworks/{gateway.network}/subnets/{GATEWAY_SUBNET}")},
                        },
                    }
                ],
                "bgpSettings": {
                    "asn": 65515,
                    "bgpPeeringAddress": ",".join(str(each) for each in gateway.instances),
                    "peerWeight": 0,
                },
            },
            location=location,
        )


def link_of(end: FarEndSpec) -> str:
    """The link of an MSEE that its circuit runs over."""
    return next(iter(end.interfaces))


def _subnet(end: FarEndSpec) -> IPv4Network:
    return end.interfaces[link_of(end)].network


def _circuit(store: Store, azure: AzureFile, topology: Topology, name: str, circuit: Circuit) -> None:
    primary, secondary = topology.far_ends[circuit.paths.primary], topology.far_ends[circuit.paths.secondary]
    tags = topology.links[link_of(primary)].tags or ()
    path, port = f"expressRouteCircuits/{name}", guid(name)[:4].upper()
    sku = {"name": f"{circuit.tier}_MeteredData", "tier": circuit.tier, "family": "MeteredData"}
    store.add(
        path,
        {
            "circuitProvisioningState": "Enabled",
            "serviceProviderProvisioningState": "Provisioned",
            "serviceKey": guid(f"service key of {name}"),
            "serviceProviderProperties": {
                "serviceProviderName": circuit.provider,
                "peeringLocation": circuit.peering_location,
                "bandwidthInMbps": circuit.bandwidth_mbps,
            },
            **({"stag": tags[0]} if len(tags) > 1 else {}),
            "allowClassicOperations": False,
            "globalReachEnabled": False,
            "authorizations": [],
            "gatewayManagerEtag": "17",
        },
        location=circuit.location or azure.location,
        sku=sku,
    )
    store.add(
        f"{path}/peerings/{PRIVATE}",
        {
            "peeringType": PRIVATE,
            "state": "Enabled",
            "azureASN": primary.asn,
            "peerASN": primary.neighbors[0].remote_as,
            "primaryPeerAddressPrefix": str(_subnet(primary)),
            "secondaryPeerAddressPrefix": str(_subnet(secondary)),
            "primaryAzurePort": f"LAB-{port}-06GMR-CIS-1-PRI-A",
            "secondaryAzurePort": f"LAB-{port}-06GMR-CIS-2-SEC-A",
            **({"vlanId": tags[-1]} if tags else {}),
            "gatewayManagerEtag": "17",
            "lastModifiedBy": "Customer",
            "connections": [],
            "peeredConnections": [],
        },
    )


def _expressroute_connections(store: Store, azure: AzureFile) -> None:
    for name, connection in azure.expressroute_connections.items():
        network = azure.expressroute_gateways[connection.gateway].network
        store.add(
            f"connections/{name}",
            {
                "connectionType": "ExpressRoute",
                "virtualNetworkGateway1": store.reference(f"virtualNetworkGateways/{connection.gateway}"),
                "peer": store.reference(f"expressRouteCircuits/{connection.circuit}"),
                "routingWeight": 0,
                "enableBgp": False,
                "expressRouteGatewayBypass": False,
                "enablePrivateLinkFastPath": False,
                "useLocalAzureIpAddress": False,
                "usePolicyBasedTrafficSelectors": False,
                "ipsecPolicies": [],
                "trafficSelectorPolicies": [],
            },
            location=azure.location_of(network),
        )


def bgp_neighbor(end: FarEndSpec, tunnel: TunnelSpec) -> NeighborSpec | None:
    """The BGP neighbor that is spoken to through a tunnel."""
    return next((each for each in end.neighbors if any(each.address in route for route in tunnel.routes)), None)


def tunnel_of(end: FarEndSpec, name: str) -> TunnelSpec:
    """A tunnel by its name. Raises KeyError."""
    found = next((each for each in end.tunnels if each.name == name), None)
    if found is None:
        raise KeyError(name)
    return found


def _vpn_connection(store: Store, azure: AzureFile, topology: Topology, name: str, spec: VpnConnection) -> None:
    gateway = azure.vpn_gateways[spec.gateway]
    end = topology.far_ends[gateway.instances[0]]
    tunnel, location = tunnel_of(end, spec.tunnel), azure.location_of(gateway.network)
    neighbor = bgp_neighbor(end, tunnel)
    settings = {} if neighbor is None else {
        "bgpSettings": {"asn": neighbor.remote_as, "bgpPeeringAddress": str(neighbor.address), "peerWeight": 0}
    }  # fmt: skip
    store.add(
        f"localNetworkGateways/{spec.local_network_gateway}",
        {
            "gatewayIpAddress": str(tunnel.peer),
            "localNetworkAddressSpace": {"addressPrefixes": [str(each) for each in tunnel.routes]},
            **settings,
        },
        location=location,
    )
    store.add(
        f"connections/{name}",
        {
            "connectionType": "IPsec",
            "connectionProtocol": "IKEv2",
            "connectionMode": "Default",
            "virtualNetworkGateway1": store.reference(f"virtualNetworkGateways/{spec.gateway}"),
            "localNetworkGateway2": store.reference(f"localNetworkGateways/{spec.local_network_gateway}"),
            "routingWeight": 0,
            "enableBgp": neighbor is not None,
            "dpdTimeoutSeconds": tunnel.dpd,
            "expressRouteGatewayBypass": False,
            "useLocalAzureIpAddress": False,
            "usePolicyBasedTrafficSelectors": False,
            "ipsecPolicies": policies(tunnel, end),
            "trafficSelectorPolicies": [],
            SHARED_KEY: tunnel.key,
        },
        location=location,
    )


def policies(tunnel: TunnelSpec, end: FarEndSpec) -> list[Json]:
    """A connection's own policy; none for a gateway that offers Azure's default proposals."""
    from pytest_azinterop.lab.arm.crypto_policy import to_policy
    from pytest_azinterop.lab.topology import IkeSpec

    ike = tunnel.ike or end.ike
    return [] if ike == IkeSpec() else [to_policy(ike)]

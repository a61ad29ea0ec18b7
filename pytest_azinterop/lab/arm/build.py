"""The resources as they are at the start: from ``azure.yaml`` and from what the topology says about the far ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import FILE, MICROSOFT
from pytest_azinterop.lab.arm.build_gateways import expressroute_gateways, vpn_gateways
from pytest_azinterop.lab.arm.store import Json, Store, guid
from pytest_azinterop.lab.topology import TopologyError

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    from pytest_azinterop.lab.arm.azure_file import AzureFile, Circuit, Machine, VpnConnection
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.topology import FarEndSpec, NeighborSpec, Topology, TunnelSpec

SHARED_KEY = "sharedKey"


def build(azure: AzureFile, topology: Topology) -> Store:
    """Every resource that the two files declare."""
    store = Store(azure.subscription, azure.resource_group)
    _route_tables(store, azure)
    _networks(store, azure, topology)
    _machines(store, azure)
    vpn_gateways(store, azure, topology)
    expressroute_gateways(store, azure)
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
                    _configuration(store, path, number, address, machine)
                    for number, address in enumerate((machine.address, machine.address6), 1)
                    if address is not None
                ],
                "virtualMachine": {"id": f"{store.group_id}/providers/Microsoft.Compute/virtualMachines/{name}"},
                "macAddress": f"00-0D-3A-{mac[:2]}-{mac[2:4]}-{mac[4:]}",
                "primary": True,
                "enableIPForwarding": machine.forwards,
                "enableAcceleratedNetworking": False,
                "nicType": "Standard",
            },
            location=azure.location_of(machine.network),
        )


def _configuration(store: Store, path: str, number: int, address: IpAddress, machine: Machine) -> Json:
    name = f"ipconfig{number}"
    return {
        "name": name,
        "id": f"{store.id(path)}/ipConfigurations/{name}",
        "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": str(address),
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": f"IPv{address.version}",
            "primary": number == 1,
            "subnet": store.reference(f"virtualNetworks/{machine.network}/subnets/{machine.subnet}"),
        },
    }


def link_of(end: FarEndSpec) -> str:
    """The link of an MSEE that its circuit runs over."""
    return next(iter(end.interfaces))


def _subnet(end: FarEndSpec) -> IPv4Network:
    return end.interfaces[link_of(end)].network


def _circuit(store: Store, azure: AzureFile, topology: Topology, name: str, circuit: Circuit) -> None:
    path = f"expressRouteCircuits/{name}"
    links = [link_of(topology.far_ends[primary]) for primary, _ in circuit.peerings.values()]
    outer = {tags[0] for tags in (topology.links[link].tags or () for link in links) if len(tags) > 1}
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
            **({"stag": min(outer)} if outer else {}),
            "allowClassicOperations": False,
            "globalReachEnabled": False,
            "authorizations": [],
            "gatewayManagerEtag": "17",
        },
        location=circuit.location or azure.location,
        sku=sku,
    )
    for kind, (primary, secondary) in circuit.peerings.items():
        properties = _peering(topology, kind, topology.far_ends[primary], topology.far_ends[secondary])
        if circuit.microsoft is not None and kind == MICROSOFT:
            properties["microsoftPeeringConfig"] = {
                "advertisedPublicPrefixes": [str(each) for each in circuit.microsoft.advertised],
                "advertisedCommunities": [],
                "advertisedPublicPrefixesState": "Configured",
                "customerASN": 0,
                "legacyMode": 0,
                "routingRegistryName": circuit.microsoft.registry,
            }
        store.add(f"{path}/peerings/{kind}", properties)


def _peering(topology: Topology, kind: str, primary: FarEndSpec, secondary: FarEndSpec) -> Json:
    tags, port = topology.links[link_of(primary)].tags or (), guid(primary.name)[:4].upper()
    return {
        "peeringType": kind,
        "state": "Enabled",
        "azureASN": primary.asn,
        "peerASN": primary.neighbors[0].remote_as,
        "primaryPeerAddressPrefix": str(_subnet(primary)),
        "secondaryPeerAddressPrefix": str(_subnet(secondary)),
        "primaryAzurePort": f"LAB-{port}-06GMR-CIS-1-PRI-A",
        "secondaryAzurePort": f"LAB-{port}-06GMR-CIS-2-SEC-A",
        **({"vlanId": tags[-1]} if tags else {}),
        **_ipv6(primary, secondary),
        "gatewayManagerEtag": "17",
        "lastModifiedBy": "Customer",
        "connections": [],
        "peeredConnections": [],
    }


def _ipv6(primary: FarEndSpec, secondary: FarEndSpec) -> Json:
    """A peering's IPv6 half, where its MSEEs have IPv6 addresses."""
    both = [end.interfaces6.get(link_of(end)) for end in (primary, secondary)]
    prefixes = {
        f"{path}PeerAddressPrefix": str(each.network)
        for path, each in zip(("primary", "secondary"), both, strict=True)
        if each is not None
    }
    return {"ipv6PeeringConfig": {**prefixes, "state": "Enabled"}} if prefixes else {}


def _expressroute_connections(store: Store, azure: AzureFile) -> None:
    for name, connection in azure.expressroute_connections.items():
        network = azure.expressroute_gateways[connection.gateway].network
        store.add(
            f"connections/{name}",
            {
                "connectionType": "ExpressRoute",
                "virtualNetworkGateway1": store.reference(f"virtualNetworkGateways/{connection.gateway}"),
                "peer": store.reference(f"expressRouteCircuits/{connection.circuit}"),
                "routingWeight": connection.weight,
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


def _opposite(end: FarEndSpec, name: str) -> object:
    """What a local network gateway would say about the other end of a tunnel."""
    tunnel = tunnel_of(end, name)
    neighbor = bgp_neighbor(end, tunnel)
    return tunnel.peer, tunnel.routes, neighbor and (neighbor.address, neighbor.remote_as)


def _vpn_connection(store: Store, azure: AzureFile, topology: Topology, name: str, spec: VpnConnection) -> None:
    gateway = azure.vpn_gateways[spec.gateway]
    end = topology.far_ends[gateway.instances[0]]
    for other in gateway.instances[1:]:
        if _opposite(topology.far_ends[other], spec.tunnel) != _opposite(end, spec.tunnel):
            raise TopologyError(
                f"{FILE}: vpn_connections.{name}: {end.name} and {other} differ in peer, routes or neighbor of their "
                f"tunnel {spec.tunnel}, but a local network gateway has one of each"
            )
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
            "routingWeight": spec.weight,
            "enableBgp": neighbor is not None,
            "dpdTimeoutSeconds": tunnel.dpd,
            "expressRouteGatewayBypass": False,
            "useLocalAzureIpAddress": gateway.private,
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

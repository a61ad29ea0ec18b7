"""What Azure's resources make of the network: which prefixes each gateway and MSEE carries, to whom it speaks, and how.

Sources: gateway transit, https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-peering-gateway-transit;
limits, https://learn.microsoft.com/azure/expressroute/expressroute-faqs (4,000 prefixes from the edge router, 10,000
with Premium, 200 over Microsoft peering; 1,000 from the virtual networks, above which the connection goes down).
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import PRIVATE
from pytest_azinterop.lab.arm.build import SHARED_KEY, bgp_neighbor, link_of
from pytest_azinterop.lab.arm.crypto_policy import to_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.arm.azure_file import AzureFile
    from pytest_azinterop.lab.arm.store import Json, Resource, Store
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.network.control import NetworkControl
    from pytest_azinterop.lab.topology import FarEndSpec, NeighborSpec, TunnelSpec

FROM_EDGE = {"Premium": 10000}
FROM_EDGE_STANDARD, FROM_EDGE_PUBLIC = 4000, 200
DERIVED = ("asn", "router_id", "addresses", "interfaces", "vnets", "tunnels", "neighbors")
"""What of a far end follows from Azure's resources."""
FROM_NETWORKS = 1000
"""Prefixes that one connection carries to the MSEEs."""


class Fabric:
    """Azure's software-defined network over a simulated one."""

    def __init__(self, network: NetworkControl, file: AzureFile, store: Store) -> None:
        self.network, self.file, self.store = network, file, store
        self._base = dict(network.topology.far_ends)
        self._links = {name: link.tags for name, link in network.topology.links.items()}
        self.refused: dict[str, frozenset[IpNetwork]] = {}
        """By gateway or circuit: ``virtualNetworkGateways/hub-er``."""
        self.disconnected: set[str] = set()
        """ExpressRoute connections that a failover test keeps apart."""
        self.isolated: frozenset[tuple[str, int]] = frozenset()
        """Circuits with the path (0 or 1) whose session with the edge router a failover test has ended."""

    # -- what the resources say

    def prefixes(self, network: str) -> tuple[IpNetwork, ...]:
        """A virtual network's own address space."""
        found = self.store.get(f"virtualNetworks/{network}")
        values = [] if found is None else found.properties["addressSpace"]["addressPrefixes"]
        return tuple(ip_network(each) for each in values)

    def peerings(self, network: str) -> list[Resource]:
        """The peerings of a virtual network."""
        return self.store.children(f"virtualNetworks/{network}", "virtualNetworkPeerings")

    def remote(self, peering: Resource) -> str:
        """The name of the network at the other side."""
        path = self.store.path_of(peering.properties["remoteVirtualNetwork"])
        return "" if path is None else path.rpartition("/")[2]

    def opposite(self, peering: Resource) -> Resource | None:
        """The other side's peering."""
        own = peering.parent.rpartition("/")[2]
        return next((each for each in self.peerings(self.remote(peering)) if self.remote(each) == own), None)

    def connected(self, peering: Resource) -> bool:
        """Both sides exist and say so."""
        other = self.opposite(peering)
        return other is not None and all(each.properties["peeringState"] == "Connected" for each in (peering, other))

    def transit(self, network: str) -> list[Resource]:
        """The peerings of a gateway's network by which another network uses its gateways."""
        found = []
        for peering in self.peerings(network):
            other = self.opposite(peering)
            if other is None or not self.connected(peering):
                continue
            if peering.properties["allowGatewayTransit"] and other.properties["useRemoteGateways"]:
                found.append(peering)
        return found

    def served(self, network: str) -> tuple[str, ...]:
        """The networks behind the gateways of a network: itself, and those that use its gateways."""
        return (network, *(self.remote(each) for each in self.transit(network)))

    def announced(self, network: str) -> tuple[tuple[str, IpNetwork], ...]:
        """What the gateways of a network announce, with the network it belongs to; a spoke's as last synchronised."""
        own: list[tuple[str, IpNetwork]] = [(network, each) for each in self.prefixes(network)]
        for peering in self.transit(network):
            values = peering.properties["remoteAddressSpace"]["addressPrefixes"]
            own += [(self.remote(peering), ip_network(each)) for each in values]
        return tuple(own)

    def home(self, network: str) -> str:
        """The network whose gateways this one uses: its own or a peer's."""
        for peering in self.peerings(network):
            other = self.opposite(peering)
            if other is not None and other in self.transit(self.remote(peering)):
                return self.remote(peering)
        return network

    def gateways(self, kind: str, network: str | None = None) -> list[Resource]:
        """The gateways (``Vpn`` or ``ExpressRoute``), of one network or of all."""
        return [
            each
            for each in self.store.of_type("virtualNetworkGateways")
            if each.properties["gatewayType"] == kind and network in (None, self.network_of(each.name))
        ]

    def network_of(self, gateway: str) -> str:
        """The virtual network that a gateway stands in."""
        if gateway in self.file.vpn_gateways:
            return self.file.vpn_gateways[gateway].network
        return self.file.expressroute_gateways[gateway].network

    def connections(self, gateway: str) -> list[Resource]:
        """A gateway's connections."""
        path = f"virtualNetworkGateways/{gateway}"
        return [
            each
            for each in self.store.of_type("connections")
            if self.store.path_of(each.properties["virtualNetworkGateway1"]) == path
        ]

    def peering_enabled(self, circuit: str, name: str = PRIVATE) -> bool:
        """The circuit is provisioned on both sides, and the peering is on."""
        resource = self.store.get(f"expressRouteCircuits/{circuit}")
        peering = self.store.get(f"expressRouteCircuits/{circuit}/peerings/{name}")
        return (
            resource is not None
            and peering is not None
            and resource.properties["circuitProvisioningState"] == "Enabled"
            and resource.properties["serviceProviderProvisioningState"] == "Provisioned"
            and peering.properties["state"] == "Enabled"
        )

    def carries(self, connection: str) -> bool:
        """Whether an ExpressRoute connection carries routes."""
        spec, resource = self.file.expressroute_connections[connection], self.store.get(f"connections/{connection}")
        if resource is None or resource.properties["provisioningState"] == "Failed" or connection in self.disconnected:
            return False
        gateway = self.store.get(f"virtualNetworkGateways/{spec.gateway}")
        if gateway is None or not self.peering_enabled(spec.circuit):
            return False
        return len(self.announced(self.network_of(spec.gateway))) <= FROM_NETWORKS

    def on_circuit(self, circuit: str) -> list[str]:
        """Names of the connections that carry routes between gateways and a circuit."""
        return [
            name
            for name, spec in self.file.expressroute_connections.items()
            if spec.circuit == circuit and self.carries(name)
        ]

    def weight(self, far_end: str, networks: tuple[str, ...]) -> int:
        """By which routing weight the gateways of these networks prefer an MSEE; 0 for any other far end."""
        homes = {self.home(each) for each in networks}
        return max(
            (
                int(self.store.named(f"connections/{name}").properties["routingWeight"])
                for name, spec in self.file.expressroute_connections.items()
                if far_end in self.file.circuits[spec.circuit].peerings.get(PRIVATE, ())
                and self.network_of(spec.gateway) in homes
                and self.carries(name)
            ),
            default=0,
        )

    # -- what follows for the far ends

    def refuse(self, path: str, prefixes: Sequence[IpNetwork]) -> None:
        """A gateway or a circuit does not take these prefixes any more."""
        self.refused[path] = self.refused.get(path, frozenset()) | frozenset(prefixes)
        name = path.rpartition("/")[2]
        far_ends: Sequence[str] = ()
        if path.startswith("expressRouteCircuits/"):
            far_ends = [path for both in self.file.circuits[name].peerings.values() for path in both]
        elif name in self.file.vpn_gateways:
            far_ends = self.file.vpn_gateways[name].instances
        for far_end in far_ends:
            self.network.set_far_end(far_end, refuse=tuple(prefixes))

    def apply(self) -> None:
        """Bring networks, gateways and MSEEs in line with the resources."""
        self._withdraw()
        self._announce()
        for name, vpn in self.file.vpn_gateways.items():
            for number, instance in enumerate(vpn.instances):
                self._declare(self._gateway(name, number, self._base[instance]))
        for name, circuit in self.file.circuits.items():
            for peering, paths in circuit.peerings.items():
                self._tag(name, peering, paths)
                for number, path in enumerate(paths):
                    spec = self._msee(name, peering, number, self._base[path])
                    if self.peering_enabled(name, peering):
                        self._declare(spec)
                        continue
                    # A session that its neighbor ends says so before the interface goes.
                    if self.network.far_end(path).spec.neighbors:
                        self._declare(spec)
                    self._declare(replace(spec, interfaces={}))

    def _withdraw(self) -> None:
        """What an MSEE carries no longer goes first: more prefixes than a connection takes never reach a router."""
        for name, circuit in self.file.circuits.items():
            for peering, paths in circuit.peerings.items():
                for number, path in enumerate(paths):
                    present = self.network.far_end(path).spec
                    wanted = self._msee(name, peering, number, self._base[path])
                    kept = tuple(each for each in present.vnets if each in wanted.vnets)
                    self.network.declare_far_end(replace(present, vnets=kept))

    def _declare(self, wanted: FarEndSpec) -> None:
        """What resources say nothing about (BFD, clocks, communities) stays as it is now."""
        present = self.network.far_end(wanted.name).spec
        self.network.declare_far_end(replace(present, **{name: getattr(wanted, name) for name in DERIVED}))

    def _announce(self) -> None:
        for name in self.file.networks:
            spec = self.network.topology.vnets[name]
            home = self.home(name)
            prefixes = tuple(each for owner, each in self.announced(home) if owner == name) or self.prefixes(name)
            if prefixes != spec.prefixes:
                self.network.declare_vnet(replace(spec, prefixes=prefixes))

    def _carried(self, base: FarEndSpec, wanted: Sequence[str]) -> tuple[str, ...]:
        """In the order of the topology, so that nothing changes where nothing is different."""
        kept = [each for each in base.vnets if each in wanted]
        return tuple(dict.fromkeys([*kept, *wanted]))

    def _gateway(self, name: str, number: int, base: FarEndSpec) -> FarEndSpec:
        resource = self.store.get(f"virtualNetworkGateways/{name}")
        if resource is None:
            return replace(base, tunnels=(), neighbors=(), vnets=())
        settings = resource.properties["bgpSettings"]
        bgp = IPv4Address(settings["bgpPeeringAddress"].split(",")[number])
        interfaces, link = dict(base.interfaces), base.public or link_of(base)
        if link in interfaces:
            public = self.store.named(f"publicIPAddresses/{name}-pip{number + 1}").properties["ipAddress"]
            interfaces[link] = IPv4Interface(f"{public}/{interfaces[link].network.prefixlen}")
        tunnels, neighbors = self._tunnels(name, base)
        return replace(
            base,
            asn=settings["asn"],
            router_id=bgp if base.router_id == base.addresses["bgp"] else base.router_id,
            addresses={**base.addresses, "bgp": bgp},
            interfaces=interfaces,
            vnets=self._carried(base, self.served(self.network_of(name))),
            tunnels=tunnels,
            neighbors=neighbors,
        )

    def _tunnels(self, gateway: str, base: FarEndSpec) -> tuple[tuple[TunnelSpec, ...], tuple[NeighborSpec, ...]]:
        mine = {
            spec.tunnel: name for name, spec in self.file.vpn_connections.items() if spec.gateway == gateway
        }  # fmt: skip
        tunnels: list[TunnelSpec] = []
        neighbors = {each.address: each for each in base.neighbors}
        for tunnel in base.tunnels:
            if tunnel.name not in mine:
                tunnels.append(tunnel)
                continue
            neighbor = bgp_neighbor(base, tunnel)
            if neighbor is not None:
                del neighbors[neighbor.address]
            connection = self.store.get(f"connections/{mine[tunnel.name]}")
            spec = self.file.vpn_connections[mine[tunnel.name]]
            local = self.store.get(f"localNetworkGateways/{spec.local_network_gateway}")
            if connection is None or local is None:
                continue
            made, spoken = _connection(tunnel, neighbor, connection.properties, local.properties)
            if made is not None:
                tunnels.append(made)
            if spoken is not None:
                neighbors[spoken.address] = spoken
        order = [each.address for each in base.neighbors]
        ordered = sorted(neighbors.values(), key=lambda each: (each.address not in order, each.address))
        return tuple(tunnels), tuple(ordered)

    def _msee(self, circuit: str, name: str, number: int, base: FarEndSpec) -> FarEndSpec:
        if not self.peering_enabled(circuit, name):
            return replace(base, neighbors=(), vnets=())
        networks = [
            network
            for connection in (self.on_circuit(circuit) if name == PRIVATE else ())
            for network in self.served(self.network_of(self.file.expressroute_connections[connection].gateway))
        ]
        resource = self.store.named(f"expressRouteCircuits/{circuit}")
        peering = self.store.named(f"expressRouteCircuits/{circuit}/peerings/{name}").properties
        subnet = IPv4Network(peering[("primaryPeerAddressPrefix", "secondaryPeerAddressPrefix")[number]])
        limit = FROM_EDGE.get(resource.document["sku"]["tier"], FROM_EDGE_STANDARD)
        if name != PRIVATE:
            limit = FROM_EDGE_PUBLIC
        link, peer_asn = link_of(base), peering["peerASN"]
        first, *others = base.neighbors
        if "ipv6PeeringConfig" not in peering:
            others = [each for each in others if each.address.version == 4]
        neighbor = replace(first, address=subnet[1], remote_as=peer_asn, maximum_prefix=limit)
        return replace(
            base,
            interfaces={**base.interfaces, link: IPv4Interface(f"{subnet[2]}/{subnet.prefixlen}")},
            neighbors=() if (circuit, number) in self.isolated and name == PRIVATE else (neighbor, *others),
            vnets=self._carried(base, tuple(dict.fromkeys(networks))),
        )

    def _tag(self, circuit: str, name: str, paths: Sequence[str]) -> None:
        peering = self.store.get(f"expressRouteCircuits/{circuit}/peerings/{name}")
        if peering is None or "vlanId" not in peering.properties:
            return
        for path in paths:
            link = link_of(self._base[path])
            tags = self._links[link]
            if tags:
                self.network.set_link_tags(link, (*tags[:-1], peering.properties["vlanId"]))


def _connection(
    tunnel: TunnelSpec, neighbor: NeighborSpec | None, connection: Json, local: Json
) -> tuple[TunnelSpec | None, NeighborSpec | None]:
    """The tunnel and the BGP neighbor that a connection and its local network gateway make."""
    bgp = local.get("bgpSettings")
    routes = [IPv4Network(each) for each in local["localNetworkAddressSpace"]["addressPrefixes"]]
    spoken = None
    if connection["enableBgp"] and bgp is not None and neighbor is not None:
        address = IPv4Address(bgp["bgpPeeringAddress"])
        spoken = replace(neighbor, address=address, remote_as=bgp["asn"], weight=connection["routingWeight"])
        if IPv4Network(address) not in routes:
            routes.append(IPv4Network(address))
    # The lab's gateways speak IKEv2 with selectors for everything: whoever asks for something else gets no tunnel.
    if connection["connectionProtocol"] != "IKEv2" or connection["usePolicyBasedTrafficSelectors"]:
        return None, spoken
    policies = connection["ipsecPolicies"]
    made = replace(
        tunnel,
        peer=IPv4Address(local["gatewayIpAddress"]),
        key=connection[SHARED_KEY],
        routes=tuple(routes),
        dpd=connection["dpdTimeoutSeconds"],
        ike=to_spec(policies[0]) if policies else None,
    )
    return made, spoken

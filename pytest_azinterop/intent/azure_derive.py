"""From Azure's block of the intent to what each resource must show. Pure; names have been checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.intent.azure import split_id
from pytest_azinterop.intent.azure_expectations import (
    PATHS,
    PEERING_NAMES,
    AzureCloud,
    AzureExpectations,
    DevicePath,
    ExpectedCircuit,
    ExpectedCircuitPath,
    ExpectedConnection,
    ExpectedDestination,
    ExpectedGateway,
    ExpectedGatewayPeer,
    ExpectedGatewaySubnet,
    ExpectedLocalGateway,
    ExpectedSubnet,
    ExpectedVnet,
    ExpectedVnetPeering,
    ResourceName,
)
from pytest_azinterop.intent.azure_links import (
    networks_by_name,
    peer_asns,
    reached_over_gateways,
    subnets_of,
    vlans_of,
)
from pytest_azinterop.intent.prefixes import union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.azure import Azure, AzureResource
    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedTunnel
    from pytest_azinterop.intent.models import Intent

# Prefixes that an ExpressRoute gateway learns: https://learn.microsoft.com/azure/expressroute/expressroute-about-virtual-network-gateways
_LEARNED = {"ergw1az": 4000, "ergw2az": 9500, "ergw3az": 9500, "ergwscale": 60000, "standard": 4000,
            "highperformance": 9500, "ultraperformance": 9500}  # fmt: skip
# Prefixes that a VPN gateway takes of one peer: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview
_OF_VPN = 4000
# Prefixes that the peering takes from the sites: https://learn.microsoft.com/azure/expressroute/expressroute-faqs
_ACCEPTED = {"microsoft": 200, "private": 4000}
_ACCEPTED_PREMIUM = 10000
_GATEWAY_SUBNET = "GatewaySubnet"


def derive_azure(
    intent: Intent, sessions: tuple[ExpectedSession, ...], tunnels: tuple[ExpectedTunnel, ...]
) -> AzureExpectations | None:
    """Every expectation on Azure's side of a whole, consistent intent; None: it has no such block."""
    return None if intent.azure is None else _Derivation(intent, intent.azure, sessions, tunnels).everything()


def resource_of(azure: Azure, said: AzureResource, key: str, kind: str) -> ResourceName:
    """The resource that an entry names."""
    return named(azure, said.resource or key, kind, said.subscription, said.resource_group)


def named(
    azure: Azure, reference: str, kind: str, subscription: str | None = None, group: str | None = None
) -> ResourceName:
    """A resource by name or id; subscription and group default to the block's."""
    if reference.startswith("/"):
        return ResourceName(*split_id(reference))
    return ResourceName(
        subscription or azure.subscription or "", group or azure.resource_group or "", (kind, reference)
    )


def cloud_of(azure: Azure) -> AzureCloud:
    """Whom to ask and as whom."""
    credential = azure.credential
    return AzureCloud(
        azure.cloud,
        credential.kind,
        tuple(credential.options.items()),
        tuple(azure.api_versions.items()),
        azure.files,
    )


class _Derivation:
    def __init__(
        self,
        intent: Intent,
        azure: Azure,
        sessions: tuple[ExpectedSession, ...],
        tunnels: tuple[ExpectedTunnel, ...],
    ) -> None:
        self.intent = intent
        self.azure = azure
        self.sessions = sessions
        self.tunnels = tunnels
        self.networks = networks_by_name(intent)
        self.head_room = intent.defaults.bgp.head_room

    def everything(self) -> AzureExpectations:
        azure = self.azure
        return AzureExpectations(
            cloud=cloud_of(azure),
            circuits=tuple(map(self._circuit, azure.circuits)),
            gateways=tuple(map(self._gateway, azure.gateways)),
            connections=tuple(map(self._connection, azure.connections)),
            local_gateways=tuple(self._local_gateways()),
            vnets=tuple(map(self._vnet, azure.vnets)),
            vnet_peerings=tuple(self._vnet_peerings()),
            subnets=tuple(map(self._subnet, azure.subnets)),
        )

    # -- circuits ---------------------------------------------------------------------------------------------------

    def _circuit(self, name: str) -> ExpectedCircuit:
        said, circuit = self.azure.circuits[name], self.intent.circuits[name]
        resource = self._circuit_resource(name)
        asns, vlans = peer_asns(self.intent, name), vlans_of(self.intent, name)
        peer_asn = said.peer_asn or (asns[0] if asns else None)
        return ExpectedCircuit(
            name=name,
            resource=resource,
            peering=circuit.peering,
            azure_asn=circuit.asn,
            peer_asn=peer_asn,
            vlan=said.vlan or (vlans[0] if vlans else None),
            tier=said.tier,
            bandwidth_mbps=said.bandwidth_mbps,
            peering_location=said.peering_location,
            paths=tuple(self._path(name, resource, path, peer_asn) for path in PATHS),
            connections=tuple(key for key, each in self.azure.connections.items() if each.circuit == name),
        )

    def _circuit_resource(self, name: str) -> ResourceName:
        return resource_of(self.azure, self.azure.circuits[name], name, "expressRouteCircuits")

    def _path(
        self, circuit: str, resource: ResourceName, path: DevicePath, peer_asn: int | None
    ) -> ExpectedCircuitPath:
        said, declared = self.azure.circuits[circuit], self.intent.circuits[circuit]
        subnet, found = getattr(said, path), subnets_of(self.intent, circuit, path)
        premium = declared.peering == "private" and said.tier == "premium"
        served = (each.gateway for each in self.azure.connections.values() if each.circuit == circuit)
        return ExpectedCircuitPath(
            circuit=circuit,
            resource=resource,
            peering_name=PEERING_NAMES[declared.peering],
            path=path,
            peer_asn=peer_asn,
            subnet=subnet or (found[0] if found else None),
            sessions=tuple(each for each in self.sessions if each.path == f"{circuit} {path}"),
            gateways=tuple((key, self._gateway_resource(key)) for key in dict.fromkeys(served)),
            accepts=declared.accepts or (_ACCEPTED_PREMIUM if premium else _ACCEPTED[declared.peering]),
            head_room=self.head_room,
        )

    # -- gateways and connections -----------------------------------------------------------------------------------

    def _gateway(self, name: str) -> ExpectedGateway:
        said = self.azure.gateways[name]
        own = {key: each for key, each in self.azure.connections.items() if each.gateway == name}
        by_sku = _LEARNED.get((said.sku or "").casefold()) if said.kind == "expressroute" else _OF_VPN
        return ExpectedGateway(
            name=name,
            resource=self._gateway_resource(name),
            kind=said.kind,
            vnet=said.vnet,
            vnet_resource=self._vnet_resource(said.vnet),
            asn=said.asn,
            sku=said.sku,
            active_active=said.active_active,
            learned_limit=said.learned_limit or by_sku,
            head_room=self.head_room,
            circuits=tuple(dict.fromkeys(each.circuit for each in own.values() if each.circuit is not None)),
            peers=tuple(peer for key in own for peer in self._peers(key)),
            connections=tuple(own),
            load_mbps=sum(each.load_mbps or 0 for each in own.values()) or None,
            remote_vnets=said.remote_vnets,
            virtual_wan=said.virtual_wan,
            subnet_tables=tuple(self._tables_of_gateways(said.vnet)),
        )

    def _tables_of_gateways(self, vnet: str) -> Iterator[ResourceName]:
        """The route tables that are declared for the subnet of a VNet's gateways."""
        above = self._vnet_resource(vnet)
        for name, said in self.azure.subnets.items():
            is_theirs = said.vnet == vnet and (said.subnet or name).casefold() == _GATEWAY_SUBNET.casefold()
            if is_theirs and said.route_table is not None:
                yield named(
                    self.azure, said.route_table, "routeTables", subscription=above.subscription, group=above.group
                )

    def _gateway_resource(self, name: str) -> ResourceName:
        return resource_of(self.azure, self.azure.gateways[name], name, "virtualNetworkGateways")

    def _peers(self, connection: str) -> Iterator[ExpectedGatewayPeer]:
        said = self.azure.connections[connection]
        if not said.bgp or said.circuit is not None:
            return
        if said.to is not None:
            yield ExpectedGatewayPeer(
                self.azure.gateways[said.to].asn, None, connection, None, said.to, self._gateway_resource(said.to)
            )
        for tunnel in self._tunnels(connection):
            session = next(
                each
                for each in self.sessions
                if (each.router, each.vrf, each.neighbor) == (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
            )
            yield ExpectedGatewayPeer(session.local_as, session.local_address, connection, session)

    def _tunnels(self, connection: str) -> tuple[ExpectedTunnel, ...]:
        said = self.azure.connections[connection]
        return tuple(
            tunnel
            for tunnel in self.tunnels
            if tunnel.connection == said.connection and said.router in {None, tunnel.router}
        )

    def _connection(self, name: str) -> ExpectedConnection:
        said = self.azure.connections[name]
        local = said.local_gateway
        return ExpectedConnection(
            name=name,
            resource=resource_of(self.azure, said, name, "connections"),
            gateway=said.gateway,
            gateway_resource=self._gateway_resource(said.gateway),
            circuit=said.circuit,
            circuit_resource=None if said.circuit is None else self._circuit_resource(said.circuit),
            site_connection=said.connection,
            to=said.to,
            to_resource=None if said.to is None else self._gateway_resource(said.to),
            local_gateway=local,
            local_gateway_resource=None if local is None else self._local_resource(local),
            tunnels=self._tunnels(name) if said.connection is not None else (),
            weight=said.weight,
            bgp=None if said.circuit is not None else said.bgp,
            ipsec=said.ipsec,
            over=said.over,
            over_peering=None if said.over is None else self.intent.circuits[said.over].peering,
            traffic=said.traffic and said.circuit is None,
            mode=said.mode,
        )

    def _local_resource(self, name: str) -> ResourceName:
        return resource_of(self.azure, self.azure.local_gateways[name], name, "localNetworkGateways")

    def _local_gateways(self) -> Iterator[ExpectedLocalGateway]:
        for name in self.azure.local_gateways:
            key = next(key for key, each in self.azure.connections.items() if each.local_gateway == name)
            said = self.azure.connections[key]
            tunnels = self._tunnels(key) if said.connection is not None else ()
            peers = [peer for peer in self._peers(key) if peer.session is not None]
            addresses = (tunnel.public or tunnel.local for tunnel in tunnels)
            asn = self.azure.gateways[said.to].asn if said.to is not None else peers[0].asn if peers else None
            yield ExpectedLocalGateway(
                name=name,
                resource=self._local_resource(name),
                connection=key,
                addresses=tuple(dict.fromkeys(address for address in addresses if address is not None)),
                asn=asn if said.bgp else None,
                bgp_addresses=tuple(
                    dict.fromkeys(tunnel.bgp_address for tunnel in tunnels if tunnel.bgp_address is not None)
                ),
                tunnels=tunnels,
                to=said.to,
                to_resource=None if said.to is None else self._gateway_resource(said.to),
            )

    # -- virtual networks -------------------------------------------------------------------------------------------

    def _vnet(self, name: str) -> ExpectedVnet:
        network = self._network(name)
        spaces = None if network is None else union([self.networks[network][2]])
        return ExpectedVnet(name, self._vnet_resource(name), network, spaces)

    def _network(self, vnet: str) -> str | None:
        said = self.azure.vnets[vnet].network
        return said or (vnet if vnet in self.networks else None)

    def _vnet_resource(self, name: str) -> ResourceName:
        return resource_of(self.azure, self.azure.vnets[name], name, "virtualNetworks")

    def _vnet_peerings(self) -> Iterator[ExpectedVnetPeering]:
        for vnet, body in self.azure.vnets.items():
            above = self._vnet_resource(vnet)
            for name, said in body.peerings.items():
                parts = (*above.parts, "virtualNetworkPeerings", name)
                yield ExpectedVnetPeering(
                    name=name,
                    vnet=vnet,
                    resource=ResourceName(above.subscription, above.group, parts),
                    to=said.to,
                    to_resource=self._vnet_resource(said.to),
                    gateway_transit=said.gateways == "shared",
                    remote_gateways=said.gateways == "remote",
                    forwarded_traffic=said.forwarded_traffic,
                )

    def _subnet(self, name: str) -> ExpectedSubnet:
        said = self.azure.subnets[name]
        back = said.back_via or said.via
        above = self._vnet_resource(said.vnet)
        near = {"subscription": above.subscription, "group": above.group}
        nic = None if said.nic is None else named(self.azure, said.nic, "networkInterfaces", **near)
        via_nic = None if said.via_nic is None else named(self.azure, said.via_nic, "networkInterfaces", **near)
        table = None if said.route_table is None else named(self.azure, said.route_table, "routeTables", **near)
        return ExpectedSubnet(
            name=name,
            vnet=said.vnet,
            network=self._network(said.vnet),
            resource=ResourceName(above.subscription, above.group, (*above.parts, "subnets", said.subnet or name)),
            nic=nic,
            via=None if said.via == "gateway" else said.via,
            route_table=table,
            gateways=self._gateways_for(said.vnet),
            destinations=tuple(self._destinations(said.vnet)),
            via_nic=via_nic,
            back_via=None if back == "gateway" else back,
            enters_from=tuple(self._enters_from(name)),
        )

    def _enters_from(self, name: str) -> Iterator[ExpectedGatewaySubnet]:
        """The subnets of the gateways that serve this one, where anything is declared of the way back."""
        said = self.azure.subnets[name]
        if (said.subnet or name).casefold() == _GATEWAY_SUBNET.casefold():
            return
        for vnet in dict.fromkeys(self.azure.gateways[key].vnet for key in self._gateways_for(said.vnet)):
            tables = tuple(self._tables_of_gateways(vnet))
            if tables or (said.back_via or said.via) != "gateway":
                above = self._vnet_resource(vnet)
                parts = (*above.parts, "subnets", _GATEWAY_SUBNET)
                yield ExpectedGatewaySubnet(ResourceName(above.subscription, above.group, parts), above, tables)

    def _gateways_for(self, vnet: str) -> tuple[str, ...]:
        """The gateways of the VNet itself and of the hub whose gateways it uses."""
        places = {vnet, *(each.to for each in self.azure.vnets[vnet].peerings.values() if each.gateways == "remote")}
        return tuple(name for name, each in self.azure.gateways.items() if each.vnet in places)

    def _destinations(self, vnet: str) -> Iterator[ExpectedDestination]:
        circuits, connections = reached_over_gateways(self.azure, self._gateways_for(vnet))
        network = self._network(vnet)
        if network is None:
            return
        owner, plain, _ = self.networks[network]
        for customer, body in self.intent.customers.items():
            # A network of the customer's own hides the shared one of that name.
            if owner not in {None, customer} or (owner is None and plain in body.networks):
                continue
            for site, at in body.sites.items():
                used = dict.fromkeys(path.circuit for path in at.expressroute)
                over = tuple(each for each in used if each in circuits and plain in self.intent.circuits[each].networks)
                called = dict.fromkeys(vpn.connection for vpn in at.vpn)
                by = tuple(
                    each for each in called if each in connections and plain in self.intent.connections[each].networks
                )
                if over or by:
                    yield ExpectedDestination(customer, site, union([at.prefixes]), over, by)

"""Azure as it agrees with whatever an intent says: the records of each request, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from pytest_azinterop.state.azure_circuit import (
    Circuit,
    CircuitArpEntry,
    CircuitPeering,
    CircuitRoute,
    CircuitSession,
    Ipv6Peering,
)
from pytest_azinterop.state.azure_connection import Connection, IpsecPolicy, TunnelHealth
from pytest_azinterop.state.azure_gateway import (
    EXPRESSROUTE_ASN,
    BgpSettings,
    Gateway,
    GatewayBgpPeer,
    GatewayInstanceAddresses,
    GatewayIpConfiguration,
    GatewayRoute,
    LocalNetworkGateway,
)
from pytest_azinterop.state.azure_network import (
    EffectiveRoute,
    NetworkInterface,
    RouteTable,
    Subnet,
    UserRoute,
    Vnet,
    VnetPeering,
)
from pytest_azinterop.state.bgp import AsPath

if TYPE_CHECKING:
    from pytest_azinterop.azure.request import Request
    from pytest_azinterop.intent.azure_expectations import (
        AzureExpectations,
        ExpectedCircuit,
        ExpectedCircuitPath,
        ExpectedConnection,
        ExpectedGateway,
    )
    from pytest_azinterop.intent.expectations import ExpectedPrefixes
    from pytest_azinterop.state.azure_source import AzureSource

LONG = timedelta(days=9)
SITE_HARDWARE, AZURE_HARDWARE = "0000.5e00.5300", "0000.5e00.5301"


def _named(prefixes: ExpectedPrefixes | None) -> list[Any]:
    return sorted(prefixes.required, key=str) if prefixes is not None else []


def _as_path(*asns: int) -> AsPath:
    return AsPath(" ".join(map(str, asns)), asns)


def _ipv6(circuit: ExpectedCircuit) -> Ipv6Peering | None:
    found = {
        path.path: ip_network(f"{session.neighbor}/126", strict=False)
        for path in circuit.paths
        for session in path.sessions
        if session.version == 6
    }
    return Ipv6Peering(found.get("primary"), found.get("secondary"), "Enabled") if found else None  # type: ignore[arg-type]


class AgreeingAzure:
    """Answers requests. Addresses that the intent does not know are made up, the same each time."""

    def __init__(self, everything: AzureExpectations) -> None:
        self.all = everything

    def records(self, request: Request) -> list[Any]:
        """The records of one request."""
        source = request.source(datetime.now(UTC))
        found: list[Any] = getattr(self, request.operation_name.replace("-", "_"))(request, source)
        return found

    # -- circuits

    def circuit(self, request: Request, source: AzureSource) -> list[Circuit]:
        each = next(each for each in self.all.circuits if each.resource.id == request.resource)
        prefixes = {path.path: path.subnet for path in each.paths}
        peering = CircuitPeering(
            each.peering_name,
            each.peering_name,
            "Enabled",
            each.azure_asn,
            each.peer_asn,
            each.vlan,
            prefixes["primary"],
            prefixes["secondary"],
            ipv6=_ipv6(each),
            source=source,
        )
        return [
            Circuit(
                each.resource.name,
                "Enabled",
                "Provisioned",
                (each.tier or "standard").capitalize(),
                "MeteredData",
                "Carrier",
                each.peering_location,
                each.bandwidth_mbps or 100,
                None,
                None,
                "here",
                (peering,),
                provisioning_state="Succeeded",
                source=source,
            )
        ]

    def _path(self, request: Request) -> ExpectedCircuitPath:
        return next(
            path
            for path in self.all.circuit_paths
            if request.resource.startswith(path.resource.id + "/") and path.path == request.given["path"]
        )

    def circuit_arp(self, request: Request, source: AzureSource) -> list[CircuitArpEntry]:
        path = self._path(request)
        ends = [("On-Prem", SITE_HARDWARE, each) for each in path.neighbors]
        ends += [("Microsoft", AZURE_HARDWARE, each) for each in path.azure_addresses]
        return [CircuitArpEntry(path.path, address, mac, side, 3, source=source) for side, mac, address in ends]

    def circuit_sessions(self, request: Request, source: AzureSource) -> list[CircuitSession]:
        path = self._path(request)
        inside = [address for key, _ in path.gateways for address in self.instances(self.gateway_named(key))]
        rows = [(each, path.peer_asn or 64999) for each in path.neighbors] + [(each, 65515) for each in inside]
        return [
            CircuitSession(path.path, neighbor, asn, "Established", 1, "1w2d", up_for=LONG, source=source)
            for neighbor, asn in rows
        ]

    def circuit_routes(self, request: Request, source: AzureSource) -> list[CircuitRoute]:
        path = self._path(request)
        rows: list[tuple[Any, Any, int]] = []
        for session in path.sessions:
            rows += [(prefix, session.local_address, session.local_as) for prefix in _named(session.announce)]
            rows += [(prefix, None, 65515) for prefix in _named(session.receive)]
        return [CircuitRoute(path.path, prefix, hop, _as_path(asn), 100, 0, source=source) for prefix, hop, asn in rows]

    # -- gateways

    def gateway_named(self, key: str) -> ExpectedGateway:
        return next(each for each in self.all.gateways if each.name == key)

    def _gateway(self, request: Request) -> ExpectedGateway:
        return next(each for each in self.all.gateways if each.resource.id == request.resource)

    def instances(self, each: ExpectedGateway) -> tuple[IPv4Address, ...]:
        """The BGP addresses of a gateway's instances: those that routers call, or made-up ones."""
        called = dict.fromkeys(peer.session.neighbor for peer in each.peers if peer.session is not None)
        place = list(self.all.gateways).index(each)
        two = each.kind == "expressroute" or bool(each.active_active)
        made = [IPv4Address(f"198.18.{place}.{number}") for number in (4, 5)][: 2 if two else 1]
        return tuple(called) or tuple(made)  # type: ignore[return-value]

    def tunnels(self, each: ExpectedGateway) -> tuple[IPv4Address, ...]:
        """The public addresses of a gateway: where routers' tunnels end, or a made-up one."""
        called = (tunnel.peer for one in self.all.connections if one.gateway == each.name for tunnel in one.tunnels)
        return tuple(dict.fromkeys(called)) or (IPv4Address(f"203.0.113.{100 + list(self.all.gateways).index(each)}"),)

    def gateway(self, request: Request, source: AzureSource) -> list[Gateway]:
        each = self._gateway(request)
        addresses = self.instances(each)
        subnet = f"{each.vnet_resource.id}/subnets/GatewaySubnet"
        tunnels = self.tunnels(each)
        return [
            Gateway(
                each.resource.name,
                "ExpressRoute" if each.kind == "expressroute" else "Vpn",
                each.sku or "Any",
                bool(each.active_active),
                True,
                BgpSettings(each.asn, addresses, 0, (GatewayInstanceAddresses("one", addresses, (), tunnels),)),
                "RouteBased",
                "Generation1",
                (GatewayIpConfiguration("one", subnet, None, None),),
                allow_remote_vnet_traffic=bool(each.remote_vnets),
                allow_virtual_wan_traffic=bool(each.virtual_wan),
                provisioning_state="Succeeded",
                source=source,
            )
        ]

    def bgp_peers(self, request: Request, source: AzureSource) -> list[GatewayBgpPeer]:
        each = self._gateway(request)
        rows: list[tuple[Any, Any, int]] = []
        for instance in self.instances(each):
            rows += [
                (instance, IPv4Address(f"198.19.{number}.{side}"), EXPRESSROUTE_ASN)
                for number, _ in enumerate(each.circuits)
                for side in (1, 2)
            ]
        for peer in each.peers:
            there = [peer.address] if peer.gateway is None else self.instances(self.gateway_named(peer.gateway))
            at = self.instances(each)[0] if peer.session is None else peer.session.neighbor
            rows += [(at, address, peer.asn) for address in there]
        return [
            GatewayBgpPeer(instance, neighbor, asn, "Connected", LONG, 1, 99, 99, source=source)
            for instance, neighbor, asn in rows
        ]

    def learned_routes(self, request: Request, source: AzureSource) -> list[GatewayRoute]:
        each = self._gateway(request)
        rows: list[tuple[Any, Any, Any, tuple[int, ...]]] = [
            (peer.instance, IPv4Network("192.0.2.0/24"), peer.neighbor, (peer.asn,))
            for peer in self.bgp_peers(request, source)
            if peer.neighbor not in {known.address for known in each.peers}
        ]
        for circuit in (circuit for circuit in self.all.circuits if circuit.name in each.circuits):
            sessions = [session for path in circuit.paths for session in path.sessions]
            rows += [
                (instance, prefix, IPv4Address("198.19.0.1"), (circuit.azure_asn, session.local_as))
                for session in sessions
                for prefix in _named(session.announce)
                for instance in self.instances(each)
            ]
        for peer in each.peers:
            if peer.session is not None:
                rows += [
                    (peer.session.neighbor, prefix, peer.address, (peer.asn,))
                    for prefix in _named(peer.session.announce)
                ]
        return [
            GatewayRoute(instance, prefix, hop, hop, "EBgp", _as_path(*asns), 32768, source=source)
            for instance, prefix, hop, asns in rows
        ]

    def advertised_routes(self, request: Request, source: AzureSource) -> list[GatewayRoute]:
        each = self._gateway(request)
        if each.kind == "expressroute":
            (instance, *_) = self.instances(each)
            behind = {peer.vnet for peer in self.all.vnet_peerings if peer.to == each.vnet and peer.remote_gateways}
            vnets = [vnet for vnet in self.all.vnets if vnet.name in {each.vnet, *behind}]
            to, path = ip_address(request.given["peer"]), _as_path(each.asn)
            return [
                GatewayRoute(instance, prefix, instance, None, "Igp", path, 0, to_peer=to, source=source)
                for vnet in vnets
                for prefix in _named(vnet.spaces)
            ]
        return [
            GatewayRoute(
                peer.session.neighbor,
                prefix,
                peer.session.neighbor,
                None,
                "Igp",
                _as_path(each.asn),
                0,
                to_peer=peer.address,
                source=source,
            )
            for peer in each.peers
            if peer.session is not None and str(peer.address) == request.given["peer"]
            for prefix in _named(peer.session.receive)
        ]

    # -- connections

    def connection(self, request: Request, source: AzureSource) -> list[Connection]:
        each = next(each for each in self.all.connections if each.resource.id == request.resource)
        tunnels = tuple(
            TunnelHealth(str(tunnel.peer), "Connected", 1, 1, datetime.now(UTC) - LONG) for tunnel in each.tunnels
        )
        return [
            Connection(
                each.resource.name,
                each.kind,
                each.gateway_resource.id,
                None if each.to_resource is None or each.kind != "Vnet2Vnet" else each.to_resource.id,
                None if each.local_gateway_resource is None else each.local_gateway_resource.id,
                None if each.circuit_resource is None else each.circuit_resource.id,
                None if each.circuit is not None else "Connected",
                each.bgp,
                each.weight,
                1,
                1,
                mode=each.mode.title().replace("-", ""),
                ipsec_policies=self._policies(each),
                policy_based=False,
                tunnels=tunnels,
                over_private_address=each.over_peering == "private",
                provisioning_state="Succeeded",
                source=source,
            )
        ]

    @staticmethod
    def _policies(each: ExpectedConnection) -> tuple[IpsecPolicy, ...]:
        return () if each.ipsec is None or each.ipsec == "default" else (IpsecPolicy(**each.ipsec.model_dump()),)

    def local_gateway(self, request: Request, source: AzureSource) -> list[LocalNetworkGateway]:
        each = next(each for each in self.all.local_gateways if each.resource.id == request.resource)
        address, bgp = next(iter(each.addresses), None), each.bgp_addresses
        if each.to is not None:
            far = self.gateway_named(each.to)
            bgp = self.instances(far)
            address = self.tunnels(far)[0]
        settings = None if each.asn is None else BgpSettings(each.asn, bgp, 0)
        return [LocalNetworkGateway(each.resource.name, address, None, (), settings, source=source)]

    # -- networks

    def vnet(self, request: Request, source: AzureSource) -> list[Vnet]:
        each = next(each for each in self.all.vnets if each.resource.id == request.resource)
        spaces = () if each.spaces is None else (*sorted(each.spaces.required, key=str), *each.spaces.allowed)
        inside = next((space for space in spaces if space.version == 4), IPv4Network("198.18.0.0/24"))
        peerings = tuple(
            VnetPeering(
                peering.name,
                peering.to_resource.id,
                "Connected",
                "FullyInSync",
                True,
                bool(peering.forwarded_traffic),
                peering.gateway_transit,
                peering.remote_gateways,
                (),
                source=source,
            )
            for peering in self.all.vnet_peerings
            if peering.vnet == each.name
        )
        subnets = tuple(
            Subnet(
                subnet.resource.name,
                (inside,),
                None if subnet.route_table is None else subnet.route_table.id,
                source=source,
            )
            for subnet in self.all.subnets
            if subnet.vnet == each.name
        )
        if not any(subnet.is_gateway_subnet for subnet in subnets):
            subnets += (Subnet("GatewaySubnet", (IPv4Network("198.18.1.0/27"),), None, source=source),)
        return [Vnet(each.resource.name, spaces, subnets, peerings, source=source)]

    def network_interface(self, request: Request, source: AzureSource) -> list[NetworkInterface]:
        each = next(each for each in self.all.subnets if each.via_nic and each.via_nic.id == request.resource)
        assert each.via is not None
        machine = "/subscriptions/x/virtualMachines/firewall"
        return [NetworkInterface(request.given["nic"], (each.via,), True, machine, source=source)]

    def effective_routes(self, request: Request, source: AzureSource) -> list[EffectiveRoute]:
        each = next(each for each in self.all.subnets if each.nic is not None and each.nic.id == request.resource)
        kind, origin = ("VirtualNetworkGateway", "VirtualNetworkGateway")
        if each.via is not None:
            kind, origin = "VirtualAppliance", "User"
        hop = each.via or IPv4Address("198.18.9.9")
        own = EffectiveRoute((IPv4Network("198.18.0.0/24"),), (), "VnetLocal", "Default", "Active", source=source)
        return [
            own,
            *(
                EffectiveRoute((prefix,), (hop,), kind, origin, "Active", source=source)
                for destination in each.destinations
                for prefix in (*sorted(destination.prefixes.required, key=str), *destination.prefixes.allowed)
            ),
        ]

    def route_table(self, request: Request, source: AzureSource) -> list[RouteTable]:
        each = next(each for each in self.all.subnets if each.route_table and each.route_table.id == request.resource)
        routes = tuple(
            UserRoute("to-site", prefix, "VirtualAppliance", each.via)
            for destination in each.destinations
            for prefix in (*destination.prefixes.required, *destination.prefixes.allowed)
            if each.via is not None
        )
        return [RouteTable(request.given["route_table"], routes, False, (each.resource.id,), source=source)]

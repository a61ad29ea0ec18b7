"""The routes that Azure's gateways have, computed from what the far ends know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.lab.arm.fabric import Fabric
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.far_end_view import FarEndView

MSEE_ASN, GATEWAY_ASN, MICROSOFT_ASN = 12076, 65515, 8075
PATHS = ("primary", "secondary")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An MSEE as an ExpressRoute gateway knows it. ``up``: the session between the two stands."""

    connection: str
    circuit: str
    path: str
    address: IpAddress
    msee: FarEndView
    up: bool


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """A route that a gateway can use; ``hop`` is where it leaves to."""

    prefix: IpNetwork
    hop: IpAddress
    as_path: AsPath
    weight: int
    """The connection's routing weight."""


class Routing:
    """Reads the network at the present simulated time."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.network, self.file, self.store = fabric.network, fabric.file, fabric.store

    def age(self) -> float:
        """How long the network's Azure side has stood, in seconds."""
        return self.network.now - self.network.began

    # -- ExpressRoute gateways

    def endpoints(self, gateway: str) -> list[Endpoint]:
        """The MSEEs of every connection of an ExpressRoute gateway."""
        found = []
        for name, spec in self.file.expressroute_connections.items():
            if spec.gateway != gateway or self.store.get(f"connections/{name}") is None:
                continue
            far_ends = self.file.circuits[spec.circuit].peerings[PRIVATE]
            for path, far_end, address in zip(PATHS, far_ends, spec.endpoints, strict=True):
                msee = self.network.far_end(far_end)
                up = self.fabric.carries(name) and not msee.silent
                found.append(Endpoint(name, spec.circuit, path, address, msee, up))
        return found

    def from_msee(self, gateway: str, endpoint: Endpoint) -> list[GatewayRoute]:
        """What a gateway learns over one session: the edge router's prefixes, and the circuit's other VNets'."""
        if not endpoint.up:
            return []
        refused = self.fabric.refused.get(f"virtualNetworkGateways/{gateway}", frozenset())
        weight = int(self.store.named(f"connections/{endpoint.connection}").properties["routingWeight"])
        microsoft = (MSEE_ASN,) * (1 + endpoint.msee.prepend)
        found = [
            GatewayRoute(route.prefix, endpoint.address, (*microsoft, *route.as_path), weight)
            for route in endpoint.msee.passed_on()
        ]
        own = {prefix for _, prefix in self.fabric.announced(self.fabric.network_of(gateway))}
        for other in self.fabric.on_circuit(endpoint.circuit):
            there = self.file.expressroute_connections[other].gateway
            if there != gateway and self._exchange(gateway, there):
                found += [
                    GatewayRoute(prefix, endpoint.address, (*microsoft, MSEE_ASN), weight)
                    for _, prefix in self.fabric.announced(self.fabric.network_of(there))
                    if prefix not in own
                ]
        return [route for route in found if route.prefix not in refused]

    def _exchange(self, one: str, other: str) -> bool:
        """Two gateways of one circuit let their networks speak to each other."""
        both = (self.store.get(f"virtualNetworkGateways/{each}") for each in (one, other))
        return all(each is not None and each.properties["allowRemoteVnetTraffic"] for each in both)

    def best_from_circuits(self, gateway: str) -> dict[IpNetwork, list[GatewayRoute]]:
        """The routes that an ExpressRoute gateway uses: by routing weight, then AS path; equal ones side by side."""
        offered: dict[IpNetwork, list[GatewayRoute]] = {}
        for endpoint in self.endpoints(gateway):
            for route in self.from_msee(gateway, endpoint):
                offered.setdefault(route.prefix, []).append(route)
        found = {}
        for prefix, routes in offered.items():
            best = min((-each.weight, len(each.as_path)) for each in routes)
            found[prefix] = [each for each in routes if (-each.weight, len(each.as_path)) == best]
        return found

    # -- VPN gateways

    def instances(self, gateway: str) -> list[tuple[IpAddress, FarEndView]]:
        """The instances of a VPN gateway with their BGP addresses."""
        ends = [self.network.far_end(name) for name in self.file.vpn_gateways[gateway].instances]
        return [(end.spec.addresses["bgp"], end) for end in ends]

    def best_from_tunnels(self, gateway: str) -> dict[IpNetwork, list[GatewayRoute]]:
        """The routes that a VPN gateway uses: learned over BGP, and the static ones of its tunnels that are up."""
        found: dict[IpNetwork, list[GatewayRoute]] = {}
        for address, end in self.instances(gateway):
            if end.silent:
                continue
            up = {each.name for each in end.tunnels() if each.up}
            for tunnel in end.spec.tunnels:
                for static in tunnel.routes if tunnel.name in up else ():
                    found.setdefault(static, []).append(GatewayRoute(static, address, (), 0))
            for each in end.routes():
                if each.best and not each.local:
                    found.setdefault(each.prefix, []).append(GatewayRoute(each.prefix, address, each.as_path, 0))
        for prefix, routes in found.items():
            shortest = min(len(each.as_path) for each in routes)
            kept = [each for each in routes if len(each.as_path) == shortest]
            found[prefix] = [each for at, each in enumerate(kept) if each.hop not in [k.hop for k in kept[:at]]]
        return found

    # -- circuits

    def msee(self, circuit: str, peering: str, path: str) -> FarEndView:
        """The MSEE of a peering's path (``primary`` or ``secondary``)."""
        return self.network.far_end(self.file.circuits[circuit].peerings[peering][PATHS.index(path)])

    def carriers(self, circuit: str) -> dict[str, Sequence[IpAddress]]:
        """The gateways whose sessions with a circuit stand, with their instances."""
        names = [self.file.expressroute_connections[each].gateway for each in self.fabric.on_circuit(circuit)]
        return {name: self.file.expressroute_gateways[name].instances for name in names}

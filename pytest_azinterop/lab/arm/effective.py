"""Where a network interface's packets go: system, gateway and user-defined routes, and what wins.

Longest match first; for one prefix a user-defined route wins over a gateway's, and that over a system route.
Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import network_order

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.fabric import Fabric
    from pytest_azinterop.lab.arm.routing import GatewayRoute, Routing
    from pytest_azinterop.lab.arm.store import Json, Resource
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork

INTERNET = ip_network("0.0.0.0/0")
DROPPED = tuple(ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
GATEWAY = "VirtualNetworkGateway"
APPLIANCE = "VirtualAppliance"
ORDER = ("User", GATEWAY, "Default")


@dataclass(frozen=True, slots=True)
class EffectiveRoute:
    """``source``: ``Default``, ``VirtualNetworkGateway`` or ``User``."""

    prefix: IpNetwork
    source: str
    next_hop_type: str
    next_hop: IpAddress | None = None
    name: str | None = None
    active: bool = True
    table: str | None = None
    """Id of the route table of a user-defined route."""


class NotRunning(Exception):  # noqa: N818 - it is what is true of the machine
    """The network interface belongs to no running machine."""


class Effective:
    """Computes routes from resources and gateways of the moment."""

    def __init__(self, fabric: Fabric, routing: Routing) -> None:
        self._fabric, self._routing = fabric, routing
        self._store = fabric.store

    def subnet(self, interface: Resource) -> Resource:
        """The subnet of a network interface."""
        path = self._store.path_of(interface.properties["ipConfigurations"][0]["properties"]["subnet"])
        return self._store.named(path or "")

    def of(self, interface: Resource) -> list[EffectiveRoute]:
        """Every route of a network interface, those that lose included. Raises NotRunning."""
        if interface.properties.get("virtualMachine") is None:
            raise NotRunning(interface.name)
        subnet = self.subnet(interface)
        network = subnet.parent.rpartition("/")[2]
        table = self._table(subnet)
        found = [*self._system(network)]
        if table is None or not table.properties["disableBgpRoutePropagation"]:
            found += self._gateway(network)
        found += [] if table is None else self._user(table)
        configured = interface.properties["ipConfigurations"]
        versions = {ip_address(each["properties"]["privateIPAddress"]).version for each in configured}
        found = [each for each in found if each.prefix.version in versions]
        return [_judged(each, found) for each in found]

    def _table(self, subnet: Resource) -> Resource | None:
        path = self._store.path_of(subnet.properties.get("routeTable"))
        return None if path is None else self._store.named(path)

    def _system(self, network: str) -> list[EffectiveRoute]:
        own = self._fabric.prefixes(network)
        found = [EffectiveRoute(prefix, "Default", "VnetLocal") for prefix in own]
        here = self._fabric.file.location_of(network)
        for peering in self._fabric.peerings(network):
            if self._fabric.connected(peering) and peering.properties["allowVirtualNetworkAccess"]:
                there = self._fabric.file.location_of(self._fabric.remote(peering))
                kind = "VNetPeering" if there == here else "VNetGlobalPeering"
                values = peering.properties["remoteAddressSpace"]["addressPrefixes"]
                found += [EffectiveRoute(ip_network(each), "Default", kind) for each in values]
        found.append(EffectiveRoute(INTERNET, "Default", "Internet"))
        taken = {each.prefix for each in found}
        return found + [EffectiveRoute(each, "Default", "None") for each in DROPPED if each not in taken]

    def _gateway(self, network: str) -> list[EffectiveRoute]:
        """From the gateways that the network uses, its own or its peer's: ExpressRoute wins over VPN."""
        home = self._fabric.home(network)
        best: dict[IpNetwork, list[GatewayRoute]] = {}
        for gateway in self._fabric.gateways("Vpn", home):
            best |= self._routing.best_from_tunnels(gateway.name)
        for gateway in self._fabric.gateways("ExpressRoute", home):
            best |= self._routing.best_from_circuits(gateway.name)
        own = {*self._fabric.prefixes(network)}
        return [
            EffectiveRoute(prefix, GATEWAY, GATEWAY, route.hop)
            for prefix in sorted(best, key=network_order)
            if prefix not in own
            for route in best[prefix]
        ]

    def _user(self, table: Resource) -> list[EffectiveRoute]:
        found = []
        for route in table.properties["routes"]:
            inner = route["properties"]
            hop = inner.get("nextHopIpAddress")
            found.append(
                EffectiveRoute(
                    ip_network(inner["addressPrefix"]), "User", inner["nextHopType"],
                    None if hop is None else ip_address(hop), route["name"], table=self._store.id(table.path),
                )
            )  # fmt: skip
        return found

    def rows(self, interface: Resource) -> list[Json]:
        """``effectiveRouteTable``. Raises NotRunning."""
        subnet = self.subnet(interface)
        table = self._table(subnet)
        disabled = table is not None and table.properties["disableBgpRoutePropagation"]
        return [
            {
                **({} if each.name is None else {"name": each.name}),
                "source": each.source,
                "state": "Active" if each.active else "Invalid",
                "addressPrefix": [str(each.prefix)],
                "nextHopType": each.next_hop_type,
                "nextHopIpAddress": [] if each.next_hop is None else [str(each.next_hop)],
                "hasBgpOverride": False,
                "disableBgpRoutePropagation": disabled,
                "tagMap": {},
            }
            for each in self.of(interface)
        ]

    def next_hop(self, interface: Resource, destination: IpAddress) -> EffectiveRoute | None:
        """The route that a packet to a destination takes. Raises NotRunning."""
        usable = [each for each in self.of(interface) if each.active and destination in each.prefix]
        return max(usable, key=lambda each: (each.prefix.prefixlen, -ORDER.index(each.source)), default=None)

    def interface_of(self, host: IpAddress) -> Resource | None:
        """The network interface that has an address."""
        for each in self._store.of_type("networkInterfaces"):
            if each.properties["ipConfigurations"][0]["properties"]["privateIPAddress"] == str(host):
                return each
        return None

    def steer(self, host: IpAddress, destination: IpAddress, networks: tuple[str, ...]) -> tuple[str, ...]:
        """The networks by whose gateways a packet of a host leaves (see ``forwarding.Steering``)."""
        return self._steer(host, destination, networks, frozenset())

    def _steer(
        self, host: IpAddress, destination: IpAddress, networks: tuple[str, ...], passed: frozenset[IpAddress]
    ) -> tuple[str, ...]:
        interface = self.interface_of(host)
        if interface is None or interface.properties.get("virtualMachine") is None:
            return networks
        route = self.next_hop(interface, destination)
        hop = None if route is None else route.next_hop
        if route is not None and route.next_hop_type == APPLIANCE and hop is not None:
            appliance = self.interface_of(hop)
            if appliance is None or not appliance.properties["enableIPForwarding"] or hop in passed:
                return ()
            there = self.subnet(appliance).parent.rpartition("/")[2]
            return self._steer(hop, destination, (there,), passed | {hop})
        return networks if route is not None and route.next_hop_type == GATEWAY else ()


def _judged(route: EffectiveRoute, routes: list[EffectiveRoute]) -> EffectiveRoute:
    rank = ORDER.index(route.source)
    loses = any(each.prefix == route.prefix and ORDER.index(each.source) < rank for each in routes)
    return EffectiveRoute(
        route.prefix, route.source, route.next_hop_type, route.next_hop, route.name, active=not loses, table=route.table
    )

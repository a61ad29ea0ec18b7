"""Where a network interface's packets go: system, gateway and user-defined routes, and what wins.

Longest match first; for one prefix a user-defined route wins over a gateway's, and that over a system route. But what
leads to the own network or to a peer's is preferred to any gateway's route within it, a more specific one included.
Without propagation of gateway routes on its own subnet, a gateway does not work.
Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview and, for the gateway's subnet,
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
INSIDE = ("VnetLocal", "VNetPeering", "VNetGlobalPeering")
GATEWAY_SUBNET = "GatewaySubnet"


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
        configured = interface.properties["ipConfigurations"]
        versions = {ip_address(each["properties"]["privateIPAddress"]).version for each in configured}
        return [each for each in self._in(self.subnet(interface)) if each.prefix.version in versions]

    def _in(self, subnet: Resource) -> list[EffectiveRoute]:
        """The same of whatever stands in a subnet."""
        network = subnet.parent.rpartition("/")[2]
        table = self._table(subnet)
        found = [*self._system(network)]
        if _propagates(table):
            found += self._gateway(network)
        found += [] if table is None else self._user(table)
        return _judged(found)

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
        return _longest(self.of(interface), destination)

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
        leaves = route is not None and route.next_hop_type == GATEWAY
        return tuple(each for each in networks if self._gateways_work(each)) if leaves else ()

    def _gateway_subnet(self, network: str) -> Resource | None:
        """Where the gateways stand that a network uses."""
        return self._store.get(f"virtualNetworks/{self._fabric.home(network)}/subnets/{GATEWAY_SUBNET}")

    def _gateways_work(self, network: str) -> bool:
        subnet = self._gateway_subnet(network)
        return subnet is None or _propagates(self._table(subnet))

    def enter(self, network: str, destination: IpAddress) -> int | None:
        """What comes from a site for a host of a network: see ``forwarding.Entering``.

        The gateway sends it by the routes of its own subnet.
        """
        subnet = self._gateway_subnet(network)
        if subnet is None:
            return 0
        if not self._gateways_work(network):
            return None
        passed: set[IpAddress] = set()
        route = _longest(self._in(subnet), destination)
        while route is not None and route.next_hop_type == APPLIANCE and route.next_hop is not None:
            appliance = self.interface_of(route.next_hop)
            running = appliance is not None and appliance.properties.get("virtualMachine") is not None
            if appliance is None or not running or not appliance.properties["enableIPForwarding"]:
                return None
            if route.next_hop in passed:
                return None
            passed.add(route.next_hop)
            route = _longest(self.of(appliance), destination)
        dropped = route is not None and route.source == "User" and route.next_hop_type not in INSIDE
        return None if dropped else len(passed)


def _propagates(table: Resource | None) -> bool:
    return table is None or not table.properties["disableBgpRoutePropagation"]


def _longest(routes: list[EffectiveRoute], destination: IpAddress) -> EffectiveRoute | None:
    usable = [each for each in routes if each.active and destination in each.prefix]
    return max(usable, key=lambda each: (each.prefix.prefixlen, -ORDER.index(each.source)), default=None)


def _judged(routes: list[EffectiveRoute]) -> list[EffectiveRoute]:
    """The same, each with the word whether it is used."""
    of = {source: {each.prefix for each in routes if each.source == source} for source in ORDER}
    inside = [each.prefix for each in routes if each.source == "Default" and each.next_hop_type in INSIDE]
    found = []
    for each in routes:
        loses = each.source != "User" and each.prefix in of["User"]
        if each.source == GATEWAY:
            loses |= any(_holds(prefix, each.prefix) for prefix in inside)
        elif each.source == "Default" and each.next_hop_type not in INSIDE:
            loses |= each.prefix in of[GATEWAY]
        found.append(replace(each, active=not loses))
    return found


def _holds(wide: IpNetwork, narrow: IpNetwork) -> bool:
    same_family = narrow.version == wide.version
    return same_family and narrow.prefixlen >= wide.prefixlen and narrow.network_address in wide

"""The actions of resources: which there are, how they end, and what they answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.build import SHARED_KEY
from pytest_azinterop.lab.arm.circuit_rows import CircuitRows
from pytest_azinterop.lab.arm.effective import APPLIANCE, GATEWAY, NotRunning
from pytest_azinterop.lab.arm.failover import FailoverTests
from pytest_azinterop.lab.arm.gateway_rows import GatewayRows
from pytest_azinterop.lab.arm.messages import ArmError
from pytest_azinterop.lab.arm.resiliency import resiliency_information, routes_information

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.arm.effective import Effective
    from pytest_azinterop.lab.arm.messages import Request
    from pytest_azinterop.lab.arm.routing import Routing
    from pytest_azinterop.lab.arm.store import Json, Resource, Store
    from pytest_azinterop.lab.config.addresses import IpAddress

DEVICE_PATHS = ("primary", "secondary")


@dataclass(frozen=True, slots=True)
class Action:
    """``seconds`` of the service that it takes; 0 answers at once. ``since`` is the first API version that has it."""

    name: str
    type: str
    method: str = "POST"
    style: str = "location"
    seconds: float = 10.0
    since: str = ""
    tail: tuple[str, ...] = ()
    """What may follow the name in the path (a device path)."""
    changes: bool = False
    """It does something, at once, whether anyone polls or not."""

    @property
    def locks(self) -> bool:
        """One at a time on a gateway or circuit."""
        return self.seconds > 0 and self.type.startswith(("virtualNetworkGateways", "expressRouteCircuits"))


_GATEWAY, _PEERING = "virtualNetworkGateways", "expressRouteCircuits/peerings"
_RESILIENCY = "2024-10-01"
_TESTS = "2025-07-01"
ACTIONS = (
    Action("getBgpPeerStatus", _GATEWAY),
    Action("getLearnedRoutes", _GATEWAY),
    Action("getAdvertisedRoutes", _GATEWAY),
    Action("getEffectiveRoutes", _GATEWAY, since="2025-09-01"),
    Action("getResiliencyInformation", _GATEWAY, since=_RESILIENCY),
    Action("getRoutesInformation", _GATEWAY, since=_RESILIENCY),
    Action("getFailoverAllTestsDetails", _GATEWAY, seconds=5, since=_RESILIENCY),
    Action("getFailoverSingleTestDetails", _GATEWAY, seconds=5, since=_RESILIENCY),
    Action("routeTables", _PEERING, style="both", seconds=8, tail=DEVICE_PATHS),
    Action("routeTablesSummary", _PEERING, style="both", seconds=8, tail=DEVICE_PATHS),
    Action("arpTables", _PEERING, style="both", seconds=8, tail=DEVICE_PATHS),
    Action("stats", _PEERING, "GET", seconds=0),
    Action("stats", "expressRouteCircuits", "GET", seconds=0),
    Action("startSiteFailoverTest", _GATEWAY, since=_RESILIENCY, changes=True),
    Action("stopSiteFailoverTest", _GATEWAY, since=_RESILIENCY, changes=True),
    Action("getCircuitLinkFailoverAllTestsDetails", "expressRouteCircuits", seconds=5, since=_TESTS),
    Action("getCircuitLinkFailoverSingleTestDetails", "expressRouteCircuits", seconds=5, since=_TESTS),
    Action("startCircuitLinkFailoverTest", "expressRouteCircuits", since=_TESTS, changes=True),
    Action("stopCircuitLinkFailoverTest", "expressRouteCircuits", since=_TESTS, changes=True),
    Action("sharedKey", "connections", "GET", seconds=0),
    Action("effectiveRouteTable", "networkInterfaces", seconds=5),
    Action("nextHop", "networkWatchers", style="both", seconds=3),
    Action("connectivityCheck", "networkWatchers", style="both", seconds=15),
)
UNREACHABLE = "Unreachable"


def find(kind: str, name: str) -> Action | None:
    """An action of a resource type, whatever the case of the name."""
    wanted = (kind.lower(), name.lower())
    return next((each for each in ACTIONS if (each.type.lower(), each.name.lower()) == wanted), None)


class Operations:
    """What each action answers, at the moment when it ends."""

    def __init__(self, store: Store, routing: Routing, effective: Effective) -> None:
        self._store, self._routing, self._effective = store, routing, effective
        self._gateways, self._circuits = GatewayRows(routing), CircuitRows(routing)
        self._tests, self._network = FailoverTests(routing), routing.network

    def prepare(self, action: Action, resource: Resource, tail: str, request: Request) -> Callable[[], object]:
        """What computes the answer; wrong input raises ArmError before."""
        circuit, peering = resource.path.split("/")[1], resource.name
        peerings = [peering] if action.type == _PEERING else [each.name for each in self._children(resource)]
        if action.name == "getAdvertisedRoutes" and not request.parameter("peer"):
            raise ArmError(400, "MissingParameter", "The required parameter peer is missing.")
        if resource.properties.get("gatewayType") == "Vpn" and action.since and action.name != "getEffectiveRoutes":
            raise ArmError(400, "OperationNotAllowed", f"{action.name} is for gateways of type ExpressRoute.")
        peer, test = request.parameter("peer"), request.parameter("failoverTestId")
        simple: dict[str, Callable[[], object]] = {
            "getBgpPeerStatus": lambda: {"value": self._gateways.peer_status(resource.name, peer)},
            "getLearnedRoutes": lambda: {"value": self._gateways.learned(resource.name)},
            "getAdvertisedRoutes": lambda: {"value": self._gateways.advertised(resource.name, peer)},
            "getEffectiveRoutes": lambda: {"value": self._gateway_routes(resource)},
            "getResiliencyInformation": lambda: resiliency_information(self._routing, resource.name),
            "getRoutesInformation": lambda: routes_information(self._routing, resource.name),
            "getFailoverAllTestsDetails": lambda: {"value": self._tests.site_tests(resource.name)},
            "getFailoverSingleTestDetails": lambda: {"value": self._tests.site_test(resource.name, test)},
            "getCircuitLinkFailoverAllTestsDetails": lambda: {"value": self._tests.link_tests(circuit)},
            "getCircuitLinkFailoverSingleTestDetails": lambda: {"value": self._tests.link_test(circuit, test)},
            "routeTables": lambda: {"value": self._circuits.route_table(circuit, peering, tail.lower())},
            "routeTablesSummary": lambda: {"value": self._circuits.summary(circuit, peering, tail.lower())},
            "arpTables": lambda: {"value": self._circuits.arp(circuit, peering, tail.lower())},
            "stats": lambda: self._circuits.bytes(circuit, peerings),
            "sharedKey": lambda: {"value": resource.properties.get(SHARED_KEY)},
            "effectiveRouteTable": lambda: {"value": self._effective.rows(resource)},
        }
        if action.name == "effectiveRouteTable":
            self._running(resource)
        if action.changes:
            return self._drill(action, resource, request)
        if action.name == "nextHop":
            return self._next_hop(request)
        return self._connectivity(request) if action.name == "connectivityCheck" else simple[action.name]

    def _drill(self, action: Action, resource: Resource, request: Request) -> Callable[[], object]:
        name, tests = resource.name, self._tests
        if action.name == "startSiteFailoverTest":
            location = tests.check_site(name, request.parameter("peeringLocation"))
            return lambda: tests.start_site(name, location)
        if action.name == "startCircuitLinkFailoverTest":
            link, category = request.parameter("linkType"), request.parameter("circuitTestCategory")
            tests.check_link(name, link, category)
            return lambda: tests.start_link(name, link or "", category or "")
        body = self._body(request)
        return lambda: (tests.stop_site if action.type == _GATEWAY else tests.stop_link)(name, body)

    def _children(self, circuit: Resource) -> list[Resource]:
        return self._store.children(circuit.path, "peerings")

    def _running(self, interface: Resource) -> None:
        if interface.properties.get("virtualMachine") is None:
            raise ArmError(
                400,
                "NicMustBeAttachedToRunningVmToGetEffectiveRoutes",
                f"Network interface {self._store.id(interface.path)} must be attached to a running virtual machine "
                "to get effective routes.",
            )

    def _gateway_routes(self, gateway: Resource) -> list[Json]:
        network = self._routing.fabric.network_of(gateway.name)
        own = [str(prefix) for _, prefix in self._routing.fabric.announced(network)]
        rows: list[Json] = []
        for address, _ in self._routing.instances(gateway.name):
            rows.append({"localAddress": str(address), "addressPrefixes": own, "nextHopType": "VirtualNetwork"})
            rows += [
                {
                    "localAddress": str(address), "addressPrefixes": [str(prefix)],
                    "nextHopIpAddress": str(routes[0].hop), "nextHopType": "Tunnel",
                }
                for prefix, routes in self._routing.best_from_tunnels(gateway.name).items()
            ]  # fmt: skip
        return rows

    # -- Network Watcher

    def _body(self, request: Request) -> Json:
        try:
            found = json.loads(request.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ArmError(400, "InvalidRequestFormat", "Cannot parse the request.")
        return found

    def _address(self, value: object, name: str) -> IPv4Address:
        try:
            return IPv4Address(str(value))
        except AddressValueError:
            raise ArmError(400, "InvalidIPAddress", f"{name} is not an IPv4 address: {value}") from None

    def _interface(self, value: object, address: IPv4Address | None = None) -> Resource:
        """By the id of a virtual machine or of a network interface."""
        wanted = str(value).lower()
        for each in self._store.of_type("networkInterfaces"):
            machine = each.properties.get("virtualMachine") or {}
            if wanted in (self._store.id(each.path).lower(), str(machine.get("id")).lower()):
                own = each.properties["ipConfigurations"][0]["properties"]["privateIPAddress"]
                if address not in (None, IPv4Address(own)):
                    raise ArmError(400, "SourceIpNotFound", f"{address} is no address of {value}.")
                return each
        raise ArmError(404, "ResourceNotFound", f"The resource {value} was not found.")

    def _next_hop(self, request: Request) -> Callable[[], object]:
        body = self._body(request)
        source = self._address(body.get("sourceIPAddress"), "sourceIPAddress")
        target = self._address(body.get("destinationIPAddress"), "destinationIPAddress")
        interface = self._interface(body.get("targetNicResourceId") or body.get("targetResourceId"), source)
        self._running(interface)

        def compute() -> Json:
            route = self._effective.next_hop(interface, target)
            if route is None:
                return {"nextHopType": "None", "routeTableId": "System Route"}
            hop = {} if route.next_hop is None else {"nextHopIpAddress": str(route.next_hop)}
            kind = route.next_hop_type
            return {"nextHopType": kind, **hop, "routeTableId": route.table or "System Route"}

        return compute

    def _connectivity(self, request: Request) -> Callable[[], object]:
        body = self._body(request)
        source, destination = body.get("source") or {}, body.get("destination") or {}
        interface = self._interface(source.get("resourceId"))
        if destination.get("resourceId"):
            there = self._interface(destination["resourceId"]).properties
            target = IPv4Address(there["ipConfigurations"][0]["properties"]["privateIPAddress"])
        else:
            target = self._address(destination.get("address"), "destination.address")
        return lambda: self._check(interface, target)

    def _check(self, interface: Resource, target: IPv4Address) -> Json:
        own = IPv4Address(interface.properties["ipConfigurations"][0]["properties"]["privateIPAddress"])
        try:
            route = self._effective.next_hop(interface, target)
        except NotRunning:
            route = None
        network = self._effective.subnet(interface).parent.rpartition("/")[2]
        kind, hops, delay, reached = "None" if route is None else route.next_hop_type, [], 0.0, False
        if kind in ("VnetLocal", "VNetPeering", "VNetGlobalPeering"):
            hosts = {host for vnet in self._network.topology.vnets.values() for host in vnet.hosts}
            reached, delay = target in hosts, 1.0
        elif kind in (GATEWAY, APPLIANCE):
            for exit_network in self._effective.steer(own, target, (network,)):
                probe = self._network.probe_from_vnet(exit_network, own, target)
                reached, hops, delay = probe.answered, list(probe.hops), probe.delay_ms
        return _connectivity(interface, self._store, own, target, hops, delay, kind, reached=reached)


def _connectivity(
    interface: Resource, store: Store, own: IPv4Address, target: IPv4Address, hops: list[IpAddress], delay: float,
    kind: str, *, reached: bool,
) -> Json:  # fmt: skip
    """The body of a connectivity check: 30 probes."""
    between = [each for each in hops if each != target]
    addresses = [own, *between, *([target] if reached or not between else [])]
    kinds = [
        "Source",
        *["VirtualNetwork" if kind != GATEWAY else "VirtualNetworkGateway"] * len(between),
        "Destination",
    ]
    issue = {"origin": "Local", "severity": "Error", "type": "UserDefinedRoute" if kind == "None" else "Platform"}
    rows = [
        {
            "type": kinds[at] if at < len(kinds) else "Internet",
            "id": f"hop-{at}",
            "address": str(each),
            **({"resourceId": store.id(interface.path)} if at == 0 else {}),
            "nextHopIds": [f"hop-{at + 1}"] if at + 1 < len(addresses) else [],
            "previousHopIds": [f"hop-{at - 1}"] if at else [],
            "issues": [] if reached or at else [{**issue, "context": []}],
        }
        for at, each in enumerate(addresses)
    ]
    found: Json = {"hops": rows, "connectionStatus": "Reachable" if reached else UNREACHABLE}
    if reached:
        found |= {each: max(1, round(2 * delay)) for each in ("avgLatencyInMs", "minLatencyInMs", "maxLatencyInMs")}
    return {**found, "probesSent": 30, "probesFailed": 0 if reached else 30}

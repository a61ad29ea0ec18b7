"""OSPF as far as the sites' LANs need it: adjacencies, shortest paths, intra-area and external type 2 routes."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.policy import Candidate, apply_route_map
from pytest_azinterop.lab.network.records import NextHop, OspfNeighbor
from pytest_azinterop.lab.network.routes import DEFAULT_ROUTE, Attributes, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.lab.config.settings import InterfaceSettings, OspfSettings, Redistribution
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.node import Node

Speaker = tuple[str, int]


@dataclass(slots=True)
class _Process:
    node: Node
    settings: OspfSettings
    neighbors: list[tuple[Speaker, InterfaceSettings, IPv4Address, int, str]] = field(default_factory=list)
    """Neighbor, own interface, its address, own cost, area."""
    intra: dict[IPv4Network, int] = field(default_factory=dict)
    external: dict[IPv4Network, tuple[int, bool]] = field(default_factory=dict)
    """Metric, and whether the down bit is set."""


def area_of(process: OspfSettings, interface: InterfaceSettings) -> str | None:
    """The area that an interface is in, or None when the process does not run on it."""
    if interface.vrf != process.vrf or interface.address is None:
        return None
    if interface.ospf_area is not None:
        return _area(interface.ospf_area[1]) if interface.ospf_area[0] == process.process else None
    for network, wildcard, area in process.networks:
        if (int(network) ^ int(interface.address.ip)) & ~int(wildcard) & 0xFFFFFFFF == 0:
            return _area(area)
    return None


def _area(text: str) -> str:
    return str(int(IPv4Address(text))) if "." in text else text


def cost_of(process: OspfSettings, interface: InterfaceSettings) -> int:
    """Interface cost: configured, or reference bandwidth over bandwidth."""
    if interface.ospf_cost is not None:
        return interface.ospf_cost
    kbit = interface.bandwidth or (10_000_000 if interface.name.startswith("Ten") else 1_000_000)
    return max(1, process.reference_mbit * 1000 // kbit)


def _passive(process: OspfSettings, name: str) -> bool:
    return name in process.passive or (process.passive_default and name not in process.active)


class Ospf:
    """All processes of the network."""

    def __init__(self, nodes: dict[str, Node], fabric: Fabric) -> None:
        self._nodes = nodes
        self._fabric = fabric
        self._since: dict[tuple[str, int, IPv4Address], float] = {}

    def compute(self) -> None:
        """Set every node's OSPF routes, by VRF."""
        processes = {
            (node.name, settings.process): _Process(node, settings)
            for node in self._nodes.values()
            for settings in node.settings.ospf
        }
        for process in processes.values():
            self._prepare(process, processes)
        for node in self._nodes.values():
            node.ospf = {}
        for key, process in processes.items():
            routes = self._routes(key, processes)
            process.node.ospf.setdefault(process.settings.vrf, []).extend(routes)

    def _prepare(self, process: _Process, processes: dict[Speaker, _Process]) -> None:
        node, settings = process.node, process.settings
        for name, interface in node.settings.interfaces.items():
            area = area_of(settings, interface)
            if area is None or not node.up(name) or interface.address is None:
                continue
            host = name.startswith("Loopback") and not interface.ospf_point_to_point
            network = IPv4Network(interface.address.ip) if host else interface.address.network
            process.intra[network] = cost_of(settings, interface)
            if not _passive(settings, name):
                self._adjacencies(process, interface, area, processes)
        if node.far_end is not None and not node.silent:
            for prefix in node.far_end.networks:
                if prefix not in node.withdrawn:
                    process.intra[prefix] = 1
            for prefix in node.announced:
                process.intra[prefix] = 1
        self._externals(process)

    def _adjacencies(
        self, process: _Process, interface: InterfaceSettings, area: str, processes: dict[Speaker, _Process]
    ) -> None:
        far_ends = self._fabric.far_ends
        for other in self._fabric.segment(process.node, interface):
            theirs, mine = other.interface.address, interface.address
            if theirs is None or mine is None or not other.node.up(other.interface.name) or other.node.silent:
                continue
            if theirs.network != mine.network:
                continue
            both = other.link.passes(process.node.name, other.node.name, 100, far_ends) and other.link.passes(
                other.node.name, process.node.name, 100, far_ends
            )
            for key, candidate in processes.items():
                if key[0] != other.node.name or not both or _passive(candidate.settings, other.interface.name):
                    continue
                if area_of(candidate.settings, other.interface) == area:
                    cost = cost_of(process.settings, interface)
                    process.neighbors.append((key, interface, theirs.ip, cost, area))

    def _externals(self, process: _Process) -> None:
        node, settings = process.node, process.settings
        table = node.table(settings.vrf)
        metric = settings.default_metric
        down = settings.vrf is not None and not settings.vrf_lite
        for each in settings.redistributions:
            for route in _redistributed(each, table.routes.values()):
                default = 1 if each.protocol == "bgp" else 20
                found = self._through_map(node, each, route, each.metric or metric or default)
                if found is not None:
                    process.external[route.prefix] = (found, down and each.protocol == "bgp")
        default_route = table.routes.get(DEFAULT_ROUTE)
        own_default = default_route is not None and default_route.protocol != "ospf"
        if settings.default_information == "always" or (settings.default_information and own_default):
            process.external[DEFAULT_ROUTE] = (metric or 1, False)

    def _through_map(self, node: Node, each: Redistribution, route: Route, metric: int) -> int | None:
        """The metric after the route-map. An undefined map redistributes nothing."""
        if each.route_map is None:
            return metric
        attributes = Attributes(next_hop=IPv4Address(0), med=metric)
        candidate = Candidate(route.prefix, attributes, 0, source=each.protocol, tag=route.tag)
        result = apply_route_map(each.route_map, candidate, node.settings)
        return None if result is None else result.attributes.med or metric

    def _routes(self, start: Speaker, processes: dict[Speaker, _Process]) -> list[Route]:
        mine = processes[start]
        distances: dict[Speaker, int] = {start: 0}
        first_hops: dict[Speaker, tuple[NextHop, ...]] = {start: ()}
        queue: list[tuple[int, Speaker]] = [(0, start)]
        while queue:
            distance, key = heapq.heappop(queue)
            if distance > distances[key]:
                continue
            for neighbor, interface, address, cost, _area_name in processes[key].neighbors:
                hops = (NextHop(address, interface.name),) if key == start else first_hops[key]
                total = distance + cost
                if neighbor not in distances or total < distances[neighbor]:
                    distances[neighbor], first_hops[neighbor] = total, hops
                    heapq.heappush(queue, (total, neighbor))
                elif total == distances[neighbor] and neighbor != start:
                    first_hops[neighbor] += tuple(hop for hop in hops if hop not in first_hops[neighbor])
        return self._collect(mine, start, processes, distances, first_hops)

    def _collect(
        self, mine: _Process, start: Speaker, processes: dict[Speaker, _Process], distances: dict[Speaker, int],
        first_hops: dict[Speaker, tuple[NextHop, ...]],
    ) -> list[Route]:  # fmt: skip
        settings = mine.settings
        base = Route(DEFAULT_ROUTE, "ospf", settings.distance, 0, (), process=str(settings.process), source=None)
        best: dict[IPv4Network, tuple[tuple[int, int, int], Route]] = {}
        for key, distance in distances.items():
            if key == start:
                continue
            other = processes[key]
            offers = [(prefix, 0, distance + cost, 0) for prefix, cost in other.intra.items()]
            ignore_down = settings.vrf is not None and not settings.vrf_lite
            offers += [
                (prefix, 1, metric, distance)
                for prefix, (metric, down) in other.external.items()
                if not (down and ignore_down)
            ]
            for prefix, kind, metric, inner in offers:
                rank = (kind, metric, inner)
                kind_text = "extern 2" if kind else "intra area"
                route = replace(
                    base, prefix=prefix, metric=metric, next_hops=first_hops[key], route_type=kind_text,
                    source=_router_id(other),
                )  # fmt: skip
                standing = best.get(prefix)
                if standing is None or rank < standing[0]:
                    best[prefix] = (rank, route)
                elif rank == standing[0]:
                    more = tuple(hop for hop in route.next_hops if hop not in standing[1].next_hops)
                    best[prefix] = (rank, replace(standing[1], next_hops=standing[1].next_hops + more))
        return [route for _, route in best.values()]

    def neighbors(self, node: Node, now: float) -> tuple[OspfNeighbor, ...]:
        """The adjacencies of one node, all FULL: this model has no partial ones."""
        processes = {
            (each.name, settings.process): _Process(each, settings)
            for each in self._nodes.values()
            for settings in each.settings.ospf
        }
        found: list[OspfNeighbor] = []
        for key, process in processes.items():
            if key[0] != node.name:
                continue
            self._prepare(process, processes)
            for neighbor, interface, address, _cost, area in process.neighbors:
                since = self._since.setdefault((node.name, key[1], address), node.interfaces[interface.name].since)
                found.append(
                    OspfNeighbor(
                        process=key[1],
                        router_id=_router_id(processes[neighbor]),
                        priority=0 if interface.ospf_point_to_point else 1,
                        state="FULL/  -" if interface.ospf_point_to_point else "FULL/DR",
                        dead_time=40 - (now - since) % 10,
                        address=address,
                        interface=interface.name,
                        area=area,
                        age=max(0.0, now - since),
                    )
                )
        return tuple(found)


def _redistributed(each: Redistribution, routes: Iterable[Route]) -> list[Route]:
    """The routes of a table that a ``redistribute`` line picks (internal BGP routes are not among them)."""
    if each.protocol == "bgp":
        return [route for route in routes if route.protocol == "bgp" and route.external]
    return [route for route in routes if route.protocol == each.protocol]


def _router_id(process: _Process) -> IPv4Address:
    if process.settings.router_id is not None:
        return process.settings.router_id
    interfaces = process.node.settings.interfaces.values()
    addresses = [each.address.ip for each in interfaces if each.address is not None]
    loopbacks = [
        each.address.ip for each in interfaces if each.address is not None and each.name.startswith("Loopback")
    ]
    return max(loopbacks or addresses, default=IPv4Address(0))

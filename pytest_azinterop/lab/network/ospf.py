"""OSPF as far as the sites' LANs need it: adjacencies, shortest paths, intra-area and external routes.

Every process is in the areas of its interfaces, but routes between areas are not modelled.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import classful
from pytest_azinterop.lab.network.filtering import OSPF
from pytest_azinterop.lab.network.lsdb import Originations
from pytest_azinterop.lab.network.ospf_hello import agree, timers
from pytest_azinterop.lab.network.ospf_interface import (
    area_of,
    cost_of,
    hears,
    interface_states,
    is_passive,
    network_type,
)
from pytest_azinterop.lab.network.ospf_records import OspfProcess, RedistributionState
from pytest_azinterop.lab.network.packet_size import port_mtu
from pytest_azinterop.lab.network.policy import Candidate, apply_route_map
from pytest_azinterop.lab.network.records import NextHop, OspfNeighbor
from pytest_azinterop.lab.network.routes import DEFAULT_ROUTE, Attributes, Route

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from pytest_azinterop.lab.config.settings import InterfaceSettings, OspfSettings, Redistribution
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.routes import Table

Speaker = tuple[str, int]
DOMAIN_TAG = 0xD0000000
"""In front of the AS number in the tag of routes from a VPN (RFC 4577, 4.2.5.2)."""


@dataclass(frozen=True, slots=True)
class External:
    """What a process says of a network outside OSPF. ``down``: it came from a VPN (RFC 4577, 4.2.5.1)."""

    metric: int
    metric_type: int = 2
    tag: int = 0
    down: bool = False


@dataclass(slots=True)
class _Process:
    node: Node
    settings: OspfSettings
    neighbors: list[tuple[Speaker, InterfaceSettings, IPv4Address, int, str]] = field(default_factory=list)
    """Neighbor, own interface, its address, own cost, area."""
    intra: dict[IPv4Network, int] = field(default_factory=dict)
    external: dict[IPv4Network, External] = field(default_factory=dict)
    interfaces: list[tuple[InterfaceSettings, str]] = field(default_factory=list)
    """Interfaces that the process runs on, with their areas."""
    exchanging: set[tuple[Speaker, str]] = field(default_factory=set)
    """Neighbors, and the own interface, whose database never comes: their MTU is another one."""
    mismatched: set[tuple[Speaker, str]] = field(default_factory=set)
    """The same with another network type: the adjacency is full, and each side's LSA describes another link."""

    def usable(self) -> list[tuple[Speaker, InterfaceSettings, IPv4Address, int, str]]:
        """The adjacencies that routes can go over."""
        unusable = self.exchanging | self.mismatched
        return [each for each in self.neighbors if (each[0], each[1].name) not in unusable]


class Ospf:
    """All processes of the network."""

    def __init__(self, nodes: dict[str, Node], fabric: Fabric) -> None:
        self._nodes = nodes
        self._fabric = fabric
        self._since: dict[tuple[str, int, IPv4Address], float] = {}
        self._processes: dict[Speaker, _Process] = {}
        self._told = Originations()
        self._now = 0.0
        self._duplicates: set[tuple[str, str, IPv4Address, IPv4Address]] = set()
        """Router, interface, address of the neighbor, and the router ID that both have."""
        self._known_duplicates: set[tuple[str, str, IPv4Address, IPv4Address]] = set()

    def compute(self, now: float) -> None:
        """Set every node's OSPF routes, by VRF."""
        self._now, self._known_duplicates, self._duplicates = now, self._duplicates, set()
        processes = self._processes = {
            (node.name, settings.process): _Process(node, settings)
            for node in self._nodes.values()
            for settings in node.settings.ospf
        }
        for process in processes.values():
            self._prepare(process, processes)
        for key, process in processes.items():
            links: dict[object, Hashable] = {}
            for _, area in process.interfaces:
                near = tuple((*each[0], each[3]) for each in process.neighbors if each[4] == area)
                links[area] = (near, tuple(sorted(process.intra.items())))
            links.update((prefix, external) for prefix, external in process.external.items())
            self._told.tell(key, links, now)
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
            process.interfaces.append((interface, area))
            host = name.startswith("Loopback") and not interface.ospf_point_to_point
            network = IPv4Network(interface.address.ip) if host else interface.address.network
            process.intra[network] = cost_of(settings, interface)
            if not is_passive(settings, name):
                self._adjacencies(process, interface, area, processes)
        if node.far_end is not None and not node.silent:
            for prefix in node.far_end.networks:
                if prefix not in node.withdrawn and isinstance(prefix, IPv4Network):
                    process.intra[prefix] = 1
            for prefix in node.announced:
                if isinstance(prefix, IPv4Network):
                    process.intra[prefix] = 1
        self._externals(process)

    def _adjacencies(
        self, process: _Process, interface: InterfaceSettings, area: str, processes: dict[Speaker, _Process]
    ) -> None:
        for other in self._fabric.segment(process.node, interface):
            theirs, mine = other.interface.address, interface.address
            if theirs is None or mine is None or not other.node.up(other.interface.name) or other.node.silent:
                continue
            if theirs.network != mine.network:
                continue
            both = other.link.passes(process.node.name, other.node.name, 100, OSPF) and other.link.passes(
                other.node.name, process.node.name, 100, OSPF
            )
            both = both and hears(process.node, interface, theirs.ip) and hears(other.node, other.interface, mine.ip)
            for key, candidate in processes.items():
                if key[0] != other.node.name or not both or is_passive(candidate.settings, other.interface.name):
                    continue
                if router_id(candidate) == router_id(process):
                    self._duplicate(process, interface, theirs.ip)
                    continue
                ends = (process.settings, interface), (candidate.settings, other.interface)
                if area_of(candidate.settings, other.interface) == area and agree(*ends, area):
                    cost = cost_of(process.settings, interface)
                    process.neighbors.append((key, interface, theirs.ip, cost, area))
                    if port_mtu(process.node, interface) != port_mtu(other.node, other.interface):
                        process.exchanging.add((key, interface.name))
                    if (
                        len({network_type(process.node, interface), network_type(other.node, other.interface)} - {None})
                        > 1
                    ):
                        process.mismatched.add((key, interface.name))

    def _duplicate(self, process: _Process, interface: InterfaceSettings, sender: IPv4Address) -> None:
        """A neighbor with the router's own ID is none; the log says so when it begins."""
        found = (process.node.name, interface.name, sender, router_id(process))
        self._duplicates.add(found)
        if found not in self._known_duplicates and process.node.is_router:
            process.node.note(
                self._now,
                f"%OSPF-4-DUP_RTRID_NBR: OSPF detected duplicate router-id {router_id(process)} from {sender} "
                f"on interface {interface.name}",
            )

    def _overwritten(self, start: Speaker) -> set[Speaker]:
        """Processes whose links nobody knows: another one of the same router ID tells its own in their place.

        Which of the two is heard changes all the time; here the first one is lost. To itself, each is the one.
        """
        winners: dict[IPv4Address, Speaker] = {}
        reached = self._reached(start)
        for key in reached:
            own = router_id(self._processes[key])
            if own not in winners or (winners[own] != start and (key == start or key > winners[own])):
                winners[own] = key
        return reached - set(winners.values())

    def _externals(self, process: _Process) -> None:
        node, settings = process.node, process.settings
        table = node.table(settings.vrf)
        bgp = node.settings.bgp
        family = bgp.families.get((settings.vrf, 4)) if bgp is not None else None
        internal = family is not None and family.redistribute_internal
        for each in settings.redistributions:
            for route in _redistributed(each, table.routes.values(), internal=internal):
                found = _external(node, settings, each, route)
                if found is not None and isinstance(route.prefix, IPv4Network):
                    process.external[route.prefix] = found
        if _originates_default(node, settings, table):
            metric = settings.default_originate_metric
            process.external[DEFAULT_ROUTE] = External(
                metric=1 if metric is None else metric,
                metric_type=settings.default_originate_type,
                tag=settings.process,
            )

    def _routes(self, start: Speaker, processes: dict[Speaker, _Process]) -> list[Route]:
        mine = processes[start]
        distances: dict[Speaker, int] = {start: 0}
        first_hops: dict[Speaker, tuple[NextHop, ...]] = {start: ()}
        queue: list[tuple[int, Speaker]] = [(0, start)]
        overwritten = self._overwritten(start)
        while queue:
            distance, key = heapq.heappop(queue)
            if distance > distances[key]:
                continue
            for neighbor, interface, address, cost, _area_name in processes[key].usable():
                if neighbor in overwritten:
                    continue
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
                (prefix, each.metric_type, each.metric + (distance if each.metric_type == 1 else 0), distance)
                for prefix, each in other.external.items()
                if not (each.down and ignore_down)
            ]
            for prefix, kind, metric, inner in offers:
                rank = (kind, metric, inner)
                external = other.external.get(prefix) if kind else None
                route = replace(
                    base, prefix=prefix, metric=metric, next_hops=first_hops[key], source=router_id(other),
                    route_type=f"extern {kind}" if kind else "intra area",
                    tag=None if external is None or not external.tag else external.tag,
                )  # fmt: skip
                standing = best.get(prefix)
                if standing is None or rank < standing[0]:
                    best[prefix] = (rank, route)
                elif rank == standing[0]:
                    more = tuple(hop for hop in route.next_hops if hop not in standing[1].next_hops)
                    best[prefix] = (rank, replace(standing[1], next_hops=standing[1].next_hops + more))
        return [route for _, route in best.values()]

    def neighbors(self, node: Node, now: float) -> tuple[OspfNeighbor, ...]:
        """The adjacencies of one node, all FULL but between two that are neither DR nor BDR (2WAY)."""
        found: list[OspfNeighbor] = []
        for key, process in self._processes.items():
            if key[0] != node.name:
                continue
            own = router_id(process)
            for neighbor, interface, address, _cost, area in process.neighbors:
                since = self._since.setdefault((node.name, key[1], address), node.interfaces[interface.name].since)
                theirs = router_id(self._processes[neighbor])
                there = {router_id(self._processes[each[0]]) for each in process.neighbors if each[1] is interface}
                found.append(
                    OspfNeighbor(
                        process=key[1],
                        router_id=theirs,
                        priority=0 if interface.ospf_point_to_point else 1,
                        state=_neighbor_state(process, neighbor, interface, _state(own, theirs, there)),
                        dead_time=timers(interface)[1] - (now - since) % timers(interface)[0],
                        address=address,
                        interface=interface.name,
                        area=area,
                        age=max(0.0, now - since),
                    )
                )
        return tuple(found)

    def processes(self, node: Node, now: float) -> tuple[OspfProcess, ...]:
        """Every process of one node, with its database."""
        return tuple(
            self._state(key, process, now) for key, process in sorted(self._processes.items()) if key[0] == node.name
        )

    def _state(self, key: Speaker, process: _Process, now: float) -> OspfProcess:
        settings = process.settings
        reached = [(each, self._processes[each]) for each in sorted(self._reached(key))]
        areas: dict[str, int] = {}
        for _, area in process.interfaces:
            areas[area] = areas.get(area, 0) + 1
        return OspfProcess(
            process=settings.process,
            router_id=router_id(process),
            vrf=settings.vrf,
            superbackbone=settings.vrf is not None and not settings.vrf_lite,
            elapsed=now - process.node.boot,
            redistributions=tuple(
                RedistributionState(f"{each.protocol} {each.process or ''}".strip(), each.metric, each.subnets)
                for each in settings.redistributions
            ),
            originates_default=settings.default_information is not None,
            areas=tuple(sorted(areas.items())),
            reference_mbit=settings.reference_mbit,
            authentication=settings.authentication,
            interfaces=interface_states(process.node, settings),
            routers=tuple(
                self._told.router_lsa(other, area, router_id(theirs), _links(theirs, area), now)
                for area in sorted(areas)
                for other, theirs in reached
                if any(each[1] == area for each in theirs.interfaces)
            ),
            externals=tuple(
                self._told.external_lsa(
                    other, prefix, router_id(theirs), now, metric=each.metric, metric_type=each.metric_type,
                    tag=each.tag, down=each.down, own=other == key,
                )
                for other, theirs in reached
                for prefix, each in sorted(theirs.external.items())
            ),
        )  # fmt: skip

    def _reached(self, start: Speaker) -> set[Speaker]:
        """A process and all that it has a path to."""
        found, queue = {start}, [start]
        while queue:
            for neighbor, *_ in self._processes[queue.pop()].usable():
                if neighbor not in found:
                    found.add(neighbor)
                    queue.append(neighbor)
        return found


def _neighbor_state(process: _Process, neighbor: Speaker, interface: InterfaceSettings, role: str) -> str:
    """As `show ip ospf neighbor` prints it; `role` is the state and role of a broadcast network."""
    _, _, own_role = role.partition("/")
    state = "EXSTART" if (neighbor, interface.name) in process.exchanging else role.partition("/")[0]
    if interface.ospf_point_to_point:
        return f"{'FULL' if state == '2WAY' else state}/  -"
    return f"{state}/{own_role}"


def _links(process: _Process, area: str) -> int:
    """Links in a router LSA: one per stub, two per point-to-point adjacency (RFC 2328, 12.4.1)."""
    adjacent = {each[1].name for each in process.neighbors if each[4] == area and each[1].ospf_point_to_point}
    here = [interface for interface, each in process.interfaces if each == area]
    extra = 0 if process.node.far_end is None else len(process.node.far_end.networks)
    return len(here) + sum(each.name in adjacent for each in here) + extra


def _state(own: IPv4Address, theirs: IPv4Address, others: set[IPv4Address]) -> str:
    """The state towards a neighbor on a segment where equal priorities let the highest router ID be DR."""
    order = sorted({own, *others}, reverse=True)
    role = {order[0]: "DR", order[1]: "BDR"}.get(theirs, "DROTHER")
    return f"{'FULL' if role != 'DROTHER' or own in order[:2] else '2WAY'}/{role}"


def _external(node: Node, settings: OspfSettings, each: Redistribution, route: Route) -> External | None:
    """What is said of a route: None where the route-map (also one that is not defined) or the mask keeps it out."""
    address = route.prefix.network_address
    if not isinstance(address, IPv4Address) or (not each.subnets and route.prefix != classful(address)):
        return None
    from_bgp = each.protocol == "bgp"
    chosen = each.metric if each.metric is not None else settings.default_metric
    metric = chosen if chosen is not None else 1 if from_bgp else 20
    down = settings.vrf is not None and not settings.vrf_lite and from_bgp
    tag = route.tag or 0
    if down and node.settings.bgp is not None:
        tag = DOMAIN_TAG | node.settings.bgp.asn & 0xFFFF
    found = External(metric, each.metric_type, tag if each.tag is None else each.tag, down)
    if each.route_map is None:
        return found
    attributes = replace(_attributes(node, settings.vrf, route), med=metric)
    candidate = Candidate(
        route.prefix, attributes, 0, source=each.protocol, tag=route.tag, interface=route.next_hops[0].interface
    )
    result = apply_route_map(each.route_map, candidate, node.settings)
    if result is None:
        return None
    set_tag = result.tag if result.tag is not None and result.tag != route.tag else found.tag
    med = result.attributes.med
    kind = {"type-1": 1, "type-2": 2}.get(result.metric_type or "", found.metric_type)
    return replace(found, metric=metric if med is None else med, tag=set_tag, metric_type=kind)


def _attributes(node: Node, vrf: str | None, route: Route) -> Attributes:
    """What a route-map may match: those of the BGP path that the route comes from."""
    family = node.families.get((vrf, 4))
    entry = None if family is None or route.protocol != "bgp" else family.entries.get(route.prefix)
    if entry is not None and entry.best is not None:
        return entry.best.attributes
    return Attributes(next_hop=route.next_hops[0].address or IPv4Address(0))


def _originates_default(node: Node, settings: OspfSettings, table: Table) -> bool:
    """``default-information originate``: with a default route of another source, or ``always``; if the map agrees."""
    if settings.default_information is None:
        return False
    known = table.routes.get(DEFAULT_ROUTE)
    own = known is not None and known.protocol != "ospf"
    if settings.default_information != "always" and not own:
        return False
    if settings.default_map is None:
        return True
    routes = [each for each in table.routes.values() if each.prefix.version == 4]
    if settings.default_information != "always":
        routes = [known] if known else []
    return any(
        apply_route_map(
            settings.default_map,
            Candidate(each.prefix, Attributes(next_hop=IPv4Address(0)), 0, source=each.protocol, tag=each.tag),
            node.settings,
        )
        is not None
        for each in routes
        if each.protocol != "ospf"
    )


def _redistributed(each: Redistribution, routes: Iterable[Route], *, internal: bool) -> list[Route]:
    """The routes of a table that a ``redistribute`` line picks; internal BGP routes with `redistribute-internal`."""
    if each.protocol == "bgp":
        return [route for route in routes if route.protocol == "bgp" and (route.external or internal)]
    return [
        route
        for route in routes
        if route.protocol == each.protocol and (each.process is None or route.process == str(each.process))
    ]


def router_id(process: _Process) -> IPv4Address:
    if process.settings.router_id is not None:
        return process.settings.router_id
    interfaces = process.node.settings.interfaces.values()
    addresses = [each.address.ip for each in interfaces if each.address is not None]
    loopbacks = [
        each.address.ip for each in interfaces if each.address is not None and each.name.startswith("Loopback")
    ]
    return max(loopbacks or addresses, default=IPv4Address(0))

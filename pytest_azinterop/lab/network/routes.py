"""Routes and routing tables of the simulation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.records import NextHop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.lab.network.bgp_records import AsPath

DEFAULT_ROUTE = IPv4Network("0.0.0.0/0")
UNSPECIFIED = IPv4Address(0)
DISTANCES = {"connected": 0, "local": 0, "static": 1, "ospf": 110}


@dataclass(frozen=True, slots=True)
class Route:
    """A route that a protocol offers to a routing table. ``since`` is UTC epoch seconds."""

    prefix: IPv4Network
    protocol: str
    """``connected``, ``local``, ``static``, ``bgp``, ``ospf``, ``stub`` (a network behind a far end)."""
    distance: int
    metric: int
    next_hops: tuple[NextHop, ...]
    since: float = 0.0
    process: str = ""
    tag: int | None = None
    route_type: str | None = None
    source: IPv4Address | None = None
    as_hops: int | None = None
    external: bool = False

    def alike(self, other: Route) -> bool:
        """Equal apart from age."""
        return self.next_hops == other.next_hops and (
            self.protocol, self.distance, self.metric, self.process, self.tag, self.route_type, self.source,
            self.as_hops, self.external,
        ) == (
            other.protocol, other.distance, other.metric, other.process, other.tag, other.route_type, other.source,
            other.as_hops, other.external,
        )  # fmt: skip


class Table:
    """The best route per prefix, and longest match."""

    __slots__ = ("_lengths", "routes")

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self.routes: dict[IPv4Network, Route] = {}
        self._lengths: dict[int, dict[int, Route]] = {}
        for route in routes:
            self.offer(route)

    def offer(self, route: Route) -> bool:
        """Install the route if nothing better stands (lower distance, then metric). True when it was installed."""
        standing = self.routes.get(route.prefix)
        if standing is not None and (standing.distance, standing.metric) <= (route.distance, route.metric):
            return False
        self._store(route)
        return True

    def _store(self, route: Route) -> None:
        self.routes[route.prefix] = route
        length = route.prefix.prefixlen
        self._lengths.setdefault(length, {})[int(route.prefix.network_address) >> (32 - length)] = route

    def merge(self, route: Route) -> bool:
        """Like ``offer``, but an equal route of the same protocol adds its next hops."""
        standing = self.routes.get(route.prefix)
        if (
            standing is not None
            and standing.protocol == route.protocol
            and (standing.distance, standing.metric) == (route.distance, route.metric)
        ):
            more = tuple(hop for hop in route.next_hops if hop not in standing.next_hops)
            self._store(replace(standing, next_hops=standing.next_hops + more))
            return True
        return self.offer(route)

    def lookup(self, address: IPv4Address, *, default: bool = True) -> Route | None:
        """Longest match; without ``default`` the default route does not count."""
        number = int(address)
        for length in sorted(self._lengths, reverse=True):
            if length == 0 and not default:
                break
            found = self._lengths[length].get(number >> (32 - length))
            if found is not None:
                return found
        return None

    def resolve(self, address: IPv4Address, depth: int = 0) -> tuple[NextHop, ...]:
        """The interfaces (and gateways) that a packet to ``address`` leaves by; empty when there is none."""
        if depth > 8:
            return ()
        route = self.lookup(address)
        return () if route is None else self.resolve_route(route, address, depth)

    def resolve_route(self, route: Route, address: IPv4Address, depth: int = 0) -> tuple[NextHop, ...]:
        """As ``resolve``, for a route that was already found."""
        found: list[NextHop] = []
        for hop in route.next_hops:
            if hop.interface is not None:
                found.append(NextHop(hop.address or (address if route.protocol != "static" else None), hop.interface))
            elif hop.address is not None and hop.address != address:
                for via in self.resolve(hop.address, depth + 1):
                    direct = NextHop(via.address or hop.address, via.interface)
                    if direct not in found:
                        found.append(direct)
        return tuple(found)

    def date(self, now: float) -> None:
        """Give every route without an age the present one."""
        for route in list(self.routes.values()):
            if not route.since:
                self._store(replace(route, since=now))

    def keep_ages(self, old: Table) -> bool:
        """Take over the age of every route that did not change; True when anything did."""
        changed = len(old.routes) != len(self.routes)
        for prefix, route in list(self.routes.items()):
            before = old.routes.get(prefix)
            if before is not None and before.alike(route):
                self._store(before)
            else:
                changed = True
        return changed


@dataclass(frozen=True, slots=True)
class Attributes:
    """BGP attributes of a route on the wire or in a table; ``weight`` never leaves a router."""

    next_hop: IPv4Address
    as_path: AsPath = ()
    origin: str = "i"
    med: int | None = None
    local_preference: int | None = None
    weight: int = 0
    communities: tuple[str, ...] = ()
    atomic_aggregate: bool = False
    aggregator: tuple[int, IPv4Address] | None = None
    originator: IPv4Address | None = None
    clusters: tuple[IPv4Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """One path in a router's BGP table."""

    prefix: IPv4Network
    attributes: Attributes
    kind: str
    """``local``, ``external`` or ``internal``."""
    peer: IPv4Address
    """0.0.0.0 for local paths."""
    router_id: IPv4Address
    received_at: float
    sourced: str | None = None
    suppressed: bool = False


@dataclass(slots=True)
class Entry:
    """All paths of one prefix at one router, newest first, and the decision."""

    prefix: IPv4Network
    paths: tuple[Path, ...] = ()
    valid: tuple[bool, ...] = ()
    best: Path | None = None
    multipath: tuple[Path, ...] = ()
    version: int = 0
    rib_failure: str | None = None
    suppressed: bool = False
    igp_metrics: dict[IPv4Address, int | None] = field(default_factory=dict)


def path_length(path: AsPath) -> int:
    """AS_PATH length; an AS_SET counts once (RFC 4271, 9.1.2.2)."""
    return len(path)


def ases(path: AsPath) -> list[int]:
    """Every AS number in the path, those of sets included."""
    found: list[int] = []
    for part in path:
        found += [part] if isinstance(part, int) else sorted(part)
    return found

"""Routes and routing tables of the simulation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.bgp_records import Confederate
from pytest_azinterop.lab.network.records import NextHop

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv6Address

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_records import AsPath

DEFAULT_ROUTE = IPv4Network("0.0.0.0/0")
UNUSABLE = 255
"""A route of this distance is never installed."""
DISTANCES = {"connected": 0, "local": 0, "static": 1, "ospf": 110}


@dataclass(frozen=True, slots=True)
class Route:
    """A route that a protocol offers to a routing table. ``since`` is UTC epoch seconds."""

    prefix: IpNetwork
    protocol: str
    """``connected``, ``local``, ``static``, ``bgp``, ``ospf``, ``stub`` (a network behind a far end)."""
    distance: int
    metric: int
    next_hops: tuple[NextHop, ...]
    since: float = 0.0
    process: str = ""
    tag: int | None = None
    route_type: str | None = None
    source: IpAddress | None = None
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
    """The best route per prefix, and longest match; the routes of IPv4 and IPv6 side by side."""

    __slots__ = ("_lengths", "routes")

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self.routes: dict[IpNetwork, Route] = {}
        self._lengths: dict[tuple[int, int], dict[int, Route]] = {}
        for route in routes:
            self.offer(route)

    def offer(self, route: Route) -> bool:
        """Install the route if nothing better stands (lower distance, then metric). True when it was installed."""
        if route.distance == UNUSABLE:
            return False
        standing = self.routes.get(route.prefix)
        if standing is not None and (standing.distance, standing.metric) <= (route.distance, route.metric):
            return False
        self._store(route)
        return True

    def _store(self, route: Route) -> None:
        self.routes[route.prefix] = route
        prefix = route.prefix
        length, spare = prefix.prefixlen, prefix.max_prefixlen - prefix.prefixlen
        self._lengths.setdefault((prefix.version, length), {})[int(prefix.network_address) >> spare] = route

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

    def lookup(self, address: IpAddress, *, default: bool = True) -> Route | None:
        """Longest match; without ``default`` the default route does not count."""
        number, version, whole = int(address), address.version, address.max_prefixlen
        for key in sorted(self._lengths, reverse=True):
            if key[0] != version:
                continue
            if key[1] == 0 and not default:
                break
            found = self._lengths[key].get(number >> (whole - key[1]))
            if found is not None:
                return found
        return None

    def resolve(self, address: IpAddress, depth: int = 0) -> tuple[NextHop, ...]:
        """The interfaces (and gateways) that a packet to ``address`` leaves by; empty when there is none."""
        if depth > 8:
            return ()
        route = self.lookup(address)
        return () if route is None else self.resolve_route(route, address, depth)

    def resolve_route(self, route: Route, address: IpAddress, depth: int = 0) -> tuple[NextHop, ...]:
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

    next_hop: IpAddress
    as_path: AsPath = ()
    origin: str = "i"
    med: int | None = None
    local_preference: int | None = None
    weight: int = 0
    communities: tuple[str, ...] = ()
    atomic_aggregate: bool = False
    aggregator: tuple[int, IpAddress] | None = None
    originator: IpAddress | None = None
    clusters: tuple[IpAddress, ...] = ()
    link_local: IPv6Address | None = None
    """The second next hop of an IPv6 route between neighbors on one link (RFC 2545)."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path in a router's BGP table."""

    prefix: IpNetwork
    attributes: Attributes
    kind: str
    """``local``, ``external`` or ``internal``."""
    peer: IpAddress
    """0.0.0.0 for local paths."""
    router_id: IpAddress
    received_at: float
    sourced: str | None = None
    suppressed: bool = False
    stale: bool = False
    """Kept while its neighbor restarts."""


@dataclass(slots=True)
class Entry:
    """All paths of one prefix at one router, newest first, and the decision."""

    prefix: IpNetwork
    paths: tuple[Path, ...] = ()
    valid: tuple[bool, ...] = ()
    best: Path | None = None
    multipath: tuple[Path, ...] = ()
    version: int = 0
    rib_failure: str | None = None
    suppressed: bool = False
    damped: frozenset[IpAddress] = frozenset()
    """Neighbors whose path is not used because it has come and gone too often."""
    igp_metrics: dict[IpAddress, int | None] = field(default_factory=dict)


def path_length(path: AsPath) -> int:
    """AS_PATH length: an AS_SET counts once (RFC 4271, 9.1.2.2), a confederation not at all (RFC 5065, 5.3)."""
    return sum(not isinstance(part, Confederate) for part in path)


def ases(path: AsPath) -> list[int]:
    """Every AS number in the path, those of sets included."""
    found: list[int] = []
    for part in path:
        found += [int(part)] if isinstance(part, int) else sorted(part)
    return found

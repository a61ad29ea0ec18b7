"""The routing table, the forwarding decision, and routing policy objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class NextHop:
    """One way out. `address` None.

    Directly out of `interface`; `interface` None: resolved recursively. `age` as printed by the RIB.
    """

    address: IPv4Address | IPv6Address | None
    interface: str | None
    age: timedelta | None = None
    vrf: str | None = None


@dataclass(frozen=True, slots=True)
class RibRoute:
    """One route of `show ip route vrf X`.

    `protocol` is the route's code letter (`B`, `S`, `C`, `L`, `O`, …), `codes` all code characters as printed (`O
    E2`, `S*`).
    `distance` and `metric` are None for connected and local routes.
    """

    vrf: str | None
    prefix: IPv4Network | IPv6Network
    protocol: str
    codes: str
    distance: int | None
    metric: int | None
    next_hops: tuple[NextHop, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """The RIB of a VRF (`vrf` None: global)."""

    vrf: str | None
    gateway_of_last_resort: str | None
    routes: tuple[RibRoute, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ForwardingDecision:
    """`show ip cef vrf X A`: which prefix covers the address, and where packets to it go.

    `action`: `forward` (to `next_hops`), `receive` (the router itself), `attached` (on the interface, no adjacency
    needed), or `drop` (no route, Null0, unresolved).
    """

    vrf: str | None
    address: IPv4Address | IPv6Address
    prefix: IPv4Network | IPv6Network
    action: Literal["forward", "receive", "attached", "drop"]
    next_hops: tuple[NextHop, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RouteMapEntry:
    """One sequence of a route-map.

    Clauses are the words as printed, such as `ip address prefix-lists: A B` and `local-preference 200`.
    """

    sequence: int
    permit: bool
    matches: tuple[str, ...]
    sets: tuple[str, ...]
    description: str | None = None
    policy_matches: int | None = None


@dataclass(frozen=True, slots=True)
class RouteMap:
    """`show route-map NAME`. A name that the router does not know yields no record: it is undefined."""

    name: str
    entries: tuple[RouteMapEntry, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class PrefixListEntry:
    """One sequence of a prefix-list; `ge`/`le` are prefix lengths or None."""

    sequence: int
    permit: bool
    prefix: IPv4Network | IPv6Network
    ge: int | None = None
    le: int | None = None
    hit_count: int | None = None

    def matches(self, candidate: IPv4Network | IPv6Network) -> bool:
        """IOS-XE's rule: the first bits equal the entry's prefix, and the length lies in ge..le (exactly the entry's
        length without either)."""
        if candidate.version != self.prefix.version or candidate.prefixlen < self.prefix.prefixlen:
            return False
        if candidate.supernet(new_prefix=self.prefix.prefixlen) != self.prefix:
            return False
        if self.ge is None and self.le is None:
            return candidate.prefixlen == self.prefix.prefixlen
        low = self.ge if self.ge is not None else self.prefix.prefixlen
        high = self.le if self.le is not None else candidate.max_prefixlen
        return low <= candidate.prefixlen <= high


@dataclass(frozen=True, slots=True)
class PrefixList:
    """`show ip prefix-list detail NAME`; entries in sequence order."""

    name: str
    entries: tuple[PrefixListEntry, ...]
    source: Source = field(compare=False, kw_only=True)

    def permits(self, candidate: IPv4Network | IPv6Network) -> bool:
        """First match wins; no match denies."""
        for entry in self.entries:
            if entry.matches(candidate):
                return entry.permit
        return False

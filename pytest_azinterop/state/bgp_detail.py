"""Every path of one prefix, and the one-line view of each neighbor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.bgp import AsPath
    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class PrefixPath:
    """One path of a prefix with all that the router keeps about it.

    `learned_from` is the neighbor (0.0.0.0: this router), `kind` how it was learned as printed: `external`,
    `internal`, `confed-external`, `confed-internal`, `sourced`, `aggregated`, …; `flags` are the other words of the
    attribute line, such as `local`, `multipath`, `backup/repair`. A `received_only` path was kept by soft
    reconfiguration as the neighbor sent it: inbound policy denied or changed it, and it is never used.
    `local_preference` None: not printed. `next_hop_metric` is the IGP's cost to the next hop, None where none is
    printed. `imported_from` names the route of another table that this one is a copy of. `updated_at` is in the
    router's own zone, `updated_zone` its name.
    """

    next_hop: IPv4Address | IPv6Address
    learned_from: IPv4Address | IPv6Address
    router_id: IPv4Address | None
    as_path: AsPath
    origin: str
    metric: int | None
    local_preference: int | None
    weight: int
    valid: bool
    best: bool
    kind: str
    flags: tuple[str, ...] = ()
    received_only: bool = False
    inaccessible: bool = False
    next_hop_metric: int | None = None
    imported_from: str | None = None
    aggregator: str | None = None
    communities: tuple[str, ...] = ()
    extended_communities: tuple[str, ...] = ()
    large_communities: tuple[str, ...] = ()
    originator: IPv4Address | None = None
    cluster_list: tuple[str, ...] = ()
    received_path_id: int | None = None
    updated_at: datetime | None = None
    updated_zone: str | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class BgpPrefix:
    """`show bgp … PREFIX`: the entry of one prefix in one table (`vrf` None: the global one).

    `best` is the number of the best path, counted from 1 as the router does, None where it says that there is none.
    `rib_failure`: the best path is not the RIB's route. `advertised` says whether any neighbor is sent the prefix.
    """

    vrf: str | None
    prefix: IPv4Network | IPv6Network
    route_distinguisher: str | None
    version: int
    best: int | None
    rib_failure: bool
    advertised: bool
    paths: tuple[PrefixPath, ...]
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def best_path(self) -> PrefixPath | None:
        """The path in use."""
        return None if self.best is None else self.paths[self.best - 1]


@dataclass(frozen=True, slots=True)
class NeighborSummary:
    """One row of `show bgp … summary`.

    `state` is `Established` where the router prints a number of prefixes instead. `in_state_for` is the time in the
    present state, None for `never`. `dynamic`: the neighbor came by `bgp listen range`.
    """

    address: IPv4Address | IPv6Address
    remote_as: int
    state: str
    accepted_prefixes: int | None
    in_state_for: timedelta | None
    messages_received: int
    messages_sent: int
    shutdown: bool = False
    dynamic: bool = False
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_established(self) -> bool:
        """The session is up."""
        return self.state == "Established"


@dataclass(frozen=True, slots=True)
class BgpSummary:
    """`show bgp … summary` of one address family as the router names it; None where the answer names none."""

    vrf: str | None
    family: str | None
    router_id: IPv4Address | None
    local_as: int | None
    table_version: int | None
    neighbors: tuple[NeighborSummary, ...]
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

"""What a router tells about BGP: frozen records that a show command prints. Conventions as in ``records``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv6Address

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork


class Confederate(int):
    """A member of the confederation in an AS_CONFED_SEQUENCE (RFC 5065): printed in parentheses, of no length."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Confederate) and int(self) == int(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((int(self), "confederation"))


AsPath = tuple[int | frozenset[int], ...]
"""Left-most is the neighboring AS; a frozenset is an AS_SET."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Counters of one direction since the neighbor was configured."""

    opens: int = 0
    notifications: int = 0
    updates: int = 0
    keepalives: int = 0
    route_refresh: int = 0

    @property
    def total(self) -> int:
        """All messages, as the summary and the Total line print."""
        return self.opens + self.notifications + self.updates + self.keepalives + self.route_refresh


@dataclass(frozen=True, slots=True)
class MaximumPrefix:
    """``neighbor … maximum-prefix``; restart in minutes, None without."""

    limit: int
    threshold: int = 75
    warning_only: bool = False
    restart: int | None = None


@dataclass(frozen=True, slots=True)
class NeighborPolicy:
    """What the configuration binds to a neighbor, resolved through peer groups and templates.

    Names are as configured; whether they are defined is for the reader to look up in the view.
    """

    route_map_in: str | None = None
    route_map_out: str | None = None
    prefix_list_in: str | None = None
    prefix_list_out: str | None = None
    filter_list_in: str | None = None
    filter_list_out: str | None = None
    distribute_list_in: str | None = None
    distribute_list_out: str | None = None
    soft_reconfiguration: bool = False
    next_hop_self: bool = False
    send_community: str | None = None
    """``standard``, ``extended`` or ``both``; None without."""
    default_originate: bool = False
    default_originate_map: str | None = None
    weight: int | None = None
    allowas_in: int | None = None
    """Times the own AS may stand in a path (3 when given without a number); None without."""
    as_override: bool = False
    remove_private_as: bool = False
    route_reflector_client: bool = False
    maximum_prefix: MaximumPrefix | None = None


@dataclass(frozen=True, slots=True)
class DeniedCounts:
    """``Local Policy Denied Prefixes`` of the neighbor detail; every number since the session came up."""

    inbound: dict[str, int] = field(default_factory=dict)
    """Keys as printed: ``route-map``, ``prefix-list``, ``AS_PATH loop``, ``Bestpath from this peer``…"""
    outbound: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BgpNeighbor:
    """Everything of ``show bgp … neighbors`` for one neighbor of one VRF (None: the global table)."""

    vrf: str | None
    address: IpAddress
    remote_as: int
    local_as: int
    internal: bool
    description: str | None
    peer_group: str | None
    activated: bool
    state: str
    """``Idle``, ``Active``, ``Connect``, ``OpenSent``, ``OpenConfirm``, ``Established``."""
    admin_down: bool
    prefix_limit_exceeded: bool
    """True shows as ``Idle (PfxCt)``."""
    state_age: float | None
    """Seconds in the current state (Up/Down column); None is ``never``."""
    remote_router_id: IpAddress | None
    router_id: IpAddress
    last_read: float | None
    last_write: float | None
    hold_time: int
    """Negotiated when Established, else what would be offered."""
    keepalive: int
    configured_hold_time: int | None
    """None unless timers were configured for this neighbor or the process."""
    configured_keepalive: int | None
    minimum_hold_time: int | None
    sent: Messages
    received: Messages
    advertisement_interval: int
    """30 s external in the global table, 0 internal and in a VRF."""
    ebgp_multihop: int | None
    """TTL; None for single hop."""
    disable_connected_check: bool
    ttl_security_hops: int | None
    update_source: str | None
    local_host: IpAddress | None
    local_port: int | None
    foreign_host: IpAddress | None
    foreign_port: int | None
    interface: str | None
    """The associated interface of a directly connected neighbor."""
    route_to_peer: bool
    connections_established: int
    connections_dropped: int
    last_reset_age: float | None
    """None is ``never``."""
    last_reset_reason: str | None
    """As printed after ``due to``, for example ``Peer closed the session``."""
    next_active_open: float | None
    """Seconds until the next attempt, while in Active."""
    policy: NeighborPolicy
    table_version: int
    main_table_version: int
    prefixes_sent: int
    prefixes_accepted: int
    """Used in the table after inbound policy: the PfxRcd column."""
    prefixes_saved: int | None
    """Stored before policy by soft reconfiguration; None without it."""
    bestpaths: int
    multipaths: int
    explicit_withdraws_received: int
    implicit_withdraws_received: int
    withdraws_sent: int
    denied: DeniedCounts
    bfd: str | None
    """``single-hop`` or ``multi-hop``; None without ``fall-over bfd``."""
    password: bool
    update_group: int
    established_for: float | None
    """Seconds since the session came up; None when it is not up."""
    table_id: int
    passive: bool = False
    graceful_restart: bool = False
    """This router offers graceful restart to the neighbor."""
    restart_time: int = 120
    stalepath_time: int = 360
    remote_restarts: bool = False
    """The neighbor offers it."""
    remote_restart_time: int = 120
    fall_over: bool = False
    session_reset_needed: bool = False
    bfd_up: bool = False
    """The BFD session for this neighbor exists and is up."""


@dataclass(frozen=True, slots=True)
class BgpPath:
    """One path of one prefix."""

    next_hop: IpAddress
    """0.0.0.0 for what the router originates."""
    from_neighbor: IpAddress
    """0.0.0.0 for what the router originates."""
    neighbor_router_id: IpAddress
    metric: int | None
    local_preference: int | None
    """None prints as a blank column: external or local path on which no policy has set it."""
    effective_local_preference: int
    """What the decision uses and the prefix detail prints."""
    weight: int
    as_path: AsPath
    origin: str
    """``i``, ``e`` or ``?``."""
    valid: bool
    best: bool
    internal: bool
    local: bool
    """Originated by this router (network, redistribute, aggregate)."""
    confederation: bool = False
    """From within the confederation; ``internal`` says whether from the same member."""
    inaccessible: bool = False
    dampened: bool = False
    stale: bool = False
    """Suppressed because it has come and gone too often."""
    suppressed: bool = False
    multipath: bool = False
    rib_failure: bool = False
    received_only: bool = False
    """Kept before policy by soft reconfiguration and denied by it (or changed: then both stand in the detail)."""
    used: bool = True
    """False together with received_only."""
    communities: tuple[str, ...] = ()
    """As printed: ``12076:51004``, ``no-export``…"""
    extended_communities: tuple[str, ...] = ()
    igp_metric: int | None = None
    aggregated_by: tuple[int, IpAddress] | None = None
    atomic_aggregate: bool = False
    received_at: float = 0.0
    """UTC epoch seconds; ``Updated on`` in the prefix detail."""
    link_local: IPv6Address | None = None
    """The second next hop of an IPv6 path from a neighbor on the link."""
    sourced: str | None = None
    """``network``, ``redistribute``, ``aggregate``; None for learned paths."""


@dataclass(frozen=True, slots=True)
class BgpEntry:
    """One prefix with its paths in the order IOS prints (newest first)."""

    prefix: IpNetwork
    version: int
    paths: tuple[BgpPath, ...]
    update_groups: tuple[int, ...] = ()
    """Groups that the best path is advertised to."""
    rib_failure_reason: str | None = None
    """``Higher admin distance`` and the like."""

    @property
    def best(self) -> BgpPath | None:
        """The best path, if any is valid."""
        return next((path for path in self.paths if path.best), None)


@dataclass(frozen=True, slots=True)
class BgpTable:
    """The table of one VRF (None: global IPv4 unicast)."""

    vrf: str | None
    rd: str | None
    version: int
    router_id: IpAddress
    local_as: int
    default_local_preference: int
    entries: tuple[BgpEntry, ...]
    table_id: int = 0


@dataclass(frozen=True, slots=True)
class NeighborRoutes:
    """``advertised-routes``, ``received-routes`` or ``routes`` of one neighbor.

    ``error`` is set, and nothing else, where IOS prints a refusal (soft reconfiguration not enabled).
    """

    neighbor: IpAddress
    table_version: int
    router_id: IpAddress
    entries: tuple[BgpEntry, ...]
    default_originated: bool = False
    """``Originating default network 0.0.0.0`` stands above an advertised table."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class BgpProcess:
    """The BGP process of a router."""

    local_as: int
    router_id: IpAddress
    default_local_preference: int
    vrfs: tuple[str | None, ...]
    """Address families: None is global IPv4 unicast (present when it has neighbors or is configured)."""
    vrfs6: tuple[str | None, ...] = ()
    """The same for IPv6 unicast: every family that is configured."""
    asdot: bool = False
    log_changes: bool = True
    distances: tuple[int, int, int] = (20, 200, 200)
    scan_time: int = 60

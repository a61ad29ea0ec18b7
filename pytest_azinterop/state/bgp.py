"""BGP as a router shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.source import Source

Address = "IPv4Address | IPv6Address"
Prefix = "IPv4Network | IPv6Network"
RouteView = Literal["advertised", "received", "accepted"]


@dataclass(frozen=True, slots=True)
class AsPath:
    """An AS path as printed, and its ASNs as plain numbers (asdot converted).

    `sequence` holds the AS_SEQUENCE in order, `aggregated` the members of a trailing AS_SET, `confederation` those of
    leading confederation segments.
    """

    text: str
    sequence: tuple[int, ...]
    aggregated: frozenset[int] = frozenset()
    confederation: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """As best-path selection counts it (RFC 4271 9.1.2.2, RFC 5065).

        A set counts one, confederation segments none.
        """
        return len(self.sequence) + (1 if self.aggregated else 0)

    @property
    def neighbor_as(self) -> int | None:
        """The ASN that the route was learned from; None for a locally originated or iBGP-internal route."""
        return self.sequence[0] if self.sequence else None

    @property
    def origin_as(self) -> int | None:
        """The ASN that originated the route; None for a local route or an aggregate of several."""
        return None if self.aggregated or not self.sequence else self.sequence[-1]

    def __str__(self) -> str:
        return self.text or "local"


@dataclass(frozen=True, slots=True)
class BgpPath:
    """One path of a BGP table or of a neighbor's advertised, received or accepted routes.

    `local_preference` None means that the column was blank: the router applies its default (`bgp default local-
    preference`, 100). `metric` None: blank.
    `flags` are the status characters as printed without `*` and `>`; `origin` is `i`, `e` or `?`; `rpki` is `V`, `I`,
    `N` or None.
    """

    prefix: IPv4Network | IPv6Network
    next_hop: IPv4Address | IPv6Address
    valid: bool
    best: bool
    internal: bool
    flags: str
    metric: int | None
    local_preference: int | None
    weight: int
    as_path: AsPath
    origin: str
    rpki: str | None = None
    source: Source = field(compare=False, kw_only=True)

    @property
    def rib_failure(self) -> bool:
        """Best in BGP but not installed in the RIB, which holds another route for the prefix."""
        return "r" in self.flags

    @property
    def is_local(self) -> bool:
        """Originated by this router."""
        return int(self.next_hop) == 0


@dataclass(frozen=True, slots=True)
class BgpTable:
    """The BGP table of a VRF (`vrf` None: the global table)."""

    vrf: str | None
    router_id: IPv4Address | None
    table_version: int | None
    route_distinguisher: str | None
    paths: tuple[BgpPath, ...]
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NeighborRoutes:
    """What one neighbor was sent (`advertised`), sent us before policy (`received`) or after it (`accepted`).

    `default_originated`: it is sent a default route by `default-originate`, which has no path and passes no filter.
    """

    vrf: str | None
    neighbor: IPv4Address | IPv6Address
    view: RouteView
    paths: tuple[BgpPath, ...]
    default_originated: bool = False
    source: Source = field(compare=False, kw_only=True)

    @property
    def prefixes(self) -> frozenset[IPv4Network | IPv6Network]:
        """Each prefix once, an originated default route among them."""
        found = {path.prefix for path in self.paths}
        return frozenset(found | {self.default_route} if self.default_originated else found)

    @property
    def default_route(self) -> IPv4Network | IPv6Network:
        """The default route of the neighbor's address family."""
        return ip_network("0.0.0.0/0" if self.neighbor.version == 4 else "::/0")


@dataclass(frozen=True, slots=True)
class LastReset:
    """When the session last went down, counted back from the answer, and the router's words for the cause.

    None fields mean `never`.
    """

    ago: timedelta | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class MaximumPrefix:
    """`maximum-prefix` of a neighbor: the limit, the warning threshold in percent, and whether it only warns."""

    limit: int
    threshold: int | None = None
    warning_only: bool = False


@dataclass(frozen=True, slots=True)
class BgpNeighbor:
    """One block of `show bgp vpnv4 unicast vrf X neighbors`.

    `state` is spelled as the router spells it (`Established`, `Idle`, `Active`, …); an administratively shut neighbor
    has `shutdown` True.
    `in_state_for` is the printed up time while Established, else None. `hold_time` and `keepalive` are the negotiated
    seconds (None unless Established);
    the configured ones stand beside them where printed. `local_address` is the TCP session's own end, None without a
    session.
    `accepted_prefixes` counts prefixes in the table from this neighbor; `multihop` is the allowed hops, None for a
    directly connected neighbor.
    """

    vrf: str | None
    address: IPv4Address | IPv6Address
    remote_as: int
    external: bool
    state: str
    shutdown: bool
    local_as: int | None = None
    description: str | None = None
    router_id: IPv4Address | None = None
    in_state_for: timedelta | None = None
    last_read: timedelta | None = None
    last_write: timedelta | None = None
    hold_time: int | None = None
    keepalive: int | None = None
    configured_hold_time: int | None = None
    configured_keepalive: int | None = None
    local_address: IPv4Address | IPv6Address | None = None
    update_source: str | None = None
    multihop: int | None = None
    accepted_prefixes: int | None = None
    sent_prefixes: int | None = None
    soft_reconfiguration_inbound: bool = False
    route_map_in: str | None = None
    route_map_out: str | None = None
    prefix_list_in: str | None = None
    prefix_list_out: str | None = None
    filter_list_in: str | None = None
    filter_list_out: str | None = None
    weight: int | None = None
    next_hop_self: bool = False
    maximum_prefix: MaximumPrefix | None = None
    bfd_configured: bool = False
    connections_established: int | None = None
    connections_dropped: int | None = None
    last_reset: LastReset | None = None
    messages_sent: int | None = None
    messages_received: int | None = None
    unread: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_established(self) -> bool:
        """The session is up."""
        return self.state == "Established"

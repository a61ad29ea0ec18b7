"""What a router can be asked, apart from BGP and IPsec: frozen records that a show command prints.

Ages and uptimes are seconds of simulated time as floats. ``None`` always means that the router has no such thing
(never up, not configured), never that it could not be found out. Interface names are IOS's full names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork


@dataclass(frozen=True, slots=True)
class Facts:
    """Identity of one router, as ``show version`` tells it."""

    hostname: str
    domain_name: str | None
    model: str
    """Chassis, for example ``ASR1001-X``."""
    serial: str
    version: str
    """IOS-XE release, for example ``17.9.4a``."""
    image: str
    rom: str
    uptime: float
    reload_reason: str
    memory_kb: int
    processor: str
    config_register: str = "0x2102"


@dataclass(frozen=True, slots=True)
class Counters:
    """Packets and bytes since the last ``clear counters``."""

    in_packets: int = 0
    in_bytes: int = 0
    out_packets: int = 0
    out_bytes: int = 0
    in_errors: int = 0
    out_errors: int = 0
    out_drops: int = 0
    in_rate_bps: int = 0
    in_rate_pps: int = 0
    out_rate_bps: int = 0
    out_rate_pps: int = 0
    cleared: float | None = None
    """Seconds since ``clear counters``; None when never cleared."""


@dataclass(frozen=True, slots=True)
class TunnelState:
    """The tunnel part of a tunnel interface."""

    source_interface: str | None
    """None when the source was given as an address, or is missing."""
    source_address: IPv4Address | None
    destination: IPv4Address | None
    mode: str
    """As configured after ``tunnel mode``: ``ipsec ipv4``, ``gre ip`` (the default), …"""
    protection_profile: str | None
    outer_vrf: str | None
    """Front-door VRF (``tunnel vrf``); None is the global table."""


@dataclass(frozen=True, slots=True)
class InterfaceState:
    """One interface: configuration that a show command repeats, and what follows from it."""

    name: str
    description: str | None
    vrf: str | None
    address: IPv4Interface | None
    secondary: tuple[IPv4Interface, ...]
    unnumbered: str | None
    admin_up: bool
    line_up: bool
    """The first of the two states in ``show interfaces`` (carrier); False while shut."""
    protocol_up: bool
    mac: str | None
    """Dotted as IOS prints it, ``00a3.d14f.2280``; None for loopbacks and tunnels."""
    mtu: int
    ip_mtu: int
    bandwidth_kbit: int
    delay_usec: int
    outer_vlan: int | None = None
    inner_vlan: int | None = None
    native_vlan: bool = False
    tcp_adjust_mss: int | None = None
    duplex: str | None = None
    speed: str | None = None
    media: str | None = None
    tunnel: TunnelState | None = None
    counters: Counters = field(default_factory=Counters)
    last_input: float | None = None
    last_output: float | None = None
    state_age: float = 0.0
    """Seconds since line protocol last changed."""
    access_group_in: str | None = None
    access_group_out: str | None = None
    reverse_path: str | None = None
    """``RX`` or ``ANY``, as ``show ip interface`` prints it."""
    policy_map: str | None = None
    is_subinterface: bool = False
    ipv6: tuple[IPv6Interface, ...] = ()
    link_local: IPv6Address | None = None
    """None without IPv6 on the interface."""
    hardware: str = "Ethernet"
    """What stands after ``Hardware is``, for example ``BUILT-IN-2T+6X1GE`` or ``Loopback``."""


@dataclass(frozen=True, slots=True)
class VrfState:
    """One VRF; ``style`` is how it was configured: ``ip vrf`` or ``vrf definition``."""

    name: str
    style: str
    rd: str | None
    description: str | None
    ipv4: bool
    """False for a ``vrf definition`` without ``address-family ipv4``."""
    ipv6: bool
    interfaces: tuple[str, ...]
    import_targets: tuple[str, ...] = ()
    export_targets: tuple[str, ...] = ()
    table_id: int = 0


@dataclass(frozen=True, slots=True)
class NextHop:
    """One way out: ``address`` None means attached to ``interface``; both None never stands (Null0 is an interface).

    ``interface`` None in a RIB record means that the route resolves recursively, as IOS prints such a BGP route.
    """

    address: IpAddress | None
    interface: str | None


@dataclass(frozen=True, slots=True)
class RibRoute:
    """One route of a routing table. ``code`` is what IOS prints at the start of its line (``B``, ``O E2``, ``S*``…)."""

    prefix: IpNetwork
    code: str
    protocol: str
    """``connected``, ``local``, ``static``, ``bgp 65021``, ``ospf 30``."""
    distance: int
    metric: int
    next_hops: tuple[NextHop, ...]
    age: float | None
    """None for connected, local and static routes: IOS prints none."""
    tag: int | None = None
    """BGP: the neighboring AS."""
    route_type: str | None = None
    """``external`` or ``internal`` for BGP; ``intra area``, ``inter area``, ``extern 2`` for OSPF."""
    source: IpAddress | None = None
    """The ``from`` of the detail form."""
    as_hops: int | None = None
    candidate_default: bool = False


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """One ``ip route`` line in effect or not."""

    vrf: str | None
    prefix: IpNetwork
    interface: str | None
    next_hop: IpAddress | None
    distance: int
    tag: int | None
    name: str | None
    permanent: bool
    installed: bool


@dataclass(frozen=True, slots=True)
class ForwardingEntry:
    """What CEF does with an address. ``kind``: ``next hop``, ``attached``, ``receive``, ``drop``, ``no route``."""

    prefix: IpNetwork | None
    """The matching prefix; None with kind ``no route``."""
    kind: str
    next_hops: tuple[NextHop, ...]
    """Fully resolved: interface is never None here."""
    recursive_via: tuple[IpAddress, ...] = ()
    """The BGP (or recursive static) next hops that were resolved, in order."""


@dataclass(frozen=True, slots=True)
class ArpEntry:
    """One line of ``show ip arp``; age None for the router's own addresses, mac None while incomplete."""

    address: IPv4Address
    mac: str | None
    age_minutes: int | None
    interface: str | None


@dataclass(frozen=True, slots=True)
class Ipv6Neighbor:
    """One line of ``show ipv6 neighbors``; mac None while incomplete."""

    address: IPv6Address
    mac: str | None
    age_minutes: int
    state: str
    """``REACH``, ``STALE``, ``INCMP``."""
    interface: str


@dataclass(frozen=True, slots=True)
class OspfNeighbor:
    """One line of ``show ip ospf neighbor``."""

    process: int
    router_id: IPv4Address
    priority: int
    state: str
    """As printed: ``FULL/  -``, ``FULL/DR``…"""
    dead_time: float
    address: IPv4Address
    interface: str
    area: str
    age: float


@dataclass(frozen=True, slots=True)
class BfdNeighbor:
    """One session of ``show bfd neighbors``. Intervals in milliseconds; 0 where nothing was heard of the neighbor."""

    vrf: str | None
    address: IpAddress
    local_address: IpAddress
    interface: str
    handle: int
    local_discriminator: int
    remote_discriminator: int
    up: bool
    remote_up: bool
    age: float
    """Seconds in the present state."""
    diagnostic: int
    min_tx: int
    min_rx: int
    multiplier: int
    remote_min_tx: int
    remote_min_rx: int
    remote_multiplier: int
    remote_min_echo: int
    transmit_interval: int
    """As negotiated."""
    echo_interval: int | None
    """None when the echo function is not in use."""
    hardware: bool
    sent: int
    received: int
    last_received_ms: int
    last_sent_ms: int


@dataclass(frozen=True, slots=True)
class PrefixListEntry:
    """One ``seq`` of a prefix-list; ge/le None when not given."""

    sequence: int
    permit: bool
    prefix: IpNetwork
    ge: int | None = None
    le: int | None = None
    hits: int = 0
    description: str | None = None


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A defined prefix-list (one that is only referred to is not in the view)."""

    name: str
    entries: tuple[PrefixListEntry, ...]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class RouteMapEntry:
    """One sequence. ``matches`` and ``sets`` are the clauses as ``show route-map`` prints them, without indentation."""

    sequence: int
    permit: bool
    matches: tuple[str, ...]
    sets: tuple[str, ...]
    description: str | None = None
    continue_to: int | None = None
    policy_matches: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class RouteMap:
    """A defined route-map."""

    name: str
    entries: tuple[RouteMapEntry, ...]


@dataclass(frozen=True, slots=True)
class AccessListEntry:
    """One line of an IP access list or AS-path/community list, as text after its sequence."""

    sequence: int | None
    permit: bool
    text: str


@dataclass(frozen=True, slots=True)
class AccessList:
    """``kind``: ``standard``, ``extended``, ``ipv6``, ``as-path``, ``community`` (a standard one),
    ``community-expanded``.
    """

    name: str
    kind: str
    entries: tuple[AccessListEntry, ...]
    networks: dict[str, tuple[IPv4Network, ...]] = field(default_factory=dict, repr=False)
    """What the object-groups hold that its lines may name."""
    services: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """One ``username`` of the configuration; the secret (after the digit of its type, if any) is never printed."""

    name: str
    privilege: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One buffered message; ``text`` from ``%`` on. ``at`` is UTC epoch seconds by the router's own clock.

    ``mark`` stands before the time (see ``NtpState.mark``); ``number`` counts all messages since boot.
    """

    at: float
    text: str
    mark: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class PingReply:
    """One probe: ``mark`` is IOS's character (``!``, ``.``, ``U``, ``M``, ``Q``); rtt None unless ``!``."""

    mark: str
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class PingResult:
    """A whole ping; ``error`` is set when IOS would refuse to send (then there are no replies)."""

    destination: IpAddress
    source: IpAddress | None
    size: int
    timeout: float
    replies: tuple[PingReply, ...]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class TraceHop:
    """One TTL: address None prints stars; ``codes`` per probe: None (time in rtts), ``!H``, ``!N``, ``!A``."""

    ttl: int
    address: IpAddress | None
    rtts_ms: tuple[float, ...]
    code: str | None = None


@dataclass(frozen=True, slots=True)
class TraceResult:
    """A whole traceroute; the hops end at the destination or after the TTL limit."""

    destination: IpAddress
    hops: tuple[TraceHop, ...]
    reached: bool
    error: str | None = None

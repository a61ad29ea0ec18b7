"""What a configuration says, typed. The simulation reads these and never the text; far ends are declared as these."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.bgp_records import NeighborPolicy

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface

    from pytest_azinterop.lab.config.addresses import IpAddress, IpInterface, IpNetwork
    from pytest_azinterop.lab.config.cron import Cron
    from pytest_azinterop.lab.network.records import AccessList, PrefixList, User


FamilyKey = tuple[str | None, int]
"""VRF (None: global) and version of IP."""


@dataclass(frozen=True, slots=True)
class TunnelSettings:
    """``source`` is an interface name or an address, as configured."""

    source: str | None
    destination: IPv4Address | None
    mode: str
    profile: str | None
    outer_vrf: str | None


@dataclass(frozen=True, slots=True)
class BfdSettings:
    """``bfd interval``, in milliseconds. ``echo``: the echo function, where the other side has it too."""

    interval: int
    min_rx: int
    multiplier: int
    echo: bool = True


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """One interface of the configuration."""

    name: str
    description: str | None = None
    vrf: str | None = None
    address: IPv4Interface | None = None
    secondary: tuple[IPv4Interface, ...] = ()
    unnumbered: str | None = None
    shutdown: bool = False
    outer_vlan: int | None = None
    inner_vlan: int | None = None
    native: bool = False
    mtu: int | None = None
    ip_mtu: int | None = None
    bandwidth: int | None = None
    delay: int | None = None
    mss: int | None = None
    unreachables: bool = True
    """False says nothing about packets that it gives up (``no ip unreachables``)."""
    group_in: str | None = None
    group_out: str | None = None
    filter6_in: str | None = None
    """The access lists of IPv6."""
    filter6_out: str | None = None
    reverse_path: str | None = None
    """``rx`` (by the same interface) or ``any``; ``+default``: the default route counts."""
    policy_map: str | None = None
    mac: str | None = None
    speed: str | None = None
    duplex: str | None = None
    media: str | None = None
    ospf_cost: int | None = None
    ospf_area: tuple[int, str] | None = None
    """Process and area of ``ip ospf N area A``."""
    ospf_point_to_point: bool = False
    ospf_hello: int | None = None
    """Seconds, as the dead interval."""
    ospf_dead: int | None = None
    ospf_authentication: str | None = None
    """``simple``, ``message-digest`` or ``null`` (none, whatever the area has)."""
    ospf_key: str | None = field(default=None, repr=False)
    ospf_digest_keys: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    """Number and key."""
    tunnel: TunnelSettings | None = None
    bfd: BfdSettings | None = None
    ipv6: tuple[IPv6Interface, ...] = ()
    ipv6_enabled: bool = False
    """``ipv6 enable``: a link-local address without another."""
    link_local: IPv6Address | None = None
    """Configured; otherwise it follows from the MAC address."""

    @property
    def has_ipv6(self) -> bool:
        """Whether IPv6 runs on the interface."""
        return bool(self.ipv6) or self.ipv6_enabled or self.link_local is not None

    def addresses(self) -> tuple[IpInterface, ...]:
        """Every address with its network, link-local ones apart."""
        first = () if self.address is None else (self.address,)
        return (*first, *self.secondary, *self.ipv6)

    def source(self, version: int) -> IpAddress | None:
        """The address that the router speaks from."""
        return next((each.ip for each in self.addresses() if each.version == version), None)


@dataclass(frozen=True, slots=True)
class VrfSettings:
    """One VRF; ``style`` is ``ip vrf`` or ``vrf definition``."""

    name: str
    style: str
    rd: str | None = None
    description: str | None = None
    ipv4: bool = True
    ipv6: bool = False
    import_targets: tuple[str, ...] = ()
    export_targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StaticSettings:
    """One ``ip route``."""

    vrf: str | None
    prefix: IpNetwork
    interface: str | None
    gateway: IpAddress | None
    distance: int = 1
    tag: int | None = None
    name: str | None = None
    permanent: bool = False
    in_global: bool = False
    """The ``global`` keyword: the gateway is looked up in the global table."""


@dataclass(frozen=True, slots=True)
class NeighborSettings:
    """One BGP neighbor, peer groups resolved."""

    address: IpAddress
    remote_as: int
    local_as: int | None = None
    description: str | None = None
    peer_group: str | None = None
    shutdown: bool = False
    activated: bool = True
    password: str | None = field(default=None, repr=False)
    multihop: int | None = None
    disable_connected_check: bool = False
    ttl_security: int | None = None
    graceful_restart: bool | None = None
    """``ha-mode graceful-restart``, or its ``disable``; None: as the process says."""
    update_source: str | None = None
    keepalive: int | None = None
    hold: int | None = None
    minimum_hold: int | None = None
    passive: bool = False
    fall_over_bfd: str | None = None
    """``auto``, ``single-hop`` or ``multi-hop``; None without ``fall-over bfd``."""
    advertisement_interval: int | None = None
    policy: NeighborPolicy = field(default_factory=NeighborPolicy)


@dataclass(frozen=True, slots=True)
class NetworkStatement:
    """``network`` with its optional route-map."""

    prefix: IpNetwork
    route_map: str | None = None


@dataclass(frozen=True, slots=True)
class Redistribution:
    """``redistribute``; ``process`` for OSPF and BGP."""

    protocol: str
    process: int | None = None
    metric: int | None = None
    metric_type: int = 2
    route_map: str | None = None
    match: tuple[str, ...] = ()
    subnets: bool = True
    """OSPF: False takes only networks with the mask of their class."""
    tag: int | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``aggregate-address``."""

    prefix: IpNetwork
    summary_only: bool = False
    as_set: bool = False


@dataclass(frozen=True, slots=True)
class Dampening:
    """``bgp dampening``: half-life and maximum in minutes, the others are penalties."""

    half_life: int = 15
    reuse: int = 750
    suppress: int = 2000
    maximum: int = 60


@dataclass(frozen=True, slots=True)
class BgpFamily:
    """IPv4 or IPv6 unicast of one VRF (None: global)."""

    vrf: str | None
    neighbors: dict[IpAddress, NeighborSettings] = field(default_factory=dict)
    router_id: IPv4Address | None = None
    networks: tuple[NetworkStatement, ...] = ()
    redistributions: tuple[Redistribution, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    default_information: bool = False
    default_metric: int | None = None
    default_local_preference: int = 100
    distances: tuple[int, int, int] = (20, 200, 200)
    maximum_paths: int = 1
    maximum_paths_ibgp: int = 1
    compare_routerid: bool = False
    always_compare_med: bool = False
    multipath_relax: bool = False
    dampening: Dampening | None = None
    version: int = 4
    redistribute_internal: bool = False


@dataclass(frozen=True, slots=True)
class BgpSettings:
    """The BGP process."""

    asn: int
    families: dict[FamilyKey, BgpFamily]
    router_id: IPv4Address | None = None
    log_changes: bool = True
    fast_external: bool = True
    confederation: int | None = None
    """The AS number that the outside sees; ``asn`` is then the member's."""
    confederates: frozenset[int] = frozenset()
    """The other members that it speaks to."""
    asdot: bool = False
    graceful_restart: bool = False
    restart_time: int = 120
    """Seconds that the neighbors wait for this router to be back."""
    stalepath_time: int = 360
    """Seconds that it keeps a neighbor's routes at most."""


@dataclass(frozen=True, slots=True)
class OspfSettings:
    """One OSPF process."""

    process: int
    vrf: str | None = None
    router_id: IPv4Address | None = None
    networks: tuple[tuple[IPv4Address, IPv4Address, str], ...] = ()
    """Address, wildcard, area."""
    redistributions: tuple[Redistribution, ...] = ()
    default_information: str | None = None
    """``if`` a default stands in the RIB, or ``always``."""
    default_map: str | None = None
    default_originate_metric: int | None = None
    default_originate_type: int = 2
    default_metric: int | None = None
    passive_default: bool = False
    passive: frozenset[str] = frozenset()
    active: frozenset[str] = frozenset()
    vrf_lite: bool = False
    reference_mbit: int = 100
    distance: int = 110
    authentication: tuple[tuple[str, str], ...] = ()
    """Area and ``simple`` or ``message-digest``."""


@dataclass(frozen=True, slots=True)
class MapEntry:
    """One sequence; clauses are (kind, argument text) in order of configuration."""

    sequence: int
    permit: bool
    matches: tuple[tuple[str, str], ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    description: str | None = None
    continue_to: int | None = None
    """Sequence; 0 is the next one; None without ``continue``."""


@dataclass(frozen=True, slots=True)
class IkeProposal:
    """Algorithms as configured, in order of preference."""

    encryption: tuple[str, ...]
    integrity: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()
    prf: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IkePolicy:
    """Which proposals apply to which local address and front-door VRF (``any`` matches all)."""

    name: str
    proposals: tuple[str, ...]
    local_addresses: tuple[IPv4Address, ...] = ()
    fvrf: str | None = None
    remote_addresses: tuple[IPv4Address, ...] = ()
    """A far end may have a policy per connection; IOS has none."""


@dataclass(frozen=True, slots=True)
class KeyringPeer:
    """One peer of a keyring."""

    name: str
    network: IPv4Network | None
    identity: str | None
    local_key: str | None = field(default=None, repr=False)
    remote_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IkeProfile:
    """Whom the router accepts and as whom it presents itself."""

    name: str
    remote_networks: tuple[IPv4Network, ...] = ()
    remote_names: tuple[str, ...] = ()
    remote_any: bool = False
    fvrf: str | None = None
    local_addresses: tuple[IPv4Address, ...] = ()
    identity: str | None = None
    """None presents the source address."""
    auth_local: str | None = None
    auth_remote: str | None = None
    keyring: str | None = None
    sign_with: tuple[str, ...] = ()
    """Trustpoints whose certificate the router may present; empty is any."""
    verify_with: tuple[str, ...] = ()
    """Trustpoints whose CA the router believes; empty is any."""
    lifetime: int = 86400
    dpd: tuple[int, int, str] | None = None


@dataclass(frozen=True, slots=True)
class TransformSet:
    """``words`` as configured; mode ``tunnel`` or ``transport``."""

    words: tuple[str, ...]
    mode: str = "tunnel"


@dataclass(frozen=True, slots=True)
class IpsecProfileSettings:
    """``pfs`` None is none; lifetimes None take the global default."""

    name: str
    transform_sets: tuple[str, ...] = ()
    ike_profile: str | None = None
    pfs: str | None = None
    lifetime_seconds: int | None = None
    lifetime_kb: int | None = None
    volume_disabled: bool = False
    replay_window: int | None = None


@dataclass(frozen=True, slots=True)
class CryptoSettings:
    """All of IKEv2 and IPsec."""

    proposals: dict[str, IkeProposal] = field(default_factory=dict)
    policies: tuple[IkePolicy, ...] = ()
    keyrings: dict[str, tuple[KeyringPeer, ...]] = field(default_factory=dict)
    profiles: dict[str, IkeProfile] = field(default_factory=dict)
    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    ipsec_profiles: dict[str, IpsecProfileSettings] = field(default_factory=dict)
    lifetime_seconds: int = 3600
    lifetime_kb: int = 4608000
    volume_disabled: bool = False
    replay_window: int = 64
    dpd: tuple[int, int, str] | None = None
    fragmentation: bool = False
    trustpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeServer:
    """One ``ntp server``. ``iburst`` asks quickly at first."""

    address: IPv4Address
    vrf: str | None = None
    prefer: bool = False
    iburst: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveSettings:
    """``archive``: without a path nothing is kept. ``log_size`` None does not log commands."""

    path: str | None = None
    maximum: int = 10
    write_memory: bool = False
    log_size: int | None = None
    hide_keys: bool = False
    notify_syslog: bool = False


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """The buffer: its size in bytes (None is no buffer), the highest severity that it takes, and its stamps.

    ``stamp`` is ``datetime``, ``uptime`` or None.
    """

    size: int | None = 4096
    severity: int = 7
    stamp: str | None = "datetime"
    milliseconds: bool = False
    time_zone: bool = False
    year: bool = False
    sequence: bool = False


@dataclass(frozen=True, slots=True)
class AppletEvent:
    """What starts an applet. ``kind``: ``watchdog`` and ``countdown`` (``seconds``), ``cron``, ``syslog`` (``pattern``,
    a regular expression), ``none``.
    """

    kind: str
    seconds: float = 0.0
    cron: Cron | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Applet:
    """One applet of the event manager; ``actions`` are (``cli``, ``syslog``, ``wait`` or ``reload``, text)."""

    name: str
    event: AppletEvent
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole router."""

    hostname: str
    domain_name: str | None = None
    interfaces: dict[str, InterfaceSettings] = field(default_factory=dict)
    vrfs: dict[str, VrfSettings] = field(default_factory=dict)
    statics: tuple[StaticSettings, ...] = ()
    bgp: BgpSettings | None = None
    ospf: tuple[OspfSettings, ...] = ()
    prefix_lists: dict[str, PrefixList] = field(default_factory=dict)
    route_maps: dict[str, tuple[MapEntry, ...]] = field(default_factory=dict)
    access_lists: dict[str, AccessList] = field(default_factory=dict)
    access_lists6: dict[str, AccessList] = field(default_factory=dict)
    as_path_lists: dict[str, AccessList] = field(default_factory=dict)
    community_lists: dict[str, AccessList] = field(default_factory=dict)
    crypto: CryptoSettings = field(default_factory=CryptoSettings)
    users: tuple[User, ...] = ()
    enable_secret: str | None = field(default=None, repr=False)
    time_servers: tuple[TimeServer, ...] = ()
    ntp_logging: bool = False
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    new_community_format: bool = False
    ipv6_routing: bool = False
    """``ipv6 unicast-routing``."""
    prefix_lists6: dict[str, PrefixList] = field(default_factory=dict)
    applets: dict[str, Applet] = field(default_factory=dict)
    static_arp: dict[tuple[str | None, IPv4Address], str] = field(default_factory=dict)
    """MAC addresses by VRF and address: nobody is asked for these."""

    def prefix_lists_of(self, version: int) -> dict[str, PrefixList]:
        """The prefix-lists of a family: the two have names of their own."""
        return self.prefix_lists if version == 4 else self.prefix_lists6

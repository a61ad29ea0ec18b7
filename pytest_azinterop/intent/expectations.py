"""What follows from the intent for each thing that a check looks at. All records are frozen; `id` is stable and public.

They are derived by `intent.derive` and parametrize the checks, so that an expected neighbor that is missing is a
failure and
not a test that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.intent.sides import BothSides
from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

    from pytest_azinterop.intent.azure_expectations import AzureExpectations
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.models import (
        Archive,
        Attribute,
        IkePolicy,
        IpsecPolicy,
        Ntp,
        PathRole,
        Policy,
        Role,
        Sampling,
        Software,
        Traffic,
    )
    from pytest_azinterop.intent.reachability import ExpectedReach

PrefixUse = Literal["exactly", "at_least", "within"]


@dataclass(frozen=True, slots=True)
class ExpectedPrefixes:
    """A union of declared prefix sets. `allowed` are the spaces that further prefixes may come from (`within`).

    `open_ended` is True where further prefixes are allowed without naming a space (`at_least` alone).
    `may_be_empty` are the spaces of `allowed` that need hold no prefix, because `at_least` already says what must be
    there.
    """

    required: frozenset[IPv4Network | IPv6Network]
    allowed: tuple[IPv4Network | IPv6Network, ...] = ()
    open_ended: bool = False
    may_be_empty: frozenset[IPv4Network | IPv6Network] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing at all."""
        return not (self.required or self.allowed or self.open_ended)

    def permits(self, prefix: IPv4Network | IPv6Network) -> bool:
        """Whether this prefix may be there."""
        return self.open_ended or prefix in self.required or any(lies_in(prefix, space) for space in self.allowed)

    def unmet_spaces(self, present: frozenset[IPv4Network | IPv6Network]) -> tuple[IPv4Network | IPv6Network, ...]:
        """Spaces of `within` that must hold a prefix, and that none of these lies in."""
        demanded = (space for space in self.allowed if space not in self.may_be_empty)
        return tuple(space for space in demanded if not any(lies_in(prefix, space) for prefix in present))


@dataclass(frozen=True, slots=True)
class ExpectedDevice:
    """A router of the intent. `ntp`, `archive` and `software` None: not judged."""

    router: str
    hostname: str
    serial: str | None
    ntp: Ntp | None = None
    archive: Archive | None = None
    software: Software | None = None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return self.router


@dataclass(frozen=True, slots=True)
class ExpectedOspf:
    """OSPF towards the site. `asn` is the BGP process whose routes it redistributes; None elsewhere: not judged.

    `networks` are those of Azure that the site reaches over any role: what it must be told, where BGP has it.
    """

    asn: int
    redistributes: bool | None = None
    route_map: str | None = None
    default_route: Literal["none", "conditional", "always"] | None = None
    networks: ExpectedPrefixes = ExpectedPrefixes(frozenset())


@dataclass(frozen=True, slots=True)
class ExpectedFlow:
    """Prefixes and spaces of a site and of Azure between which packets must pass, and what the interface is to them."""

    role: Literal["expressroute", "lan", "tunnel", "tunnel source", "internal"]
    site: tuple[IPv4Network, ...]
    azure: tuple[IPv4Network, ...]
    beside_others: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedInterface:
    """An interface that a customer depends on.

    `vlans`: declared tags, outer first; None: not judged. `route_distinguisher`: of its VRF; None: not judged. `ospf`
    None: no OSPF here. `traffic` None: it may be idle.
    """

    router: str
    customer: str
    site: str
    vrf: str | None
    name: str
    role: Literal["expressroute", "lan", "tunnel", "tunnel source", "internal"]
    address: IPv4Interface | IPv6Interface | None
    vlans: tuple[int, ...] | None
    route_distinguisher: str | None = None
    ospf: ExpectedOspf | None = None
    traffic: Traffic | None = None
    ipv6: IPv6Interface | None = None
    """The address beside that of IPv4; None: not judged."""
    owned: tuple[IPv4Network, ...] = ()
    """The site's prefixes that the intent names, where this interface leads to it."""
    site_prefixes: tuple[IPv4Network, ...] = ()
    azure_prefixes: tuple[IPv4Network, ...] = ()
    """Between which the interface must let packets pass: prefixes and spaces; empty: not judged."""
    beside_others: bool = False
    """The router has several interfaces towards the LAN: each may serve a part of the site's prefixes."""
    others: tuple[ExpectedFlow, ...] = ()
    """What passes here besides, of customers that share the interface."""
    peers: tuple[IPv4Address, ...] = ()
    """From where tunnels are called whose packets arrive at this interface; a loopback has none."""

    id: str = field(init=False, repr=False, compare=False)
    """Stable name of the object."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.router}/{self.name}")

    @property
    def flows(self) -> tuple[ExpectedFlow, ...]:
        """Everything that must pass here, of every customer; empty: not judged."""
        own = ExpectedFlow(self.role, self.site_prefixes, self.azure_prefixes, self.beside_others)
        return tuple(each for each in dict.fromkeys((own, *self.others)) if each.site and each.azure)


@dataclass(frozen=True, slots=True)
class ExpectedBfd:
    """What a BFD session must have negotiated: `interval` in milliseconds, in both directions."""

    interval: int
    multiplier: int


@dataclass(frozen=True, slots=True)
class ExpectedSession:
    """A BGP session. `path` names what carries it: `expressroute-1 primary`, a connection's name, or `internal`.

    `interface` is the interface that the neighbor is reached through: the sub-interface, or the tunnel.
    `local_preference` is what routes learned here must carry; None where it is not judged (internal sessions and
    Microsoft peering of which the intent declares none).
    `accepts` is how many prefixes the neighbor takes (None: not known), `head_room` the percent of a limit that must be
    left, `mac` its hardware address, `prepends` how often it repeats its AS,
    `announce_prepends` how often the router prepends to what it sends; `most_drops` counts for a session that is
    younger than `flap_window`. None: not judged. `bfd` None: no BFD session is required.
    `carried` are the communities that received prefixes must carry, `announce_communities` those of what is sent;
    `inbound_changes` are attributes that inbound policy may change.
    """

    router: str
    customer: str
    site: str
    vrf: str | None
    neighbor: IPv4Address | IPv6Address
    role: Role
    path: str
    local_as: int
    remote_as: int
    local_address: IPv4Address | IPv6Address | None
    interface: str | None
    hold_time: int | None
    keepalive: int | None
    minimum_age: timedelta
    local_preference: int | None
    announce: ExpectedPrefixes | None
    receive: ExpectedPrefixes | None
    soft_reconfiguration: bool
    policy: Policy
    accepts: int | None = None
    head_room: int | None = None
    flap_window: timedelta | None = None
    most_drops: int | None = None
    prepends: int | None = None
    announce_prepends: int | None = None
    mac: str | None = None
    bfd: ExpectedBfd | None = None
    carried: tuple[tuple[IPv4Network | IPv6Network, tuple[str, ...]], ...] = ()
    announce_communities: tuple[str, ...] = ()
    inbound_changes: tuple[Attribute, ...] = ("local-preference",)

    id: str = field(init=False, repr=False, compare=False)
    """Stable name of the object."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.router}/{vrf_label(self.vrf)}/{self.neighbor}")

    @property
    def version(self) -> int:
        """The IP version of the session, and of the prefixes that it carries."""
        return self.neighbor.version


@dataclass(frozen=True, slots=True)
class ExpectedTunnel:
    """A tunnel to an Azure gateway.

    `inner_vrf` holds the customer's packets, `front_vrf` the encrypted ones (None: global). `authentication` None: not
    judged; `trustpoint` is given with `rsa-sig`, and its certificates must be `valid_for` that long. `mtu` is the
    largest packet in bytes that must pass, None: not judged. `bgp_address` is the router's end of the session inside,
    and `minimum_age`, `flap_window` and `most_drops` are what holds for that session; None: not judged.
    """

    router: str
    customer: str
    site: str
    connection: str
    inner_vrf: str | None
    front_vrf: str | None
    name: str
    address: IPv4Interface | None
    neighbor: IPv4Address
    peer: IPv4Address
    source: str | None
    local: IPv4Address | None
    public: IPv4Address | None
    protection: str | None
    ike: IkePolicy
    ipsec: IpsecPolicy
    sampling: Sampling
    authentication: Literal["psk", "rsa-sig"] | None = None
    trustpoint: str | None = None
    valid_for: timedelta = timedelta(days=30)
    mtu: int | None = None
    bgp_address: IPv4Address | None = None
    minimum_age: timedelta | None = None
    flap_window: timedelta | None = None
    most_drops: int | None = None

    id: str = field(init=False, repr=False, compare=False)
    """Stable name of the object."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.router}/{vrf_label(self.inner_vrf)}/{self.name}")


@dataclass(frozen=True, slots=True)
class ExpectedSite:
    """A customer at a site, in one address family: all its sessions to Azure, over all its routers.

    `prefer` lists the roles that are present, most preferred first. `backed_up` are prefixes that must stay reachable
    by the next role when
    the first is lost. `reach` says per role which prefixes come over it. `owned` is what the site owns, `elsewhere`
    what other sites of the customer do; `lan` and `links` are pairs of router and interface: towards the LAN, and
    between the site's routers. `exits` are the routers that the LAN must prefer, none: not judged.
    """

    customer: str
    site: str
    vrf: str | None
    routers: tuple[str, ...]
    sessions: tuple[ExpectedSession, ...]
    internal: tuple[ExpectedSession, ...]
    tunnels: tuple[ExpectedTunnel, ...]
    prefer: tuple[PathRole, ...]
    reach: tuple[tuple[PathRole, ExpectedPrefixes], ...]
    backed_up: frozenset[IPv4Network | IPv6Network]
    version: int = 4
    owned: ExpectedPrefixes = ExpectedPrefixes(frozenset())
    elsewhere: frozenset[IPv4Network | IPv6Network] = frozenset()
    lan: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    exits: tuple[str, ...] = ()

    id: str = field(init=False, repr=False, compare=False)
    """Stable name of the object; IPv6 is told in it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.customer}/{self.site}" + ("" if self.version == 4 else "/ipv6"))


@dataclass(frozen=True, slots=True)
class Expectations:
    """Everything that the checks are parametrized from, in the order of the intent."""

    devices: tuple[ExpectedDevice, ...]
    interfaces: tuple[ExpectedInterface, ...]
    sessions: tuple[ExpectedSession, ...]
    tunnels: tuple[ExpectedTunnel, ...]
    sites: tuple[ExpectedSite, ...]
    reaches: tuple[ExpectedReach, ...] = ()
    azure: AzureExpectations | None = None
    """None: the intent does not describe Azure's side."""
    both: BothSides = field(default_factory=BothSides)
    """What is judged over both sides; nothing where Azure's is not described."""
    drills: tuple[Drill, ...] = ()
    """No check looks at them: a drill is asked for by its name."""


def vrf_label(vrf: str | None) -> str:
    """`vrf-30`, or `global` for the global table."""
    return "global" if vrf is None else f"vrf-{vrf}"

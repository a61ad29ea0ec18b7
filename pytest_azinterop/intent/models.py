"""The intent as it is written.

Strict: an unknown key is an error. Every field's description is part of the published JSON Schema.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from pytest_azinterop.intent.azure import Azure
from pytest_azinterop.intent.drills import Drill, DrillDefaults
from pytest_azinterop.intent.strict import Asn, Strict, Vlan
from pytest_azinterop.intent.values import (
    Community,
    Day,
    Duration,
    InterfaceName,
    MacAddress,
    Name,
    Prefix,
    Subnet,
    SubnetIpv6,
    duration,
)

Attribute = Literal["as-path", "communities", "local-preference", "metric", "next-hop", "origin"]
Role = Literal["expressroute", "microsoft", "vpn", "internal"]
PathRole = Literal["expressroute", "vpn"]
Seconds = Annotated[int, Field(ge=1, le=65535)]


class PrefixSet(Strict):
    """Prefixes, and how strictly they are meant.

    `exactly`: these and no others. `at_least`: these must be there, others may. `within`: any prefix inside these
    spaces, at least one.
    A bare list means `exactly`.
    """

    exactly: tuple[Prefix, ...] = ()
    """These and no others."""
    at_least: tuple[Prefix, ...] = ()
    """These must be there; others may, as far as `within` allows them."""
    within: tuple[Prefix, ...] = ()
    """Every prefix lies inside one of these spaces, and each space holds at least one prefix unless `at_least` names
    some."""

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return {"exactly": [value]}
        return {"exactly": value} if isinstance(value, (list, tuple)) else value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.exactly or self.at_least or self.within):
            raise ValueError("no prefix is named; a side that owns nothing has no place in the intent")
        if self.exactly and (self.at_least or self.within):
            raise ValueError("`exactly` excludes `at_least` and `within`; use one or the other")
        return self


class Network(PrefixSet):
    """The prefixes of an Azure network, and the communities that Azure gives them."""

    communities: tuple[Community, ...] = ()
    """Communities that its prefixes must carry over ExpressRoute: that of its region (`12076:5…`) or its own."""


class BgpDefaults(Strict):
    """What every BGP session to Azure must show unless a session says otherwise."""

    hold_time: Seconds | None = 180
    """Negotiated hold time in seconds; null: not judged."""
    keepalive: Seconds | None = 60
    """Negotiated keepalive interval in seconds; null: not judged."""
    minimum_age: Duration = duration("5m")
    """A session younger than this fails as not yet stable, and so does a tunnel that was lost below its session."""
    soft_reconfiguration: bool = True
    """Whether `soft-reconfiguration inbound` is expected, which lets the routes before policy be read."""
    head_room: int | None = Field(20, ge=1, le=99)
    """Percent of a prefix limit that must be left, on this router and on the neighbor; null: not judged."""
    flap_window: Duration = duration("24h")
    """A session that is up for at least this long counts as free of flaps, and so does a tunnel."""
    most_drops: int | None = Field(3, ge=0)
    """Connections that a younger session may have dropped; null: not judged."""


class Bfd(Strict):
    """Bidirectional Forwarding Detection towards a neighbor. `true` and `false` stand for `required` alone."""

    required: bool | None = None
    """Whether a BFD session must run beside the BGP session; unset: as the circuit or the defaults say."""
    interval: Annotated[int, Field(ge=50, le=9999)] | None = None
    """Negotiated interval in milliseconds, in both directions; unset: as the circuit or the defaults say."""
    multiplier: Annotated[int, Field(ge=3, le=50)] | None = None
    """Packets that may be lost in a row before the path counts as down; unset: as the circuit or the defaults say."""

    @model_validator(mode="before")
    @classmethod
    def _bare_answer(cls, value: Any) -> Any:  # noqa: ANN401
        return {"required": value} if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.required is None and self.interval is None and self.multiplier is None:
            raise ValueError("nothing is said of BFD; write `bfd: true`, or `required`, `interval` or `multiplier`")
        return self


class BfdDefaults(Strict):
    """What BFD on ExpressRoute must show where it is required.

    Source of the values: https://learn.microsoft.com/azure/expressroute/expressroute-bfd
    """

    required: bool = False
    """Whether every ExpressRoute path must run BFD."""
    interval: int = Field(300, ge=50, le=9999)
    """Negotiated interval in milliseconds, in both directions."""
    multiplier: int = Field(3, ge=3, le=50)
    """Packets that may be lost in a row before the path counts as down."""

    @model_validator(mode="before")
    @classmethod
    def _bare_answer(cls, value: Any) -> Any:  # noqa: ANN401
        return {"required": value} if isinstance(value, bool) else value


class LocalPreference(Strict):
    """Local preference that routes must carry, by the role of the neighbor that they were learned from."""

    expressroute: int = Field(200, ge=0, le=4294967295)
    vpn: int = Field(100, ge=0, le=4294967295)


class Sampling(Strict):
    """How counters are read twice."""

    probe: bool = True
    """Ping the far end through the tunnel between the two samples, so that there is traffic to count."""
    probes: int = Field(5, ge=1, le=100)
    """Echo requests of that probe."""
    interval: Duration = duration("0s")
    """Least time between the samples.

    Without a probe at least 65s, so that a BGP keepalive passes in each direction.
    """


class IkePolicy(Strict):
    """Algorithms that a negotiated IKEv2 SA may use.

    An SA outside them fails. Spelled as IOS-XE shows them, in any case.
    """

    encryption: tuple[str, ...] = ("AES-CBC-256", "AES-GCM-256")
    integrity: tuple[str, ...] = ("SHA256", "SHA384", "SHA512")
    """Not judged for AES-GCM, which has none."""
    dh_groups: tuple[int, ...] = (14, 19, 20, 21, 24)


class IpsecPolicy(Strict):
    """Transforms that an IPsec SA may use, and perfect forward secrecy."""

    transforms: tuple[str, ...] = ("esp-256-aes esp-sha256-hmac", "esp-gcm 256")
    """As `show crypto ipsec sa` prints them."""
    pfs_groups: tuple[int | None, ...] | None = None
    """Allowed PFS groups (null in the list: no PFS); null: not judged."""


class Ntp(Strict):
    """How a router's clock is kept."""

    servers: tuple[IPv4Address | IPv6Address, ...] = ()
    """Time sources that the router must follow, each of them reached, one of them in use; empty: whichever."""
    highest_stratum: int = Field(15, ge=1, le=15)
    """The router's own stratum may be this at most."""
    offset_ms: int = Field(100, ge=1, le=1000000)
    """The clock may be off its time source by this many milliseconds at most."""


class Archive(Strict):
    """Where earlier configurations are kept."""

    path: str | None = None
    """How the names of archived files begin, such as `bootflash:`; unset: whichever."""
    maximum: int | None = Field(None, ge=1, le=14)
    """How many configurations are kept; unset: not judged."""
    local: bool = True
    """Whether they must lie on the router itself, as a rollback that needs no network does."""


class Software(Strict):
    """What a router runs, and how long it must have been up."""

    releases: tuple[str, ...] = ()
    """Approved releases as `show version` prints them; `*` stands for any run of characters; empty: whichever."""
    minimum_uptime: Duration | None = None
    """A router that came back later than this ago fails; unset: not judged."""


class Defaults(Strict):
    """Shared by all customers; a customer, a path or a tunnel may say otherwise."""

    bgp: BgpDefaults = BgpDefaults()
    bfd: BfdDefaults = BfdDefaults()
    local_preference: LocalPreference = LocalPreference()
    prefer: tuple[PathRole, ...] = ("expressroute", "vpn")
    """Roles of paths, most preferred first."""
    ike: IkePolicy = IkePolicy()
    ipsec: IpsecPolicy = IpsecPolicy()
    sampling: Sampling = Sampling()
    ntp: Ntp | None = None
    """How every router's clock is kept; unset: not judged beyond `device.clock`."""
    archive: Archive | None = None
    """Where every router keeps earlier configurations; unset: not judged."""
    software: Software | None = None
    """What every router runs; unset: not judged."""
    drill: DrillDefaults = DrillDefaults()
    """What every drill has unless it says otherwise."""


class CircuitPath(Strict):
    """One of the two paths of a circuit: on which router it ends."""

    router: Name
    """The Nornir host on which this path ends."""


class Circuit(Strict):
    """An ExpressRoute circuit."""

    peering: Literal["private", "microsoft"] = "private"
    """Microsoft peering carries public prefixes: it takes no part in the preference between ExpressRoute and VPN."""
    asn: Asn = 12076
    """ASN of the MSEE."""
    networks: tuple[Name, ...] = ()
    """Azure networks that are reached over this circuit."""
    accepts: int | None = Field(None, ge=1)
    """Prefixes that the MSEE accepts of an IPv4 session before it closes it; unset: 4000, and 200 on Microsoft peering.
    With the premium add-on 10000."""
    bfd: Bfd | None = None
    """BFD on the paths of this circuit, where it differs from the defaults."""
    primary: CircuitPath | None = None
    secondary: CircuitPath | None = None


class Connection(Strict):
    """A site-to-site VPN connection to an Azure gateway."""

    gateway_asn: Asn = 65515
    networks: tuple[Name, ...]
    """Azure networks that are reached over this connection."""
    accepts: int = Field(4000, ge=1)
    """Prefixes that the gateway accepts of a session before it closes it."""
    ike: IkePolicy | None = None
    ipsec: IpsecPolicy | None = None
    authentication: Literal["psk", "rsa-sig"] | None = None
    """How both ends prove who they are: by a pre-shared key or by certificates; unset: not judged."""
    trustpoint: Name | None = None
    """With `rsa-sig`: the trustpoint that holds the router's certificate and the CA's."""
    mtu: int | None = Field(1400, ge=576, le=9000)
    """Size in bytes of whole packets that must pass a tunnel unfragmented; null: not judged, and not tried."""
    valid_for: Duration = duration("30d")
    """How long both certificates must be valid from now on, at least."""

    @model_validator(mode="after")
    def _has_its_certificates(self) -> Self:
        if self.authentication == "rsa-sig" and self.trustpoint is None:
            raise ValueError("`rsa-sig` needs `trustpoint`: where the router keeps its certificates")
        if self.authentication != "rsa-sig" and self.trustpoint is not None:
            raise ValueError("a `trustpoint` holds certificates: say `authentication: rsa-sig`")
        return self


class Site(Strict):
    """A location with its edge routers."""

    asn: Asn
    routers: tuple[Name, ...] = Field(min_length=1)
    """Nornir hosts; a site often has two."""


class Ospf(Strict):
    """OSPF towards the site: a full adjacency, and what the site is told."""

    redistributes: bool | None = None
    """Whether the process redistributes BGP of the site's AS; unset: not judged."""
    route_map: Name | None = None
    """The route-map on that redistribution; unset: whichever, as long as it is defined."""
    default_route: Literal["none", "conditional", "always"] | None = None
    """Whether the process originates a default route: not at all, while the router has one, or always; unset: not
    judged."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.route_map is not None and not self.redistributes:
            raise ValueError("a `route_map` is on a redistribution: say `redistributes: true`")
        return self


def _ospf(value: Any) -> Any:  # noqa: ANN401
    return {} if value is True else None if value is False else value


class LanAttachment(Strict):
    """The interface of a customer's VRF towards the site."""

    router: Name
    interface: InterfaceName
    address: IPv4Interface | None = None
    ipv6: IPv6Interface | None = None
    """The address beside that of IPv4."""
    vlans: tuple[Vlan, ...] = Field((), max_length=2)
    """802.1Q tags, outer first."""
    ospf: Annotated[Ospf | None, BeforeValidator(_ospf, json_schema_input_type=bool | Ospf | None)] = None
    """Whether OSPF must have a full adjacency here (`true`), and what it must tell the site (a block)."""


class Policy(Strict):
    """Route-maps and prefix-lists bound to a neighbor, by name.

    Null: whichever, as long as it is defined and has its effect.
    """

    route_map_in: str | None = None
    route_map_out: str | None = None
    prefix_list_in: str | None = None
    prefix_list_out: str | None = None


class SessionSettings(Strict):
    """What can be said of any BGP session, beside the defaults."""

    announce: PrefixSet | None = None
    """What this neighbor is sent; unset: exactly the site's prefixes."""
    receive: PrefixSet | None = None
    """What this neighbor sends; unset: exactly the networks of its circuit or connection."""
    local_preference: int | None = Field(None, ge=0, le=4294967295)
    """What every route from this neighbor must carry; unset: as the customer or the defaults say for the role, and not
    judged on Microsoft peering and internal sessions."""
    hold_time: Seconds | None = None
    keepalive: Seconds | None = None
    minimum_age: Duration | None = None
    soft_reconfiguration: bool | None = None
    prepends: int | None = Field(0, ge=0)
    """How often the neighbor repeats its AS in front of the paths that it sends; null: not judged. No internal session
    has it: within an AS nothing is added to a path."""
    announce_prepends: Annotated[int, Field(ge=0, le=50)] | Literal["any"] | None = None
    """How often this router prepends to the AS paths of what it sends to this neighbor; `any`: not judged.

    Unset: not at all on the preferred path, where that would draw the return traffic elsewhere, and not judged on paths
    that the intent prefers less. No internal session has it.
    """
    announce_communities: tuple[Community, ...] = ()
    """Communities that the routes sent to this neighbor must carry."""
    inbound_changes: tuple[Attribute, ...] = ("local-preference",)
    """Attributes of the neighbor's routes that this router's inbound policy may change."""
    bfd: Bfd | None = None
    """BFD beside this session; unset: as the circuit or the defaults say for ExpressRoute, and none for others."""
    policy: Policy = Policy()


class Traffic(Strict):
    """What a path is expected to carry at any time, beside what BGP and BFD send by themselves."""

    packets_per_second: int = Field(10, ge=1)
    """In each direction, on average between two samples. BFD alone sends about 3 at intervals of 300 ms."""
    interval: Duration = duration("10s")
    """Least time between the samples."""


def _ipv4_of_path(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str) and ":" in value:
        raise ValueError(f"{value!r} is an IPv6 address; write it under `ipv6` of this path")
    return value


class Ipv6Peering(SessionSettings):
    """IPv6 on a path of a circuit: a BGP session of its own on the same sub-interface. A bare subnet stands for
    `subnet` alone.

    What is said of the path's session holds for this one as well, unless it is said here; names of a `policy` and
    communities hold only where they stand.
    """

    subnet: SubnetIpv6 | None = None
    """The peering's /126: the router has its first usable address, the MSEE its second."""
    address: IPv6Interface | None = None
    """The router's address where it does not follow from `subnet`."""
    neighbor: IPv6Address | None = None
    """The MSEE's address where it does not follow from `subnet`."""
    accepts: int | None = Field(None, ge=1)
    """Prefixes that the MSEE accepts of this session before it closes it; unset: 100, and 200 on Microsoft peering."""

    @model_validator(mode="before")
    @classmethod
    def _bare_subnet(cls, value: Any) -> Any:  # noqa: ANN401
        return {"subnet": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _knows_its_ends(self) -> Self:
        if self.subnet is None and (self.address is None or self.neighbor is None):
            raise ValueError("say `subnet`, or both `address` and `neighbor`")
        if self.subnet is not None and self.subnet.prefixlen != 126:
            raise ValueError(f"an IPv6 peering's subnet is a /126, not {self.subnet}")
        return self


class ExpressRouteAttachment(SessionSettings):
    """A customer's sub-interface and BGP sessions on one path of a circuit."""

    circuit: Name
    path: Literal["primary", "secondary"]
    router: Name | None = None
    """Unset: the router that the circuit names for this path."""
    interface: InterfaceName
    vlans: tuple[Vlan, ...] = Field((), max_length=2)
    """Outer and inner tag (QinQ), or one tag."""
    subnet: Subnet | None = None
    """The peering's /30 or /31: the router has its first usable address, the MSEE its second."""
    address: Annotated[IPv4Interface | None, BeforeValidator(_ipv4_of_path)] = None
    """The router's address where it does not follow from `subnet`."""
    neighbor: Annotated[IPv4Address | None, BeforeValidator(_ipv4_of_path)] = None
    """The MSEE's address where it does not follow from `subnet`."""
    mac: MacAddress | None = None
    """The MSEE's hardware address on this path, in any spelling; unset: not judged."""
    traffic: Traffic | None = None
    """Packets that must pass in both directions; unset: the path may be idle."""
    ipv6: Ipv6Peering | None = None
    """IPv6 on this path; a path may have it alone."""

    @model_validator(mode="after")
    def _knows_its_ends(self) -> Self:
        if not self.has_ipv4 and self.ipv6 is None:
            raise ValueError("say `subnet`, or both `address` and `neighbor`; or `ipv6` for a path without IPv4")
        if self.subnet is None and (self.address is None) != (self.neighbor is None):
            raise ValueError("say `subnet`, or both `address` and `neighbor`")
        if self.subnet is not None and self.subnet.prefixlen not in (30, 31):
            raise ValueError(f"a peering's subnet is a /30 (or /31), not {self.subnet}")
        return self

    @property
    def has_ipv4(self) -> bool:
        """Whether the path has an IPv4 session."""
        return self.subnet is not None or (self.address is not None and self.neighbor is not None)


class VpnAttachment(SessionSettings):
    """One tunnel of a connection, with the BGP session inside it."""

    connection: Name
    router: Name
    tunnel: InterfaceName
    address: IPv4Interface | None = None
    """The tunnel interface's address; a link-local (APIPA) one is fine."""
    bgp_address: IPv4Address | None = None
    """The router's end of the BGP session, where that runs from a loopback (`update-source`); unset: `address`."""
    neighbor: IPv4Address
    """The gateway's BGP address, possibly link-local (APIPA)."""
    peer: IPv4Address
    """Public address of the gateway's instance: the tunnel's destination."""
    source: InterfaceName | None = None
    """The tunnel's source interface."""
    local: IPv4Address | None = None
    """The address that the tunnel is sourced from."""
    public: IPv4Address | None = None
    """The address that Azure sees, where a NAT stands in front of the router; IKE then runs over UDP 4500."""
    front_vrf: Name | None = None
    """The VRF of the outer packets, where it is not the global table."""
    protection: str | None = None
    """Name of the IPsec profile on the tunnel."""
    ike: IkePolicy | None = None
    ipsec: IpsecPolicy | None = None


class InternalSession(SessionSettings):
    """An iBGP session between two edge routers of the site, inside the customer's VRF."""

    routers: tuple[Name, Name]
    addresses: tuple[IPv4Address, IPv4Address] | tuple[IPv6Address, IPv6Address]
    """The two ends, in the order of `routers`; IPv6 has a session of its own."""
    interfaces: tuple[InterfaceName, InterfaceName] | None = None
    """The interfaces that have these addresses, in the order of `routers`; unset: not judged, and a link that is down
    shows by the session alone, when its hold time has passed."""


class Prober(Strict):
    """An interface of a router from which reachability is tried."""

    router: Name
    source: InterfaceName
    """An interface in the customer's VRF. Its address must be one that the site announces: a path's own subnet is not
    known to Azure's networks, so nothing would come back."""


class LossBound(Strict):
    """The share of packets that may be lost, and how many are sent to tell it."""

    percent: float = Field(1.0, ge=0, lt=100)
    """What is above it is a finding."""
    probes: int = Field(100, ge=100, le=400)
    """Echo requests of one probe: fewer than a hundred tell nothing of a few percent. Each lost one takes a second."""


class Reach(Strict):
    """What this site must reach, or must not."""

    to: Name
    """The network or site that the target belongs to."""
    target: IPv4Address | IPv6Address
    """A host there that answers echo requests; for a forbidden pair, one that would if it were reached."""
    reachable: bool = True
    """False: the routers must have no route to it, and it must not answer."""
    through: tuple[IPv4Address | IPv6Address, ...] = ()
    """One of these must be among the hops: the marker of the path that traffic should take."""
    avoids: tuple[IPv4Address | IPv6Address, ...] = ()
    """None of these may be among the hops."""
    sizes: tuple[Annotated[int, Field(ge=36, le=18024)], ...] = ()
    """Sizes of whole packets in bytes that must pass unfragmented; of IPv4 alone, as a router fragments the IPv6
    packets that it sends, and no option forbids it."""
    rtt_ms: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]] | None = None
    """The least and the most milliseconds that an answer takes over the declared path; unset: not judged."""
    loss: LossBound | None = None
    """How many packets may be lost on the way, there and back; unset: a few are not judged."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.reachable and (self.through or self.avoids or self.sizes or self.rtt_ms or self.loss):
            raise ValueError("what must not be reached has no path, packet sizes, round-trip time and loss")
        if self.rtt_ms is not None and self.rtt_ms[0] > self.rtt_ms[1]:
            raise ValueError("`rtt_ms` names the least first, then the most, such as [1, 10]")
        if self.sizes and self.target.version == 6:
            raise ValueError("a router fragments IPv6 packets that it sends itself, so `sizes` prove nothing there")
        other = next((each for each in (*self.through, *self.avoids) if each.version != self.target.version), None)
        if other is not None:
            raise ValueError(f"{other} is no hop on a path to {self.target}, which is of the other address family")
        return self


class CustomerSite(Strict):
    """A customer at a site."""

    prefixes: PrefixSet
    """What the site owns and announces."""
    lan: tuple[LanAttachment, ...] = ()
    lan_exit: tuple[Name, ...] = ()
    """The routers that the LAN must prefer on its way to Azure, all equally, by what they tell it over OSPF; none: not
    judged."""
    expressroute: tuple[ExpressRouteAttachment, ...] = ()
    vpn: tuple[VpnAttachment, ...] = ()
    internal: tuple[InternalSession, ...] = ()
    prefer: tuple[PathRole, ...] | None = None
    backup: tuple[Name, ...] | None = None
    """Networks that must survive the loss of the preferred role; unset: all that both roles reach."""
    probers: tuple[Prober, ...] = ()
    """From where `reachability` is tried; each of them tries all of it."""
    reachability: tuple[Reach, ...] = ()
    """Who must be reached from this site, and who must not."""

    @model_validator(mode="after")
    def _is_connected(self) -> Self:
        if not self.expressroute and not self.vpn:
            raise ValueError("neither `expressroute` nor `vpn`: nothing connects this site to Azure")
        speaking = {each.router for each in self.lan if each.ospf is not None}
        for router in self.lan_exit:
            if router not in speaking:
                raise ValueError(
                    f"`lan_exit` names {router}, which has no `lan` here with `ospf`: nothing tells its metric"
                )
        if self.reachability and not self.probers:
            raise ValueError("`reachability` needs `probers`: the interfaces from which it is tried")
        if self.probers and not self.reachability:
            raise ValueError(
                "`probers` try what `reachability` declares, and it declares nothing; add it or remove them"
            )
        return self


class Customer(Strict):
    """A customer: one VRF on every router that serves it."""

    vrf: Name | None
    """VRF name; null: the global table."""
    route_distinguisher: Annotated[str | None, BeforeValidator(lambda v: v if v is None else str(v))] = None
    networks: dict[Name, Network] = {}
    """This customer's own networks; a name here hides the same name above."""
    shared: tuple[Prefix, ...] = ()
    """Prefixes that more than one of its sites own: anycast, a stretched LAN, an aggregate and a part of it elsewhere.
    Without it two sites must not overlap."""
    local_preference: LocalPreference | None = None
    sites: dict[Name, CustomerSite] = Field(min_length=1)


class Router(Strict):
    """What is known of a router beyond its login."""

    hostname: str | None = None
    """Unset: the Nornir host's name."""
    serial: str | None = None
    """Proof of being on the right box; unset: not judged."""
    ntp: Ntp | None = None
    """Unset: as `defaults.ntp`."""
    archive: Archive | None = None
    """Unset: as `defaults.archive`."""
    software: Software | None = None
    """Unset: as `defaults.software`."""


class Waiver(Strict):
    """A known finding that is accepted until a date. It covers findings, never an undetermined fact."""

    rule: str
    object: str
    """The object that the finding names; `*` stands for any run of characters."""
    reason: str = Field(min_length=5)
    expires: Day


class Lint(Strict):
    """Which findings about the configuration as a whole fail a check.

    A graver or equal finding fails; any other is told in the terminal and in JUnit, and fails nothing.
    """

    fail_at: Literal["critical", "high", "medium", "low", "info"] = "high"
    """The least severity that fails a check."""
    ignore: tuple[str, ...] = ()
    """Lint rules that do not count here; `*` stands for any run of characters. Their findings are only counted."""


class Intent(Strict):
    """The whole of `interop.yaml` and `interop.d/*.yaml`."""

    version: Literal[1] = 1
    defaults: Defaults = Defaults()
    networks: dict[Name, Network] = {}
    """Azure networks and the prefixes that they own."""
    circuits: dict[Name, Circuit] = {}
    connections: dict[Name, Connection] = {}
    azure: Azure | None = None
    """Azure's side; unset: it is not asked, and the checks of it say so."""
    sites: dict[Name, Site] = {}
    routers: dict[Name, Router] = {}
    customers: dict[Name, Customer] = {}
    drills: dict[Name, Drill] = {}
    """Failovers that are brought about on purpose."""
    waivers: tuple[Waiver, ...] = ()
    lint: Lint = Lint()

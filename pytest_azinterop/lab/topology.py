"""The topology file of a network directory: which routers there are, what they are wired to, and what Azure holds.

``topology.yaml`` has four sections. ``routers`` names running-config files and hardware. ``links`` joins ends
(``router`` with ``interface``, or ``far_end``); ``tags`` are the VLAN tags that the provider delivers, outer first;
without them every tag passes. ``far_ends`` are speakers without a command line: ``msee``, ``vpn-gateway``, ``lan`` (an
OSPF switch with the site's hosts), ``transit`` (the Internet) and ``host``. ``vnets`` are networks with hosts behind
gateways. A far end's ``nat`` translates what passes it, address by address (``inside``, ``outside``). One with ``time``
answers NTP on its own addresses; ``out_of_band: true``: routers reach it by a network that the file leaves out.
``given`` of a router are routes of protocols that are not modelled.
``certificates`` of a router (by ``trustpoint``) or a gateway: ``subject``, ``issuer``, ``not_before``, ``not_after``.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Interface, ip_address, ip_interface, ip_network
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from pytest_azinterop.lab.certificates import Certificate
from pytest_azinterop.lab.clock import duration
from pytest_azinterop.lab.config.communities import community, ordered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_azinterop.lab.config.addresses import IpAddress, IpInterface, IpNetwork


KINDS = ("msee", "vpn-gateway", "lan", "transit", "host")
"""Of far ends."""


READ_ONLY, DRILL = "read-only", "drill"
ROLES = (READ_ONLY, DRILL)


class TopologyError(ValueError):
    """A topology file that cannot be used; the message names file and key."""


@dataclass(frozen=True, slots=True)
class GivenRoute:
    """A route that a protocol which the lab does not speak would have brought, while its interface is up."""

    protocol: str
    process: int
    prefix: IPv4Network
    distance: int
    metric: int
    gateway: IPv4Address
    interface: str
    vrf: str | None = None


@dataclass(frozen=True, slots=True)
class RouterSpec:
    """One simulated router. ``uptime`` in seconds at the start of the lab."""

    name: str
    config: Path
    model: str
    version: str
    serial: str
    uptime: float
    certificates: tuple[Certificate, ...] = ()
    given: tuple[GivenRoute, ...] = ()
    """Routes of protocols that the lab does not speak."""


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """``interface`` is the port of a router, or the link's own name at a far end."""

    node: str
    interface: str


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """``tags`` None passes any tag through. ``mtu`` bounds the IP packet."""

    name: str
    ends: tuple[LinkEnd, ...]
    tags: tuple[int, ...] | None
    delay_ms: float
    mtu: int
    circuit: str | None


@dataclass(frozen=True, slots=True)
class IkeSpec:
    """What a gateway offers and accepts, in its order of preference."""

    encryption: tuple[str, ...] = ("aes-cbc-256", "aes-cbc-128", "3des")
    integrity: tuple[str, ...] = ("sha1", "sha256")
    groups: tuple[int, ...] = (2,)
    transforms: tuple[tuple[str, ...], ...] = (
        ("esp-gcm", "256"),
        ("esp-aes", "256", "esp-sha-hmac"),
        ("esp-3des", "esp-sha-hmac"),
        ("esp-aes", "256", "esp-sha256-hmac"),
        ("esp-aes", "esp-sha-hmac"),
    )
    pfs: str | None = None
    ike_lifetime: int = 28800
    sa_lifetime: int = 27000


@dataclass(frozen=True, slots=True)
class TunnelSpec:
    """A VPN gateway's connection. ``routes`` are its static prefixes (the local network gateway's)."""

    name: str
    peer: IPv4Address
    key: str = field(repr=False)
    routes: tuple[IPv4Network, ...] = ()
    peer_id: str | None = None
    dpd: int = 45
    auth: str = "pre-share"
    """Or ``rsa-sig``: with the gateway's certificates."""
    ike: IkeSpec | None = None
    """This connection's own policy in place of the gateway's."""


@dataclass(frozen=True, slots=True)
class NeighborSpec:
    """A far end's BGP neighbor. ``local`` is the address that it is spoken to from."""

    address: IpAddress
    remote_as: int
    multihop: int | None = None
    local: str | None = None
    maximum_prefix: int | None = None
    """More than that, and the session ends."""
    weight: int = 0
    """Routes from the neighbor with the greater weight are preferred, whatever else they say."""


@dataclass(frozen=True, slots=True)
class BfdSpec:
    """The BFD of a far end, in milliseconds. Azure's is 300 ms three times, without the echo function."""

    interval: int = 300
    min_rx: int = 300
    multiplier: int = 3
    echo: bool = False


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """What a time server tells of itself. ``offset`` is by how many seconds its clock is ahead."""

    stratum: int = 1
    reference: str = ".GPS."
    offset: float = 0.0
    out_of_band: bool = False


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A Linux host: ``behind`` a far end of kind ``lan``, or in a ``vnet``."""

    name: str
    address: IPv4Address
    behind: str | None = None
    vnet: str | None = None
    gateway: IPv4Address | None = None
    """The first hop that it sees; None where that is silent."""


@dataclass(frozen=True, slots=True)
class FarEndSpec:
    """One speaker without a command line."""

    name: str
    kind: str
    asn: int | None = None
    router_id: IPv4Address | None = None
    interfaces: dict[str, IPv4Interface] = field(default_factory=dict)
    """IPv4 address by link."""
    interfaces6: dict[str, IPv6Interface] = field(default_factory=dict)
    """IPv6 address by link."""
    addresses: dict[str, IPv4Address] = field(default_factory=dict)
    """Loopbacks by name: a gateway's ``bgp`` address lies inside its VNet."""
    neighbors: tuple[NeighborSpec, ...] = ()
    vnets: tuple[str, ...] = ()
    statics: tuple[tuple[IpNetwork, str], ...] = ()
    """Prefix, and the link or gateway address that it is reached by."""
    networks: tuple[IpNetwork, ...] = ()
    hosts: frozenset[IpAddress] = frozenset()
    tunnels: tuple[TunnelSpec, ...] = ()
    ike: IkeSpec = IkeSpec()
    public: str | None = None
    """Link whose address is the outer end of the tunnels."""
    ospf_area: str | None = None
    ospf_network: str | None = None
    """``point-to-point`` or ``broadcast``; None suits whatever the router has."""
    nat: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    """Static translations of what passes: inside and outside address."""
    bfd: BfdSpec | None = None
    """On all its interfaces and for all its single-hop neighbors; None is off."""
    communities: tuple[str, ...] = ()
    """On everything that it originates, besides those of the VNets."""
    time: TimeSpec | None = None
    """None does not answer NTP."""
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class VnetSpec:
    """A virtual network and the hosts in it that answer."""

    name: str
    prefixes: tuple[IpNetwork, ...]
    hosts: frozenset[IpAddress]
    communities: tuple[str, ...] = ()
    """What an MSEE attaches to its routes, as ``12076:51004`` for a VNet in East US."""


@dataclass(frozen=True, slots=True)
class Topology:
    """A whole network directory, configurations unread."""

    directory: Path
    routers: dict[str, RouterSpec]
    links: dict[str, LinkSpec]
    far_ends: dict[str, FarEndSpec]
    vnets: dict[str, VnetSpec]
    start: datetime | None
    age: float
    """Seconds that the network has been up when the lab starts."""
    hosts: dict[str, HostSpec] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """Users of the routers by name: ``read-only`` may look and change nothing, ``drill`` is for failover drills."""


def load_topology(directory: Path) -> Topology:
    """Read ``topology.yaml``. Raises TopologyError."""
    path = directory / "topology.yaml"
    if not path.is_file():
        raise TopologyError(f"{directory}: no topology.yaml")
    data = copy.deepcopy(_document(path.read_text()))
    if not isinstance(data, dict):
        raise TopologyError(f"{path}: not a mapping")
    unknown = set(data) - {"start", "age", "routers", "links", "far_ends", "vnets", "description", "accounts", "hosts"}
    if unknown:
        raise TopologyError(f"{path}: unknown key {min(unknown)!r}")
    try:
        return _topology(directory, data)
    except TopologyError as error:
        raise TopologyError(f"{path}: {error}") from None
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TopologyError(f"{path}: {type(error).__name__}: {error}") from None


@lru_cache(maxsize=8)
def _document(text: str) -> Any:  # noqa: ANN401 (whatever the YAML holds)
    """What the text says; a lab reads it more than once, and who starts many networks the same one each time."""
    return YAML(typ="safe").load(text)


def _topology(directory: Path, data: dict[str, Any]) -> Topology:
    start = data.get("start")
    if isinstance(start, str):
        start = datetime.fromisoformat(start)
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    topology = Topology(
        directory=directory,
        routers={name: _router(directory, name, spec) for name, spec in data["routers"].items()},
        links={name: _link(name, spec) for name, spec in (data.get("links") or {}).items()},
        far_ends={name: _far_end(name, spec) for name, spec in (data.get("far_ends") or {}).items()},
        vnets={name: _vnet(name, spec) for name, spec in (data.get("vnets") or {}).items()},
        start=start,
        age=duration(data.get("age", "9d")),
        hosts={name: _host(name, spec) for name, spec in (data.get("hosts") or {}).items()},
        accounts=dict(data.get("accounts") or {}),
    )
    _check(topology)
    return topology


def _check(topology: Topology) -> None:
    _check_people(topology)
    nodes = set(topology.routers) | set(topology.far_ends)
    for link in topology.links.values():
        for end in link.ends:
            if end.node not in nodes:
                raise TopologyError(f"links.{link.name}: no router or far end named {end.node!r}")
    for far_end in topology.far_ends.values():
        for name in far_end.vnets:
            if name not in topology.vnets:
                raise TopologyError(f"far_ends.{far_end.name}.vnets: no vnet named {name!r}")
        for name in (*far_end.interfaces, *far_end.interfaces6):
            if name not in topology.links:
                raise TopologyError(f"far_ends.{far_end.name}.interfaces: no link named {name!r}")


def _check_people(topology: Topology) -> None:
    """Users and their hosts."""
    for name, role in topology.accounts.items():
        if role not in ROLES:
            raise TopologyError(f"accounts.{name}: {role!r} is none of {', '.join(ROLES)}")
    for host in topology.hosts.values():
        if (host.behind in topology.far_ends) is (host.vnet in topology.vnets):
            raise TopologyError(f"hosts.{host.name}: needs behind (a far end) or vnet")


def _host(name: str, spec: dict[str, Any]) -> HostSpec:
    _known(f"hosts.{name}", spec, "address", "behind", "vnet", "gateway")
    gateway = spec.get("gateway")
    return HostSpec(
        name, IPv4Address(spec["address"]), spec.get("behind"), spec.get("vnet"),
        None if gateway is None else IPv4Address(gateway),
    )  # fmt: skip


def _router(directory: Path, name: str, spec: dict[str, Any]) -> RouterSpec:
    _known(f"routers.{name}", spec, "config", "model", "version", "serial", "uptime", "certificates", "given")
    return RouterSpec(
        name=name,
        config=directory / spec.get("config", f"{name}.cfg"),
        model=spec.get("model", "ASR1001-X"),
        version=str(spec.get("version", "17.9.4a")),
        serial=str(spec.get("serial", "FXS0000Q000")),
        uptime=duration(spec.get("uptime", "10w")),
        certificates=certificates(f"routers.{name}", spec.get("certificates") or ()),
        given=tuple(_given(f"routers.{name}.given", each) for each in spec.get("given") or ()),
    )


def _given(where: str, spec: dict[str, Any]) -> GivenRoute:
    _known(where, spec, "protocol", "process", "prefix", "distance", "metric", "gateway", "interface", "vrf")
    if spec["protocol"] != "eigrp":
        raise TopologyError(f"{where}.protocol: {spec['protocol']!r} is not eigrp")
    return GivenRoute(
        protocol=spec["protocol"],
        process=int(spec["process"]),
        prefix=IPv4Network(spec["prefix"]),
        distance=int(spec.get("distance", 90)),
        metric=int(spec["metric"]),
        gateway=IPv4Address(spec["gateway"]),
        interface=spec["interface"],
        vrf=spec.get("vrf"),
    )


def _known(where: str, spec: dict[str, Any], *names: str) -> None:
    unknown = set(spec) - set(names)
    if unknown:
        raise TopologyError(f"{where}: unknown key {min(unknown)!r}; known: {', '.join(names)}")


def _link(name: str, spec: dict[str, Any]) -> LinkSpec:
    _known(f"links.{name}", spec, "ends", "tags", "delay_ms", "mtu", "circuit")
    ends = tuple(
        LinkEnd(end["router"], end["interface"]) if "router" in end else LinkEnd(end["far_end"], name)
        for end in spec["ends"]
    )
    tags = spec.get("tags")
    return LinkSpec(
        name=name,
        ends=ends,
        tags=None if tags is None else tuple(int(tag) for tag in tags),
        delay_ms=float(spec.get("delay_ms", 0.5)),
        mtu=int(spec.get("mtu", 1500)),
        circuit=spec.get("circuit"),
    )


def _far_end(name: str, spec: dict[str, Any]) -> FarEndSpec:
    where = f"far_ends.{name}"
    _known(
        where, spec, "kind", "asn", "router_id", "interfaces", "addresses", "neighbors", "vnets", "statics", "networks",
        "hosts", "tunnels", "ike", "public", "ospf_area", "ospf_network", "nat", "bfd", "communities", "time",
        "certificates",
    )  # fmt: skip
    if spec["kind"] not in KINDS:
        raise TopologyError(f"{where}.kind: {spec['kind']!r} is none of {', '.join(KINDS)}")
    if spec.get("ospf_network") not in (None, "point-to-point", "broadcast"):
        raise TopologyError(f"{where}.ospf_network: {spec['ospf_network']!r} is neither point-to-point nor broadcast")
    router_id = spec.get("router_id")
    return FarEndSpec(
        name=name,
        kind=spec["kind"],
        asn=spec.get("asn"),
        router_id=None if router_id is None else IPv4Address(router_id),
        interfaces={link: each for link, each in _addresses(spec) if isinstance(each, IPv4Interface)},
        interfaces6={link: each for link, each in _addresses(spec) if isinstance(each, IPv6Interface)},
        addresses={key: IPv4Address(value) for key, value in (spec.get("addresses") or {}).items()},
        neighbors=tuple(_neighbor(where, each) for each in spec.get("neighbors") or ()),
        vnets=tuple(spec.get("vnets") or ()),
        statics=tuple((ip_network(each["prefix"]), str(each["via"])) for each in spec.get("statics") or ()),
        networks=tuple(ip_network(each) for each in spec.get("networks") or ()),
        hosts=frozenset(ip_address(each) for each in spec.get("hosts") or ()),
        tunnels=tuple(_tunnel(where, each) for each in spec.get("tunnels") or ()),
        ike=_ike(where, spec.get("ike") or {}),
        public=spec.get("public"),
        ospf_area=None if spec.get("ospf_area") is None else str(spec["ospf_area"]),
        ospf_network=spec.get("ospf_network"),
        nat=tuple((IPv4Address(each["inside"]), IPv4Address(each["outside"])) for each in spec.get("nat") or ()),
        bfd=bfd_spec(where, spec.get("bfd", False)),
        communities=_communities(where, spec.get("communities") or ()),
        time=None if spec.get("time") is None else _time(where, spec["time"]),
        certificates=certificates(where, spec.get("certificates") or ()),
    )


def certificates(where: str, specs: list[dict[str, Any]] | tuple[()]) -> tuple[Certificate, ...]:
    """Certificates of a router or a far end. Raises TopologyError."""
    try:
        return tuple(Certificate.read(spec) for spec in specs)
    except ValueError as error:
        raise TopologyError(f"{where}.certificates: {error}") from None


def _time(where: str, spec: dict[str, Any]) -> TimeSpec:
    _known(f"{where}.time", spec, "stratum", "reference", "offset", "out_of_band")
    stratum = int(spec.get("stratum", 1))
    if not 1 <= stratum <= 16:
        raise TopologyError(f"{where}.time.stratum: {stratum} is not from 1 to 16")
    return TimeSpec(
        stratum=stratum,
        reference=str(spec.get("reference", ".GPS." if stratum == 1 else "198.51.100.123")),
        offset=float(spec.get("offset", 0)),
        out_of_band=bool(spec.get("out_of_band", False)),
    )


def _addresses(spec: dict[str, Any]) -> list[tuple[str, IpInterface]]:
    """Each link with its address, or with one of each version in a list."""
    found: list[tuple[str, IpInterface]] = []
    for link, value in (spec.get("interfaces") or {}).items():
        values = value if isinstance(value, list) else [value]
        found += [(link, ip_interface(each)) for each in values]
    return found


def bfd_spec(where: str, value: object) -> BfdSpec | None:
    """``true`` (the usual values), ``false`` or a mapping. Raises TopologyError."""
    if isinstance(value, bool):
        return BfdSpec() if value else None
    if not isinstance(value, dict):
        raise TopologyError(f"{where}.bfd: {value!r} is neither true, false nor a mapping")
    _known(f"{where}.bfd", value, "interval", "min_rx", "multiplier", "echo")
    return BfdSpec(**value)


def _communities(where: str, values: Sequence[str]) -> tuple[str, ...]:
    found = [community(str(value)) for value in values]
    if None in found:
        raise TopologyError(f"{where}.communities: {values[found.index(None)]!r} is not a community")
    return ordered(tuple(each for each in found if each is not None))


def _neighbor(where: str, spec: dict[str, Any]) -> NeighborSpec:
    _known(f"{where}.neighbors", spec, "address", "remote_as", "multihop", "local", "maximum_prefix")
    return NeighborSpec(
        ip_address(spec["address"]), int(spec["remote_as"]), spec.get("multihop"), spec.get("local"),
        spec.get("maximum_prefix"),
    )  # fmt: skip


def _tunnel(where: str, spec: dict[str, Any]) -> TunnelSpec:
    _known(f"{where}.tunnels", spec, "name", "peer", "key", "routes", "peer_id", "dpd", "ike", "auth")
    return TunnelSpec(
        name=spec["name"],
        peer=IPv4Address(spec["peer"]),
        key=str(spec.get("key", "")) if spec.get("auth") == "rsa-sig" else str(spec["key"]),
        routes=tuple(IPv4Network(each) for each in spec.get("routes") or ()),
        peer_id=spec.get("peer_id"),
        dpd=int(spec.get("dpd", 45)),
        ike=_ike(f"{where}.tunnels", spec["ike"]) if "ike" in spec else None,
        auth=_auth(f"{where}.tunnels", spec.get("auth", "pre-share")),
    )


def _auth(where: str, value: str) -> str:
    if value not in ("pre-share", "rsa-sig"):
        raise TopologyError(f"{where}.auth: {value!r} is neither pre-share nor rsa-sig")
    return value


def _ike(where: str, spec: dict[str, Any]) -> IkeSpec:
    names = ("encryption", "integrity", "groups", "transforms", "pfs", "ike_lifetime", "sa_lifetime")
    _known(f"{where}.ike", spec, *names)
    default = IkeSpec()
    transforms = spec.get("transforms")
    return IkeSpec(
        encryption=tuple(spec.get("encryption", default.encryption)),
        integrity=tuple(spec.get("integrity", default.integrity)),
        groups=tuple(int(each) for each in spec.get("groups", default.groups)),
        transforms=default.transforms if transforms is None else tuple(tuple(each.split()) for each in transforms),
        pfs=spec.get("pfs"),
        ike_lifetime=int(spec.get("ike_lifetime", default.ike_lifetime)),
        sa_lifetime=int(spec.get("sa_lifetime", default.sa_lifetime)),
    )


def _vnet(name: str, spec: dict[str, Any]) -> VnetSpec:
    _known(f"vnets.{name}", spec, "prefixes", "hosts", "communities")
    return VnetSpec(
        name,
        tuple(ip_network(each) for each in spec["prefixes"]),
        frozenset(ip_address(each) for each in spec.get("hosts") or ()),
        _communities(f"vnets.{name}", spec.get("communities") or ()),
    )

"""What one router says about its paths to Azure: sessions with what carries them, tunnels, and a guess at each role.

Pure. Roles are guesses and carry the evidence: Microsoft's ASN, IPsec on the tunnel, the router's own ASN.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.contact.tables import MICROSOFT, Known
from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.subject_facts import of_family

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.intent.models import Role
    from pytest_azinterop.state.adjacency import BfdNeighbor
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.config import InterfaceConfig
    from pytest_azinterop.state.crypto import Ikev2Sa, IpsecIdentity
    from pytest_azinterop.state.device import DeviceFacts, Interface

    Prefixes = tuple[IPv4Network | IPv6Network, ...]

GATEWAY = 65515  # default ASN of a VPN gateway: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview
DEFAULT_LOCAL_PREFERENCE = 100
_OF_MICROSOFT = ("expressroute", "microsoft")
_PRIVATE = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A BGP neighbor. `role` None: nothing says what it is for; `why` is the evidence for the role.

    `advertised`, `before_policy` (where the router keeps it) and `accepted` are None where they were not read.
    `interface` carries the session, None: not known. `default_local_preference` is what a blank value means. `bfd`
    None: no BFD session with the neighbor is known. `own_address` is the router's in the neighbor's subnet.
    """

    router: str
    vrf: str | None
    neighbor: BgpNeighbor
    role: Role | None
    why: str
    interface: Interface | None
    local_address: IPv4Address | IPv6Address | None
    advertised: NeighborRoutes | None
    before_policy: NeighborRoutes | None
    accepted: NeighborRoutes | None
    default_local_preference: int
    bfd: BfdNeighbor | None = None
    own_address: IPv4Interface | IPv6Interface | None = None

    @property
    def version(self) -> int:
        """The IP version of the session."""
        return self.neighbor.address.version

    @property
    def carrier(self) -> tuple[str, str | None, str | None]:
        """Router, VRF and interface that carry it."""
        return self.router, self.vrf, self.interface.name if self.interface is not None else None

    @property
    def announced(self) -> Prefixes | None:
        """What the neighbor is sent."""
        return _prefixes(self.advertised)

    @property
    def received(self) -> Prefixes | None:
        """What the neighbor sends, as far as the router shows it."""
        return _prefixes(self.before_policy or self.accepted)

    @property
    def local_preferences(self) -> tuple[int, ...] | None:
        """The values that accepted routes carry."""
        if self.accepted is None:
            return None
        given = (path.local_preference for path in self.accepted.paths)
        return tuple(sorted({self.default_local_preference if value is None else value for value in given}))


@dataclass(frozen=True, slots=True)
class SeenTunnel:
    """A tunnel with IPsec protection, its section of the configuration, and its SAs; None or empty: not known."""

    interface: Interface
    vrf: str | None
    config: InterfaceConfig | None
    ike: Ikev2Sa | None
    ipsec: tuple[IpsecIdentity, ...]

    @property
    def front_vrf(self) -> str | None:
        """The VRF of the encrypted packets."""
        told = self.interface.tunnel.path_vrf if self.interface.tunnel is not None else None
        return told or (self.config.tunnel_vrf if self.config else None) or (self.ike.front_vrf if self.ike else None)


@dataclass(frozen=True, slots=True)
class SeenRouter:
    """A router. `asn` None: it runs no BGP, or its ASN is not known; `known` holds every answer."""

    name: str
    device: DeviceFacts | None
    asn: int | None
    sessions: tuple[SeenSession, ...]
    tunnels: tuple[SeenTunnel, ...]
    known: Known

    def tunnel(self, interface: str) -> SeenTunnel | None:
        """The protected tunnel of this name."""
        return next((tunnel for tunnel in self.tunnels if tunnel.interface.name == interface), None)

    def has_address(self, vrf: str | None, address: IPv4Address | IPv6Address) -> bool:
        """Whether an interface of this VRF has this address."""
        return self.interface_with(vrf, address) is not None

    def interface_with(self, vrf: str | None, address: IPv4Address | IPv6Address) -> str | None:
        """The interface of this VRF that has this address; None: there is none."""
        for each in self.known.interfaces:
            if address in (own.ip for own in self.known.addresses(each)) and self.known.vrf_of(each.name) == vrf:
                return each.name
        return None


def router(host: str, facts: Facts) -> SeenRouter:
    """Everything that a router's answers say."""
    known = Known(host, facts)
    tables = known.bgp_tables()
    asn = _asn(known, tables)
    tunnels = tuple(_tunnel(known, interface) for interface in known.protected_tunnels())
    names = {tunnel.interface.name for tunnel in tunnels}
    sessions = [_session(known, vrf, neighbor, names) for vrf in tables for neighbor in known.neighbors(vrf)]
    told = tuple(_as_beside(session, sessions) for session in sessions)
    return SeenRouter(host, known.first("version"), asn, told, tunnels, known)


def _as_beside(session: SeenSession, others: Sequence[SeenSession]) -> SeenSession:
    """An IPv6 session has the role of the IPv4 one on its interface: both belong to one peering, whose IPv6 addresses
    may be public ones in either kind."""
    if session.version == 4 or session.interface is None or session.role not in _OF_MICROSOFT:
        return session
    ipv4 = (each for each in others if each.version == 4 and each.role in _OF_MICROSOFT)
    beside = next((each for each in ipv4 if each.carrier == session.carrier), None)
    return session if beside is None else replace(session, role=beside.role, why=beside.why)


def _asn(known: Known, tables: Sequence[str | None]) -> int | None:
    if known.config is not None and known.config.bgp is not None:
        return known.config.bgp.asn
    told = (known.first("bgp_summary", vrf=vrf) for vrf in tables)
    return next((summary.local_as for summary in told if summary is not None and summary.local_as is not None), None)


def _tunnel(known: Known, interface: Interface) -> SeenTunnel:
    config = (
        next((each for each in known.config.interfaces if each.name == interface.name), None) if known.config else None
    )
    peer = interface.tunnel.destination if interface.tunnel is not None else None
    sas: Sequence[Ikev2Sa] = known.records("ikev2_sas") or ()
    ready = sorted((sa for sa in sas if sa.remote_address == peer), key=lambda sa: not sa.is_ready)
    return SeenTunnel(
        interface=interface,
        vrf=known.vrf_of(interface.name),
        config=config,
        ike=next(iter(ready), None),
        ipsec=tuple(known.records("ipsec_sas", interface=interface.name) or ()),
    )


def _session(known: Known, vrf: str | None, neighbor: BgpNeighbor, tunnels: set[str]) -> SeenSession:
    interface = _interface(known, vrf, neighbor)
    address = str(neighbor.address)
    configured = known.config.bgp.default_local_preference if known.config and known.config.bgp else None
    version = neighbor.address.version
    advertised, before_policy, accepted = (
        known.first(of_family(f"{view}_routes", version), vrf=vrf, address=address)
        for view in ("advertised", "received", "accepted")
    )
    own = known.own_address(interface, neighbor.address) if interface is not None else None
    nearest = interface.address if own is None and interface is not None and version == 4 else own
    detections: Sequence[BfdNeighbor] = known.records("bfd_neighbors", vrf=vrf) or ()
    role, why = _role(neighbor, interface, tunnels, before_policy or accepted)
    return SeenSession(
        router=known.host,
        vrf=vrf,
        neighbor=neighbor,
        role=role,
        why=why,
        interface=interface,
        local_address=neighbor.local_address or (nearest.ip if nearest is not None else None),
        advertised=advertised,
        before_policy=before_policy,
        accepted=accepted,
        default_local_preference=DEFAULT_LOCAL_PREFERENCE if configured is None else configured,
        own_address=own,
        bfd=next((each for each in detections if each.neighbor == neighbor.address), None),
    )


def _interface(known: Known, vrf: str | None, neighbor: BgpNeighbor) -> Interface | None:
    """The interface whose subnet holds the neighbor, else the one that packets to it leave by, else its source."""
    for each in known.interfaces:
        if known.own_address(each, neighbor.address) is not None and known.vrf_of(each.name) == vrf:
            return each
    decision = known.first("forwarding", vrf=vrf, address=str(neighbor.address))
    names = [hop.interface for hop in decision.next_hops] if decision is not None else []
    names.append(_update_source(known, vrf, neighbor))
    return next((each for each in known.interfaces if each.name in names), None)


def _update_source(known: Known, vrf: str | None, neighbor: BgpNeighbor) -> str | None:
    bgp = known.config.bgp if known.config is not None else None
    configured = (each for each in bgp.neighbors if (each.vrf, each.address) == (vrf, neighbor.address)) if bgp else ()
    return neighbor.update_source or next((each.update_source for each in configured), None)


def _role(
    neighbor: BgpNeighbor, interface: Interface | None, tunnels: set[str], received: NeighborRoutes | None
) -> tuple[Role | None, str]:
    if not neighbor.external:
        return "internal", f"the same AS ({neighbor.remote_as})"
    if interface is not None and interface.name in tunnels:
        ours = "the default of Azure's gateways" if neighbor.remote_as == GATEWAY else "not the default of a gateway"
        return "vpn", f"{interface.name} has IPsec protection; AS {neighbor.remote_as} is {ours}"
    if neighbor.remote_as == MICROSOFT:
        return _of_microsoft(neighbor, received)
    return None, f"AS {neighbor.remote_as} without an IPsec tunnel says nothing about its role"


def _of_microsoft(neighbor: BgpNeighbor, received: NeighborRoutes | None) -> tuple[Role, str]:
    """Microsoft peering has public addresses at both ends and carries public prefixes; private peering may have both
    kinds of address, and carries what the virtual networks have."""
    prefixes = _prefixes(received) or ()
    own_kind = any(_is_private(prefix) for prefix in prefixes)
    if not _is_private(neighbor.address) and not own_kind:
        said = "and no prefix that it sends is private" if prefixes else "and nothing came over it"
        return "microsoft", f"AS {MICROSOFT} is Microsoft's, {neighbor.address} is a public address, {said}"
    return "expressroute", f"AS {MICROSOFT} is Microsoft's"


def _is_private(place: IPv4Address | IPv6Address | IPv4Network | IPv6Network) -> bool:
    """Private or shared address space, or link-local."""
    own = ip_network(place)
    return any(lies_in(own, space) for space in _PRIVATE)


def _prefixes(routes: NeighborRoutes | None) -> Prefixes | None:
    if routes is None:
        return None
    return tuple(sorted(routes.prefixes, key=lambda each: (each.version, int(each.network_address), each.prefixlen)))

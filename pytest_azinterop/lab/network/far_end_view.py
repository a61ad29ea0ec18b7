"""What a far end knows: its neighbors, routes, tunnels and ARP table, as Azure's management plane reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import UNSPECIFIED, network_order
from pytest_azinterop.lab.network.node import hardware, mac_address
from pytest_azinterop.lab.network.port_traffic import IN_BYTES, OUT_BYTES
from pytest_azinterop.lab.network.tunnel_traffic import NOTHING

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.routes import Attributes, Path
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.topology import FarEndSpec

PACKET_BYTES = 110
"""Mean length of a packet in a tunnel, as the routers count it."""


@dataclass(frozen=True, slots=True)
class FarEndRoute:
    """A route in the far end's BGP table, or one that it sent."""

    prefix: IpNetwork
    next_hop: IpAddress
    """0.0.0.0 for what it originates."""
    as_path: AsPath
    peer: IpAddress
    """Whom it came from; 0.0.0.0 for what it originates."""
    best: bool
    communities: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Originated here."""
        return self.peer == UNSPECIFIED


@dataclass(frozen=True, slots=True)
class FarEndPeer:
    """A BGP neighbor. ``up_for`` is None while the session is down, ``received`` and ``sent`` are then empty."""

    address: IpAddress
    remote_as: int
    local_address: IpAddress | None
    state: str
    """As in RFC 4271: ``Idle``, ``Active``, ``Established``…"""
    up_for: float | None
    down_for: float | None
    """Seconds since it was last lost; None when it never stood or stands."""
    received: tuple[FarEndRoute, ...]
    """As accepted: what the far end took into its table."""
    sent: tuple[FarEndRoute, ...]
    messages_sent: int
    messages_received: int


@dataclass(frozen=True, slots=True)
class FarEndTunnel:
    """A tunnel of a VPN gateway. Bytes are counted since the lab's network came up."""

    name: str
    up: bool
    up_since: float | None
    """UTC epoch seconds."""
    ingress_bytes: int
    egress_bytes: int


@dataclass(frozen=True, slots=True)
class FarEndArp:
    """``mac`` None: asked for, not answered. ``age`` in minutes; 0 for an own address."""

    address: IpAddress
    mac: str | None
    age: int
    own: bool


@dataclass(frozen=True, slots=True)
class VnetProbe:
    """What became of a packet from a virtual network: ``delay_ms`` there and back, hops that would have answered."""

    answered: bool
    hops: tuple[IpAddress, ...]
    delay_ms: float


class FarEndView:
    """One far end at the present simulated time."""

    def __init__(self, simulation: Simulation, node: Node, spec: FarEndSpec) -> None:
        self._simulation = simulation
        self._node = node
        self.spec = spec

    def _at(self) -> float:
        self._simulation.settle()
        return self._simulation.now

    @property
    def silent(self) -> bool:
        """Powered on, but it answers nobody."""
        return self._node.silent

    @property
    def prepend(self) -> int:
        """How often it puts its own AS in front besides the usual time."""
        return self._node.prepend

    def own_addresses(self) -> list[IpAddress]:
        """The addresses of its links."""
        return [each.ip for each in self.spec.interfaces.values()]

    def peers(self) -> tuple[FarEndPeer, ...]:
        """The BGP neighbors in the order of their declaration, those of IPv4 first."""
        now = self._at()
        families = [self._node.families.get((None, version)) for version in (4, 6)]
        return tuple(_peer(peer, now) for family in families if family is not None for peer in family.peers.values())

    def routes(self) -> tuple[FarEndRoute, ...]:
        """Every valid path of the IPv4 BGP table, by prefix, the best one first."""
        return self._routes(4)

    def _routes(self, version: int) -> tuple[FarEndRoute, ...]:
        self._at()
        family = self._node.families.get((None, version))
        found: list[FarEndRoute] = []
        for prefix in sorted({} if family is None else family.entries, key=network_order):
            entry = family.entries[prefix] if family is not None else None
            if entry is None:
                continue
            paths = [path for path, valid in zip(entry.paths, entry.valid, strict=True) if valid]
            paths.sort(key=lambda path: path != entry.best)
            found += [_of_path(path, best=path == entry.best) for path in paths]
        return tuple(found)

    def passed_on(self) -> tuple[FarEndRoute, ...]:
        """What it has learned of both families, as Azure's gateways show it: late where Azure takes its time."""
        convergence, now = self._simulation.convergence, self._at()
        if not convergence.active:
            both = (*self._routes(4), *self._routes(6))
            return tuple(route for route in both if route.best and not route.local)
        used = convergence.used(self._node.name, now, shown=True)
        return tuple(_of_path(path, best=True) for path in sorted(used, key=lambda path: network_order(path.prefix)))

    def tunnels(self) -> tuple[FarEndTunnel, ...]:
        """The tunnels in the order of their declaration."""
        now, crypto = self._at(), self._simulation.crypto
        found = []
        for tunnel in self.spec.tunnels:
            key = (self._node.name, f"Tunnel-{tunnel.name}")
            association, traffic = crypto.associations.get(key), crypto.traffic.get(key)
            up = association is not None and association.end(self._node).holds
            since = association.up_at if up and association is not None else None
            counted = NOTHING if traffic is None else traffic.until(now)
            ingress, egress = (int(each) * PACKET_BYTES for each in (counted.decaps, counted.encaps))
            found.append(FarEndTunnel(tunnel.name, up, since, ingress, egress))
        return tuple(found)

    def arp(self, link: str) -> tuple[FarEndArp, ...]:
        """Of the interface on a link: the own address, and every configured neighbor on it."""
        now, node, fabric = self._at(), self._node, self._simulation.fabric
        settings = node.settings.interfaces.get(link)
        if settings is None or settings.address is None:
            return ()
        found: dict[IpAddress, FarEndArp] = {
            settings.address.ip: FarEndArp(settings.address.ip, mac_address(node, link), 0, own=True)
        }
        family = node.families.get((None, 4))
        for address in [] if family is None else family.peers:
            if address in settings.address.network:
                found[address] = FarEndArp(address, None, 0, own=False)
        for other in fabric.segment(node, settings):
            theirs = other.interface.address
            answers = (
                theirs is not None
                and other.node.up(other.interface.name)
                and node.up(link)
                and theirs.ip in settings.address.network
                and other.link.passes(node.name, other.node.name, 60)
                and other.link.passes(other.node.name, node.name, 60)
            )
            if answers and theirs is not None and theirs.ip != settings.address.ip:
                mac = other.link.macs.get(theirs.ip) or hardware(other.node, other.interface)
                found[theirs.ip] = FarEndArp(theirs.ip, mac, int(now // 60 % 60), own=False)
        return tuple(found.values())

    def port_bytes(self, link: str) -> tuple[int, int]:
        """Bytes (in, out) that a link has carried: what is routed over it at both ends, less what the link loses."""
        now, runtime = self._at(), self._node.interfaces.get(link)
        received, sent = (0.0, 0.0) if runtime is None else runtime.count(now)
        return int(received) * OUT_BYTES, int(sent) * IN_BYTES


def _by_network(item: tuple[IpNetwork, object]) -> tuple[int, int, int]:
    return network_order(item[0])


def _peer(peer: Peer, now: float) -> FarEndPeer:
    sent, received = peer.messages(now)
    gone = not peer.up and peer.since is not None
    return FarEndPeer(
        address=peer.settings.address,
        remote_as=peer.settings.remote_as,
        local_address=peer.local_address,
        state=peer.state,
        up_for=None if peer.established_at is None else now - peer.established_at,
        down_for=now - peer.since if gone and peer.since is not None else None,
        received=tuple(
            _of_path(path, best=False)
            for _, path in sorted(peer.accepted.items(), key=_by_network)
            if path is not None and peer.up
        ),
        sent=tuple(
            _sent(prefix, attributes)
            for prefix, (_, attributes) in sorted(peer.sent.items(), key=_by_network)
            if attributes is not None and peer.up
        ),
        messages_sent=sent.total,
        messages_received=received.total,
    )


def _of_path(path: Path, *, best: bool) -> FarEndRoute:
    attributes = path.attributes
    return FarEndRoute(
        path.prefix, attributes.next_hop, attributes.as_path, path.peer, best, tuple(attributes.communities)
    )


def _sent(prefix: IpNetwork, attributes: Attributes) -> FarEndRoute:
    return FarEndRoute(
        prefix, attributes.next_hop, attributes.as_path, UNSPECIFIED, best=True, communities=attributes.communities
    )

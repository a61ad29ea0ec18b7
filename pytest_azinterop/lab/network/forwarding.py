"""A packet's way through the network, hop by hop, through VRFs and tunnels, by the routing tables of the moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.filtering import ECHO, ESP, GRE, IKE_BEHIND_NAT, Packet, lets_in, lets_out, steered
from pytest_azinterop.lab.network.links import DELAY, Crossing, late
from pytest_azinterop.lab.network.node import hardware
from pytest_azinterop.lab.network.packet_size import GRE_OVERHEAD, encrypted, ip_mtu, port_mtu, tunnel_transform
from pytest_azinterop.lab.network.routes import path_length
from pytest_azinterop.lab.network.tunnel_traffic import replay_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.convergence import Convergence
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.records import NextHop
    from pytest_azinterop.lab.network.routes import Route
    from pytest_azinterop.lab.topology import Topology

    Steering = Callable[[IpAddress, IpAddress, tuple[str, ...]], tuple[str, ...]]
    """From a host of a virtual network, a destination and its networks to those by whose gateways the packet leaves:
    none when it is dropped, others when a route table sends it to an appliance there."""
    Entering = Callable[[str, IpAddress], int | None]
    """From a virtual network and a host of it to how many appliances a packet passes that a gateway brings from a
    site: None when the route table of the gateway's subnet has it dropped."""
    Weighing = Callable[[str, tuple[str, ...]], int]
    """From a far end and networks to the weight by which the gateways of those networks prefer it."""


@dataclass(slots=True)
class Walk:
    """How far a packet came. ``outcome``: ``delivered``, ``no route``, ``null``, ``lost``, ``filtered``, ``too big``,
    ``ttl``.
    """

    outcome: str
    hops: list[IpAddress | None] = field(default_factory=list)
    """Addresses that would answer an expired TTL, in order; None for a hop that stays silent. Ends with the target."""
    node: Node | None = None
    """Where the packet ended."""
    vrf: str | None = None
    host: bool = False
    """Delivered to a host behind ``node``, not to the node itself."""
    delay_ms: float = 0.0
    links: list[Crossing] = field(default_factory=list)
    tunnels: list[tuple[str, str]] = field(default_factory=list)
    """(node, interface) of every tunnel that encapsulated the packet."""
    carried: list[list[Crossing]] = field(default_factory=list)
    """The links that each of them crossed."""
    replayed: float = 0.0
    """The share of such packets that some tunnel's end takes for replays."""
    egress: str | None = None
    """Interface by which the packet left the first node."""
    ingress: str | None = None
    """Interface by which the packet came to the node where it ended; None where it began."""
    mtu: int | None = None
    source: IpAddress | None = None
    """The packet's addresses where it ended: as sent, unless a NAT has translated them on the way."""
    target: IpAddress | None = None

    @property
    def delivered(self) -> bool:
        """True when the packet arrived."""
        return self.outcome == "delivered"


class Forwarding:
    """Walks packets; knows nodes, wiring and security associations."""

    def __init__(self, nodes: dict[str, Node], fabric: Fabric, topology: Topology) -> None:
        self._nodes = nodes
        self._fabric = fabric
        self._topology = topology
        self.crypto: Crypto | None = None
        self.steering: Steering | None = None
        self.entering: Entering | None = None
        self.weighing: Weighing | None = None
        self.convergence: Convergence | None = None
        self.now: Callable[[], float] = lambda: 0.0
        """The simulated time of the moment."""

    def walk(
        self,
        node: Node,
        vrf: str | None,
        source: IpAddress,
        target: IpAddress,
        *,
        size: int = 100,
        df: bool = False,
        depth: int = 0,
        packet: Packet = ECHO,
    ) -> Walk:
        """Send one packet from a node. ``size`` is the IP packet's length in bytes."""
        walk = Walk("lost")
        current, table_of, first, asked = node, vrf, True, target
        for _ in range(32):
            if not first:
                source, target = translated(current, source, target)
            walk.node, walk.vrf, walk.source, walk.target = current, table_of, source, target
            if current.silent:
                return walk
            entered = None if first else current.settings.interfaces.get(walk.ingress or "")
            if entered is not None and (refused := lets_in(current, entered, source, target, packet)):
                walk.outcome = refused
                return walk
            if current.owner(table_of, target) is not None:
                if first:
                    walk.hops.append(asked)
                else:
                    walk.hops[-1] = asked
                walk.outcome = "delivered"
                return walk
            if target.version == 6 and not current.settings.ipv6_routing and not first:
                return walk
            step = self._step(
                current, table_of, source, target, walk,
                size=size, df=df, depth=depth, packet=packet, entered=entered, first=first,
            )  # fmt: skip
            if step is None:
                return walk
            current, table_of = step
            first = False
        walk.outcome = "ttl"
        return walk

    def _step(
        self, node: Node, vrf: str | None, source: IpAddress, target: IpAddress, walk: Walk, *,
        size: int, df: bool, depth: int, packet: Packet, entered: InterfaceSettings | None, first: bool,
    ) -> tuple[Node, str | None] | None:  # fmt: skip
        table = node.table(vrf)
        towards = steered(node, entered, source, target, packet)
        route = table.lookup(towards)
        if route is None or (route.prefix.prefixlen == 0 and node.far_end is not None and node.far_end.vnets):
            other = self.azure_exit(node, target)
            if other is not None and other is not node:
                return other, None
            if route is None:
                walk.outcome = "no route"
                return None
        if route.protocol == "stub":
            return self._behind(node, target, walk)
        hops = table.resolve_route(route, towards)
        if not hops:
            walk.outcome = "no route"
            return None
        hop = hops[(int(source) * 31 + int(target)) % len(hops)]
        if hop.interface is None or hop.interface.startswith("Null"):
            walk.outcome = "null"
            return None
        walk.egress = hop.interface if first else walk.egress
        settings = node.settings.interfaces.get(hop.interface)
        if settings is None or not node.up(hop.interface):
            return None
        if not first and not lets_out(node, settings, source, target, packet):
            walk.outcome = "filtered"
            return None
        mtu = port_mtu(node, settings) if self.crypto is None else ip_mtu(node, settings, self.crypto)
        if size > mtu and df:
            walk.outcome, walk.mtu = "too big", mtu
            return None
        if settings.tunnel is not None and target.version == 6 and settings.tunnel.mode.endswith("ipv4"):
            return None
        if settings.tunnel is not None:
            return self._through_tunnel(node, settings, walk, size=min(size, mtu), depth=depth)
        return self._over_segment(node, settings, hop, route, towards, walk, size=min(size, mtu), df=df, packet=packet)

    def _over_segment(
        self, node: Node, settings: InterfaceSettings, hop: NextHop, route: Route, target: IpAddress, walk: Walk, *,
        size: int, df: bool, packet: Packet,
    ) -> tuple[Node, str | None] | None:  # fmt: skip
        gateway = hop.address or target
        adjacencies = [each for each in self._fabric.segment(node, settings) if each.node.up(each.interface.name)]
        static = node.settings.static_arp.get((settings.vrf, gateway)) if isinstance(gateway, IPv4Address) else None
        if static is None:
            found = next((each for each in adjacencies if each.has(gateway)), None)
        else:  # the frame goes to whoever has that MAC address, maybe to nobody
            found = next((each for each in adjacencies if hardware(each.node, each.interface) == static), None)
            if found is None:
                return None
        if found is None and route.protocol == "static" and hop.address is None and len(adjacencies) == 1:
            found = adjacencies[0]
        if found is None:
            return None
        if not found.link.passes(node.name, found.node.name, size, packet):
            return None
        if size > found.link.spec.mtu and df:
            return None
        walk.links.append(Crossing(found.link, node.name, found.node.name, size))
        walk.delay_ms += found.link.spec.delay_ms + found.link.amount(DELAY, node.name, found.node.name, size)
        if not _transparent(found.node):
            walk.hops.append(found.interface.source(target.version))
        elif not walk.hops:
            walk.hops.append(None)
        walk.ingress = found.interface.name
        return found.node, found.interface.vrf

    def _through_tunnel(
        self, node: Node, settings: InterfaceSettings, walk: Walk, *, size: int, depth: int
    ) -> tuple[Node, str | None] | None:
        tunnel = settings.tunnel
        if tunnel is None or depth > 2 or self.crypto is None:
            return None
        ends = self.crypto.tunnel_ends(node, settings)
        if ends is None:
            return None
        local, remote, peer, peer_interface = ends
        if tunnel.profile:
            transform, udp = tunnel_transform(node, settings, self.crypto)
            length, carrier = encrypted(size, transform, udp=udp), IKE_BEHIND_NAT if udp else ESP
        else:
            length, carrier = size + GRE_OVERHEAD, GRE
        outer = self.walk(node, tunnel.outer_vrf, local, remote, size=length, depth=depth + 1, packet=carrier)
        if not outer.delivered or outer.node is not peer:
            return None
        walk.links += outer.links
        association = self.crypto.associations.get((node.name, settings.name))
        if association is not None:
            taken = 1 - late(outer.links, replay_window(association.other(node).side))
            walk.replayed = 1 - (1 - walk.replayed) * taken
        walk.tunnels.append((node.name, settings.name))
        walk.carried.append(outer.links)
        walk.delay_ms += outer.delay_ms
        inner = peer.settings.interfaces[peer_interface]
        if not _transparent(peer):
            walk.hops.append(None if inner.address is None else inner.address.ip)
        elif not walk.hops:
            walk.hops.append(None)
        walk.ingress = inner.name
        return peer, inner.vrf

    def _behind(self, node: Node, target: IpAddress, walk: Walk) -> tuple[Node, str | None] | None:
        """A network behind a far end: the hosts of a VNet or of a LAN, and gateways inside a VNet."""
        spec = node.far_end
        if spec is None:
            return None
        for name, other in self._nodes.items():
            if name != node.name and other.far_end is not None and target in other.far_end.addresses.values():
                walk.hops += [None, None]
                return other, None
        home = next((vnet for vnet in spec.vnets if target in self._topology.vnets[vnet].hosts), None)
        if home is None and target not in spec.hosts:
            return None
        if spec.kind == "msee":
            walk.hops.append(None)
        if spec.kind == "vpn-gateway" and walk.hops and walk.hops[-1] is None:
            walk.hops.pop()
        if home is not None and self.entering is not None:
            appliances = self.entering(home, target)
            if appliances is None:
                return None
            walk.hops += [None] * appliances
        walk.hops.append(target)
        walk.outcome, walk.host = "delivered", True
        return None

    def azure_exit(self, inside: Node, target: IpAddress) -> Node | None:
        """The gateway that a VNet (of this far end) sends a packet by.

        Longest match, then ExpressRoute before VPN, then the weight of the connection, then the AS path.
        """
        if inside.far_end is None:
            return None
        return self.vnet_exit(inside.far_end.vnets, target)

    def vnet_exit(self, vnets: tuple[str, ...], target: IpAddress) -> Node | None:
        """As ``azure_exit``, by VNet names."""
        best: tuple[tuple[int, int, int, int, int], Node] | None = None
        for node in self._nodes.values():
            spec = node.far_end
            if spec is None or node.silent or not set(spec.vnets) & set(vnets):
                continue
            found = self._known_to(node, target)
            if found is None:
                continue
            spread = (int(target) + sum(node.name.encode())) % 7
            weight = 0 if self.weighing is None else self.weighing(node.name, vnets)
            rank = (-found[0], 0 if spec.kind == "msee" else 1, -weight, found[1], spread)
            if best is None or rank < best[0]:
                best = (rank, node)
        return None if best is None else best[1]

    def _known_to(self, node: Node, target: IpAddress) -> tuple[int, int] | None:
        """Length of the prefix and of the AS path by which a VNet sends to a gateway's node; None: it does not."""
        slow = self.convergence is not None and self.convergence.active
        if slow and self.convergence is not None and node.far_end is not None and node.far_end.kind == "msee":
            path = self.convergence.lookup(node.name, target, self.now())
            return None if path is None else (path.prefix.prefixlen, path_length(path.attributes.as_path))
        route = node.table(None).lookup(target, default=False)
        if route is None or route.protocol not in ("bgp", "static"):
            return None
        return route.prefix.prefixlen, route.as_hops or 0

    def reply(
        self, walk: Walk, source: IpAddress, target: IpAddress, *, size: int, packet: Packet = ECHO
    ) -> Walk:  # fmt: skip
        """The answer to a delivered packet, from where it ended."""
        packet = packet.answer()
        node = walk.node
        if node is None:
            return Walk("lost")
        source, target = walk.source or source, walk.target or target
        if walk.host and node.far_end is not None and node.far_end.vnets:
            vnets = tuple(name for name in node.far_end.vnets if target in self._topology.vnets[name].hosts)
            if self.steering is not None:
                vnets = self.steering(target, source, vnets)
            exit_node = self.vnet_exit(vnets, source)
            return (
                Walk("no route")
                if exit_node is None
                else self.walk(exit_node, None, target, source, size=size, packet=packet)
            )
        return self.walk(node, walk.vrf, target, source, size=size, packet=packet)

    def reachable(
        self, node: Node, vrf: str | None, source: IpAddress, target: IpAddress, packet: Packet
    ) -> Walk | None:  # fmt: skip
        """The walk to a target that also answers; None when either direction fails."""
        there = self.walk(node, vrf, source, target, packet=packet)
        if not there.delivered or there.node is None or there.host:
            return None
        answer = packet.answer()
        back = self.walk(there.node, there.vrf, there.target or target, there.source or source, packet=answer)
        return there if back.delivered and back.node is node and back.vrf == vrf else None


def _transparent(node: Node) -> bool:
    """Azure's VPN gateways do not decrement the TTL of what they forward."""
    return node.far_end is not None and node.far_end.kind == "vpn-gateway"


def translated(node: Node, source: IpAddress, target: IpAddress) -> tuple[IpAddress, IpAddress]:
    """The addresses of a packet behind a node's static NAT; unchanged at any other node."""
    table = () if node.far_end is None else node.far_end.nat
    for inside, outside in table:
        source = outside if source == inside else source
        target = inside if target == outside else target
    return source, target

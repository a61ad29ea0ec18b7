"""Packets of the tunnels: what each end sends, what arrives, and what the other end does not take.

What is damaged on the way fails the integrity check; what comes twice, or later than the receiver's window goes back,
fails the replay check (RFC 4303, 3.4.3 and 3.4.4).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.filtering import ESP, IKE_BEHIND_NAT
from pytest_azinterop.lab.network.links import DAMAGE, DUPLICATES, arriving, late, without
from pytest_azinterop.lab.network.negotiation import ipsec_profile

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.crypto import Association, End
    from pytest_azinterop.lab.network.forwarding import Forwarding, Walk
    from pytest_azinterop.lab.network.links import Crossing
    from pytest_azinterop.lab.network.negotiation import Side
    from pytest_azinterop.lab.network.node import Node

PER_ROUTE = 6.0
"""Packets per second that applications send to what is routed into a tunnel."""
_SIZE = 500


@dataclass(frozen=True, slots=True)
class Packets:
    """Of one end: numbers, or numbers in a second. ``unverified`` and ``replayed`` arrived and were dropped."""

    encaps: float = 0.0
    decaps: float = 0.0
    unverified: float = 0.0
    replayed: float = 0.0

    def after(self, span: float, rates: Packets) -> Packets:
        """As many as there are after so many seconds."""
        return Packets(
            self.encaps + span * rates.encaps,
            self.decaps + span * rates.decaps,
            self.unverified + span * rates.unverified,
            self.replayed + span * rates.replayed,
        )


NOTHING = Packets()


@dataclass(slots=True)
class Traffic:
    """Packets of one tunnel at one end; they grow by their rates since ``at``."""

    at: float
    packets: Packets = NOTHING
    rates: Packets = NOTHING
    send_errors: int = 0

    def until(self, now: float) -> Packets:
        """Numbers at a moment."""
        return self.packets.after(max(0.0, now - self.at), self.rates)

    def run(self, now: float, rates: Packets) -> None:
        """From now on they grow so."""
        if rates != self.rates:
            self.packets, self.rates, self.at = self.until(now), rates, now

    def add(self, now: float, packets: Packets) -> None:
        """Further ones, all at once."""
        self.packets, self.at = self.until(now).after(1.0, packets), now

    def clear(self, now: float) -> None:
        """Count anew."""
        self.packets, self.at, self.send_errors = NOTHING, now, 0


def rates(association: Association, end: End, forwarding: Forwarding) -> Packets:
    """What an end sends and gets in a second."""
    other = association.other(end.node)
    out = _sends(end, forwarding)
    way = _carried(association, other, end, forwarding) if end.holds and other.holds else None
    if way is None:
        return Packets(out)
    return received(_sends(other, forwarding), way.links, replay_window(end.side), encaps=out)


def received(sent: float, links: list[Crossing], window: int, *, encaps: float = 0.0) -> Packets:
    """What becomes at the other end of so many packets that cross these links."""
    arrived = sent * arriving(links)
    whole = arrived * without(links, DAMAGE)
    overtaken, twice = late(links, window), 1 - without(links, DUPLICATES)
    return Packets(encaps, whole * (1 - overtaken), arrived - whole, whole * (overtaken + twice))


def replay_window(side: Side) -> int:
    """How many packets back a side still takes one."""
    profile = ipsec_profile(side)
    return (None if profile is None else profile.replay_window) or side.crypto.replay_window


def _carried(association: Association, sender: End, receiver: End, forwarding: Forwarding) -> Walk | None:
    """The way of a tunnel's packets, where they arrive."""
    packet, side = IKE_BEHIND_NAT if association.behind_nat else ESP, sender.side
    way = forwarding.walk(sender.node, side.fvrf, side.local, side.remote, size=_SIZE, packet=packet)
    return way if way.delivered and way.node is receiver.node else None


def _sends(end: End, forwarding: Forwarding) -> float:
    """Keepalives, and what the networks on its side send by it; nothing where nothing leads into the tunnel.

    A router sends for each route that leads into the tunnel; a gateway for each virtual network that uses it.
    """
    quiet = 1.5 + zlib.crc32(f"{end.node.name}{end.interface}".encode()) % 100 / 50
    if not end.holds or (end.node.is_router and not _leads_into(end.node, end.interface, static=True)):
        return 0.0
    spec = end.node.far_end
    if spec is None:
        return quiet + PER_ROUTE * _leads_into(end.node, end.interface, static=False)
    table = end.node.table(None)
    uses = 0
    for prefix in [route.prefix for route in table.routes.values() if route.protocol == "bgp"]:
        if any(hop.interface == end.interface for hop in table.resolve(prefix.network_address)):
            host = prefix[min(1, prefix.num_addresses - 1)]  # of a host route, its only address
            uses += sum(forwarding.vnet_exit((name,), host) is end.node for name in spec.vnets)
    return quiet + PER_ROUTE * uses


def _leads_into(node: Node, interface: str, *, static: bool) -> int:
    """How many routes of a router lead into a tunnel: learned ones, or static ones besides."""
    settings = node.settings.interfaces.get(interface)
    table = node.table(settings.vrf if settings else None)
    left_out = ("connected", "local") if static else ("connected", "local", "static")
    return sum(
        any(hop.interface == interface for hop in table.resolve_route(route, route.prefix.network_address))
        for route in table.routes.values()
        if route.protocol not in left_out
    )

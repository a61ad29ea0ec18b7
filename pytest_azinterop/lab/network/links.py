"""What a link does to packets: it loses, blocks, damages, repeats, delays them, in one direction or above a size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.network.filtering import Packet
    from pytest_azinterop.lab.topology import LinkSpec

LOSS, CRC, DAMAGE, DUPLICATES, LATE, DELAY = "loss", "crc", "damage", "duplicates", "late", "delay"
"""``crc``: frames that the port at the end finds broken, counts and drops."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which packets are concerned. ``direction``: ``from_azure``, ``to_azure``, ``from_<node>`` or ``both``."""

    direction: str = "both"
    above_bytes: int | None = None
    """Only packets longer than this."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happens to packets: percent of them, or milliseconds of delay."""

    amount: float
    reach: Reach


@dataclass(slots=True)
class LinkRuntime:
    """A link's state as scenarios set it."""

    spec: LinkSpec
    ranks: Mapping[str, int]
    """By node: 0 a router, 1 a far end, 2 one of Azure's. Of two ends the higher one is on Azure's side."""
    state: str = "up"
    """``up``, ``down`` (carrier is lost) or ``silent`` (packets vanish, carrier stays)."""
    outage: Reach = Reach()
    """With ``silent``: which packets vanish."""
    effects: dict[str, Effect] = field(default_factory=dict)
    late_by: int = 0
    """How many later packets of its flow overtake one that is late."""
    blocks: tuple[tuple[str, int | None], ...] = ()
    """Protocols that something on the way filters, with the port of either end: ``("udp", 500)``."""
    blocked: Reach = Reach()
    macs: dict[IpAddress, str] = field(default_factory=dict)
    """What ARP on it shows for an address, in place of its owner's: something else answers there."""

    def passes(self, sender: str, receiver: str, size: int, packet: Packet | None = None) -> bool:
        """Whether a packet of this size gets from one end to another (random loss apart)."""
        if self.state == "down" or (self.state == "silent" and self._hits(self.outage, sender, receiver, size)):
            return False
        if packet is None or not self.blocks or not self._hits(self.blocked, sender, receiver, size):
            return True
        ports = (None, packet.source_port, packet.target_port)
        return not any(packet.protocol == protocol and port in ports for protocol, port in self.blocks)

    def amount(self, kind: str, sender: str, receiver: str, size: int) -> float:
        """How much of an effect a packet meets; 0 where it is not concerned."""
        effect = self.effects.get(kind)
        return effect.amount if effect is not None and self._hits(effect.reach, sender, receiver, size) else 0.0

    def _hits(self, reach: Reach, sender: str, receiver: str, size: int) -> bool:
        if reach.above_bytes is not None and size <= reach.above_bytes:
            return False
        if reach.direction == "both":
            return True
        inward = self.ranks.get(sender, 0) > self.ranks.get(receiver, 0)
        outward = self.ranks.get(sender, 0) < self.ranks.get(receiver, 0)
        return {"from_azure": inward, "to_azure": outward}.get(reach.direction, reach.direction == f"from_{sender}")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A packet on a link."""

    link: LinkRuntime
    sender: str
    receiver: str
    size: int

    def share(self, kind: str) -> float:
        """Of such packets the share, 0 to 1, to which something happens."""
        return self.link.amount(kind, self.sender, self.receiver, self.size) / 100

    @property
    def lost(self) -> float:
        """The share that nobody can use: lost, or damaged."""
        return 1 - (1 - self.share(LOSS)) * (1 - self.share(CRC)) * (1 - self.share(DAMAGE))


def without(crossings: list[Crossing], *kinds: str) -> float:
    """The share, 0 to 1, of packets that pass every link without any of this happening to them."""
    share = 1.0
    for crossing in crossings:
        for kind in kinds:
            share *= 1 - crossing.share(kind)
    return share


def arriving(crossings: list[Crossing]) -> float:
    """The share, 0 to 1, of packets that come to the end, damaged ones included."""
    return without(crossings, LOSS, CRC)


def late(crossings: list[Crossing], window: int) -> float:
    """The share that is overtaken by so many packets that a receiver with such a window takes it for a replay."""
    return 1 - without([each for each in crossings if each.link.late_by >= window], LATE)

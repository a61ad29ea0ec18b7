"""Route flap dampening (RFC 2439) as IOS has it: an external route gets a penalty each time that it goes.

The penalty halves in the half-life; above one value the route is not used, until the penalty is below another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import network_order

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import Dampening
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.node import Family, Node

PENALTY = 1000.0


@dataclass(slots=True)
class Flap:
    """A route's penalty at a time, and how often it has gone since ``first``."""

    penalty: float
    at: float
    first: float
    count: int = 0
    suppressed: bool = False

    def left(self, settings: Dampening, at: float) -> float:
        """The penalty that is left."""
        return self.penalty * math.pow(0.5, (at - self.at) / (settings.half_life * 60))

    def reused_at(self, settings: Dampening) -> float:
        """When it will be used again."""
        return self.at + settings.half_life * 60 * max(0.0, math.log2(self.penalty / settings.reuse))


def of(peer: Peer) -> Dampening | None:
    """How the peer's router dampens its routes; None: not at all."""
    bgp = peer.node.settings.bgp
    family = None if bgp is None else bgp.families.get(peer.key)
    return None if family is None or peer.internal else family.dampening


def flapped(peer: Peer, prefix: IpNetwork, now: float) -> None:
    """A route of this peer is gone."""
    settings = of(peer)
    if settings is None:
        return
    flap = peer.flaps.setdefault(prefix, Flap(0.0, now, now))
    highest = settings.reuse * 2 ** (settings.maximum / settings.half_life)
    flap.penalty, flap.at = min(highest, flap.left(settings, now) + PENALTY), now
    flap.count += 1
    flap.suppressed |= flap.penalty > settings.suppress


def suppressed(peer: Peer, prefix: IpNetwork, now: float) -> bool:
    """Whether a route of this peer must not be used."""
    settings, flap = of(peer), peer.flaps.get(prefix)
    return settings is not None and flap is not None and flap.suppressed and now < flap.reused_at(settings)


def next_reuse(peer: Peer) -> float | None:
    """When the next route of this peer is used again."""
    settings = of(peer)
    if settings is None:
        return None
    return min((flap.reused_at(settings) for flap in peer.flaps.values() if flap.suppressed), default=None)


def released(peer: Peer, now: float) -> bool:
    """Forget what has been suppressed long enough. True when there was such a route."""
    settings = of(peer)
    due = [] if settings is None else [each for each in peer.flaps.values() if each.suppressed]
    over = [flap for flap in due if settings is not None and flap.reused_at(settings) <= now]
    for flap in over:
        flap.suppressed = False
    return bool(over)


@dataclass(frozen=True, slots=True)
class DampedPath:
    """A path that is not used for a while. Times in seconds."""

    prefix: IpNetwork
    peer: IpAddress
    penalty: int
    flaps: int
    since: float
    reuse_in: float
    as_path: AsPath
    origin: str


def damped_paths(family: Family, now: float) -> tuple[DampedPath, ...]:
    """Every path of a family that is suppressed now."""
    found = []
    for prefix in sorted(family.entries, key=network_order):
        entry = family.entries[prefix]
        for path in entry.paths:
            peer = family.peers.get(path.peer)
            flap = None if peer is None else peer.flaps.get(prefix)
            settings = None if peer is None else of(peer)
            if path.peer in entry.damped and flap is not None and settings is not None:
                found.append(
                    DampedPath(
                        prefix, path.peer, int(flap.left(settings, now)), flap.count, now - flap.first,
                        flap.reused_at(settings) - now, path.attributes.as_path, path.attributes.origin,
                    )
                )  # fmt: skip
    return tuple(found)


def state(node: Node, vrf: str | None, ip: int, now: float) -> tuple[Dampening | None, tuple[DampedPath, ...]]:
    """How a family dampens, and what it does not use at present."""
    bgp, family = node.settings.bgp, node.families.get((vrf, ip))
    if bgp is None or family is None:
        return None, ()
    return bgp.families[vrf, ip].dampening, damped_paths(family, now)

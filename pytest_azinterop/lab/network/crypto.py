"""Security associations of the network: negotiation, rekeying, dead peers, and what they mean for tunnels."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network import dead_peers
from pytest_azinterop.lab.network.filtering import IKE, IKE_BEHIND_NAT
from pytest_azinterop.lab.network.links import DAMAGE, arriving, without
from pytest_azinterop.lab.network.negotiation import (
    ChildSuite,
    Failure,
    IkeSuite,
    Side,
    child_suite,
    ike_profile,
    ike_suite,
    ipsec_profile,
    negotiate,
    pfs_agrees,
)
from pytest_azinterop.lab.network.tunnel_traffic import NOTHING, Packets, Traffic, rates

if TYPE_CHECKING:
    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.settings import InterfaceSettings
    from pytest_azinterop.lab.network.forwarding import Forwarding, Walk
    from pytest_azinterop.lab.network.node import Node

NEGOTIATION_DELAY = 1.5
REKEY_AT = 0.95
"""Share of a lifetime after which the SA is rekeyed."""
DEFAULT_IKE_LIFETIME = 86400


@dataclass(slots=True)
class End:
    """One end of an association."""

    node: Node
    interface: str
    side: Side
    ike_life: int
    """Seconds that it keeps the present IKE SA: what was configured when that was negotiated."""
    child_life: int
    """The same of the present child SAs."""
    holds: bool = True
    """False when this end has given up its SAs."""
    unheard_since: float | None = None
    trips_at: float | None = None
    """When it will give up its peer because too many requests in a row are lost."""
    trips_on: object = None
    """What that was foreseen from."""


@dataclass(slots=True)
class Association:
    """An IKE SA with its pair of child SAs; ``ends[0]`` initiated."""

    ends: tuple[End, End]
    suite: IkeSuite
    child: ChildSuite
    ike_at: float
    child_at: float
    up_at: float
    generation: int = 0
    child_failed: bool = False
    ike_failed: bool = False
    behind_nat: frozenset[str] = frozenset()
    """Names of the ends whose address the other one sees translated: IKE and ESP then use UDP 4500."""

    @property
    def port(self) -> int:
        """UDP port of IKE."""
        return 4500 if self.behind_nat else 500

    def end(self, node: Node) -> End:
        """The node's own end."""
        return self.ends[0] if self.ends[0].node is node else self.ends[1]

    def other(self, node: Node) -> End:
        """The opposite end."""
        return self.ends[1] if self.ends[0].node is node else self.ends[0]

    def ike_lifetime(self) -> int:
        """Seconds: the shorter of the two ends' lifetimes."""
        return min(end.ike_life for end in self.ends)

    def child_lifetime(self) -> int:
        """Seconds: the shorter of the two ends' lifetimes."""
        return min(end.child_life for end in self.ends)

    def renew_ike(self) -> None:
        """A new IKE SA lives as long as is configured now."""
        for end in self.ends:
            end.ike_life = ike_lifetime(end.side)

    def renew_child(self) -> None:
        """New child SAs live as long as is configured now."""
        for end in self.ends:
            end.child_life = lifetime(end.side)

    def spi(self, node: Node, kind: str) -> int:
        """A stable SPI of this generation; ``kind`` is ``ike`` or ``esp`` (the one that the node receives on)."""
        at = self.ike_at if kind == "ike" else self.child_at
        text = f"{node.name}|{self.end(node).interface}|{kind}|{at:.3f}"
        low = zlib.crc32(text.encode()) | 0x100
        return low if kind == "esp" else zlib.crc32(text[::-1].encode()) << 32 | low


@dataclass(slots=True)
class Attempt:
    """A tunnel that has no SA."""

    since: float
    ready_at: float | None = None
    failure: Failure | None = None
    failed_with: tuple[Side, Side] | None = None
    """What the two sides brought in when it failed: the same would fail again, so only a change is worth an attempt."""
    answered: bool = False
    """False while nothing comes back: the IKE SA stays in negotiation."""


def ike_lifetime(side: Side) -> int:
    """IKE SA lifetime of a side, in seconds."""
    profile = ike_profile(side)
    return DEFAULT_IKE_LIFETIME if profile is None else profile.lifetime


def lifetime(side: Side) -> int:
    """Child SA lifetime of a side, in seconds."""
    profile = ipsec_profile(side)
    own = None if profile is None else profile.lifetime_seconds
    return own or side.crypto.lifetime_seconds


Key = tuple[str, str]


@dataclass(slots=True)
class Crypto:
    """Every tunnel of the network."""

    nodes: dict[str, Node]
    forwarding: Forwarding
    associations: dict[Key, Association] = field(default_factory=dict)
    """By (node, interface); both ends of one association stand here."""
    attempts: dict[Key, Attempt] = field(default_factory=dict)
    traffic: dict[Key, Traffic] = field(default_factory=dict)
    now: float = 0.0
    horizon: float = 0.0
    """Until then nothing but rekeying will happen: several rekeys may be taken in one step."""

    def local_address(self, node: Node, settings: InterfaceSettings) -> IPv4Address | None:
        """The outer source address, when it is usable."""
        tunnel = settings.tunnel
        if tunnel is None or tunnel.source is None:
            return None
        if tunnel.source[0].isdigit():
            address = IPv4Address(tunnel.source)
            return address if node.owner(tunnel.outer_vrf, address) else None
        source = node.settings.interfaces.get(tunnel.source)
        if source is None or source.address is None or not node.up(tunnel.source) or source.vrf != tunnel.outer_vrf:
            return None
        return source.address.ip

    def side(self, node: Node, settings: InterfaceSettings) -> Side | None:
        """What the end brings into a negotiation; None when it cannot take part."""
        tunnel = settings.tunnel
        if tunnel is None or tunnel.profile is None or tunnel.destination is None or settings.shutdown:
            return None
        local = self.local_address(node, settings)
        if local is None or not node.table(tunnel.outer_vrf).resolve(tunnel.destination):
            return None
        return Side(
            node.settings.crypto, local, tunnel.destination, tunnel.outer_vrf, tunnel.profile,
            certificates=installed(node), at=node.local_time(self.now), epoch=self._epoch(node),
        )  # fmt: skip

    def _epoch(self, node: Node) -> int:
        at = node.local_time(self.now)
        return sum(at > each for each in self._boundaries())

    def _boundaries(self) -> list[float]:
        """When some certificate begins or ends to be valid."""
        return [
            at for node in self.nodes.values() for each in installed(node) for at in (each.not_before, each.not_after)
        ]

    def opposite(self, node: Node, settings: InterfaceSettings) -> tuple[Node, InterfaceSettings] | None:
        """The tunnel interface at the other end: by addresses, found by sending a packet there and one back."""
        tunnel, local = settings.tunnel, self.local_address(node, settings)
        if tunnel is None or local is None or tunnel.destination is None:
            return None
        walk = self.forwarding.reachable(node, tunnel.outer_vrf, local, tunnel.destination, IKE)
        if walk is None or walk.node is None:
            return None
        for other in walk.node.settings.interfaces.values():
            theirs = other.tunnel
            if theirs is None or other.shutdown or theirs.outer_vrf != walk.vrf:
                continue
            if theirs.destination == walk.source and self.local_address(walk.node, other) == walk.target:
                return walk.node, other
        return None

    def tunnel_up(self, node: Node, settings: InterfaceSettings) -> bool:
        """Line protocol: with protection it follows the SA, without it the route to the destination."""
        tunnel = settings.tunnel
        if tunnel is None or tunnel.destination is None or self.local_address(node, settings) is None:
            return False
        if tunnel.profile is None:
            hops = node.table(tunnel.outer_vrf).resolve(tunnel.destination)
            return tunnel.mode != "ipsec ipv4" and bool(hops) and all(hop.interface != settings.name for hop in hops)
        association = self.associations.get((node.name, settings.name))
        return association is not None and association.end(node).holds

    def tunnel_ends(self, node: Node, settings: InterfaceSettings) -> tuple[IPv4Address, IPv4Address, Node, str] | None:
        """Outer source and destination, and the interface that decapsulates; None when nothing would."""
        tunnel = settings.tunnel
        if tunnel is None:
            return None
        if tunnel.profile is None:
            local, found = self.local_address(node, settings), self.opposite(node, settings)
            if local is None or found is None or tunnel.destination is None:
                return None
            return local, tunnel.destination, found[0], found[1].name
        association = self.associations.get((node.name, settings.name))
        if association is None or not association.end(node).holds or not association.other(node).holds:
            return None
        end, other = association.end(node), association.other(node)
        return end.side.local, end.side.remote, other.node, other.interface

    def update(self, now: float) -> bool:
        """Drop, keep and negotiate; True when some tunnel's SA came or went."""
        changed, self.now = False, now
        for association in self._unique():
            changed |= self._keep(association, now)
        for node in self.nodes.values():
            for settings in node.settings.interfaces.values():
                if settings.tunnel is not None and settings.tunnel.profile is not None:
                    key = (node.name, settings.name)
                    if key not in self.associations:
                        changed |= self._try(node, settings, now)
        stale = [key for key in self.attempts if key[1] not in self.nodes[key[0]].settings.interfaces]
        for key in stale:
            del self.attempts[key]
        self._rates(now)
        return changed

    def _unique(self) -> list[Association]:
        return list({id(each): each for each in self.associations.values()}.values())

    def next_event(self) -> float | None:
        """When the next lifetime, retry or dead-peer timer runs out."""
        times = [attempt.ready_at for attempt in self.attempts.values() if attempt.ready_at is not None]
        for association in self._unique():
            times += self._times(association)
        if self.attempts:
            times += [each + 1 for each in self._true_boundaries() if each + 1 > self.now]
        return min(times, default=None)

    def _true_boundaries(self) -> list[float]:
        """The same by true time, for each router's clock: a second later the clock is past it."""
        clocks = {node.clock.error(self.now) for node in self.nodes.values()}
        return [each - error for each in self._boundaries() for error in clocks]

    def _times(self, association: Association) -> list[float]:
        child, ike = association.child_lifetime(), association.ike_lifetime()
        times = [
            association.child_at + (child if association.child_failed else child * REKEY_AT),
            association.ike_at + (ike if association.ike_failed else ike * REKEY_AT),
        ]
        return times + [due for end in association.ends if (due := self._dead_at(end)) is not None]

    def _dead_at(self, end: End) -> float | None:
        if not end.holds:
            return None
        if end.unheard_since is not None:
            return dead_peers.gives_up_at(end.side, end.unheard_since, router=end.node.is_router)
        return end.trips_at

    def _endanger(self, association: Association, end: End, lost: float, now: float) -> None:
        """So large a share of its requests gets no answer from now on."""
        basis = (lost, association.ike_at, dead_peers.configured(end.side))
        if basis != end.trips_on:
            end.trips_on = basis
            end.trips_at = dead_peers.trips_at(end.side, association.ike_at, now, lost, router=end.node.is_router)

    def _keep(self, association: Association, now: float) -> bool:
        mine, theirs = association.ends
        for end in association.ends:
            settings = end.node.settings.interfaces.get(end.interface)
            side = None if settings is None else self.side(end.node, settings)
            gone = settings is None or settings.tunnel is None or settings.tunnel.profile != end.side.profile
            if gone or side is None or ike_profile(side) is None or (side.local, side.remote, side.fvrf) != (
                end.side.local, end.side.remote, end.side.fvrf,
            ):  # fmt: skip
                self.drop(association, now)
                return True
            end.side = side
        way, return_way = self._way(association, mine), self._way(association, theirs)
        there, back = way is not None, return_way is not None
        for end in association.ends:
            end.unheard_since = None if there and back else end.unheard_since or now
            lost = 0.0
            if way is not None and return_way is not None:
                links = [*way.links, *return_way.links]
                lost = 1 - arriving(links) * without(links, DAMAGE)
            self._endanger(association, end, lost, now)
        nobody, both = not (mine.holds or theirs.holds), mine.holds and theirs.holds
        if nobody or (there and back and not both):
            self.drop(association, now)
            return True
        for end in association.ends:
            dead = self._dead_at(end)
            if dead is not None and dead <= now:
                end.holds = False
                return True
        return self._age(association, now, alive=there and back)

    def _way(self, association: Association, sender: End) -> Walk | None:
        """The way of IKE's packets to the other end, where they arrive."""
        packet, side = IKE_BEHIND_NAT if association.behind_nat else IKE, sender.side
        way = self.forwarding.walk(sender.node, side.fvrf, side.local, side.remote, packet=packet)
        return way if way.delivered and way.node is association.other(sender.node).node else None

    def _age(self, association: Association, now: float, *, alive: bool) -> bool:
        mine, theirs = association.ends
        child, ike = association.child_lifetime(), association.ike_lifetime()
        if now >= association.child_at + child or now >= association.ike_at + ike:
            self.drop(association, now)
            return True
        if now >= association.ike_at + ike * REKEY_AT and not association.ike_failed:
            suite = ike_suite(mine.side, theirs.side) if alive else None
            association.ike_failed = suite is None
            if suite is not None:
                association.renew_ike()
                period = association.ike_lifetime() * REKEY_AT
                association.suite, association.ike_at = suite, self._last(now, period)[0]
        if now >= association.child_at + child * REKEY_AT and not association.child_failed:
            suite_child = child_suite(mine.side, theirs.side) if alive and pfs_agrees(mine.side, theirs.side) else None
            association.child_failed = suite_child is None
            if suite_child is not None:
                association.renew_child()
                association.child_at, count = self._last(now, association.child_lifetime() * REKEY_AT)
                association.child = suite_child
                association.generation += count
        return False

    def _last(self, now: float, period: float) -> tuple[float, int]:
        """The time of the last rekey before the horizon when one happens now, and how many there are until then."""
        more = max(0, int((self.horizon - now) // period))
        return now + more * period, 1 + more

    def fire(self, now: float) -> bool:
        """Do what is due; True when some tunnel's SA came or went."""
        passed, self.now = self.now, now
        if any(passed <= each < now for each in self._true_boundaries()):
            return self.update(now)
        if any(each.ready_at is not None and each.ready_at <= now for each in self.attempts.values()):
            return self.update(now)
        changed = False
        for association in self._unique():
            if min(self._times(association)) <= now:
                changed |= self._keep(association, now)
        return changed

    def drop(self, association: Association, now: float) -> None:
        """Remove the SAs at both ends; each tries again by itself."""
        for end in association.ends:
            key = (end.node.name, end.interface)
            if self.associations.get(key) is association:
                self._of(key, now).run(now, NOTHING)
                del self.associations[key]
                self.attempts.pop(key, None)

    def drop_end(self, node: Node, interface: str, now: float) -> None:
        """``clear crypto session``: the peer is told, if it can be."""
        association = self.associations.get((node.name, interface))
        if association is not None:
            self.drop(association, now)

    def _try(self, node: Node, settings: InterfaceSettings, now: float) -> bool:
        key = (node.name, settings.name)
        attempt = self.attempts.get(key)
        if attempt is None:
            attempt = self.attempts[key] = Attempt(now)
        side, found = self.side(node, settings), None
        if side is not None:
            found = self.opposite(node, settings)
        attempt.answered = found is not None
        if side is None or found is None:
            attempt.ready_at, attempt.failure, attempt.failed_with = None, None, None
            return False
        other_node, other = found
        theirs = self.side(other_node, other)
        if theirs is None or (other_node.name, other.name) in self.associations:
            attempt.ready_at = None
            return False
        if attempt.failed_with is not None and attempt.failed_with in ((side, theirs), (theirs, side)):
            return False
        if attempt.ready_at is None:
            attempt.ready_at = math.ceil(now + NEGOTIATION_DELAY)
        if attempt.ready_at > now:
            return False
        result = negotiate(side, theirs)
        if isinstance(result, Failure):
            if attempt.failure is None and node.is_router:
                _log_failure(node, result, side, now)
            attempt.failure, attempt.failed_with, attempt.ready_at = result, (side, theirs), None
            return False
        self._establish(result, _end(node, settings.name, side), _end(other_node, other.name, theirs), now)
        return True

    def _establish(self, agreed: tuple[IkeSuite, ChildSuite], mine: End, theirs: End, now: float) -> None:
        """Both ends have the new SAs."""
        suite, child = agreed
        nat = _behind_nat(mine, theirs)
        association = Association((mine, theirs), suite, child, ike_at=now, child_at=now, up_at=now, behind_nat=nat)
        for end in association.ends:
            self.associations[end.node.name, end.interface] = association
            if not end.node.is_router:
                self._of((end.node.name, end.interface), now).clear(now)  # Azure counts from the connection on
            self.attempts.pop((end.node.name, end.interface), None)
            if end.node.is_router and now > end.node.boot + 60:
                fvrf = end.side.fvrf or ""
                end.node.note(
                    now,
                    "%CRYPTO-5-IKEV2_SESSION_STATUS: Crypto tunnel v2 is UP.  "
                    f"Peer {end.side.remote}:{association.port} f_vrf: {fvrf}  i_vrf:   Id: {end.side.remote}",
                )

    def _rates(self, now: float) -> None:
        for association in self._unique():
            for end in association.ends:
                key = (end.node.name, end.interface)
                traffic, new = self._of(key, now), rates(association, end, self.forwarding)
                if end.node.is_router:
                    _log_drops(association, end, traffic.rates, new, now)
                traffic.run(now, new)

    def _of(self, key: Key, now: float) -> Traffic:
        return self.traffic.setdefault(key, Traffic(now))


def _end(node: Node, interface: str, side: Side) -> End:
    return End(node, interface, side, ike_lifetime(side), lifetime(side))


def _behind_nat(one: End, other: End) -> frozenset[str]:
    """An end is behind NAT when the other one sends to an address that is not its own."""
    return frozenset(
        here.node.name for here, there in ((one, other), (other, one)) if there.side.remote != here.side.local
    )


def installed(node: Node) -> tuple[Certificate, ...]:
    """A node's certificates whose trustpoints are configured: without it, IOS has none."""
    return tuple(each for each in node.certificates if each.trustpoint in node.settings.crypto.trustpoints)


def _log_failure(node: Node, failure: Failure, side: Side, now: float) -> None:
    if failure.message is not None:
        node.note(now, failure.message)
    what = "Auth exchange failed" if failure.stage == "auth" else "Failed to find a matching policy"
    node.ike_errors[what] = node.ike_errors.get(what, 0) + 1
    node.note(now, f"%IKEV2-3-NEG_ABORT: Negotiation aborted due to ERROR: {what} (peer {side.remote})")


def _log_drops(association: Association, end: End, before: Packets, after: Packets, now: float) -> None:
    """The data plane tells of the first packet that an SA does not take."""
    kinds = (
        ("HMAC_ERROR: IPSec SA receives HMAC error", before.unverified, after.unverified),
        ("REPLAY_ERROR: IPSec SA receives anti-replay error", before.replayed, after.replayed),
    )
    for text, old, new in kinds:
        if new and not old:
            node, side = end.node, end.side
            stamp = int((now - node.boot) * 1e9)
            spi = association.spi(node, "esp")
            node.note(
                now,
                f"%IOSXE-3-PLATFORM: R0/0: cpp_cp: QFP:0.0 Thread:001 TS:{stamp:020d} %IPSEC-3-{text}, "
                f"DP Handle {spi % 64 + 1}, src_addr {side.remote}, dest_addr {side.local}, SPI 0x{spi:x}",
            )

"""BGP sessions: when they come up, and when and why they go down."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.network import dampening
from pytest_azinterop.lab.network.bgp_peer import Peer
from pytest_azinterop.lab.network.filtering import BGP_ANSWERED, BGP_OPENED

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import BgpSettings, NeighborSettings
    from pytest_azinterop.lab.network.filtering import Packet
    from pytest_azinterop.lab.network.forwarding import Forwarding
    from pytest_azinterop.lab.network.node import Family, Node

CONNECT_DELAY, CONNECT_SPREAD = 3.0, 6.0
"""Seconds from the moment when a session is possible until it is Established: a fixed part and a part by name."""


class Sessions:
    """All sessions of the network."""

    def __init__(self, nodes: dict[str, Node], forwarding: Forwarding) -> None:
        self._nodes = nodes
        self._forwarding = forwarding
        self.listener: Callable[[str, bool], None] | None = None
        """Is told of each node whose session comes up or goes down."""

    def peers(self) -> list[Peer]:
        """Every configured neighbor of every node."""
        return [
            peer for node in self._nodes.values() for family in node.families.values() for peer in family.peers.values()
        ]

    def sync(self, node: Node, family: Family, now: float) -> None:
        """Create, change and remove peers as configured."""
        bgp = node.settings.bgp
        if bgp is None:
            return
        wanted = bgp.families[family.key].neighbors
        for address in [address for address in family.peers if address not in wanted]:
            self.down(family.peers[address], now, "Neighbor deleted", "Peer De-configured")
            del family.peers[address]
        for address, settings in wanted.items():
            local_as = settings.local_as or _presented_as(bgp, settings)
            peer = family.peers.get(address)
            if peer is None:
                family.peers[address] = Peer(node, family.vrf, settings, local_as)
                continue
            old = peer.settings
            peer.settings = settings
            if settings.shutdown and not old.shutdown:
                self.down(peer, now, "Admin. shutdown", "Administrative Shutdown")
                peer.ready_at, peer.prefix_limit = None, False
            elif (old.remote_as, old.update_source, old.password, peer.local_as) != (
                settings.remote_as, settings.update_source, settings.password, local_as,
            ):  # fmt: skip
                self.down(peer, now, "Other Configuration Change", "Other Configuration Change")
            elif old.activated and not settings.activated:
                self.down(peer, now, "Address Family deactivated", "Other Configuration Change")
            peer.local_as = local_as

    def update(self, now: float) -> bool:
        """Take down what cannot stay, bring up what is due. True when a session changed state."""
        changed = False
        for peer in self.peers():
            if peer.up:
                changed |= self._keep(peer, now)
        for peer in self.peers():
            if not peer.up:
                changed |= self._try(peer, now)
            if peer.stale_until is not None and peer.stale_until <= now and not peer.up:
                peer.forget_stale()
                changed = True
            if dampening.released(peer, now):
                peer.changed = changed = True
        return changed

    def next_event(self) -> float | None:
        """When the next timer runs out."""
        times = [time for peer in self.peers() for time in self._timers(peer) if time is not None]
        return min(times, default=None)

    def _timers(self, peer: Peer) -> tuple[float | None, ...]:
        opens = peer.ready_at if not peer.up else None
        return opens, peer.hold_expires(), peer.refresh_out_at, dampening.next_reuse(peer), peer.stale_until

    def _keep(self, peer: Peer, now: float) -> bool:
        remote = peer.remote
        if remote is None or not peer.up:
            return False
        if peer.settings.address.version == 6 and not peer.node.settings.ipv6_routing:
            self.down(peer, now, "Interface flap", None)
            return True
        if self._interface_lost(peer):
            self.down(peer, now, "Interface flap", None)
            return True
        heard = self.arrives(remote, peer) and remote.up and remote.remote is peer
        if heard:
            peer.unheard_since = None
            return False
        if remote.remote is not peer and self.arrives(remote, peer) and self.arrives(peer, remote):
            self.down(peer, now, "Peer closed the session", None)
            return True
        if peer.unheard_since is None:
            peer.unheard_since = now
        expires = peer.hold_expires()
        if expires is not None and expires <= now:
            peer.sent_messages["notifications"] += 1
            self._log(
                peer,
                now,
                f"%BGP-3-NOTIFICATION: sent to neighbor {text(peer.settings.address)} 4/0 (hold time expired) 0 bytes",
            )
            self.down(peer, now, "BGP Notification sent", "hold time expired")
            return True
        return False

    def _interface_lost(self, peer: Peer) -> bool:
        if peer.interface is None or peer.internal:
            return False
        bgp = peer.node.settings.bgp
        if bgp is not None and not bgp.fast_external:
            return False
        settings = peer.node.settings.interfaces.get(peer.interface)
        return (
            not peer.node.up(peer.interface)
            or settings is None
            or settings.vrf != peer.vrf
            or peer.local_address not in {each.ip for each in settings.addresses()}
        )

    def arrives(
        self, sender: Peer, receiver: Peer, packets: tuple[Packet, ...] = (BGP_OPENED, BGP_ANSWERED)
    ) -> bool:  # fmt: skip
        """Whether a packet from one side of a session gets to the other: one of these, because either side may open."""
        if sender.local_address is None or receiver.local_address is None:
            return False
        if sender.node.owner(sender.vrf, sender.local_address) is None:
            return False
        for packet in packets:
            walk = self._forwarding.walk(
                sender.node, sender.vrf, sender.local_address, receiver.local_address, packet=packet
            )
            if walk.delivered and walk.node is receiver.node and walk.vrf == receiver.vrf and not walk.host:
                return packet.protocol != "tcp" or _ttl(sender, receiver, len(walk.hops))
            if walk.outcome != "filtered":
                return False
        return False

    def down(self, peer: Peer, now: float, reason: str, notice: str | None) -> None:
        """End a session on this side; ``notice`` is the Cease or error that the other side reads, if it arrives."""
        remote = peer.remote
        if not peer.up:
            return
        arrives = notice is not None and remote is not None and remote.remote is peer and self.arrives(peer, remote)
        graceful = notice is None and peer.restarts
        self._reset(peer, now, reason, "" if not reason.startswith("BGP") else notice or "", graceful=graceful)
        if arrives and remote is not None and remote.up:
            peer.sent_messages["notifications"] += 1
            remote.received_messages["notifications"] += 1
            self._reset(remote, now, "BGP Notification received", notice or "")

    def drop_remote(self, peer: Peer) -> None:
        """The peer's router has lost its configuration: the other side is told."""
        remote = peer.remote
        if remote is not None and remote.up and remote.remote is peer:
            self._reset(remote, peer.since or 0.0, "BGP Notification received", "Peer De-configured")

    def _reset(self, peer: Peer, now: float, reason: str, detail: str, *, graceful: bool = False) -> None:
        remote = peer.remote
        out, into = peer.keepalives(now)
        peer.sent_messages["keepalives"] += out
        peer.received_messages["keepalives"] += into
        peer.established_at, peer.remote, peer.unheard_since, peer.ready_at = None, None, None, None
        peer.refresh_out_at = None
        peer.state, peer.since = "Idle", now
        peer.dropped_count += 1
        peer.reset_at = now
        peer.reset_reason = f"{reason} of session 1" + (f", {detail}" if detail else "")
        if self.listener is not None:
            self.listener(peer.node.name, False)
        if graceful:
            peer.keep_stale(now, remote)
        else:
            for prefix in peer.adj_in:
                dampening.flapped(peer, prefix, now)
            peer.forget_stale()
        for store in (peer.adj_in, peer.sent, peer.denied_out):
            store.clear()
        self._log(peer, now, f"%BGP-5-NBR_RESET: Neighbor {text(peer.settings.address)} reset ({reason})")
        self._log(peer, now, f"%BGP-5-ADJCHANGE: neighbor {peer.name()} Down {reason}")

    def _log(self, peer: Peer, now: float, message: str) -> None:
        bgp = peer.node.settings.bgp
        if peer.node.is_router and bgp is not None and bgp.log_changes:
            peer.node.note(now, message)

    def source(self, peer: Peer) -> tuple[IpAddress | None, str | None]:
        """The address that the session is opened from, and the interface towards the neighbor."""
        node, settings = peer.node, peer.settings
        hops = node.table(peer.vrf).resolve(settings.address)
        via = hops[0].interface if hops else None
        name = settings.update_source or via
        if name is None or not node.up(name):
            return None, via
        interface = node.settings.interfaces.get(name)
        if interface is None or interface.vrf != peer.vrf:
            return None, via
        return interface.source(settings.address.version), via

    def _eligible(self, peer: Peer) -> tuple[IpAddress | None, str]:
        """The local address when the peer may open or accept a session, else why not (a BGP state)."""
        settings = peer.settings
        if settings.shutdown or not settings.activated or peer.prefix_limit or peer.node.silent:
            return None, "Idle"
        if settings.address.version == 6 and not peer.node.settings.ipv6_routing:
            return None, "Idle"
        route = peer.node.table(peer.vrf).lookup(settings.address)
        if route is None:
            return None, "Idle"
        single_hop = not peer.internal and (settings.multihop or 1) == 1 and settings.ttl_security is None
        if single_hop and not settings.disable_connected_check and route.protocol != "connected":
            return None, "Idle"
        local, _via = self.source(peer)
        return local, "Active" if local is not None else "Idle"

    def _match(self, peer: Peer) -> tuple[Peer, str] | str:
        """The other side of a session that can come up now, with the interface; or the state that the peer stays in."""
        local, state = self._eligible(peer)
        if local is None:
            return state
        there = self._forwarding.reachable(peer.node, peer.vrf, local, peer.settings.address, BGP_OPENED)
        if there is None or there.node is None:
            return state
        family = there.node.families.get((there.vrf, local.version))
        other = None if family is None else family.peers.get(local)
        if other is None or other.up:
            return state
        theirs, _ = self._eligible(other)
        if theirs != peer.settings.address or other.settings.password != peer.settings.password:
            return state
        hops = len(there.hops)
        if not _ttl(peer, other, hops) or not _ttl(other, peer, hops) or not self._may_open(peer, other):
            return state
        return other, there.egress or ""

    def _may_open(self, peer: Peer, other: Peer) -> bool:
        """At least one side needs a route that is not the default route: IOS opens no session over that."""
        for side in (peer, other):
            route = side.node.table(side.vrf).lookup(side.settings.address)
            if route is not None and route.prefix.prefixlen > 0 and not side.settings.passive:
                return True
        return False

    def _try(self, peer: Peer, now: float) -> bool:
        found = self._match(peer)
        if isinstance(found, str):
            peer.ready_at = None
            if peer.state != found:
                peer.state = found
            return False
        other, egress = found
        if peer.settings.remote_as != other.local_as or other.settings.remote_as != peer.local_as:
            self._wrong_as(peer, other, now)
            return False
        if peer.internal and _router_id(peer) == _router_id(other):
            self._equal_ids(peer, other, now)
            return False
        if peer.ready_at is None:
            peer.state = "Active"
            seed = "|".join(sorted((f"{peer.node.name}{peer.vrf}", f"{other.node.name}{other.vrf}")))
            spread = zlib.crc32(seed.encode()) % 1000 / 1000 * CONNECT_SPREAD
            peer.ready_at = other.ready_at or math.ceil(now + CONNECT_DELAY + spread)
            return False
        if peer.ready_at > now:
            return False
        self._establish(peer, other, now, egress)
        return True

    def _wrong_as(self, peer: Peer, other: Peer, now: float) -> None:
        for mine, theirs in ((peer, other), (other, peer)):
            mine.ready_at = None
            wrong = mine.settings.remote_as != theirs.local_as
            reason = f"BGP Notification {'sent' if wrong else 'received'} of session 1, peer in wrong AS"
            mine.state = "Idle"
            if mine.reset_reason != reason:
                mine.reset_at, mine.reset_reason = now, reason
                mine.sent_messages["opens"] += 1
                mine.received_messages["opens"] += 1
                mine.sent_messages["notifications"] += int(wrong)
                mine.received_messages["notifications"] += int(not wrong)
                word = "sent to" if wrong else "received from"
                number = f"{theirs.local_as if wrong else mine.local_as:04X}"
                what = f"2/2 (peer in wrong AS) 2 bytes {number}"
                self._log(mine, now, f"%BGP-3-NOTIFICATION: {word} neighbor {text(mine.settings.address)} {what}")

    def _equal_ids(self, peer: Peer, other: Peer, now: float) -> None:
        """Inside an AS an identifier is that of one router (RFC 6286, 2.2): each refuses the other's OPEN."""
        number = f"{int(_router_id(peer)):08X}"
        for mine in (peer, other):
            mine.ready_at, mine.state = None, "Idle"
            reason = "BGP Notification sent of session 1, BGP identifier wrong"
            if mine.reset_reason != reason:
                mine.reset_at, mine.reset_reason = now, reason
                mine.sent_messages["opens"] += 1
                mine.received_messages["opens"] += 1
                mine.sent_messages["notifications"] += 1
                what = f"2/3 (BGP identifier wrong) 4 bytes {number}"
                self._log(mine, now, f"%BGP-3-NOTIFICATION: sent to neighbor {text(mine.settings.address)} {what}")

    def _establish(self, peer: Peer, other: Peer, now: float, egress: str) -> None:
        hold = min(peer.offered_hold(), other.offered_hold())
        for mine, theirs in ((peer, other), (other, peer)):
            local, via = self.source(mine)
            mine.state, mine.since, mine.established_at = "Established", now, now
            mine.remote, mine.local_address = theirs, local
            route = mine.node.table(mine.vrf).lookup(mine.settings.address)
            mine.interface = via if route is not None and route.protocol == "connected" else None
            mine.hold, mine.keepalive = hold, min(mine.offered_keepalive(), hold // 3)
            mine.unheard_since, mine.ready_at, mine.warned, mine.advertised_on = None, None, False, None
            mine.established_count += 1
            mine.restarts = mine.offers_restart() and theirs.offers_restart()
            mine.forget_stale()
            mine.active_side = mine is peer
            for counts in (mine.sent_messages, mine.received_messages):
                counts["opens"] += 1
                counts["updates"] += 1
            mine.changed = True
            self._log(mine, now, f"%BGP-5-ADJCHANGE: neighbor {mine.name()} Up ")
            if self.listener is not None:
                self.listener(mine.node.name, True)
        del egress

    def check_limit(self, peer: Peer, now: float) -> None:
        """``maximum-prefix``: warn at the threshold, end the session above the limit."""
        limit = peer.settings.policy.maximum_prefix
        if limit is None or not peer.up:
            return
        count = sum(path is not None for path in peer.accepted.values())
        if count > limit.limit:
            self._log(
                peer,
                now,
                f"%BGP-3-MAXPFXEXCEED: Number of prefixes received from {peer.name()} (afi 0): "
                f"{count} exceeds limit {limit.limit}",
            )
            if not limit.warning_only:
                peer.prefix_limit = True
                self.down(
                    peer,
                    now,
                    "BGP Notification sent",
                    "Maximum Number of Prefixes Reached",
                )
        elif count > limit.limit * limit.threshold // 100 and not peer.warned:
            peer.warned = True
            self._log(
                peer,
                now,
                f"%BGP-4-MAXPFX: Number of prefixes received from {peer.name()} (afi 0) "
                f"reaches {count}, max {limit.limit}",
            )


def _router_id(peer: Peer) -> IPv4Address:
    return peer.node.families[peer.key].router_id


def _ttl(sender: Peer, receiver: Peer, hops: int) -> bool:
    """Whether a packet lives so far, and is young enough for a receiver with ``ttl-security`` (RFC 5082).

    With that, as between internal neighbors, a router sends with the highest TTL.
    """
    settings = sender.settings
    oldest = sender.internal or settings.ttl_security is not None
    sent = 255 if oldest else settings.multihop or 1
    least = 1 if receiver.settings.ttl_security is None else 255 - receiver.settings.ttl_security
    return sent - (hops - 1) >= least


def _presented_as(bgp: BgpSettings, neighbor: NeighborSettings) -> int:
    """The AS in our OPEN: to the outside of a confederation its identifier, inside the member's."""
    inside = neighbor.remote_as == bgp.asn or neighbor.remote_as in bgp.confederates
    return bgp.asn if bgp.confederation is None or inside else bgp.confederation

"""BFD sessions of BGP neighbors (RFC 5880, 5881): asynchronous mode, with the echo function where both sides have it.

A session lives as long as the BGP session that asked for it, as on IOS-XE: it is created when BGP is Established, and
when it goes down BGP does, which destroys it. A neighbor that has no BFD leaves the session Down and BGP as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.network.filtering import BFD
from pytest_azinterop.lab.network.records import BfdNeighbor

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.settings import BfdSettings
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.bgp_session import Sessions
    from pytest_azinterop.lab.network.node import Node

HANDSHAKE = 1.0
"""Seconds until three control packets were exchanged: a session that is not up sends one a second (RFC 5880, 6.8.3)."""
SLOW_TIMER = 1000
"""Milliseconds between control packets while the echo function watches the path."""
SOFTWARE_DISCRIMINATORS = 4096
EXPIRED, SIGNALLED, PATH_DOWN, ADMIN_DOWN = 1, 3, 5, 7
"""Diagnostics (RFC 5880, 4.1)."""
_REASONS = {EXPIRED: "DETECT TIMER EXPIRED", SIGNALLED: "RX DOWN", PATH_DOWN: "INTERFACE DOWN"}


@dataclass(slots=True)
class BfdSession:
    """One side of a session. Times are UTC epoch seconds."""

    number: int
    """Sessions of the node so far, this one included: a discriminator is not used again."""
    handle: int
    interface: str
    settings: BfdSettings
    since: float
    """When the state was entered."""
    up: bool = False
    diagnostic: int = 0
    unheard_since: float | None = None
    """While up: when packets of the neighbor stopped arriving; None while they do."""
    ready_at: float | None = None
    """While down: when the session will be up, if the neighbor goes on answering."""
    heard: BfdSettings | None = None
    """What the neighbor's last packet said; None before the first."""
    heard_discriminator: int = 0

    @property
    def discriminator(self) -> int:
        """Local discriminator: sessions that the forwarding hardware runs count from one, those in software above."""
        return self.number if not self.settings.echo else SOFTWARE_DISCRIMINATORS + self.number

    @property
    def echoes(self) -> bool:
        """The echo function is in use."""
        return self.settings.echo and self.heard is not None and self.heard.echo

    def detection(self) -> float:
        """Seconds without a packet (or an echo) after which the neighbor counts as lost."""
        mine, theirs = self.settings, self.heard or self.settings
        if self.echoes:
            return max(mine.interval, theirs.min_rx) * mine.multiplier / 1000
        return max(mine.min_rx, theirs.interval) * theirs.multiplier / 1000

    def next_event(self) -> float | None:
        """When the state changes, should nothing else."""
        if not self.up:
            return self.ready_at
        return None if self.unheard_since is None else self.unheard_since + self.detection()


def hop_mode(peer: Peer) -> str | None:
    """How ``fall-over bfd`` watches the neighbor: ``single-hop`` or ``multi-hop``; None when it is not configured."""
    chosen = peer.settings.fall_over_bfd
    if chosen != "auto":
        return chosen
    if not peer.internal:
        return "single-hop" if (peer.settings.multihop or 1) == 1 else "multi-hop"
    route = peer.node.table(peer.vrf).lookup(peer.settings.address)
    return "multi-hop" if route is not None and route.protocol != "connected" else "single-hop"


class Bfd:
    """The BFD of every node."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._numbers: dict[str, int] = {}

    def next_event(self) -> float | None:
        """When the next timer runs out."""
        times = [peer.bfd.next_event() for peer in self._sessions.peers() if peer.bfd is not None]
        return min((time for time in times if time is not None), default=None)

    def update(self, now: float) -> bool:
        """Create, end and judge sessions; True when one changed state."""
        peers = [peer for peer in self._sessions.peers() if peer.bfd is not None or peer.settings.fall_over_bfd]
        changed = False
        for peer in peers:
            changed |= self._exist(peer, now)
        for peer in peers:
            if peer.bfd is not None:
                changed |= self._judge(peer, peer.bfd, now)
        return changed

    def _exist(self, peer: Peer, now: float) -> bool:
        wanted = _wanted(peer)
        session = peer.bfd
        if wanted is None:
            if session is None:
                return False
            self._destroy(peer, session, now)
            return True
        interface, settings = wanted
        if session is not None and session.interface == interface:
            changed = session.settings != settings
            session.settings = settings
            return changed
        if session is not None:
            self._destroy(peer, session, now)
        number = self._numbers[peer.node.name] = self._numbers.get(peer.node.name, 0) + 1
        used = {each.bfd.handle for each in self._sessions.peers() if each.node is peer.node and each.bfd is not None}
        handle = next(free for free in range(1, len(used) + 2) if free not in used)
        peer.bfd = BfdSession(number, handle, interface, settings, now)
        created = (
            f"bfd_session_created, neigh {text(peer.settings.address)} proc:BGP, idb:{interface} handle:{handle} act"
        )
        _log(peer.node, now, f"%BFD-6-BFD_SESS_CREATED: BFD-SYSLOG: {created}")
        return True

    def _destroy(self, peer: Peer, session: BfdSession, now: float) -> None:
        peer.bfd = None
        gone = f"bfd_session_destroyed,  ld:{session.discriminator} neigh proc:BGP, handle:{session.handle} act"
        _log(peer.node, now, f"%BFD-6-BFD_SESS_DESTROYED: BFD-SYSLOG: {gone}")

    def _judge(self, peer: Peer, session: BfdSession, now: float) -> bool:
        remote = peer.remote
        theirs = None if remote is None or remote.remote is not peer else remote.bfd
        heard = theirs is not None and remote is not None and self._sessions.arrives(remote, peer, (BFD,))
        if session.up:
            return self._keep(peer, session, now, heard=heard)
        answers = heard and self._sessions.arrives(peer, remote, (BFD,)) if remote is not None else False
        if theirs is not None and heard:
            session.heard, session.heard_discriminator = theirs.settings, theirs.discriminator
        if not answers or theirs is None:
            session.ready_at = None
            return False
        if session.ready_at is None:
            session.ready_at = theirs.ready_at or now + HANDSHAKE
            return False
        if now < session.ready_at:
            return False
        session.up, session.since, session.diagnostic, session.ready_at = True, now, 0, None
        _log(
            peer.node, now,
            f"%BFDFSM-6-BFD_SESS_UP: BFD-SYSLOG: BFD session ld:{session.discriminator} handle:{session.handle} "
            "is going UP",
        )  # fmt: skip
        return True

    def _keep(self, peer: Peer, session: BfdSession, now: float, *, heard: bool) -> bool:
        remote = peer.remote
        if not peer.node.up(session.interface):
            return self._down(peer, session, now, PATH_DOWN)
        if heard and remote is not None and remote.bfd is not None:
            session.unheard_since = None
            session.heard, session.heard_discriminator = remote.bfd.settings, remote.bfd.discriminator
            return False
        if (
            remote is not None
            and remote.remote is peer
            and remote.bfd is None
            and self._sessions.arrives(remote, peer, (BFD,))
        ):
            session.up, session.since, session.diagnostic = False, now, SIGNALLED
            session.unheard_since, session.heard = None, None
            session.heard_discriminator = 0
            return True
        if session.unheard_since is None:
            session.unheard_since = now
        if now < session.unheard_since + session.detection():
            return False
        return self._down(peer, session, now, EXPIRED)

    def _down(self, peer: Peer, session: BfdSession, now: float, diagnostic: int) -> bool:
        """The path is lost: the neighbor is told where it can be, and BGP falls with the session."""
        remote = peer.remote
        session.up, session.since, session.diagnostic, session.unheard_since = False, now, diagnostic, None
        reason = "ECHO FAILURE" if diagnostic == EXPIRED and session.echoes else _REASONS[diagnostic]
        _log(
            peer.node, now,
            f"%BFDFSM-6-BFD_SESS_DOWN: BFD-SYSLOG: BFD session ld:{session.discriminator} handle:{session.handle},"
            f"is going Down Reason: {reason}",
        )  # fmt: skip
        told = remote is not None and remote.remote is peer and self._sessions.arrives(peer, remote, (BFD,))
        self._sessions.down(peer, now, "BFD adjacency down", None)
        self._destroy(peer, session, now)
        if told and remote is not None and remote.bfd is not None and remote.bfd.up:
            self._down(remote, remote.bfd, now, SIGNALLED)
        return True


def _wanted(peer: Peer) -> tuple[str, BfdSettings] | None:
    """The interface and its values when the neighbor should have a session. Multi-hop needs a ``bfd map``: none."""
    if not peer.up or hop_mode(peer) != "single-hop" or peer.interface is None:
        return None
    settings = peer.node.settings.interfaces.get(peer.interface)
    return None if settings is None or settings.bfd is None else (peer.interface, settings.bfd)


def _log(node: Node, now: float, message: str) -> None:
    if node.is_router:
        node.note(now, message)


def bfd_neighbors(node: Node, now: float) -> tuple[BfdNeighbor, ...]:
    """The sessions of a node, by handle."""
    peers = [peer for family in node.families.values() for peer in family.peers.values() if peer.bfd is not None]
    return tuple(
        found
        for peer in sorted(peers, key=lambda peer: peer.bfd.handle if peer.bfd is not None else 0)
        if (found := _record(peer, now)) is not None
    )


def _record(peer: Peer, now: float) -> BfdNeighbor | None:
    session, local = peer.bfd, peer.local_address
    if session is None or local is None:
        return None
    mine, theirs = session.settings, session.heard
    slow = session.echoes or not session.up
    transmit = SLOW_TIMER if slow else max(mine.interval, theirs.min_rx if theirs is not None else 0)
    receive = SLOW_TIMER if slow else max(mine.min_rx, theirs.interval if theirs is not None else 0)
    silent = session.unheard_since if session.up else None
    age = max(0.0, now - session.since)
    heard_for = max(0.0, (now if silent is None else silent) - session.since)
    return BfdNeighbor(
        vrf=peer.vrf,
        address=peer.settings.address,
        local_address=local,
        interface=session.interface,
        handle=session.handle,
        local_discriminator=session.discriminator,
        remote_discriminator=session.heard_discriminator,
        up=session.up,
        remote_up=session.up,
        age=age,
        diagnostic=session.diagnostic,
        min_tx=SLOW_TIMER if slow else mine.interval,
        min_rx=SLOW_TIMER if session.echoes else mine.min_rx,
        multiplier=mine.multiplier,
        remote_min_tx=0 if theirs is None else SLOW_TIMER if session.echoes else theirs.interval,
        remote_min_rx=0 if theirs is None else SLOW_TIMER if session.echoes else theirs.min_rx,
        remote_multiplier=0 if theirs is None else theirs.multiplier,
        remote_min_echo=theirs.min_rx if theirs is not None and theirs.echo else 0,
        transmit_interval=transmit,
        echo_interval=max(mine.interval, theirs.min_rx) if session.echoes and theirs is not None else None,
        hardware=not mine.echo,
        sent=int(age * 1000 / transmit),
        received=0 if theirs is None or not session.up else int(heard_for * 1000 / receive),
        last_received_ms=int(max(0.0, now - (now if silent is None else silent)) * 1000 + now * 1000 % receive),
        last_sent_ms=int(now * 1000 % transmit),
    )

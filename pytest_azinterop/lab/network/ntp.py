"""NTP: which server answers, when a clock counts as synchronised, and by how much it is off.

A server is asked every 64 seconds. A client believes it after four answers (``iburst``: after the first) and gives it
up when the last eight polls all went unanswered (RFC 5905, section 9.2: the reach register). Clocks that nobody sets
run on their own oscillators.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.filtering import NTP
from pytest_azinterop.lab.network.upkeep_records import NtpAssociation, NtpState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.config.settings import TimeServer
    from pytest_azinterop.lab.network.forwarding import Forwarding
    from pytest_azinterop.lab.network.node import Clockwork, Node

POLL = 64
_NEEDED = 4
_REGISTER = 8
_UNSYNCHRONIZED = 16
_TOLERANCE = 0.128
"""Seconds by which two sources may differ and still agree (the step threshold of RFC 5905)."""

Key = tuple[str, str | None, "IPv4Address"]


@dataclass(frozen=True, slots=True)
class _Source:
    """A server that answers."""

    node: str
    clock: Clockwork
    stratum: int
    reference: str
    delay_ms: float


@dataclass(slots=True)
class _Peer:
    """One association. ``since`` is when it began to answer, or ceased to."""

    since: float
    source: _Source | None = None
    answers: bool = False
    before: int = 0
    """The register at ``since``."""
    believed_before: bool = False
    quick: bool = False

    def polls(self, now: float) -> int:
        return int((now - self.since) // POLL) + (1 if self.quick and self.answers else 0)

    def register(self, now: float) -> int:
        count = min(self.polls(now), _REGISTER)
        return ((self.before << count) | ((1 << count) - 1 if self.answers else 0)) & 0xFF

    def believed(self, now: float) -> bool:
        if self.source is None or self.register(now) == 0 or self.source.stratum >= _UNSYNCHRONIZED:
            return False
        if self.believed_before:
            return True
        return self.answers and self.polls(now) >= (1 if self.quick else _NEEDED)

    def next_change(self, now: float) -> float | None:
        """When the association is believed or given up, if nothing else happens."""
        if self.answers:
            at = self.since + (_NEEDED - (1 if self.quick else 0)) * POLL
            return at if not self.believed(now) and at > now else None
        if self.register(now) == 0:
            return None
        gone = next(count for count in range(_REGISTER + 1) if (self.before << count) & 0xFF == 0)
        at = self.since + gone * POLL
        return at if at > now else None

    def turn(self, now: float, source: _Source | None) -> None:
        """It answers from now on, or does no more."""
        self.before, self.believed_before = self.register(now), self.believed(now)
        self.since, self.answers = now, source is not None
        if source is not None:
            self.source = source


@dataclass(slots=True)
class _Client:
    peers: dict[Key, _Peer] = field(default_factory=dict)
    chosen: Key | None = None
    ever: bool = False
    started: float = 0.0


class Ntp:
    """The clocks of all routers."""

    def __init__(self, nodes: dict[str, Node], forwarding: Forwarding) -> None:
        self._nodes = nodes
        self._forwarding = forwarding
        self._clients: dict[str, _Client] = {}

    def next_event(self, now: float) -> float | None:
        """When an association is believed or given up next."""
        times = (peer.next_change(now) for client in self._clients.values() for peer in client.peers.values())
        return min((at for at in times if at is not None), default=None)

    def update(self, now: float) -> bool:
        """Bring the associations to the present; True when a clock has found, changed or lost its source."""
        changed = False
        for node in self._nodes.values():
            if node.is_router:
                client = self._clients.setdefault(node.name, _Client())
                changed |= self._update(node, client, now)
                node.clock_mark = "" if client.chosen is not None else "." if client.ever else "*"
        return changed

    def _update(self, node: Node, client: _Client, now: float) -> bool:
        wanted = {(node.name, each.vrf, each.address): each for each in node.settings.time_servers}
        if not client.peers and wanted:
            client.started = now
        for key in [key for key in client.peers if key not in wanted]:
            del client.peers[key]
        for key, server in wanted.items():
            peer = client.peers.get(key)
            if peer is None:
                peer = client.peers[key] = _Peer(now, quick=server.iburst)
            self._ask(node, server, peer, now)
        return self._choose(node, client, wanted, now)

    def _ask(self, node: Node, server: TimeServer, peer: _Peer, now: float) -> None:
        source = self._source(node, server)
        if (source is not None) != peer.answers:
            peer.turn(now, source)
            if node.settings.ntp_logging:
                word = "6-PEERREACH" if source is not None else "4-PEERUNREACH"
                state = "reachable" if source is not None else "unreachable"
                node.note(now, f"%NTP-{word}: Peer {server.address} is {state}")
        elif source is not None:
            peer.source = source

    def _choose(self, node: Node, client: _Client, wanted: dict[Key, TimeServer], now: float) -> bool:
        chosen = self._best(client, wanted, now)
        if chosen == client.chosen:
            return False
        client.chosen = chosen
        source = None if chosen is None else client.peers[chosen].source
        if source is None:
            node.clock.run_free(now)
        else:
            node.clock.follow(source.clock)
            client.ever = True
        if node.settings.ntp_logging:
            node.note(now, "%NTP-4-UNSYNC: NTP sync is lost" if chosen is None else f"%NTP-5-PEERSYNC: NTP synced to "
                      f"peer {chosen[2]}")  # fmt: skip
        return True

    def _best(self, client: _Client, wanted: dict[Key, TimeServer], now: float) -> Key | None:
        usable = _agreeing(client.peers, now)
        ranked = []
        for place, key in enumerate(wanted):
            source = client.peers[key].source
            if key in usable and source is not None:
                ranked.append((not wanted[key].prefer, source.stratum, source.delay_ms, place, key))
        return min(ranked)[4] if ranked else None

    def _source(self, node: Node, server: TimeServer) -> _Source | None:
        """The server's answer, if packets get there and back."""
        for other in self._nodes.values():
            spec = None if other.far_end is None else other.far_end.time
            if spec is None or not spec.out_of_band or other.silent or other.far_end is None:
                continue
            if server.address in other.far_end.addresses.values():
                return _Source(other.name, other.clock, spec.stratum, spec.reference, 1.0)
        hops = node.table(server.vrf).resolve(server.address)
        interface = node.settings.interfaces.get(hops[0].interface or "") if hops else None
        if interface is None or interface.address is None:
            return None
        there = self._forwarding.walk(node, server.vrf, interface.address.ip, server.address, size=76, packet=NTP)
        if not there.delivered or there.host or there.node is None:
            return None
        back = self._forwarding.reply(there, interface.address.ip, server.address, size=76, packet=NTP)
        if not back.delivered or back.node is not node:
            return None
        return self._answer(there.node, there.delay_ms + back.delay_ms)

    def _answer(self, other: Node, delay_ms: float) -> _Source | None:
        """What a node says when it is asked for the time; None when it does not serve it."""
        if other.far_end is not None:
            spec = other.far_end.time
            return None if spec is None else _Source(other.name, other.clock, spec.stratum, spec.reference, delay_ms)
        client = self._clients.get(other.name)
        if not other.settings.time_servers or client is None:
            return None
        source = None if client.chosen is None else client.peers[client.chosen].source
        if client.chosen is None or source is None:
            return _Source(other.name, other.clock, _UNSYNCHRONIZED, ".INIT.", delay_ms)
        return _Source(other.name, other.clock, source.stratum + 1, str(client.chosen[2]), delay_ms)

    def disturb(self, node: Node, now: float, offset: float | None, drift: float | None) -> None:
        """Somebody sets a router's clock, or its oscillator ages. A clock that was set loses its source."""
        if drift is not None:
            node.clock.set_drift(now, drift)
        if offset is None:
            return
        node.clock.run_free(now)
        node.clock.offset = offset
        client = self._clients.get(node.name)
        if client is not None:
            client.chosen = None
            for peer in client.peers.values():
                peer.since, peer.answers, peer.before, peer.believed_before = now, peer.answers, 0, False

    def forget(self, node: Node, now: float) -> None:
        """A router starts anew: its clock has gone on by itself."""
        node.clock.run_free(now)
        self._clients.pop(node.name, None)

    def state(self, node: Node, now: float) -> NtpState:
        """What the router tells."""
        client = self._clients.get(node.name, _Client())
        usable = _agreeing(client.peers, now)
        rows = []
        for server in node.settings.time_servers:
            key = (node.name, server.vrf, server.address)
            peer = client.peers.get(key)
            if peer is None:
                continue
            mark = "*" if key == client.chosen else "+" if key in usable else "x" if peer.believed(now) else " "
            rows.append(_association(node, server.address, peer, mark, now))
        return NtpState(
            enabled=bool(rows),
            synchronized=client.chosen is not None,
            ever=client.ever,
            associations=tuple(rows),
            drift=node.clock.drift,
            uptime=now - client.started,
        )


def _agreeing(peers: dict[Key, _Peer], now: float) -> frozenset[Key]:
    """The largest group of believed sources whose clocks agree; the first one of equals."""
    errors = {
        key: peer.source.clock.error(now)
        for key, peer in peers.items()
        if peer.source is not None and peer.believed(now)
    }
    groups: Iterable[frozenset[Key]] = (
        frozenset(other for other, error in errors.items() if abs(error - middle) <= _TOLERANCE)
        for middle in errors.values()
    )
    return max(groups, key=len, default=frozenset())


def _association(node: Node, address: IPv4Address, peer: _Peer, mark: str, now: float) -> NtpAssociation:
    register, source = peer.register(now), peer.source
    if source is None or (register == 0 and not peer.believed_before):
        return NtpAssociation(address, mark, ".INIT.", _UNSYNCHRONIZED, None, POLL, register, 0.0, 0.0, 15937.0)
    missed = 0 if peer.answers else peer.polls(now)
    answered = int(now - peer.since) % POLL + missed * POLL if peer.answers else int(now - peer.since)
    offset = (source.clock.error(now) - node.clock.error(now)) * 1000
    filled = register.bit_count()
    return NtpAssociation(
        address=address,
        mark=mark,
        reference=source.reference,
        stratum=source.stratum,
        when=answered,
        poll=POLL,
        reach=register,
        delay_ms=source.delay_ms,
        offset_ms=offset,
        dispersion_ms=0.95 if filled == _REGISTER else 15937.0 / 2**filled,
    )

"""The simulated network: state as a function of configuration, links, far ends and time."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

from pytest_azinterop.lab.certificates import dated
from pytest_azinterop.lab.config.editor import ConfigTextError, load
from pytest_azinterop.lab.config.extract import settings as extract
from pytest_azinterop.lab.config.tree import render
from pytest_azinterop.lab.network.automation import Automation
from pytest_azinterop.lab.network.bfd import Bfd
from pytest_azinterop.lab.network.bgp import Bgp
from pytest_azinterop.lab.network.bgp_origin import far_end_networks
from pytest_azinterop.lab.network.convergence import Convergence
from pytest_azinterop.lab.network.crypto import Crypto
from pytest_azinterop.lab.network.fabric import Fabric
from pytest_azinterop.lab.network.far_ends import far_end_settings
from pytest_azinterop.lab.network.forwarding import Forwarding
from pytest_azinterop.lab.network.host_probe import HostProbe
from pytest_azinterop.lab.network.interfaces import (
    add_statics,
    direct_routes,
    given_routes,
    stub_routes,
    update_interfaces,
)
from pytest_azinterop.lab.network.links import LinkRuntime
from pytest_azinterop.lab.network.node import Clockwork, Node
from pytest_azinterop.lab.network.ntp import Ntp
from pytest_azinterop.lab.network.ospf import Ospf
from pytest_azinterop.lab.network.outside import Outside
from pytest_azinterop.lab.network.port_traffic import PortTraffic
from pytest_azinterop.lab.network.router import Router
from pytest_azinterop.lab.network.routes import Table
from pytest_azinterop.lab.topology import Topology, TopologyError, load_topology

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_azinterop.lab.clock import Clock
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.network.automation import Runner

ROUNDS = 60
"""Rounds until the network must have settled for one moment of time."""


class Simulation(Outside):
    """A network directory come to life. Raises TopologyError for a directory that cannot be used."""

    def __init__(self, network_dir: Path, clock: Clock) -> None:
        self.clock = clock
        self.topology = load_topology(network_dir)
        self._now = self.began = clock.now() - self.topology.age
        self.nodes: dict[str, Node] = {}
        for name, spec in self.topology.routers.items():
            node = _router_node(self.topology, name, clock.now() - spec.uptime, self._now)
            node.certificates = dated(spec.certificates, clock.now())
            self.nodes[name] = node
        for name, far_end in self.topology.far_ends.items():
            ahead = 0.0 if far_end.time is None else far_end.time.offset
            self.nodes[name] = Node(
                name, far_end_settings(far_end), self._now, far_end=far_end, clock=Clockwork(ahead, since=self._now),
                certificates=dated(far_end.certificates, clock.now()),
            )  # fmt: skip
        ranks = {name: _rank(node) for name, node in self.nodes.items()}
        self.links = {name: LinkRuntime(link, ranks) for name, link in self.topology.links.items()}
        self.fabric = Fabric(self.nodes, self.links)
        self.forwarding = Forwarding(self.nodes, self.fabric, self.topology)
        self.crypto = Crypto(self.nodes, self.forwarding)
        self.forwarding.crypto = self.crypto
        self.ospf = Ospf(self.nodes, self.fabric)
        self.bgp = Bgp(self.nodes, self.forwarding, self.topology)
        self.bfd = Bfd(self.bgp.sessions)
        self.convergence = Convergence(lambda after: self.follow(after, self.touch))
        self.forwarding.convergence, self.forwarding.now = self.convergence, lambda: self._now
        self.port_traffic = PortTraffic(self.nodes, self.fabric)
        self.ntp = Ntp(self.nodes, self.forwarding)
        self.automation = Automation(self.nodes, self.follow)
        self._versions: dict[str, int] = {}
        self._dirty = True
        self._firing = False
        self.revision = 0
        """Counts how often the state was computed anew: while it stays the same, so do the ways of packets."""
        self.reporter: Callable[..., None] | None = None
        """Is told what the network did by itself: the lab's log."""
        self.on_line: list[Callable[[str, str, str], None]] = []
        """Are told of each line that somebody types: router, line, the line with every keyword in full."""
        self.on_request: list[Callable[[str], None]] = []
        """Are told of each request to Azure that is carried out: method and path."""
        self.on_session: list[Callable[[str, bool], None]] = []
        """Are told when a BGP session of a node comes up or goes down."""
        self.bgp.sessions.listener = self._session_changed
        self.unsettled = False
        """True after policies that oscillate (a real network would flap): the state is one of those it goes through."""
        self._order = itertools.count()
        self._observers: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled: list[tuple[float, int, Callable[[], None]]] = []
        self._routers = {name: Router(self, self.nodes[name]) for name in self.topology.routers}
        self.settle()

    @property
    def now(self) -> float:
        """The simulated time up to which everything is computed, UTC epoch seconds."""
        return self._now

    @property
    def routers(self) -> tuple[str, ...]:
        """Names of the routers."""
        return tuple(self._routers)

    @property
    def far_ends(self) -> tuple[str, ...]:
        """Names of the far ends."""
        return tuple(self.topology.far_ends)

    def router(self, name: str) -> Router:
        """One router's view. Raises KeyError for a name that is not in the topology."""
        return self._routers[name]

    def touch(self) -> None:
        """Something that state depends on has changed."""
        self._dirty = True

    def typed(self, router: str, line: str, command: str) -> None:
        """Somebody types a line on a router."""
        for listener in self.on_line:
            listener(router, line, command)

    def asked(self, request: str) -> None:
        """Somebody asks Azure."""
        for listener in self.on_request:
            listener(request)

    def _session_changed(self, node: str, up: bool) -> None:
        for listener in self.on_session:
            listener(node, up)

    def automate(self, runner: Runner) -> None:
        """Somebody carries out from now on what routers do by themselves."""
        self.automation.runner = runner
        self.settle()
        self.automation.update(self._now)

    def follow(self, after: float, action: Callable[[], None]) -> None:
        """Run an action this many seconds after what is happening now, which may lie before the present."""
        heapq.heappush(self._scheduled, (self._now + after, next(self._order), action))

    def report(self, event: str, **details: object) -> None:
        """Tell the lab's log of something that nobody typed."""
        if self.reporter is not None:
            self.reporter(event, **details)

    @property
    def moment(self) -> float:
        """When what is done now happens: the present, or the time of the event that is being carried out."""
        return self._now if self._firing else self.clock.now()

    def schedule(self, after: float, action: Callable[[], None]) -> None:
        """Run an action when this many seconds of simulated time have passed from now."""
        heapq.heappush(self._scheduled, (self.moment + after, next(self._order), action))

    def settle(self) -> None:
        """Bring the state to the present simulated time, event by event; within an event, to that event's time."""
        if self._firing:
            if self._dirty:
                self._dirty = False
                self._converge()
            return
        target = self.clock.now()
        while True:
            if self._dirty:
                self._dirty = False
                self._converge()
            event = self._next_event()
            if self._look(target if event is None else min(event, target)):
                continue
            if event is None or event > target:
                break
            self._now = max(self._now, event)
            self._fire()
        self._now = max(self._now, target)

    def observe(self, after: float, look: Callable[[], None]) -> None:
        """Look at the network when this many seconds have passed: at that very moment, and without changing it."""
        heapq.heappush(self._observers, (self.moment + after, next(self._order), look))

    def _look(self, until: float) -> bool:
        """Let the next observer look that is due before anything happens."""
        if not self._observers or self._observers[0][0] > until:
            return False
        at, _, look = heapq.heappop(self._observers)
        self._now = max(self._now, at)
        self._firing = True
        try:
            look()
        finally:
            self._firing = False
        return True

    def host(self, name: str) -> HostProbe:
        """What a host sees. Raises KeyError."""
        return HostProbe(self.topology.hosts[name], self.nodes, self.forwarding)

    def _next_event(self) -> float | None:
        times = [self.bgp.sessions.next_event(), self.bfd.next_event(), self.crypto.next_event()]
        times.append(self._scheduled[0][0] if self._scheduled else None)
        times.append(self.ntp.next_event(self._now))
        return min((time for time in times if time is not None), default=None)

    def _quiet_until(self) -> float:
        """When anything but a rekey happens next, at the latest the present."""
        times = [self.bgp.sessions.next_event(), self.bfd.next_event()]
        times.append(self._scheduled[0][0] if self._scheduled else None)
        times.append(self.ntp.next_event(self._now))
        times += [attempt.ready_at for attempt in self.crypto.attempts.values()]
        return min([self.clock.now(), *(time for time in times if time is not None)])

    def _fire(self) -> None:
        """Let happen what is due now; the network converges again only if it made a difference."""
        while self._scheduled and self._scheduled[0][0] <= self._now:
            self._firing = True
            try:
                heapq.heappop(self._scheduled)[2]()
            finally:
                self._firing = False
            self._dirty = True
        if self.ntp.update(self._now):
            self._dirty = True
        due = self.crypto.next_event()
        self.crypto.horizon = self._quiet_until()
        if due is not None and due <= self._now and self.crypto.fire(self._now):
            self._dirty = True
        for peer in self.bgp.sessions.peers():
            if peer.refresh_out_at is not None and peer.refresh_out_at <= self._now:
                self.bgp.refresh_out(peer)
                self._dirty = True
        due = self.bfd.next_event()
        if due is not None and due <= self._now and self.bfd.update(self._now):
            self._dirty = True
        due = self.bgp.sessions.next_event()
        if due is not None and due <= self._now and self.bgp.sessions.update(self._now):
            self._dirty = True

    def _converge(self) -> None:
        self.revision += 1
        self._read_configurations()
        for _ in range(ROUNDS):
            changed = False
            for node in self.nodes.values():
                changed |= update_interfaces(node, self.fabric, self.crypto, self._now)
            changed |= self._tables()
            changed |= self.crypto.update(self._now)
            changed |= self.bgp.update(self._now)
            changed |= self.bfd.update(self._now)
            changed |= self.ntp.update(self._now)
            if not changed:
                break
        else:
            self.unsettled = True
        self.convergence.update(self.nodes, self._now)
        self.port_traffic.update(self._now)

    def _read_configurations(self) -> None:
        for name, node in self.nodes.items():
            version = -1 if node.configuration is None else node.configuration.version
            if self._versions.get(name) == version:
                continue
            self._versions[name] = version
            if node.configuration is not None:
                node.settings = extract(node.configuration.root)
                node.settings_version += 1
            self.fabric.forget()
            self.bgp.configure(node, self._now)
        self.automation.update(self._now)

    def _tables(self) -> bool:
        for attempt in range(8):
            self.ospf.compute(self._now)
            changes = [self._table(node) for node in self.nodes.values()]
            if True not in changes:
                return attempt > 0
        return True

    def _table(self, node: Node) -> bool:
        changed = False
        stubs = self._stubs(node)
        vrfs: list[str | None] = [None, *node.settings.vrfs]
        for gone in [vrf for vrf in node.tables if vrf not in vrfs]:
            del node.tables[gone]
            changed = True
        for vrf in vrfs:
            families = tuple(node.families.get((vrf, ip)) for ip in (4, 6))
            versions = tuple(None if each is None else each.version for each in families)
            basis = (
                node.settings_version, node.interface_version, node.far_state(), tuple(node.ospf.get(vrf, ())),
                versions, vrf and node.table_versions.get(None),
            )  # fmt: skip
            if node.built_on.get(vrf) == basis and vrf in node.tables:
                continue
            node.built_on[vrf] = basis
            changed |= self._build(node, vrf, stubs)
        return changed

    def _build(self, node: Node, vrf: str | None, stubs: list[IpNetwork]) -> bool:
        table = Table(direct_routes(node, vrf))
        if vrf is None:
            for route in stub_routes(stubs):
                table.offer(route)
        for route in given_routes(node, vrf):
            table.merge(route)
        for route in node.ospf.get(vrf, ()):
            table.merge(route)
        for ip in (4, 6):
            for route in self.bgp.routes(node, vrf, ip):
                table.offer(route)
        add_statics(node, vrf, table)
        table.date(self._now)
        old = node.tables.get(vrf)
        changed = True if old is None else table.keep_ages(old)
        node.tables[vrf] = table
        if changed:
            node.table_versions[vrf] = node.table_versions.get(vrf, 0) + 1
        return changed

    def _stubs(self, node: Node) -> list[IpNetwork]:
        spec = node.far_end
        if spec is None:
            return []
        found = [prefix for name in spec.vnets for prefix in self.topology.vnets[name].prefixes]
        return [*found, *spec.networks, *(far_end_networks(node, self.topology))]

    def _simulation(self) -> Simulation:
        return self


def _rank(node: Node) -> int:
    """How near to Azure: see ``LinkRuntime.ranks``."""
    if node.far_end is None:
        return 0
    return 2 if node.far_end.kind in ("msee", "vpn-gateway") else 1


def _router_node(topology: Topology, name: str, boot: float, now: float) -> Node:
    spec = topology.routers[name]
    try:
        text = spec.config.read_text()
    except OSError as error:
        raise TopologyError(f"routers.{name}.config: {error}") from None
    try:
        configuration = load(text)
    except ConfigTextError as error:
        raise TopologyError(f"{spec.config.name}: {error}") from None
    node = Node(name, extract(configuration.root), boot, router=spec, configuration=configuration)
    node.startup = render(configuration.root)
    node.changed_at = now
    node.clock.since = now
    return node

"""What no operator of a router can reach: links, far ends, clocks, hardware. What scenarios change of the network."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.certificates import Certificate, dated
from pytest_azinterop.lab.network.far_end_view import FarEndView, VnetProbe
from pytest_azinterop.lab.network.far_ends import far_end_settings
from pytest_azinterop.lab.network.links import CRC, DAMAGE, DELAY, DUPLICATES, LATE, LOSS, Effect, LinkRuntime, Reach
from pytest_azinterop.lab.network.reloading import switch_off, switch_on
from pytest_azinterop.lab.topology import bfd_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from ipaddress import IPv4Address

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp import Bgp
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.convergence import Convergence
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.fabric import Fabric
    from pytest_azinterop.lab.network.forwarding import Entering, Forwarding, Steering, Weighing
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.ntp import Ntp
    from pytest_azinterop.lab.network.router import Router
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.topology import FarEndSpec, Topology, VnetSpec


class Outside:
    """The changes; ``Simulation`` is what they happen to."""

    nodes: dict[str, Node]
    links: dict[str, LinkRuntime]
    topology: Topology
    fabric: Fabric
    forwarding: Forwarding
    bgp: Bgp
    crypto: Crypto
    ntp: Ntp
    convergence: Convergence
    _routers: dict[str, Router]
    _versions: dict[str, int]
    _firing: bool

    @property
    def now(self) -> float:
        """The simulated time up to which everything is computed, UTC epoch seconds."""
        raise NotImplementedError

    @property
    def moment(self) -> float:
        """When what is done now happens."""
        raise NotImplementedError

    def schedule(self, after: float, action: Callable[[], None]) -> None:
        """Run an action when this many seconds of simulated time have passed from now."""
        raise NotImplementedError

    def touch(self) -> None:
        """Something that state depends on has changed."""
        raise NotImplementedError

    def settle(self) -> None:
        """Bring the state to the present simulated time."""
        raise NotImplementedError

    def _before_change(self) -> None:
        """A change from outside happens now, not when the network was last looked at."""
        if not self._firing:
            self.settle()

    def set_link(
        self, name: str, *, state: str | None = None, direction: str | None = None, above_bytes: int | None = None,
        delay_ms: float | None = None, loss_percent: float | None = None, crc_percent: float | None = None,
        damaged_percent: float | None = None,
        duplicate_percent: float | None = None, late_percent: float | None = None, late_by: int | None = None,
        blocks: Sequence[tuple[str, int | None]] | None = None, macs: Mapping[IpAddress, str] | None = None,
    ) -> None:  # fmt: skip
        """Change a link. Raises KeyError for an unknown link, ValueError for an unknown state."""
        link, reach = self.links[name], Reach(direction or "both", above_bytes)
        self._before_change()
        if state is not None:
            if state not in ("up", "down", "silent"):
                raise ValueError(f"link {name}: state {state!r} is none of up, down, silent")
            link.state, link.outage = state, reach
        amounts = {
            DELAY: delay_ms, LOSS: loss_percent, CRC: crc_percent, DAMAGE: damaged_percent,
            DUPLICATES: duplicate_percent, LATE: late_percent,
        }  # fmt: skip
        for kind, amount in amounts.items():
            if amount is not None:
                link.effects[kind] = Effect(amount, reach)
        link.late_by = link.late_by if late_by is None else late_by
        if blocks is not None:
            link.blocks, link.blocked = tuple(blocks), reach
        link.macs |= macs or {}
        self.touch()

    def set_clock(self, name: str, *, offset: float | None = None, drift: float | None = None) -> None:
        """Set the clock of a router or a far end. Raises KeyError for an unknown name."""
        node = self.nodes[name]
        if node.is_router:
            self.ntp.disturb(node, self.now, offset, drift)
        else:
            node.clock.run_free(self.now)
            node.clock.offset = node.clock.offset if offset is None else offset
            node.clock.drift = node.clock.drift if drift is None else drift
        self.touch()

    def set_certificates(self, name: str, certificates: tuple[Certificate, ...]) -> None:
        """Replace the certificates of the same trustpoint and kind. Raises KeyError for an unknown name."""
        node, new = self.nodes[name], dated(certificates, self.now)
        gone = {(each.trustpoint, each.ca) for each in new}
        node.certificates = (*(each for each in node.certificates if (each.trustpoint, each.ca) not in gone), *new)
        trustpoints = tuple({each.trustpoint: None for each in node.certificates})
        if node.far_end is not None:
            node.settings = replace(node.settings, crypto=replace(node.settings.crypto, trustpoints=trustpoints))
        self.touch()

    def log_in(
        self, name: str, user: str, location: str, *, kind: str, idle: float, configuring: bool = False,
        lock: bool = False,
    ) -> None:  # fmt: skip
        """Somebody has been logged in to a router for a while. Raises KeyError for an unknown router."""
        node = self.nodes[name]
        if kind == "netconf":
            node.platform.log_in(user, location, locks=lock)
            return
        number = node.lines.enter(user, location, self.now - idle, kind=kind)
        if configuring or lock:
            via = f"vty{number} ({location})" if kind == "vty" else "console"
            self._routers[name].configure(user, via, exclusive=lock)

    def set_platform(self, name: str, **given: object) -> None:
        """Change processors, software or flash of a router. Raises KeyError for an unknown router."""
        state = self.nodes[name].platform
        abort_in = given.pop("abort_in", None)
        for key, value in given.items():
            setattr(state, key, value)
        if isinstance(abort_in, float):
            state.abort_at = self.moment + abort_in

    def set_convergence(self, *, lost: float | None, returned: float | None, shown: float | None) -> None:
        """How many seconds Azure takes; None leaves it."""
        self._before_change()
        for name, value in (("lost", lost), ("returned", returned), ("shown", shown)):
            if value is not None:
                setattr(self.convergence, name, value)
        self.touch()

    def reload(self, name: str, *, reason: str, outage: float, version: str | None = None) -> None:
        """Restart a router with its startup-config; it is gone for ``outage`` seconds. Raises KeyError."""
        node = self.nodes[name]
        self._before_change()
        switch_off(node, self.crypto, back_at=self.moment + outage, reason=reason, version=version)
        self._routers[name].rollback.forget()
        self.ntp.forget(node, self.moment)
        self._versions.pop(name, None)

        def start() -> None:
            if node.boot <= self.moment:
                switch_on(node, self.moment)
                self.touch()

        self.schedule(outage, start)
        self.touch()
        if not self._firing:
            self.settle()

    def absent(self, name: str) -> float:
        """Seconds until a router is back from a reload; 0 for one that runs. Raises KeyError."""
        node = self.nodes[name]
        return max(0.0, node.boot - self.moment) if node.off else 0.0

    def set_rollback(self, name: str, *, fails: tuple[str, ...], tells: bool) -> None:
        """Lines that a rollback of a router cannot type, and whether it writes to the terminal. Raises KeyError."""
        self.nodes[name].not_replayed, self.nodes[name].tells = fails, tells

    def set_far_end(
        self, name: str, *, withdraw: tuple[IpNetwork, ...] = (), restore: tuple[IpNetwork, ...] = (),
        announce: tuple[tuple[IpNetwork, AsPath], ...] = (), prepend: int | None = None, silent: bool | None = None,
        bfd: object = None, communities: Mapping[IpNetwork, tuple[str, ...]] | None = None,
        refuse: tuple[IpNetwork, ...] = (), graceful_restart: bool | None = None,
        nat: tuple[tuple[IPv4Address, IPv4Address], ...] | None = None,
    ) -> None:  # fmt: skip
        """Change what a far end does. ``as_path`` is as the router sees it, the far end's own AS included or not.

        Raises KeyError for an unknown far end.
        """
        node = self.nodes[name]
        if node.far_end is None:
            raise KeyError(name)
        self._before_change()
        node.withdrawn = (node.withdrawn | frozenset(withdraw)) - frozenset(restore)
        for prefix in withdraw:
            node.announced.pop(prefix, None)
        node.announced.update(dict(announce))
        node.communities.update(communities or {})
        if refuse:
            node.refused |= frozenset(refuse)
            for family in node.families.values():
                for peer in family.peers.values():
                    self.bgp.refresh_in(peer)
        if prepend is not None:
            node.prepend = prepend
        if silent is not None:
            node.silent = silent
        if graceful_restart is not None:
            node.graceful_restart = graceful_restart
        if nat is not None:
            self._declare(node, _translating(node.far_end, nat))
        if bfd is not None:
            self._declare(node, replace(node.far_end, bfd=bfd_spec(f"far_ends.{name}", bfd)))
        self.touch()

    def probe_from_vnet(self, network: str, source: IPv4Address, target: IPv4Address) -> VnetProbe:
        """Send a packet from a host of a virtual network by its gateways, and its answer back."""
        self.settle()
        exit_node = self.forwarding.vnet_exit((network,), target)
        if exit_node is None:
            return VnetProbe(answered=False, hops=(), delay_ms=0.0)
        there = self.forwarding.walk(exit_node, None, source, target)
        back = self.forwarding.reply(there, source, target, size=100) if there.delivered else there
        hops = tuple(hop for hop in there.hops if hop is not None)
        return VnetProbe(there.delivered and back.delivered, hops, there.delay_ms + back.delay_ms)

    def steer(self, steering: Steering, weighing: Weighing, entering: Entering) -> None:
        """Let route tables and the weights of connections decide about what hosts of virtual networks send and get."""
        self.forwarding.steering, self.forwarding.weighing = steering, weighing
        self.forwarding.entering = entering

    def set_link_tags(self, name: str, tags: tuple[int, ...]) -> None:
        """Deliver a link's frames with other VLAN tags. Raises KeyError for an unknown link."""
        link = self.links[name]
        if link.spec.tags != tags:
            self._before_change()
            link.spec = replace(link.spec, tags=tags)
            self.fabric.forget()
            self.touch()

    def far_end(self, name: str) -> FarEndView:
        """What a far end knows. Raises KeyError."""
        node = self.nodes[name]
        if node.far_end is None:
            raise KeyError(name)
        return FarEndView(self._simulation(), node, node.far_end)

    def declare_far_end(self, spec: FarEndSpec) -> None:
        """Make a far end another one: its resources in Azure have changed. Raises KeyError for an unknown one."""
        node = self.nodes[spec.name]
        if node.far_end == spec:
            return
        self._before_change()
        before = {} if node.far_end is None else {each.address: each.weight for each in node.far_end.neighbors}
        self._declare(node, spec)
        self.touch()
        self.settle()
        if any(before.get(each.address, 0) != each.weight for each in spec.neighbors):
            for family in node.families.values():
                for peer in family.peers.values():
                    self.bgp.refresh_in(peer)
            self.touch()
            self.settle()

    def declare_vnet(self, spec: VnetSpec) -> None:
        """Give a virtual network other prefixes or hosts."""
        if self.topology.vnets.get(spec.name) == spec:
            return
        self._before_change()
        self.topology.vnets[spec.name] = spec
        for node in self.nodes.values():
            if node.far_end is not None and spec.name in node.far_end.vnets:
                node.settings_version += 1
        self.touch()

    def _declare(self, node: Node, spec: FarEndSpec) -> None:
        """A far end is another one from now on."""
        node.far_end, node.settings = spec, far_end_settings(spec)
        node.settings_version += 1
        self._versions.pop(node.name, None)

    def _simulation(self) -> Simulation:
        raise NotImplementedError


def _translating(spec: FarEndSpec, nat: tuple[tuple[IPv4Address, IPv4Address], ...]) -> FarEndSpec:
    """The far end with these translations. Raises ValueError where none of its static routes leads to one of both."""
    statics = list(spec.statics)
    for inside, outside in nat:
        if any(inside in prefix for prefix, _ in spec.statics):
            continue
        found = [(prefix, via) for prefix, via in spec.statics if outside in prefix]
        if not found:
            raise ValueError(f"nat: no static route of {spec.name} leads to {inside} or {outside}")
        statics.append((ip_network(inside), max(found, key=lambda each: each[0].prefixlen)[1]))
    return replace(spec, nat=nat, statics=tuple(statics))

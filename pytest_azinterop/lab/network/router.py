"""One simulated router: the network side of ``view.RouterView``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.config.tree import render
from pytest_azinterop.lab.config.words import interface_name
from pytest_azinterop.lab.network import (
    bfd,
    configuring,
    dampening,
    probes,
    router_bgp,
    router_crypto,
    router_platform,
    router_state,
)
from pytest_azinterop.lab.network.crypto import installed
from pytest_azinterop.lab.network.records import (
    AccessList,
    ArpEntry,
    BfdNeighbor,
    Counters,
    Facts,
    ForwardingEntry,
    InterfaceState,
    Ipv6Neighbor,
    LogLine,
    OspfNeighbor,
    PingResult,
    PrefixList,
    RibRoute,
    RouteMap,
    StaticRoute,
    TraceResult,
    User,
    VrfState,
)
from pytest_azinterop.lab.network.rollback import Rollback

if TYPE_CHECKING:
    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import Dampening, LoggingSettings
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.bgp_records import BgpEntry, BgpNeighbor, BgpProcess, BgpTable, NeighborRoutes
    from pytest_azinterop.lab.network.crypto_records import (
        CryptoSession,
        IkeSa,
        Ikev2Proposal,
        IpsecIdentity,
        IpsecProfile,
    )
    from pytest_azinterop.lab.network.dampening import DampedPath
    from pytest_azinterop.lab.network.node import Node
    from pytest_azinterop.lab.network.ospf_records import OspfProcess
    from pytest_azinterop.lab.network.platform_state import PlatformView
    from pytest_azinterop.lab.network.simulation import Simulation
    from pytest_azinterop.lab.network.upkeep_records import ArchiveState, ConfigLock, NtpState, UserLine
    from pytest_azinterop.lab.network.view import ConfigEditor, PingRequest, TraceRequest


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Router:
    """Answers for the present simulated time."""

    def __init__(self, simulation: Simulation, node: Node) -> None:
        self._simulation = simulation
        self.node = node
        self.rollback = Rollback(self, simulation)

    @property
    def name(self) -> str:
        return self.node.name

    def _at(self) -> float:
        """Bring the network to the present; its time."""
        self._simulation.settle()
        return self._simulation.now

    def settle(self) -> None:
        """Bring the network to the present."""
        self._at()

    @property
    def hostname(self) -> str:
        self._at()
        return self.node.settings.hostname

    def facts(self) -> Facts:
        now, node, spec = self._at(), self.node, self.node.router
        if spec is None:
            raise AssertionError(node.name)
        major = ".".join(spec.version.split(".")[:2])
        return Facts(
            hostname=node.settings.hostname,
            domain_name=node.settings.domain_name,
            model=spec.model,
            serial=spec.serial,
            version=spec.version,
            image=f"bootflash:asr1000-universalk9.{major}.SPA.bin",
            rom="16.9(4r)",
            uptime=max(0.0, now - node.boot),
            reload_reason=node.reload_reason,
            memory_kb=3853548,
            processor="RP2",
        )

    def now(self) -> datetime:
        return _utc(self.node.local_time(self._at()))

    def ntp(self) -> NtpState:
        return self._simulation.ntp.state(self.node, self._at())

    def ntp_synchronized(self) -> bool:
        return self.ntp().synchronized

    def archive(self) -> ArchiveState:
        self._at()
        return self.node.archive.state(self.node.settings.archive)

    def keep_archive(self) -> bool:
        at, node = self._at(), self.node
        return node.archive.keep(
            node.settings.archive, node.settings.hostname, node.local_time(at), self.running_config()
        )

    def told(self, line: str) -> str:
        self._at()
        return "".join(self.node.told.pop(line, ()))

    def enter(self, user: str, location: str) -> int:
        return self.node.lines.enter(user, location, self._at())

    def note(self, text: str) -> None:
        self.node.note(self._simulation.moment, text)

    def leave(self, line: int) -> None:
        self.node.lines.leave(line)
        self.rollback.left(f"vty{line}")
        for each in [each for each in self.node.configuring if each.line == f"vty{line}"]:
            each.close()

    def active(self, line: int) -> None:
        self.node.lines.active(line, self._at())
        self.rollback.typed(f"vty{line}")

    def locks(self) -> tuple[ConfigLock, ...]:
        now = self._at()
        return tuple(each.lock(now) for each in self.node.configuring)

    def typed(self, line: str, command: str) -> None:
        self._at()
        self._simulation.typed(self.name, line, command)

    def platform(self) -> PlatformView:
        return router_platform.platform(self.node, self._at())

    def lock_refusal(self, via: str, *, exclusive: bool = False) -> str | None:
        return configuring.lock_refusal(self.node, via, self._at(), exclusive=exclusive)

    def user_lines(self) -> tuple[UserLine, ...]:
        return self.node.lines.lines(self._at())

    def logging(self) -> tuple[LoggingSettings, int]:
        self._at()
        return self.node.settings.logging, self.node.logged

    def running_config(self) -> str:
        self._at()
        configuration = self.node.configuration
        return "" if configuration is None else render(configuration.root)

    def startup_config(self) -> str:
        return self.node.startup

    def last_change(self) -> tuple[datetime, str | None]:
        self._at()
        return _utc(self.node.changed_at), self.node.changed_by

    def startup_written(self) -> tuple[datetime, str | None] | None:
        written = self.node.startup_written
        return None if written is None else (_utc(written[0]), written[1])

    def users(self) -> tuple[User, ...]:
        self._at()
        return self.node.settings.users

    def enable_secret(self) -> str | None:
        self._at()
        return self.node.settings.enable_secret

    def log(self) -> tuple[LogLine, ...]:
        self._at()
        return tuple(self.node.log)

    def add_log(self, text: str) -> None:
        self.node.note(self._at(), text)

    def interfaces(self) -> tuple[InterfaceState, ...]:
        return router_state.interfaces(self.node, self._simulation.crypto, self._at())

    def interface(self, name: str) -> InterfaceState | None:
        full = interface_name("".join(name.split()))
        return next((each for each in self.interfaces() if each.name == full), None)

    def vrfs(self) -> tuple[VrfState, ...]:
        self._at()
        return router_state.vrfs(self.node)

    def arp(self, vrf: str | None) -> tuple[ArpEntry, ...]:
        return router_state.arp(self.node, self._simulation.fabric, vrf, self._at())

    def rib(self, vrf: str | None, ip: int = 4) -> tuple[RibRoute, ...]:
        return router_state.rib(self.node, vrf, ip, self._at())

    def ipv6_neighbors(self, vrf: str | None) -> tuple[Ipv6Neighbor, ...]:
        return router_state.ipv6_neighbors(self.node, self._simulation.fabric, vrf, self._at())

    def static_routes(self, vrf: str | None) -> tuple[StaticRoute, ...]:
        self._at()
        return router_state.static_routes(self.node, vrf)

    def route(self, vrf: str | None, target: IpAddress | IpNetwork) -> RibRoute | None:
        return router_state.route(self.node, vrf, target, self._at())

    def forwarding(self, vrf: str | None, address: IpAddress) -> ForwardingEntry:
        self._at()
        return router_state.forwarding(self.node, vrf, address)

    def bgp(self) -> BgpProcess | None:
        self._at()
        return router_bgp.process(self.node)

    def bgp_neighbors(self, vrf: str | None, ip: int = 4) -> tuple[BgpNeighbor, ...]:
        return router_bgp.neighbors(self.node, vrf, ip, self._at())

    def bgp_table(self, vrf: str | None, ip: int = 4) -> BgpTable | None:
        self._at()
        return router_bgp.table(self.node, vrf, ip)

    def dampening(self, vrf: str | None, ip: int = 4) -> tuple[Dampening | None, tuple[DampedPath, ...]]:
        return dampening.state(self.node, vrf, ip, self._at())

    def bgp_entry(self, vrf: str | None, target: IpAddress | IpNetwork) -> BgpEntry | None:
        self._at()
        return router_bgp.entry(self.node, vrf, target)

    def advertised_routes(self, vrf: str | None, neighbor: IpAddress) -> NeighborRoutes | None:
        self._at()
        return router_bgp.advertised(self.node, vrf, neighbor)

    def received_routes(self, vrf: str | None, neighbor: IpAddress) -> NeighborRoutes | None:
        self._at()
        return router_bgp.received(self.node, vrf, neighbor)

    def accepted_routes(self, vrf: str | None, neighbor: IpAddress) -> NeighborRoutes | None:
        self._at()
        return router_bgp.accepted(self.node, vrf, neighbor)

    def route_maps(self) -> tuple[RouteMap, ...]:
        self._at()
        return router_state.route_maps(self.node)

    def prefix_lists(self, ip: int = 4) -> tuple[PrefixList, ...]:
        self._at()
        return tuple(each for _, each in sorted(self.node.settings.prefix_lists_of(ip).items()))

    def access_lists(self) -> tuple[AccessList, ...]:
        self._at()
        settings = self.node.settings
        lists = (settings.access_lists, settings.access_lists6, settings.as_path_lists, settings.community_lists)
        return tuple(each for group in lists for _, each in sorted(group.items()))

    def ospf_neighbors(self) -> tuple[OspfNeighbor, ...]:
        return self._simulation.ospf.neighbors(self.node, self._at())

    def bfd_neighbors(self) -> tuple[BfdNeighbor, ...]:
        return bfd.bfd_neighbors(self.node, self._at())

    def ospf_processes(self) -> tuple[OspfProcess, ...]:
        return self._simulation.ospf.processes(self.node, self._at())

    def certificates(self) -> tuple[Certificate, ...]:
        self._at()
        return installed(self.node)

    def ike_sas(self) -> tuple[IkeSa, ...]:
        return router_crypto.ike_sas(self.node, self._simulation.crypto, self._at())

    def ike_errors(self) -> dict[str, int]:
        return dict(self.node.ike_errors)

    def ipsec(self) -> tuple[IpsecIdentity, ...]:
        return router_crypto.identities(self.node, self._simulation.crypto, self._at())

    def crypto_sessions(self) -> tuple[CryptoSession, ...]:
        return router_crypto.sessions(self.node, self._simulation.crypto, self._at())

    def ikev2_proposals(self) -> tuple[Ikev2Proposal, ...]:
        self._at()
        return router_crypto.proposals(self.node)

    def ipsec_profiles(self) -> tuple[IpsecProfile, ...]:
        self._at()
        return router_crypto.profiles(self.node)

    def ping(self, request: PingRequest) -> PingResult:
        now = self._at()
        return probes.ping(self.node, self._simulation.forwarding, self._simulation.crypto, request, now)

    def traceroute(self, request: TraceRequest) -> TraceResult:
        self._at()
        return probes.traceroute(self.node, self._simulation.forwarding, request)

    def configure(self, user: str | None = None, via: str = "console", *, exclusive: bool = False) -> ConfigEditor:
        mode = configuring.Configuring(self, user, via, self._at(), exclusive=exclusive)
        self.node.configuring.append(mode)
        return mode

    def configured(self, user: str | None) -> None:
        """A line has changed the configuration."""
        self.node.changed_at = self.node.local_time(self._simulation.moment)
        self.node.changed_by = user
        self._simulation.touch()
        self._simulation.settle()

    def write_memory(self, user: str | None = None) -> None:
        self.node.startup = self.running_config()
        self.node.startup_written = (self.node.local_time(self._at()), user)
        if self.node.settings.archive.write_memory:
            self.keep_archive()

    def clear_bgp(
        self, vrf: str | None, neighbor: IpAddress | None, *, soft: str | None, every_vrf: bool = False, ip: int = 4
    ) -> str | None:
        self._at()
        if self.node.settings.bgp is None:
            return "% BGP not active"
        key = (vrf, ip if neighbor is None else neighbor.version)
        families = list(self.node.families.values()) if every_vrf else [self.node.families.get(key)]
        peers: list[Peer] = []
        for family in families:
            if family is None:
                return f"% BGP: VRF {vrf} has no address family"
            if neighbor is None:
                peers += family.peers.values()
            elif neighbor in family.peers:
                peers.append(family.peers[neighbor])
        if neighbor is not None and not peers:
            where = "" if vrf is None else f" in VRF {vrf}"
            return f'%BGP: Unknown neighbor - "{text(neighbor)}"{where}'
        for peer in peers:
            self._clear(peer, soft)
        self._simulation.touch()
        self._simulation.settle()
        return None

    def _clear(self, peer: Peer, soft: str | None) -> None:
        bgp, now = self._simulation.bgp, self._simulation.now
        if soft is None:
            peer.prefix_limit = False
            bgp.sessions.down(peer, now, "User reset", "Administrative Reset")
            return
        if soft in ("in", "both"):
            bgp.refresh_in(peer)
        if soft in ("out", "both"):
            bgp.refresh_out(peer)

    def clear_ike(self, peer: IpAddress | None) -> None:
        self._drop_associations(peer)

    def clear_ipsec(self, peer: IpAddress | None, *, counters: bool = False) -> None:
        if counters:
            router_crypto.clear_counters(self.name, self._simulation.crypto, self._at())
            return
        self._drop_associations(peer)

    def _drop_associations(self, peer: IpAddress | None) -> None:
        router_crypto.drop_associations(self.node, self._simulation.crypto, peer, self._at())
        self._simulation.touch()
        self._simulation.settle()

    def clear_counters(self, interface: str | None) -> None:
        now, crypto = self._at(), self._simulation.crypto
        full = None if interface is None else interface_name("".join(interface.split()))
        for name, runtime in self.node.interfaces.items():
            if full is None or name == full:
                runtime.cleared_at = runtime.counted_at = now
                runtime.in_packets = runtime.out_packets = runtime.errors = 0.0
                found = router_crypto.counters(crypto.traffic.get((self.name, name)), now)
                runtime.counters = Counters(in_packets=found.decaps, out_packets=found.encaps)

    def clear_arp(self) -> None:
        self._at()

    def clear_log(self) -> None:
        self.node.log.clear()

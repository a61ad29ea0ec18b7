"""Runtime state of one node (a router or a far end) and of a link."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import link_local_address
from pytest_azinterop.lab.config.words import parent_interface
from pytest_azinterop.lab.network.archive import Archive
from pytest_azinterop.lab.network.platform_state import PlatformState
from pytest_azinterop.lab.network.records import Counters, LogLine
from pytest_azinterop.lab.network.routes import Entry, Route, Table
from pytest_azinterop.lab.network.user_lines import UserLines

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.editor import Configuration
    from pytest_azinterop.lab.config.settings import FamilyKey, InterfaceSettings, Settings
    from pytest_azinterop.lab.network.bgp_peer import Peer
    from pytest_azinterop.lab.network.bgp_records import AsPath
    from pytest_azinterop.lab.network.configuring import Configuring
    from pytest_azinterop.lab.topology import FarEndSpec, RouterSpec

STAMP_BYTES = 24
"""What a message takes in the buffer besides its text."""


@dataclass(slots=True)
class InterfaceRuntime:
    """What an interface is doing. Traffic is steady: packets grow by their rates since ``counted_at``."""

    line_up: bool = False
    protocol_up: bool = False
    since: float = 0.0
    counters: Counters = field(default_factory=Counters)
    """Of a tunnel: what ``clear counters`` took away."""
    in_packets: float = 0.0
    out_packets: float = 0.0
    in_rate: float = 0.0
    """Packets per second."""
    out_rate: float = 0.0
    errors: float = 0.0
    error_rate: float = 0.0
    """Frames in a second that arrive broken."""
    counted_at: float = 0.0
    cleared_at: float | None = None

    def count(self, now: float) -> tuple[float, float]:
        """Packets received and sent until now."""
        span = max(0.0, now - self.counted_at)
        return self.in_packets + span * self.in_rate, self.out_packets + span * self.out_rate

    def broken(self, now: float) -> float:
        """Frames that have arrived broken until now."""
        return self.errors + max(0.0, now - self.counted_at) * self.error_rate

    def carry(self, now: float, in_rate: float, out_rate: float, error_rate: float) -> None:
        """Traffic runs at these rates from now on."""
        if (in_rate, out_rate, error_rate) != (self.in_rate, self.out_rate, self.error_rate):
            self.errors = self.broken(now)
            self.in_packets, self.out_packets = self.count(now)
            self.in_rate, self.out_rate, self.error_rate, self.counted_at = in_rate, out_rate, error_rate, now


@dataclass(slots=True)
class Family:
    """BGP of one VRF and version of IP at run time."""

    vrf: str | None
    router_id: IPv4Address
    peers: dict[IpAddress, Peer] = field(default_factory=dict)
    entries: dict[IpNetwork, Entry] = field(default_factory=dict)
    local: dict[IpNetwork, tuple[object, float]] = field(default_factory=dict)
    """Locally originated attributes and when they appeared."""
    version: int = 1
    decided_on: object = None
    """What the last decision was based on: while it stands, deciding again changes nothing."""
    ip: int = 4

    @property
    def key(self) -> FamilyKey:
        """What tells it from the other families of the node."""
        return self.vrf, self.ip


@dataclass(slots=True)
class Clockwork:
    """A node's own clock: ``offset`` seconds ahead of true time at ``since``, gaining ``drift`` seconds in a second.

    While it follows a source it is as wrong as that.
    """

    offset: float = 0.0
    drift: float = 0.0
    since: float = 0.0
    source: Clockwork | None = None

    def error(self, at: float) -> float:
        """Seconds ahead of true time."""
        if self.source is not None:
            return self.source.error(at)
        return self.offset + self.drift * max(0.0, at - self.since)

    def follow(self, source: Clockwork) -> None:
        """Be set by another clock."""
        if source is not self:
            self.source = source

    def run_free(self, now: float) -> None:
        """Go on alone from where the clock stands."""
        self.offset, self.since, self.source = self.error(now), now, None

    def set_drift(self, now: float, drift: float) -> None:
        """The oscillator runs at another rate from now on."""
        if self.source is None:
            self.run_free(now)
        self.drift = drift


@dataclass(slots=True)
class Node:
    """A router or a far end."""

    name: str
    settings: Settings
    boot: float
    router: RouterSpec | None = None
    far_end: FarEndSpec | None = None
    configuration: Configuration | None = None
    startup: str = ""
    startup_written: tuple[float, str | None] | None = None
    changed_at: float = 0.0
    changed_by: str | None = None
    interfaces: dict[str, InterfaceRuntime] = field(default_factory=dict)
    tables: dict[str | None, Table] = field(default_factory=dict)
    families: dict[FamilyKey, Family] = field(default_factory=dict)
    ospf: dict[str | None, list[Route]] = field(default_factory=dict)
    ike_errors: dict[str, int] = field(default_factory=dict)
    """Why negotiations failed since boot, and how often each."""
    log: list[LogLine] = field(default_factory=list)
    watcher: Callable[[Node, str], None] | None = None
    """Hears every message, whether the buffer takes it or not."""
    logged: int = 0
    """Messages since boot, those that the buffer has dropped included."""
    clock: Clockwork = field(default_factory=Clockwork)
    clock_mark: str = "*"
    """What stands before the time of a log message."""
    archive: Archive = field(default_factory=Archive)
    not_replayed: tuple[str, ...] = ()
    """Regular expressions of lines that a rollback cannot type: set by scenarios."""
    tells: bool = True
    """Whether a rollback also writes to the terminal that armed it."""
    told: dict[str, list[str]] = field(default_factory=dict)
    """By line (``vty0``): what the router has written to a terminal by itself, until somebody reads it."""
    configuring: list[Configuring] = field(default_factory=list)
    """Who is in configuration mode, the first one first."""
    lines: UserLines = field(default_factory=UserLines)
    platform: PlatformState = field(default_factory=PlatformState)
    certificates: tuple[Certificate, ...] = ()
    silent: bool = False
    off: bool = False
    """A router between a reload and its next start."""
    reload_reason: str = "Reload Command"
    withdrawn: frozenset[IpNetwork] = frozenset()
    announced: dict[IpNetwork, AsPath] = field(default_factory=dict)
    refused: frozenset[IpNetwork] = frozenset()
    """What a far end does not take from its neighbors."""
    prepend: int = 0
    graceful_restart: bool = False
    """A far end offers graceful restart."""
    communities: dict[IpNetwork, tuple[str, ...]] = field(default_factory=dict)
    """By prefix, in place of the usual ones: set by scenarios."""
    settings_version: int = 0
    interface_version: int = 0
    """Grows whenever line protocol changes somewhere."""
    table_versions: dict[str | None, int] = field(default_factory=dict)
    """Grow whenever the table of the VRF changes."""
    built_on: dict[str | None, object] = field(default_factory=dict)
    """What each table was built from: while it stands, the table does."""

    addressed: tuple[Settings, dict[tuple[str | None, IpAddress], tuple[str, ...]]] | None = None
    """Interfaces by VRF and address, for the settings that they were read from."""

    def far_state(self) -> object:
        """What scenarios have changed about a far end."""
        return (
            self.withdrawn, tuple(self.announced.items()), self.silent, self.prepend, tuple(self.communities.items()),
        )  # fmt: skip

    @property
    def is_router(self) -> bool:
        """True for a node with a command line."""
        return self.router is not None

    @property
    def is_gateway(self) -> bool:
        """True for a VPN gateway of Azure."""
        return self.far_end is not None and self.far_end.kind == "vpn-gateway"

    def table(self, vrf: str | None) -> Table:
        """The routing table of a VRF; empty for one that does not exist."""
        return self.tables.get(vrf) or Table()

    def note(self, at: float, text: str) -> None:
        """Add a line to the logging buffer, with the time of the router's own clock."""
        if self.watcher is not None:
            self.watcher(self, text)
        limits = self.settings.logging
        level = re.match(r"%[A-Z0-9_]+(?:-[A-Z0-9_]+)?-(\d)-", text)
        if limits.size is None or (level is not None and int(level[1]) > limits.severity):
            return
        self.logged += 1
        self.log.append(LogLine(at + self.clock.error(at), text, self.clock_mark, self.logged))
        room = limits.size - sum(len(line.text) + STAMP_BYTES for line in self.log)
        while room < 0 and len(self.log) > 1:
            room += len(self.log.pop(0).text) + STAMP_BYTES

    def local_time(self, at: float) -> float:
        """What the router's own clock says at a true time."""
        return at + self.clock.error(at)

    def up(self, interface: str) -> bool:
        """Line protocol of an interface."""
        runtime = self.interfaces.get(interface)
        return runtime is not None and runtime.protocol_up

    def owner(self, vrf: str | None, address: IpAddress) -> str | None:
        """The interface in the VRF, up, that has this address."""
        if self.addressed is None or self.addressed[0] is not self.settings:
            self.addressed = (self.settings, _addresses(self.settings))
        names = self.addressed[1].get((vrf, address), ())
        return next((name for name in names if self.up(name)), None)


def mac_address(node: Node, port: str) -> str:
    """A port's address: stable, of the chassis."""
    serial = node.router.serial if node.router is not None else node.name
    base = zlib.crc32(serial.encode()) & 0xFFFFFF
    index = zlib.crc32(port.encode()) & 0xFF
    digits = f"0072{base:06x}{index:02x}"
    return ".".join((digits[:4], digits[4:8], digits[8:]))


def hardware(node: Node, interface: InterfaceSettings) -> str:
    """What an interface answers to ARP: what is configured on its port, otherwise the port's own."""
    port = parent_interface(interface.name) or interface.name
    configured = node.settings.interfaces.get(port)
    return interface.mac or (None if configured is None else configured.mac) or mac_address(node, port)


def link_local(node: Node, settings: InterfaceSettings) -> IPv6Address | None:
    """The link-local address of an interface; None without IPv6 on it."""
    if not settings.has_ipv6:
        return None
    if settings.link_local is not None:
        return settings.link_local
    own = not settings.name.startswith(("Loopback", "Tunnel"))
    port = (parent_interface(settings.name) or settings.name) if own else "chassis"
    return link_local_address(settings.mac or mac_address(node, port))


def _addresses(settings: Settings) -> dict[tuple[str | None, IpAddress], tuple[str, ...]]:
    found: dict[tuple[str | None, IpAddress], tuple[str, ...]] = {}
    for name, interface in settings.interfaces.items():
        for address in interface.addresses():
            key = (interface.vrf, address.ip)
            found[key] = (*found.get(key, ()), name)
    return found

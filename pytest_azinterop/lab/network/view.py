"""The contract between a router's command line and the network behind it.

``RouterView`` is everything that exec mode may ask or do; ``ConfigEditor`` is configuration mode. FRR and strongSwan in
network namespaces can take the place of the simulation by implementing these two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_azinterop.lab.certificates import Certificate
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.config.settings import Dampening, LoggingSettings
    from pytest_azinterop.lab.network.bgp_records import BgpEntry, BgpNeighbor, BgpProcess, BgpTable, NeighborRoutes
    from pytest_azinterop.lab.network.crypto_records import (
        CryptoSession,
        IkeSa,
        Ikev2Proposal,
        IpsecIdentity,
        IpsecProfile,
    )
    from pytest_azinterop.lab.network.dampening import DampedPath
    from pytest_azinterop.lab.network.ospf_records import OspfProcess
    from pytest_azinterop.lab.network.platform_state import PlatformView
    from pytest_azinterop.lab.network.records import (
        AccessList,
        ArpEntry,
        BfdNeighbor,
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
    from pytest_azinterop.lab.network.upkeep_records import (
        ArchiveState,
        ConfigLock,
        NtpState,
        PendingRollback,
        UserLine,
    )

Vrf = str | None
"""A VRF's name, None for the global table."""


@dataclass(frozen=True, slots=True)
class PingRequest:
    """``timeout`` in seconds; ``source`` an interface name or an address as typed."""

    destination: str
    vrf: Vrf = None
    source: str | None = None
    size: int = 100
    repeat: int = 5
    timeout: float = 2.0
    df_bit: bool = False


@dataclass(frozen=True, slots=True)
class TraceRequest:
    """``timeout`` in seconds, per probe."""

    destination: str
    vrf: Vrf = None
    source: str | None = None
    probes: int = 3
    timeout: float = 3.0
    min_ttl: int = 1
    max_ttl: int = 30


@dataclass(frozen=True, slots=True)
class ConfigReply:
    """What configuration mode answers to one line.

    ``text`` is printed as it is (it may be empty); ``caret`` is the column (0-based, within the line as typed) that the
    ``^`` of ``% Invalid input detected`` points at, None without such an error. The caller adds the prompt's width.
    """

    ok: bool
    text: str = ""
    caret: int | None = None
    left: bool = False
    """True after ``end``, or ``exit`` from the top: configuration mode is over."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and on which line (``vty0``)."""

    user: str
    line: str


class RollbackControl(Protocol):
    """The rollbacks of one router. Texts are what the router prints, with their newlines."""

    @property
    def pending(self) -> PendingRollback | None: ...

    def arm(self, minutes: int, asker: Asker, *, idle: bool = False) -> tuple[bool, str]:
        """Keep the running-config and set the timer. False, with the router's refusal, where it does not."""
        ...

    def change_timer(self, minutes: int, asker: Asker, *, idle: bool) -> str: ...

    def confirm(self, asker: Asker) -> str: ...

    def now(self, asker: Asker) -> str: ...

    def prepare(self, name: str, minutes: int | None, asker: Asker) -> tuple[str | None, str]:
        """The text of a file (None: refused), after arming where a time is given; and what is printed."""
        ...

    def replace(self, text: str, asker: Asker, *, listed: bool) -> str: ...


class ConfigEditor(Protocol):
    """One user's configuration mode. A line takes effect when it is applied, as on the router."""

    @property
    def mode(self) -> str:
        """The word in the prompt: ``config``, ``config-if``, ``config-subif``, ``config-router-af``…"""
        ...

    def apply(self, line: str) -> ConfigReply:
        """Apply one line (abbreviations, ``no``, ``default``, ``exit``, ``end``, ``do`` excluded: the caller's)."""
        ...


class RouterView(Protocol):
    """One router. Every call is synchronous, fast, and answers for the present simulated time."""

    @property
    def name(self) -> str:
        """The router's name in the topology (the hostname may be changed by configuration)."""
        ...

    @property
    def hostname(self) -> str: ...

    def facts(self) -> Facts: ...

    def now(self) -> datetime:
        """The time by the router's own clock, aware, in UTC."""
        ...

    def ntp(self) -> NtpState:
        """The clock's sources, and whether it follows one."""
        ...

    def ntp_synchronized(self) -> bool:
        """Whether the clock follows a source."""
        ...

    def archive(self) -> ArchiveState: ...

    def keep_archive(self) -> bool:
        """``archive config``: keep the running-config. False when no path is configured."""
        ...

    def enter(self, user: str, location: str) -> int:
        """Somebody logs in; the number of the virtual terminal."""
        ...

    def note(self, text: str) -> None:
        """Write a message to the log."""
        ...

    def leave(self, line: int) -> None:
        """The virtual terminal is free again."""
        ...

    def active(self, line: int) -> None:
        """Somebody types on a virtual terminal."""
        ...

    def user_lines(self) -> tuple[UserLine, ...]: ...

    def locks(self) -> tuple[ConfigLock, ...]:
        """Who is in configuration mode, the first one first."""
        ...

    def platform(self) -> PlatformView: ...

    def told(self, line: str) -> str:
        """What the router has written to a terminal (``vty0``) by itself since this was last asked."""
        ...

    def typed(self, line: str, command: str) -> None:
        """Somebody types a line, which is carried out next; ``command`` is the same with every keyword in full."""
        ...

    def lock_refusal(self, via: str, *, exclusive: bool = False) -> str | None:
        """Why this line cannot enter configuration mode, as the router says it; None when it can."""
        ...

    @property
    def rollback(self) -> RollbackControl: ...

    def logging(self) -> tuple[LoggingSettings, int]:
        """The configuration of the logging buffer, and how many messages went to it since boot."""
        ...

    def running_config(self) -> str:
        """The configuration as ``show running-config`` prints it below ``Current configuration``: from ``version`` to
        ``end``, lines separated by a newline, one at the end."""
        ...

    def startup_config(self) -> str: ...

    def last_change(self) -> tuple[datetime, str | None]:
        """When and by whom the running-config was last changed."""
        ...

    def startup_written(self) -> tuple[datetime, str | None] | None:
        """When and by whom the startup-config was last written; None when not since boot."""
        ...

    def users(self) -> tuple[User, ...]: ...

    def enable_secret(self) -> str | None: ...

    def log(self) -> tuple[LogLine, ...]:
        """The logging buffer, oldest first."""
        ...

    def add_log(self, text: str) -> None:
        """Add a message of exec mode's own (``%SYS-5-CONFIG_I: …``)."""
        ...

    def interfaces(self) -> tuple[InterfaceState, ...]:
        """In the order of ``show interfaces``."""
        ...

    def interface(self, name: str) -> InterfaceState | None:
        """By full name or any unambiguous abbreviation (``te0/0/0.300``)."""
        ...

    def vrfs(self) -> tuple[VrfState, ...]: ...

    def arp(self, vrf: Vrf) -> tuple[ArpEntry, ...]: ...

    def ipv6_neighbors(self, vrf: Vrf) -> tuple[Ipv6Neighbor, ...]: ...

    def rib(self, vrf: Vrf, ip: int = 4) -> tuple[RibRoute, ...]:
        """In the order of ``show ip route`` (by network). ``ip``: the version of IP, here and below."""
        ...

    def static_routes(self, vrf: Vrf) -> tuple[StaticRoute, ...]: ...

    def route(self, vrf: Vrf, target: IpAddress | IpNetwork) -> RibRoute | None:
        """Longest match for an address (the default route not counted, as IOS does), exact for a network."""
        ...

    def forwarding(self, vrf: Vrf, address: IpAddress) -> ForwardingEntry: ...

    def bgp(self) -> BgpProcess | None:
        """None when no BGP process is configured (``% BGP not active``)."""
        ...

    def bgp_neighbors(self, vrf: Vrf, ip: int = 4) -> tuple[BgpNeighbor, ...]:
        """Sorted by address."""
        ...

    def bgp_table(self, vrf: Vrf, ip: int = 4) -> BgpTable | None:
        """None when the VRF has no BGP address family."""
        ...

    def dampening(self, vrf: Vrf, ip: int = 4) -> tuple[Dampening | None, tuple[DampedPath, ...]]:
        """How a family dampens (None: not at all), and the paths that it does not use at present."""
        ...

    def bgp_entry(self, vrf: Vrf, target: IpAddress | IpNetwork) -> BgpEntry | None:
        """Exact for a network, longest match for an address, received-only paths included."""
        ...

    def advertised_routes(self, vrf: Vrf, neighbor: IpAddress) -> NeighborRoutes | None:
        """None when there is no such neighbor; the same for the two below."""
        ...

    def received_routes(self, vrf: Vrf, neighbor: IpAddress) -> NeighborRoutes | None:
        """Before inbound policy; ``error`` without soft reconfiguration."""
        ...

    def accepted_routes(self, vrf: Vrf, neighbor: IpAddress) -> NeighborRoutes | None: ...

    def route_maps(self) -> tuple[RouteMap, ...]: ...

    def prefix_lists(self, ip: int = 4) -> tuple[PrefixList, ...]: ...

    def access_lists(self) -> tuple[AccessList, ...]: ...

    def ospf_neighbors(self) -> tuple[OspfNeighbor, ...]: ...

    def bfd_neighbors(self) -> tuple[BfdNeighbor, ...]:
        """The sessions of all VRFs, by handle."""
        ...

    def ospf_processes(self) -> tuple[OspfProcess, ...]:
        """By number."""
        ...

    def certificates(self) -> tuple[Certificate, ...]:
        """Of the configured trustpoints."""
        ...

    def ike_sas(self) -> tuple[IkeSa, ...]: ...

    def ike_errors(self) -> dict[str, int]:
        """Why negotiations failed since boot, and how often each."""
        ...

    def ipsec(self) -> tuple[IpsecIdentity, ...]: ...

    def crypto_sessions(self) -> tuple[CryptoSession, ...]: ...

    def ikev2_proposals(self) -> tuple[Ikev2Proposal, ...]: ...

    def ipsec_profiles(self) -> tuple[IpsecProfile, ...]: ...

    def ping(self, request: PingRequest) -> PingResult: ...

    def traceroute(self, request: TraceRequest) -> TraceResult: ...

    def configure(self, user: str | None = None, via: str = "console", *, exclusive: bool = False) -> ConfigEditor:
        """Enter configuration mode; ``user`` and ``via`` stand in ``%SYS-5-CONFIG_I``, logged on leaving.

        ``exclusive``: nobody else comes in as long as it lasts.
        """
        ...

    def write_memory(self, user: str | None = None) -> None: ...

    def clear_bgp(
        self, vrf: Vrf, neighbor: IpAddress | None, *, soft: str | None, every_vrf: bool = False, ip: int = 4
    ) -> str | None:
        """``neighbor`` None is ``*`` (of version ``ip``). ``soft``: None resets the session; ``in``, ``out``, ``both``.

        Returns the text of IOS's refusal (no such neighbor), None when done.
        """
        ...

    def clear_ike(self, peer: IpAddress | None) -> None:
        """``clear crypto ikev2 sa`` and ``clear crypto session``: the IKE SAs and their children."""
        ...

    def clear_ipsec(self, peer: IpAddress | None, *, counters: bool = False) -> None:
        """``clear crypto sa [peer …|counters]``: child SAs only, or their counters only."""
        ...

    def clear_counters(self, interface: str | None) -> None: ...

    def clear_arp(self) -> None: ...

    def clear_log(self) -> None: ...

"""What a router tells about its OSPF processes: settings in effect and the link-state database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network


@dataclass(frozen=True, slots=True)
class RouterLsa:
    """What one router says of its own links in an area."""

    router: IPv4Address
    area: str
    links: int
    age: int
    """Seconds, 0 to 1799: it is told anew every half hour."""
    sequence: int
    checksum: int


@dataclass(frozen=True, slots=True)
class ExternalLsa:
    """A network outside OSPF, as its originator tells it."""

    prefix: IPv4Network
    router: IPv4Address
    metric: int
    metric_type: int
    tag: int
    down: bool
    """Set where it came from a VPN; printed as ``Downward``."""
    own: bool
    """True for what the router itself originates."""
    age: int
    sequence: int
    checksum: int


@dataclass(frozen=True, slots=True)
class RedistributionState:
    """One line below ``Redistributing External Routes from``; ``source`` is ``bgp 65021``, ``connected``…"""

    source: str
    metric: int | None
    subnets: bool


@dataclass(frozen=True, slots=True)
class OspfInterface:
    """An interface that a process is configured on."""

    name: str
    address: IPv4Interface
    area: str
    cost: int
    kind: str
    """``BROADCAST``, ``POINT_TO_POINT`` or ``LOOPBACK``."""
    passive: bool
    up: bool
    by_line: bool
    """By a line of the interface, not by a ``network`` line of the process."""
    timers: tuple[int, int] = (10, 40)
    """Seconds: hello and dead interval."""
    authentication: str = "none"
    """``simple``, ``message-digest`` or none."""
    youngest_key: int | None = None


@dataclass(frozen=True, slots=True)
class OspfProcess:
    """One process."""

    process: int
    router_id: IPv4Address
    vrf: str | None
    superbackbone: bool
    """A VRF without ``capability vrf-lite``: the process takes itself for a provider edge."""
    elapsed: float
    redistributions: tuple[RedistributionState, ...]
    originates_default: bool
    """``default-information originate`` is configured (whether a default route is told says the database)."""
    areas: tuple[tuple[str, int], ...]
    """Area and number of interfaces in it."""
    reference_mbit: int
    authentication: tuple[tuple[str, str], ...] = ()
    """Area and ``simple`` or ``message-digest``."""
    interfaces: tuple[OspfInterface, ...] = ()
    routers: tuple[RouterLsa, ...] = ()
    externals: tuple[ExternalLsa, ...] = ()

    @property
    def is_boundary(self) -> bool:
        """It brings in routes from outside."""
        return bool(self.redistributions) or self.originates_default

"""What follows from the intent for a drill: exactly what is taken away, and what must be seen before, during and after.

Frozen. A whole port cannot be named: `SubinterfaceShutdown` demands `TYPEnumber.N`, `TunnelShutdown` a tunnel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.drills import Accepted, PathClass, Window
    from pytest_azinterop.intent.expectations import ExpectedSession, ExpectedSite, ExpectedTunnel
    from pytest_azinterop.intent.reachability import ExpectedReach

Phase = Literal["before", "during", "after"]
PHASES: Final[tuple[Phase, ...]] = ("before", "during", "after")
_SUBINTERFACE = re.compile(r"[A-Za-z][A-Za-z-]*\d+(?:/\d+){0,3}\.[1-9]\d{0,9}")
_TUNNEL = re.compile(r"Tunnel\d{1,10}")
_WORD = re.compile(r"[A-Za-z0-9_.:/@+-]{1,100}")


@dataclass(frozen=True, slots=True)
class SessionShutdown:
    """`neighbor … shutdown` of one BGP session. `asn` is the BGP process; `vrf` None: the global table."""

    router: str
    asn: int
    vrf: str | None
    neighbor: IPv4Address | IPv6Address

    def __post_init__(self) -> None:
        if self.vrf is not None and _WORD.fullmatch(self.vrf) is None:
            raise ValueError(f"{self.vrf!r} is not a name of a VRF")

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return f"{self.router}/{'global' if self.vrf is None else f'vrf-{self.vrf}'}/{self.neighbor}"


@dataclass(frozen=True, slots=True)
class SubinterfaceShutdown:
    """`shutdown` of one sub-interface. `vrf` is the one that it must be in. Raises ValueError for a whole port."""

    router: str
    vrf: str | None
    interface: str

    def __post_init__(self) -> None:
        if _SUBINTERFACE.fullmatch(self.interface) is None:
            raise ValueError(f"{self.interface!r} is not a sub-interface, and a drill never shuts a whole port")

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return f"{self.router}/{self.interface}"


@dataclass(frozen=True, slots=True)
class TunnelShutdown:
    """`shutdown` of one tunnel interface. `vrf` is the one that it must be in. Raises ValueError for anything else."""

    router: str
    vrf: str | None
    interface: str

    def __post_init__(self) -> None:
        if _TUNNEL.fullmatch(self.interface) is None:
            raise ValueError(f"{self.interface!r} is not a tunnel interface")

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return f"{self.router}/{self.interface}"


@dataclass(frozen=True, slots=True)
class AzureLink:
    """Azure's failover test of one link of a circuit: `link` and `how` as Azure spells them."""

    circuit: str
    resource: ResourceName
    link: Literal["Primary", "Secondary"]
    how: Literal["BgpDisconnect", "ASPathPrepend"]

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return f"circuit/{self.circuit}/{self.link.lower()}"


@dataclass(frozen=True, slots=True)
class AzureSite:
    """Azure's simulation of the loss of a peering location."""

    gateway: str
    resource: ResourceName
    location: str

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return f"gateway/{self.gateway}/{self.location}"


@dataclass(frozen=True, slots=True)
class Manual:
    """What somebody else does, in words."""

    words: str

    @property
    def id(self) -> str:
        """Stable name of what is taken away."""
        return "manual"


RouterTrigger = SessionShutdown | SubinterfaceShutdown | TunnelShutdown
AzureTrigger = AzureLink | AzureSite
Trigger = RouterTrigger | AzureTrigger | Manual


@dataclass(frozen=True, slots=True)
class ExpectedPath:
    """The path of one phase: its class, and the sessions any of which may carry it (none for `none`)."""

    name: PathClass
    sessions: tuple[ExpectedSession, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A network and over what the site reaches it in each phase.

    `prefixes` are those that the intent names for it (`exactly` and `at_least`), `reaches` the targets in it that the
    site's probers try.
    """

    network: str
    before: ExpectedPath
    during: ExpectedPath
    after: ExpectedPath
    prefixes: tuple[IPv4Network | IPv6Network, ...]
    reaches: tuple[ExpectedReach, ...]

    @property
    def is_lost(self) -> bool:
        """Whether it loses service during the drill."""
        return self.during.name == "none"

    @property
    def moves(self) -> bool:
        """Whether its path changes, to another one."""
        return not self.is_lost and self.during != self.before


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill with everything that it inherits. Durations are those of the routers' clocks.

    `sites` are the customer's site in each address family; `forbidden` are targets that must not be reached at any
    time; `window` None: at any time. `taken` are the sessions that cannot be up while the triggers hold: those that
    are shut, and those over what is shut. `revert_minutes` is what the routers' own timer is armed with.
    """

    name: str
    customer: str
    vrf: str | None
    site: str
    triggers: tuple[Trigger, ...]
    pairs: tuple[Pair, ...]
    sites: tuple[ExpectedSite, ...]
    forbidden: tuple[ExpectedReach, ...]
    taken: tuple[ExpectedSession, ...]
    failover: timedelta
    fail_back: timedelta
    lost: timedelta
    loss_percent: float
    hold: timedelta
    revert_minutes: int
    window: Window | None
    second_look: timedelta
    cool_down: timedelta
    qualified_within: timedelta
    poll: timedelta
    poll_azure: timedelta
    accepts: Accepted
    asked: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"drill/{self.name}"

    @property
    def routers(self) -> tuple[str, ...]:
        """Every router that serves the customer at this site, those that are changed first."""
        return tuple(dict.fromkeys((*self.changes, *(name for site in self.sites for name in site.routers))))

    @property
    def changes(self) -> dict[str, tuple[RouterTrigger, ...]]:
        """What is changed, by router."""
        found: dict[str, tuple[RouterTrigger, ...]] = {}
        for trigger in self.triggers:
            if isinstance(trigger, RouterTrigger):
                found[trigger.router] = (*found.get(trigger.router, ()), trigger)
        return found

    @property
    def azure_tests(self) -> tuple[AzureTrigger, ...]:
        """Azure's own tests, which do not end by themselves."""
        return tuple(each for each in self.triggers if isinstance(each, AzureTrigger))

    @property
    def sessions(self) -> tuple[ExpectedSession, ...]:
        """The site's sessions to Azure in both address families."""
        return tuple(session for site in self.sites for session in site.sessions)

    @property
    def tunnels(self) -> tuple[ExpectedTunnel, ...]:
        """The site's tunnels."""
        return tuple(tunnel for site in self.sites for tunnel in site.tunnels)

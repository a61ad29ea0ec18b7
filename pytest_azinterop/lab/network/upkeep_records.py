"""What a router tells about its upkeep: time, archived configurations, logged commands, who is logged in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True)
class NtpAssociation:
    """One line of ``show ntp associations``. ``mark`` is ``*``, ``+``, ``x`` or blank."""

    address: IPv4Address
    mark: str
    reference: str
    """Where the server has its time from; ``.INIT.`` before its first answer."""
    stratum: int
    when: int | None
    """Seconds since its last answer; None without one."""
    poll: int
    reach: int
    """The last eight polls, the latest in the lowest bit."""
    delay_ms: float
    offset_ms: float
    dispersion_ms: float


@dataclass(frozen=True, slots=True)
class NtpState:
    """The clock and its sources."""

    enabled: bool
    """False without any ``ntp server``: then IOS runs no NTP."""
    synchronized: bool
    ever: bool
    """True when the clock has been synchronised since boot: it is authoritative, if not at present synchronised."""
    associations: tuple[NtpAssociation, ...] = ()
    drift: float = 0.0
    """Seconds by which the router's own oscillator gains in a second."""
    uptime: float = 0.0
    """Seconds since NTP runs."""

    @property
    def peer(self) -> NtpAssociation | None:
        """The source that the clock follows."""
        return next((each for each in self.associations if each.mark == "*"), None)

    @property
    def mark(self) -> str:
        """What stands before the time: ``*`` not authoritative, ``.`` authoritative and not synchronised."""
        return "" if self.synchronized else "." if self.ever else "*"


@dataclass(frozen=True, slots=True)
class ArchivedConfig:
    """One file that ``archive`` wrote."""

    name: str
    text: str = field(repr=False)
    written: float = 0.0
    """By the router's own clock, UTC epoch seconds."""


@dataclass(frozen=True, slots=True)
class PendingRollback:
    """A rollback that will happen unless it is confirmed."""

    file: ArchivedConfig
    configured_at: float
    """When the timer was set, by the router's own clock, UTC epoch seconds."""
    minutes: int
    idle: bool
    user: str


@dataclass(frozen=True, slots=True)
class ConfigLock:
    """Somebody in configuration mode."""

    user: str
    tty: int
    """Absolute number of the line."""
    process: int
    seconds: float
    """How long."""
    location: str
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveState:
    """``show archive``. ``path`` None: nothing is archived."""

    path: str | None
    maximum: int
    files: tuple[ArchivedConfig, ...] = ()
    """Oldest first."""
    written: int = 0
    """Files written since boot, those that were dropped included: the number of the next one."""
    logs_commands: bool = False
    commands: tuple[LoggedCommand, ...] = ()


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """One configuration command of ``show archive log config``."""

    index: int
    session: int
    who: str
    """``user@line``."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserLine:
    """One line of ``show users``. ``idle`` in seconds."""

    kind: str
    """``con`` or ``vty``."""
    number: int
    user: str
    location: str
    idle: float = 0.0

    @property
    def absolute(self) -> int:
        """The number of the line among all lines of the router: the console is 0."""
        return 0 if self.kind == "con" else self.number + 1

"""What a router tells about itself besides the network: its processors, its software, its flash, who manages it."""

from __future__ import annotations

from dataclasses import dataclass, field

FLASH_BYTES = 6_845_103_104
IMAGE_BYTES = 812_735_488
STANDBY_HOT = "STANDBY HOT"


@dataclass(frozen=True, slots=True)
class NetconfSession:
    """A session of the router's NETCONF server. ``locks``: it holds the lock of the running datastore."""

    number: int
    user: str
    host: str
    locks: bool = False


@dataclass(slots=True)
class PlatformState:
    """Set by scenarios; the default is a router with one route processor and nothing under way."""

    standby: str | None = None
    """State of the second route processor, ``STANDBY HOT`` when it could take over; None: there is none."""
    switchovers: int = 0
    activating: str | None = None
    """Version of a software that is activated and not committed; None: no upgrade is under way."""
    abort_at: float | None = None
    """When that activation is taken back, UTC epoch seconds; None: never."""
    free: int | None = None
    """Bytes free on bootflash; None: what the files leave."""
    netconf: list[NetconfSession] = field(default_factory=list)

    def log_in(self, user: str, host: str, *, locks: bool) -> None:
        """Somebody opens a NETCONF session."""
        number = 20 + len(self.netconf)
        self.netconf.append(NetconfSession(number, user, host, locks))


@dataclass(frozen=True, slots=True)
class FlashFile:
    """One file of bootflash."""

    name: str
    size: int
    written: float
    """UTC epoch seconds, by the router's own clock."""


@dataclass(frozen=True, slots=True)
class PlatformView:
    """The same for the show commands."""

    standby: str | None
    switchovers: int
    activating: str | None
    abort_in: float | None
    """Seconds until the activation is taken back."""
    netconf: tuple[NetconfSession, ...]
    files: tuple[FlashFile, ...]
    free: int
    total: int = FLASH_BYTES

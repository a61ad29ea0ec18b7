"""The machine below a router: its processors, its software, its file systems."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class Redundancy:
    """`show redundancy`. Modes and states as printed; `peer_state` None: there is no second processor in use."""

    hardware_mode: str
    operating_mode: str
    state: str
    peer_state: str | None
    switchovers: int
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_stable(self) -> bool:
        """One processor that is active, or two of which the second is ready to take over at once."""
        if self.state != "ACTIVE":
            return False
        if self.hardware_mode == "Duplex":
            return self.peer_state == "STANDBY HOT"
        return self.peer_state is None


@dataclass(frozen=True, slots=True)
class IssuState:
    """`show issu state`: whether a software upgrade in service is under way, and the router's words about it."""

    in_progress: bool
    words: tuple[str, ...] = ()
    source: Source = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A row of `show install summary`. `state` is its letter: `I`nactive, `U` activated and uncommitted, `C`ommitted,
    `D` deactivated and uncommitted."""

    kind: str
    state: str
    name: str


@dataclass(frozen=True, slots=True)
class InstallSummary:
    """`show install summary`. `abort_timer` as printed; `inactive` where nothing is activated and uncommitted."""

    packages: tuple[InstalledPackage, ...]
    abort_timer: str
    source: Source = field(compare=False, kw_only=True)

    @property
    def is_settled(self) -> bool:
        """Nothing is activated or deactivated without being committed, and no timer would undo it."""
        return self.abort_timer == "inactive" and not any(each.state in ("U", "D") for each in self.packages)


@dataclass(frozen=True, slots=True)
class FileSystem:
    """`dir FILESYSTEM`: sizes in bytes, and the names of the files."""

    name: str
    files: tuple[str, ...]
    total: int
    free: int
    source: Source = field(compare=False, kw_only=True)

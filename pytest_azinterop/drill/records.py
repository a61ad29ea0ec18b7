"""What a drill knows about a router that it changes: which one, what was armed and changed, how it was left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.drill import lines as of

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_azinterop.drill.configuration import Configuration
    from pytest_azinterop.drill.lines import DrillLine, Program

How = Literal[
    "undone-and-confirmed",
    "undone",
    "reverted",
    "reverted-by-timer",
    "nothing-to-undo",
    "left-to-timer",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Target:
    """A router that is changed, and the proof of which one it is.

    `serial` and `fingerprint` (of the running-configuration, see `configuration`) are what the plan has seen; None: no
    plan has. `busy` is how long the change is meant to last, failover and hold together.
    """

    router: str
    hostname: str
    serial: str | None
    programs: tuple[Program, ...]
    minutes: int
    fingerprint: str | None = None
    busy: timedelta = timedelta(0)

    @property
    def lines(self) -> tuple[DrillLine, ...]:
        """Every line that can be sent to this router."""
        own = (line for program in self.programs for line in (*program.enter, program.change, program.undo))
        return tuple(dict.fromkeys((of.arming(self.minutes), *of.OF_EVERY_DRILL, *own)))


@dataclass(frozen=True, slots=True)
class Armed:
    """The router restores itself `minutes` after `at`, by its clock, from `file`. `timer` is what it says about when
    that was set."""

    router: str
    at: datetime
    minutes: int
    file: str
    timer: str

    @property
    def until(self) -> datetime:
        """When it restores itself, by its clock."""
        return self.at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Triggered:
    """The change was made between `before` and `at`, by the router's clock, by these lines."""

    router: str
    before: datetime
    at: datetime
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """How a router was left. `is_clean`: its configuration is that of the start, saved as it was; nothing is pending.

    `at` is the router's clock right after the undo, None: there was none. `difference` are lines without secrets that
    are not as at the start; `words` one sentence; `shout` what a person must do, None: nothing.
    """

    router: str
    how: How
    is_clean: bool
    at: datetime | None
    difference: tuple[str, ...]
    words: str
    shout: str | None = None


@dataclass(slots=True)
class Memory:
    """How far a drill has come on one router.

    `begun`: the arming line may have been sent; `changed`: a line of the change may have been; `undoing`: one of the
    undo may have been; `triggered`: the router has shown the change in its configuration. `file` is where the
    router has kept its configuration, `timer` what it says about when its timer was set, `fingerprint` that of the
    start; None: not known. `start` is None after a crash.
    """

    begun: bool = False
    changed: bool = False
    triggered: bool = False
    undoing: bool = False
    start: Configuration | None = None
    fingerprint: str | None = None
    file: str | None = None
    timer: str | None = None
    until: datetime | None = None

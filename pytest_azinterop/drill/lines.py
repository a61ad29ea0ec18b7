"""Every line that a drill can send in configuration mode, made from a trigger and from nothing else.

A `DrillLine` is of one of a few forms; nothing saves a configuration, edits a policy or names a whole port. A session
takes only the lines of the drill that it was opened for (`drill.config_session`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.drill_expectations import SessionShutdown, SubinterfaceShutdown

if TYPE_CHECKING:
    from pytest_azinterop.intent.drill_expectations import RouterTrigger

EXEC, GLOBAL = "exec", "config"
_ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)"
_NAME = r"[A-Za-z0-9_.:/@+-]{1,100}"
_INTERFACE = r"(?:Tunnel\d{1,10}|[A-Za-z][A-Za-z-]*\d+(?:/\d+){0,3}\.[1-9]\d{0,9})"
_MINUTES = r"(?:[1-9]\d?|1[01]\d|120)"
# A qualification changes the description of one neighbor; what it says, and what it may say again.
QUALIFICATION_WORDS: Final = "drill qualification, reverts by itself"
_DESCRIPTION = r"[!-:<->@-~](?:[ !-:<->@-~]{0,198}[!-:<->@-~])?"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        r"configure terminal",
        rf"configure terminal revert timer {_MINUTES}",
        r"configure confirm",
        r"configure revert now",
        r"end",
        r"router bgp \d{1,10}",
        rf"address-family ipv[46] vrf {_NAME}",
        rf"(?:no )?neighbor {_ADDRESS} shutdown",
        rf"neighbor {_ADDRESS} description {_DESCRIPTION}",
        rf"no neighbor {_ADDRESS} description",
        rf"interface {_INTERFACE}",
        r"(?:no )?shutdown",
    )
)


@dataclass(frozen=True, slots=True)
class DrillLine:
    """A line, and the mode that the router must be in when it has taken it: `exec`, or the word of the prompt.

    Raises ValueError for a line of any other form.
    """

    text: str
    mode: str

    def __post_init__(self) -> None:
        if not any(form.fullmatch(self.text) for form in _FORMS):
            raise ValueError(f"not a line of a drill: {self.text[:80]!r}")

    def __str__(self) -> str:
        return self.text


ENTER: Final = DrillLine("configure terminal", GLOBAL)
LEAVE: Final = DrillLine("end", EXEC)
CONFIRM: Final = DrillLine("configure confirm", EXEC)
REVERT_NOW: Final = DrillLine("configure revert now", EXEC)
OF_EVERY_DRILL: Final = (ENTER, LEAVE, CONFIRM, REVERT_NOW)


def arming(minutes: int) -> DrillLine:
    """Enter configuration mode with a timer that restores the whole configuration. Raises ValueError outside 1 to 120.

    Source: Cisco, System Management Configuration Guide 17.x, Configuration Rollback Confirmed Change.
    """
    return DrillLine(f"configure terminal revert timer {minutes}", GLOBAL)


@dataclass(frozen=True, slots=True)
class Program:
    """One change and its undo.

    `above` are the lines that the changed one stands below, as `show running-config` prints them; `present` is the line
    that is there while the change holds. Each of `lines` begins in global configuration mode, at its top.
    """

    enter: tuple[DrillLine, ...]
    change: DrillLine
    undo: DrillLine
    above: tuple[str, ...]
    present: str
    replaced: str | None = None
    """A line that the change takes the place of; None: of none."""
    needs: tuple[str, ...] = ()
    """Whole words that a line there must begin with, one of these: else the change would make something new."""

    @property
    def forward(self) -> tuple[DrillLine, ...]:
        """From exec mode and back to it: the change."""
        return (ENTER, *self.enter, self.change, LEAVE)

    @property
    def backward(self) -> tuple[DrillLine, ...]:
        """From exec mode and back to it: the undo."""
        return (ENTER, *self.enter, self.undo, LEAVE)


def program(trigger: RouterTrigger) -> Program:
    """The lines of a trigger."""
    if isinstance(trigger, SessionShutdown):
        enter, above = _family(trigger)
        mode = enter[-1].mode
        words = f"neighbor {_address(trigger)} shutdown"
        undo = DrillLine(f"no {words}", mode)
        return Program(enter, DrillLine(words, mode), undo, above, words, needs=_defined(trigger))
    mode = "config-subif" if isinstance(trigger, SubinterfaceShutdown) else "config-if"
    line = f"interface {trigger.interface}"
    return Program(
        (DrillLine(line, mode),),
        DrillLine("shutdown", mode),
        DrillLine("no shutdown", mode),
        (line,),
        "shutdown",
        needs=() if trigger.vrf is None else (f"vrf forwarding {trigger.vrf} ", f"ip vrf forwarding {trigger.vrf} "),
    )


def qualification(session: SessionShutdown, description: str | None) -> Program:
    """A change without effect: another description of the neighbor. `description` is the one that it has, None: none.

    Raises ValueError for a description that could not be typed again as it is.
    """
    enter, above = _family(session)
    mode = enter[-1].mode
    words = f"neighbor {_address(session)} description"
    old = None if description is None else f"{words} {description}"
    return Program(
        enter,
        DrillLine(f"{words} {QUALIFICATION_WORDS}", mode),
        DrillLine(f"no {words}" if old is None else old, mode),
        above,
        f"{words} {QUALIFICATION_WORDS}",
        old,
        _defined(session),
    )


def _defined(session: SessionShutdown) -> tuple[str, ...]:
    """How the neighbor's definition begins, one way or another."""
    return tuple(f"neighbor {_address(session)} {words} " for words in ("remote-as", "peer-group", "inherit"))


def _address(session: SessionShutdown) -> str:
    """As IOS-XE writes it into its configuration: IPv6 in capitals."""
    return str(session.neighbor).upper()


def _family(trigger: SessionShutdown) -> tuple[tuple[DrillLine, ...], tuple[str, ...]]:
    """Where a neighbor is configured: in the address family of its VRF, or in the global process itself."""
    process = f"router bgp {trigger.asn}"
    if trigger.vrf is None:
        return (DrillLine(process, "config-router"),), (process,)
    family = f"address-family ipv{trigger.neighbor.version} vrf {trigger.vrf}"
    return (DrillLine(process, "config-router"), DrillLine(family, "config-router-af")), (process, family)

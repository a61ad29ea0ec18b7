"""Guards that look at a router by itself: who else is there, what is pending, whether it is at rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.drill.guard import Guard, Scene, changed, everyone, objection
from pytest_azinterop.drill.look import timer

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.state.device import ClockReading, DeviceFacts
    from pytest_azinterop.state.operations import (
        ConfigArchive,
        ConfigDifferences,
        ConfigurationLock,
        NtpStatus,
        RollbackTimer,
        UserSession,
    )
    from pytest_azinterop.state.platform import FileSystem, InstallSummary, IssuState, Redundancy
    from pytest_azinterop.verify.finding import Finding

# Bytes that must be free where the archive is: a configuration of 300 customers, several times.
LEAST_FREE: Final = 20_000_000
_LOCAL = re.compile(r"(?P<filesystem>(?:bootflash|flash|harddisk|nvram|disk\d|usb\d):)\S*")
_CONSOLE = ("con", "aux")


def users(router: str) -> Fact:
    """Who is logged in."""
    return Fact.of(router, "users")


def lock(router: str) -> Fact:
    """Who configures."""
    return Fact.of(router, "configuration_lock")


def archive(router: str) -> Fact:
    """Where configurations are kept."""
    return Fact.of(router, "archive")


def differences(router: str) -> Fact:
    """What is not saved."""
    return Fact.of(router, "config_differences")


def _nobody_needs(scene: Scene) -> tuple[Need, ...]:
    router = scene.router
    return users(router), lock(router), Fact.of(router, "netconf_sessions")


def nobody_else(scene: Scene, facts: Facts) -> list[Finding]:
    """Nobody is logged in over the network or in configuration mode; a console that is logged in does not object."""
    router = scene.router
    found: list[Finding] = []
    people: tuple[UserSession, ...] = tuple(facts.records(users(router)))
    for each in people:
        if each.own or each.line.split()[0] in _CONSOLE:
            continue
        who = each.user or "somebody"
        found.append(
            objection(
                "nobody-else",
                router,
                "logged-in",
                f"{who} is logged in on {each.line}{f' from {each.location}' if each.location else ''}, idle for"
                f" {each.idle if each.idle is not None else 'ever'}; expected nobody else",
                each.source,
                next_command="show users",
            )
        )
    held: ConfigurationLock = fact.the_one(facts, lock(router))
    found += [
        objection(
            "nobody-else",
            router,
            "configuring",
            f"{each.user} has been in configuration mode for {each.seconds} s on line {each.line}; expected nobody",
            held.source,
            next_command="show configuration lock",
        )
        for each in held.sessions
    ]
    if held.exclusive is not None:
        words = f"{held.exclusive or 'somebody'} holds the configuration exclusively; expected nobody"
        found.append(
            objection("nobody-else", router, "locked", words, held.source, next_command="show configuration lock")
        )
    for session in facts.records(Fact.of(router, "netconf_sessions")):
        words = f"{session.user} has a NETCONF session from {session.host}; expected none"
        found.append(
            objection(
                "nobody-else", router, "netconf", words, session.source, next_command="show netconf-yang sessions"
            )
        )
    return found


def nothing_pending(scene: Scene, facts: Facts) -> list[Finding]:
    """No rollback is pending: a second timer is not possible, and the first would take the drill with it."""
    pending: RollbackTimer = fact.the_one(facts, timer(scene.router))
    if not pending.pending:
        return []
    words = f"a rollback is pending: {pending.minutes} min from {pending.set_at}, by {pending.user}; expected none"
    return [
        objection(
            "nothing-pending",
            scene.router,
            "rollback-pending",
            words,
            pending.source,
            likely="another change is under way, or a drill was left behind: azinterop drill recover",
            next_command="show archive config rollback timer",
        )
    ]


def saved(scene: Scene, facts: Facts) -> list[Finding]:
    """What runs is what a reload would bring, so that neither the timer nor a reload changes anything else."""
    found: ConfigDifferences = fact.the_one(facts, differences(scene.router))
    if not found.differences:
        return []
    first = found.differences[0]
    sign = "+" if first.added else "-"
    return [
        objection(
            "saved",
            scene.router,
            "not-saved",
            f"running-config differs from startup-config in {len(found.differences)} lines, such as"
            f" {sign}{' / '.join((*first.above, first.text))}; expected none",
            found.source,
            likely="a change that nobody saved, or that is still being made",
            next_command="show archive config differences nvram:startup-config system:running-config",
        )
    ]


def _archive_needs(scene: Scene) -> tuple[Need, ...]:
    """The directory is asked by the path that the intent declares: what the router has is only known afterwards."""
    return archive(scene.router), Fact.of(scene.router, "directory", filesystem=_filesystem(scene))


def _filesystem(scene: Scene) -> str:
    declared = next((each.archive for each in scene.everything.devices if each.router == scene.router), None)
    local = _LOCAL.fullmatch(declared.path) if declared is not None and declared.path else None
    return local["filesystem"] if local is not None else "bootflash:"


def archived(scene: Scene, facts: Facts) -> list[Finding]:
    """The archive is on, on a file system of the router, with room: without it there is no timed rollback."""
    router = scene.router
    found: ConfigArchive = fact.the_one(facts, archive(router))
    space: FileSystem = fact.the_one(facts, Fact.of(router, "directory", filesystem=_filesystem(scene)))
    if not found.enabled or found.next_file is None:
        words = "the configuration archive is off; expected `archive` with a `path`"
        return [objection("archived", router, "archive-off", words, found.source, next_command="show archive")]
    local = _LOCAL.fullmatch(found.next_file)
    if local is None:
        words = f"the archive is kept at {found.next_file}; expected a file system of the router itself"
        return [objection("archived", router, "archive-elsewhere", words, found.source, next_command="show archive")]
    if local["filesystem"] != _filesystem(scene):
        words = f"the archive is kept at {local['filesystem']}; expected {_filesystem(scene)}, as the intent says"
        return [objection("archived", router, "archive-elsewhere", words, found.source, next_command="show archive")]
    if space.free < LEAST_FREE:
        words = f"{space.free} bytes are free on {space.name}; expected {LEAST_FREE} at least"
        return [objection("archived", router, "no-room", words, space.source, next_command=space.source.command)]
    return []


def _clock_needs(scene: Scene) -> tuple[Need, ...]:
    return fact.clock(scene.router), Fact.of(scene.router, "ntp_status")


def clock_true(scene: Scene, facts: Facts) -> list[Finding]:
    """The router's clock is UTC and synchronized: every duration of a drill is measured by it."""
    router = scene.router
    reading: ClockReading = fact.the_one(facts, fact.clock(router))
    status: NtpStatus = fact.the_one(facts, Fact.of(router, "ntp_status"))
    found: list[Finding] = []
    if reading.quality != "synchronised" or not status.synchronized:
        words = f"the clock is {reading.quality}, NTP {'is' if status.synchronized else 'is not'} synchronized"
        found.append(objection("clock", router, "clock", f"{words}; expected both", reading.source, status.source))
    if reading.time.tzinfo is None:
        words = f"the clock shows {reading.zone}; expected UTC, since a log's stamps do not name their zone"
        found.append(objection("clock", router, "zone", words, reading.source))
    return found


def _rest_needs(scene: Scene) -> tuple[Need, ...]:
    kinds = ("redundancy", "issu_state", "install_summary")
    return (*(Fact.of(scene.router, kind) for kind in kinds), fact.version(scene.router))


def at_rest(scene: Scene, facts: Facts) -> list[Finding]:
    """Its processors are stable and no software is being exchanged."""
    router = scene.router
    redundancy: Redundancy = fact.the_one(facts, Fact.of(router, "redundancy"))
    upgrade: IssuState = fact.the_one(facts, Fact.of(router, "issu_state"))
    software: InstallSummary = fact.the_one(facts, Fact.of(router, "install_summary"))
    version: DeviceFacts = fact.the_one(facts, fact.version(router))
    found: list[Finding] = []
    if not redundancy.is_stable:
        words = (
            f"its processors are {redundancy.state} and {redundancy.peer_state or 'none'} ({redundancy.hardware_mode});"
            " expected ACTIVE and STANDBY HOT, or a single one"
        )
        found.append(objection("at-rest", router, "redundancy", words, redundancy.source))
    if upgrade.in_progress:
        words = f"a software upgrade is under way ({'; '.join(upgrade.words)[:200]}); expected none"
        found.append(objection("at-rest", router, "upgrade", words, upgrade.source))
    if not software.is_settled:
        words = f"software is activated and not committed, abort timer: {software.abort_timer}; expected all committed"
        found.append(objection("at-rest", router, "not-committed", words, software.source, version.source))
    return found


def _one(needed: Fact) -> tuple[Need, ...]:
    return (needed,)


GUARDS: Final = (
    Guard("clock", "its clock is UTC and synchronized", everyone, _clock_needs, clock_true),
    Guard("at-rest", "its processors are stable, no software is being exchanged", everyone, _rest_needs, at_rest),
    Guard("nobody-else", "nobody else is logged in or configures", changed, _nobody_needs, nobody_else),
    Guard(
        "nothing-pending", "no rollback is pending", changed, lambda scene: _one(timer(scene.router)), nothing_pending
    ),
    Guard(
        "saved", "running-config equals startup-config", changed, lambda scene: _one(differences(scene.router)), saved
    ),
    Guard("archived", "the archive is on, local, and has room", changed, _archive_needs, archived),
)

"""Pre-checks that look at the operator, the clock and the records, not at the network. Pure but for reading files."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.drill import configuration, window
from pytest_azinterop.drill import plan as planning
from pytest_azinterop.drill.guard import objection
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.state.device import ClockReading, DeviceFacts
    from pytest_azinterop.verify.finding import Finding


def no_go(drill: Drill, cause: str, message: str, *, next_command: str | None = None) -> Finding:
    """An objection to the drill as a whole."""
    return objection("no-go", drill.id, cause, message, next_command=next_command)


def clock(facts: Facts, drill: Drill) -> datetime:
    """The first router's clock. Raises UndeterminedError."""
    reading: ClockReading = fact.the_one(facts, fact.clock(drill.routers[0]))
    return reading.time if reading.time.tzinfo is not None else reading.time.replace(tzinfo=UTC)


def serial(facts: Facts, router: str) -> str:
    """The serial number of the router that answered. Raises UndeterminedError."""
    found: DeviceFacts = fact.the_one(facts, fact.version(router))
    return found.serial


def fingerprint(facts: Facts, router: str) -> str:
    """Of the whole running-configuration as it was read, secrets left out. Raises UndeterminedError where it is not
    known to be whole."""
    config = fact.configuration(router, facts)
    if not config.whole or config.hidden:
        words = f"{router}: the configuration was not read as a whole; the reading login needs to see all of it"
        raise UndeterminedError(words, cause="hidden", host=router)
    collection = getattr(facts, "collection", None)
    wanted = fact.running_config(router)
    command = facts.origin(wanted).command
    for answer in collection.answers if collection is not None else ():
        if (answer.host, answer.command) == (router, command) and answer.text is not None:
            return configuration.read(answer.text).fingerprint
    raise UndeterminedError(f"{router}: the configuration's text is not there", cause="not-collected", host=router)


def in_window(drill: Drill, now: datetime) -> list[Finding]:
    """The window is open by the router's clock, stays open until the undo, and its last third has not begun."""
    if drill.window is None:
        return []
    opening = window.opening(drill.window, now)
    if opening is None:
        words = f"the window is closed at {now:%a %H:%MZ}, expected {window.following(drill.window, now)}"
        return [no_go(drill, "window-closed", words)]
    end = now + drill.failover + drill.hold + drill.fail_back
    if end > opening.ends:
        words = f"it would last until {end:%H:%MZ}, expected to end before the window does at {opening.ends:%H:%MZ}"
        return [no_go(drill, "window-too-short", words)]
    if now > opening.begins + (opening.ends - opening.begins) * 2 / 3:
        words = f"the last third of the window has begun at {now:%H:%MZ}, expected a start before"
        return [no_go(drill, "window-late", words)]
    return []


def in_a_coming_window(drill: Drill, now: datetime) -> tuple[list[Finding], window.Opening | None]:
    """For a plan, which is made before its time: what is said against it in any opening, and the opening before which
    it is refused (None: it could begin now)."""
    if drill.window is None or not in_window(drill, now):
        return [], None
    coming = window.following(drill.window, now)
    return in_window(drill, coming.begins), coming


def answered(drill: Drill, answers: Mapping[str, str]) -> list[Finding]:
    """Every question has an answer in words."""
    asked = dict(planning.questions(drill))
    found = [
        no_go(
            drill,
            "not-answered",
            f"the operator has not answered {name} ({question}), expected words",
            next_command=f"--drill-answer {name}='…'",
        )
        for name, question in asked.items()
        if not answers.get(name)
    ]
    return found + [
        no_go(drill, "unknown-question", f"{name} is no question of this drill, expected one of {', '.join(asked)}")
        for name in answers
        if name not in asked
    ]


def qualified(drill: Drill, facts: Facts, folder: Path, now: datetime) -> list[Finding]:
    """Every changed router, with this serial number and software, has shown that its revert timer works."""
    from pytest_azinterop.drill import qualification

    found: list[Finding] = []
    for router in drill.changes:
        seen: DeviceFacts = fact.the_one(facts, fact.version(router))
        words = qualification.missing(folder, router, seen.serial, seen.release, drill.qualified_within, now)
        if words is not None:
            found.append(
                objection(
                    "qualification",
                    router,
                    "not-qualified",
                    f"{words}, expected a rehearsal of its revert timer within"
                    f" {drill.qualified_within / timedelta(days=1):g} days",
                    next_command=f"azinterop drill qualify {router} --inventory NAME --ticket ID",
                )
            )
    return found

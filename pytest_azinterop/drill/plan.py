"""What a drill would do, in words that can be approved, and the hash that an approval names.

The hash has three parts, so that a refusal can say what has changed since: the intent, the configuration of the
routers, the plan itself.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill import lines as of
from pytest_azinterop.intent.drill_expectations import (
    AzureLink,
    AzureSite,
    Manual,
    SessionShutdown,
    SubinterfaceShutdown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_azinterop.intent.drill_expectations import Drill, Pair, RouterTrigger, Trigger

PARTS: Final = ("intent", "configuration", "plan")
_LENGTH: Final = 12
# Asked of every operator of a drill that starts a test of Azure.
AZURE_QUESTION: Final = "azure-test"


@dataclass(frozen=True, slots=True)
class DrillPlan:
    """Everything that would be sent, and what it is expected to do. `digest` is what an approval names."""

    drill: Drill
    lines: tuple[str, ...]
    digest: str
    programs: Mapping[str, tuple[of.Program, ...]] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[tuple[str, str], ...]:
        """What the operator must answer."""
        return questions(self.drill)


def questions(drill: Drill) -> tuple[tuple[str, str], ...]:
    """The intent's questions, and the one that goes with a test of Azure."""
    own = drill.asked
    if drill.azure_tests:
        own = (*own, (AZURE_QUESTION, "a test of Azure does not end by itself: who stops it if this machine is lost?"))
    return own


def programs(drill: Drill) -> dict[str, tuple[of.Program, ...]]:
    """What is sent to each router that is changed."""
    return {router: tuple(of.program(each) for each in triggers) for router, triggers in drill.changes.items()}


def make(
    drill: Drill, *, intent: str, fingerprints: Mapping[str, str], addresses: Mapping[str, str], number: int = 1
) -> DrillPlan:
    """The plan. `intent` is the intent's digest, `fingerprints` are those of the routers' configurations; `number` says
    the how manieth time it would be, so that no two plans that are carried out have the same hash."""
    lines = tuple(_lines(drill, addresses, number))
    configuration = hashlib.sha256(repr(sorted(fingerprints.items())).encode()).hexdigest()
    own = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    digest = "-".join(each[:_LENGTH] for each in (intent, configuration, own))
    return DrillPlan(drill, lines, digest, programs(drill))


def changed_parts(approved: str, digest: str) -> tuple[str, ...]:
    """The parts in which an approval is of something else; all of them for what is no hash of a plan."""
    was, now = approved.strip().split("-"), digest.split("-")
    if not is_hash(approved):
        return PARTS
    return tuple(name for name, old, new in zip(PARTS, was, now, strict=True) if old != new)


def is_hash(given: str) -> bool:
    """Whether this has the form of a plan's hash."""
    return (
        re.fullmatch(rf"[0-9a-f]{{{_LENGTH}}}(-[0-9a-f]{{{_LENGTH}}}){{{len(PARTS) - 1}}}", given.strip()) is not None
    )


def refusal(given: str, digest: str) -> str | None:
    """Why this hash approves nothing; None: it does. Never says the right one: who approves must have read the plan."""
    parts = changed_parts(given, digest)
    if not parts:
        return None
    if not is_hash(given):
        return "what was given is no hash of a plan, expected the one that stands below the plan that was read"
    return f"the {' and the '.join(parts)} of now {'is' if len(parts) == 1 else 'are'} not what this hash is of"


def _lines(drill: Drill, addresses: Mapping[str, str], number: int) -> Iterator[str]:
    yield f"drill {drill.name}: {drill.customer} at {drill.site}; number {number} of this inventory folder"
    yield ""
    yield "takes away"
    yield from (f"  {words(each)}" for each in drill.triggers)
    yield ""
    for router, made in programs(drill).items():
        yield from _router(drill, router, addresses.get(router), made)
    for test in drill.azure_tests:
        yield f"asks Azure to start, and later to stop, its failover test of {test.id}: it does not end by itself"
        yield ""
    yield "forecast"
    yield from _forecast(drill)
    yield ""
    yield "is not proven by it"
    yield from (f"  {each}" for each in unproven(drill))
    asked = questions(drill)
    if asked:
        yield ""
        yield "is asked of the operator"
        yield from (f"  {name}: {question}" for name, question in asked)


def _router(drill: Drill, router: str, address: str | None, made: tuple[of.Program, ...]) -> Iterator[str]:
    where = "" if address is None else f" ({address})"
    yield f"sends to {router}{where}, with the drill login, and nothing else in configuration mode"
    yield f"  to arm    {of.arming(drill.revert_minutes)}"
    yield f"            {of.LEAVE}"
    yield f"            (read back: from then on {router} restores its configuration by itself after"
    yield f"            {drill.revert_minutes} minutes, whatever becomes of this machine and of the session)"
    for number, each in enumerate(made):
        for place, line in enumerate(each.forward):
            yield f"  {'to take' if not place and not number else '       '}   {line}"
    for number, each in enumerate(made):
        for place, line in enumerate(each.backward):
            yield f"  {'to undo' if not place and not number else '       '}   {line}"
    yield f"  at last   {of.CONFIRM}"
    yield "            (only if its configuration then equals that of the start; it saves nothing)"
    yield f"  or        {of.REVERT_NOW}"
    yield "            (where the undo is refused, and only if that takes nobody else's lines)"
    yield ""


def words(trigger: Trigger) -> str:
    """What a trigger does, in a sentence."""
    if isinstance(trigger, SessionShutdown):
        vrf = "the global table" if trigger.vrf is None else f"VRF {trigger.vrf}"
        return f"{trigger.router}: the BGP session to {trigger.neighbor} in {vrf} is shut down; the other side is told"
    if isinstance(trigger, Manual):
        return f"by hand: {trigger.words}"
    if isinstance(trigger, AzureLink):
        return f"Azure: {trigger.how} of {trigger.circuit}, {trigger.link.lower()} link"
    if isinstance(trigger, AzureSite):
        return f"Azure: the loss of {trigger.location}, simulated at {trigger.gateway}"
    what = "sub-interface" if isinstance(trigger, SubinterfaceShutdown) else "tunnel"
    return f"{trigger.router}: the {what} {trigger.interface} is shut down; the other side is not told"


def _forecast(drill: Drill) -> Iterator[str]:
    for pair in drill.pairs:
        yield f"  {pair.network:<12} {_expected(drill, pair)}"
    if drill.cool_down:
        yield f"  cool-down: {_minutes(drill.cool_down)} without another drill of {drill.customer} or on these routers"
    lasting = drill.failover + drill.hold
    yield f"  it lasts {_minutes(lasting)} at most until the undo, then {_minutes(drill.fail_back)} to come back;"
    yield f"  a second look follows {_minutes(drill.second_look)} after the undo"
    if drill.window is not None:
        days = " ".join(drill.window.days)
        span = f"{drill.window.begins:%H:%M} to {drill.window.ends:%H:%M}"
        yield f"  window: {days}, {span} {drill.window.timezone}"


def _expected(drill: Drill, pair: Pair) -> str:
    if pair.is_lost:
        planned = drill.failover + drill.hold + drill.fail_back
        # Where nothing of ours works any more, the routers' own timer ends it.
        worst = max(planned, timedelta(minutes=drill.revert_minutes) + drill.fail_back) if drill.changes else planned
        return (
            f"LOSES SERVICE: no backup, for {_minutes(planned)} as planned and {_minutes(worst)} at most"
            f" ({pair.before.name} is taken away)"
        )
    if pair.moves:
        slow = "" if not _is_silent(drill) else "; without BFD up to 180 s until the other side notices"
        return (
            f"moves from {pair.before.name} to {pair.during.name} and back; may be silent for"
            f" {drill.lost.total_seconds():g} s each time{slow}"
        )
    return f"stays on {pair.before.name}"


def _is_silent(drill: Drill) -> bool:
    """Whether the other side is not told and may have to wait for its hold time."""
    return drill.accepts.no_bfd and any(
        not isinstance(each, SessionShutdown) for triggers in drill.changes.values() for each in triggers
    )


def unproven(drill: Drill) -> tuple[str, ...]:
    """What such a drill cannot show, whatever it shows."""
    found: list[str] = []
    triggers: tuple[RouterTrigger, ...] = tuple(each for made in drill.changes.values() for each in made)
    if any(isinstance(each, SessionShutdown) for each in triggers):
        found.append("detection: a session that is shut tells the other side; a cut fibre does not")
    if any(not isinstance(each, SessionShutdown) for each in triggers):
        found.append("detection by loss of light: the port stays up, only what stands on it is shut")
    if drill.accepts.no_secondary_proof:
        found.append("the VPN, where the secondary path takes over: the drill accepts that")
    found.append("load: the tunnel carries what flows at this hour, not what flows at the busiest")
    found.append("a new negotiation of keys under load, unless one falls into the drill")
    if any(each.is_lost for each in drill.pairs):
        lost = ", ".join(each.network for each in drill.pairs if each.is_lost)
        found.append(f"any backup of {lost}: there is none by design")
    return tuple(found)


def _minutes(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds} s" if seconds % 60 or seconds < 120 else f"{seconds // 60} min"

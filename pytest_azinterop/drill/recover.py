"""Finishing a drill that another process has begun and not ended: what its journal tells, and what the routers say.

The journal says how far it came at most. What is true now is asked of the routers and of Azure, as after any failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from pytest_azinterop.drill.device import RouterDrill
from pytest_azinterop.drill.journal import SETTLED, last_step
from pytest_azinterop.drill.lines import program, qualification
from pytest_azinterop.drill.records import Memory, Target
from pytest_azinterop.errors import DrillRefusedError
from pytest_azinterop.intent.drill_expectations import SessionShutdown, SubinterfaceShutdown, TunnelShutdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_azinterop.drill.contact import Opener
    from pytest_azinterop.drill.journal import Entry, Journal
    from pytest_azinterop.drill.lines import Program
    from pytest_azinterop.drill.records import Restored
    from pytest_azinterop.intent.drill_expectations import AzureTrigger, RouterTrigger

_KINDS: Mapping[str, type[SubinterfaceShutdown | TunnelShutdown]] = {
    "subinterface": SubinterfaceShutdown,
    "tunnel": TunnelShutdown,
}


def plan_facts(targets: Mapping[Target, Sequence[RouterTrigger]]) -> list[dict[str, Any]]:
    """What the step `planned` must hold of each router (as the fact `routers`), so that a drill can be recovered from
    its journal alone."""
    return [
        {
            "router": target.router,
            "hostname": target.hostname,
            "serial": target.serial,
            "minutes": target.minutes,
            "triggers": [_written(trigger) for trigger in triggers],
        }
        for target, triggers in targets.items()
    ]


def _written(trigger: RouterTrigger) -> dict[str, Any]:
    if isinstance(trigger, SessionShutdown):
        return {"kind": "session", "asn": trigger.asn, "vrf": trigger.vrf, "neighbor": str(trigger.neighbor)}
    kind = "subinterface" if isinstance(trigger, SubinterfaceShutdown) else "tunnel"
    return {"kind": kind, "vrf": trigger.vrf, "interface": trigger.interface}


@dataclass(frozen=True, slots=True)
class Left:
    """A router that a journal leaves: what was to be changed there, and how far it came."""

    target: Target
    memory: Memory
    is_settled: bool
    last: str


def left_by(entries: Sequence[Entry]) -> list[Left]:
    """Every router of a journal. Raises DrillRefusedError for a journal that does not say what was planned."""
    planned = next((each for each in entries if each.step == "planned"), None)
    if planned is None:
        if not entries:
            return []
        raise DrillRefusedError("the journal does not say what was planned; look at the routers yourself")
    try:
        return [_left(router, entries) for router in planned.facts["routers"]]
    except (KeyError, TypeError, ValueError) as problem:
        raise DrillRefusedError(f"the journal's plan cannot be read: {problem}") from None


def _left(router: Mapping[str, Any], entries: Sequence[Entry]) -> Left:
    name = str(router["router"])
    own = [each for each in entries if each.subject == name]
    target = Target(
        router=name,
        hostname=str(router["hostname"]),
        serial=None if router["serial"] is None else str(router["serial"]),
        programs=tuple(_program(name, each) for each in router["triggers"]),
        minutes=int(router["minutes"]),
        busy=timedelta(0),
    )
    steps = {each.step: each.facts for each in own}
    armed = steps.get("armed", {})
    memory = Memory(
        begun="arming" in steps,
        changed="triggering" in steps,
        undoing="undoing" in steps,
        fingerprint=_text(steps.get("arming", {}).get("fingerprint")),
        file=_text(armed.get("file")),
        timer=_text(armed.get("timer")),
        until=None if "until" not in armed else datetime.fromisoformat(str(armed["until"])),
    )
    last = last_step(list(entries), name)
    settled = not memory.begun or (last is not None and last.step in SETTLED)
    return Left(target, memory, settled, "planned" if last is None else last.step)


def azure_left(entries: Sequence[Entry]) -> list[AzureTrigger]:
    """Azure's failover tests that may run: begun, and not known to be stopped. Raises DrillRefusedError for a journal
    that does not say which."""
    from pytest_azinterop.drill.azure_tests import from_journal

    begun = {each.subject: each.facts for each in entries if each.step == "azure-start"}
    stopped = {each.subject: each.number for each in entries if each.step == "azure-stopped"}
    last = {each.subject: each.number for each in entries if each.step == "azure-start"}
    try:
        return [
            from_journal(facts["trigger"])
            for subject, facts in begun.items()
            if stopped.get(subject, 0) < last[subject]
        ]
    except (KeyError, TypeError, ValueError) as problem:
        raise DrillRefusedError(f"a failover test of Azure in the journal cannot be read: {problem}") from None


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _program(router: str, said: Mapping[str, Any]) -> Program:
    """From the words of a journal to lines: they pass the same types as those of the intent."""
    vrf = _text(said["vrf"])
    if said["kind"] in _KINDS:
        return program(_KINDS[said["kind"]](router, vrf, str(said["interface"])))
    session = SessionShutdown(router, int(said["asn"]), vrf, ip_address(str(said["neighbor"])))
    if said["kind"] == "qualification":
        return qualification(session, _text(said["description"]))
    if said["kind"] != "session":
        raise ValueError(f"unknown trigger {said['kind']!r}")
    return program(session)


def recover_router(
    left: Left,
    opened: Opener,
    journal: Journal,
    *,
    told: Callable[[str], None] = lambda _: None,
    patience: float | None = None,
    pause: float = 1.0,
) -> Restored:
    """Restore one router as after any failure, and prove it. Never raises for what the router does."""
    journal.write("recovering", left.target.router, last=left.last)
    drill = RouterDrill(left.target, opened, journal, told=told, patience=patience, pause=pause, memory=left.memory)
    return drill.restore()

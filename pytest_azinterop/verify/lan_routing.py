"""Judgement about OSPF towards the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, lan_routes, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.adjacency import OspfNeighbor
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedOspf:
    """All OSPF neighbors of the router, of every process; `answer` is where they were read.

    `config` None: not known; it then names no cause.
    """

    neighbors: tuple[OspfNeighbor, ...]
    answer: Source | None = None
    config: RunningConfig | None = None


def neighbor(expected: ExpectedInterface, observed: ObservedOspf) -> list[Finding]:
    """At least one neighbor on the interface is FULL; on a shared segment the others may stay at 2WAY."""
    here = [each for each in observed.neighbors if each.interface == expected.name]
    if any(each.is_full for each in here):
        return []
    states = some(clean(f"{each.state} with {each.router_id}", 60) for each in here)
    cause, read = ("not-full", ()) if here else _configured(expected, observed.config)
    return [
        subject.of_interface(expected).finding(
            "lan.ospf",
            f"OSPF neighbor is {states or 'missing'}, expected FULL",
            cause=cause,
            evidence=[*(each.source for each in here), observed.answer if not here else None, *read],
            next_command="show running-config | section router ospf"
            if read
            else f"show ip ospf interface {expected.name}",
        )
    ]


def _configured(expected: ExpectedInterface, config: RunningConfig | None) -> tuple[str, tuple[Source, ...]]:
    """Why a whole configuration lets no neighbor come up, and its lines that say so."""
    if not evidence.is_proof(config) or reading.interface(config, expected.name) is None:
        return "missing", ()
    process = lan_routes.process(expected, config)
    if process is None:
        return "not-enabled", (config.source,)
    line = _passive(process.line, expected.name)
    return ("missing", ()) if line is None else ("passive", reading.at(config, line))


def _passive(process: ConfigLine, interface: str) -> ConfigLine | None:
    """The line that makes the interface send no hellos: its own, or the default that nothing takes back for it."""
    own = {f"passive-interface {interface}".casefold(), f"no passive-interface {interface}".casefold()}
    named = [line for line in process.children if line.text.casefold() in own]
    if named:
        return None if named[-1].text.startswith("no ") else named[-1]
    return reading.has(process, "passive-interface default")

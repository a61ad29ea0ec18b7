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
    from pytest_azinterop.state.config import RunningConfig
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
    config = observed.config if not here and _is_off(expected, observed.config) else None
    states = some(clean(f"{each.state} with {each.router_id}", 60) for each in here)
    return [
        subject.of_interface(expected).finding(
            "lan.ospf",
            f"OSPF neighbor is {states or 'missing'}, expected FULL",
            cause="not-full" if here else "not-enabled" if config is not None else "missing",
            evidence=[
                *(each.source for each in here),
                observed.answer if not here else None,
                config.source if config is not None else None,
            ],
            next_command="show running-config | section router ospf"
            if config
            else f"show ip ospf interface {expected.name}",
        )
    ]


def _is_off(expected: ExpectedInterface, config: RunningConfig | None) -> bool:
    """Whether a whole configuration has the interface, and no process of its VRF that speaks on it."""
    if not evidence.is_proof(config) or reading.interface(config, expected.name) is None:
        return False
    return lan_routes.process(expected, config) is None

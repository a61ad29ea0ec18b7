"""Judgement about OSPF towards the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.adjacency import OspfNeighbor
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedOspf:
    """All OSPF neighbors of the router, of every process."""

    neighbors: tuple[OspfNeighbor, ...]


def neighbor(expected: ExpectedInterface, observed: ObservedOspf) -> list[Finding]:
    """At least one neighbor on the interface is FULL; on a shared segment the others may stay at 2WAY."""
    here = [each for each in observed.neighbors if each.interface == expected.name]
    if any(each.is_full for each in here):
        return []
    states = some(clean(f"{each.state} with {each.router_id}", 60) for each in here)
    return [
        subject.of_interface(expected).finding(
            "lan.ospf",
            f"OSPF neighbor is {states or 'missing'}, expected FULL",
            cause="not-full" if here else "missing",
            evidence=[each.source for each in (here or observed.neighbors[:1])],
            next_command=f"show ip ospf interface {expected.name}",
        )
    ]

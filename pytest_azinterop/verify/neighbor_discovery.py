"""Judgement about the link below an ExpressRoute session over IPv6.

Source: RFC 4861, 7.3.2 (states of an entry of the neighbor cache).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import subject

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.device import Ipv6Neighbor
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding


# RFC 4861 7.3.2; an entry that is being deleted, or in a state that the router cannot name, resolves nothing.
_RESOLVED: Final = frozenset({"REACH", "STALE", "DELAY", "PROBE"})


@dataclass(frozen=True, slots=True)
class ObservedNeighborDiscovery:
    """The rows of the MSEE's address in the VRF's neighbor cache. `sources` are the answer's."""

    entries: tuple[Ipv6Neighbor, ...]
    sources: tuple[Source, ...] = ()


def resolved(expected: ExpectedSession, observed: ObservedNeighborDiscovery) -> list[Finding]:
    """The MSEE answers on the interface that the path ends on, and with the declared hardware address if any."""
    if not observed.entries:
        return [_finding(expected, observed, "IPv6 neighbor is missing, expected resolved", "missing")]
    here = [each for each in observed.entries if expected.interface in (None, each.interface)]
    if not here:
        seen = ", ".join(each.interface for each in observed.entries)
        wrong = f"IPv6 neighbor is on {seen}, expected on {expected.interface}"
        return [_finding(expected, observed, wrong, "other-interface")]
    entry = here[0]
    if entry.mac is None or entry.state not in _RESOLVED:
        seen = f"IPv6 neighbor is unresolved ({entry.state}), expected resolved"
        return [_finding(expected, observed, seen, "incomplete")]
    if entry.age is None:
        seen = f"IPv6 neighbor {entry.mac} is configured, expected learned"
        return [_finding(expected, observed, seen, "static")]
    if expected.mac is not None and entry.mac != expected.mac:
        seen = f"hardware address is {entry.mac}, expected {expected.mac}"
        return [_finding(expected, observed, seen, "other-hardware")]
    return []


def _finding(expected: ExpectedSession, observed: ObservedNeighborDiscovery, disagreement: str, cause: str) -> Finding:
    table = "" if expected.vrf is None else f" vrf {expected.vrf}"
    return subject.of_session(expected).finding(
        "msee.neighbor-discovery",
        disagreement,
        cause=cause,
        evidence=[each.source for each in observed.entries] or observed.sources,
        next_command=f"show ipv6 neighbors{table}",
    )

"""Judgement about the link below an ExpressRoute session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import next_command, subject

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.device import ArpEntry
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedArp:
    """The row of the MSEE's address in the VRF's ARP table; None: it has none. `sources` are the answer's."""

    entry: ArpEntry | None
    sources: tuple[Source, ...] = ()


def resolved(expected: ExpectedSession, observed: ObservedArp) -> list[Finding]:
    """The MSEE answers on the interface that the path ends on, and with the declared hardware address if any."""
    entry = observed.entry
    if entry is None:
        return [_finding(expected, observed, "ARP entry is missing, expected complete", "missing")]
    if entry.mac is None:
        return [_finding(expected, observed, "ARP entry is incomplete, expected complete", "incomplete")]
    if entry.age is None:
        seen = f"ARP entry {entry.mac} is this router's own or configured, expected learned"
        return [_finding(expected, observed, seen, "own-address")]
    found = []
    if expected.interface is not None and entry.interface != expected.interface:
        seen = f"ARP entry is on {entry.interface}, expected on {expected.interface}"
        found.append(_finding(expected, observed, seen, "other-interface"))
    if expected.mac is not None and entry.mac != expected.mac:
        seen = f"hardware address is {entry.mac}, expected {expected.mac}"
        found.append(_finding(expected, observed, seen, "other-hardware"))
    return found


def _finding(expected: ExpectedSession, observed: ObservedArp, disagreement: str, cause: str) -> Finding:
    return subject.of_session(expected).finding(
        "msee.arp",
        disagreement,
        cause=cause,
        evidence=[observed.entry.source] if observed.entry else observed.sources,
        next_command=next_command.configured_interface(expected.interface)
        if cause in ("own-address", "other-interface") and expected.interface
        else next_command.ping(expected.vrf, expected.neighbor),
    )

"""Judgement about what an ExpressRoute sub-interface carries.

An ASR1000 counts packets of a QinQ sub-interface by its tags alone (`show vlans`): its `show interfaces` prints none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedInterface
    from pytest_azinterop.state.device import Interface, SubinterfaceTraffic
    from pytest_azinterop.verify.finding import Finding

_WRAP: Final = 2**32


@dataclass(frozen=True, slots=True)
class ObservedPathTraffic:
    """Two samples of what the router counts for its tags.

    `interfaces` are all of the router's, None: not known; they then name no cause.
    """

    before: tuple[SubinterfaceTraffic, ...]
    after: tuple[SubinterfaceTraffic, ...]
    interfaces: tuple[Interface, ...] | None = None


def moving(expected: ExpectedInterface, observed: ObservedPathTraffic) -> list[Finding]:
    """Between the samples at least the declared rate of packets went in each direction.

    Where the router counts nothing for the sub-interface, nothing can be said, and nothing is.
    """
    wanted = expected.traffic
    if wanted is None:
        return []
    if observed.interfaces is not None:
        port = next((each for each in observed.interfaces if each.name == expected.name), None)
        if port is None or not port.is_up:
            seen = "missing" if port is None else f"{clean(port.status)}, line protocol {clean(port.line_protocol)}"
            sources = [observed.interfaces[0].source] if port is None and observed.interfaces else []
            return [
                subject.of_interface(expected).finding(
                    "interface.traffic",
                    f"interface is {seen}, expected to carry traffic",
                    cause="missing" if port is None else "down",
                    evidence=[port.source] if port is not None else sources,
                    next_command=next_command.logged(expected.name.partition(".")[0]),
                )
            ]
    before, after = _of(expected, observed.before), _of(expected, observed.after)
    seconds = (after.source.asked_at - before.source.asked_at).total_seconds()
    if seconds <= 0:
        evidence.undetermined("there is one sample where two are needed", "not-collected", after.source)
    if not any((before.input_packets, before.output_packets, after.input_packets, after.output_packets)):
        evidence.undetermined("the router counts no packets on this sub-interface", "no-counters", after.source)
    received = _growth("received", before.input_packets, after.input_packets, after)
    sent = _growth("sent", before.output_packets, after.output_packets, after)
    least = wanted.packets_per_second
    little_received, little_sent = received < least * seconds, sent < least * seconds
    if not little_received and not little_sent:
        return []
    cause = "idle" if little_received and little_sent else "little-received" if little_received else "little-sent"
    return [
        subject.of_interface(expected).finding(
            "interface.traffic",
            f"traffic in {seconds:.1f}s is {received} packets received and {sent} sent, "
            f"expected at least {least} per second in each direction",
            cause=cause,
            evidence=[before.source, after.source],
            next_command=f"show interfaces {expected.name}",
        )
    ]


def _of(expected: ExpectedInterface, records: tuple[SubinterfaceTraffic, ...]) -> SubinterfaceTraffic:
    mine = [each for each in records if each.interface == expected.name]
    if len(mine) != 1:
        source = mine[0].source if mine else records[0].source if records else None
        told = "several times" if mine else "not at all"
        evidence.undetermined(f"packets of {expected.name} are counted {told}", "no-counters", source)
    return mine[0]


def _growth(what: str, before: int, after: int, record: SubinterfaceTraffic) -> int:
    wrapped = after < before < _WRAP and before - after > _WRAP // 2
    if after < before and not wrapped:
        evidence.undetermined(
            f"the counter of packets {what} was cleared between the samples", "counter-cleared", record.source
        )
    return after - before + (_WRAP if wrapped else 0)

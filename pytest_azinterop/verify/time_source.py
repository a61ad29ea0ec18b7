"""Judgement about the source of a router's time.

Logs of several routers can be laid side by side, and certificates judged, only where their clocks agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.intent.models import Ntp
    from pytest_azinterop.state.operations import NtpAssociation, NtpStatus
    from pytest_azinterop.verify.finding import Finding

_CONFIG = "show running-config | include ntp"
_CONFIGURED = frozenset({"not-enabled", "no-server", "missing-server", "other-server"})
_IN_USE = "*"  # the tally character of the server that the clock follows


@dataclass(frozen=True, slots=True)
class ObservedTime:
    """What the router says of its clock, and of every time source."""

    status: NtpStatus
    associations: tuple[NtpAssociation, ...]


def source(expected: ExpectedDevice, observed: ObservedTime) -> list[Finding]:
    """NTP runs and is synchronised, near enough to a source that is in use; every declared server answers."""
    if expected.ntp is None:
        return []
    status = observed.status
    return [
        subject.of_device(expected).finding(
            "device.ntp",
            f"{what} is {seen}, expected {wanted}",
            cause=cause,
            evidence=[status.source, *(each.source for each in observed.associations)],
            next_command=_CONFIG if cause in _CONFIGURED else "show ntp associations detail",
        )
        for cause, what, seen, wanted in (
            *_clock(expected.ntp, status, observed.associations),
            *_servers(expected.ntp, observed),
        )
    ]


def _clock(
    wanted: Ntp, status: NtpStatus, associations: tuple[NtpAssociation, ...]
) -> Iterator[tuple[str, str, str, str]]:
    if not status.enabled:
        yield "not-enabled", "NTP", "not enabled", "enabled"
        return
    if not status.synchronized:
        cause = "unsynchronised" if associations else "no-server"
        yield cause, "clock", f"unsynchronised (stratum {status.stratum})", "synchronised by NTP"
        return
    if status.stratum > wanted.highest_stratum:
        yield "stratum", "stratum", str(status.stratum), f"at most {wanted.highest_stratum}"
    if status.offset is None:
        evidence.undetermined("the clock's offset was not printed", "not-understood", status.source)
    if abs(status.offset) > wanted.offset_ms:
        yield "offset", "clock offset", f"{status.offset:g} ms", f"at most {wanted.offset_ms} ms"
    if not any(each.mark == _IN_USE for each in associations):
        yield "no-peer", "time source in use", "none", "one"


def _servers(wanted: Ntp, observed: ObservedTime) -> Iterator[tuple[str, str, str, str]]:
    if not wanted.servers or not observed.status.enabled:
        return
    known = {each.server.casefold(): each for each in observed.associations}
    for server in map(str, wanted.servers):
        found = known.get(server.casefold())
        if found is None:
            others = some(clean(each.server, 60) for each in observed.associations)
            yield "missing-server", f"time source {server}", f"missing (there: {others or 'none'})", "configured"
        elif found.reach == 0:
            yield "silent-server", f"time source {server}", "not reached in its last eight polls", "reached"
    used = next((each for each in observed.associations if each.mark == _IN_USE), None)
    if used is not None and used.server.casefold() not in {str(server).casefold() for server in wanted.servers}:
        yield "other-server", "time source in use", clean(used.server, 60), f"one of {some(map(str, wanted.servers))}"

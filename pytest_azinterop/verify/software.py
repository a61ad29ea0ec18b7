"""Judgements about the router's software: its release, and whether it has just come back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.intent.waivers import matches
from pytest_azinterop.verify import subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.state.device import DeviceFacts
    from pytest_azinterop.verify.finding import Finding

# Words of reasons that nobody asked for, as `show version` prints them.
_CRASH = re.compile(
    r"crash|exception|watchdog|critical|error|abort|failure|fault|powercycle|power.?on|power loss", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ObservedSoftware:
    """What `show version` says."""

    facts: DeviceFacts


def release(expected: ExpectedDevice, observed: ObservedSoftware) -> list[Finding]:
    """The release is one of the approved ones."""
    if expected.software is None or not expected.software.releases:
        return []
    facts = observed.facts
    if any(matches(pattern.casefold(), facts.release.casefold()) for pattern in expected.software.releases):
        return []
    return [
        subject.of_device(expected).finding(
            "device.release",
            f"release is {clean(facts.release, 40)}, expected {some(expected.software.releases)}",
            cause="other-release",
            evidence=[facts.source],
            next_command="show install summary",
        )
    ]


def uptime(expected: ExpectedDevice, observed: ObservedSoftware) -> list[Finding]:
    """The router has been up for the declared time."""
    if expected.software is None or expected.software.minimum_uptime is None:
        return []
    facts, least = observed.facts, expected.software.minimum_uptime
    if facts.uptime >= least:
        return []
    reason = facts.last_reload_reason
    crashed = reason is not None and _CRASH.search(reason) is not None
    return [
        subject.of_device(expected).finding(
            "device.uptime",
            f"router is up for {_span(facts.uptime)} ({clean(reason, 60) if reason else 'reason not printed'}), "
            f"expected at least {_span(least)}",
            cause="crashed" if crashed else "restarted",
            evidence=[facts.source],
            next_command="show logging | include RESTART|CRASH|RELOAD",
        )
    ]


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))

"""Judgements about the router itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, subject
from pytest_azinterop.verify.evidence import undetermined
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedDevice

# A clock that NTP disciplines is right to well below a second; the rest allows for a slow answer.
TOLERANCE: Final = timedelta(seconds=60)
# Time zones are whole quarters of an hour, between 12 hours behind UTC and 14 ahead.
_ZONE_STEP: Final = timedelta(minutes=15)
_FURTHEST_ZONE: Final = timedelta(hours=14)


def identity(expected: ExpectedDevice, observed: ObservedDevice) -> list[Finding]:
    """Hostname (case does not count) and, where declared, the chassis's serial number."""
    facts = observed.facts
    if not facts.hostname or (expected.serial is not None and not facts.serial):
        undetermined("show version gave no hostname or no serial number", "not-understood", facts.source)
    about = subject.of_device(expected)
    found = []
    if facts.hostname.casefold() != expected.hostname.casefold():
        found.append(
            about.finding(
                "device.identity",
                f"hostname is {clean(facts.hostname)}, expected {expected.hostname}",
                cause="wrong-hostname",
                evidence=[facts.source],
                next_command="show running-config | include hostname",
            )
        )
    if expected.serial is not None and facts.serial.casefold() != expected.serial.casefold():
        found.append(
            about.finding(
                "device.identity",
                f"serial number is {clean(facts.serial)}, expected {expected.serial}",
                cause="wrong-serial",
                evidence=[facts.source],
                next_command="show license udi",
            )
        )
    return found


def clock(expected: ExpectedDevice, observed: ObservedDevice) -> list[Finding]:
    """Synchronised, and within a minute of the collecting machine.

    Where the zone is not UTC its offset is not known, so the time is judged to the nearest quarter of an hour.
    """
    reading = observed.clock
    about = subject.of_device(expected)
    found = []
    if reading.quality != "synchronised":
        nothing_set = evidence.is_proof(observed.config) and not any(
            line.text.startswith(("ntp server ", "ntp peer ")) for line in observed.config.lines
        )
        found.append(
            about.finding(
                "device.clock",
                f"clock is {reading.quality}, expected synchronised",
                cause=reading.quality.replace(" ", "-"),
                evidence=[reading.source, observed.config.source if nothing_set and observed.config else None],
                likely="the configuration has no `ntp server`: nothing sets the clock" if nothing_set else None,
                next_command="show ntp status" if nothing_set else "show ntp associations",
            )
        )
    offset = observed.clock_offset if observed.clock_offset is not None else _offset_in_unknown_zone(observed)
    if abs(offset) > TOLERANCE:
        found.append(
            about.finding(
                "device.clock",
                f"clock is {abs(offset).total_seconds():.0f}s {'ahead' if offset > timedelta(0) else 'behind'}, "
                f"expected within {TOLERANCE.total_seconds():.0f}s",
                cause="offset",
                evidence=[reading.source],
                next_command="show ntp associations",
            )
        )
    return found


def _offset_in_unknown_zone(observed: ObservedDevice) -> timedelta:
    """What is left of the difference after the time zone that explains most of it."""
    reading = observed.clock
    difference = reading.time.replace(tzinfo=None) - reading.source.asked_at.replace(tzinfo=None)
    if abs(difference) > _FURTHEST_ZONE + TOLERANCE:
        return difference
    return difference - round(difference / _ZONE_STEP) * _ZONE_STEP

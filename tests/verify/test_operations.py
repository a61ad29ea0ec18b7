"""Time sources and the archive: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.verify_records import DEVICE, OBSERVED_DEVICE, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.models import Archive, Ntp, Software
from pytest_azinterop.state.operations import ConfigArchive, NtpAssociation, NtpStatus
from pytest_azinterop.verify import archive, rules_operations, scope, software, time_source
from pytest_azinterop.verify.archive import ObservedArchive
from pytest_azinterop.verify.software import ObservedSoftware
from pytest_azinterop.verify.time_source import ObservedTime

SERVER, SPARE = "192.0.2.123", "192.0.2.124"
TIMED = replace(
    DEVICE, ntp=Ntp(servers=(ip_address(SERVER), ip_address(SPARE)), highest_stratum=3, offset_ms=50), archive=Archive()
)
STATUS = NtpStatus(True, 3, SERVER, -0.5, source=source("show ntp status"))
ASSOCIATION = NtpAssociation(SERVER, ".GPS.", 1, 0o377, "*", True, source=source("show ntp associations"))
SECOND = replace(ASSOCIATION, server=SPARE, mark="+")
KEPT = ConfigArchive(True, 10, "bootflash:ce-<timestamp>-3", (), None, source=source("show archive"))
LOCAL = replace(DEVICE, archive=Archive(path="bootflash:", maximum=10))


def time(*associations: NtpAssociation, **changes: Any) -> ObservedTime:
    return ObservedTime(replace(STATUS, **changes), associations or (ASSOCIATION, SECOND))


def kept(**changes: Any) -> ObservedArchive:
    return ObservedArchive(replace(KEPT, **changes))


SOFTWARE = replace(DEVICE, software=Software(releases=("16.12.*", "17.09.0*"), minimum_uptime=timedelta(days=1)))


def version(**changes: Any) -> ObservedSoftware:
    return ObservedSoftware(replace(OBSERVED_DEVICE.facts, **{"release": "17.09.04a", **changes}))


CRASHED = "device.uptime:crashed"
HOUR = timedelta(hours=1)
CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (time_source.source, TIMED, time(enabled=False, synchronized=False), "device.ntp:not-enabled"),
    (time_source.source, TIMED, time(synchronized=False, stratum=16, reference=None), "device.ntp:unsynchronised"),
    (
        time_source.source,
        replace(TIMED, ntp=Ntp()),
        ObservedTime(replace(STATUS, synchronized=False, stratum=16), ()),
        "device.ntp:no-server",
    ),
    (time_source.source, TIMED, time(stratum=4), "device.ntp:stratum"),
    (time_source.source, TIMED, time(offset=-50.1), "device.ntp:offset"),
    (time_source.source, TIMED, time(replace(ASSOCIATION, mark="+"), SECOND), "device.ntp:no-peer"),
    (time_source.source, TIMED, time(ASSOCIATION), "device.ntp:missing-server"),
    (time_source.source, TIMED, time(ASSOCIATION, replace(SECOND, reach=0, mark=None)), "device.ntp:silent-server"),
    (
        time_source.source,
        TIMED,
        time(replace(ASSOCIATION, mark=None), SECOND, replace(SECOND, server="198.51.100.1", mark="*")),
        "device.ntp:other-server",
    ),
    (archive.kept, LOCAL, kept(enabled=False, maximum=None, next_file=None), "device.archive:disabled"),
    (software.release, SOFTWARE, version(release="17.06.05"), "device.release:other-release"),
    (software.uptime, SOFTWARE, version(uptime=HOUR, last_reload_reason="Reload Command"), "device.uptime:restarted"),
    (software.uptime, SOFTWARE, version(uptime=HOUR, last_reload_reason="Critical software exception"), CRASHED),
    (archive.kept, LOCAL, kept(maximum=5), "device.archive:maximum"),
    (archive.kept, LOCAL, kept(next_file="flash:ce-1"), "device.archive:other-path"),
    (archive.kept, replace(LOCAL, archive=Archive()), kept(next_file="scp://host/ce-1"), "device.archive:remote"),
)


@pytest.mark.parametrize(("judge", "expected", "observed", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, observed: Any, named: str) -> None:
    assert [f"{each.rule}:{each.cause}" for each in judge(expected, observed)] == [named]


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (time_source.source, TIMED, time()),
        (time_source.source, TIMED, time(offset=50.0)),
        (time_source.source, replace(TIMED, ntp=Ntp()), time(replace(ASSOCIATION, server="2001:db8::7"))),
        (archive.kept, LOCAL, kept()),
        (software.release, SOFTWARE, version()),
        (software.release, SOFTWARE, version(release="16.12.5")),
        (software.uptime, SOFTWARE, version(uptime=timedelta(days=1), last_reload_reason="watchdog")),
        (archive.kept, LOCAL, kept(next_file="BOOTFLASH:ce-1")),
        (archive.kept, replace(LOCAL, archive=Archive(local=False)), kept(next_file="scp://host/ce-1", maximum=3)),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, observed: Any) -> None:
    assert judge(expected, observed) == []


def test_what_was_not_printed_is_not_right() -> None:
    with pytest.raises(UndeterminedError, match="offset"):
        time_source.source(TIMED, time(offset=None))
    with pytest.raises(UndeterminedError, match="next archive file"):
        archive.kept(LOCAL, kept(next_file=None))


@given(st.floats(-1e6, 1e6), st.integers(1, 15))
def test_only_a_small_offset_at_a_low_stratum_is_right(offset: float, stratum: int) -> None:
    found = {each.cause for each in time_source.source(TIMED, time(offset=offset, stratum=stratum))}
    assert ("offset" in found) == (abs(offset) > 50)
    assert ("stratum" in found) == (stratum > 3)


def test_a_declared_source_is_known_however_it_is_spelled() -> None:
    expected = replace(TIMED, ntp=Ntp(servers=(ip_address("2001:db8::7"),)))
    assert time_source.source(expected, time(replace(ASSOCIATION, server="2001:DB8::7"))) == []


@pytest.mark.parametrize("rule", ["device.ntp", "device.archive", "device.release", "device.uptime"])
def test_nothing_is_judged_where_nothing_is_declared(rule: str) -> None:
    assert scope.reason_not_judged(rule, DEVICE)
    assert scope.reason_not_judged(rule, replace(TIMED, software=SOFTWARE.software)) is None


def test_every_cause_has_a_case() -> None:
    shown = {case[3] for case in CASES}
    rules = [
        rule for rule in rules_operations.RULES if rule.judged_by.startswith(("time_source.", "archive.", "software."))
    ]
    assert {f"{rule.name}:{cause}" for rule in rules for cause in rule.causes} == shown

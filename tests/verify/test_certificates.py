"""How both ends of a tunnel prove who they are: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.verify_records import IKE_SA, NOON, TUNNEL, config, config_adding, observed_tunnel, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.certificate import Certificate
from pytest_azinterop.state.device import ClockReading
from pytest_azinterop.verify import certificates, rules_operations, scope
from pytest_azinterop.verify.certificates import ObservedCertificates

SHARED = replace(TUNNEL, authentication="psk")
SIGNED = replace(TUNNEL, authentication="rsa-sig", trustpoint="AZURE", valid_for=timedelta(days=30))
CLOCK = ClockReading(NOON, "UTC", "synchronised", source=source("show clock"))
OWN = Certificate(
    kind="Certificate",
    status="Available",
    serial="1A",
    usage="General Purpose",
    issuer=("cn=CA",),
    subject=("cn=edge-a",),
    not_before=NOON - timedelta(days=300),
    not_after=NOON + timedelta(days=60),
    zone="UTC",
    trustpoints=("AZURE",),
    source=source("show crypto pki certificates"),
)
AUTHORITY = replace(OWN, kind="CA Certificate")
STRANGER = replace(OWN, trustpoints=("CISCO_IDEVID_SUDI",), not_after=NOON - timedelta(days=1))
IDENTITY, CA = certificates.identity, certificates.authority


def own(**changes: Any) -> ObservedCertificates:
    return ObservedCertificates((STRANGER, replace(OWN, **changes), AUTHORITY), CLOCK)


def ca(**changes: Any) -> ObservedCertificates:
    return ObservedCertificates((OWN, replace(AUTHORITY, **changes)), CLOCK)


def sa(sign: str | None, verify: str | None) -> Any:
    return observed_tunnel(ike=(replace(IKE_SA, sign_method=sign, verify_method=verify),))


def elsewhere(only: Certificate, text: str | None = None) -> ObservedCertificates:
    return ObservedCertificates((STRANGER, only), CLOCK, config_adding(text) if text else config())


def cases(judge: Any, rule: str, seen: Any, other: Certificate) -> tuple[tuple[Any, Any, Any, str], ...]:
    return (
        (judge, SIGNED, elsewhere(other), f"{rule}:no-trustpoint"),
        (judge, SIGNED, elsewhere(other, "crypto pki trustpoint AZURE\n revocation-check none\n!"), f"{rule}:missing"),
        (judge, SIGNED, seen(status="Pending", not_before=None, not_after=None), f"{rule}:pending"),
        (judge, SIGNED, seen(not_before=NOON + timedelta(seconds=1)), f"{rule}:not-yet-valid"),
        (judge, SIGNED, seen(not_after=NOON), f"{rule}:expired"),
        (judge, SIGNED, seen(not_after=NOON + timedelta(days=29)), f"{rule}:expires-soon"),
    )


CASES: tuple[tuple[Any, Any, Any, str], ...] = (
    (certificates.method, SHARED, sa("RSA", "PSK"), "ike.authentication:signs-otherwise"),
    (certificates.method, SIGNED, sa("RSA", "PSK"), "ike.authentication:verifies-otherwise"),
    *cases(IDENTITY, "certificate.identity", own, AUTHORITY),
    *cases(CA, "certificate.authority", ca, OWN),
)


@pytest.mark.parametrize(("judge", "expected", "observed", "named"), CASES, ids=[case[3] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, expected: Any, observed: Any, named: str) -> None:
    (found,) = judge(expected, observed)
    assert f"{found.rule}:{found.cause}" == named
    assert found.evidence
    if named.startswith("certificate."):
        assert found.severity == ("high" if found.cause == "expires-soon" else "critical")


@pytest.mark.parametrize(
    ("judge", "expected", "observed"),
    [
        (certificates.method, SHARED, sa("PSK", "PSK")),
        (certificates.method, SIGNED, sa("RSA", "rsa-sig")),
        (IDENTITY, SIGNED, own()),
        (IDENTITY, SIGNED, own(not_after=NOON + timedelta(days=30))),
        (IDENTITY, SIGNED, own(trustpoints=("OTHER", "AZURE"))),
        (CA, SIGNED, ca()),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, expected: Any, observed: Any) -> None:
    assert judge(expected, observed) == []


def test_a_certificate_that_waits_for_its_turn_is_no_other() -> None:
    waiting = replace(OWN, is_rollover=True, not_before=NOON + timedelta(days=50))
    assert IDENTITY(SIGNED, ObservedCertificates((OWN, waiting), CLOCK)) == []
    (found,) = IDENTITY(SIGNED, ObservedCertificates((waiting,), CLOCK))
    assert found.cause == "missing"


def test_a_missing_trustpoint_is_only_said_of_a_whole_configuration() -> None:
    part = elsewhere(AUTHORITY)
    assert part.config is not None
    (found,) = IDENTITY(SIGNED, replace(part, config=replace(part.config, whole=False)))
    assert found.cause == "missing"
    (bare,) = IDENTITY(SIGNED, ObservedCertificates((), CLOCK))
    assert (bare.cause, bare.evidence) == ("missing", (CLOCK.source,))


def test_a_method_or_validity_that_was_not_printed_is_not_right() -> None:
    with pytest.raises(UndeterminedError):
        certificates.method(SHARED, sa("PSK", None))
    with pytest.raises(UndeterminedError):
        IDENTITY(SIGNED, own(not_after=None))
    assert [each.rule for each in certificates.method(SHARED, observed_tunnel(ike=()))] == ["ike.sa"]


def local(hours: float, zone: str = "EST") -> ClockReading:
    return replace(CLOCK, time=NOON.replace(tzinfo=None) + timedelta(hours=hours, seconds=3), zone=zone)


@given(st.sampled_from([-12.0, -5.0, 0.0, 5.75, 14.0]), st.integers(-3000, 3000))
def test_dates_of_another_zone_are_judged_by_the_routers_clock(hours: float, minutes: int) -> None:
    ends = NOON.replace(tzinfo=None) + timedelta(hours=hours, minutes=minutes)
    seen = replace(OWN, not_before=datetime(2020, 1, 1), not_after=ends, zone="EST")  # noqa: DTZ001
    (found,) = IDENTITY(SIGNED, ObservedCertificates((seen,), local(hours)))
    assert found.cause == ("expired" if minutes <= 0 else "expires-soon")


def test_a_zone_of_another_name_is_judged_with_an_hour_in_hand() -> None:
    ends = NOON.replace(tzinfo=None) + timedelta(minutes=30)
    seen = replace(OWN, not_before=datetime(2020, 1, 1), not_after=ends, zone="EST")  # noqa: DTZ001
    (found,) = IDENTITY(SIGNED, ObservedCertificates((seen,), local(0, "EDT")))
    assert found.cause == "expired"


def test_a_clock_that_is_days_off_says_nothing_of_its_zone() -> None:
    seen = replace(OWN, not_before=datetime(2020, 1, 1), not_after=datetime(2030, 1, 1), zone="EST")  # noqa: DTZ001
    with pytest.raises(UndeterminedError, match="clock is wrong"):
        IDENTITY(SIGNED, ObservedCertificates((seen,), local(80)))
    assert IDENTITY(SIGNED, ObservedCertificates((seen,), replace(CLOCK, time=NOON.astimezone(UTC)))) == []


@pytest.mark.parametrize("rule", ["ike.authentication", "certificate.identity", "certificate.authority"])
def test_nothing_is_judged_where_nothing_is_declared(rule: str) -> None:
    assert scope.reason_not_judged(rule, TUNNEL)
    assert scope.reason_not_judged(rule, SIGNED) is None


def test_every_cause_has_a_case() -> None:
    shown = {case[3] for case in CASES}
    rules = [rule for rule in rules_operations.RULES if rule.judged_by.startswith("certificates.")]
    assert {f"{rule.name}:{cause}" for rule in rules for cause in rule.causes} == shown


@pytest.mark.parametrize("word", ["pki", "ca"])
def test_a_trustpoint_is_known_by_the_old_and_the_new_keyword(word: str) -> None:
    text = f"crypto {word} trustpoint AZURE\n revocation-check none\n!"
    (found,) = IDENTITY(SIGNED, elsewhere(AUTHORITY, text))
    assert found.cause == "missing"

"""Judgements about how a tunnel's ends prove who they are: the method, and the certificates behind `rsa-sig`.

Sources: RFC 7296, 2.15 (authentication of the IKE SA), RFC 5280, 4.1.2.5 (validity).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, ike, subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.certificate import Certificate
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import ClockReading
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel

_FURTHEST_ZONE: Final = timedelta(hours=14)
_ZONE_STEP: Final = timedelta(minutes=15)
_SUMMER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ObservedCertificates:
    """All certificates of the router, and its clock. `config` None: not known; it then names no cause."""

    certificates: tuple[Certificate, ...]
    clock: ClockReading
    config: RunningConfig | None = None


def method(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """Both ends of the IKE SA prove who they are by the declared method."""
    if expected.authentication is None:
        return []
    ready = [each for each in ike.of_tunnel(expected, observed) if each.is_ready]
    if not ready:
        return ike.sa(expected, observed)
    found = []
    for each in ready:
        for cause, what, printed in (
            ("signs-otherwise", "this router proves itself", each.sign_method),
            ("verifies-otherwise", "the gateway proves itself", each.verify_method),
        ):
            if printed is None:
                evidence.undetermined("a READY IKE SA shows no authentication method", "not-understood", each.source)
            if _method(printed) != expected.authentication:
                found.append(
                    subject.of_tunnel(expected).finding(
                        "ike.authentication",
                        f"method by which {what} is {clean(printed)}, expected {expected.authentication}",
                        cause=cause,
                        evidence=[each.source],
                        next_command="show crypto ikev2 profile",
                    )
                )
    return found


def _method(printed: str) -> str:
    """As the intent spells it: IOS-XE prints `PSK`, `RSA`, and of other algorithms their name."""
    word = printed.strip().casefold()
    return {"rsa": "rsa-sig", "rsa-sig": "rsa-sig", "psk": "psk", "pre-share": "psk"}.get(word, word)


def identity(expected: ExpectedTunnel, observed: ObservedCertificates) -> list[Finding]:
    """The trustpoint holds a certificate of this router, valid now and for the declared time."""
    if expected.trustpoint is None:
        return []
    mine = [
        each for each in _of_trustpoint(expected, observed) if not each.is_authority and not each.kind.startswith("RA ")
    ]
    return list(_judged(expected, observed, mine, "certificate.identity", "this router's certificate"))


def authority(expected: ExpectedTunnel, observed: ObservedCertificates) -> list[Finding]:
    """The trustpoint holds the CA's certificate, valid now and for the declared time."""
    if expected.trustpoint is None:
        return []
    mine = [each for each in _of_trustpoint(expected, observed) if each.is_authority]
    return list(_judged(expected, observed, mine, "certificate.authority", "the CA's certificate"))


def _of_trustpoint(expected: ExpectedTunnel, observed: ObservedCertificates) -> list[Certificate]:
    return [each for each in observed.certificates if expected.trustpoint in each.trustpoints and not each.is_rollover]


def _judged(
    expected: ExpectedTunnel, observed: ObservedCertificates, mine: list[Certificate], rule: str, what: str
) -> Iterator[Finding]:
    about = subject.of_tunnel(expected)
    place = f"{what} in trustpoint {expected.trustpoint}"
    if not mine:
        undefined = _without_trustpoint(expected, observed.config)
        others = some(sorted({clean(name) for each in observed.certificates for name in each.trustpoints}))
        yield about.finding(
            rule,
            f"{place} is missing{' (the trustpoint is not configured)' if undefined else ''}"
            f" (trustpoints with certificates: {others or 'none'}), expected one",
            cause="no-trustpoint" if undefined else "missing",
            evidence=[
                *(each.source for each in observed.certificates),
                observed.config.source if observed.config and (undefined or not observed.certificates) else None,
                observed.clock.source if not observed.certificates and observed.config is None else None,
            ],
            next_command=f"show crypto pki trustpoints {expected.trustpoint} status",
        )
    for each in mine:
        for cause, seen, wanted in _validity(expected, each, observed.clock):
            yield about.finding(
                rule,
                f"{place} is {seen}, expected {wanted}",
                cause=cause,
                evidence=[each.source],
                next_command=f"show crypto pki trustpoints {expected.trustpoint} status",
                severity="high" if cause == "expires-soon" else None,
            )


def _without_trustpoint(expected: ExpectedTunnel, config: RunningConfig | None) -> bool:
    if not evidence.is_proof(config):
        return False
    names = {f"crypto {word} trustpoint {expected.trustpoint}" for word in ("pki", "ca")}
    return not any(line.text in names for line in config.lines)


def _validity(
    expected: ExpectedTunnel, certificate: Certificate, clock: ClockReading
) -> Iterator[tuple[str, str, str]]:
    begins, ends = certificate.not_before, certificate.not_after
    if not certificate.status.startswith("Available"):
        yield "pending", clean(certificate.status).casefold(), "available"
        return
    if begins is None or ends is None:
        evidence.undetermined("a certificate shows no validity", "not-understood", certificate.source)
    earliest, latest = _now(certificate, ends, clock)
    if earliest < begins:
        yield "not-yet-valid", f"valid from {_day(begins, certificate)} on", "valid now"
    elif latest >= ends:
        yield "expired", f"expired since {_day(ends, certificate)}", "valid"
    elif latest + expected.valid_for > ends:
        left = (ends - latest).days
        yield (
            "expires-soon",
            f"valid until {_day(ends, certificate)}, for {left} more days",
            f"valid for {expected.valid_for.days} days more",
        )


def _day(time: datetime, certificate: Certificate) -> str:
    return f"{time:%Y-%m-%d %H:%M} {clean(certificate.zone or '', 12)}".strip()


def _now(certificate: Certificate, ends: datetime, clock: ClockReading) -> tuple[datetime, datetime]:
    """The time of the answer between two bounds, in the zone that the certificate's dates are printed in.

    The zone's distance from UTC is that of the router's clock, to the quarter of an hour; where the clock's zone has
    another name, such as that of summer time, the bounds lie further apart.
    """
    asked = certificate.source.asked_at
    if ends.tzinfo is not None:
        return asked, asked
    local = asked.astimezone(UTC).replace(tzinfo=None)
    if clock.time.tzinfo is not None:
        return local - _FURTHEST_ZONE, local + _FURTHEST_ZONE
    difference = clock.time - clock.source.asked_at.astimezone(UTC).replace(tzinfo=None)
    if abs(difference) > _FURTHEST_ZONE + _ZONE_STEP:
        evidence.undetermined(
            "the router's clock is wrong, so the zone of its dates is not known", "clock", clock.source
        )
    now = local + round(difference / _ZONE_STEP) * _ZONE_STEP
    slack = timedelta(0) if clock.zone == certificate.zone else _SUMMER
    return now - slack, now + slack

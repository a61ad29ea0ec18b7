"""Certificates of the simulated network: who is certified by whom, and from when to when."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.clock import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_TRUSTPOINT = "default"
"""Of a far end, whose trustpoints have no names."""
_KEYS = ("trustpoint", "kind", "subject", "issuer", "serial", "not_before", "not_after")


@dataclass(frozen=True, slots=True)
class Certificate:
    """``subject`` and ``issuer`` are distinguished names as IOS prints them, ``cn=ce1.example.com,o=Example``.

    Times are UTC epoch seconds; where ``relative`` says so, seconds from the moment that the network gets it.
    """

    trustpoint: str
    ca: bool
    subject: str
    issuer: str
    serial: str
    not_before: float
    not_after: float
    relative: tuple[bool, bool] = (False, False)

    @classmethod
    def read(cls, spec: Mapping[str, object]) -> Certificate:
        """From a topology or a scenario. Raises ValueError."""
        unknown = set(spec) - set(_KEYS)
        if unknown:
            raise ValueError(f"unknown key {min(unknown)!r}; known: {', '.join(_KEYS)}")
        kind = spec.get("kind", "identity")
        if kind not in ("identity", "ca"):
            raise ValueError(f"kind: {kind!r} is neither identity nor ca")
        before, after = _moment(spec.get("not_before", "-365d")), _moment(spec.get("not_after", "365d"))
        subject = str(spec["subject"]) if "subject" in spec else ""
        if not subject or "issuer" not in spec:
            raise ValueError("a certificate has a subject and an issuer")
        if before[1] == after[1] and before[0] >= after[0]:
            raise ValueError(f"{subject}: not_after does not follow not_before")
        serial = str(spec.get("serial") or f"{zlib.crc32(f'{subject}{before}{after}'.encode()):08X}").upper()
        if not re.fullmatch(r"[0-9A-F]+", serial):
            raise ValueError(f"serial: {serial!r} is not a hexadecimal number")
        return cls(
            trustpoint=str(spec.get("trustpoint", DEFAULT_TRUSTPOINT)),
            ca=kind == "ca",
            subject=subject,
            issuer=str(spec["issuer"]),
            serial=serial,
            not_before=before[0],
            not_after=after[0],
            relative=(before[1], after[1]),
        )

    def valid(self, at: float) -> bool:
        """Whether a clock that shows this time accepts it."""
        return self.not_before <= at <= self.not_after


def _moment(value: object) -> tuple[float, bool]:
    """Seconds, and whether they count from when the network gets the certificate."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp(), False
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp(), False
    text = str(value).strip()
    if re.match(r"\d{4}-", text):
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(), False
    sign = -1 if text.startswith("-") else 1
    return sign * duration(text.removeprefix("-")), True


def dated(certificates: tuple[Certificate, ...], now: float) -> tuple[Certificate, ...]:
    """The same with absolute times."""
    return tuple(
        replace(
            each,
            not_before=each.not_before + (now if each.relative[0] else 0),
            not_after=each.not_after + (now if each.relative[1] else 0),
            relative=(False, False),
        )
        for each in certificates
    )

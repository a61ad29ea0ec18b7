"""Answers of the data plane to a probe that a router sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.source import Source


@dataclass(frozen=True, slots=True)
class PingResult:
    """`ping` from a router.

    Times in milliseconds, None without a reply. `marks` are IOS-XE's result characters (`!`, `.`, `U`, …).
    """

    vrf: str | None
    target: IPv4Address | IPv6Address
    sent: int
    received: int
    marks: str
    rtt_min: int | None = None
    rtt_avg: int | None = None
    rtt_max: int | None = None
    source: Source = field(compare=False, kw_only=True)

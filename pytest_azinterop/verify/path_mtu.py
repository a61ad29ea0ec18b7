"""Judgements about which packets pass a tunnel, and whether what is configured on it fits.

The router answers for packets that are larger than the tunnel's own MTU; what it sends and nobody answers for is lost
on the way. Sources: RFC 1191 (path MTU discovery), RFC 2923 (black holes), Microsoft's VPN device guidance (MSS 1350).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, subject, tunnel
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.observed import ObservedTunnel
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.config import ConfigLine, RunningConfig
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.probe import PingResult
    from pytest_azinterop.verify.finding import Finding

# Every path passes the first; 1438 is what AES-CBC with SHA-1 leaves of 1500, and 1500 what TCP sends untold.
_STEPS: Final = (576, 1200, 1300, 1438, 1500)
_TCP_HEADERS: Final = 40  # bytes of IPv4 and TCP without options


@dataclass(frozen=True, slots=True)
class ObservedSizes:
    """A ping that must not be fragmented for each size in bytes, smallest first; None: the tunnel is down, and the
    router refused to send from it. `interface` None: there is no such tunnel.
    """

    interface: Interface | None
    config: RunningConfig
    pings: tuple[tuple[int, PingResult | None], ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """`largest` passes and `refused` does not: the next larger size that was tried, None where all pass."""

    largest: int
    refused: int | None
    ping: PingResult


def ladder(expected: ExpectedTunnel) -> tuple[int, ...]:
    """The sizes that are tried: the declared one, and steps around it."""
    return tuple(sorted({*_STEPS, expected.mtu or _STEPS[0]}))


def fit(expected: ExpectedTunnel, observed: ObservedSizes) -> list[Finding]:
    """Packets of the declared size pass, and so does everything that the tunnel's MTU lets in."""
    if expected.mtu is None:
        return []
    seen = _tried(expected, observed)
    if isinstance(seen, list):
        return seen
    if seen.refused is None:
        return []
    own, line = _own_mtu(expected, observed)
    told = "M" in seen.ping.marks
    about = subject.of_tunnel(expected)
    which = f"{'ip mtu' if line else 'MTU'} of {own}" if own else "an unknown MTU"
    if (own is not None and seen.refused <= own) or (own is None and not told):
        cause = "mtu-too-large" if told else "black-hole"
        how = "are refused on the way" if told else "vanish without an answer"
        return [
            about.finding(
                "tunnel.path-mtu",
                f"largest packet that passes is {seen.largest} bytes, packets of {seen.refused} {how} "
                f"({clean(seen.ping.marks, 20)}), and the tunnel has {which}, expected at most {seen.largest}",
                cause=cause,
                evidence=[seen.ping.source, *reading.at(observed.config, line)],
                next_command=_ping(expected, seen.refused),
            )
        ]
    if seen.refused <= expected.mtu:
        return [
            about.finding(
                "tunnel.path-mtu",
                f"largest packet that passes is {seen.largest} bytes, and the tunnel has {which}, "
                f"expected at least {expected.mtu}",
                cause="too-small",
                evidence=[seen.ping.source, *reading.at(observed.config, line)],
                next_command=f"show running-config interface {expected.name}",
            )
        ]
    return []


def segments(expected: ExpectedTunnel, observed: ObservedSizes) -> list[Finding]:
    """TCP is told to send segments that pass: without that it relies on answers that firewalls like to drop."""
    if expected.mtu is None:
        return []
    seen = _tried(expected, observed)
    if isinstance(seen, list):
        return seen
    line = _line(expected, observed.config, "ip tcp adjust-mss")
    digits = re.search(r"\b(\d+)$", line.text) if line else None
    if seen.refused is None:
        return []
    passes = seen.largest
    own, _ = _own_mtu(expected, observed)
    if own is not None and passes < own < seen.refused:
        passes = own
    size = int(digits[1]) if digits else None
    if size is not None and size + _TCP_HEADERS <= passes:
        return []
    if line is None:
        reading.absent(observed.config, f"ip tcp adjust-mss of {expected.name}")
    return [
        subject.of_tunnel(expected).finding(
            "tunnel.mss",
            f"ip tcp adjust-mss is {'not set' if size is None else size}, and packets of {seen.refused} bytes do not "
            f"pass, expected at most {passes - _TCP_HEADERS}",
            cause="mss-not-clamped" if size is None else "mss-too-large",
            evidence=[*reading.at(observed.config, line), seen.ping.source],
            next_command=f"show running-config interface {expected.name}",
        )
    ]


def _tried(expected: ExpectedTunnel, observed: ObservedSizes) -> _Seen | list[Finding]:
    """What passes; or findings, where the tunnel is down or nobody answers through it."""
    if broken := tunnel.state(expected, ObservedTunnel(interface=observed.interface, config=observed.config)):
        return broken
    largest = None
    for size, ping in observed.pings:
        if ping is None:
            evidence.undetermined("the router did not send from the tunnel", "rejected")
        if ping.target != expected.neighbor or ping.sent < 1:
            evidence.undetermined("the echo requests went to another target", "not-understood", ping.source)
        if ping.received:
            largest = size
            continue
        if largest is None:
            return [
                subject.of_tunnel(expected).finding(
                    "tunnel.path-mtu",
                    f"{ping.received} of {ping.sent} packets of {size} bytes to {expected.neighbor} are answered "
                    f"({clean(ping.marks, 20)}), expected all",
                    cause="no-answer",
                    evidence=[ping.source],
                    next_command=_ping(expected, size),
                )
            ]
        return _Seen(largest, size, ping)
    if largest is None or ping is None:
        evidence.undetermined("no packet was sent through the tunnel", "not-collected", observed.config.source)
    return _Seen(largest, None, ping)


def _own_mtu(expected: ExpectedTunnel, observed: ObservedSizes) -> tuple[int | None, ConfigLine | None]:
    """The largest packet that the router sends into the tunnel whole: as configured, else as it works it out itself."""
    line = _line(expected, observed.config, "ip mtu")
    if line is not None and line.text.split()[-1].isdigit():
        return int(line.text.split()[-1]), line
    parameters = observed.interface.tunnel if observed.interface else None
    return (parameters.transport_mtu if parameters else None), None


def _line(expected: ExpectedTunnel, config: RunningConfig, words: str) -> ConfigLine | None:
    port = reading.interface(config, expected.name)
    if port is None:
        evidence.undetermined(
            f"interface {expected.name} is not in the running-configuration", "not-understood", config.source
        )
    return reading.has(port.line, words)


def _ping(expected: ExpectedTunnel, size: int) -> str:
    vrf = "" if expected.inner_vrf is None else f"vrf {expected.inner_vrf} "
    return f"ping {vrf}{expected.neighbor} source {expected.name} size {size} df-bit"

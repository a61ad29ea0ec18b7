"""Judgements about the BFD session that guards a BGP session.

Sources: RFC 5880 (states, diagnostics, negotiation of intervals), Microsoft "Configure BFD over ExpressRoute".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.lint import reading
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedBfd, ExpectedSession
    from pytest_azinterop.state.adjacency import BfdNeighbor
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

_LOG: Final = "show logging | include BFD"
# Older releases print a number for what is heard of the far end: 1 for up.
_HEARD: Final = {"Up", "1"}
# RFC 5880 4.1: why the local system last changed its session to another state than Up.
_DIAGNOSTICS: Final = {1: "detection-time-expired", 2: "echo-failed", 3: "signaled-down", 7: "admin-down"}


@dataclass(frozen=True, slots=True)
class ObservedBfd:
    """The BGP neighbor and every BFD session of its VRF. `config` None: not known; it then names no cause."""

    neighbor: BgpNeighbor
    sessions: tuple[BfdNeighbor, ...]
    config: RunningConfig | None = None


def state(expected: ExpectedSession, observed: ObservedBfd) -> list[Finding]:
    """There is a session with the neighbor on its interface, and both ends say that it is up."""
    found = _session(expected, observed)
    if found is None:
        cause, seen = _why_none(expected, observed)
        config = observed.config if cause != "bgp-down" else None
        return [
            _finding(
                "bfd.state",
                expected,
                f"BFD session is {seen}, expected Up on both sides",
                cause,
                evidence=[
                    *(each.source for each in _same(expected, observed)[:1]),
                    observed.neighbor.source,
                    config.source if config else None,
                ],
            )
        ]
    heard = found.remote_heard in _HEARD
    if found.is_up and heard:
        return []
    far = "Up" if heard else clean(found.remote_heard, 20)
    return [
        _finding(
            "bfd.state",
            expected,
            f"BFD session is {clean(found.state, 20)}, at the far end {far}, expected Up on both sides",
            _state_cause(found),
            evidence=[found.source, observed.neighbor.source],
        )
    ]


def registered(expected: ExpectedSession, observed: ObservedBfd) -> list[Finding]:
    """BGP uses the session: its loss closes the BGP session at once."""
    found = _session(expected, observed)
    if found is None:
        return state(expected, observed)
    if any(client.upper() == "BGP" for client in found.clients):
        return []
    clients = clean(", ".join(found.clients)) or "nothing"
    off = _falls_over(expected, observed) is False
    return [
        _finding(
            "bfd.registered",
            expected,
            f"BFD session is used by {clients}, expected by BGP",
            "not-configured" if off else "not-registered",
            evidence=[found.source, observed.neighbor.source],
        )
    ]


def timers(expected: ExpectedSession, observed: ObservedBfd) -> list[Finding]:
    """The negotiated interval and both multipliers. A session that is not up has negotiated nothing: `bfd.state`."""
    found = _session(expected, observed)
    if found is None or not found.is_up:
        return state(expected, observed)
    wanted = _wanted(expected)
    return [*_intervals(expected, wanted, found), *_multipliers(expected, wanted, found)]


def _intervals(expected: ExpectedSession, wanted: ExpectedBfd, found: BfdNeighbor) -> list[Finding]:
    """RFC 5880 6.8.3, 6.8.4: each direction runs at the larger of what one side sends and the other wants to receive.

    With the echo function the echoes detect the loss, and control packets are slowed down.
    """
    if found.echo_interval is not None:
        seen = {"echo interval": (found.echo_interval, found.echo_interval)}
    else:
        own, theirs = (
            (found.minimum_transmit, found.minimum_receive),
            (
                found.received_minimum_receive,
                found.received_minimum_transmit,
            ),
        )
        if None in (*own, *theirs):
            evidence.undetermined("the intervals of the BFD session were not printed", "not-understood", found.source)
        seen = {
            "transmit interval": (max(own[0] or 0, theirs[0] or 0), own[0] or 0),
            "receive interval": (max(own[1] or 0, theirs[1] or 0), own[1] or 0),
        }
    findings = []
    for name, (negotiated, configured) in seen.items():
        if negotiated == wanted.interval * 1000:
            continue
        own_fault = negotiated == configured
        findings.append(
            _finding(
                "bfd.timers",
                expected,
                f"{name} is {_milliseconds(negotiated)}, expected {wanted.interval} ms",
                "wrong-timers" if own_fault else "neighbors-timers",
                evidence=[found.source],
            )
        )
    return findings


def _multipliers(expected: ExpectedSession, wanted: ExpectedBfd, found: BfdNeighbor) -> list[Finding]:
    findings = []
    for name, seen, cause in (
        ("multiplier", found.multiplier, "wrong-multiplier"),
        ("neighbor's multiplier", found.received_multiplier, "neighbors-multiplier"),
    ):
        if seen is None:
            evidence.undetermined(f"the {name} of the BFD session was not printed", "not-understood", found.source)
        if seen != wanted.multiplier:
            findings.append(
                _finding(
                    "bfd.timers",
                    expected,
                    f"{name} is {seen}, expected {wanted.multiplier}",
                    cause,
                    evidence=[found.source],
                )
            )
    return findings


def age(expected: ExpectedSession, observed: ObservedBfd) -> list[Finding]:
    """Up for at least the time that the BGP session must be Established."""
    found = _session(expected, observed)
    if found is None or not found.is_up:
        return state(expected, observed)
    if found.up_for is None:
        evidence.undetermined("the up time of the BFD session was not printed", "not-understood", found.source)
    if found.up_for >= expected.minimum_age:
        return []
    return [
        _finding(
            "bfd.age",
            expected,
            f"BFD session is Up for {_seconds(found.up_for)}, expected at least {_seconds(expected.minimum_age)}",
            _DIAGNOSTICS.get(found.local_diagnostic or 0, "young"),
            evidence=[found.source],
            following=_LOG,
        )
    ]


def _session(expected: ExpectedSession, observed: ObservedBfd) -> BfdNeighbor | None:
    """The session with the neighbor on the declared interface; None: there is none."""
    here = [
        each for each in _same(expected, observed) if expected.interface is None or each.interface == expected.interface
    ]
    if len(here) > 1:
        evidence.undetermined(
            f"{len(here)} BFD sessions with {expected.neighbor}, one expected", "not-understood", here[0].source
        )
    return here[0] if here else None


def _same(expected: ExpectedSession, observed: ObservedBfd) -> list[BfdNeighbor]:
    return [each for each in observed.sessions if each.neighbor == expected.neighbor]


def _wanted(expected: ExpectedSession) -> ExpectedBfd:
    if expected.bfd is None:
        raise ValueError(f"{expected.id}: no BFD is required here")  # no such subject is ever made
    return expected.bfd


def _why_none(expected: ExpectedSession, observed: ObservedBfd) -> tuple[str, str]:
    """Why there is no session: the cause, and what is there instead."""
    if others := _same(expected, observed):
        return "other-interface", f"on {clean(others[0].interface)} instead of {expected.interface}"
    if not observed.neighbor.is_established:
        # BGP asks for its session once it is Established.
        return "bgp-down", f"missing while BGP is {clean(observed.neighbor.state, 20)}"
    if _falls_over(expected, observed) is False:
        return "not-configured", "missing"
    if evidence.is_proof(observed.config) and expected.interface is not None:
        port = reading.interface(observed.config, expected.interface)
        if port is not None and reading.has(port.line, "bfd interval", "bfd template") is None:
            return "not-on-interface", "missing"
    return "missing", "missing"


def _falls_over(expected: ExpectedSession, observed: ObservedBfd) -> bool | None:
    """Whether the BGP neighbor has `fall-over bfd`; None: not known. The router's own word counts where it says so."""
    if observed.neighbor.bfd_configured:
        return True
    if not evidence.is_proof(observed.config):
        return None
    section = session.configured(expected, observed.config)
    return None if section is None else reading.clause(section, "fall-over bfd") is not None


def _state_cause(found: BfdNeighbor) -> str:
    if found.state == "AdminDown":
        return "admin-down"
    if found.remote_heard == "AdminDown":
        return "remote-admin-down"
    if found.is_up:
        return "remote-down"
    return "one-way" if found.state == "Init" else "down"


def _finding(
    rule: str,
    expected: ExpectedSession,
    disagreement: str,
    cause: str,
    *,
    evidence: list[Source | None],
    following: str | None = None,
) -> Finding:
    return subject.of_session(expected).finding(
        rule,
        disagreement,
        cause=cause,
        evidence=evidence,
        next_command=following or _following(rule, cause, expected),
    )


def _following(rule: str, cause: str, expected: ExpectedSession) -> str:
    if cause in ("not-configured", "not-registered"):
        return next_command.BGP
    if cause == "bgp-down":
        return next_command.logged(expected.neighbor)
    if cause in ("down", "one-way"):
        return next_command.ping(expected.vrf, expected.neighbor)
    of_port = rule == "bfd.timers" or cause in ("not-on-interface", "other-interface", "admin-down")
    return next_command.configured_interface(expected.interface) if of_port and expected.interface else _LOG


def _milliseconds(microseconds: int) -> str:
    return f"{microseconds / 1000:g} ms"


def _seconds(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))

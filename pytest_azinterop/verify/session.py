"""Judgements about one BGP session.

What cannot be read from a session that is not there, or not Established, is reported as that: `bgp.neighbor`,
`bgp.state`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, session_config, subject
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.subject import vrf_words
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import NeighborConfig, RunningConfig
    from pytest_azinterop.state.device import Interface
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedPolicy, ObservedRoutes, ObservedSession
    from pytest_azinterop.verify.subject import Subject

# The router's words for a lost session, and what they mean for the one who looks.
_REASONS: Final = (
    (re.compile(r"prefix", re.IGNORECASE), "prefix-limit"),
    (re.compile(r"wrong AS|bad AS|AS mismatch", re.IGNORECASE), "wrong-as"),
    (re.compile(r"hold ?time(r)? expired|holdtimer? expired", re.IGNORECASE), "hold-time-expired"),
    (re.compile(r"\bBFD\b", re.IGNORECASE), "bfd-down"),
    (re.compile(r"interface .*(flap|down)", re.IGNORECASE), "interface-down"),
    (re.compile(r"authenti|MD5|password", re.IGNORECASE), "authentication"),
    (re.compile(r"no route to", re.IGNORECASE), "no-route"),
    (re.compile(r"notification received|peer closed|closed by (peer|remote)", re.IGNORECASE), "closed-by-neighbor"),
)
_STATES: Final = {
    "idle": "idle",
    "active": "no-connection",
    "connect": "no-connection",
    "opensent": "opening",
    "openconfirm": "opening",
    "closing": "closing",
}

# Whose AS these are, and what each role's far end is: https://learn.microsoft.com/azure/expressroute/expressroute-routing
_AZURE_ASNS: Final = {12076: "every MSEE", 65515: "Azure's gateways by default"}
_FAR_ENDS: Final = {
    "expressroute": "an MSEE",
    "microsoft": "an MSEE",
    "vpn": "a VPN gateway",
    "internal": "a router of the site",
}

# What an interface that is down now explains better than the last reset does.
_OVER_AN_INTERFACE: Final = frozenset({"hold-time-expired", "no-connection", "no-route", "bfd-down", "idle"})


def show_neighbor(expected: ExpectedSession) -> str:
    """The command that shows this neighbor."""
    return f"show bgp {_family(expected.vrf, expected.version)} neighbors {expected.neighbor}"


def _family(vrf: str | None, version: int) -> str:
    return f"ipv{version} unicast" if vrf is None else f"vpnv{version} unicast vrf {vrf}"


def show_list(name: str, version: int) -> str:
    """The command that shows a prefix-list; the two address families have name spaces of their own."""
    return f"show {'ip' if version == 4 else 'ipv6'} prefix-list detail {clean(name)}"


def show_prefix(vrf: str | None, prefix: IPv4Network | IPv6Network) -> str:
    """The command that shows all paths of a prefix."""
    return f"show bgp {_family(vrf, prefix.version)} {prefix}"


def neighbor(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """The neighbor exists in its VRF, and its address family takes part."""
    if observed.neighbor is not None:
        down = not observed.neighbor.is_established
        return absent(expected, observed.config) if down and _is_left_out(expected, observed.config) else []
    if not observed.elsewhere:
        return absent(expected, observed.config)
    others = some(sorted({vrf_words(other.vrf) for other in observed.elsewhere}))
    return [
        subject.of_session(expected).finding(
            "bgp.neighbor",
            f"neighbor is in {clean(others)}, expected in {vrf_words(expected.vrf)}",
            cause="other-vrf",
            evidence=[other.source for other in observed.elsewhere],
            next_command=next_command.BGP,
        )
    ]


def _is_left_out(expected: ExpectedSession, config: RunningConfig | None) -> bool:
    """Whether the neighbor is configured and not activated: some releases show it as Idle all the same."""
    if config is None or config.bgp is None or not evidence.is_proof(config):
        return False
    here = [each for each in config.bgp.neighbors if (each.vrf, each.address) == (expected.vrf, expected.neighbor)]
    return bool(here) and not here[0].activated


def absent(expected: ExpectedSession, config: RunningConfig | None) -> list[Finding]:
    """The finding for a neighbor that its VRF does not have, with what the configuration says about it."""
    cause, seen = "missing", "neighbor is missing"
    if config is not None and config.bgp is not None and evidence.is_proof(config):
        same = [entry for entry in config.bgp.neighbors if entry.address == expected.neighbor]
        here = [entry for entry in same if entry.vrf == expected.vrf]
        if here and not here[0].activated:
            cause, seen = "not-activated", "neighbor is not activated"
        elif same and not here:
            cause, seen = "other-vrf", f"neighbor is in {clean(some(sorted(vrf_words(entry.vrf) for entry in same)))}"
        elif not same:
            cause = "not-configured"
    return [
        subject.of_session(expected).finding(
            "bgp.neighbor",
            f"{seen}, expected in {vrf_words(expected.vrf)}",
            cause=cause,
            evidence=[config.source if config else None],
            next_command=next_command.BGP,
        )
    ]


def state(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """Established; a session that is shut by configuration is named as such."""
    if observed.neighbor is None:
        return neighbor(expected, observed)
    about = subject.of_session(expected)
    found = not_established(about, observed.neighbor, observed.interface)
    far = _refused_there(expected, observed) if found else None
    return [far] if far is not None else [session_config.explained(expected, observed, each) for each in found]


def _refused_there(expected: ExpectedSession, observed: ObservedSession) -> Finding | None:
    """The finding where the router at the other end, read in the same run, does not want the session."""
    near, far = observed.neighbor, observed.far_end
    if near is None or far is None or near.shutdown:
        return None
    here = f"{expected.router} ({expected.local_address})"
    if far.neighbor is None:
        cause, likely = "far-end-missing", f"{far.router} has no neighbor {here} in {vrf_words(expected.vrf)}"
    elif far.neighbor.shutdown:
        cause, likely = "far-end-shut", f"{far.router} has shut the session with {here}: Idle (Admin) there"
    elif far.neighbor.remote_as != expected.local_as:
        cause = "far-end-other-as"
        likely = f"{far.router} expects {here} in AS {far.neighbor.remote_as}, which is in {expected.local_as}"
    else:
        return None
    return subject.of_session(expected).finding(
        "bgp.state",
        f"state is {clean(near.state)}, expected Established",
        cause=cause,
        evidence=[near.source, far.neighbor.source if far.neighbor else far.answer],
        likely=likely,
        next_command=f"on {far.router}: {next_command.BGP}",
    )


def not_established(about: Subject, observed: BgpNeighbor, interface: Interface | None = None) -> list[Finding]:
    """The finding for a session that is not Established; none for one that is.

    `interface` is the one towards the neighbor as it is now, None where that is not known.
    """
    if observed.is_established and not observed.shutdown:
        return []
    reason = observed.last_reset.reason if observed.last_reset else None
    cause = _state_cause(observed, reason)
    words = "Idle (Admin)" if observed.shutdown else clean(observed.state)
    likely = RULES["bgp.state"].causes[cause] or None
    command = next_command.of_state(cause, observed.vrf, observed.address)
    fell = interface is not None and not interface.is_up and cause in _OVER_AN_INTERFACE
    if interface is not None and (fell or cause == "interface-down"):
        likely, command = _interface_now(interface)
    if reason and not observed.shutdown:
        told = f"last reset: {clean(reason)}"
        likely = f"{likely} ({told})" if likely else told
    return [
        about.finding(
            "bgp.state",
            f"state is {words}, expected Established",
            cause=cause,
            evidence=[observed.source, interface.source if interface and (fell or cause == "interface-down") else None],
            likely=likely,
            next_command=command,
        )
    ]


def _interface_now(interface: Interface) -> tuple[str, str]:
    """The router remembers that the interface went down; what it is now says where to look."""
    name = clean(interface.name)
    if interface.is_up:
        likely = f"{name} towards the neighbor went down and is up again: the session is still coming up"
    else:
        likely = f"{name} towards the neighbor is down"
    return likely, next_command.logged(name)


def _state_cause(observed: BgpNeighbor, reason: str | None) -> str:
    if observed.shutdown:
        return "shutdown"
    told = " ".join(
        (observed.state, reason or "", *(line for line in observed.unread if "no route to" in line.lower()))
    )
    if "pfxct" in told.lower():
        return "prefix-limit"
    for pattern, cause in _REASONS:
        if pattern.search(told):
            return cause
    return _STATES.get(observed.state.split()[0].lower() if observed.state.split() else "", "idle")


def remote_as(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """The configured remote AS."""
    actual = observed.neighbor
    if actual is None:
        return neighbor(expected, observed)
    if actual.remote_as == expected.remote_as:
        return []
    return [
        subject.of_session(expected).finding(
            "bgp.remote-as",
            f"remote AS is {actual.remote_as}, expected {expected.remote_as}",
            cause="wrong-as",
            evidence=[actual.source],
            likely=_whose_as(expected, actual),
            next_command=next_command.BGP,
        )
    ]


def _whose_as(expected: ExpectedSession, actual: BgpNeighbor) -> str | None:
    """Whose AS is configured, where it is one that is known; None: the rule's own words say all."""
    asn, wanted = actual.remote_as, expected.remote_as
    if asn == expected.local_as:
        return f"{asn} is the site's own AS: the session would be an internal one"
    if asn in _AZURE_ASNS:
        return f"{asn} is the AS of {_AZURE_ASNS[asn]}, and this neighbor is {_FAR_ENDS[expected.role]}"
    if sorted(str(asn)) == sorted(str(wanted)):
        return f"the digits of {wanted} are transposed"
    return None


def local_as(expected: ExpectedSession, observed: ObservedRoutes | ObservedPolicy) -> list[Finding]:
    """The AS that the neighbor sees: `local-as` where the router prints one, else that of `router bgp`."""
    actual, config = observed.neighbor, observed.config
    if actual is None:
        return absent(expected, config)
    about = subject.of_session(expected)
    if actual.local_as is not None:
        asn, source, cause = actual.local_as, actual.source, "replaced"
    elif config is not None and config.bgp is not None:
        asn, source, cause = config.bgp.asn, config.source, "wrong-as"
    else:
        config = evidence.whole(config, "the router's own AS")
        return [
            about.finding(
                "bgp.local-as",
                f"local AS is not configured, expected {expected.local_as}",
                cause="no-bgp",
                evidence=[config.source],
            )
        ]
    if asn == expected.local_as:
        return []
    return [
        about.finding(
            "bgp.local-as",
            f"local AS is {asn}, expected {expected.local_as}",
            cause=cause,
            evidence=[source],
            next_command=next_command.BGP,
        )
    ]


def source(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """The session's own end is the declared local address; not judged where none is declared."""
    actual = observed.neighbor
    if actual is None or not actual.is_established:
        return state(expected, observed)
    if expected.local_address is None:
        return []
    if actual.local_address is None:
        evidence.undetermined("the session's local address was not printed", "not-understood", actual.source)
    if actual.local_address == expected.local_address:
        return []
    bound = f" (update-source {clean(actual.update_source)})" if actual.update_source else ""
    return [
        subject.of_session(expected).finding(
            "bgp.source",
            f"local address is {actual.local_address}{bound}, expected {expected.local_address}",
            cause="other-address",
            evidence=[actual.source],
            next_command=next_command.BGP,
        )
    ]


def timers(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """Negotiated hold time and keepalive interval in seconds; each is judged only where it is declared."""
    actual = observed.neighbor
    if actual is None or not actual.is_established:
        return state(expected, observed)
    found = []
    for name, cause, seen, wanted, configured in (
        ("hold time", "hold-time", actual.hold_time, expected.hold_time, actual.configured_hold_time),
        ("keepalive interval", "keepalive", actual.keepalive, expected.keepalive, actual.configured_keepalive),
    ):
        if wanted is None:
            continue
        if seen is None:
            evidence.undetermined(f"the negotiated {name} was not printed", "not-understood", actual.source)
        if seen != wanted:
            found.append(
                subject.of_session(expected).finding(
                    "bgp.timers",
                    f"{name} is {seen}s, expected {wanted}s",
                    cause=cause,
                    evidence=[actual.source],
                    likely=_timer_words(seen, configured),
                    next_command=next_command.BGP,
                )
            )
    return found


def _timer_words(negotiated: int, configured: int | None) -> str | None:
    """RFC 4271 4.2: the smaller hold time of the two sides counts."""
    if configured is None:
        return None
    if configured == negotiated:
        return "it is configured so on this router"
    return f"this router is configured with {configured}s, so the neighbor proposed less"


def age(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """Established for at least the declared time."""
    actual = observed.neighbor
    if actual is None or not actual.is_established:
        return state(expected, observed)
    if actual.in_state_for is None:
        evidence.undetermined("the session's up time was not printed", "not-understood", actual.source)
    if actual.in_state_for >= expected.minimum_age:
        return []
    reason = actual.last_reset.reason if actual.last_reset else None
    drops = f"; {actual.connections_dropped} connections dropped so far" if actual.connections_dropped else ""
    return [
        subject.of_session(expected).finding(
            "bgp.age",
            f"session is Established for {_seconds(actual.in_state_for)}, "
            f"expected at least {_seconds(expected.minimum_age)}",
            cause="young",
            evidence=[actual.source],
            likely=f"old enough in {_seconds(expected.minimum_age - actual.in_state_for)}, if nothing resets it again"
            + (f"; last reset: {clean(reason)}{drops}" if reason else ""),
            next_command=f"show logging | include {expected.neighbor}",
        )
    ]


def _seconds(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


def soft_reconfiguration(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """Inbound soft reconfiguration is stored; not judged where it is not expected."""
    actual = observed.neighbor
    if actual is None:
        return neighbor(expected, observed)
    if not expected.soft_reconfiguration or actual.soft_reconfiguration_inbound:
        return []
    return [
        subject.of_session(expected).finding(
            "bgp.soft-reconfiguration",
            "soft-reconfiguration inbound is off, expected on",
            cause="missing",
            evidence=[actual.source],
            next_command=next_command.BGP,
        )
    ]


def configured(expected: ExpectedSession, config: RunningConfig) -> NeighborConfig | None:
    """The neighbor's section of the configuration, None where it has none."""
    if config.bgp is None:
        return None
    for entry in config.bgp.neighbors:
        if entry.vrf == expected.vrf and entry.address == expected.neighbor:
            return entry
    return None


def where_bound(expected: ExpectedSession, config: RunningConfig, *words: str) -> Source:
    """Where the neighbor's lines with these words stand; else all its lines, `router bgp`, or the whole answer."""
    section = configured(expected, config)
    lines = section.lines if section is not None else ()
    bound = tuple(line for line in lines if set(words) <= set(line.text.split()))
    return config.where(*(bound or lines or ((config.bgp.line,) if config.bgp is not None else ())))

"""Judgement about a tunnel that comes and goes.

A tunnel is as old as its IKE SA and the child SAs that were made with it (RFC 7296, 1.2). A rekey replaces the one or
the other: then their ages differ, and the tunnel is older than either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, subject, underlay
from pytest_azinterop.verify import ike as ike_sa
from pytest_azinterop.verify import ipsec as ipsec_sa
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto import Ikev2Sa
    from pytest_azinterop.state.crypto_config import IpsecProfile
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel, ObservedUnderlay

_TOGETHER: Final = timedelta(seconds=10)
"""Ages that differ by more are those of SAs that were not made together; the answers are some seconds apart."""
_APART: Final = timedelta(seconds=30)
"""A BGP session that began longer than this before the tunnel was there before it; no answer takes longer."""
_LIFETIME: Final = 3600  # seconds; IOS-XE's default of `set security-association lifetime seconds`
_RETRIES: Final = 5  # IOS-XE repeats a request of dead peer detection so often
_SHORT: Final = 30
"""Seconds; Microsoft advises against less, because a connection then seems to come and go:
https://learn.microsoft.com/azure/vpn-gateway/ipsec-ike-policy-howto"""


@dataclass(frozen=True, slots=True)
class ObservedTunnelAge:
    """`tunnel` has SAs and configuration, `underlay` the BGP session and whether it runs inside.

    `connection` None: Azure was not asked about it; it then names no cause.
    """

    tunnel: ObservedTunnel
    underlay: ObservedUnderlay
    connection: Connection | None = None


def flaps(expected: ExpectedTunnel, observed: ObservedTunnelAge) -> list[Finding]:
    """The tunnel was not lost below its BGP session lately, nor again and again with it.

    One that is as old as a session that never dropped was made for the first time.
    """
    if expected.minimum_age is None or expected.flap_window is None or expected.most_drops is None:
        return []
    ready = [each for each in ike_sa.of_tunnel(expected, observed.tunnel) if each.is_ready]
    broken = [] if ready else ike_sa.sa(expected, observed.tunnel)
    if broken := broken or ipsec_sa.sa(expected, observed.tunnel):
        return broken
    # The age of a session says something of the tunnel that it runs in, and of no other.
    if elsewhere := underlay.session_in_tunnel(expected, observed.underlay):
        return elsewhere
    neighbor = observed.underlay.neighbor
    assert neighbor is not None
    if neighbor.in_state_for is None or neighbor.connections_dropped is None:
        evidence.undetermined("up time or dropped connections were not printed", "not-understood", neighbor.source)
    age, sa = _ike_age(ready)
    young = f"age of the tunnel is {_span(age)}"
    if neighbor.source.asked_at - neighbor.in_state_for + _APART < sa.source.asked_at - age:
        within = expected.minimum_age
        seen = (
            f"{young} below a BGP session that is up for {_span(neighbor.in_state_for)}, "
            f"expected at least {_span(within)} since the tunnel was lost"
        )
    elif neighbor.connections_dropped > expected.most_drops:
        within = expected.flap_window
        seen = (
            f"{young}, and the BGP session in it has dropped {neighbor.connections_dropped} connections, "
            f"expected at most {expected.most_drops}, or {_span(within)} without one"
        )
    else:
        return []
    if age >= within or abs(age - _child_age(expected, observed.tunnel)) > _TOGETHER:
        return []
    config = evidence.whole(observed.tunnel.config, f"how old the IPsec SAs of {expected.name} are")
    likely = _likely(expected, observed, config)
    return [
        subject.of_tunnel(expected).finding(
            "ike.flaps",
            seen,
            cause="flapping",
            evidence=[
                sa.source,
                *(each.source for each in ipsec_sa.of_tunnel(expected, observed.tunnel.after)),
                neighbor.source,
                observed.connection.source if likely and observed.connection else None,
            ],
            likely=likely,
            next_command=next_command.logged(expected.name),
        )
    ]


def _ike_age(ready: list[Ikev2Sa]) -> tuple[timedelta, Ikev2Sa]:
    """The age of the oldest SA: during a rekey two stand beside each other."""
    ages = []
    for each in ready:
        if each.active_for is None:
            evidence.undetermined("age of the IKE SA was not printed", "not-understood", each.source)
        ages.append((timedelta(seconds=each.active_for), each))
    return max(ages, key=lambda each: each[0])


def _child_age(expected: ExpectedTunnel, observed: ObservedTunnel) -> timedelta:
    """The age of the oldest active child SA: its lifetime, which each end takes from its own configuration, without
    what is left of it."""
    config = evidence.whole(observed.config, f"how old the IPsec SAs of {expected.name} are")
    profile = _profile(expected, config)
    lifetime = profile.lifetime_seconds if profile is not None else None
    lifetime = lifetime or _default_lifetime(config)
    ages = []
    for identity in ipsec_sa.of_tunnel(expected, observed.after):
        for each in filter(ipsec_sa.is_active, (*identity.inbound, *identity.outbound)):
            if each.remaining_seconds is None:
                evidence.undetermined("what is left of an IPsec SA was not printed", "not-understood", identity.source)
            ages.append(lifetime - each.remaining_seconds)
    return timedelta(seconds=max(ages))


def _profile(expected: ExpectedTunnel, config: RunningConfig) -> IpsecProfile | None:
    wanted = expected.name.casefold()
    name = next((each.protection_profile for each in config.interfaces if each.name.casefold() == wanted), None)
    return config.crypto.ipsec_profile(name) if name is not None else None


def _default_lifetime(config: RunningConfig) -> int:
    words = "crypto ipsec security-association lifetime seconds"
    values = [line.text.removeprefix(words).strip() for line in config.starting_with(words)]
    return next((int(each) for each in values if each.isdigit()), _LIFETIME)


def _likely(expected: ExpectedTunnel, observed: ObservedTunnelAge, config: RunningConfig) -> str | None:
    """What dead peer detection has to do with it, where an end gives up early; else the session's last reset."""
    azure = observed.connection.dpd_timeout_seconds if observed.connection is not None else None
    ends = []
    if (own := _detection(expected, config)) is not None and own[0] < _SHORT:
        ends.append(f"the router after about {own[0]}s (`{clean(own[1])}`)")
    if azure is not None and azure < _SHORT:
        ends.append(f"Azure after {azure}s (dpdTimeoutSeconds)")
    if ends:
        return f"a few lost packets are enough: the tunnel is given up without an answer by {' and '.join(ends)}"
    neighbor = observed.underlay.neighbor
    reset = neighbor.last_reset if neighbor is not None else None
    return f"last reset of the session: {clean(reset.reason)}" if reset is not None and reset.reason else None


def _detection(expected: ExpectedTunnel, config: RunningConfig) -> tuple[int, str] | None:
    """After how many seconds without an answer this router gives the gateway up, and the line that says so."""
    profile = _profile(expected, config)
    name = profile.ikev2_profile if profile is not None else None
    section = f"crypto ikev2 profile {name}"
    own = [each for head in config.starting_with(section) if head.text == section for each in head.children]
    for line in (*(each for each in own if each.text.startswith("dpd ")), *config.starting_with("crypto ikev2 dpd")):
        every, again = ([int(word) for word in line.text.split() if word.isdigit()] + [0, 0])[:2]
        return every + _RETRIES * again, line.text
    return None


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))

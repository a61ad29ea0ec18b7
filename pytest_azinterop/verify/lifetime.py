"""Judgements about the renewal of security associations.

A router negotiates a successor some time before an SA ends; an SA that is about to end without one was not renewed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, next_command, subject
from pytest_azinterop.verify import ike as ike_sa
from pytest_azinterop.verify import ipsec as ipsec_sa

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedTunnel
    from pytest_azinterop.state.crypto import EspSa
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedTunnel

# IOS-XE begins the renewal 30 seconds or more before the end; by now a successor would stand beside the SA.
OVERDUE: Final = 10  # seconds


def ike(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """The SA in use is younger than its lifetime."""
    if broken := ike_sa.sa(expected, observed):
        return broken
    found = []
    for each in ike_sa.of_tunnel(expected, observed):
        if not each.is_ready:
            continue
        if each.lifetime is None or each.active_for is None:
            evidence.undetermined("lifetime or age of the IKE SA was not printed", "not-understood", each.source)
        if each.active_for >= each.lifetime > 0:
            found.append(
                subject.of_tunnel(expected).finding(
                    "ike.lifetime",
                    f"IKE SA is {each.active_for}s old, expected to be renewed before {each.lifetime}s",
                    cause="overdue",
                    evidence=[each.source],
                    next_command=next_command.IKE_ERRORS,
                )
            )
    return found


def ipsec(expected: ExpectedTunnel, observed: ObservedTunnel) -> list[Finding]:
    """In each direction the youngest active SA has time left.

    An SA whose time is not printed has no limit in time: then there is nothing to renew.
    """
    if broken := ipsec_sa.sa(expected, observed):
        return broken
    found = []
    for identity in ipsec_sa.of_tunnel(expected, observed.after):
        for direction, sas in (("inbound", identity.inbound), ("outbound", identity.outbound)):
            left = _time_left(sas)
            if left is not None and left <= OVERDUE:
                found.append(
                    subject.of_tunnel(expected).finding(
                        "ipsec.lifetime",
                        f"{direction} IPsec SA has {left}s left and no successor, expected more than {OVERDUE}s",
                        cause="overdue",
                        evidence=[identity.source],
                        next_command="show crypto ipsec profile",
                    )
                )
    return found


def _time_left(sas: tuple[EspSa, ...]) -> int | None:
    """Seconds until the last of them ends; None: one of them does not end by time."""
    active = [each.remaining_seconds for each in sas if ipsec_sa.is_active(each)]
    limited = [seconds for seconds in active if seconds is not None]
    return max(limited) if limited and len(limited) == len(active) else None

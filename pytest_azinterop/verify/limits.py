"""Judgements about how near a BGP session is to its limits, and whether it holds.

Limits of Azure: https://learn.microsoft.com/azure/expressroute/expressroute-faqs and
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-bgp-overview
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSession


def head_room(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """What is left below `maximum-prefix` of this router and below the limit of the neighbor.

    A neighbor without `maximum-prefix` has no limit here: that is lint's to say.
    """
    actual = observed.neighbor
    if actual is None or not actual.is_established:
        return session.state(expected, observed)
    if expected.head_room is None:
        return []
    found = []
    limit = actual.maximum_prefix
    if limit is not None:
        count = _counted(actual.accepted_prefixes, "accepted", actual)
        if _is_near(count, limit.limit, expected.head_room):
            cause = "own-limit-warns" if limit.warning_only else "own-limit"
            found.append(_near(expected, actual, f"accepted from the neighbor: {count}", limit.limit, cause))
    if expected.accepts is not None:
        count = _counted(actual.sent_prefixes, "sent", actual)
        if _is_near(count, expected.accepts, expected.head_room):
            found.append(_near(expected, actual, f"sent to the neighbor: {count}", expected.accepts, "neighbors-limit"))
    return found


def _counted(count: int | None, what: str, actual: BgpNeighbor) -> int:
    if count is None:
        evidence.undetermined(f"the number of {what} prefixes was not printed", "not-understood", actual.source)
    return count


def _is_near(count: int, limit: int, percent: int) -> bool:
    return 100 * (limit - count) < percent * limit


def _near(expected: ExpectedSession, actual: BgpNeighbor, seen: str, limit: int, cause: str) -> Finding:
    most = limit * (100 - (expected.head_room or 0)) // 100
    return subject.of_session(expected).finding(
        "bgp.head-room",
        f"number of prefixes {seen}, expected at most {most} of {limit}",
        cause=cause,
        evidence=[actual.source],
        next_command=next_command.BGP,
    )


def flaps(expected: ExpectedSession, observed: ObservedSession) -> list[Finding]:
    """A session that has been up for the whole window has not flapped in it.

    A younger one may have dropped a few connections since the router counts them; more are a pattern.
    """
    actual = observed.neighbor
    if actual is None or not actual.is_established:
        return session.state(expected, observed)
    if expected.most_drops is None or expected.flap_window is None:
        return []
    if actual.in_state_for is None or actual.connections_dropped is None:
        evidence.undetermined("up time or dropped connections were not printed", "not-understood", actual.source)
    if actual.in_state_for >= expected.flap_window or actual.connections_dropped <= expected.most_drops:
        return []
    reason = actual.last_reset.reason if actual.last_reset else None
    return [
        subject.of_session(expected).finding(
            "bgp.flaps",
            f"session has dropped {actual.connections_dropped} connections and is up for {_span(actual.in_state_for)}, "
            f"expected at most {expected.most_drops}, or {_span(expected.flap_window)} without one",
            cause="flapping",
            evidence=[actual.source],
            likely=f"last reset: {clean(reason)}" if reason else None,
            next_command=f"show logging | include {expected.neighbor}",
        )
    ]


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))

"""Judgement about the AS paths that a neighbor sends."""

from __future__ import annotations

from collections import defaultdict
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.text import prefix_list

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import AsPath, BgpPath
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedRoutes

# https://learn.microsoft.com/azure/expressroute/planned-maintenance
MAINTENANCE_PREPENDS: Final = 8


def prepends(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """How often the neighbor repeats its own AS in front of the paths that this router accepted.

    Not judged for a neighbor of the router's own AS, which adds nothing to a path.
    """
    if observed.neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    if not observed.neighbor.is_established or observed.neighbor.shutdown:
        return session.not_established(about, observed.neighbor)
    if expected.prepends is None or expected.role == "internal":
        return []
    routes = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    others: dict[int, list[BgpPath]] = defaultdict(list)
    for path in routes.paths:
        count = repeated(path.as_path, expected.remote_as)
        if count != expected.prepends:
            others[count].append(path)
    return [
        about.finding(
            "routes.as-path",
            f"AS path of {prefix_list(path.prefix for path in paths)} repeats {expected.remote_as} {_times(count)}, "
            f"expected {_times(expected.prepends)}",
            cause=_cause(expected, count),
            evidence=[*(path.source for path in paths[:3]), routes.source],
            next_command=session.show_prefix(expected.vrf, paths[0].prefix),
        )
        for count, paths in sorted(others.items())
    ]


def repeated(path: AsPath, neighbor_as: int) -> int:
    """How often the neighbor's AS stands in front of a path beyond the one time that belongs there."""
    return max(0, sum(1 for _ in takewhile(neighbor_as.__eq__, path.sequence)) - 1)


def _cause(expected: ExpectedSession, count: int) -> str:
    declared = expected.prepends or 0
    if count < declared:
        return "not-prepended"
    is_azure = expected.role in ("expressroute", "microsoft")
    return "maintenance" if is_azure and count - declared == MAINTENANCE_PREPENDS else "prepended"


def _times(count: int) -> str:
    return {0: "not at all", 1: "once"}.get(count, f"{count} times")

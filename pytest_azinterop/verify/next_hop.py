"""Where accepted paths lead: to the neighbor that sent them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedRoutes


def of_neighbor(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """Every path accepted from an external neighbor leads to that neighbor, as eBGP sends it (RFC 4271, 5.1.3).

    A path that is best by all attributes and leads to another edge router goes round in a circle. Not judged within the
    site, where a next hop may be what the other router was told.
    """
    if observed.neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    if not observed.neighbor.is_established or observed.neighbor.shutdown:
        return session.not_established(about, observed.neighbor)
    if expected.role == "internal":
        return []
    routes = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    others: dict[IPv4Address | IPv6Address, list[BgpPath]] = defaultdict(list)
    for path in routes.paths:
        if path.next_hop != expected.neighbor and not path.next_hop.is_link_local:
            others[path.next_hop].append(path)
    name = observed.neighbor.route_map_in
    return [
        about.finding(
            "routes.next-hop",
            f"next hop of {prefix_list(path.prefix for path in paths)} is {hop}, expected the neighbor "
            f"{expected.neighbor}",
            cause="as-sent" if name is None else "changed",
            evidence=[*(path.source for path in paths[:3]), routes.source],
            next_command=session.show_prefix(expected.vrf, paths[0].prefix)
            if name is None
            else f"show route-map {clean(name)}",
        )
        for hop, paths in sorted(others.items(), key=lambda item: int(item[0]))
    ]

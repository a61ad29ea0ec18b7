"""Where accepted paths lead: to the neighbor that sent them."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedRoutes


def of_neighbor(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """Every path accepted from an external neighbor leads to that neighbor, as eBGP sends it (RFC 4271, 5.1.3).

    A path that is best by all attributes and leads to another edge router goes round in a circle. Not judged within the
    site, where a next hop may be what the other router was told. Over IPv6 a path may name the neighbor by its
    link-local address (RFC 2545, 3): the hardware behind both addresses is then the same. Raises UndeterminedError
    where the neighbor cache does not tell it.
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
        if path.next_hop != expected.neighbor:
            others[path.next_hop].append(path)
    near = [hop for hop in others if isinstance(hop, IPv6Address) and hop.is_link_local]
    same = {hop: _is_neighbors(hop, expected, observed) for hop in near}
    unknown = [hop for hop in near if same[hop] is None]
    name = observed.neighbor.route_map_in
    found = [
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
        if not isinstance(hop, IPv6Address) or same.get(hop, False) is False
    ]
    if not unknown:
        return found
    words = f"whose link-local address next hop {unknown[0]} is, the IPv6 neighbors of the router do not tell"
    return evidence.open_beside(found, words, "not-collected", others[unknown[0]][0].source)


def _is_neighbors(hop: IPv6Address, expected: ExpectedSession, observed: ObservedRoutes) -> bool | None:
    """Whether the machine with a link-local address is the neighbor's; None: not known."""
    here = [each for each in observed.cache or () if expected.interface in (None, each.interface)]
    theirs = {each.mac for each in here if each.address == expected.neighbor and each.mac is not None}
    found = {each.mac for each in here if each.address == hop and each.mac is not None}
    return None if len(theirs) != 1 or len(found) != 1 else theirs == found

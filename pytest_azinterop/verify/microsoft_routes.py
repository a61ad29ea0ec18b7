"""Whether the router follows the routes that Microsoft peering brings.

There is no preference to judge here, but a static route in BGP's place, or any longer one that BGP did not bring, takes
the traffic elsewhere, to nothing at worst.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.overrule import route_words
from pytest_azinterop.verify.text import prefix_list

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.routing import RibRoute, RoutingTable
    from pytest_azinterop.verify.finding import Finding

    Prefix = IPv4Network | IPv6Network

_RULE: Final = "routes.microsoft"
_CONNECTED: Final = frozenset({"C", "L"})


@dataclass(frozen=True, slots=True)
class ObservedMicrosoftRoutes:
    """The neighbor, what was accepted from it, and the routing table of its VRF."""

    neighbor: BgpNeighbor | None
    accepted: NeighborRoutes
    rib: RoutingTable


def used(expected: ExpectedSession, observed: ObservedMicrosoftRoutes) -> list[Finding]:
    """Of each declared prefix that the session brings, the route is BGP's, and nothing longer is another protocol's.

    The subnet of the peering itself is left out. A declared prefix that is not brought is the finding of
    `routes.received`.
    """
    if expected.receive is None:
        return []
    if observed.neighbor is None:
        return session.absent(expected, None)
    if broken := session.not_established(subject.of_session(expected), observed.neighbor):
        return broken
    accepted = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    rib = observed.rib
    if rib.vrf != expected.vrf:
        evidence.undetermined("the routing table is of another VRF", "not-understood", rib.source)
    spaces = [each for each in (*expected.receive.required, *expected.receive.allowed) if each.prefixlen]
    brought = {path.prefix for path in accepted.paths if any(lies_in(path.prefix, space) for space in spaces)}
    wrong: dict[tuple[str, str], list[RibRoute]] = defaultdict(list)
    in_rib = {route.prefix: route for route in rib.routes}
    for route in rib.routes:
        if route.protocol == "B" or not any(lies_in(route.prefix, prefix) for prefix in brought):
            continue
        if route.protocol in _CONNECTED and expected.neighbor in _subnet(rib, route):
            continue
        kind = "static" if route.protocol == "S" else "other-protocol"
        wrong[kind if route.prefix in brought else f"more-specific-{kind}", route_words(route)].append(route)
    about = subject.of_session(expected)
    vrf = "" if expected.vrf is None else f"vrf {expected.vrf} "
    show = f"show {'ip' if expected.version == 4 else 'ipv6'} route {vrf}"
    found = [
        about.finding(
            _RULE,
            f"route of {prefix_list(route.prefix for route in routes)} is {words}, expected Microsoft's by BGP",
            cause=cause,
            evidence=[*(route.source for route in routes[:3]), accepted.source],
            next_command=f"{show}{routes[0].prefix.network_address}",
        )
        for (cause, words), routes in wrong.items()
    ]
    lacking = [prefix for prefix in brought if prefix not in in_rib]
    if lacking:
        found.append(
            about.finding(
                _RULE,
                f"route of {prefix_list(lacking)} is not in the routing table, expected Microsoft's by BGP",
                cause="not-installed",
                evidence=[accepted.source, rib.source],
                next_command=f"{show}{min(lacking, key=str).network_address}",
            )
        )
    return found


def _subnet(rib: RoutingTable, route: RibRoute) -> Prefix:
    """The connected subnet around an address of the router's own, or the route's own prefix."""
    around = (
        each.prefix
        for each in rib.routes
        if each.protocol == "C" and each.prefix != route.prefix and lies_in(route.prefix, each.prefix)
    )
    return next(around, route.prefix)

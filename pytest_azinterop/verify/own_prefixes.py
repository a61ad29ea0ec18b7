"""Where a router sends the packets that Azure sends to the site: they must leave it towards the LAN.

An announced prefix draws packets to the router whatever its routing table does with them. A discard route around
longer routes of the LAN, as an aggregate has it, is common and right; one that no longer route of the LAN lies in, or
that lies in a route of the LAN, drops what the site owns. The longest match decides (RFC 1812, 5.2.4.3).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import subject
from pytest_azinterop.verify.overrule import is_host_route, longest_around, no_session, route_words, show_route
from pytest_azinterop.verify.reach_route import ways
from pytest_azinterop.verify.site_view import SiteView
from pytest_azinterop.verify.text import order, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSite
    from pytest_azinterop.state.routing import RibRoute
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter

    Prefix = IPv4Network | IPv6Network

_RULE = "site.own-prefixes"
_LAN, _INTERNAL, _NULL = "lan", "internal", "null-route"
_NO_PORT = ("loopback", "null", "tunnel")
_LINK_BITS = 2  # a subnet of at most four addresses joins two routers


@dataclass(frozen=True, slots=True)
class _Place:
    """What a router does with one owned prefix: the routes that lead astray with their causes, and where it leads."""

    astray: tuple[tuple[str, RibRoute], ...]
    is_missing: bool
    leads: frozenset[str]


def lead_to_lan(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """On every router that draws packets to a prefix of the site, the route to it and every longer one inside it leads
    to a declared interface towards the LAN, or to another edge router of the site, of which one leads to the LAN.

    Left out: the router's own addresses and links, and what the intent has inside the prefix for another site or for
    Azure.
    """
    if not expected.lan:
        return []
    view = SiteView(expected, observed)
    if not view.active_routers():
        return no_session(expected, observed, _RULE)
    found: list[Finding] = []
    places = {router.router: _Router(expected, router) for router in observed.routers}
    leads: dict[Prefix, set[str]] = defaultdict(set)
    drawn: dict[Prefix, list[ObservedSiteRouter]] = defaultdict(list)
    for router in observed.routers:
        astray: dict[tuple[str, str], list[RibRoute]] = defaultdict(list)
        missing = []
        here = places[router.router]
        for owned in _owned(expected):
            place = _at(here, owned)
            leads[owned] |= place.leads
            if not _draws(view, router, owned):
                continue
            drawn[owned].append(router)
            if place.is_missing and owned in expected.owned.required:
                missing.append(owned)
            for cause, route in place.astray:
                astray[cause, route_words(route)].append(route)
        found += _findings(expected, router, astray, missing)
    homeless = [
        owned for owned in drawn if _LAN not in leads[owned] and leads[owned] and owned in expected.owned.required
    ]
    if homeless and not found:
        found.append(
            subject.of_site(expected).finding(
                _RULE,
                f"route of {prefix_list(homeless)} leads from each router to another of the site, expected to the LAN "
                f"from one of them",
                cause="no-lan",
                evidence=[router.rib.source for router in drawn[homeless[0]]],
                next_command=f"on {drawn[homeless[0]][0].router}: {show_route(expected, homeless[0])}",
            )
        )
    elif not found:
        found += _rounds(expected, places, drawn)
    return found


def _rounds(
    expected: ExpectedSite, places: dict[str, _Router], drawn: dict[Prefix, list[ObservedSiteRouter]]
) -> Iterator[Finding]:
    """Parts of the site's prefixes that one router sends to another, and that comes back from there.

    That the prefix around such a part leads to the LAN says nothing of it: the longest match is asked at each router.
    """
    rounds: dict[tuple[str, ...], list[Prefix]] = defaultdict(list)
    parts = {
        route.prefix
        for place in places.values()
        for route in place.observed.rib.routes
        if any(lies_in(route.prefix, owned) for owned in drawn) and not place.leaves_out(route)
    }
    for part in sorted(parts, key=order):
        starts = {router.router for owned, routers in drawn.items() if lies_in(part, owned) for router in routers}
        for start in sorted(starts):
            way = _round(places, (start,), part)
            if way and part not in rounds[tuple(sorted(way))]:
                rounds[tuple(sorted(way))].append(part)
    for way, prefixes in rounds.items():
        if not prefixes:
            continue
        routes = [_cover(places[name].observed, prefixes[0]) for name in way]
        yield subject.of_site(expected).finding(
            _RULE,
            f"route of {prefix_list(prefixes)} leads round in a circle over {some(way)}, expected to the LAN",
            cause="loop",
            evidence=[route.source for route in routes if route is not None],
            next_command=f"on {way[0]}: {show_route(expected, prefixes[0])}",
        )


def _round(places: dict[str, _Router], way: tuple[str, ...], part: Prefix) -> tuple[str, ...]:
    """The routers that hand a prefix round, beginning at the last of the way; empty: it leads elsewhere."""
    here = places[way[-1]]
    route = _cover(here.observed, part)
    for name in here.next_routers(route) if route is not None and here.leads(route) == _INTERNAL else ():
        if name in way:
            return way[way.index(name) :]
        if name in places and (found := _round(places, (*way, name), part)):
            return found
    return ()


def _cover(router: ObservedSiteRouter, part: Prefix) -> RibRoute | None:
    """The longest match."""
    around = [route for route in router.rib.routes if lies_in(part, route.prefix)]
    return max(around, key=lambda route: route.prefix.prefixlen, default=None)


def _findings(
    expected: ExpectedSite,
    router: ObservedSiteRouter,
    astray: dict[tuple[str, str], list[RibRoute]],
    missing: list[Prefix],
) -> Iterator[Finding]:
    about = subject.of_site_router(expected, router.router)
    wanted = some(dict.fromkeys(name for at, name in expected.lan if at == router.router)) or "another edge router"
    for (cause, words), routes in astray.items():
        prefixes = list(dict.fromkeys(route.prefix for route in routes))
        yield about.finding(
            _RULE,
            f"route of {prefix_list(prefixes)} is {words}, expected towards the LAN ({wanted})",
            cause=cause,
            evidence=[*(route.source for route in routes[:3]), router.rib.source],
            next_command=show_route(expected, prefixes[0]),
        )
    if missing:
        yield about.finding(
            _RULE,
            f"route of {prefix_list(missing)} is missing, expected towards the LAN ({wanted})",
            cause="no-route",
            evidence=[router.rib.source],
            next_command=show_route(expected, missing[0]),
        )


def _owned(expected: ExpectedSite) -> list[Prefix]:
    """The declared prefixes, and the spaces that others may come from; everything is no prefix of a site."""
    named = {*expected.owned.required, *expected.owned.allowed}
    return sorted((each for each in named if each.prefixlen), key=order)


def _draws(view: SiteView, router: ObservedSiteRouter, owned: Prefix) -> bool:
    """A neighbor outside hears of the prefix, of a part of it, or of what is around it, as far as BGP's table goes."""
    outside = any(each.router == router.router and view.is_established(each) for each in view.expected.sessions)
    return outside and any(
        path.best and path.prefix.prefixlen and (lies_in(path.prefix, owned) or lies_in(owned, path.prefix))
        for path in router.table.paths
    )


def _at(router: _Router, owned: Prefix) -> _Place:
    routes = router.observed.rib.routes
    inside = [
        (route, router.leads(route))
        for route in routes
        if lies_in(route.prefix, owned) and not router.leaves_out(route)
    ]
    around = [each for each in routes if each.prefix.prefixlen < owned.prefixlen and lies_in(owned, each.prefix)]
    cover = max(around, key=lambda route: route.prefix.prefixlen, default=None)
    inward = [(route, where) for route, where in inside if where in (_LAN, _INTERNAL)]
    astray = []
    for route, where in inside:
        if where not in (_LAN, _INTERNAL) and not (where == _NULL and _is_aggregate(route, inward)):
            astray.append((where, route))
    whole = any(route.prefix == owned for route, _ in inside)
    leads = {where for _, where in inward}
    is_missing = False
    if not whole:
        beyond = None if cover is None else router.leads(cover)
        if beyond in (_LAN, _INTERNAL):
            leads.add(beyond)
        elif not inward and cover is not None and cover.prefix.prefixlen and beyond is not None:
            astray.append((beyond, cover))
        elif not inward:
            is_missing = True
    return _Place(tuple(astray), is_missing, frozenset(leads))


def _is_aggregate(discard: RibRoute, inward: list[tuple[RibRoute, str]]) -> bool:
    """A discard route that longer routes of the LAN lie in, and that takes nothing away from one around it.

    The subnet of a link towards the LAN has no host of it, nor is another router's own address one.
    """
    longer = shorter = False
    for route, where in inward:
        if route.prefix == discard.prefix:
            continue
        spare = route.prefix.max_prefixlen - route.prefix.prefixlen
        is_link = (route.protocol == "C" and spare <= _LINK_BITS) or (where == _INTERNAL and not spare)
        longer = longer or (not is_link and lies_in(route.prefix, discard.prefix))
        shorter = shorter or lies_in(discard.prefix, route.prefix)
    return longer and not shorter


class _Router:
    """A router of the site with what the intent has on it; names are those of interfaces."""

    def __init__(self, expected: ExpectedSite, observed: ObservedSiteRouter) -> None:
        self.expected = expected
        self.observed = observed
        self.name = observed.router
        self.towards = {name for at, name in expected.lan if at == self.name}
        self.outside: set[str | None] = {each.interface for each in expected.sessions if each.router == self.name}
        self.peers = {each.neighbor for each in expected.internal if each.router == self.name}
        declared: set[str | None] = {name for at, name in expected.links if at == self.name}
        # Towards the other edge routers: declared, or the network that an internal neighbor is in.
        self.between: set[str | None] = declared | {
            hop.interface
            for route in observed.rib.routes
            if route.protocol == "C"
            and any(each.version == route.prefix.version and each in route.prefix for each in self.peers)
            for hop in route.next_hops
        }

    def leaves_out(self, route: RibRoute) -> bool:
        """The router's own addresses and the links of its sessions; what is another's inside the prefix."""
        if route.protocol == "L" or (route.protocol == "C" and route.prefix.prefixlen == route.prefix.max_prefixlen):
            return True
        if is_host_route(route, self.expected, self.name):
            return True
        links = self.outside | (self.between - self.towards)
        if route.protocol == "C" and all(hop.interface in links for hop in route.next_hops):
            return True
        expected = self.expected
        azure = [each for _, reach in expected.reach for each in (*reach.required, *reach.allowed)]
        own = [*expected.owned.required, *expected.owned.allowed]
        return longest_around(route.prefix, [*expected.elsewhere, *azure]) > longest_around(route.prefix, own)

    def leads(self, route: RibRoute) -> str:
        """`lan`, `internal`, or the cause of a finding: over all equal-cost ways, the worst of them.

        A subnet that is connected to a port delivers its packets itself, whether or not the intent has the port.
        """
        if route.protocol == "C" and all(self._is_port(hop.interface) for hop in route.next_hops):
            return _LAN
        found = set()
        for hop in route.next_hops:
            if hop.address in self.peers:
                found.add(_INTERNAL)
                continue
            names = list(ways(self.observed.rib, hop))
            found |= {self._meaning(name) for name in names} or {"other-interface"}
        return next((each for each in (_NULL, "to-azure", "other-interface", _INTERNAL, _LAN) if each in found), _NULL)

    def next_routers(self, route: RibRoute) -> list[str]:
        """The edge routers that it leads to: by the address of an internal session, or the only other one there is."""
        others = [name for name in self.expected.routers if name != self.name]
        found = []
        for hop in route.next_hops:
            known = [each for each in self.expected.internal if each.local_address is not None]
            ends = [each.router for each in known if each.local_address == hop.address]
            found += [name for name in ends if name != self.name] or (others if len(others) == 1 else [])
        return found

    def _is_port(self, name: str | None) -> bool:
        known = self.outside | (self.between - self.towards)
        return name is not None and name not in known and not name.casefold().startswith(_NO_PORT)

    def _meaning(self, name: str) -> str:
        if name.casefold().startswith("null"):
            return _NULL
        if name in self.towards:
            return _LAN
        if name in self.between:
            return _INTERNAL
        return "to-azure" if name in self.outside else "other-interface"

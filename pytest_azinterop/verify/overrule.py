"""What can overrule a site's preference outside best-path selection: longer prefixes, other protocols, the RIB."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, over_lan, subject
from pytest_azinterop.verify.policy_config import configured_maps
from pytest_azinterop.verify.site_view import SiteView
from pytest_azinterop.verify.text import clean, order, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSite
    from pytest_azinterop.intent.models import PathRole, Role
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.state.config import ConfigLine
    from pytest_azinterop.state.routing import NextHop, RibRoute
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSite, ObservedSiteRouter
    from pytest_azinterop.verify.subject import Subject

    Prefix = IPv4Network | IPv6Network


_CONNECTED = frozenset({"C", "L"})
_LINK_BITS = 2  # a subnet of at most four addresses joins two routers


def show_route(expected: ExpectedSite, prefix: Prefix) -> str:
    """The command that prints the route of a prefix in the site's VRF."""
    vrf = f"vrf {expected.vrf} " if expected.vrf is not None else ""
    if prefix.version == 6:
        return f"show ipv6 route {vrf}{prefix}"
    return f"show ip route {vrf}{prefix.network_address} {prefix.netmask}"


def no_session(expected: ExpectedSite, observed: ObservedSite, rule: str) -> list[Finding]:
    """A rule's finding where no session of the site is Established."""
    return [
        subject.of_site(expected).finding(
            rule,
            "number of Established sessions is 0, expected at least one",
            cause="no-session",
            evidence=[router.table.source for router in observed.routers],
        )
    ]


def more_specific(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """No route inside a prefix of the preferred role leads over a less preferred one, or out of BGP.

    Left out: prefixes that the intent wants over the less preferred role, the host route that binds a VPN neighbor to
    its tunnel, the subnets of the router's links, and the site's own prefixes. Nothing is inside a default route in
    this sense. An address of the router's own inside Azure's space answers in place of the machine there, also probes.
    """
    if not expected.prefer:
        return []
    view = SiteView(expected, observed)
    routers = view.active_routers()
    if not routers:
        return no_session(expected, observed, "site.more-specific")
    found = []
    for router in routers:
        judged = dict(view.judged(router.router))
        wrong: dict[tuple[str, str, PathRole], list[tuple[Prefix, Prefix]]] = defaultdict(list)
        for inner, cause, words, roles in _candidates(expected, view, router):
            cover = _cover(inner, judged)
            if cover is not None and judged[cover] not in roles:
                wrong[cause, words, judged[cover]].append((inner, cover))
        about = subject.of_site_router(expected, router.router)
        found += [
            about.finding(
                "site.more-specific",
                f"more specific route of {prefix_list(cover for _, cover in pairs)} is "
                f"{prefix_list(inner for inner, _ in pairs)} ({words}), expected none beside {role}",
                cause=cause,
                evidence=_rows(router, [inner for inner, _ in pairs[:3]]),
                next_command=show_route(expected, pairs[0][0]),
            )
            for (cause, words, role), pairs in wrong.items()
        ]
    return found


def _rows(router: ObservedSiteRouter, prefixes: list[Prefix]) -> list[Source]:
    """The rows of these prefixes: best paths of the BGP table, and routes of the routing table."""
    paths = [path.source for path in router.table.paths if path.best and path.prefix in prefixes]
    return [*paths, *(route.source for route in router.rib.routes if route.prefix in prefixes)]


def _cover(inner: Prefix, judged: dict[Prefix, PathRole]) -> Prefix | None:
    """The longest judged prefix that the route lies inside of."""
    covers = [prefix for prefix in judged if prefix.prefixlen > 0 and prefix != inner and lies_in(inner, prefix)]
    return max(covers, key=lambda prefix: prefix.prefixlen, default=None)


def _candidates(
    expected: ExpectedSite, view: SiteView, router: ObservedSiteRouter
) -> Iterator[tuple[Prefix, str, str, frozenset[PathRole]]]:
    """Routes that could be the longest match: prefix, cause, words, and the roles over which they are right."""
    name = router.router
    over = {role: view.known_over(name, role) for role in expected.prefer}
    for prefix, path in sorted(view.best(name).items(), key=lambda item: order(item[0])):
        origin = view.origin(name, path)
        if origin.local or _is_own(prefix, expected):
            continue
        if origin.role is None:
            yield prefix, "undeclared-source", origin.words, frozenset()
            continue
        if _is_meant(prefix, origin.role, expected):
            continue
        # Known over a better role as well: which of the two is best is site.preference's question.
        known = [place for place, role in enumerate(expected.prefer) if role == origin.role or prefix in over[role]]
        yield prefix, "less-preferred", origin.words, frozenset(expected.prefer[min(known, default=0) :])
    for route in router.rib.routes:
        if route.protocol == "B" or _is_own(route.prefix, expected) or is_host_route(route, expected, name):
            continue
        if route.protocol in _CONNECTED and _is_link(route, expected, router):
            continue
        cause = "static" if route.protocol == "S" else "other-protocol"
        other = over_lan.exit_of(view, router, route)
        if other is not None:
            continue  # the same prefix is that router's own candidate
        yield route.prefix, cause, route_words(route), frozenset()


def _is_meant(prefix: Prefix, role: Role, expected: ExpectedSite) -> bool:
    """Whether the intent wants this prefix over this role and over no better one."""
    for each, reach in expected.reach:
        declared = prefix in reach.required or any(lies_in(prefix, space) for space in reach.allowed)
        if declared or each == role:
            return declared and each == role
    return False


def _is_own(prefix: Prefix, expected: ExpectedSite) -> bool:
    """A prefix of the site itself: none of Azure's that it lies in is longer than the site's that it lies in."""
    announced = [each.announce for each in expected.sessions if each.announce is not None]
    own = [space for each in announced for space in (*each.required, *each.allowed) if space.prefixlen]
    azure = [space for _, reach in expected.reach for space in (*reach.required, *reach.allowed)]
    longest = longest_around(prefix, own)
    return longest >= 0 and longest >= longest_around(prefix, azure)


def _is_link(route: RibRoute, expected: ExpectedSite, router: ObservedSiteRouter) -> bool:
    """The subnet of a link that the intent has (it holds a declared neighbor, or joins two routers), or the router's
    own address in a subnet that is judged itself.
    """
    if route.protocol != "C" and any(
        each.protocol == "C" and each.prefix != route.prefix and lies_in(route.prefix, each.prefix)
        for each in router.rib.routes
    ):
        return True
    prefix = route.prefix
    declared = (*expected.sessions, *expected.internal)
    here = [each.neighbor for each in declared if each.router == router.router]
    if any(each.version == prefix.version and each in prefix for each in here):
        return True
    ports = {name for at, name in (*expected.lan, *expected.links) if at == router.router}
    bits = prefix.max_prefixlen - prefix.prefixlen
    return 0 < bits <= _LINK_BITS and all(hop.interface in ports for hop in route.next_hops)


def longest_around(prefix: Prefix, spaces: Iterable[Prefix]) -> int:
    """The length of the longest of these that holds the prefix; -1: none does."""
    return max((each.prefixlen for each in spaces if lies_in(prefix, each)), default=-1)


def is_host_route(route: RibRoute, expected: ExpectedSite, router: str) -> bool:
    """The route that binds a VPN neighbor, or the tunnel's own subnet, to the tunnel (or discards it meanwhile)."""
    for tunnel in expected.tunnels:
        if tunnel.router != router:
            continue
        if route.prefix == ip_network(tunnel.neighbor) or (tunnel.address and route.prefix == tunnel.address.network):
            return True
    return False


def route_words(route: RibRoute) -> str:
    """A route as the routing table prints it, bounded."""
    ways = some(clean(" ".join(filter(None, (_via(hop), hop.interface)))) for hop in route.next_hops)
    return f"{clean(route.codes)} {ways}".strip()


def _via(hop: NextHop) -> str | None:
    return f"via {hop.address}" if hop.address is not None else None


def static(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """The RIB's route of each prefix that BGP knows is BGP's, and no policy routing stands before it.

    A route of OSPF that leads over the LAN to another edge router with the preferred way is as good (`over_lan`).
    """
    if not expected.prefer:
        return []
    view = SiteView(expected, observed)
    routers = view.active_routers()
    if not routers:
        return no_session(expected, observed, "site.static")
    found: list[Finding] = []
    for router in routers:
        about = subject.of_site_router(expected, router.router)
        found += _held_by_others(expected, view, router, about)
        found += _policy_routes(expected, router, about)
    return found


def _held_by_others(
    expected: ExpectedSite, view: SiteView, router: ObservedSiteRouter, about: Subject
) -> Iterator[Finding]:
    """Prefixes that BGP knows and another protocol holds in the RIB."""
    in_rib = {route.prefix: route for route in router.rib.routes}
    best = view.best(router.router)
    wrong: dict[tuple[str, str], list[Prefix]] = defaultdict(list)
    for prefix, role in view.judged(router.router):
        route = in_rib.get(prefix)
        if route is not None and route.protocol != "B":
            if over_lan.leads_over(view, router, route, role):
                continue
            wrong["static" if route.protocol == "S" else "other-protocol", route_words(route)].append(prefix)
        elif prefix in best and best[prefix].rib_failure:
            wrong["rib-failure", "not installed (RIB-failure)"].append(prefix)
    for (cause, words), prefixes in wrong.items():
        yield about.finding(
            "site.static",
            f"route of {prefix_list(prefixes)} is {words}, expected BGP",
            cause=cause,
            evidence=[*(in_rib[prefix].source for prefix in prefixes[:3] if prefix in in_rib), router.rib.source],
            next_command=show_route(expected, prefixes[0]),
        )


_STEERING = (
    "ip next-hop",
    "ip default next-hop",
    "ipv6 next-hop",
    "ipv6 default next-hop",
    "interface",
    "default interface",
    "ip vrf",
    "vrf",
    "ip global",
    "global",
)


def _policy_routes(expected: ExpectedSite, router: ObservedSiteRouter, about: Subject) -> Iterator[Finding]:
    """Policy routing on the VRF's interfaces, where its route-map steers packets (and does not merely mark them)."""
    config = evidence.whole(router.config, "whether policy routing overrules the routing table")
    steering = {
        each.name
        for each in configured_maps(config)
        if any(text.startswith(_STEERING) for entry in each.entries for text in entry.sets)
    }
    for interface in config.interfaces:
        name = interface.policy_route_map if expected.version == 4 else _ipv6_policy(interface.line)
        if interface.vrf == expected.vrf and name in steering and not interface.shutdown:
            yield about.finding(
                "site.static",
                f"policy routing on {clean(interface.name)} is route-map {clean(name or '')}, expected none",
                cause="policy-routing",
                evidence=[config.source.at(interface.line.number)],
                next_command=f"show route-map {clean(name or '')}",
            )


def _hops(
    expected: ExpectedSite, router: ObservedSiteRouter, route: RibRoute, paths: Iterable[BgpPath]
) -> Iterator[IPv4Address | IPv6Address | None]:
    """The next hops of a route. IPv6 forwards to the link-local address of a neighbor on the link (RFC 2545 section 3):
    that stands for the declared neighbor on the interface, or for the one of the paths' next hops that is on its link.
    """
    for hop in route.next_hops:
        if hop.address is None or hop.address.version == 4 or not hop.address.is_link_local or hop.interface is None:
            yield hop.address
            continue
        here = (each for each in expected.sessions if each.router == router.router)
        on_link = {each.neighbor for each in here if each.interface == hop.interface}
        on_link = on_link or {path.next_hop for path in paths if _is_on_link(path.next_hop, hop.interface, router)}
        if len(on_link) > 1:
            evidence.undetermined(
                f"{hop.address} on {clean(hop.interface)} could be any of {some(map(str, on_link))}",
                "not-modelled",
                route.source,
            )
        yield from on_link or {hop.address}


def _is_on_link(address: IPv4Address | IPv6Address, interface: str, router: ObservedSiteRouter) -> bool:
    """Whether a connected network of the interface holds the address."""
    return any(
        route.protocol == "C" and address in route.prefix and any(hop.interface == interface for hop in route.next_hops)
        for route in router.rib.routes
    )


def _ipv6_policy(section: ConfigLine) -> str | None:
    words = "ipv6 policy route-map "
    return next((line.text.removeprefix(words) for line in section.children if line.text.startswith(words)), None)


def rib(expected: ExpectedSite, observed: ObservedSite) -> list[Finding]:
    """The RIB has each prefix, over the best path's next hop, and spreads no traffic over paths of different roles.

    A prefix that another protocol holds is answered with `site.static`'s finding; one without a best path is
    `site.preference`'s.
    """
    if not expected.prefer:
        return []
    view = SiteView(expected, observed)
    routers = view.active_routers()
    if not routers:
        return no_session(expected, observed, "site.rib")
    found: list[Finding] = []
    for router in routers:
        name = router.router
        in_rib = {route.prefix: route for route in router.rib.routes}
        best, paths = view.best(name), view.paths(name)
        wrong: dict[tuple[str, str, str], list[Prefix]] = defaultdict(list)
        for prefix, role in view.judged(name):
            path, route = best.get(prefix), in_rib.get(prefix)
            if path is None or path.rib_failure:
                continue
            if route is None:
                wrong["not-installed", "missing", f"via {path.next_hop}"].append(prefix)
            elif route.protocol == "B":
                hops = set(_hops(expected, router, route, paths[prefix]))
                roles = {view.origin(name, each).role for each in paths[prefix] if each.next_hop in hops}
                if path.next_hop not in hops and not path.is_local:
                    wrong["other-next-hop", route_words(route), f"via {path.next_hop}"].append(prefix)
                elif len(roles) > 1:
                    wrong["mixed-roles", route_words(route), f"{role} alone"].append(prefix)
        about = subject.of_site_router(expected, name)
        found += _held_by_others(expected, view, router, about)
        found += [
            about.finding(
                "site.rib",
                f"route of {prefix_list(prefixes)} is {words}, expected {wanted}",
                cause=cause,
                evidence=[router.rib.source, router.table.source],
                next_command=show_route(expected, prefixes[0]),
            )
            for (cause, words, wanted), prefixes in wrong.items()
        ]
    return found

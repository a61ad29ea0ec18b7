"""Which way a site's routers send packets to Azure, read from routing table and BGP table, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import over_lan, session
from pytest_azinterop.verify.overrule import is_host_route, route_words
from pytest_azinterop.verify.preference import why_not_preferred
from pytest_azinterop.verify.sides.choice import Choice
from pytest_azinterop.verify.sides.view import wanted_carriers
from pytest_azinterop.verify.text import some

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import ExpectedNetwork
    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.state.routing import RibRoute
    from pytest_azinterop.verify.observed import ObservedSiteRouter
    from pytest_azinterop.verify.sides.view import SidesView

    Prefix = IPv4Network | IPv6Network

_CAUSES = {
    "weight": "site-weight",
    "local-preference": "site-local-preference",
    "equal-preference": "site-equal-preference",
    "preferred-missing": "site-missing",
    "no-path": "site-missing",
    "local-origin": "site-other-route",
    "undeclared-source": "site-other-route",
}


def destinations(view: SidesView, network: ExpectedNetwork, prefix: Prefix) -> list[Prefix]:
    """A declared prefix of Azure, and every route inside it that a router has: packets there may go another way.

    The route that binds the VPN's neighbor to its tunnel, and what is the router's own, are no destinations.
    """
    inside = {
        route.prefix
        for router in view.site.active_routers()
        for route in router.rib.routes
        if route.protocol not in {"C", "L"}
        and route.prefix != prefix
        and lies_in(route.prefix, prefix)
        and not is_host_route(route, view.expected.site, router.router)
    }
    declared = {each for other in view.expected.networks if other is not network for each in other.prefixes}
    return [prefix, *sorted(inside - declared, key=lambda each: (int(each.network_address), each.prefixlen))]


def deciding(view: SidesView, network: ExpectedNetwork) -> list[ObservedSiteRouter]:
    """The routers that choose for a network: those that a session, their own or an internal one, can tell of its
    preferred role. A router that knows the other role alone stands by; all of them, where there is no other."""
    routers = view.site.active_routers()
    knowing = [
        router
        for router in routers
        if any(view.carrier(each).role == network.over[0] for each in view.site.sessions_in_reach(router.router))
    ]
    return knowing or routers


def choose(view: SidesView, router: ObservedSiteRouter, destination: Prefix, network: ExpectedNetwork) -> Choice:
    """The longest match in the router's table decides (RFC 1812 5.2.4.3)."""
    wanted = network.over[0]
    show = f"on {router.router}: {session.show_prefix(view.expected.site.vrf, destination)}"
    route = longest(router, destination)
    if route is None:
        return Choice(
            router.router,
            None,
            f"{router.router} has no route",
            None,
            cause="site-missing",
            next_command=show,
            evidence=(router.rib.source,),
        )
    hops = {hop.address for hop in route.next_hops}
    if route.protocol != "B":
        other = over_lan.exit_of(view.site, router, route)
        if other is not None:
            return _over_lan(choose(view, other, route.prefix, network), router, route)
        return _not_bgp(view, router, route, wanted)
    paths = [path for path in router.table.paths if path.prefix == route.prefix and path.next_hop in hops]
    path = next((each for each in paths if each.best), paths[0] if paths else None)
    evidence = (path.source if path else router.table.source, route.source)
    if path is None:
        return Choice(
            router.router,
            None,
            f"{router.router}: {route_words(route)}",
            route.prefix,
            cause="site-other-route",
            next_command=show,
            evidence=evidence,
        )
    origin = view.site.origin(router.router, path)
    role: PathRole | None = origin.role if origin.role in ("expressroute", "vpn") else None
    carrier = next((each.name for each in view.expected.carriers if each.session == origin.session), None)
    cause, reason = _why(view, router, path, network, role, carrier)
    via = f"{router.router} via {path.next_hop}" if role else f"{router.router}: {origin.words}"
    inner = "" if route.prefix == destination else f", route {route.prefix}"
    return Choice(
        router.router,
        role,
        f"{via}{inner}",
        route.prefix,
        frozenset({carrier} if carrier else ()),
        cause,
        reason,
        show,
        origin.via,
        evidence,
    )


def longest(router: ObservedSiteRouter, destination: Prefix) -> RibRoute | None:
    """The route that packets to any address of the destination follow, if they all follow one; None for no route."""
    covering = [route for route in router.rib.routes if lies_in(destination, route.prefix)]
    return max(covering, key=lambda route: route.prefix.prefixlen, default=None)


def _over_lan(theirs: Choice, router: ObservedSiteRouter, route: RibRoute) -> Choice:
    """The other edge router's decision, which this one follows over the site's own network."""
    return replace(
        theirs,
        place=router.router,
        detail=f"{router.router}: {route_words(route)} to {theirs.detail}",
        follows=theirs.place,
        evidence=(route.source, *theirs.evidence),
    )


def _not_bgp(view: SidesView, router: ObservedSiteRouter, route: RibRoute, wanted: PathRole) -> Choice:
    """A static route, or one of another protocol: the session that lies in its direction, if any."""
    towards = next(
        (
            each
            for each in view.expected.site.sessions
            if each.router == router.router
            and any(hop.address == each.neighbor or _same(hop.interface, each) for hop in route.next_hops)
        ),
        None,
    )
    role: PathRole | None = towards.role if towards and towards.role in ("expressroute", "vpn") else None
    carrier = view.carrier(towards).name if towards else None
    static = route.protocol == "S"
    only_default = route.prefix.prefixlen == 0
    cause = "site-missing" if only_default else "site-static" if static else "site-other-route"
    return Choice(
        router.router,
        role,
        f"{router.router}: {route_words(route)}",
        route.prefix,
        frozenset({carrier} if carrier else ()),
        None if role == wanted else cause,
        "only the default route is left" if only_default else None,
        f"on {router.router}: show ip route"
        + (f" vrf {view.expected.site.vrf}" if view.expected.site.vrf else "")
        + f" {route.prefix.network_address}",
        evidence=(route.source,),
    )


def _same(interface: str | None, expected: ExpectedSession) -> bool:
    return interface is not None and interface == expected.interface


def _why(
    view: SidesView,
    router: ObservedSiteRouter,
    path: BgpPath,
    network: ExpectedNetwork,
    role: PathRole | None,
    carrier: str | None,
) -> tuple[str | None, str | None]:
    """Why the route that decides is not one of the wanted role; (None, None) where it is."""
    wanted = network.over[0]
    prefix = path.prefix
    declared = next((each for each in network.prefixes if lies_in(prefix, each) or lies_in(each, prefix)), prefix)
    if role == wanted:
        carriers = wanted_carriers(view, network, wanted)
        if carrier is None or not carriers or carrier in carriers:
            return None, None
        return "site-other-circuit", f"the intent prefers {some(sorted(carriers))}"
    if prefix != declared and lies_in(prefix, declared):
        return "site-more-specific", None
    if prefix != declared:
        return "site-missing", f"only {prefix} covers it"
    cause, likely = why_not_preferred(view.site, router, prefix, wanted)
    if cause == "equal-preference":
        rivals = _rivals(view, router, path, wanted)
        if rivals and all(path.as_path.length < rival.as_path.length for rival in rivals):
            lengths = some(sorted({str(rival.as_path.length) for rival in rivals}))
            return "site-prepend", f"its AS path has {path.as_path.length} ASNs, over {wanted} {lengths}"
    if cause in ("local-preference", "weight"):
        rivals = _rivals(view, router, path, wanted)
        return _CAUSES[cause], _numbers(cause, path, rivals, role, wanted)
    return _CAUSES.get(cause, "site-less-preferred"), likely


def _rivals(view: SidesView, router: ObservedSiteRouter, path: BgpPath, wanted: PathRole) -> list[BgpPath]:
    return [
        each
        for each in router.table.paths
        if each.prefix == path.prefix and each.valid and view.site.origin(router.router, each).role == wanted
    ]


def _numbers(cause: str, path: BgpPath, rivals: list[BgpPath], role: PathRole | None, wanted: PathRole) -> str:
    def shown(each: BgpPath) -> str:
        if cause == "weight":
            return str(each.weight)
        return "the default" if each.local_preference is None else str(each.local_preference)

    what = "weight" if cause == "weight" else "local preference"
    theirs = some(sorted({shown(rival) for rival in rivals}))
    return f"{what} is {shown(path)} over {role or 'this path'} and {theirs} over {wanted}"

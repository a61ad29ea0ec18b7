"""A router's way to Azure over the site's own network: another edge router tells the LAN of its routes, and this one
takes them from there, because an OSPF route (distance 110) stands before an internal BGP one (200).

In a VRF that takes `capability vrf-lite`: without it the down bit of what another edge router redistributes keeps its
routes out of the table (RFC 4577, 4.2.5.1). Whether the other router passes packets on is read from its own table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.lint import reading

if TYPE_CHECKING:
    from pytest_azinterop.intent.models import Role
    from pytest_azinterop.state.routing import RibRoute
    from pytest_azinterop.verify.observed import ObservedSiteRouter
    from pytest_azinterop.verify.site_view import SiteView

_EXTERNAL = ("E1", "E2", "N1", "N2")


def exit_of(view: SiteView, router: ObservedSiteRouter, route: RibRoute) -> ObservedSiteRouter | None:
    """The other edge router of the site that this route leads to, which has the prefix from a neighbor outside in its
    own routing table; None: it leads elsewhere."""
    expected = view.expected
    if route.protocol != "O" or not any(each in route.codes.split() for each in _EXTERNAL):
        return None
    ports = {name for at, name in (*expected.lan, *expected.links) if at == router.router}
    if not route.next_hops or not all(hop.interface in ports for hop in route.next_hops):
        return None
    if expected.vrf is not None and not _has(router, expected.vrf, "capability vrf-lite"):
        return None
    for other in view.active_routers():
        if (
            other.router != router.router
            and _has_it(view, other, route)
            and _has(other, expected.vrf, "redistribute bgp")
        ):
            return other
    return None


def leads_over(view: SiteView, router: ObservedSiteRouter, route: RibRoute, role: Role | None) -> bool:
    """Whether the route leads to another edge router whose own way is over this role."""
    other = exit_of(view, router, route)
    return other is not None and view.origin(other.router, view.best(other.router)[route.prefix]).role == role


def _has_it(view: SiteView, other: ObservedSiteRouter, route: RibRoute) -> bool:
    """BGP's, of a session of its own that is Established, and in its routing table."""
    path = view.best(other.router).get(route.prefix)
    return (
        path is not None
        and not (path.internal or path.is_local or path.rib_failure)
        and any(each.prefix == route.prefix and each.protocol == "B" for each in other.rib.routes)
    )


def _has(router: ObservedSiteRouter, vrf: str | None, words: str) -> bool:
    """Whether the VRF's OSPF has such a line, as far as the configuration is known."""
    config = router.config
    if not evidence.is_proof(config):
        return False
    return any(reading.has(each.line, words) for each in reading.ospf_processes(config) if each.vrf == vrf)

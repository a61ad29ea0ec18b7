"""Judgement about every path that the routers of a site have for the declared prefixes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import next_command, subject
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSite
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.bgp_detail import BgpPrefix
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

    Prefix = IPv4Network | IPv6Network
    _End = tuple[str, IPv4Address | IPv6Address]


@dataclass(frozen=True, slots=True)
class ObservedRouterPaths:
    """One router: its neighbors, and the entry of each declared prefix (None: it has no entry of exactly this one)."""

    router: str
    neighbors: tuple[BgpNeighbor, ...]
    entries: tuple[tuple[Prefix, BgpPrefix | None], ...]


@dataclass(frozen=True, slots=True)
class ObservedPaths:
    """All routers of a customer's site, in the order of the intent."""

    routers: tuple[ObservedRouterPaths, ...]


def paths(expected: ExpectedSite, observed: ObservedPaths) -> list[Finding]:
    """Each Established session has a usable path of each prefix that it should bring, and no path is from elsewhere.

    A session that is down is left to `bgp.state`, unless all of the site's are.
    """
    up = {
        (router.router, neighbor.address)
        for router in observed.routers
        for neighbor in router.neighbors
        if neighbor.is_established
    }
    if not any((each.router, each.neighbor) in up for each in (*expected.sessions, *expected.internal)):
        return [
            subject.of_site(expected).finding(
                "site.paths",
                "number of Established sessions is 0, expected at least one",
                cause="no-session",
                evidence=[neighbor.source for router in observed.routers for neighbor in router.neighbors],
            )
        ]
    found = []
    for router in observed.routers:
        wrong: dict[tuple[str, str, str], list[tuple[Prefix, Source]]] = defaultdict(list)
        for prefix, entry in router.entries:
            for cause, seen, wanted, source in _complaints(expected, router, prefix, entry, up):
                wrong[cause, seen, wanted].append((prefix, source))
        about = subject.of_site_router(expected, router.router)
        found += [
            about.finding(
                "site.paths",
                f"path of {prefix_list(prefix for prefix, _ in each)} {seen}, expected {wanted}",
                cause=cause,
                evidence=[source for _, source in each[:3]],
                next_command=_following(expected, cause, each[0][0]),
            )
            for (cause, seen, wanted), each in sorted(wrong.items())
        ]
    return found


def _following(expected: ExpectedSite, cause: str, prefix: Prefix) -> str:
    if cause in ("inaccessible", "not-valid"):
        return next_command.route(expected.vrf, prefix.network_address)
    return next_command.BGP


def _complaints(
    expected: ExpectedSite,
    router: ObservedRouterPaths,
    prefix: Prefix,
    entry: BgpPrefix | None,
    up: set[tuple[str, IPv4Address | IPv6Address]],
) -> Iterator[tuple[str, str, str, Source]]:
    """Cause, what is there, what is expected, and the answer that shows it."""
    here = [each for each in (*expected.sessions, *expected.internal) if each.router == router.router]
    bring = [each for each in here if each.receive is not None and prefix in each.receive.required]
    for each in bring:
        if (each.router, each.neighbor) not in up:
            continue
        name = f"over {each.path} from {each.neighbor}"
        own = [path for path in entry.paths if path.learned_from == each.neighbor] if entry else []
        used = [path for path in own if not path.received_only]
        if not used:
            cause, seen = ("received-only", "received only") if own else ("missing", "missing")
            source = own[0].source if own else entry.source if entry else router.neighbors[0].source
            yield cause, f"{name} is {seen}", "present and usable", source
        elif used[0].inaccessible:
            yield "inaccessible", f"{name} has the inaccessible next hop {used[0].next_hop}", "usable", used[0].source
        elif not used[0].valid:
            yield "not-valid", f"{name} is not valid", "usable", used[0].source
    declared = {each.neighbor for each in here}
    for path in entry.paths if entry else ():
        if path.imported_from is not None:
            table = clean(path.imported_from, 60)
            yield "imported", f"is imported from {table}", "none from another VRF", path.source
        elif int(path.learned_from) == 0:
            yield (
                "local-origin",
                "is originated by the router itself",
                "none but those of declared neighbors",
                path.source,
            )
        elif path.learned_from not in declared:
            yield (
                "undeclared-source",
                f"is from {path.learned_from}, which the intent does not declare",
                "none but those of declared neighbors",
                path.source,
            )

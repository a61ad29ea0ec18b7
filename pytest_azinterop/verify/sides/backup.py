"""The backup is complete: what must survive the loss of the preferred role is ready on both sides, and next in line.

A backup that only one side has takes over in one direction. Source:
https://learn.microsoft.com/azure/expressroute/use-s2s-vpn-as-backup-for-expressroute-privatepeering
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.verify import carriage, evidence, session, subject
from pytest_azinterop.verify.sides.brought import brought
from pytest_azinterop.verify.sides.delivery import knows_gateways, why_not_from_azure, why_not_to_azure
from pytest_azinterop.verify.sides.view import SidesView, show_learned
from pytest_azinterop.verify.text import prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import ExpectedNetwork, ExpectedSides
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedSiteRouter
    from pytest_azinterop.verify.sides.observed import ObservedSides

    Prefix = IPv4Network | IPv6Network

_RULE = "sides.backup"
_SEEN = {
    "session-down": "lost with its session",
    "site-missing": "missing",
    "site-invalid": "not valid",
    "azure-missing": "missing",
    **carriage.WORDS,
    "no-gateway": "missing: no gateway serves the network",
}


def complete(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """Each prefix that must survive the loss of the first role is known, valid and next preferred over the second, at
    the site and in Azure.

    Where the intent knows no gateway of a network, that is left open beside what is wrong; it is raised as
    UndeterminedError where nothing is.
    """
    backed_up = expected.site.backed_up
    if not backed_up:
        return []
    view = SidesView(expected, observed)
    about = subject.of_site(expected.site)
    found = []
    if not expected.prefixes:
        evidence.undetermined("no prefix of the site is declared, so Azure's way back is not known", "not-collected")
    known = {prefix for network in expected.networks for prefix in network.prefixes}
    if strange := backed_up - known:
        evidence.undetermined(f"no network on Azure's side has {prefix_list(strange)}", "not-collected")
    silent: list[str] = []
    for network in expected.networks:
        prefixes = network.prefixes & backed_up
        if not prefixes:
            continue
        if len(network.over) < 2:
            found.append(
                about.finding(
                    _RULE,
                    f"backup of {prefix_list(prefixes)} is none, expected a second role beside "
                    f"{some(network.over) or 'none'}",
                    cause="no-backup-role",
                    evidence=[router.table.source for router in observed.routers.routers],
                )
            )
            continue
        found += _at_site(view, network, prefixes)
        if all(knows_gateways(view, network, each) for each in _carriers(view, network.over[1]) or (None,)):
            found += _in_azure(view, network)
        else:
            silent.append(network.name)
    if silent:
        words = f"the intent names no gateway of {some(silent)}, or none at a session's end"
        return evidence.open_beside(found, words, "not-collected")
    return found


def _at_site(view: SidesView, network: ExpectedNetwork, prefixes: frozenset[Prefix]) -> Iterator[Finding]:
    first, second = network.over[:2]
    about = subject.of_site(view.expected.site)
    carriers = _carriers(view, second)
    wrong: dict[str, set[Prefix]] = defaultdict(set)
    for prefix in prefixes:
        reasons = [why_not_to_azure(view, each, prefix) for each in carriers]
        if None not in reasons:
            wrong[_worst(reasons)].add(prefix)
    for cause, lost in sorted(wrong.items()):
        yield about.finding(
            _RULE,
            f"backup path of {prefix_list(lost)} over {second} is {_SEEN[cause]} at the site, expected ready",
            cause=cause,
            evidence=_site_sources(view, carriers),
            next_command=f"on {carriers[0].router}: {session.show_prefix(carriers[0].vrf, min(lost, key=str))}"
            if carriers
            else None,
        )
    ready = prefixes - frozenset().union(*wrong.values()) if wrong else prefixes
    for router in view.site.active_routers():
        for prefix in sorted(ready, key=str):
            role, words = _next_at(view, router, prefix, first)
            if words is not None and role != second:
                yield about.finding(
                    _RULE,
                    f"next path of {prefix} after {first} on {router.router} is {words}, expected over {second}",
                    cause="site-not-next",
                    evidence=[router.table.source],
                    next_command=f"on {router.router}: {session.show_prefix(view.expected.site.vrf, prefix)}",
                )


def _carriers(view: SidesView, role: PathRole) -> list[ExpectedSession]:
    return [each for each in view.expected.site.sessions if view.carrier(each).role == role]


def _worst(reasons: list[str | None]) -> str:
    """What to say of several sessions of which none is ready: the one that came closest."""
    order = (*carriage.WORDS, "site-invalid", "azure-missing", "site-missing", "no-gateway", "session-down")
    return next((each for each in order if each in reasons), "session-down")


def _site_sources(view: SidesView, carriers: list[ExpectedSession]) -> list[Source]:
    found: list[Source] = []
    for each in carriers:
        exchange = view.exchange(each)
        found += [routes.source for routes in (exchange.accepted,) if routes is not None]
        found += [exchange.neighbor.source] if exchange.neighbor is not None else []
    return found or [router.table.source for router in view.observed.routers.routers]


def _next_at(
    view: SidesView, router: ObservedSiteRouter, prefix: Prefix, first: PathRole
) -> tuple[PathRole | None, str | None]:
    """The role that a router would choose without the first one, and its words; (None, None): it knows no other.

    Weight, local preference and AS path length, in this order, decide (Cisco document 13753); a blank local preference
    is taken as IOS-XE's default of 100.
    """
    others = [
        (path, view.site.origin(router.router, path))
        for path in router.table.paths
        if path.prefix == prefix and path.valid
    ]
    others = [(path, origin) for path, origin in others if origin.role != first]
    if not others:
        return None, None
    _, origin = max(
        others,
        key=lambda each: (
            each[0].weight,
            100 if each[0].local_preference is None else each[0].local_preference,
            -each[0].as_path.length,
            str(each[0].next_hop),
        ),
    )
    role: PathRole | None = origin.role if origin.role in ("expressroute", "vpn") else None
    return role, origin.words


def _in_azure(view: SidesView, network: ExpectedNetwork) -> Iterator[Finding]:
    first, second = network.over[:2]
    carriers = _carriers(view, second)
    gateways = [each for each in network.gateways if view.routing(each).kind == second]
    about = subject.of_site(view.expected.site)
    wrong: dict[str, set[Prefix]] = defaultdict(set)
    other: dict[str, set[Prefix]] = defaultdict(set)
    for prefix in view.expected.prefixes:
        over = [each for each in carriers if prefix in view.expected.announced_over(each)]
        if carriers and not over:
            continue  # the site is not to announce it over the second role: it has no backup by design
        reasons = [why_not_from_azure(view, each, network, prefix) for each in over]
        if not gateways:
            wrong["no-gateway"].add(prefix)
        elif None not in reasons:
            # The router's own session is down: that is said of the site.
            if set(reasons) != {"session-down"}:
                wrong[_worst(reasons)].add(prefix)
        else:
            by = brought(view, network, second, prefix)
            if by.others:
                other[some(dict.fromkeys(each.words for each in by.others))].add(prefix)
    tables = [view.learned(each) for each in gateways]
    sources = [each.source for each in tables] or [each.source for each in view.observed.subnets]
    command = show_learned(tables[0]) if tables else None
    for cause, lost in sorted(wrong.items()):
        yield about.finding(
            _RULE,
            f"backup path of {prefix_list(lost)} over {second} is {_SEEN[cause]} in {network.name}, expected ready",
            cause=cause,
            evidence=sources,
            next_command=command,
        )
    for peers, prefixes in sorted(other.items()):
        yield about.finding(
            _RULE,
            f"next path of {prefix_list(prefixes)} after {first} in {network.name} is that of {peers}, expected over "
            f"{some(dict.fromkeys(view.carrier(each).name for each in carriers))}",
            cause="azure-not-next",
            evidence=sources,
            next_command=command,
        )

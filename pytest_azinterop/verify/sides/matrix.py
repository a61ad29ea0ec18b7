"""Reachability as both control planes have it: who must reach whom, who must not, and what a loss would leave.

Derived from routing and BGP tables alone; no packet is sent. Sources:
https://learn.microsoft.com/azure/expressroute/expressroute-global-reach (circuits are apart unless it joins them) and
https://learn.microsoft.com/azure/route-server/expressroute-vpn-support (so are ExpressRoute and VPN in a hub).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.overrule import route_words
from pytest_azinterop.verify.own_prefixes import lead_to_lan
from pytest_azinterop.verify.sides.azure_choice import deciding
from pytest_azinterop.verify.sides.delivery import (
    is_declared,
    is_up,
    knows_gateways,
    why_not_from_azure,
    why_not_to_azure,
)
from pytest_azinterop.verify.sides.site_choice import longest
from pytest_azinterop.verify.sides.verdict import pairs, ways
from pytest_azinterop.verify.sides.view import SidesView, is_from, show_circuit, show_effective
from pytest_azinterop.verify.text import clean, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.sides import ExpectedNetwork, ExpectedSides, ExpectedStranger
    from pytest_azinterop.state.azure_network import EffectiveRoute
    from pytest_azinterop.state.routing import RibRoute
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.choice import Choice
    from pytest_azinterop.verify.sides.observed import ObservedSides
    from pytest_azinterop.verify.sides.verdict import Pair

    Prefix = IPv4Network | IPv6Network

_REACH, _LOSS, _APART = "sides.reach", "sides.loss", "sides.apart"


def reached(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """Between each prefix of the site and each network that it reaches, some path leads all the way, in both
    directions: each side decides for the other, and the site's routers lead to its own prefix."""
    view = SidesView(expected, observed)
    about = subject.of_site(expected.site)
    routers = view.site.active_routers()
    if not routers:
        return [
            about.finding(
                _REACH,
                "number of Established sessions is 0, expected at least one",
                cause="no-session",
                evidence=[router.table.source for router in observed.routers.routers],
            )
        ]
    lost: dict[str, list[tuple[Pair, tuple[Choice, ...]]]] = defaultdict(list)
    judged = 0
    for pair in pairs(view):
        judged += 1
        for cause, choices in (("to-azure", pair.to_azure), ("from-azure", pair.from_azure)):
            ended = tuple(each for each in choices if not each.arrives)
            if ended:
                lost[cause].append((pair, ended))
    if not judged:
        evidence.undetermined("no pair of prefixes of the site and of Azure is declared", "not-collected")
    found = []
    for cause, ends in lost.items():
        choices = tuple(each for _, ended in ends for each in ended)
        found.append(
            about.finding(
                _REACH,
                f"way {_DIRECTION[cause]} between {prefix_list(pair.own for pair, _ in ends)} and "
                f"{prefix_list(pair.theirs for pair, _ in ends)} is {ways(choices)}, expected over some path",
                cause=cause,
                evidence=[source for each in choices[:4] for source in each.evidence],
                next_command=choices[0].next_command,
            )
        )
    astray = lead_to_lan(expected.site, observed.routers)
    found += astray
    told = {each.object for each in astray}
    for router in routers:
        if subject.of_site_router(expected.site, router.router).id in told:
            continue
        homeless = []
        for prefix in sorted(expected.prefixes, key=str):
            route = longest(router, prefix)
            if route is None or route.prefix.prefixlen == 0 < prefix.prefixlen:
                homeless.append(prefix)
        if homeless:
            found.append(
                subject.of_site_router(expected.site, router.router).finding(
                    _REACH,
                    f"route of {prefix_list(homeless)} is missing, expected towards the site",
                    cause="no-way-home",
                    evidence=[router.rib.source],
                    next_command=session.show_prefix(expected.site.vrf, homeless[0]),
                )
            )
    return found


_DIRECTION = {"to-azure": "to Azure", "from-azure": "from Azure"}


def apart(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """What the site must not reach is in none of its routing tables nor in its circuits', and the other way round.

    A default route leads everywhere and says nothing of any one network. Raises UndeterminedError for an Azure network
    without a machine whose routes could be read: what its packets would do is not known.
    """
    view = SidesView(expected, observed)
    found: list[Finding] = []
    for stranger in expected.strangers:
        found += _at_routers(view, stranger)
        found += _in_circuits(view, stranger)
        found += _in_subnets(view, stranger)
    silent = [each.name for each in expected.strangers if each.in_azure and not _has_machine(each)]
    if silent:
        words = f"no machine in {some(silent)} can be asked for its routes to the site: name the `nic` of one in"
        return evidence.open_beside(found, f"{words} `azure.subnets`", "not-collected")
    return found


def _has_machine(stranger: ExpectedStranger) -> bool:
    return any(subnet.has_interface for subnet in stranger.subnets)


def _at_routers(view: SidesView, stranger: ExpectedStranger) -> Iterator[Finding]:
    site = view.expected.site
    for name in site.routers:
        if name not in view.site.routers:
            evidence.undetermined(f"router {name} of the site was not collected", "not-collected")
        router = view.site.routers[name]
        leaks = [
            route
            for route in router.rib.routes
            if route.prefix not in view.expected.prefixes  # a summary of the site's own, from its other router
            and any(_leads_to(route, each) for each in stranger.prefixes)
        ]
        if leaks:
            words = some(dict.fromkeys(route_words(route) for route in leaks))
            yield subject.of_site_router(site, name).finding(
                _APART,
                f"route to {stranger.name} is {prefix_list(route.prefix for route in leaks)} ({words}), expected none",
                cause="at-router",
                evidence=[route.source for route in leaks[:3]],
                next_command=session.show_prefix(site.vrf, leaks[0].prefix),
            )


def _leads_to(route: RibRoute, prefix: Prefix) -> bool:
    """A route into the prefix; or one around it that a neighbor sent, for a site may well hold its own summary."""
    if lies_in(route.prefix, prefix):
        return route.protocol not in {"C", "L"}
    return route.prefix.prefixlen > 0 and route.protocol == "B" and lies_in(prefix, route.prefix)


def _in_circuits(view: SidesView, stranger: ExpectedStranger) -> Iterator[Finding]:
    for each in view.expected.site.sessions:
        carrier = view.carrier(each)
        if carrier.role != "expressroute":
            continue
        table = view.table(carrier)
        leaks = [
            row
            for row in table.routes
            if row.prefix.prefixlen
            and not is_from(row, each, view.own_address(each))
            and any(lies_in(row.prefix, prefix) or lies_in(prefix, row.prefix) for prefix in stranger.prefixes)
        ]
        if leaks:
            paths = some(dict.fromkeys(str(row.as_path) for row in leaks))
            yield subject.of_session(each).finding(
                _APART,
                f"route to {stranger.name} in {carrier.name}'s table ({carrier.path}) is "
                f"{prefix_list(row.prefix for row in leaks)} (AS path {paths}), expected none",
                cause="in-circuit",
                evidence=[table.source],
                next_command=show_circuit(table),
            )


def _in_subnets(view: SidesView, stranger: ExpectedStranger) -> Iterator[Finding]:
    for subnet in stranger.subnets:
        if not subnet.has_interface:
            continue
        effective = view.effective(subnet.name)
        leaks = [
            prefix
            for prefix in sorted(view.expected.prefixes, key=str)
            if any(map(_leads_out, deciding(effective, prefix)))
            or any(_leads_out(row) for row in effective.routes for each in row.prefixes if lies_in(each, prefix))
        ]
        if leaks:
            yield view.of_subnet(subnet.name).finding(
                _APART,
                f"route to {prefix_list(leaks)} in {stranger.name} is there, expected none",
                cause="in-azure",
                evidence=[effective.source],
                next_command=show_effective(effective),
            )


def _leads_out(row: EffectiveRoute) -> bool:
    """A route of a gateway, or a user's own, that names a network: not the platform's, and no default route."""
    specific = any(each.prefixlen for each in row.prefixes)
    return (
        specific and row.is_active and row.origin in ("VirtualNetworkGateway", "User") and row.next_hop_type != "None"
    )


def remaining(expected: ExpectedSides, observed: ObservedSides) -> list[Finding]:
    """The loss of any one path of a circuit, or of any one tunnel, leaves another of the same kind that carries the
    same networks in both directions, where the intent has another.

    What the loss of a whole role leaves is `sides.backup`. A path without a second one is single by design. Where no
    path of a kind carries a network there is nothing left to lose: each of them is told. So is each session of a kind
    with several that is not Established, whatever it carries. Where the intent does not say which gateways
    a network has, that is left open beside what is wrong with what is known; it is raised as UndeterminedError where
    nothing is.
    """
    view = SidesView(expected, observed)
    if not expected.prefixes:
        evidence.undetermined("no prefix of the site is declared, so Azure's way back is not known", "not-collected")
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    subjects: dict[str, ExpectedSession] = {}
    silent: dict[str, None] = {}
    for network in expected.networks:
        for role in network.over:
            every = [each for each in expected.site.sessions if view.carrier(each).role == role]
            if len(every) > 1 and not all(knows_gateways(view, network, each) for each in every):
                silent[network.name] = None
                continue
            declared = [each for each in every if is_declared(view, each, network)]
            if len(every) > 1 and not declared:
                silent[network.name] = None
            if len(declared) < 2:
                continue
            broken = {each.id: _why_not(view, each, network) for each in declared}
            if all(broken.values()):
                for each in declared:
                    subjects[each.id] = each
                    found[each.id, broken[each.id] or "", ""].append(network.name)
                continue
            for lost in declared:
                others = [each for each in declared if each.id != lost.id]
                if broken[lost.id] is not None or any(broken[each.id] is None for each in others):
                    continue
                first = others[0]
                subjects[first.id] = first
                found[first.id, broken[first.id] or "", lost.path].append(network.name)
    lost_sessions = _lost(view, {name for name, cause, _ in found if cause == "session-down"})
    told = lost_sessions + [
        subject.of_session(subjects[name]).finding(
            _LOSS,
            f"networks that {f'the loss of {lost} takes away' if lost else 'no path of this kind carries'} are "
            f"{some(networks)}, expected to remain over {subjects[name].path}",
            cause=cause,
            evidence=[
                source
                for exchange in observed.exchanges
                if exchange.session == name
                for source in (
                    exchange.neighbor.source if exchange.neighbor else None,
                    exchange.accepted.source if exchange.accepted else None,
                )
                if source is not None
            ]
            or [router.table.source for router in observed.routers.routers],
        )
        for (name, cause, lost), networks in found.items()
    ]
    if silent:
        words = f"the intent names no gateway that joins {some(silent)} to the site's circuits and connections"
        return evidence.open_beside(told, words, "not-collected")
    return told


def _lost(view: SidesView, told: set[str]) -> list[Finding]:
    """Findings for the sessions of a kind with several that are not Established, but for those that were told."""
    roles = Counter(view.carrier(each).role for each in view.expected.site.sessions)
    found = []
    for each in view.expected.site.sessions:
        if roles[view.carrier(each).role] < 2 or each.id in told or is_up(view, each):
            continue
        neighbor = view.exchange(each).neighbor
        state = "missing" if neighbor is None else clean(neighbor.state)
        found.append(
            subject.of_session(each).finding(
                _LOSS,
                f"state is {state}, expected Established: the loss of another path of its kind leaves nothing over "
                f"{each.path}",
                cause="session-down",
                evidence=[neighbor.source]
                if neighbor is not None
                else [router.table.source for router in view.observed.routers.routers],
            )
        )
    return found


def _why_not(view: SidesView, session: ExpectedSession, network: ExpectedNetwork) -> str | None:
    """The first reason why a session does not carry a whole network both ways; None where it does."""
    for prefix in sorted(network.prefixes, key=str):
        if reason := why_not_to_azure(view, session, prefix):
            return reason
    for prefix in sorted(view.expected.announced_over(session), key=str):
        if reason := why_not_from_azure(view, session, network, prefix):
            return reason
    return None

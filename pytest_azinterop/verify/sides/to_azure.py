"""Announced equals learned, towards Azure: what a router announces arrives, hop by hop, where Azure decides.

The hops: router, then the MSEE's table and the ExpressRoute gateways, or the VPN gateway; then the effective routes of
the networks behind it. A prefix is missing at the first hop that lacks it and at no other. Sources:
https://learn.microsoft.com/azure/expressroute/expressroute-routing,
https://learn.microsoft.com/azure/expressroute/expressroute-troubleshooting-expressroute-overview and
https://learn.microsoft.com/azure/vpn-gateway/bgp-diagnostics.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.sides.brought import check_told_apart
from pytest_azinterop.verify.sides.gateway_choice import instances
from pytest_azinterop.verify.sides.view import (
    SidesView,
    is_from,
    learned_over,
    show_circuit,
    show_effective,
    show_learned,
)
from pytest_azinterop.verify.text import order, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.sides import ExpectedNetwork, ExpectedPassage
    from pytest_azinterop.state.bgp import NeighborRoutes
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import ObservedSides, ObservedSubnet

    Prefix = IPv4Network | IPv6Network

_RULE = "sides.announced"


def announced(expected: ExpectedPassage, observed: ObservedSides) -> list[Finding]:
    """Every prefix that the router sends is in Azure's tables, and nothing else from this router is.

    What carries Azure's own AS is not awaited there: BGP refuses its own AS (RFC 4271 9.1.2). Nor is a prefix that
    Azure has itself: its gateways filter the exact prefixes of their virtual networks
    (https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq#bgp); `routes.announced` tells of such a leak.
    Raises UndeterminedError where another site of its AS may be the one whose route a gateway has.
    """
    view = SidesView(expected.sides, observed)
    about = expected.session
    if broken := view.broken(about):
        return broken
    sent = evidence.routes_of(about.vrf, about.neighbor, "advertised", view.exchange(about).advertised)
    found = list(_not_sent(about, sent))
    azures = frozenset(prefix for network in view.expected.networks for prefix in network.prefixes)
    awaited = frozenset(prefix for prefix in sent.prefixes - azures if not _refused(prefix, sent, about.remote_as))
    if about.role == "vpn":
        arrived = _at_vpn_gateway(view, about, sent, awaited, found)
    else:
        arrived = _at_circuit(view, about, sent, awaited, found)
        arrived = _at_expressroute_gateways(view, about, sent, arrived, found)
    found += _in_networks(view, about, arrived)
    if about.role == "expressroute":
        try:
            for gateway in view.carrier(about).gateways:
                for prefix in sorted(arrived, key=order):
                    check_told_apart(view, about, gateway, prefix)
        except UndeterminedError as error:
            return evidence.beside(found, error)
    return found


def _not_sent(about: ExpectedSession, sent: NeighborRoutes) -> Iterator[Finding]:
    declared = about.announce
    missing = declared.required - sent.prefixes if declared is not None else frozenset()
    if missing or not sent.prefixes:
        words = f"announcement of {prefix_list(missing)} is missing" if missing else "number of announced prefixes is 0"
        yield subject.of_session(about).finding(
            _RULE,
            f"{words}, expected announced to {about.path}",
            cause="not-announced",
            evidence=[sent.source],
            next_command=session.show_prefix(about.vrf, min(missing, key=order)) if missing else next_command.BGP,
        )


def _refused(prefix: Prefix, sent: NeighborRoutes, *asns: int) -> bool:
    """Whether every announced path of the prefix carries one of these ASNs, which its receiver refuses."""
    paths = [path for path in sent.paths if path.prefix == prefix]
    return bool(paths) and all(set(asns).intersection(path.as_path.sequence) for path in paths)


def _at_circuit(
    view: SidesView,
    about: ExpectedSession,
    sent: NeighborRoutes,
    awaited: frozenset[Prefix],
    found: list[Finding],
) -> frozenset[Prefix]:
    """The MSEE's table of this path has each prefix, from this router. Returns those that it has."""
    carrier = view.carrier(about)
    table = view.table(carrier)
    own = view.own_address(about)
    mine = {row.prefix for row in table.routes if is_from(row, about, own) and row.prefix.version == about.version}
    elsewhere = defaultdict(list)
    for row in table.routes:
        if row.prefix in awaited - mine:
            elsewhere[row.prefix].append(row)
    words = f"{carrier.name}'s table ({carrier.path})"
    missing = awaited - mine - elsewhere.keys()
    if missing:
        found.append(
            subject.of_session(about).finding(
                _RULE,
                f"route {prefix_list(missing)} is missing in {words}, expected as announced by {about.router}",
                cause="not-in-circuit",
                evidence=[sent.source, table.source],
                likely=None if table.routes else "the table is empty: the MSEE has no session on this path",
                next_command=show_circuit(table),
            )
        )
    if elsewhere:
        hops = some(sorted({str(row.next_hop) for rows in elsewhere.values() for row in rows}))
        found.append(
            subject.of_session(about).finding(
                _RULE,
                f"next hop of {prefix_list(elsewhere)} in {words} is {hops}, expected {own} as announced by "
                f"{about.router}",
                cause="other-next-hop",
                evidence=[sent.source, table.source],
                next_command=show_circuit(table),
            )
        )
    if stale := mine - sent.prefixes:
        found.append(
            _not_announced(
                about, sent, f"{prefix_list(stale)} from {own} is in {words}", table.source, show_circuit(table)
            )
        )
    return awaited & mine


def _not_announced(
    about: ExpectedSession, sent: NeighborRoutes, seen: str, read: Source | None, command: str
) -> Finding:
    return subject.of_session(about).finding(
        _RULE,
        f"route {seen}, expected none that {about.router} does not announce",
        cause="not-from-router",
        evidence=[sent.source, read],
        next_command=command,
    )


def _at_expressroute_gateways(
    view: SidesView, about: ExpectedSession, sent: NeighborRoutes, arrived: frozenset[Prefix], found: list[Finding]
) -> frozenset[Prefix]:
    """Each gateway of the circuit learned each prefix that its tables hold. Returns what some gateway has.

    The two paths merge here; what is missing is said in the same words whichever of them is looked at.
    """
    carrier = view.carrier(about)
    if not carrier.gateways:
        evidence.undetermined(f"the intent connects no gateway to {carrier.name}", "not-collected")
    learned_somewhere: set[Prefix] = set()
    for gateway in carrier.gateways:
        learned = view.learned(gateway)
        own_as = view.routing(gateway).asn
        rows = [row for row in learned.routes if learned_over(about, view.own_address(about), row)]
        awaited = {prefix for prefix in arrived if not _refused(prefix, sent, own_as)}
        known = {row.prefix for row in rows}
        learned_somewhere |= known & arrived
        about_gateway = view.of_gateway(gateway)
        if missing := awaited - known:
            found.append(
                about_gateway.finding(
                    _RULE,
                    f"learned route {prefix_list(missing)} is missing, expected as in {carrier.name}'s table",
                    cause="not-learned",
                    evidence=[view.table(carrier).source, learned.source],
                    next_command=show_learned(learned),
                )
            )
        instances = {row.instance for row in learned.routes}
        for instance in sorted(instances, key=str):
            here = {row.prefix for row in rows if row.instance == instance}
            if partly := (awaited & known) - here:
                found.append(
                    about_gateway.finding(
                        _RULE,
                        f"learned route {prefix_list(partly)} is missing at instance {instance}, expected at every "
                        "instance",
                        cause="one-instance",
                        evidence=[learned.source],
                        next_command=show_learned(learned),
                        severity="high",
                    )
                )
    return frozenset(learned_somewhere)


def _at_vpn_gateway(
    view: SidesView,
    about: ExpectedSession,
    sent: NeighborRoutes,
    awaited: frozenset[Prefix],
    found: list[Finding],
) -> frozenset[Prefix]:
    """The VPN gateway learned each prefix from this router. Returns those that it has."""
    carrier = view.carrier(about)
    if not carrier.gateways:
        evidence.undetermined(f"the intent names no gateway of {carrier.name}", "not-collected")
    own = view.own_address(about)
    arrived: set[Prefix] = set()
    for gateway in carrier.gateways:
        learned = view.learned(gateway)
        mine = {
            row.prefix
            for row in learned.routes
            if learned_over(about, own, row) and row.prefix.version == about.version
        }
        arrived |= mine & awaited
        if missing := awaited - mine:
            others = {row.prefix for row in learned.routes} & missing
            found.append(
                subject.of_session(about).finding(
                    _RULE,
                    f"route {prefix_list(missing)} from {own} is missing at {gateway}, expected learned as announced "
                    f"by {about.router}",
                    cause="not-at-gateway",
                    evidence=[sent.source, learned.source],
                    likely=f"{gateway} has {prefix_list(others)} from elsewhere alone" if others else None,
                    next_command=show_learned(learned),
                )
            )
        if stale := mine - sent.prefixes:
            found.append(
                _not_announced(
                    about,
                    sent,
                    f"{prefix_list(stale)} from {own} is at {gateway}",
                    learned.source,
                    show_learned(learned),
                )
            )
    return frozenset(arrived)


def _in_networks(view: SidesView, about: ExpectedSession, arrived: Iterable[Prefix]) -> Iterator[Finding]:
    """Each prefix that a gateway learned is among the effective routes of the networks that it serves.

    Which gateway they lead to is the question of `sides.path`; behind a firewall or NVA it is the only one.
    """
    carrier = view.carrier(about)
    for network in view.expected.networks:
        if about.role not in network.over:
            continue
        reached = frozenset(arrived)
        if not set(carrier.gateways).intersection(network.gateways):
            reached = yield from _beyond(view, about, network, reached)
        for subnet in network.subnets:
            if not subnet.has_interface or subnet.via is not None:
                continue
            effective = view.effective(subnet.name)
            if missing := reached - _from_gateways(effective):
                yield _not_effective(view, network, effective, missing)


def _beyond(
    view: SidesView, about: ExpectedSession, network: ExpectedNetwork, arrived: frozenset[Prefix]
) -> Generator[Finding, None, frozenset[Prefix]]:
    """A network behind a gateway of its own, as a branch is: that gateway learned it too. Returns what it has; all
    of it where the network has no such gateway, so that its routes show what is missing."""
    own = [each for each in network.gateways if view.routing(each).kind == about.role]
    if not own:
        return arrived
    if about.role == "expressroute":
        return frozenset()  # another circuit of the site brings it: nothing passes from one to the other
    known: set[Prefix] = set()
    for gateway in own:
        learned = view.learned(gateway)
        # From the gateway of this connection, for the site of another one may have the same AS.
        before = {each for name in view.carrier(about).gateways for each in instances(view, name)}
        here = {
            row.prefix
            for row in learned.routes
            if about.local_as in row.as_path.sequence and (row.source_peer or row.next_hop) in before
        }
        known |= here & arrived
        if missing := arrived - here:
            yield view.of_gateway(gateway).finding(
                _RULE,
                f"learned route {prefix_list(missing)} is missing, expected as at {some(view.carrier(about).gateways)}",
                cause="not-learned",
                evidence=[learned.source],
                next_command=show_learned(learned),
            )
    return frozenset(known)


def _from_gateways(effective: ObservedSubnet) -> frozenset[Prefix]:
    """What gateways brought, whether or not packets follow it: another route may stand before it."""
    return frozenset(
        prefix for row in effective.routes if row.origin == "VirtualNetworkGateway" for prefix in row.prefixes
    )


def _not_effective(
    view: SidesView, network: ExpectedNetwork, effective: ObservedSubnet, missing: frozenset[Prefix]
) -> Finding:
    disabled = any(row.propagation_disabled for row in effective.routes)
    nothing = not _from_gateways(effective)
    cause = "propagation-disabled" if disabled else "no-gateway-routes" if nothing else "not-effective"
    return view.of_subnet(effective.subnet).finding(
        _RULE,
        f"effective route {prefix_list(missing)} is missing, expected as learned by {some(network.gateways)}",
        cause=cause,
        evidence=[effective.source],
        next_command=show_effective(effective),
    )

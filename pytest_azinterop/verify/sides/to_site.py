"""Announced equals learned, towards the site: what Azure announces arrives, hop by hop, in the router's BGP table.

The hops: the networks' own prefixes at their gateway, the gateway's announcement, for ExpressRoute the MSEE's table;
then what the router received, what its inbound policy left, and its table. A prefix is missing at the first hop that
lacks it and at no other. Sources: https://learn.microsoft.com/azure/expressroute/expressroute-routing and
https://learn.microsoft.com/azure/vpn-gateway/bgp-diagnostics.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.sides.view import SidesView, is_from, show_circuit, show_learned
from pytest_azinterop.verify.text import order, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.sides import ExpectedPassage
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import ObservedSides

    Prefix = IPv4Network | IPv6Network

_RULE = "sides.learned"


def learned(expected: ExpectedPassage, observed: ObservedSides) -> list[Finding]:
    """Every prefix that Azure announces on this session is in the router's table, and no other from this neighbor is.

    Prefixes that have passed the site's own AS are not awaited: the router refuses them (RFC 4271 9.1.2).
    """
    view = SidesView(expected.sides, observed)
    about = expected.session
    if broken := view.broken(about):
        return broken
    found: list[Finding] = []
    if about.role == "vpn":
        announced, where, last = _from_vpn_gateway(view, about, found)
    else:
        announced, where, last = _from_circuit(view, about, found)
    found += _at_router(view, about, announced, where, last)
    return found


def _neighbor(view: SidesView, about: ExpectedSession) -> Source | None:
    neighbor = view.exchange(about).neighbor
    return neighbor.source if neighbor is not None else None


def _wanted(view: SidesView, about: ExpectedSession) -> frozenset[Prefix]:
    """What the intent says that this session brings."""
    if about.receive is not None:
        return about.receive.required
    return frozenset(prefix for each in view.expected.networks if about.role in each.over for prefix in each.prefixes)


def _from_circuit(
    view: SidesView, about: ExpectedSession, found: list[Finding]
) -> tuple[frozenset[Prefix], str, Source | None]:
    carrier = view.carrier(about)
    table = view.table(carrier)
    own = view.own_address(about)
    announced = frozenset(
        row.prefix
        for row in table.routes
        if row.prefix.version == about.version
        and about.local_as not in row.as_path.sequence
        and not is_from(row, about, own)
    )
    where = f"{carrier.name}'s table ({carrier.path})"
    missing: dict[str, set[Prefix]] = defaultdict(set)
    unsaid: set[Prefix] = set()
    for prefix in _wanted(view, about) - announced:
        gateways = _gateways_of(view, about, prefix)
        silent = [gateway for gateway in gateways if _is_silent(view, gateway, prefix)]
        for gateway in silent:
            missing[gateway].add(prefix)
        if not silent:
            unsaid.add(prefix)
    for gateway, prefixes in sorted(missing.items()):
        sent = view.advertised_to_circuits(gateway)
        found.append(
            view.of_gateway(gateway).finding(
                _RULE,
                f"announcement of {prefix_list(prefixes)} is missing, expected announced to {carrier.name}",
                cause="not-advertised",
                evidence=[*(each.source for each in sent), table.source],
                next_command=show_learned(sent[0]),
            )
        )
    if unsaid or not announced:
        words = f"route {prefix_list(unsaid)} is missing in {where}" if unsaid else f"no route of Azure is in {where}"
        names = sorted({name for prefix in unsaid for name in _gateways_of(view, about, prefix)})
        told = [each for name in names for each in view.advertised_to_circuits(name)]
        found.append(
            subject.of_session(about).finding(
                _RULE,
                f"{words}, expected there, from {some(names) or 'a gateway'}",
                cause="not-in-circuit",
                evidence=[table.source, *(each.source for each in told), _neighbor(view, about)],
                likely=_why_not_in_circuit(view, names),
                next_command=show_circuit(table),
            )
        )
    return announced, where, table.source


def _why_not_in_circuit(view: SidesView, gateways: list[str]) -> str | None:
    """What the gateways say that they announce, None: not one of them was asked. One that is silent has a finding of
    its own."""
    asked = [name for name in gateways if view.advertised_to_circuits(name)]
    if not asked:
        return None
    verb = "announces" if len(asked) == 1 else "announce"
    return f"{some(asked)} {verb} it: the break is between the gateway and the MSEE, in Microsoft's network"


def _gateways_of(view: SidesView, about: ExpectedSession, prefix: Prefix) -> list[str]:
    """The gateways that announce a prefix over this session's circuit or connection."""
    carrier = view.carrier(about)
    serving = {name for each in view.expected.networks if prefix in each.prefixes for name in each.gateways}
    return [name for name in carrier.gateways if name in serving]


def _is_silent(view: SidesView, gateway: str, prefix: Prefix) -> bool:
    """Whether the gateway is known not to announce the prefix to any peer; False where it was not asked."""
    sent = view.advertised_to_circuits(gateway)
    return bool(sent) and not any(row.prefix == prefix for each in sent for row in each.routes)


def _from_vpn_gateway(
    view: SidesView, about: ExpectedSession, found: list[Finding]
) -> tuple[frozenset[Prefix], str, Source | None]:
    carrier = view.carrier(about)
    if not carrier.gateways:
        evidence.undetermined(f"the intent names no gateway of {carrier.name}", "not-collected")
    gateway = carrier.gateways[0]
    sent = view.advertised(gateway, view.own_address(about))
    announced = frozenset(
        row.prefix
        for row in sent.routes
        if row.prefix.version == about.version and about.local_as not in row.as_path.sequence
    )
    missing = _wanted(view, about) - announced
    if missing or not announced:
        words = f"announcement of {prefix_list(missing)} is missing" if missing else "number of announced prefixes is 0"
        found.append(
            subject.of_session(about).finding(
                _RULE,
                f"{words} at {gateway}, expected announced to {about.router}",
                cause="not-advertised",
                evidence=[sent.source, _neighbor(view, about)],
                next_command=show_learned(sent),
            )
        )
    return announced, f"the announcement of {gateway}", sent.source


def _at_router(
    view: SidesView, about: ExpectedSession, announced: frozenset[Prefix], where: str, last: Source | None
) -> Iterator[Finding]:
    """Received, accepted, in the table: each against the hop before."""
    exchange = view.exchange(about)
    accepted = evidence.routes_of(about.vrf, about.neighbor, "accepted", exchange.accepted)
    kept = frozenset(path.prefix for path in accepted.paths)
    received = exchange.received
    got, source = kept, accepted.source
    subject_ = subject.of_session(about)
    if received is not None:
        received = evidence.routes_of(about.vrf, about.neighbor, "received", received)
        got, source = received.prefixes | kept, received.source
    elif about.soft_reconfiguration:
        evidence.undetermined(
            f"the routes received of {about.neighbor} before inbound policy are not known",
            "not-collected",
            accepted.source,
        )
    if lost := announced - got:
        yield subject_.finding(
            _RULE,
            f"route {prefix_list(lost)} is not received, expected as in {where}",
            cause="not-received",
            evidence=[last, source],
            next_command=session.show_neighbor(about),
        )
    if received is not None and (filtered := (announced & received.prefixes) - kept):
        yield subject_.finding(
            _RULE,
            f"route {prefix_list(filtered)} is received and not accepted, expected accepted",
            cause="filtered-inbound",
            evidence=[source, accepted.source],
            next_command=next_command.policy(
                exchange.neighbor.route_map_in if exchange.neighbor else None,
                exchange.neighbor.prefix_list_in if exchange.neighbor else None,
            ),
        )
    if stale := kept - announced:
        yield subject_.finding(
            _RULE,
            f"route {prefix_list(stale)} is accepted from {about.neighbor}, expected none that is not in {where}",
            cause="not-from-azure",
            evidence=[last, accepted.source],
            next_command=session.show_prefix(about.vrf, min(stale, key=order)),
        )
    yield from _in_table(view, about, announced & kept, accepted.source)


def _in_table(view: SidesView, about: ExpectedSession, kept: frozenset[Prefix], source: Source) -> Iterator[Finding]:
    if about.router not in view.site.routers:
        evidence.undetermined(f"router {about.router} of the site was not collected", "not-collected")
    table = view.site.routers[about.router].table
    mine = [path for path in table.paths if not path.is_local and not path.internal and path.prefix in kept]
    from_here = [path for path in mine if _is_of(view, path.next_hop, about)]
    usable = {path.prefix for path in from_here if path.valid}
    invalid = {path.prefix for path in from_here} - usable
    for cause, prefixes, words in (
        ("invalid", invalid, "is not valid in the BGP table"),
        ("not-in-table", kept - usable - invalid, "is missing in the BGP table"),
    ):
        if prefixes:
            yield subject.of_session(about).finding(
                _RULE,
                f"path of {prefix_list(prefixes)} from {about.neighbor} {words}, expected as accepted",
                cause=cause,
                evidence=[source, table.source],
                next_command=session.show_prefix(about.vrf, min(prefixes, key=str)),
            )


def _is_of(view: SidesView, next_hop: object, about: ExpectedSession) -> bool:
    """A path of this neighbor: its own next hop, or one that is no other session's (`next-hop-unchanged`, a link-local
    next hop of IPv6)."""
    others = {each.neighbor for each in view.expected.site.sessions if each.id != about.id}
    return next_hop == about.neighbor or next_hop not in others

"""Judgements about the routes that a neighbor is sent, and those that it sends."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Filters
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedPrefixes, ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpPath, NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedRoutes

    Prefix = IPv4Network | IPv6Network


def announced(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """The declared prefixes are sent and no others; not judged where nothing is declared.

    A leak is traced to the sibling session that brought it. A session that is not Established is reported as that.
    """
    if expected.announce is None:
        return []
    if broken := _broken(expected, observed):
        return broken
    routes = evidence.routes_of(expected.vrf, expected.neighbor, "advertised", observed.advertised)
    about = subject.of_session(expected)
    to = observed.neighbor
    command = next_command.policy(to.route_map_out if to else None, to.prefix_list_out if to else None)
    sent = routes.prefixes
    missing: dict[str, list[Prefix]] = defaultdict(list)
    for prefix in _missing(expected.announce, sent):
        missing[_why_not_sent(prefix, expected, observed, nothing=not sent)].append(prefix)
    found = [
        about.finding(
            "routes.announced",
            f"announcement of {prefix_list(prefixes)} is missing, expected announced",
            cause=cause,
            evidence=[routes.source, observed.config.source if observed.config and cause in _FROM_CONFIG else None],
            next_command=command if cause == "filtered-outbound" else session.show_prefix(expected.vrf, prefixes[0]),
        )
        for cause, prefixes in sorted(missing.items())
    ]
    leaks: dict[tuple[str, str], list[BgpPath]] = defaultdict(list)
    for path in routes.paths:
        if not expected.announce.permits(path.prefix):
            leaks[_origin(path, expected, observed.siblings)].append(path)
    if routes.default_originated and not expected.announce.permits(routes.default_route):
        found.append(
            about.finding(
                "routes.announced",
                f"announcement of {routes.default_route} is there (originated by this router), expected not announced",
                cause="default-route",
                evidence=[routes.source],
                next_command=command,
            )
        )
    for (cause, origin), paths in sorted(leaks.items()):
        found.append(
            about.finding(
                "routes.announced",
                f"announcement of {prefix_list(path.prefix for path in paths)} is there ({origin}), "
                "expected not announced",
                cause=cause,
                evidence=[*(path.source for path in paths[:3]), routes.source],
                likely=_no_filter(observed.neighbor) if cause.startswith("leaked") else None,
                next_command=command,
            )
        )
    return found


def received(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """The declared prefixes are accepted and no others; not judged where nothing is declared.

    Where the routes before policy were read, filtered-inbound is told from not-sent.
    """
    if expected.receive is None:
        return []
    if broken := _broken(expected, observed):
        return broken
    routes = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    before = None
    if observed.received is not None:
        before = evidence.routes_of(expected.vrf, expected.neighbor, "received", observed.received)
    about = subject.of_session(expected)
    by = observed.neighbor
    policy = next_command.policy(by.route_map_in if by else None, by.prefix_list_in if by else None)
    accepted = frozenset(path.prefix for path in routes.paths)
    missing: dict[str, list[Prefix]] = defaultdict(list)
    for prefix in _missing(expected.receive, accepted):
        missing[_why_not_accepted(prefix, observed, before)].append(prefix)
    found = [
        about.finding(
            "routes.received",
            f"route {prefix_list(prefixes)} is missing, expected accepted",
            cause=cause,
            evidence=[routes.source, before.source if before else None],
            next_command=policy if cause == "filtered-inbound" else session.show_neighbor(expected),
        )
        for cause, prefixes in sorted(missing.items())
    ]
    extra: dict[str, list[BgpPath]] = defaultdict(list)
    for path in routes.paths:
        if not expected.receive.permits(path.prefix):
            extra[_kind(path.prefix, expected.receive)].append(path)
    for cause, paths in sorted(extra.items()):
        found.append(
            about.finding(
                "routes.received",
                f"route {prefix_list(path.prefix for path in paths)} is accepted, expected not accepted",
                cause=cause,
                evidence=[*(path.source for path in paths[:3]), routes.source],
                next_command=policy,
            )
        )
    return found


_FROM_CONFIG = frozenset({"not-originated", "filtered-outbound"})


def _broken(expected: ExpectedSession, observed: ObservedRoutes) -> list[Finding]:
    """Findings for a session that can carry no routes."""
    if observed.neighbor is None:
        return session.absent(expected, observed.config)
    return session.not_established(subject.of_session(expected), observed.neighbor)


def _missing(expected: ExpectedPrefixes, present: frozenset[Prefix]) -> list[Prefix]:
    """Required prefixes that are not there, and declared spaces that nothing lies in."""
    return [*(expected.required - present), *expected.unmet_spaces(present | expected.required)]


def _no_filter(neighbor: BgpNeighbor | None) -> str | None:
    """Words for a leak past filters; None (the cause's own words) where there is none."""
    if neighbor is None:
        return None
    bound = Filters(neighbor.route_map_out, neighbor.prefix_list_out, neighbor.filter_list_out).names
    return f"{' and '.join(map(clean, bound))} lets it out, or was bound after the last refresh" if bound else None


def _why_not_sent(prefix: Prefix, expected: ExpectedSession, observed: ObservedRoutes, *, nothing: bool) -> str:
    config, neighbor = observed.config, observed.neighbor
    fallback = "nothing-announced" if nothing else "missing"
    if neighbor is None or not evidence.is_proof(config) or config.bgp is None:
        return fallback
    known = definitions(config)
    if neighbor.route_map_out is not None and neighbor.route_map_out not in known.route_maps:
        return "filtered-outbound"
    outbound = known.prefix_lists.get(neighbor.prefix_list_out) if neighbor.prefix_list_out else None
    if outbound is not None and not outbound.permits(prefix):
        return "filtered-outbound"
    originates = {network for vrf, network in config.bgp.networks if vrf == expected.vrf}
    if prefix not in originates and not _redistributes(expected.vrf, config):
        return "not-originated"
    return fallback


def _redistributes(vrf: str | None, config: RunningConfig) -> bool:
    """Whether something else than `network` may originate routes in this VRF's address family."""
    words = ("redistribute ", "aggregate-address ", "default-information ", "import ", "inject-map ")
    if config.bgp is None:
        return False
    for line in config.bgp.line.children:
        family = line.text.startswith("address-family ")
        if family and (f" vrf {vrf} " in f"{line.text} " if vrf else " vrf " not in line.text):
            if any(child.text.startswith(words) for child in line.children):
                return True
        elif not family and vrf is None and line.text.startswith(words):
            return True
    return False


def _why_not_accepted(prefix: Prefix, observed: ObservedRoutes, before: NeighborRoutes | None) -> str:
    neighbor, config = observed.neighbor, observed.config
    name = neighbor.route_map_in if neighbor else None
    if name is not None and evidence.is_proof(config) and name not in definitions(config).route_maps:
        return "route-map-undefined"
    if before is None:
        return "missing"
    if not before.paths:
        return "nothing-received"
    return "filtered-inbound" if any(lies_in(path.prefix, prefix) for path in before.paths) else "not-sent"


def _kind(prefix: Prefix, expected: ExpectedPrefixes) -> str:
    """What an undeclared prefix is, by its relation to the declared ones."""
    if prefix.prefixlen == 0:
        return "default-route"
    if any(lies_in(prefix, declared) for declared in expected.required):
        return "more-specific"
    return "undeclared"


def _origin(path: BgpPath, expected: ExpectedSession, siblings: Iterable[ExpectedSession]) -> tuple[str, str]:
    """The cause of a leak, and in words where the route comes from."""
    if path.is_local or (not path.as_path.sequence and not path.internal):
        cause = _kind(path.prefix, expected.announce) if expected.announce else "undeclared"
        return cause, "originated by this router"
    as_path = clean(str(path.as_path), 60)
    for other in siblings:
        if other.neighbor == path.next_hop and other.id != expected.id:
            return f"leaked-from-{other.role}", f"learned from {other.neighbor} over {other.path}, AS path {as_path}"
    if path.internal:
        return "leaked-from-internal", f"learned from {path.next_hop}, AS path {as_path}"
    return "leaked-learned", f"learned from {path.next_hop}, AS path {as_path}"

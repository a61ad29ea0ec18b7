"""Judgements about single prefixes with all their paths: what inbound policy makes of them, and their communities.

`show bgp … PREFIX` shows a path twice where inbound policy denied or changed it and the router keeps what it received:
once as `(received-only)`, as the neighbor sent it, and, unless it was denied, once as it is used.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import community_number
from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.text import clean, prefix_list, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import Attribute
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.bgp_detail import BgpPrefix, PrefixPath
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding

    Prefix = IPv4Network | IPv6Network

# Microsoft's regions on ExpressRoute: https://learn.microsoft.com/azure/expressroute/expressroute-routing
_REGIONS: Final = range((12076 << 16) + 50000, (12076 << 16) + 60000)


@dataclass(frozen=True, slots=True)
class ObservedPrefixes:
    """A neighbor and the entries of its declared prefixes; None: the table has no entry of exactly this prefix.

    `received` is what the neighbor sends before policy, None where the router does not keep it. `config` None: not
    known; it then names no cause.
    """

    neighbor: BgpNeighbor
    entries: tuple[tuple[Prefix, BgpPrefix | None], ...]
    received: NeighborRoutes | None = None
    config: RunningConfig | None = None


def inbound(expected: ExpectedSession, observed: ObservedPrefixes) -> list[Finding]:
    """Inbound policy lets each declared prefix in that the neighbor sends, and changes nothing but what it may.

    A declared prefix that the neighbor does not send is `routes.received`'s finding.
    """
    about, neighbor = subject.of_session(expected), observed.neighbor
    if down := session.not_established(about, neighbor):
        return down
    if not neighbor.soft_reconfiguration_inbound:
        return [
            about.finding(
                "policy.inbound",
                "routes before inbound policy are not kept, expected kept",
                cause="not-kept",
                evidence=[neighbor.source],
                next_command=next_command.BGP,
            )
        ]
    received = evidence.routes_of(expected.vrf, expected.neighbor, "received", observed.received)
    sent = {path.prefix: path for path in received.paths}
    denied: dict[str, list[tuple[Prefix, Source]]] = defaultdict(list)
    changed: dict[tuple[str, str, str], list[tuple[Prefix, Source]]] = defaultdict(list)
    for prefix, entry in observed.entries:
        kept, used = _paths(expected, entry)
        if not used and (kept or prefix in sent):
            path = kept[0] if kept else sent[prefix]
            own = expected.local_as in (*path.as_path.sequence, *path.as_path.aggregated)
            denied["own-as" if own else "denied"].append((prefix, path.source))
        elif used and kept:
            for name, was, is_ in _changes(kept[0], used[0]):
                if name not in expected.inbound_changes:
                    changed[name, was, is_].append((prefix, used[0].source))
    found = [
        about.finding(
            "policy.inbound",
            f"route {prefix_list(prefix for prefix, _ in each)} is received and not accepted, expected accepted",
            cause=cause,
            evidence=[*(source for _, source in each[:3]), received.source],
            next_command=next_command.policy(neighbor.route_map_in, neighbor.prefix_list_in),
        )
        for cause, each in sorted(denied.items())
    ]
    return found + [
        about.finding(
            "policy.inbound",
            f"{name} of {prefix_list(prefix for prefix, _ in each)} is {is_} after inbound policy, expected {was} "
            "as received",
            cause=name,
            evidence=[*(source for _, source in each[:3]), neighbor.source],
            next_command=next_command.policy(neighbor.route_map_in),
        )
        for (name, was, is_), each in sorted(changed.items())
    ]


def _paths(expected: ExpectedSession, entry: BgpPrefix | None) -> tuple[list[PrefixPath], list[PrefixPath]]:
    """The neighbor's paths of an entry: as received alone, and as used."""
    own = [path for path in entry.paths if path.learned_from == expected.neighbor] if entry else []
    return [path for path in own if path.received_only], [path for path in own if not path.received_only]


def _words(path: PrefixPath) -> str:
    return clean(some(path.communities)) or "none"


_READERS: Final[Mapping[Attribute, Callable[[PrefixPath], str]]] = {
    "as-path": lambda path: clean(str(path.as_path), 60),
    "communities": _words,
    "local-preference": lambda path: str(path.local_preference),
    "metric": lambda path: str(path.metric or 0),
    "next-hop": lambda path: str(path.next_hop),
    "origin": lambda path: path.origin,
}


def _changes(received: PrefixPath, used: PrefixPath) -> Iterable[tuple[Attribute, str, str]]:
    for name, read in _READERS.items():
        was, is_ = read(received), read(used)
        if was != is_:
            yield name, was, is_


def communities(expected: ExpectedSession, observed: ObservedPrefixes) -> list[Finding]:
    """Each prefix of a network with declared communities carries all of them, as this router accepted it."""
    about, neighbor = subject.of_session(expected), observed.neighbor
    if down := session.not_established(about, neighbor):
        return down
    entries = dict(observed.entries)
    wrong: dict[tuple[str, str, str], list[tuple[Prefix, Source]]] = defaultdict(list)
    for prefix, wanted in expected.carried:
        if prefix not in entries:
            evidence.undetermined(f"the entry of {prefix} was not collected", "not-collected", neighbor.source)
        entry = entries[prefix]
        kept, used = _paths(expected, entry)
        if not used:
            source = entry.source if entry else neighbor.source
            wrong["no-path", "no path", " ".join(wanted)].append((prefix, source))
            continue
        missing = [each for each in wanted if community_number(each) not in _numbers(used[0])]
        if missing:
            cause = _why_missing(used[0], kept, missing)
            wrong[cause, _words(used[0]), " ".join(missing)].append((prefix, used[0].source))
    return [
        about.finding(
            "routes.communities",
            f"communities of {prefix_list(prefix for prefix, _ in each)} are {seen}, expected {missing} among them",
            cause=cause,
            evidence=[*(source for _, source in each[:3]), neighbor.source],
            next_command=next_command.policy(neighbor.route_map_in),
        )
        for (cause, seen, missing), each in sorted(wrong.items())
    ]


def _numbers(path: PrefixPath) -> set[int | None]:
    return {community_number(each) for each in path.communities}


def _why_missing(used: PrefixPath, kept: list[PrefixPath], missing: list[str]) -> str:
    if any(community_number(each) in _numbers(path) for path in kept for each in missing):
        return "removed-inbound"
    if not used.communities:
        return "none"
    wanted = {community_number(each) for each in missing}
    regions = {number for number in _numbers(used) if number is not None and number in _REGIONS}
    return "other-region" if regions and any(number in _REGIONS for number in wanted if number) else "missing"

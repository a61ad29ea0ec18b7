"""Judgements about routing policy: what is bound to a neighbor, what it means, and whether the routes show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.local_preference import DEFAULT, default_of, local_preference
from pytest_azinterop.verify.policy_config import definitions, other_lists
from pytest_azinterop.verify.policy_effect import effect
from pytest_azinterop.verify.policy_model import clause
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.routing import RouteMap
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedPolicy
    from pytest_azinterop.verify.policy_model import Definitions

__all__ = ["bound", "defined", "effect", "local_preference"]

_KINDS = {
    "route_map_in": "inbound route-map",
    "route_map_out": "outbound route-map",
    "prefix_list_in": "inbound prefix-list",
    "prefix_list_out": "outbound prefix-list",
}


def bound(expected: ExpectedSession, observed: ObservedPolicy) -> list[Finding]:
    """The declared names are bound.

    Where no inbound route-map is named and the declared local preference is not the router's default, some inbound
    route-map must be bound to a neighbor in another AS: nothing else gives its routes their preference. Those of an
    internal neighbor bring theirs.
    """
    neighbor = observed.neighbor
    if neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    found = []
    for attribute, words in _KINDS.items():
        wanted, actual = getattr(expected.policy, attribute), getattr(neighbor, attribute)
        if wanted is None or actual == wanted:
            continue
        found.append(
            about.finding(
                "policy.bound",
                f"{words} is {clean(actual) if actual else 'none'}, expected {wanted}",
                cause="other-name" if actual else "not-bound",
                evidence=[neighbor.source],
                next_command="show running-config | section router bgp",
            )
        )
    if (
        expected.local_preference is not None
        and expected.role != "internal"
        and expected.policy.route_map_in is None
        and neighbor.route_map_in is None
        and expected.local_preference != default_of(observed.config)
    ):
        found.append(
            about.finding(
                "policy.bound",
                f"inbound route-map is none, expected one that sets local preference {expected.local_preference}",
                cause="no-inbound-policy",
                evidence=[neighbor.source, session.where_bound(expected, observed.config, "route-map", "in")],
                likely="the default is changed by `bgp default local-preference`"
                if expected.local_preference == DEFAULT
                else None,
                next_command="show running-config | section router bgp",
            )
        )
    return found


def defined(expected: ExpectedSession, observed: ObservedPolicy) -> list[Finding]:
    """Everything that is bound, and every list that a bound route-map matches, is defined on the router."""
    neighbor = observed.neighbor
    if neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    known = definitions(observed.config, observed.route_maps, observed.prefix_lists)
    config = observed.config
    return [
        about.finding(
            "policy.defined",
            f"{words} {clean(name)} is undefined, expected on the router",
            cause=cause,
            evidence=[neighbor.source, session.where_bound(expected, config, name)],
            next_command=command,
        )
        for words, name, cause, command in dict.fromkeys(_undefined(neighbor, known, config))
    ]


_Missing = tuple[str, str, str, str]


def _undefined(neighbor: BgpNeighbor, known: Definitions, config: RunningConfig) -> Iterator[_Missing]:
    for name in (neighbor.route_map_in, neighbor.route_map_out):
        if name is None:
            continue
        route_map = known.route_maps.get(name)
        if route_map is None:
            yield "route-map", name, "route-map-undefined", f"show route-map {clean(name)}"
        else:
            yield from _undefined_in(route_map, known, config, neighbor.address.version)
    for name in (neighbor.prefix_list_in, neighbor.prefix_list_out):
        if name is not None and name not in known.prefix_lists:
            yield "prefix-list", name, "prefix-list-undefined", session.show_list(name, neighbor.address.version)
    for name in (neighbor.filter_list_in, neighbor.filter_list_out):
        if name is not None:
            yield from _undefined_list("as-path", name, config)


def _undefined_in(route_map: RouteMap, known: Definitions, config: RunningConfig, version: int) -> Iterator[_Missing]:
    """Lists of the neighbor's own address family; those of the other one are judged where they are used."""
    for entry in route_map.entries:
        for text in entry.matches:
            read = clause(text)
            if read.version not in (None, version):
                continue
            if read.kind.endswith("prefix-list"):
                for name in read.values:
                    if name not in known.prefix_lists:
                        words = f"prefix-list (matched by route-map {clean(route_map.name)})"
                        yield words, name, "prefix-list-undefined", session.show_list(name, version)
            elif read.kind in ("as-path", "access-list", "community"):
                for name in read.values:
                    if name != "exact-match":
                        yield from _undefined_list(read.kind, name, config)


def _undefined_list(kind: str, name: str, config: RunningConfig) -> Iterator[_Missing]:
    """Lists that only the configuration shows; raises UndeterminedError where it is not whole and lacks the name."""
    if name in other_lists(config, kind):
        return
    evidence.whole(config, f"whether {kind} {clean(name)} is defined")
    words = kind if kind.endswith("list") else f"{kind} list"
    yield words, name, "list-undefined", f"show running-config | include {clean(name)}"

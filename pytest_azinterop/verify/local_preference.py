"""The local preference of the paths that a neighbor brought, and what explains another one than declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.verify import evidence, session, subject
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Definitions, Verdict, apply_route_map, setting
from pytest_azinterop.verify.text import clean, prefix_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.bgp import BgpNeighbor, BgpPath
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.observed import ObservedPolicy, ObservedRoutes

# RFC 4271 leaves the value to the operator; IOS-XE uses 100 (`bgp default local-preference`, Cisco BGP command
# reference).
DEFAULT: Final = 100


def default_of(config: RunningConfig | None) -> int:
    """The router's default, read from a whole configuration; raises UndeterminedError where it is not whole."""
    known = evidence.whole(config, "the default local preference")
    bgp = known.bgp
    if bgp is None:
        evidence.undetermined("the configuration has no `router bgp`", "not-understood", known.source)
    return DEFAULT if bgp.default_local_preference is None else bgp.default_local_preference


def local_preference(expected: ExpectedSession, observed: ObservedRoutes | ObservedPolicy) -> list[Finding]:
    """Every accepted path carries the declared value; a blank column is the router's default.

    Not judged for a session without a declared value. A finding per value that is wrong, with the paths that carry it.
    """
    if expected.local_preference is None:
        return []
    neighbor = observed.neighbor
    if neighbor is None:
        return session.absent(expected, observed.config)
    about = subject.of_session(expected)
    if down := session.not_established(about, neighbor):
        return down
    accepted = evidence.routes_of(expected.vrf, expected.neighbor, "accepted", observed.accepted)
    if not accepted.paths:
        cause = "route-map-undefined" if _undefined(neighbor.route_map_in, observed.config) else "no-routes"
        return [
            about.finding(
                "policy.local-preference",
                f"number of accepted paths is 0, expected paths with local preference {expected.local_preference}",
                cause=cause,
                evidence=[
                    accepted.source,
                    session.where_bound(expected, observed.config, "route-map", "in")
                    if observed.config and cause == "route-map-undefined"
                    else None,
                ],
                next_command=session.show_neighbor(expected),
            )
        ]
    blank_means = (
        default_of(observed.config) if any(path.local_preference is None for path in accepted.paths) else DEFAULT
    )
    wrong: dict[tuple[int, bool], list[BgpPath]] = {}
    for path in accepted.paths:
        blank = path.local_preference is None
        value = blank_means if path.local_preference is None else path.local_preference
        if value != expected.local_preference:
            wrong.setdefault((value, blank), []).append(path)
    found = []
    for (value, blank), paths in sorted(wrong.items()):
        cause = _cause(expected, neighbor, observed, paths, by_default=blank)
        printed = f"{value} (the router's default)" if blank else str(value)
        name = neighbor.route_map_in
        found.append(
            about.finding(
                "policy.local-preference",
                f"local preference of {prefix_list(path.prefix for path in paths)} is {printed}, "
                f"expected {expected.local_preference}",
                cause=cause,
                evidence=[
                    *(path.source for path in paths[:3]),
                    accepted.source,
                    _policy_source(expected, name, observed.config) if blank or cause != "wrong-preference" else None,
                ],
                next_command=f"show route-map {clean(name)}" if name else "show running-config | section router bgp",
            )
        )
    return found


def _policy_source(expected: ExpectedSession, name: str | None, config: RunningConfig | None) -> Source | None:
    """Where the bound route-map is defined, or else where the neighbor has it, or has none."""
    if config is None:
        return None
    bound = definitions(config).route_maps.get(name) if name is not None else None
    return bound.source if bound is not None else session.where_bound(expected, config, "route-map", "in")


def _undefined(name: str | None, config: RunningConfig | None) -> bool:
    """Whether a bound route-map is proven to be undefined."""
    return name is not None and evidence.is_proof(config) and name not in definitions(config).route_maps


def _cause(
    expected: ExpectedSession,
    neighbor: BgpNeighbor,
    observed: ObservedRoutes | ObservedPolicy,
    paths: Sequence[BgpPath],
    *,
    by_default: bool,
) -> str:
    config, name = observed.config, neighbor.route_map_in
    if name is None:
        # With nothing bound only a changed default explains why a value of 100 is not met.
        changed = (
            config is not None and config.bgp is not None and config.bgp.default_local_preference not in (None, DEFAULT)
        )
        if changed and (by_default or not neighbor.external) and expected.local_preference == DEFAULT:
            return "default-changed"
        if by_default:
            return "route-map-missing"
        # Without a policy eBGP routes have the default, so a printed value is left from a policy that was removed.
        stale = neighbor.external and evidence.is_proof(config) and expected.local_preference == default_of(config)
        return "route-map-not-applied-since-refresh" if stale else "wrong-preference"
    if not evidence.is_proof(config):
        return "wrong-preference"
    known = definitions(config)
    if name not in known.route_maps:
        return "route-map-undefined"
    return _cause_in_route_map(name, known, expected, config, paths, _received(observed))


def _received(observed: ObservedRoutes | ObservedPolicy) -> dict[IPv4Network | IPv6Network, BgpPath]:
    return {path.prefix: path for path in observed.received.paths} if observed.received else {}


def _cause_in_route_map(
    name: str,
    known: Definitions,
    expected: ExpectedSession,
    config: RunningConfig,
    paths: Sequence[BgpPath],
    received: dict[IPv4Network | IPv6Network, BgpPath],
) -> str:
    """What the configured route-map would do with the wrong paths (before policy, where that was read)."""
    default = config.bgp.default_local_preference if config.bgp else None
    effective_default = DEFAULT if default is None else default
    effects = [apply_route_map(name, received.get(path.prefix, path), known) for path in paths]
    if any(effect.verdict is Verdict.OPEN for effect in effects):
        return "wrong-preference"
    would = [
        None
        if effect.verdict is Verdict.DENY
        else effective_default
        if effect.local_preference is None
        else effect.local_preference
        for effect in effects
    ]
    if all(value == expected.local_preference for value in would):
        return "route-map-not-applied-since-refresh"
    if None in would:
        return "wrong-preference"
    sets = [setting(entry, "local-preference") for entry in known.route_maps[name].entries]
    if all(effect.local_preference is None for effect in effects):
        if expected.local_preference in sets:
            return "match-clause-partial"
        if effective_default != DEFAULT and expected.local_preference == DEFAULT:
            return "default-changed"
        return "not-set"
    return "wrong-value"

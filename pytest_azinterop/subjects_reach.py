"""What a check can ask of the data plane, and of the link below a session.

Each kind of probe is a subject of its own: the costly ones are only sent where their checks are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.arp import ObservedArp
from pytest_azinterop.verify.neighbor_discovery import ObservedNeighborDiscovery
from pytest_azinterop.verify.reach import (
    LONGEST_PATH,
    PROBES,
    ObservedReach,
    ObservedRoute,
    ObservedSizes,
    ObservedTrace,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession
    from pytest_azinterop.intent.reachability import ExpectedReach
    from pytest_azinterop.state.probe import PingResult


def _ping(expected: ExpectedReach, size: int | None = None, probes: int = PROBES) -> Fact:
    return Fact.of(
        expected.router,
        "ping",
        vrf=expected.vrf,
        address=str(expected.target),
        source=expected.source,
        repeat=str(probes),
        size=None if size is None else str(size),
        timeout=fact.PROBE_TIMEOUT,
    )


def _trace(expected: ExpectedReach) -> Fact:
    return Fact.of(
        expected.router,
        "traceroute",
        vrf=expected.vrf,
        address=str(expected.target),
        source=expected.source,
        timeout=fact.PROBE_TIMEOUT,
        probes="1",
        ttl=str(LONGEST_PATH),
    )


def _table(expected: ExpectedReach) -> Fact:
    return fact.rib(expected.router, expected.vrf, expected.target.version)


def _ping_needs(expected: ExpectedReach) -> tuple[Need, ...]:
    return (_ping(expected),)


def _reach(expected: ExpectedReach, facts: Facts, _: Expectations) -> ObservedReach:
    return _with_routing(expected, facts, fact.the_one(facts, _ping(expected)))


def _with_routing(expected: ExpectedReach, facts: Facts, ping: PingResult) -> ObservedReach:
    return ObservedReach(
        ping,
        rib=next(iter(fact.known(facts, _table(expected)) or ()), None),
        interfaces=fact.known(facts, fact.interfaces(expected.router)),
    )


def _routing_helps(expected: ExpectedReach) -> tuple[Need, ...]:
    return _table(expected), fact.interfaces(expected.router)


def _no_helps(_: ExpectedReach) -> tuple[Need, ...]:
    return ()


def _route_needs(expected: ExpectedReach) -> tuple[Need, ...]:
    return (_table(expected),)


def _route(expected: ExpectedReach, facts: Facts, _: Expectations) -> ObservedRoute:
    return ObservedRoute(fact.the_one(facts, _table(expected)))


def _many(expected: ExpectedReach) -> Fact:
    return _ping(expected, probes=expected.loss_probes)


def _loss_needs(expected: ExpectedReach) -> tuple[Need, ...]:
    return (_many(expected),)


def _loss(expected: ExpectedReach, facts: Facts, _: Expectations) -> ObservedReach:
    return ObservedReach(fact.the_one(facts, _many(expected)))


def _trace_needs(expected: ExpectedReach) -> tuple[Need, ...]:
    return (_trace(expected),)


def _traced(expected: ExpectedReach, facts: Facts, _: Expectations) -> ObservedTrace:
    return ObservedTrace(fact.the_one(facts, _trace(expected)))


def _size_needs(expected: ExpectedReach) -> tuple[Need, ...]:
    return tuple(_ping(expected, size) for size in expected.sizes)


def _sizes(expected: ExpectedReach, facts: Facts, _: Expectations) -> ObservedSizes:
    small = next(iter(fact.known(facts, _ping(expected)) or ()), None)
    return ObservedSizes(
        tuple((size, fact.the_one(facts, _ping(expected, size))) for size in expected.sizes),
        None if small is None else _with_routing(expected, facts, small),
    )


def _size_helps(expected: ExpectedReach) -> tuple[Need, ...]:
    return _ping(expected), *_routing_helps(expected)


def _arp_of(session: ExpectedSession) -> Fact:
    return Fact.of(session.router, "arp", vrf=session.vrf)


def arp_needs(session: ExpectedSession) -> tuple[Need, ...]:
    """The ARP table of the session's VRF."""
    return (_arp_of(session),)


def arp(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedArp:
    """The neighbor's row in it. Raises UndeterminedError."""
    entries = facts.records(_arp_of(session))
    found = next((entry for entry in entries if entry.address == session.neighbor), None)
    return ObservedArp(found, tuple(entry.source for entry in entries[:1]))


def discovery_needs(session: ExpectedSession) -> tuple[Need, ...]:
    """The neighbor cache of the session's VRF."""
    return (fact.ipv6_neighbors(session),)


def discovery(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedNeighborDiscovery:
    """The neighbor's rows in it. Raises UndeterminedError."""
    wanted = fact.ipv6_neighbors(session)
    found = tuple(entry for entry in facts.records(wanted) if entry.address == session.neighbor)
    return ObservedNeighborDiscovery(found, (facts.origin(wanted),))


def _links(version: int) -> Callable[[Expectations], Sequence[ExpectedSession]]:
    """Sessions to a MSEE: those over IPv4 have a neighbor that answers ARP, those over IPv6 neighbor discovery."""
    roles = ("expressroute", "microsoft")
    return lambda everything: tuple(
        each for each in everything.sessions if each.role in roles and each.version == version
    )


def _those(wanted: Callable[[ExpectedReach], bool]) -> Callable[[Expectations], Sequence[ExpectedReach]]:
    return lambda everything: tuple(each for each in everything.reaches if wanted(each))


_REACH = tuple(
    SubjectKind(name, plural, _those(wanted), needs, observe, helps)
    for name, plural, wanted, needs, observe, helps in (
        (
            "reachable_target",
            "targets that must be reached",
            lambda each: each.reachable,
            _ping_needs,
            _reach,
            _routing_helps,
        ),
        (
            "timed_target",
            "targets with a declared round-trip time",
            lambda each: bool(each.rtt_ms),
            _ping_needs,
            _reach,
            _routing_helps,
        ),
        (
            "forbidden_target",
            "targets that must not be reached",
            lambda each: not each.reachable,
            _route_needs,
            _route,
            _no_helps,
        ),
        (
            "forbidden_probe",
            "targets that must not be reached",
            lambda each: not each.reachable,
            _ping_needs,
            _reach,
            _no_helps,
        ),
        (
            "traced_target",
            "targets with a declared path",
            lambda each: bool(each.through or each.avoids),
            _trace_needs,
            _traced,
            _no_helps,
        ),
        (
            "counted_target",
            "targets with a bound of loss",
            lambda each: each.loss_percent is not None,
            _loss_needs,
            _loss,
            _no_helps,
        ),
        ("sized_target", "targets with packet sizes", lambda each: bool(each.sizes), _size_needs, _sizes, _size_helps),
    )
)
KINDS: Final = (
    SubjectKind("msee", "ExpressRoute paths", _links(4), arp_needs, arp),
    SubjectKind("msee_ipv6", "ExpressRoute paths with IPv6", _links(6), discovery_needs, discovery),
    *_REACH,
)

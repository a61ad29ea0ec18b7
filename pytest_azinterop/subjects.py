"""What a check can ask about: which facts each subject needs, and how its observed side is put together from them.

Pure: nothing is collected here. `needs` and `observe` of a subject name the same facts; a fact that `observe` reads and
`needs` does not name would never have been collected.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from pytest_azinterop import subject_facts as fact
from pytest_azinterop import (
    subjects_azure,
    subjects_bfd,
    subjects_lint,
    subjects_operations,
    subjects_prefix,
    subjects_reach,
    subjects_sides,
    subjects_site,
    subjects_upkeep,
    subjects_vpn,
)
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedSite, ExpectedTunnel, vrf_label
from pytest_azinterop.intent.router_scope import ExpectedConfiguration
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.microsoft_routes import ObservedMicrosoftRoutes
from pytest_azinterop.verify.observed import (
    ObservedDevice,
    ObservedFarEnd,
    ObservedInterface,
    ObservedInterfaceIpv6,
    ObservedPolicy,
    ObservedRoutes,
    ObservedSession,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import (
        Expectations,
        ExpectedDevice,
        ExpectedInterface,
        ExpectedSession,
    )
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.device import ClockReading

# Device and interface -----------------------------------------------------------------------------------------------


def _device_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return fact.version(device.router), fact.clock(device.router)


def _device(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedDevice:
    clock: ClockReading = fact.the_one(facts, fact.clock(device.router))
    config = fact.known_configuration(device.router, facts)  # where other checks have it collected: it decides nothing
    return ObservedDevice(fact.the_one(facts, fact.version(device.router)), clock, clock_offset(clock), config)


def clock_offset(clock: ClockReading) -> timedelta | None:
    """The router's clock minus the collecting machine's at the time of the answer; None where the zone is not UTC."""
    if clock.time.tzinfo is None:
        return None
    return clock.time - clock.source.asked_at.astimezone(UTC)


def _interface_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return fact.interfaces(interface.router), fact.vrfs(interface.router)


def _interface(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedInterface:
    vrfs = facts.records(fact.vrfs(interface.router))
    interfaces = facts.records(fact.interfaces(interface.router))
    return ObservedInterface(
        fact.interface_named(interfaces, interface.name),
        next((vrf for vrf in vrfs if interface.name in vrf.interfaces), None),
        fact.interface_named(interfaces, interface.name.partition(".")[0]),
    )


def _has_ipv6(everything: Expectations) -> tuple[ExpectedInterface, ...]:
    return tuple(each for each in everything.interfaces if each.ipv6 is not None)


def _interface_ipv6_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return (fact.rib(interface.router, interface.vrf, 6),)


def _interface_ipv6(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedInterfaceIpv6:
    return ObservedInterfaceIpv6(fact.the_one(facts, fact.rib(interface.router, interface.vrf, 6)))


# BGP ----------------------------------------------------------------------------------------------------------------


def _session_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (fact.neighbors_of(session),)


def _session(session: ExpectedSession, facts: Facts, everything: Expectations) -> ObservedSession:
    neighbor = _neighbor(session, facts)
    if neighbor is not None:
        ports = fact.known(facts, fact.interfaces(session.router)) or ()
        port = fact.interface_named(ports, session.interface or "")
        config = fact.known_configuration(session.router, facts)
        tables = fact.known(facts, fact.rib(session.router, session.vrf, session.version)) or ()
        rib = tables[0] if len(tables) == 1 else None
        return ObservedSession(neighbor, (), config, port, _far_end(session, facts, everything), rib)
    others = tuple(_elsewhere(session, facts, everything))
    return ObservedSession(None, others, fact.known_configuration(session.router, facts))


def _far_end(session: ExpectedSession, facts: Facts, everything: Expectations) -> ObservedFarEnd | None:
    """The session as the router at the other end has it; None where the intent has none there, or it was not read."""
    there = next(
        (
            other
            for other in everything.sessions
            if session.local_address is not None
            and other.vrf == session.vrf
            and (other.neighbor, other.local_address) == (session.local_address, session.neighbor)
        ),
        None,
    )
    if there is None:
        return None
    wanted = fact.neighbors_of(there)
    known, answer = fact.known(facts, wanted), fact.known_origin(facts, wanted)
    if known is None or answer is None:
        return None
    found = next((each for each in known if each.address == there.neighbor), None)
    return ObservedFarEnd(there.router, found, answer)


def _neighbor(session: ExpectedSession, facts: Facts) -> BgpNeighbor | None:
    records = facts.records(fact.neighbors_of(session))
    return next((found for found in records if found.address == session.neighbor), None)


def _elsewhere(session: ExpectedSession, facts: Facts, everything: Expectations) -> Iterator[BgpNeighbor]:
    """The same address in other VRFs, as far as they were collected for other items anyway.

    It helps to name the cause of a missing neighbor and decides nothing, so what is not there is left out.
    """
    others = dict.fromkeys(
        other.vrf for other in everything.sessions if other.router == session.router and other.vrf != session.vrf
    )
    for vrf in others:
        try:
            found = facts.records(fact.bgp_neighbors(session.router, vrf, session.version))
        except UndeterminedError:
            continue
        yield from (neighbor for neighbor in found if neighbor.address == session.neighbor)


def _learned_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        *_session_needs(session),
        fact.neighbor_routes(session, "accepted"),
        fact.privilege(session.router),
        fact.running_config(session.router),
    )


def _learned(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedRoutes:
    return ObservedRoutes(
        neighbor=_neighbor(session, facts),
        config=fact.configuration(session.router, facts),
        accepted=fact.routes_of(session, facts, "accepted"),
    )


def _session_helps(session: ExpectedSession) -> tuple[Need, ...]:
    return fact.running_config(session.router), fact.interfaces(session.router)


def _configuration_helps(session: ExpectedSession) -> tuple[Need, ...]:
    return (fact.running_config(session.router),)


def _announcement_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        *_session_needs(session),
        fact.neighbor_routes(session, "advertised"),
    )


def _announcement(session: ExpectedSession, facts: Facts, everything: Expectations) -> ObservedRoutes:
    return ObservedRoutes(
        neighbor=_neighbor(session, facts),
        config=fact.known_configuration(session.router, facts),
        advertised=fact.routes_of(session, facts, "advertised"),
        siblings=tuple(
            other
            for other in everything.sessions
            if other.vrf == session.vrf
            and (other.router, other.version) == (session.router, session.version)
            and other.id != session.id
        ),
    )


def _reception_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (*_session_needs(session), fact.neighbor_routes(session, "accepted"), *_received_needs(session))


def _reception(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedRoutes:
    neighbor = _neighbor(session, facts)
    return ObservedRoutes(
        neighbor=neighbor,
        config=fact.known_configuration(session.router, facts),
        accepted=fact.routes_of(session, facts, "accepted"),
        received=_received(session, facts, neighbor),
        cache=None if session.version == 4 else fact.known(facts, fact.ipv6_neighbors(session)),
    )


def _reception_helps(session: ExpectedSession) -> tuple[Need, ...]:
    cache = () if session.version == 4 else (fact.ipv6_neighbors(session),)
    return *_configuration_helps(session), *cache


def _microsoft(everything: Expectations) -> tuple[ExpectedSession, ...]:
    return tuple(each for each in everything.sessions if each.role == "microsoft" and each.receive is not None)


def _microsoft_needs(session: ExpectedSession) -> tuple[Need, ...]:
    table = fact.rib(session.router, session.vrf, session.version)
    return (*_session_needs(session), fact.neighbor_routes(session, "accepted"), table)


def _microsoft_routes(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedMicrosoftRoutes:
    rib = fact.the_one(facts, fact.rib(session.router, session.vrf, session.version))
    return ObservedMicrosoftRoutes(_neighbor(session, facts), fact.routes_of(session, facts, "accepted"), rib)


def _policy_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        *_learned_needs(session),
        *_received_needs(session),
        fact.neighbor_routes(session, "advertised"),
        fact.route_maps(session.router),
        fact.prefix_lists(session.router, session.version),
    )


def _policy(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedPolicy:
    neighbor = _neighbor(session, facts)
    return ObservedPolicy(
        neighbor=neighbor,
        config=fact.configuration(session.router, facts),
        route_maps=tuple(facts.records(fact.route_maps(session.router))),
        prefix_lists=tuple(facts.records(fact.prefix_lists(session.router, session.version))),
        accepted=fact.routes_of(session, facts, "accepted"),
        received=_received(session, facts, neighbor),
        advertised=fact.routes_of(session, facts, "advertised"),
    )


def _received_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (fact.neighbor_routes(session, "received"),) if session.soft_reconfiguration else ()


def _received(session: ExpectedSession, facts: Facts, neighbor: BgpNeighbor | None) -> NeighborRoutes | None:
    """The routes before inbound policy.

    None where the intent does not expect soft reconfiguration, or where the neighbor's own answer shows that it is off:
    then the router keeps no such routes, which is a finding of `bgp.soft-reconfiguration` and of nothing else.
    """
    if not session.soft_reconfiguration or (neighbor is not None and not neighbor.soft_reconfiguration_inbound):
        return None
    return fact.routes_of(session, facts, "received")


# All of them --------------------------------------------------------------------------------------------------------


def _to_azure(everything: Expectations) -> tuple[ExpectedSession, ...]:
    return tuple(session for session in everything.sessions if session.role != "internal")


SUBJECTS: dict[str, SubjectKind] = {
    kind.name: kind
    for kind in (
        SubjectKind("device", "routers", lambda all_: all_.devices, _device_needs, _device),
        SubjectKind("interface", "interfaces", lambda all_: all_.interfaces, _interface_needs, _interface),
        SubjectKind(
            "interface_ipv6",
            "interfaces with a declared IPv6 address",
            _has_ipv6,
            _interface_ipv6_needs,
            _interface_ipv6,
        ),
        SubjectKind(
            "bgp_session", "BGP sessions", lambda all_: all_.sessions, _session_needs, _session, _session_helps
        ),
        SubjectKind("learned_routes", "BGP sessions to Azure", _to_azure, _learned_needs, _learned),
        SubjectKind("routing_policy", "BGP sessions to Azure", _to_azure, _policy_needs, _policy),
        SubjectKind(
            "announcement",
            "sessions that prefixes are announced to",
            lambda all_: tuple(session for session in all_.sessions if session.announce is not None),
            _announcement_needs,
            _announcement,
            _configuration_helps,
        ),
        SubjectKind(
            "reception",
            "sessions that prefixes are received from",
            lambda all_: tuple(session for session in all_.sessions if session.receive is not None),
            _reception_needs,
            _reception,
            _reception_helps,
        ),
        SubjectKind(
            "microsoft_routes", "sessions of Microsoft peering", _microsoft, _microsoft_needs, _microsoft_routes
        ),
        SubjectKind(
            "site_routes",
            "customer sites",
            lambda all_: all_.sites,
            subjects_site.needs,
            subjects_site.observe,
            subjects_site.helps,
        ),
        SubjectKind(
            "site_backup",
            "customer sites",
            lambda all_: all_.sites,
            subjects_site.backup_needs,
            subjects_site.observe_backup,
            subjects_site.helps,
        ),
        SubjectKind(
            "site_configuration",
            "customer sites",
            lambda all_: all_.sites,
            subjects_site.configuration_needs,
            subjects_site.observe_with_configuration,
        ),
        *subjects_bfd.KINDS,
        *subjects_prefix.KINDS,
        *subjects_vpn.KINDS,
        *subjects_reach.KINDS,
        *subjects_upkeep.KINDS,
        *subjects_operations.KINDS,
        *subjects_lint.KINDS,
        *subjects_azure.KINDS,
        *subjects_sides.KINDS,
    )
}
# Subjects that hang on a BGP session: a router that does not have the neighbor refuses to show its routes.
NEEDS_NEIGHBOR = subjects_prefix.NEED_NEIGHBOR | {
    *("learned_routes", "routing_policy", "announcement", "reception", "bfd_session"),
    "microsoft_routes",
}


def has_neighbor(session: ExpectedSession, facts: Facts) -> bool:
    """Whether the router has the session's neighbor in its VRF. Raises UndeterminedError."""
    return _neighbor(session, facts) is not None


def objects(expected: Any) -> frozenset[str]:  # noqa: ANN401 (any expectation)
    """The objects that findings about an expectation name: its own id, and those of its parts."""
    own = {expected.id}
    if isinstance(expected, ExpectedSite):
        own |= {f"{expected.id}/{router}" for router in expected.routers}
        own |= {session.id for session in expected.sessions}
    elif isinstance(expected, ExpectedConfiguration):
        own.add(f"{expected.router}/*")
    elif isinstance(expected, ExpectedTunnel):
        own.add(f"{expected.router}/{vrf_label(expected.inner_vrf)}/{expected.neighbor}")
    return frozenset(own)

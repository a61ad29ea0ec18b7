"""What a check can ask about: which facts each subject needs, and how its observed side is put together from them.

Pure: nothing is collected here. `needs` and `observe` of a subject name the same facts; a fact that `observe` reads and
`needs` does not name would never have been collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedSite, ExpectedTunnel, vrf_label
from pytest_azinterop.verify.observed import (
    ObservedDevice,
    ObservedInterface,
    ObservedPolicy,
    ObservedRoutes,
    ObservedSession,
    ObservedSite,
    ObservedSiteRouter,
    ObservedTunnel,
    ObservedUnderlay,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.expectations import (
        Expectations,
        ExpectedDevice,
        ExpectedInterface,
        ExpectedSession,
    )
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.device import ClockReading, Interface
    from pytest_azinterop.state.probe import PingResult

PROBE_TIMEOUT = "1"  # seconds that a router waits for each reply


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """One subject fixture.

    `select` yields its expectations in the order of the intent, `needs` the facts of one of them, `observe` its
    observed bundle (raises UndeterminedError). `plural` is how the terminal calls them.
    """

    name: str
    plural: str
    select: Callable[[Expectations], Sequence[Any]]
    needs: Callable[[Any], tuple[Need, ...]]
    observe: Callable[[Any, Facts, Expectations], Any]


def the_one(facts: Facts, fact: Fact) -> Any:  # noqa: ANN401 (the record type follows from the fact's kind)
    """The single record of a fact. Raises UndeterminedError where there is not exactly one."""
    records = facts.records(fact)
    if len(records) != 1:
        raise UndeterminedError(
            f"{fact.host}: {fact.kind}: {len(records)} records where one is expected",
            cause="not-understood",
            host=fact.host,
        )
    return records[0]


# Facts, by the words of the command catalogue -----------------------------------------------------------------------


def _version(router: str) -> Fact:
    return Fact.of(router, "version")


def _clock(router: str) -> Fact:
    return Fact.of(router, "clock")


def _interfaces(router: str) -> Fact:
    return Fact.of(router, "interfaces")


def _vrfs(router: str) -> Fact:
    return Fact.of(router, "vrfs")


def _config(router: str) -> Fact:
    return Fact.of(router, "running_config")


def _privilege(router: str) -> Fact:
    return Fact.of(router, "privilege")


def configuration(router: str, facts: Facts) -> RunningConfig:
    """The configuration, and the account's privilege with it: without that, an absent line means nothing."""
    the_one(facts, _privilege(router))
    found: RunningConfig = the_one(facts, _config(router))
    return found


def _route_maps(router: str) -> Fact:
    return Fact.of(router, "route_map")


def _prefix_lists(router: str) -> Fact:
    return Fact.of(router, "prefix_list")


def _neighbors(router: str, vrf: str | None) -> Fact:
    return Fact.of(router, "bgp_neighbors", vrf=vrf)


def _routes(session: ExpectedSession, view: str) -> Fact:
    return Fact.of(session.router, f"{view}_routes", vrf=session.vrf, address=str(session.neighbor))


def _forwarding(tunnel: ExpectedTunnel) -> Fact:
    return Fact.of(tunnel.router, "forwarding", vrf=tunnel.inner_vrf, address=str(tunnel.neighbor))


def _probe(tunnel: ExpectedTunnel) -> Fact:
    return Fact.of(
        tunnel.router,
        "ping",
        vrf=tunnel.inner_vrf,
        address=str(tunnel.neighbor),
        source=tunnel.name,
        repeat=str(tunnel.sampling.probes),
        timeout=PROBE_TIMEOUT,
    )


def _ipsec(tunnel: ExpectedTunnel) -> Sampled:
    return Sampled(
        Fact.of(tunnel.router, "ipsec_sas", interface=tunnel.name),
        probe=_probe(tunnel) if tunnel.sampling.probe else None,
        interval=tunnel.sampling.interval,
    )


# Device and interface -----------------------------------------------------------------------------------------------


def _device_needs(device: ExpectedDevice) -> tuple[Need, ...]:
    return _version(device.router), _clock(device.router)


def _device(device: ExpectedDevice, facts: Facts, _: Expectations) -> ObservedDevice:
    clock: ClockReading = the_one(facts, _clock(device.router))
    return ObservedDevice(the_one(facts, _version(device.router)), clock, clock_offset(clock))


def clock_offset(clock: ClockReading) -> timedelta | None:
    """The router's clock minus the collecting machine's at the time of the answer; None where the zone is not UTC."""
    if clock.time.tzinfo is None:
        return None
    return clock.time - clock.source.asked_at.astimezone(UTC)


def _interface_needs(interface: ExpectedInterface) -> tuple[Need, ...]:
    return _interfaces(interface.router), _vrfs(interface.router)


def _interface(interface: ExpectedInterface, facts: Facts, _: Expectations) -> ObservedInterface:
    vrfs = facts.records(_vrfs(interface.router))
    return ObservedInterface(
        _interface_named(facts, interface.router, interface.name),
        next((vrf for vrf in vrfs if interface.name in vrf.interfaces), None),
    )


def _interface_named(facts: Facts, router: str, name: str) -> Interface | None:
    return next((found for found in facts.records(_interfaces(router)) if found.name == name), None)


# BGP ----------------------------------------------------------------------------------------------------------------


def _session_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (_neighbors(session.router, session.vrf),)


def _session(session: ExpectedSession, facts: Facts, everything: Expectations) -> ObservedSession:
    neighbor = _neighbor(session, facts)
    return ObservedSession(neighbor, () if neighbor else tuple(_elsewhere(session, facts, everything)))


def _neighbor(session: ExpectedSession, facts: Facts) -> BgpNeighbor | None:
    records = facts.records(_neighbors(session.router, session.vrf))
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
            found = facts.records(_neighbors(session.router, vrf))
        except UndeterminedError:
            continue
        yield from (neighbor for neighbor in found if neighbor.address == session.neighbor)


def _learned_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (*_session_needs(session), _routes(session, "accepted"), _privilege(session.router), _config(session.router))


def _learned(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedRoutes:
    return ObservedRoutes(
        neighbor=_neighbor(session, facts),
        config=configuration(session.router, facts),
        accepted=_routes_of(session, facts, "accepted"),
    )


def _announcement_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        *_session_needs(session),
        _routes(session, "advertised"),
        _privilege(session.router),
        _config(session.router),
    )


def _announcement(session: ExpectedSession, facts: Facts, everything: Expectations) -> ObservedRoutes:
    return ObservedRoutes(
        neighbor=_neighbor(session, facts),
        config=configuration(session.router, facts),
        advertised=_routes_of(session, facts, "advertised"),
        siblings=tuple(
            other
            for other in everything.sessions
            if (other.router, other.vrf) == (session.router, session.vrf) and other.id != session.id
        ),
    )


def _reception_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (*_learned_needs(session), *_received_needs(session))


def _reception(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedRoutes:
    neighbor = _neighbor(session, facts)
    return ObservedRoutes(
        neighbor=neighbor,
        config=configuration(session.router, facts),
        accepted=_routes_of(session, facts, "accepted"),
        received=_received(session, facts, neighbor),
    )


def _policy_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (
        *_reception_needs(session),
        _routes(session, "advertised"),
        _route_maps(session.router),
        _prefix_lists(session.router),
    )


def _policy(session: ExpectedSession, facts: Facts, _: Expectations) -> ObservedPolicy:
    neighbor = _neighbor(session, facts)
    return ObservedPolicy(
        neighbor=neighbor,
        config=configuration(session.router, facts),
        route_maps=tuple(facts.records(_route_maps(session.router))),
        prefix_lists=tuple(facts.records(_prefix_lists(session.router))),
        accepted=_routes_of(session, facts, "accepted"),
        received=_received(session, facts, neighbor),
        advertised=_routes_of(session, facts, "advertised"),
    )


def _routes_of(session: ExpectedSession, facts: Facts, view: str) -> NeighborRoutes:
    found: NeighborRoutes = the_one(facts, _routes(session, view))
    return found


def _received_needs(session: ExpectedSession) -> tuple[Need, ...]:
    return (_routes(session, "received"),) if session.soft_reconfiguration else ()


def _received(session: ExpectedSession, facts: Facts, neighbor: BgpNeighbor | None) -> NeighborRoutes | None:
    """The routes before inbound policy.

    None where the intent does not expect soft reconfiguration, or where the neighbor's own answer shows that it is off:
    then the router keeps no such routes, which is a finding of `bgp.soft-reconfiguration` and of nothing else.
    """
    if not session.soft_reconfiguration or (neighbor is not None and not neighbor.soft_reconfiguration_inbound):
        return None
    return _routes_of(session, facts, "received")


# A site, over all its routers ---------------------------------------------------------------------------------------


def _site_needs(site: ExpectedSite) -> tuple[Need, ...]:
    per_router = (need for router in site.routers for need in _site_router_needs(site, router))
    return (*per_router, *(_routes(session, "accepted") for session in site.sessions))


def _site_router_needs(site: ExpectedSite, router: str) -> tuple[Need, ...]:
    return (
        Fact.of(router, "bgp_table", vrf=site.vrf),
        Fact.of(router, "rib", vrf=site.vrf),
        _neighbors(router, site.vrf),
        _privilege(router),
        _config(router),
    )


def _site(site: ExpectedSite, facts: Facts, _: Expectations) -> ObservedSite:
    return ObservedSite(tuple(_site_router(site, router, facts) for router in site.routers))


def _site_router(site: ExpectedSite, router: str, facts: Facts) -> ObservedSiteRouter:
    neighbors = tuple(facts.records(_neighbors(router, site.vrf)))
    known = {neighbor.address for neighbor in neighbors}
    # A neighbor that the router does not have has no routes to ask for; its absence is in `neighbors`.
    sessions = [session for session in site.sessions if session.router == router and session.neighbor in known]
    return ObservedSiteRouter(
        router=router,
        table=the_one(facts, Fact.of(router, "bgp_table", vrf=site.vrf)),
        rib=the_one(facts, Fact.of(router, "rib", vrf=site.vrf)),
        config=configuration(router, facts),
        neighbors=neighbors,
        accepted=tuple(_routes_of(session, facts, "accepted") for session in sessions),
    )


# The VPN ------------------------------------------------------------------------------------------------------------


def _underlay_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (
        _forwarding(tunnel),
        _neighbors(tunnel.router, tunnel.inner_vrf),
        _privilege(tunnel.router),
        _config(tunnel.router),
        _interfaces(tunnel.router),
    )


def _underlay(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedUnderlay:
    neighbors = facts.records(_neighbors(tunnel.router, tunnel.inner_vrf))
    return ObservedUnderlay(
        neighbor=next((found for found in neighbors if found.address == tunnel.neighbor), None),
        forwarding=the_one(facts, _forwarding(tunnel)),
        config=configuration(tunnel.router, facts),
        tunnel=_interface_named(facts, tunnel.router, tunnel.name),
    )


def _tunnel_needs(tunnel: ExpectedTunnel) -> tuple[Need, ...]:
    return (
        _interfaces(tunnel.router),
        Fact.of(tunnel.router, "ikev2_sas"),
        _privilege(tunnel.router),
        _config(tunnel.router),
        _ipsec(tunnel),
    )


def _tunnel(tunnel: ExpectedTunnel, facts: Facts, _: Expectations) -> ObservedTunnel:
    sampled = _ipsec(tunnel)
    before, after = facts.samples(sampled.fact)
    interface = _interface_named(facts, tunnel.router, tunnel.name)
    return ObservedTunnel(
        interface=interface,
        ike=tuple(facts.records(Fact.of(tunnel.router, "ikev2_sas"))),
        before=tuple(before),
        after=tuple(after),
        probe=None if sampled.probe is None else _probed(facts, sampled.probe, interface),
        config=configuration(tunnel.router, facts),
    )


def _probed(facts: Facts, probe: Fact, interface: Interface | None) -> PingResult | None:
    """The probe's result.

    None where a tunnel that is down explains why the router would not send from it: that must not keep the tunnel's own
    checks from saying so.
    """
    try:
        found: PingResult = the_one(facts, probe)
    except UndeterminedError as error:
        if error.cause == "rejected" and (interface is None or not interface.is_up):
            return None
        raise
    return found


# All of them --------------------------------------------------------------------------------------------------------


def _to_azure(everything: Expectations) -> tuple[ExpectedSession, ...]:
    return tuple(session for session in everything.sessions if session.role != "internal")


SUBJECTS: dict[str, SubjectKind] = {
    kind.name: kind
    for kind in (
        SubjectKind("device", "routers", lambda all_: all_.devices, _device_needs, _device),
        SubjectKind("interface", "interfaces", lambda all_: all_.interfaces, _interface_needs, _interface),
        SubjectKind("bgp_session", "BGP sessions", lambda all_: all_.sessions, _session_needs, _session),
        SubjectKind("learned_routes", "BGP sessions to Azure", _to_azure, _learned_needs, _learned),
        SubjectKind("routing_policy", "BGP sessions to Azure", _to_azure, _policy_needs, _policy),
        SubjectKind(
            "announcement",
            "sessions that prefixes are announced to",
            lambda all_: tuple(session for session in all_.sessions if session.announce is not None),
            _announcement_needs,
            _announcement,
        ),
        SubjectKind(
            "reception",
            "sessions that prefixes are received from",
            lambda all_: tuple(session for session in all_.sessions if session.receive is not None),
            _reception_needs,
            _reception,
        ),
        SubjectKind("site_routes", "customer sites", lambda all_: all_.sites, _site_needs, _site),
        SubjectKind("vpn_underlay", "VPN tunnels", lambda all_: all_.tunnels, _underlay_needs, _underlay),
        SubjectKind("tunnel", "VPN tunnels", lambda all_: all_.tunnels, _tunnel_needs, _tunnel),
    )
}
# Subjects that hang on a BGP session: a router that does not have the neighbor refuses to show its routes.
NEEDS_NEIGHBOR = frozenset({"learned_routes", "routing_policy", "announcement", "reception"})


def has_neighbor(session: ExpectedSession, facts: Facts) -> bool:
    """Whether the router has the session's neighbor in its VRF. Raises UndeterminedError."""
    return _neighbor(session, facts) is not None


def objects(expected: Any) -> frozenset[str]:  # noqa: ANN401 (any expectation)
    """The objects that findings about an expectation name: its own id, and those of its parts."""
    own = {expected.id}
    if isinstance(expected, ExpectedSite):
        own |= {f"{expected.id}/{router}" for router in expected.routers}
    elif isinstance(expected, ExpectedTunnel):
        own.add(f"{expected.router}/{vrf_label(expected.inner_vrf)}/{expected.neighbor}")
    return frozenset(own)

"""What a check can ask about both sides: the routers' answers and Azure's in one bundle.

Each subject needs no more than its judgements look at, so that what one resource refuses costs no other verdict.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop import subjects_site
from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.subjects_azure import connection, effective_routes, gateway
from pytest_azinterop.verify import azure_supported
from pytest_azinterop.verify.observed import ObservedSite
from pytest_azinterop.verify.sides.azure_choice import places
from pytest_azinterop.verify.sides.observed import (
    ObservedBinding,
    ObservedCircuitTable,
    ObservedCrypto,
    ObservedExchange,
    ObservedGatewayRoutes,
    ObservedLink,
    ObservedSides,
    ObservedSubnet,
)
from pytest_azinterop.verify.sides.session_age import ObservedEnds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.collect.facts import Facts, Need, Wanted
    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.expectations import Expectations, ExpectedSession
    from pytest_azinterop.intent.sides import (
        ExpectedBinding,
        ExpectedCarrier,
        ExpectedCrypto,
        ExpectedOtherPath,
        ExpectedPassage,
        ExpectedRouting,
        ExpectedSides,
        ExpectedSubnet,
    )
    from pytest_azinterop.state.bgp import NeighborRoutes
    from pytest_azinterop.state.source import Source

_PRIVATE: Final = "AzurePrivatePeering"
_NO_ROUTERS: Final = ObservedSite(())


# Requests -----------------------------------------------------------------------------------------------------------


def _about_circuit(operation: str, resource: ResourceName, path: str, peering: str = _PRIVATE) -> Request:
    return Request.of(
        operation,
        subscription=resource.subscription,
        group=resource.group,
        circuit=resource.parts[1],
        peering=peering,
        path=path,
    )


def _table(carrier: ExpectedCarrier | ExpectedOtherPath) -> Request | None:
    if carrier.resource is None or carrier.path is None:
        return None
    return _about_circuit("circuit-routes", carrier.resource, carrier.path)


def _learned(routing: ExpectedRouting) -> Request | None:
    return None if routing.resource is None else gateway(routing.resource, "learned-routes")


def _advertised(routing: ExpectedRouting, to: IPv4Address | IPv6Address) -> Request | None:
    resource = routing.resource
    if resource is None:
        return None
    return Request.of(
        "advertised-routes",
        subscription=resource.subscription,
        group=resource.group,
        gateway=resource.parts[1],
        peer=str(to),
    )


def _given(requests: Iterable[Request | None]) -> tuple[Request, ...]:
    return tuple(dict.fromkeys(request for request in requests if request is not None))


# What a site's judgements look at -----------------------------------------------------------------------------------


def _routing(sides: ExpectedSides, names: Iterable[str]) -> list[ExpectedRouting]:
    wanted = set(names)
    return [each for each in sides.gateways if each.gateway in wanted]


def _gateways_of(sides: ExpectedSides) -> list[ExpectedRouting]:
    """Every gateway that a choice between the site and its networks rests on."""
    behind = (name for network in sides.networks for name in network.gateways)
    ends = (name for carrier in sides.carriers for name in carrier.gateways)
    return _routing(sides, [*behind, *ends])


def _subnets_of(sides: ExpectedSides) -> list[ExpectedSubnet]:
    return [place for network in sides.networks for place in places(network) if place is not None]


def _exchange(session: ExpectedSession, facts: Facts, *views: str) -> ObservedExchange:
    """The router's end; a router that does not have the neighbor has no routes of it."""
    records = facts.records(fact.neighbors_of(session))
    neighbor = next((found for found in records if found.address == session.neighbor), None)

    def routes(view: str) -> NeighborRoutes | None:
        if neighbor is None or view not in views:
            return None
        if view == "received" and not (session.soft_reconfiguration and neighbor.soft_reconfiguration_inbound):
            return None
        return fact.routes_of(session, facts, view)

    return ObservedExchange(session.id, neighbor, routes("advertised"), routes("received"), routes("accepted"))


def _tables(carriers: Iterable[ExpectedCarrier | ExpectedOtherPath], facts: Facts) -> Iterator[ObservedCircuitTable]:
    seen = set()
    for each in carriers:
        request = _table(each)
        if request is not None and each.path is not None and request not in seen:
            seen.add(request)
            yield ObservedCircuitTable(
                each.name, each.path, tuple(facts.records(request)), request.short, each.resource
            )


def _all_learned(gateways: Iterable[ExpectedRouting], facts: Facts) -> Iterator[ObservedGatewayRoutes]:
    for each in gateways:
        request = _learned(each)
        if request is not None:
            records = fact.some(facts, request)
            yield ObservedGatewayRoutes(each.gateway, "learned", records, request.short, of=each.resource)


def _effective(subnets: Iterable[ExpectedSubnet], facts: Facts) -> Iterator[ObservedSubnet]:
    for each in dict.fromkeys(subnets):
        if each.nic is not None:
            request = effective_routes(each.nic)
            yield ObservedSubnet(each.name, fact.some(facts, request), request.short, each.nic)


def _nics(subnets: Iterable[ExpectedSubnet]) -> Iterator[Request]:
    yield from (effective_routes(each.nic) for each in subnets if each.nic is not None)


# One session --------------------------------------------------------------------------------------------------------


def _on_the_way(passage: ExpectedPassage) -> tuple[list[ExpectedRouting], list[ExpectedSubnet]]:
    """The gateways and subnets that this session's prefixes pass."""
    networks = [each for each in passage.sides.networks if passage.session.role in each.over]
    names = set(passage.carrier.gateways)
    kinds = {each.gateway: each.kind for each in passage.sides.gateways}
    for network in networks:
        if not names.intersection(network.gateways):
            names |= {name for name in network.gateways if kinds.get(name) == passage.session.role}
    subnets = [
        subnet for network in networks for subnet in network.subnets if subnet.has_interface and subnet.via is None
    ]
    return _routing(passage.sides, names), subnets


def _to_the_router(passage: ExpectedPassage) -> list[tuple[ExpectedRouting, IPv4Address | IPv6Address]]:
    address = passage.session.local_address
    if passage.session.role != "vpn" or address is None:
        return []
    return [(each, address) for each in _routing(passage.sides, passage.carrier.gateways)]


def _paths_beside(passage: ExpectedPassage) -> tuple[ExpectedCarrier | ExpectedOtherPath, ...]:
    """What else may announce to the gateways of the session's circuit with its AS, and the site's own circuits beside:
    what a gateway learned is then told apart by numbers alone."""
    rivals = passage.sides.of_same_as(passage.session)
    return (*passage.sides.carriers, *rivals) if rivals else ()


def _announced_needs(passage: ExpectedPassage) -> tuple[Need, ...]:
    gateways, subnets = _on_the_way(passage)
    session = passage.session
    return (
        fact.neighbors_of(session),
        fact.neighbor_routes(session, "advertised"),
        *_given([*map(_table, (passage.carrier, *_paths_beside(passage))), *map(_learned, gateways), *_nics(subnets)]),
    )


def _announced(passage: ExpectedPassage, facts: Facts, _: Expectations) -> ObservedSides:
    gateways, subnets = _on_the_way(passage)
    return ObservedSides(
        routers=_NO_ROUTERS,
        exchanges=(_exchange(passage.session, facts, "advertised"),),
        circuits=tuple(_tables((passage.carrier, *_paths_beside(passage)), facts)),
        routes=tuple(_all_learned(gateways, facts)),
        subnets=tuple(_effective(subnets, facts)),
    )


def _azures_end(passage: ExpectedPassage) -> tuple[Request, ...]:
    """What tells the sessions at the other end: of the gateways, or of the MSEE."""
    carrier = passage.carrier
    if passage.session.role == "vpn":
        gateways = _routing(passage.sides, carrier.gateways)
        return tuple(gateway(each.resource, "bgp-peers") for each in gateways if each.resource is not None)
    if carrier.resource is None or carrier.path is None:
        return ()
    return (_about_circuit("circuit-sessions", carrier.resource, carrier.path),)


def _ages_needs(passage: ExpectedPassage) -> tuple[Need, ...]:
    return fact.neighbors_of(passage.session), *_azures_end(passage)


def _ages(passage: ExpectedPassage, facts: Facts, _: Expectations) -> ObservedEnds:
    rows = tuple(row for request in _azures_end(passage) for row in facts.records(request))
    return ObservedEnds(_exchange(passage.session, facts).neighbor, rows)


def _of_one_family(everything: Expectations) -> Sequence[ExpectedPassage]:
    """What an MSEE tells of its sessions is of IPv4."""
    return tuple(each for each in everything.both.passages if each.session.version == 4)


def _to_the_circuit(passage: ExpectedPassage) -> tuple[AdvertisedToMsees, ...]:
    """What the circuit's gateways advertise to it: it names the hop at which a prefix of Azure is lost."""
    if passage.session.role == "vpn":
        return ()
    gateways = _routing(passage.sides, passage.carrier.gateways)
    return tuple(
        AdvertisedToMsees(gateway(each.resource, "bgp-peers")) for each in gateways if each.resource is not None
    )


def _known_to_the_circuit(passage: ExpectedPassage, facts: Facts) -> Iterator[ObservedGatewayRoutes]:
    """Of each gateway everything that it advertises to MSEEs, or nothing: a part would say too little."""
    keys = {each.resource.id: each for each in passage.sides.gateways if each.resource is not None}
    for wanted in _to_the_circuit(passage):
        told = [
            (request, fact.known(facts, request)) for request in wanted.requests(fact.known(facts, wanted.after) or ())
        ]
        for request, records in told:
            if records is None or any(other is None for _, other in told):
                continue
            to = ip_address(request.given["peer"])
            of = keys[wanted.after.resource]
            yield ObservedGatewayRoutes(of.gateway, "advertised", records, request.short, to, of.resource)


def _brought_needs(passage: ExpectedPassage) -> tuple[Need, ...]:
    session = passage.session
    received = (fact.neighbor_routes(session, "received"),) if session.soft_reconfiguration else ()
    sent = (_advertised(routing, to) for routing, to in _to_the_router(passage))
    return (
        *subjects_site.needs(passage.sides.site),
        fact.neighbor_routes(session, "accepted"),
        *received,
        *_given([_table(passage.carrier), *sent]),
    )


def _brought(passage: ExpectedPassage, facts: Facts, everything: Expectations) -> ObservedSides:
    routes = []
    for routing, to in _to_the_router(passage):
        request = _advertised(routing, to)
        if request is not None:
            records = tuple(facts.records(request))
            told = ObservedGatewayRoutes(routing.gateway, "advertised", records, request.short, to, routing.resource)
            routes.append(told)
    routes += _known_to_the_circuit(passage, facts)
    return ObservedSides(
        routers=subjects_site.observe(passage.sides.site, facts, everything),
        exchanges=(_exchange(passage.session, facts, "received", "accepted"),),
        circuits=tuple(_tables([passage.carrier], facts)),
        routes=tuple(routes),
    )


# One site -----------------------------------------------------------------------------------------------------------


def _whole_needs(sides: ExpectedSides) -> tuple[Request, ...]:
    """What tells that routes of a site come, or its packets go, by ways that nothing here accounts for."""
    circuits = _given(_circuit(each.resource) for each in sides.carriers if each.resource is not None)
    own = {each.name for each in sides.carriers}
    return (*circuits, *_given(connection(each.resource) for each in sides.links if each.carrier in own))


def _check_supported(sides: ExpectedSides, facts: Facts) -> None:
    """Raises UndeterminedError where there are such ways."""
    for request in _whole_needs(sides):
        record = fact.the_one(facts, request)
        if request.operation_name == "circuit":
            azure_supported.circuit(record)
        else:
            azure_supported.connection(record)


def _every_path(sides: ExpectedSides) -> tuple[ExpectedCarrier | ExpectedOtherPath, ...]:
    """Of every circuit that serves the site's networks, for Azure chooses between them all."""
    return (*sides.carriers, *sides.other_paths)


def _both_needs(sides: ExpectedSides) -> tuple[Need, ...]:
    gateways = _gateways_of(sides)
    return (
        *subjects_site.needs(sides.site),
        *_given(map(_table, _every_path(sides))),
        *_given(map(_learned, gateways)),
        *_given(gateway(each.resource) for each in gateways if each.resource is not None),
        *_given(_nics(_subnets_of(sides))),
        *_whole_needs(sides),
        *_given(connection(each.resource) for each in sides.links),
    )


def _both(sides: ExpectedSides, facts: Facts, everything: Expectations) -> ObservedSides:
    _check_supported(sides, facts)
    gateways = _gateways_of(sides)
    return ObservedSides(
        routers=subjects_site.observe(sides.site, facts, everything),
        exchanges=tuple(_exchange(each, facts) for each in sides.site.sessions),
        circuits=tuple(_tables(_every_path(sides), facts)),
        gateways=tuple(
            (each.gateway, fact.the_one(facts, gateway(each.resource)))
            for each in gateways
            if each.resource is not None
        ),
        routes=tuple(_all_learned(gateways, facts)),
        subnets=tuple(_effective(_subnets_of(sides), facts)),
        links=_links(sides, facts),
    )


def _links(sides: ExpectedSides, facts: Facts) -> tuple[ObservedLink, ...]:
    return tuple(
        ObservedLink(each.gateway, each.carrier, fact.the_one(facts, connection(each.resource))) for each in sides.links
    )


def _is_backed_up_by_expressroute(sides: ExpectedSides) -> bool:
    """Only then Azure's next choice is one between circuits."""
    return any(each.prefixes & sides.site.backed_up and "expressroute" in each.over[1:] for each in sides.networks)


def _paths_for_standby(sides: ExpectedSides) -> tuple[ExpectedCarrier | ExpectedOtherPath, ...]:
    if _is_backed_up_by_expressroute(sides):
        return _every_path(sides)
    return (*sides.carriers, *(path for each in sides.site.sessions for path in sides.of_same_as(each)))


def _gateways_for_standby(sides: ExpectedSides) -> list[ExpectedRouting]:
    """Those at the sessions' ends, and of what is backed up those of the roles that bring it: what else stands in the
    same VNet carries nothing of this site."""
    kinds = {each.gateway: each.kind for each in sides.gateways}
    behind = (
        name
        for network in sides.networks
        if network.prefixes & sides.site.backed_up
        for name in network.gateways
        if kinds.get(name) in network.over
    )
    return _routing(sides, [*behind, *(name for carrier in sides.carriers for name in carrier.gateways)])


def _standby_needs(sides: ExpectedSides) -> tuple[Need, ...]:
    between = _is_backed_up_by_expressroute(sides)
    return (
        *subjects_site.needs(sides.site),
        *subjects_site.carriage_needs(sides.site.sessions, sides.site),
        *_given(map(_table, _paths_for_standby(sides))),
        *_given(map(_learned, _gateways_for_standby(sides))),
        *_whole_needs(sides),
        *_given(connection(each.resource) for each in sides.links if between),
    )


def _standby(sides: ExpectedSides, facts: Facts, everything: Expectations) -> ObservedSides:
    _check_supported(sides, facts)
    between = _is_backed_up_by_expressroute(sides)
    carried = subjects_site.carriages(sides.site.sessions, sides.site, facts, everything)
    return ObservedSides(
        routers=replace(subjects_site.observe(sides.site, facts, everything), carriages=carried),
        exchanges=tuple(_exchange(each, facts, "accepted") for each in sides.site.sessions),
        circuits=tuple(_tables(_paths_for_standby(sides), facts)),
        routes=tuple(_all_learned(_gateways_for_standby(sides), facts)),
        links=_links(sides, facts) if between else (),
    )


def _apart_needs(sides: ExpectedSides) -> tuple[Need, ...]:
    strange = (subnet for stranger in sides.strangers for subnet in stranger.subnets)
    tables = _given([*map(_table, sides.carriers), *_nics(strange)])
    return (*subjects_site.needs(sides.site), *tables, *_whole_needs(sides))


def _apart(sides: ExpectedSides, facts: Facts, everything: Expectations) -> ObservedSides:
    _check_supported(sides, facts)
    strange = (subnet for stranger in sides.strangers for subnet in stranger.subnets)
    return ObservedSides(
        routers=subjects_site.observe(sides.site, facts, everything),
        exchanges=tuple(_exchange(each, facts) for each in sides.site.sessions),
        circuits=tuple(_tables(sides.carriers, facts)),
        subnets=tuple(_effective(strange, facts)),
    )


# One path of a circuit, one tunnel ----------------------------------------------------------------------------------


def _peering_of(binding: ExpectedBinding) -> str:
    return _PRIVATE if binding.session.role == "expressroute" else "MicrosoftPeering"


def _circuit(resource: ResourceName) -> Request:
    return Request.of("circuit", subscription=resource.subscription, group=resource.group, circuit=resource.parts[1])


def _router_arp(binding: ExpectedBinding) -> Fact:
    return Fact.of(binding.session.router, "arp", vrf=binding.session.vrf)


def _binding_needs(binding: ExpectedBinding) -> tuple[Need, ...]:
    resource = binding.resource
    azure = (
        ()
        if resource is None
        else (_circuit(resource), _about_circuit("circuit-arp", resource, binding.path, _peering_of(binding)))
    )
    return fact.interfaces(binding.session.router), _router_arp(binding), *azure


def _binding(binding: ExpectedBinding, facts: Facts, _: Expectations) -> ObservedBinding:
    ports = facts.records(fact.interfaces(binding.session.router))
    resource = binding.resource
    peering, arp = None, None
    sources: tuple[Source, ...] = ()
    if resource is not None:
        circuit = fact.the_one(facts, _circuit(resource))
        kind = _peering_of(binding)
        if circuit.peerings is None:
            words = f"{resource.name}: Azure tells no list of peerings"
            raise UndeterminedError(words, cause="azure-not-understood", host=resource.name)
        peering = next((each for each in circuit.peerings if each.kind == kind), None)
        arp = tuple(facts.records(_about_circuit("circuit-arp", resource, binding.path, kind)))
        sources = (circuit.source,)
    return ObservedBinding(
        interface=fact.interface_named(ports, binding.session.interface or ""),
        peering=peering,
        router_arp=tuple(facts.records(_router_arp(binding))),
        circuit_arp=arp,
        sources=sources,
    )


def _ends_needs(ends: ExpectedCrypto) -> tuple[Need, ...]:
    tunnel = ends.tunnel
    azure = _given(
        [
            None if ends.resource is None else connection(ends.resource),
            None if ends.gateway is None else gateway(ends.gateway),
        ]
    )
    outer = () if ends.over is None else (_outer(ends),)
    return (
        fact.privilege(tunnel.router),
        fact.running_config(tunnel.router),
        fact.ike_sas(tunnel.router),
        fact.ipsec_sas(tunnel),
        *azure,
        *outer,
    )


def _outer(ends: ExpectedCrypto) -> Fact:
    tunnel = ends.tunnel
    return Fact.of(tunnel.router, "forwarding", vrf=tunnel.front_vrf, address=str(tunnel.peer))


def _ends(ends: ExpectedCrypto, facts: Facts, _: Expectations) -> ObservedCrypto:
    tunnel = ends.tunnel
    return ObservedCrypto(
        connection=None if ends.resource is None else fact.the_one(facts, connection(ends.resource)),
        config=fact.configuration(tunnel.router, facts),
        ike=tuple(facts.records(fact.ike_sas(tunnel.router))),
        ipsec=tuple(facts.records(fact.ipsec_sas(tunnel))),
        gateway=None if ends.gateway is None else fact.the_one(facts, gateway(ends.gateway)),
        outer=None if ends.over is None else fact.the_one(facts, _outer(ends)),
    )


# All of them --------------------------------------------------------------------------------------------------------


def _sites(everything: Expectations) -> Sequence[ExpectedSides]:
    return everything.both.sites


def _kind(
    name: str,
    plural: str,
    select: Callable[[Expectations], Sequence[Any]],
    needs: Callable[[Any], tuple[Need, ...]],
    observe: Callable[[Any, Facts, Expectations], Any],
    helps: Callable[[Any], tuple[Wanted, ...]] = lambda _: (),
) -> SubjectKind:
    return SubjectKind(name, f"{plural} with both ends", select, needs, observe, helps, of_azure=True)


KINDS: Final = (
    _kind(
        "announced_passage",
        "sessions",
        lambda all_: all_.both.passages,
        _announced_needs,
        _announced,
    ),
    _kind("learned_passage", "sessions", lambda all_: all_.both.passages, _brought_needs, _brought, _to_the_circuit),
    _kind("session_ends", "sessions", _of_one_family, _ages_needs, _ages),
    _kind("both_sides", "customer sites", _sites, _both_needs, _both),
    _kind("standby", "customer sites", _sites, _standby_needs, _standby),
    _kind("separation", "customer sites", _sites, _apart_needs, _apart),
    _kind("binding_of_path", "paths of circuits", lambda all_: all_.both.bindings, _binding_needs, _binding),
    _kind("tunnel_ends", "tunnels", lambda all_: all_.both.tunnels, _ends_needs, _ends),
)

"""What each object of the intent concerns: what two findings about different objects have in common.

That are BGP sessions, with three exceptions. An interface towards the site concerns none: its loss takes no session
down, but the prefixes that are announced because the site is there. A backup concerns the sessions of the role that
backs up. And what a circuit's other end announces concerns every site that the circuit serves.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_azinterop.intent.expectations import Expectations, ExpectedInterface, ExpectedSession, ExpectedSite
    from pytest_azinterop.intent.sides import ExpectedSides

Sessions = frozenset[str]
_LINK: Final = ("interface.", "lan.ospf")  # of an interface towards the site: itself, and OSPF on it
_OF_LAN: Final = frozenset({"routes.announced", "sides.announced", "sides.reach", "reach.answer", "reach.path"})
_BACKUP: Final = frozenset({"site.backup", "sides.backup"})
_DRAWN: Final = frozenset({"sides.path:azure-other-site", "sides.reach:from-azure"})
_DRAWING: Final = frozenset({f"routes.announced:{cause}" for cause in ("undeclared", "more-specific", "default-route")})


class Concerned:
    """What a finding concerns, by its rule, its cause, and its object's id."""

    def __init__(self, expectations: Expectations) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for id_, sessions in _pairs(expectations):
            found[id_].update(sessions)
        for connection in expectations.azure.connections if expectations.azure is not None else ():
            if not found[connection.id]:  # between two gateways of Azure
                for gateway in (connection.gateway, connection.to):
                    found[connection.id].update(found.get(f"gateway/{gateway}", ()))
        self._known: Mapping[str, Sessions] = {id_: frozenset(sessions) for id_, sessions in found.items()}
        self._lan = {
            each.id: frozenset({_lan(each.router, each.customer, each.site)})
            for each in expectations.interfaces
            if each.role == "lan"
        }
        every = (*expectations.sessions, *(each for site in expectations.sites for each in site.internal))
        self._lan_of = {each.id: _lan(each.router, each.customer, each.site) for each in every}
        self._backup = {site.id: _behind_the_first(site) for site in expectations.sites}
        self._circuits: dict[str, frozenset[str]] = {}
        for sides in expectations.both.sites:
            self._circuits[sides.id] = frozenset(f"circuit {each.name}" for each in sides.other_paths)
            for each in sides.carriers:
                self._circuits[each.session] = frozenset({f"circuit {each.name}"})
        for connection in expectations.azure.connections if expectations.azure is not None else ():
            if connection.circuit is not None:
                self._circuits[connection.id] = frozenset({f"circuit {connection.circuit}"})

    def of(self, rule: str, cause: str, object_: str) -> frozenset[str]:
        """Ids of sessions, and names of what else findings may have in common."""
        if object_ in self._lan and rule.startswith(_LINK):
            return self._lan[object_]
        sessions = self.by(object_)
        if rule in _BACKUP:
            sessions &= self._nearest(self._backup, object_) or sessions
        found = sessions | self._lan.get(object_, frozenset())
        if rule in _OF_LAN:
            found |= {self._lan_of[each] for each in sessions if each in self._lan_of}
        if f"{rule}:{cause}" in _DRAWN | _DRAWING or rule == "azure.connection-weight":
            found |= self._circuits.get(object_, frozenset())
        return found

    def by(self, object_: str) -> Sessions:
        """Ids of sessions; of an object that has no entry those of the nearest that its id begins with."""
        return self._nearest(self._known, object_)

    def _nearest(self, known: Mapping[str, Sessions], object_: str) -> Sessions:
        parts = object_.split("/")
        for end in range(len(parts), 0, -1):
            if (found := known.get("/".join(parts[:end]))) is not None:
                return found
        return frozenset()


def _lan(router: str, customer: str, site: str) -> str:
    return f"lan {router}/{customer}/{site}"


def _behind_the_first(site: ExpectedSite) -> Sessions:
    """The sessions that are not of the first role, those between the site's routers among them."""
    return frozenset(each.id for each in (*site.sessions, *site.internal) if each.role not in site.prefer[:1])


def _pairs(expectations: Expectations) -> Iterator[tuple[str, Iterable[str]]]:
    for session in expectations.sessions:
        yield session.id, (session.id,)
        yield session.router, (session.id,)
    for tunnel in expectations.tunnels:
        over = [
            each.id
            for each in expectations.sessions
            if (each.router, each.vrf, each.neighbor) == (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
        ]
        yield tunnel.id, over
        yield f"{tunnel.router}/{tunnel.name}", over
    for interface in expectations.interfaces:
        yield interface.id, [each.id for each in expectations.sessions if _uses(each, interface)]
    for site in expectations.sites:
        yield site.id, _of_site(site)
        yield site.customer, _of_site(site)
        for session in site.internal:
            others = [each.id for each in site.internal if each.local_address == session.neighbor]
            yield session.id, (session.id, *others)
    for reach in expectations.reaches:
        of = (reach.customer, reach.site)
        yield reach.id, [each.id for each in expectations.sessions if (each.customer, each.site) == of]
    for sides in expectations.both.sites:
        yield from _of_sides(sides)
    yield from _of_azure(expectations)


def _uses(session: ExpectedSession, interface: ExpectedInterface) -> bool:
    if session.router != interface.router:
        return False
    if interface.role in ("lan", "tunnel source"):
        return (session.customer, session.site) == (interface.customer, interface.site)
    return session.interface == interface.name


def _of_site(site: ExpectedSite) -> list[str]:
    return [each.id for each in (*site.sessions, *site.internal)]


def _of_sides(sides: ExpectedSides) -> Iterator[tuple[str, Iterable[str]]]:
    by_role: dict[str, list[str]] = defaultdict(list)
    for session in sides.site.sessions:
        by_role[session.role].append(session.id)
    for carrier in sides.carriers:
        for gateway in carrier.gateways:
            yield f"gateway/{gateway}", (carrier.session,)
        if carrier.role == "expressroute":
            yield f"circuit/{carrier.name}", (carrier.session,)
            yield f"circuit/{carrier.name}/{carrier.path}", (carrier.session,)
    for network in sides.networks:
        over = [each for role in network.over for each in by_role[role]]
        for gateway in network.gateways:
            kinds = {each.kind for each in sides.gateways if each.gateway == gateway}
            yield f"gateway/{gateway}", [each for role in kinds for each in by_role[role]]
        for subnet in network.subnets:
            yield f"subnet/{subnet.name}", over
            yield f"{sides.id}/{subnet.name}", over
        yield f"network/{network.name}", over


def _of_azure(expectations: Expectations) -> Iterator[tuple[str, Iterable[str]]]:
    azure = expectations.azure
    if azure is None:
        return
    by_tunnel = {
        tunnel.id: [
            each.id
            for each in expectations.sessions
            if (each.router, each.vrf, each.neighbor) == (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
        ]
        for tunnel in expectations.tunnels
    }
    of_circuit: dict[str, list[str]] = defaultdict(list)
    for circuit in azure.circuits:
        for path in circuit.paths:
            sessions = [each.id for each in path.sessions]
            of_circuit[circuit.name] += sessions
            yield path.id, sessions
        yield circuit.id, of_circuit[circuit.name]
    for connection in azure.connections:
        sessions = [each for tunnel in connection.tunnels for each in by_tunnel.get(tunnel.id, ())]
        if connection.circuit is not None:
            sessions += of_circuit[connection.circuit]
        yield connection.id, sessions
        yield f"gateway/{connection.gateway}", sessions
    for local in azure.local_gateways:
        yield local.id, [each for tunnel in local.tunnels for each in by_tunnel.get(tunnel.id, ())]
    over: dict[str, set[str]] = defaultdict(set)
    for sides in expectations.both.sites:
        for network in sides.networks:
            over[network.name].update(each.id for each in sides.site.sessions if each.role in network.over)
    of_vnet = {vnet.name: over.get(vnet.network or "", set()) for vnet in azure.vnets}
    for vnet in azure.vnets:
        yield vnet.id, of_vnet[vnet.name]
    for peering in azure.vnet_peerings:
        yield peering.id, of_vnet.get(peering.vnet, set()) | of_vnet.get(peering.to, set())

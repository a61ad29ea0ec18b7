"""From the sites of the intent and its Azure block to what both must agree on. Pure; names have been checked.

A site of which some circuit or connection is not asked in Azure (`elsewhere`) has no verdict over both sides; nor has
IPv6, of which a circuit's tables and a VPN gateway tell nothing here.
"""

from __future__ import annotations

from ipaddress import IPv4Interface, ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.intent.prefixes import union
from pytest_azinterop.intent.sides import (
    BothSides,
    ExpectedBinding,
    ExpectedCarrier,
    ExpectedCrypto,
    ExpectedLink,
    ExpectedNetwork,
    ExpectedOtherPath,
    ExpectedRouting,
    ExpectedSides,
    ExpectedStranger,
    ExpectedSubnet,
)
from pytest_azinterop.intent.values import lies_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.azure_expectations import AzureExpectations
    from pytest_azinterop.intent.expectations import ExpectedInterface, ExpectedSession, ExpectedSite
    from pytest_azinterop.intent.models import CustomerSite, Intent, Network, PathRole

    Prefix = IPv4Network | IPv6Network


def derive_sides(
    intent: Intent,
    azure: AzureExpectations | None,
    sites: tuple[ExpectedSite, ...],
    interfaces: tuple[ExpectedInterface, ...],
) -> BothSides:
    """What is judged over both sides; nothing where the intent does not describe Azure's."""
    if azure is None:
        return BothSides()
    derived = (_Site(intent, azure, site).expected() for site in sites if site.version == 4)
    return BothSides(
        sites=tuple(each for each in derived if each is not None),
        bindings=tuple(_bindings(azure, interfaces)),
        tunnels=tuple(_tunnels(azure)),
    )


def _bindings(azure: AzureExpectations, interfaces: tuple[ExpectedInterface, ...]) -> Iterator[ExpectedBinding]:
    ports = {(each.router, each.name): each for each in interfaces if each.role == "expressroute"}
    for circuit in azure.circuits:
        for path in circuit.paths:
            for session in path.sessions:
                port = ports.get((session.router, session.interface or ""))
                if port is not None and isinstance(port.address, IPv4Interface) and session.version == 4:
                    yield ExpectedBinding(
                        session,
                        circuit.name,
                        path.path,
                        port.address,
                        circuit.vlan,
                        port.vlans or (),
                        circuit.resource,
                    )


def _tunnels(azure: AzureExpectations) -> Iterator[ExpectedCrypto]:
    for connection in azure.connections:
        over = connection.over
        for tunnel in connection.tunnels:
            yield ExpectedCrypto(
                tunnel,
                connection.name,
                over,
                connection.over_peering == "private",
                tuple(
                    session
                    for circuit in azure.circuits
                    if circuit.name == over
                    for path in circuit.paths
                    for session in path.sessions
                    if session.router == tunnel.router
                ),
                connection.resource,
                connection.gateway_resource,
            )


class _Site:
    """A customer at a site, with what Azure has for it."""

    def __init__(self, intent: Intent, azure: AzureExpectations, site: ExpectedSite) -> None:
        self.intent = intent
        self.azure = azure
        self.site = site
        self.customer = intent.customers[site.customer]
        self.at: CustomerSite = self.customer.sites[site.site]

    def expected(self) -> ExpectedSides | None:
        carriers = tuple(each for session in self.site.sessions if (each := self._carrier(session)) is not None)
        if not carriers or len(carriers) < len(self.site.sessions):
            return None
        networks = tuple(self._networks())
        serving = {name for each in networks for name in each.gateways}
        own = {each.name for each in carriers}
        return ExpectedSides(
            site=self.site,
            carriers=carriers,
            gateways=tuple(
                ExpectedRouting(each.name, each.kind, each.asn, self._network_of(each.vnet) or each.vnet, each.resource)
                for each in self.azure.gateways
            ),
            networks=networks,
            strangers=tuple(self._strangers()),
            encrypted=any(
                each.over_peering == "private" and tunnel in self.site.tunnels
                for each in self.azure.connections
                for tunnel in each.tunnels
            ),
            links=tuple(
                ExpectedLink(each.gateway, each.circuit, each.resource)
                for each in self.azure.connections
                if each.circuit is not None and (each.circuit in own or each.gateway in serving)
            ),
            other_paths=tuple(self._other_paths(serving)),
            elsewhere=frozenset(self._elsewhere()),
        )

    def _carrier(self, session: ExpectedSession) -> ExpectedCarrier | None:
        """Azure's end of a session; None: it is not asked there."""
        for circuit in self.azure.circuits:
            for path in circuit.paths:
                if session.role == "expressroute" and any(each.id == session.id for each in path.sessions):
                    gateways = self._bound_to(circuit.name)
                    return ExpectedCarrier(
                        session.id, "expressroute", circuit.name, gateways, path.path, circuit.resource
                    )
        for connection in self.azure.connections:
            for tunnel in connection.tunnels:
                ends = (tunnel.router, tunnel.inner_vrf, tunnel.neighbor)
                if session.role == "vpn" and ends == (session.router, session.vrf, session.neighbor):
                    return ExpectedCarrier(session.id, "vpn", session.path, (connection.gateway,))
        return None

    def _other_paths(self, serving: set[str]) -> Iterator[ExpectedOtherPath]:
        """Both paths of every circuit that is connected to one of these gateways."""
        for circuit in self.azure.circuits:
            gateways = self._bound_to(circuit.name)
            if circuit.peering == "private" and serving.intersection(gateways):
                for path in circuit.paths:
                    yield ExpectedOtherPath(circuit.name, path.path, gateways, circuit.resource)

    def _elsewhere(self) -> Iterator[Prefix]:
        """What other sites of the customer own of the space that is said to be shared."""
        for name, at in self.customer.sites.items():
            for prefix in union([at.prefixes], self.site.version).required:
                if name != self.site.site and any(
                    lies_in(prefix, space) or lies_in(space, prefix) for space in self.customer.shared
                ):
                    yield prefix

    def _bound_to(self, circuit: str) -> tuple[str, ...]:
        """The gateways that are connected to a circuit."""
        return tuple(dict.fromkeys(each.gateway for each in self.azure.connections if each.circuit == circuit))

    def _networks(self) -> Iterator[ExpectedNetwork]:
        over: dict[str, list[PathRole]] = {}
        for role in self.site.prefer:
            for name in self._names(role):
                roles = over.setdefault(name, [])
                if role not in roles:
                    roles.append(role)
        for name, roles in over.items():
            prefixes = union([self._network(name)], self.site.version).required
            if prefixes:
                yield ExpectedNetwork(name, prefixes, tuple(roles), self._gateways(name), tuple(self._subnets(name)))

    def _names(self, role: PathRole) -> Iterator[str]:
        if role == "expressroute":
            for path in self.at.expressroute:
                circuit = self.intent.circuits[path.circuit]
                if circuit.peering == "private":
                    yield from circuit.networks
        else:
            for vpn in self.at.vpn:
                yield from self.intent.connections[vpn.connection].networks

    def _network(self, name: str) -> Network:
        own = self.customer.networks.get(name)
        return own if own is not None else self.intent.networks[name]

    def _key(self, name: str) -> str:
        """A network as Azure's block names it: a customer's own with the customer's name before it."""
        return f"{self.site.customer}/{name}" if name in self.customer.networks else name

    def _network_of(self, vnet: str) -> str | None:
        return next((each.network for each in self.azure.vnets if each.name == vnet), None)

    def _gateways(self, name: str) -> tuple[str, ...]:
        """The gateways of the network's VNets, and of the hubs whose gateways these use."""
        vnets = {each.name for each in self.azure.vnets if each.network == self._key(name)}
        hubs = {each.to for each in self.azure.vnet_peerings if each.vnet in vnets and each.remote_gateways}
        return tuple(each.name for each in self.azure.gateways if each.vnet in vnets | hubs)

    def _subnets(self, name: str) -> Iterator[ExpectedSubnet]:
        for each in self.azure.subnets:
            if each.network == self._key(name):
                yield ExpectedSubnet(each.name, name, each.via, each.nic is not None, each.nic)

    def _strangers(self) -> Iterator[ExpectedStranger]:
        """What `reachable: false` names: an Azure network, another site, or a lone host.

        A single host in a network that the site does reach is no stranger: tables tell networks apart, not hosts.
        """
        reached = {name for role in self.site.prefer for name in self._names(role)}
        for each in self.at.reachability:
            if each.reachable or each.target.version != self.site.version or each.to in reached:
                continue
            if each.to in self.customer.networks or each.to in self.intent.networks:
                prefixes = union([self._network(each.to)], self.site.version).required
                alone = frozenset({ip_network(each.target)})  # a network that names spaces alone
                yield ExpectedStranger(each.to, prefixes or alone, tuple(self._subnets(each.to)))
                continue
            host = ip_network(each.target)
            there = {
                prefix
                for customer in self.intent.customers.values()
                for name, at in customer.sites.items()
                if name == each.to
                for prefix in union([at.prefixes], self.site.version).required
                if prefix.supernet_of(host)  # type: ignore[arg-type]
            }
            yield ExpectedStranger(each.to, frozenset(there or {host}))

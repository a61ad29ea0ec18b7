"""Expected and observed of both sides together, found by the names of the intent."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_azinterop.verify import evidence, next_command, session, subject
from pytest_azinterop.verify.site_view import SiteView
from pytest_azinterop.verify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.intent.models import PathRole
    from pytest_azinterop.intent.sides import (
        DevicePath,
        ExpectedCarrier,
        ExpectedNetwork,
        ExpectedOtherPath,
        ExpectedRouting,
        ExpectedSides,
    )
    from pytest_azinterop.state.azure_circuit import CircuitRoute
    from pytest_azinterop.state.azure_gateway import GatewayRoute
    from pytest_azinterop.state.bgp import AsPath
    from pytest_azinterop.verify.finding import Finding
    from pytest_azinterop.verify.sides.observed import (
        ObservedCircuitTable,
        ObservedExchange,
        ObservedGatewayRoutes,
        ObservedSides,
        ObservedSubnet,
    )

    Address = IPv4Address | IPv6Address
    Prefix = IPv4Network | IPv6Network


class SidesView:
    """Both sides of a site. Every look-up raises UndeterminedError for what was not collected, or is not what it
    should be."""

    def __init__(self, expected: ExpectedSides, observed: ObservedSides) -> None:
        self.expected = expected
        self.observed = observed
        self._in_tables: dict[tuple[str, DevicePath], dict[Prefix, list[CircuitRoute]]] = {}
        self._in_learned: dict[str, dict[Prefix, list[GatewayRoute]]] = {}

    @cached_property
    def site(self) -> SiteView:
        """The routers' side."""
        return SiteView(self.expected.site, self.observed.routers)

    def carrier(self, session_: ExpectedSession) -> ExpectedCarrier:
        """Azure's end of a session."""
        for each in self.expected.carriers:
            if each.session == session_.id:
                return each
        return evidence.undetermined(f"the intent names no Azure side of {session_.id}", "not-collected")

    def exchange(self, session_: ExpectedSession) -> ObservedExchange:
        """The router's end of a session."""
        for each in self.observed.exchanges:
            if each.session == session_.id:
                neighbor = each.neighbor
                if neighbor is not None and (neighbor.address, neighbor.vrf) != (session_.neighbor, session_.vrf):
                    evidence.undetermined(
                        f"the answer is about neighbor {neighbor.address} and not about {session_.neighbor}",
                        "not-understood",
                        neighbor.source,
                    )
                return each
        return evidence.undetermined(f"the routes of {session_.id} were not collected", "not-collected")

    def broken(self, session_: ExpectedSession) -> list[Finding]:
        """Findings for a session that can carry no routes; none where it is Established."""
        neighbor = self.exchange(session_).neighbor
        if neighbor is None:
            return session.absent(session_, None)
        return session.not_established(subject.of_session(session_), neighbor)

    def own_address(self, session_: ExpectedSession) -> Address:
        """The router's end as Azure sees it: declared, else as the router shows it."""
        if session_.local_address is not None:
            return session_.local_address
        neighbor = self.exchange(session_).neighbor
        if neighbor is None or neighbor.local_address is None:
            evidence.undetermined(
                f"the router's own address towards {session_.neighbor} is not known",
                "not-understood",
                neighbor.source if neighbor else None,
            )
        return neighbor.local_address

    def table(self, carrier: ExpectedCarrier | ExpectedOtherPath) -> ObservedCircuitTable:
        """The route table of one path of a circuit."""
        words = f"the route table of {carrier.name} ({carrier.path})"
        for each in self.observed.circuits:
            if (each.circuit, each.path) == (carrier.name, carrier.path):
                stranger = next((row for row in each.routes if row.path not in (None, carrier.path)), None)
                if stranger is not None:
                    evidence.undetermined(f"{words} is that of the {stranger.path} path", "not-understood", each.source)
                return each
        return evidence.undetermined(f"{words} was not collected", "not-collected")

    def in_table(self, carrier: ExpectedCarrier | ExpectedOtherPath, prefix: Prefix) -> list[CircuitRoute]:
        """The rows of one prefix in the route table of one path of a circuit."""
        table = self.table(carrier)
        rows = self._in_tables.get((table.circuit, table.path))
        if rows is None:
            rows = self._in_tables[table.circuit, table.path] = defaultdict(list)
            for row in table.routes:
                rows[row.prefix].append(row)
        return rows.get(prefix, [])

    def learned_of(self, gateway: str, prefix: Prefix) -> list[GatewayRoute]:
        """What a gateway learned of one prefix, from all its peers."""
        rows = self._in_learned.get(gateway)
        if rows is None:
            rows = self._in_learned[gateway] = defaultdict(list)
            for row in self.learned(gateway).routes:
                rows[row.prefix].append(row)
        return rows.get(prefix, [])

    def has_learned(self, gateway: str) -> bool:
        """Whether it was collected what a gateway learned."""
        return any((each.gateway, each.view) == (gateway, "learned") for each in self.observed.routes)

    def learned(self, gateway: str) -> ObservedGatewayRoutes:
        """What a gateway learned from all its peers."""
        for each in self.observed.routes:
            if (each.gateway, each.view) == (gateway, "learned"):
                return each
        return evidence.undetermined(f"the routes that {gateway} learned were not collected", "not-collected")

    def advertised(self, gateway: str, to: Address) -> ObservedGatewayRoutes:
        """What a gateway advertises to one peer."""
        for each in self.observed.routes:
            if (each.gateway, each.view, each.to) == (gateway, "advertised", to):
                stranger = next((row for row in each.routes if row.to_peer not in (None, to)), None)
                if stranger is not None:
                    evidence.undetermined(
                        f"the answer is about what {gateway} advertises to {stranger.to_peer} and not to {to}",
                        "not-understood",
                        each.source,
                    )
                return each
        return evidence.undetermined(
            f"the routes that {gateway} advertises to {to} were not collected", "not-collected"
        )

    def advertised_to_circuits(self, gateway: str) -> list[ObservedGatewayRoutes]:
        """What a gateway advertises, to whichever peers that was asked for; none where it was not."""
        return [each for each in self.observed.routes if (each.gateway, each.view) == (gateway, "advertised")]

    def effective(self, subnet: str) -> ObservedSubnet:
        """The effective routes in a subnet."""
        for each in self.observed.subnets:
            if each.subnet == subnet:
                return each
        return evidence.undetermined(f"the effective routes in {subnet} were not collected", "not-collected")

    def routing(self, gateway: str) -> ExpectedRouting:
        """What the intent says of a gateway."""
        for each in self.expected.gateways:
            if each.gateway == gateway:
                return each
        return evidence.undetermined(f"the intent says nothing of gateway {gateway}", "not-collected")

    def sessions_on(self, name: str) -> Iterator[tuple[ExpectedSession, ExpectedCarrier]]:
        """The site's sessions over one circuit or connection."""
        for each in self.expected.site.sessions:
            carrier = self.carrier(each)
            if carrier.name == name:
                yield each, carrier

    def networks_behind(self, gateway: str) -> list[ExpectedNetwork]:
        """The site's networks that a gateway serves over its role."""
        role = self.routing(gateway).kind
        return [each for each in self.expected.networks if gateway in each.gateways and role in each.over]

    def of_gateway(self, gateway: str) -> Subject:
        """A gateway, as far as it is this site's."""
        site = self.expected.site
        return Subject(f"{site.id}/{gateway}", f"{site.customer} at {site.site}, {gateway}")

    def of_subnet(self, subnet: str) -> Subject:
        """A subnet of Azure, as far as it is this site's."""
        site = self.expected.site
        return Subject(f"{site.id}/{subnet}", f"{site.customer} at {site.site}, {subnet}")


def is_from(row: CircuitRoute, session_: ExpectedSession, own: Address) -> bool:
    """Whether a row of a circuit's table came from this router: its next hop, or, where none is shown, its AS."""
    if row.next_hop is not None:
        return row.next_hop == own
    return row.as_path.neighbor_as == session_.local_as


def learned_over(session_: ExpectedSession, own: Address, row: GatewayRoute) -> bool:
    """Whether a gateway's learned route came over this session: by the MSEE for ExpressRoute, from the router itself
    for the VPN."""
    if session_.role == "vpn":
        return own in (row.source_peer, row.next_hop) and row.as_path.neighbor_as == session_.local_as
    return row.as_path.neighbor_as == session_.remote_as and session_.local_as in row.as_path.sequence


def repeats(path: AsPath) -> int:
    """How often the first AS of a path is repeated beyond the first time: prepends by it or in its name."""
    sequence = path.sequence
    count = 0
    for asn in sequence:
        if asn != sequence[0]:
            break
        count += 1
    return max(0, count - 1)


def _named(resource: str, of: ResourceName | None) -> tuple[str, str]:
    """The name of a circuit, gateway or interface, of which the short name of a part begins with it, and the options
    that say where it is."""
    return (of.parts[1] if of is not None else "".join(resource.split("/")[1:2])), next_command.in_azure(of)


def show_circuit(table: ObservedCircuitTable) -> str:
    """The command that prints a circuit's table."""
    name, where = _named(table.resource, table.of)
    return (
        f"az network express-route list-route-tables --name {name} --path {table.path} "
        f"--peering-name AzurePrivatePeering{where}"
    )


def show_learned(routes: ObservedGatewayRoutes) -> str:
    """The command that prints what a gateway learned, or advertises to a peer."""
    name, where = _named(routes.resource, routes.of)
    if routes.view == "learned":
        return f"az network vnet-gateway list-learned-routes --name {name}{where}"
    return f"az network vnet-gateway list-advertised-routes --name {name} --peer {routes.to}{where}"


def show_effective(subnet: ObservedSubnet) -> str:
    """The command that prints effective routes."""
    name, where = _named(subnet.resource, subnet.of)
    return f"az network nic show-effective-route-table --name {name}{where}"


def wanted_carriers(view: SidesView, network: ExpectedNetwork, role: PathRole) -> frozenset[str]:
    """The circuits or connections of a role that the site prefers for a network: those of the highest declared local
    preference. Empty where the intent makes no difference between several."""
    serving = [
        (carrier.name, each.local_preference)
        for each in view.expected.site.sessions
        if (carrier := view.carrier(each)).role == role
        and (role == "vpn" or set(carrier.gateways).intersection(network.gateways))
    ]
    preferences = [preference for _, preference in serving if preference is not None]
    if len(preferences) < len(serving) or not preferences:
        return frozenset()
    return frozenset(name for name, preference in serving if preference == max(preferences))

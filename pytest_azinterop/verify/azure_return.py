"""Judgement about the way back: what gateways bring from the sites enters a subnet as its own packets leave it.

A firewall that sees one direction of a conversation alone drops it. The route table of the gateways' subnet decides
where packets from the sites go, and is none of the subnet's own.
Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview (how Azure chooses a route)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import azure_supported, evidence
from pytest_azinterop.verify.azure_next import AzureSubject
from pytest_azinterop.verify.azure_words import name_of
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.azure_expectations import ExpectedGatewaySubnet, ExpectedSubnet, ResourceName
    from pytest_azinterop.state.azure_network import RouteTable, Subnet, UserRoute, Vnet
    from pytest_azinterop.verify.finding import Finding

_APPLIANCE: Final = "virtualappliance"
_INSIDE: Final = "vnetlocal"


@dataclass(frozen=True, slots=True)
class ObservedReturn:
    """The subnet's VNet; by the declared subnet of gateways its VNet, and the route tables declared for it."""

    vnet: Vnet
    gateways: tuple[tuple[ExpectedGatewaySubnet, Vnet, tuple[tuple[ResourceName, RouteTable], ...]], ...]


def enters(expected: ExpectedSubnet, observed: ObservedReturn) -> list[Finding]:
    """Packets from the sites pass the declared firewall on their way into the subnet, or no appliance at all.

    A route of the table that is shorter than the VNet's own prefix loses against Azure's. Raises UndeterminedError
    where the gateways' subnet has a table that is not declared: its routes are not known.
    """
    azure_supported.vnet(observed.vnet)
    subnet = _subnet_of(observed.vnet, expected.resource.name)
    found: list[Finding] = []
    for place, hub, tables in observed.gateways:
        gates = _subnet_of(hub, place.resource.name)
        table = _table(gates, tables)
        for prefix in subnet.prefixes:
            if prefix.version == 4:  # the address of a firewall is one of IPv4
                found += _into(expected, place, observed.vnet, prefix, table)
    return found


def _subnet_of(vnet: Vnet, name: str) -> Subnet:
    if vnet.subnets is None:
        evidence.undetermined("the VNet's subnets are not told", "not-understood", vnet.source)
    found = next((each for each in vnet.subnets if each.name.casefold() == name.casefold()), None)
    if found is None:
        evidence.undetermined(f"the VNet does not tell subnet {clean(name)}", "not-understood", vnet.source)
    return found


def _table(gates: Subnet, tables: tuple[tuple[ResourceName, RouteTable], ...]) -> RouteTable | None:
    """The table of the gateways' subnet; None: it has none."""
    if gates.route_table is None:
        return None
    found = next((table for name, table in tables if name.is_(gates.route_table)), None)
    if found is None:
        words = f"route table {name_of(gates.route_table)} of {clean(gates.name)} is not declared, so it is not read"
        evidence.undetermined(words, "not-collected", gates.source)
    return found


def _into(
    expected: ExpectedSubnet,
    place: ExpectedGatewaySubnet,
    vnet: Vnet,
    prefix: IPv4Network | IPv6Network,
    table: RouteTable | None,
) -> Iterator[Finding]:
    if table is not None and table.routes is None:
        evidence.undetermined("the routes of the route table are not told", "not-understood", table.source)
    routes = () if table is None else table.routes or ()
    known = [(route, route.destination) for route in routes if not isinstance(route.destination, str)]
    by_azure = [each.prefixlen for each in vnet.prefixes if lies_in(prefix, each)]
    if not by_azure:
        evidence.undetermined(f"the address space of {prefix} is not told", "contradiction", vnet.source)
    covering = [(route, to) for route, to in known if lies_in(prefix, to) and to.prefixlen >= max(by_azure)]
    deciding = [max(covering, key=lambda pair: pair[1].prefixlen)] if covering else []
    deciding += [(route, to) for route, to in known if lies_in(to, prefix) and to != prefix]
    wanted = "no appliance" if expected.back_via is None else f"the firewall {expected.back_via}"
    if expected.back_via is not None and not covering:
        where = "no route table" if table is None else f"no route of {clean(table.name, 60)}"
        words = f"{where} of {place.resource.name} leads to {prefix} through {wanted}, expected one for what sites send"
        yield _finding(expected, place, table, words, "around-firewall")
    for route, to in deciding:
        if not _is_right(expected, route):
            hop = f"{clean(route.next_hop_type, 40)}, {route.next_hop or 'no address'}"
            words = f"next hop of {place.resource.name} to {to} ({clean(route.name, 40)}) is {hop}, expected {wanted}"
            yield _finding(expected, place, table, words, "other-next-hop")


def _is_right(expected: ExpectedSubnet, route: UserRoute) -> bool:
    kind = route.next_hop_type.casefold()
    if expected.back_via is None:
        return kind == _INSIDE
    return kind == _APPLIANCE and route.next_hop == expected.back_via


def _finding(
    expected: ExpectedSubnet, place: ExpectedGatewaySubnet, table: RouteTable | None, words: str, cause: str
) -> Finding:
    shown = None if table is None else table.name.casefold()
    name = next((each for each in place.tables if each.name.casefold() == shown), None)
    names = {"vnet": place.resource.parts[1], "subnet": place.resource.name, "route_table": name}
    about = AzureSubject(expected.id, f"subnet {expected.name}", place.resource, names)
    return about.finding("azure.subnet-return", words, cause=cause, evidence=[None if table is None else table.source])

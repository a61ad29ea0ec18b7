"""Judgements about a subnet: its route table, and where packets of its machines to the sites leave.

Source: https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview (how Azure chooses a route)
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import lies_in
from pytest_azinterop.verify import azure_supported, evidence
from pytest_azinterop.verify.azure_words import name_of, not_succeeded, of_gateway, of_subnet
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.azure_expectations import ExpectedGateway, ExpectedSubnet
    from pytest_azinterop.state.azure_network import EffectiveRoute, RouteTable, UserRoute
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.azure_observed import ObservedGatewaySubnet, ObservedSubnet
    from pytest_azinterop.verify.finding import Finding

    Prefix = IPv4Network | IPv6Network

_GATEWAY: Final = "virtualnetworkgateway"
_APPLIANCE: Final = "virtualappliance"
_USER: Final = "user"


class _Demand(Enum):
    """Of a prefix: packets to all of it have a route. Of a space: it holds one route at least; whichever it holds."""

    COVERED = "covered"
    HOLDS_ONE = "holds-one"
    INSIDE = "inside"


# Of routes to one prefix the user's wins over the gateway's, and that over Azure's own.
_RANK: Final = {"User": 0, "VirtualNetworkGateway": 1}


def route_table(expected: ExpectedSubnet, observed: ObservedSubnet) -> list[Finding]:
    """The subnet has the declared route table, and lets gateways' routes in."""
    if observed.vnet.subnets is None:
        evidence.undetermined("the VNet's subnets are not told", "not-understood", observed.vnet.source)
    name = expected.resource.name
    subnet = next((each for each in observed.vnet.subnets if each.name.casefold() == name.casefold()), None)
    if subnet is None:
        words = f"subnet {name} is missing, expected in VNet {expected.vnet}"
        return [_subnet("azure.subnet-table", expected, words, "missing", observed.vnet.source)]
    found = []
    wanted = expected.route_table
    if wanted is not None and not wanted.is_(subnet.route_table):
        cause = "no-table" if subnet.route_table is None else "other-table"
        words = f"route table is {name_of(subnet.route_table)}, expected {wanted.name}"
        found.append(_subnet("azure.subnet-table", expected, words, cause, subnet.source))
    if wanted is None and expected.nic is None and subnet.route_table is not None:
        words = f"route table is {name_of(subnet.route_table)}, expected none"
        found.append(_subnet("azure.subnet-table", expected, words, "unexpected-table", subnet.source))
    for what, each in (("subnet", subnet), ("route table", observed.table)):
        if each is not None and (unready := not_succeeded(each.provisioning_state, what)) is not None:
            found.append(_subnet("azure.subnet-table", expected, unready, "not-succeeded", each.source))
    if observed.table is not None and expected.via is None and observed.table.disable_bgp_propagation is None:
        words = "whether the route table lets routes of gateways in is not told"
        evidence.undetermined(words, "not-understood", observed.table.source)
    if observed.table is not None and expected.via is None and observed.table.disable_bgp_propagation:
        words = "routes of gateways are kept out by the route table, expected to be let in"
        found.append(_subnet("azure.subnet-table", expected, words, "propagation-off", observed.table.source))
    return found


def of_gateways(expected: ExpectedGateway, observed: ObservedGatewaySubnet) -> list[Finding]:
    """The subnet in which the gateway is has no route table but a declared one, and no network security group.

    Source: https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings (gateway subnet)
    """
    gateway, vnet = observed.gateway, observed.vnet
    if not gateway.ip_configurations or any(each.subnet is None for each in gateway.ip_configurations):
        evidence.undetermined("the gateway's subnet is not told", "not-understood", gateway.source)
    if vnet.subnets is None:
        evidence.undetermined("the VNet's subnets are not told", "not-understood", vnet.source)
    found = []
    about = of_gateway(expected)
    for told in sorted({(each.subnet or "").casefold() for each in gateway.ip_configurations}):
        place, _, name = told.rpartition("/subnets/")
        if place != expected.vnet_resource.id.casefold():
            evidence.undetermined(
                f"the gateway is in VNet {name_of(place)}, which is not the declared one",
                "not-understood",
                gateway.source,
            )
        subnet = next((each for each in vnet.subnets if each.name.casefold() == name), None)
        if subnet is None:
            evidence.undetermined(f"the VNet does not tell subnet {clean(name)}", "not-understood", vnet.source)
        read = [gateway.source, subnet.source]
        if subnet.route_table is not None and not any(each.is_(subnet.route_table) for each in expected.subnet_tables):
            wanted = some(each.name for each in expected.subnet_tables) or "none"
            words = f"route table of {clean(subnet.name)} is {name_of(subnet.route_table)}, expected {wanted}"
            found.append(about.finding("azure.gateway-subnet", words, cause="route-table", evidence=read))
        if subnet.network_security_group is not None:
            group = name_of(subnet.network_security_group)
            words = f"network security group of {clean(subnet.name)} is {group}, expected none"
            found.append(about.finding("azure.gateway-subnet", words, cause="security-group", evidence=read))
    return found


def next_hop(expected: ExpectedSubnet, observed: ObservedSubnet) -> list[Finding]:
    """Packets to every site leave as declared: through a gateway, or through the firewall.

    Judged by what applies to a machine in the subnet; where none is declared, by the subnet's route table alone. IPv6
    prefixes of the sites are not awaited in a subnet without IPv6. Raises UndeterminedError for a machine without IPv6
    in a subnet that has it: its routes say nothing of the IPv6 of others.
    """
    azure_supported.vnet(observed.vnet)
    if observed.routes is None:
        # A table that is not the declared one says nothing of the routes that were declared.
        return route_table(expected, observed) or list(_by_table(expected, observed.table))
    found: list[Finding] = []
    wanted = [
        (prefix, how)
        for each in expected.destinations
        for prefix, how in (
            *((prefix, _Demand.COVERED) for prefix in sorted(each.prefixes.required, key=str)),
            *(
                (space, _Demand.INSIDE if space in each.prefixes.may_be_empty else _Demand.HOLDS_ONE)
                for space in each.prefixes.allowed
            ),
        )
    ]
    over_ipv6 = any(prefix.version == 6 for prefix, _ in wanted) and _has_ipv6(expected, observed)
    told = any(each.version == 6 for route in observed.routes for each in route.prefixes)
    for prefix, how in wanted:
        # A route to the site is judged also where the subnet should have no IPv6.
        if prefix.version == 4 or told:
            found += _to(expected, observed.routes, prefix, how)
    found = list(dict.fromkeys(found))
    if over_ipv6 and not told:
        words = "the machine has no IPv6 and the subnet does: name the network interface of a machine that has it"
        read = observed.routes[0].source if observed.routes else None
        return evidence.open_beside(found, words, "not-understood", read)
    return found


def _has_ipv6(expected: ExpectedSubnet, observed: ObservedSubnet) -> bool:
    """Whether IPv6 runs in the subnet. Raises UndeterminedError where Azure does not tell it."""
    if observed.vnet.subnets is None:
        evidence.undetermined("the VNet's subnets are not told", "not-understood", observed.vnet.source)
    name = expected.resource.name.casefold()
    subnet = next((each for each in observed.vnet.subnets if each.name.casefold() == name), None)
    if subnet is None or not subnet.prefixes:
        evidence.undetermined("the prefixes of the subnet are not told", "not-understood", observed.vnet.source)
    return any(each.version == 6 for each in subnet.prefixes)


def _to(
    expected: ExpectedSubnet, routes: tuple[EffectiveRoute, ...], prefix: Prefix, demand: _Demand
) -> Iterator[Finding]:
    active = [route for route in routes if route.is_active]
    covering = [
        (each.prefixlen, -_RANK.get(route.origin, 2), route)
        for route in active
        for each in route.prefixes
        if lies_in(prefix, each)
    ]
    inside = [route for route in active if any(lies_in(each, prefix) and each != prefix for each in route.prefixes)]
    if demand is _Demand.INSIDE:  # what must be there is demanded for itself
        covering = [item for item in covering if prefix in item[2].prefixes]
    if covering and (demand is not _Demand.HOLDS_ONE or not inside):
        best = max(item[:2] for item in covering)
        for route in (item[2] for item in covering if item[:2] == best):
            yield from _leaves(expected, route, prefix)
    elif not inside and demand is not _Demand.INSIDE:
        words = f"no route leads to {prefix}, expected one through {_wanted(expected)}"
        yield _subnet("azure.subnet-next-hop", expected, words, "no-route", routes[0].source if routes else None)
    for route in inside:
        yield from _leaves(expected, route, prefix)


def _leaves(expected: ExpectedSubnet, route: EffectiveRoute, prefix: Prefix) -> Iterator[Finding]:
    kind = route.next_hop_type.casefold()
    hops = ", ".join(map(str, route.next_hops or ())) or "no address"
    if expected.via is None and kind == _GATEWAY:
        return
    if expected.via is not None and kind == _APPLIANCE and set(route.next_hops or ()) == {expected.via}:
        return
    shown_kind = clean(route.next_hop_type, 40)
    told = next((each for each in route.prefixes if lies_in(prefix, each) or lies_in(each, prefix)), prefix)
    if kind in ("none", "internet") and route.origin.casefold() != _USER:
        words = f"no route leads to {prefix}: {told} goes to {shown_kind}, expected {_wanted(expected)}"
        yield _subnet("azure.subnet-next-hop", expected, words, "no-route", route.source)
        return
    cause = "user-route" if route.origin.casefold() == _USER else "other-next-hop"
    if expected.via is not None and kind == _GATEWAY:
        cause = "around-firewall"
    name = f" ({clean(route.name, 40)})" if route.name else ""
    words = f"next hop to {told}{name} is {shown_kind}, {hops}, expected {_wanted(expected)}"
    yield _subnet("azure.subnet-next-hop", expected, words, cause, route.source)


def _by_table(expected: ExpectedSubnet, table: RouteTable | None) -> Iterator[Finding]:
    """A user's route decides whatever gateways say; without one packets leave through them."""
    if table is None:
        if expected.via is not None:
            words = f"no route table sends packets to the sites, expected one through {_wanted(expected)}"
            yield _subnet("azure.subnet-next-hop", expected, words, "around-firewall", None)
        return
    if table.routes is None:
        evidence.undetermined("the routes of the route table are not told", "not-understood", table.source)
    for destination in expected.destinations:
        for prefix in (*sorted(destination.prefixes.required, key=str), *destination.prefixes.allowed):
            yield from _table_to(expected, table, table.routes, prefix)


def _table_to(
    expected: ExpectedSubnet, table: RouteTable, routes: tuple[UserRoute, ...], prefix: Prefix
) -> Iterator[Finding]:
    known = [(route, route.destination) for route in routes if not isinstance(route.destination, str)]
    covering = [(route, each) for route, each in known if lies_in(prefix, each)]
    deciding = [max(covering, key=lambda pair: pair[1].prefixlen)] if covering else []
    deciding += [(route, each) for route, each in known if lies_in(each, prefix) and each != prefix]
    if expected.via is not None and not covering:
        words = f"no route of {clean(table.name, 60)} leads to {prefix}, expected one through {_wanted(expected)}"
        yield _subnet("azure.subnet-next-hop", expected, words, "around-firewall", table.source)
    for route, each in deciding:
        kind = route.next_hop_type.casefold()
        right = kind == _GATEWAY if expected.via is None else kind == _APPLIANCE and route.next_hop == expected.via
        # A user's default route does not win over what gateways announce of the sites.
        if right or (expected.via is None and each.prefixlen < prefix.prefixlen):
            continue
        hop = f"{clean(route.next_hop_type, 40)}, {route.next_hop or 'no address'}"
        words = f"next hop to {each} ({clean(route.name, 40)}) is {hop}, expected {_wanted(expected)}"
        yield _subnet("azure.subnet-next-hop", expected, words, "user-route", table.source)


def _wanted(expected: ExpectedSubnet) -> str:
    return "a gateway" if expected.via is None else f"the firewall {expected.via}"


def _subnet(rule: str, expected: ExpectedSubnet, words: str, cause: str, source: Source | None) -> Finding:
    return of_subnet(expected).finding(rule, words, cause=cause, evidence=[source])

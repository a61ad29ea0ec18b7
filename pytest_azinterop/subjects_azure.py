"""What a check can ask about Azure's side: which requests each subject needs, and how its observed side is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop import subject_facts as fact
from pytest_azinterop.azure.request import Request
from pytest_azinterop.subject_facts import SubjectKind
from pytest_azinterop.verify.azure_appliance import ObservedAppliance
from pytest_azinterop.verify.azure_observed import (
    ObservedCircuit,
    ObservedConnection,
    ObservedGateway,
    ObservedGatewaySubnet,
    ObservedLearned,
    ObservedLocalGateway,
    ObservedPath,
    ObservedPathArp,
    ObservedPeers,
    ObservedSubnet,
    ObservedVnet,
)
from pytest_azinterop.verify.azure_return import ObservedReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.azure_expectations import (
        AzureExpectations,
        ExpectedCircuit,
        ExpectedCircuitPath,
        ExpectedConnection,
        ExpectedGateway,
        ExpectedLocalGateway,
        ExpectedSubnet,
        ExpectedVnet,
        ExpectedVnetPeering,
        ResourceName,
    )
    from pytest_azinterop.intent.expectations import Expectations

# Requests -----------------------------------------------------------------------------------------------------------


def _about(operation: str, parameter: str, resource: ResourceName, **more: str) -> Request:
    """A request about a resource, or about the VNet or circuit that it is a part of."""
    given = {"subscription": resource.subscription, "group": resource.group, parameter: resource.parts[1], **more}
    return Request.of(operation, **given)


def circuit(resource: ResourceName) -> Request:
    """A circuit with its peerings."""
    return _about("circuit", "circuit", resource)


def link_tests(resource: ResourceName) -> Request:
    """The failover tests of a circuit's links."""
    return _about("link-failover-tests", "circuit", resource, kind="LinkFailover", latest="true")


def site_tests(resource: ResourceName) -> Request:
    """The failover tests of a gateway's peering locations."""
    return _about("site-failover-tests", "gateway", resource, kind="All", latest="true")


def path_table(operation: str, path: ExpectedCircuitPath) -> Request:
    """A table of the MSEE on one path: `circuit-arp`, `circuit-sessions`, `circuit-routes`."""
    return _about(operation, "circuit", path.resource, peering=path.peering_name, path=path.path)


def gateway(resource: ResourceName, operation: str = "gateway") -> Request:
    """A gateway, or one of its tables: `bgp-peers`, `learned-routes`."""
    return _about(operation, "gateway", resource)


def connection(resource: ResourceName) -> Request:
    """A connection."""
    return _about("connection", "connection", resource)


def local_gateway(resource: ResourceName) -> Request:
    """A local network gateway."""
    return _about("local-gateway", "local_gateway", resource)


def vnet(resource: ResourceName) -> Request:
    """A VNet with its subnets and peerings; `resource` may be one of these."""
    return _about("vnet", "vnet", resource)


def effective_routes(nic: ResourceName) -> Request:
    """What applies to a machine's network interface."""
    return _about("effective-routes", "nic", nic)


def network_interface(resource: ResourceName) -> Request:
    """A network interface."""
    return _about("network-interface", "nic", resource)


def route_table(resource: ResourceName) -> Request:
    """A route table."""
    return _about("route-table", "route_table", resource)


# Subjects -----------------------------------------------------------------------------------------------------------


def _circuit(expected: ExpectedCircuit, facts: Facts, _: Expectations) -> ObservedCircuit:
    return ObservedCircuit(fact.the_one(facts, circuit(expected.resource)))


def _arp(expected: ExpectedCircuitPath, facts: Facts, _: Expectations) -> ObservedPathArp:
    return ObservedPathArp(tuple(facts.records(path_table("circuit-arp", expected))))


def _path(expected: ExpectedCircuitPath, facts: Facts, _: Expectations) -> ObservedPath:
    return ObservedPath(tuple(facts.records(path_table("circuit-sessions", expected))))


def _service_needs(expected: ExpectedCircuitPath) -> tuple[Need, ...]:
    gateways = (gateway(resource) for _, resource in expected.gateways)
    return path_table("circuit-sessions", expected), *gateways


def _service(expected: ExpectedCircuitPath, facts: Facts, _: Expectations) -> ObservedPath:
    served = tuple((key, fact.the_one(facts, gateway(resource))) for key, resource in expected.gateways)
    return ObservedPath(tuple(facts.records(path_table("circuit-sessions", expected))), served)


def _gateway(expected: ExpectedGateway, facts: Facts, _: Expectations) -> ObservedGateway:
    return ObservedGateway(fact.the_one(facts, gateway(expected.resource)))


def _place_needs(expected: ExpectedGateway) -> tuple[Need, ...]:
    return gateway(expected.resource), vnet(expected.vnet_resource)


def _place(expected: ExpectedGateway, facts: Facts, _: Expectations) -> ObservedGatewaySubnet:
    return ObservedGatewaySubnet(
        fact.the_one(facts, gateway(expected.resource)), fact.the_one(facts, vnet(expected.vnet_resource))
    )


def _peers_needs(expected: ExpectedGateway) -> tuple[Need, ...]:
    others = (gateway(peer.resource) for peer in expected.peers if peer.resource is not None)
    return gateway(expected.resource), gateway(expected.resource, "bgp-peers"), *others


def _peers(expected: ExpectedGateway, facts: Facts, _: Expectations) -> ObservedPeers:
    return ObservedPeers(
        fact.the_one(facts, gateway(expected.resource)),
        tuple(facts.records(gateway(expected.resource, "bgp-peers"))),
        tuple(
            (peer.gateway or "", fact.the_one(facts, gateway(peer.resource)))
            for peer in expected.peers
            if peer.resource is not None
        ),
    )


def _learned_needs(expected: ExpectedGateway) -> tuple[Need, ...]:
    return gateway(expected.resource), gateway(expected.resource, "learned-routes")


def _learned(expected: ExpectedGateway, facts: Facts, _: Expectations) -> ObservedLearned:
    return ObservedLearned(
        fact.the_one(facts, gateway(expected.resource)),
        fact.some(facts, gateway(expected.resource, "learned-routes")),
    )


def _connection(expected: ExpectedConnection, facts: Facts, _: Expectations) -> ObservedConnection:
    return ObservedConnection(fact.the_one(facts, connection(expected.resource)))


def _local_needs(expected: ExpectedLocalGateway) -> tuple[Need, ...]:
    far = () if expected.to_resource is None else (gateway(expected.to_resource),)
    return local_gateway(expected.resource), *far


def _local(expected: ExpectedLocalGateway, facts: Facts, _: Expectations) -> ObservedLocalGateway:
    far = None if expected.to_resource is None else fact.the_one(facts, gateway(expected.to_resource))
    return ObservedLocalGateway(fact.the_one(facts, local_gateway(expected.resource)), far)


def _vnet(expected: ExpectedVnet | ExpectedVnetPeering, facts: Facts, _: Expectations) -> ObservedVnet:
    return ObservedVnet(fact.the_one(facts, vnet(expected.resource)))


def _subnet_needs(expected: ExpectedSubnet) -> tuple[Need, ...]:
    routes = () if expected.nic is None else (effective_routes(expected.nic),)
    table = () if expected.route_table is None else (route_table(expected.route_table),)
    return vnet(expected.resource), *routes, *table


def _subnet(expected: ExpectedSubnet, facts: Facts, _: Expectations) -> ObservedSubnet:
    nic, table = expected.nic, expected.route_table
    routes = None if nic is None else fact.some(facts, effective_routes(nic))
    return ObservedSubnet(
        fact.the_one(facts, vnet(expected.resource)),
        routes,
        None if table is None else fact.the_one(facts, route_table(table)),
    )


def _table_needs(expected: ExpectedSubnet) -> tuple[Need, ...]:
    table = () if expected.route_table is None else (route_table(expected.route_table),)
    return vnet(expected.resource), *table


def _table(expected: ExpectedSubnet, facts: Facts, _: Expectations) -> ObservedSubnet:
    table = expected.route_table
    return ObservedSubnet(
        fact.the_one(facts, vnet(expected.resource)),
        None,
        None if table is None else fact.the_one(facts, route_table(table)),
    )


def _return_needs(expected: ExpectedSubnet) -> tuple[Need, ...]:
    tables = (route_table(each) for place in expected.enters_from for each in place.tables)
    return vnet(expected.resource), *(vnet(place.vnet_resource) for place in expected.enters_from), *tables


def _return(expected: ExpectedSubnet, facts: Facts, _: Expectations) -> ObservedReturn:
    gateways = tuple(
        (
            place,
            fact.the_one(facts, vnet(place.vnet_resource)),
            tuple((each, fact.the_one(facts, route_table(each))) for each in place.tables),
        )
        for place in expected.enters_from
    )
    return ObservedReturn(fact.the_one(facts, vnet(expected.resource)), gateways)


def _appliance_needs(expected: ExpectedSubnet) -> tuple[Request, ...]:
    return () if expected.via_nic is None else (network_interface(expected.via_nic),)


def _appliance(expected: ExpectedSubnet, facts: Facts, _: Expectations) -> ObservedAppliance:
    (wanted,) = _appliance_needs(expected)
    return ObservedAppliance(fact.the_one(facts, wanted))


# All of them --------------------------------------------------------------------------------------------------------


def _of(select: Callable[[AzureExpectations], Sequence[Any]]) -> Callable[[Expectations], Sequence[Any]]:
    return lambda everything: () if everything.azure is None else select(everything.azure)


def _kind(
    name: str,
    plural: str,
    select: Callable[[AzureExpectations], Sequence[Any]],
    needs: Callable[[Any], tuple[Need, ...]],
    observe: Callable[[Any, Facts, Expectations], Any],
) -> SubjectKind:
    return SubjectKind(name, f"{plural} on Azure's side", _of(select), needs, observe, of_azure=True)


KINDS: Final = (
    _kind("circuit", "circuits", lambda all_: all_.circuits, lambda each: (circuit(each.resource),), _circuit),
    _kind(
        "circuit_arp",
        "circuits",
        lambda all_: all_.circuit_paths,
        lambda each: (path_table("circuit-arp", each),),
        _arp,
    ),
    _kind(
        "circuit_path",
        "circuits",
        lambda all_: all_.circuit_paths,
        lambda each: (path_table("circuit-sessions", each),),
        _path,
    ),
    _kind("circuit_service", "circuits", lambda all_: all_.circuit_paths, _service_needs, _service),
    _kind("gateway", "gateways", lambda all_: all_.gateways, lambda each: (gateway(each.resource),), _gateway),
    _kind("gateway_subnet", "gateways", lambda all_: all_.gateways, _place_needs, _place),
    _kind("gateway_peers", "gateways", lambda all_: all_.gateways, _peers_needs, _peers),
    _kind("gateway_routes", "gateways", lambda all_: all_.gateways, _learned_needs, _learned),
    _kind(
        "connection",
        "connections",
        lambda all_: all_.connections,
        lambda each: (connection(each.resource),),
        _connection,
    ),
    _kind("local_gateway", "local network gateways", lambda all_: all_.local_gateways, _local_needs, _local),
    _kind("vnet", "VNets", lambda all_: all_.vnets, lambda each: (vnet(each.resource),), _vnet),
    _kind("vnet_peering", "VNet peerings", lambda all_: all_.vnet_peerings, lambda each: (vnet(each.resource),), _vnet),
    _kind("subnet", "subnets", lambda all_: all_.subnets, _table_needs, _table),
    _kind("subnet_routes", "subnets", lambda all_: all_.subnets, _subnet_needs, _subnet),
    _kind(
        "subnet_appliance",
        "subnets",
        lambda all_: tuple(each for each in all_.subnets if each.via_nic is not None),
        _appliance_needs,
        _appliance,
    ),
    _kind(
        "subnet_return",
        "subnets",
        lambda all_: tuple(each for each in all_.subnets if each.enters_from and each.destinations),
        _return_needs,
        _return,
    ),
)

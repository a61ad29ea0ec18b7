"""Objects of Azure's side, as identifiers and in the words of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify.azure_next import AzureSubject
from pytest_azinterop.verify.text import clean

if TYPE_CHECKING:
    from pytest_azinterop.intent.azure_expectations import (
        ExpectedCircuit,
        ExpectedCircuitPath,
        ExpectedConnection,
        ExpectedGateway,
        ExpectedLocalGateway,
        ExpectedSubnet,
        ExpectedVnet,
        ExpectedVnetPeering,
    )


def of_circuit(expected: ExpectedCircuit) -> AzureSubject:
    """A circuit."""
    names = {"circuit": expected.resource.name, "peering": expected.peering_name}
    return AzureSubject(expected.id, f"circuit {expected.name}", expected.resource, names)


def of_path(expected: ExpectedCircuitPath) -> AzureSubject:
    """One path of a circuit."""
    circuit = expected.resource.parts[1]
    names = {"circuit": circuit, "peering": expected.peering_name, "path": expected.path}
    words = f"circuit {expected.circuit}, {expected.path} path"
    return AzureSubject(expected.id, words, expected.resource, names)


def of_gateway(expected: ExpectedGateway) -> AzureSubject:
    """A gateway."""
    names = {"gateway": expected.resource.name}
    return AzureSubject(expected.id, f"gateway {expected.name}", expected.resource, names)


def of_connection(expected: ExpectedConnection) -> AzureSubject:
    """A connection."""
    words, names = f"connection {expected.name}", {"connection": expected.resource.name}
    return AzureSubject(expected.id, words, expected.resource, names, over_circuit=expected.circuit is not None)


def of_local_gateway(expected: ExpectedLocalGateway) -> AzureSubject:
    """A local network gateway."""
    words, names = f"local network gateway {expected.name}", {"local_gateway": expected.resource.name}
    return AzureSubject(expected.id, words, expected.resource, names)


def of_vnet(expected: ExpectedVnet) -> AzureSubject:
    """A virtual network."""
    return AzureSubject(expected.id, f"VNet {expected.name}", expected.resource, {"vnet": expected.resource.name})


def of_vnet_peering(expected: ExpectedVnetPeering) -> AzureSubject:
    """One direction of a VNet peering."""
    names = {"vnet": expected.resource.parts[1], "peering": expected.resource.name}
    words = f"VNet {expected.vnet}, peering {expected.name}"
    return AzureSubject(expected.id, words, expected.resource, names, far=expected.to_resource)


def of_subnet(expected: ExpectedSubnet) -> AzureSubject:
    """A subnet."""
    vnet, subnet = expected.resource.parts[1], expected.resource.name
    names = {"vnet": vnet, "subnet": subnet, "route_table": expected.route_table, "via_nic": expected.via_nic}
    return AzureSubject(expected.id, f"subnet {expected.name}", expected.resource, names)


def name_of(resource_id: str | None) -> str:
    """A resource by its own name; `none` for none."""
    return "none" if resource_id is None else clean(resource_id.rstrip("/").rpartition("/")[2], 80) or "none"


def shown(value: object) -> str:
    """A value as Azure told it; `not told` for None."""
    return "not told" if value is None else clean(str(value), 60)


def not_succeeded(state: str | None, what: str = "resource") -> str | None:
    """Words for that Azure is changing something, or could not; None: it is ready, or not told."""
    return None if state in (None, "Succeeded") else f"{what} is {shown(state)}, expected Succeeded"

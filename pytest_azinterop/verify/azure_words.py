"""Objects of Azure's side, as identifiers and in the words of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.verify.subject import Subject
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


def of_circuit(expected: ExpectedCircuit) -> Subject:
    """A circuit."""
    return Subject(expected.id, f"circuit {expected.name}")


def of_path(expected: ExpectedCircuitPath) -> Subject:
    """One path of a circuit."""
    return Subject(expected.id, f"circuit {expected.circuit}, {expected.path} path")


def of_gateway(expected: ExpectedGateway) -> Subject:
    """A gateway."""
    return Subject(expected.id, f"gateway {expected.name}")


def of_connection(expected: ExpectedConnection) -> Subject:
    """A connection."""
    return Subject(expected.id, f"connection {expected.name}")


def of_local_gateway(expected: ExpectedLocalGateway) -> Subject:
    """A local network gateway."""
    return Subject(expected.id, f"local network gateway {expected.name}")


def of_vnet(expected: ExpectedVnet) -> Subject:
    """A virtual network."""
    return Subject(expected.id, f"VNet {expected.name}")


def of_vnet_peering(expected: ExpectedVnetPeering) -> Subject:
    """One direction of a VNet peering."""
    return Subject(expected.id, f"VNet {expected.vnet}, peering {expected.name}")


def of_subnet(expected: ExpectedSubnet) -> Subject:
    """A subnet."""
    return Subject(expected.id, f"subnet {expected.name}")


def name_of(resource_id: str | None) -> str:
    """A resource by its own name; `none` for none."""
    return "none" if resource_id is None else clean(resource_id.rstrip("/").rpartition("/")[2], 80) or "none"


def shown(value: object) -> str:
    """A value as Azure told it; `not told` for None."""
    return "not told" if value is None else clean(str(value), 60)

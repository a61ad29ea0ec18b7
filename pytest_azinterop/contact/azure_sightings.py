"""What Azure has in one resource group: each kind of resource is listed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.gather import gather
from pytest_azinterop.azure.request import Request
from pytest_azinterop.errors import UndeterminedError

if TYPE_CHECKING:
    from pytest_azinterop.azure.gather import Client
    from pytest_azinterop.state.azure_circuit import Circuit
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.azure_gateway import Gateway, LocalNetworkGateway
    from pytest_azinterop.state.azure_network import Vnet

LISTS: Final = ("circuits", "gateways", "connections", "local-gateways", "vnets")


@dataclass(frozen=True, slots=True)
class SeenAzure:
    """Resources of one group. `problems` are lists that could not be read: their resources are missing here."""

    subscription: str
    group: str
    circuits: tuple[Circuit, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    connections: tuple[Connection, ...] = ()
    local_gateways: tuple[LocalNetworkGateway, ...] = ()
    vnets: tuple[Vnet, ...] = ()
    problems: tuple[str, ...] = ()


def look(client: Client, subscription: str, group: str) -> SeenAzure:
    """Ask. Raises ValueError for a name that is none."""
    requests = {name: Request.of(name, subscription=subscription, group=group) for name in LISTS}
    answers = gather(client, requests.values())
    found: dict[str, Any] = {}
    problems = []
    for name, request in requests.items():
        try:
            outcome = answers[request]
            if not isinstance(outcome, Asked):
                raise outcome
            found[name.replace("-", "_")] = tuple(outcome.read().records)
        except UndeterminedError as error:
            problems.append(f"{request.short}: {name}: {error.message} [{error.cause}]")
    return SeenAzure(subscription, group, problems=tuple(problems), **found)

"""What judgements of Azure's side look at: the records of one subject, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_azinterop.state.azure_circuit import Circuit, CircuitArpEntry, CircuitPeering, CircuitSession
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.azure_gateway import Gateway, GatewayBgpPeer, GatewayRoute, LocalNetworkGateway
    from pytest_azinterop.state.azure_network import EffectiveRoute, RouteTable, Subnet, Vnet, VnetPeering


@dataclass(frozen=True, slots=True)
class ObservedCircuit:
    """A circuit with its peerings."""

    circuit: Circuit

    def peering(self, name: str) -> CircuitPeering | None:
        """The peering of this name; None: the circuit has none."""
        return next((each for each in self.circuit.peerings or () if each.name.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True)
class ObservedPathArp:
    """The ARP table of one path of a circuit."""

    entries: tuple[CircuitArpEntry, ...]


@dataclass(frozen=True, slots=True)
class ObservedPath:
    """The BGP sessions of the MSEE on one path, and the gateways (by key) that it should serve."""

    sessions: tuple[CircuitSession, ...]
    gateways: tuple[tuple[str, Gateway], ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedGateway:
    """A gateway."""

    gateway: Gateway


@dataclass(frozen=True, slots=True)
class ObservedGatewaySubnet:
    """A gateway, and the VNet that is declared for it."""

    gateway: Gateway
    vnet: Vnet


@dataclass(frozen=True, slots=True)
class ObservedPeers:
    """The BGP peers of a gateway's instances, the gateway, and the gateways (by key) that should be its peers."""

    gateway: Gateway
    peers: tuple[GatewayBgpPeer, ...]
    others: tuple[tuple[str, Gateway], ...] = ()

    def other(self, name: str) -> Gateway | None:
        """The gateway with this key."""
        return next((gateway for key, gateway in self.others if key == name), None)


@dataclass(frozen=True, slots=True)
class ObservedLearned:
    """What a gateway has learned."""

    gateway: Gateway
    routes: tuple[GatewayRoute, ...]


@dataclass(frozen=True, slots=True)
class ObservedConnection:
    """A connection resource."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class ObservedLocalGateway:
    """A local network gateway, and the gateway that it stands for; None where it stands for a site's device."""

    local: LocalNetworkGateway
    far: Gateway | None = None


@dataclass(frozen=True, slots=True)
class ObservedVnet:
    """A virtual network."""

    vnet: Vnet

    def peering(self, name: str) -> VnetPeering | None:
        """The peering of this name; None: the VNet has none."""
        return next((each for each in self.vnet.peerings or () if each.name.casefold() == name.casefold()), None)

    def subnet(self, name: str) -> Subnet | None:
        """The subnet of this name; None: the VNet has none."""
        return next((each for each in self.vnet.subnets or () if each.name.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True)
class ObservedSubnet:
    """A subnet's VNet, the routes of a machine in it (None: none is declared), and the route table that is declared for
    it (None: none is)."""

    vnet: Vnet
    routes: tuple[EffectiveRoute, ...] | None = None
    table: RouteTable | None = None

"""What was observed on both sides of a site's connectivity, under the names of the intent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.intent.azure_expectations import ResourceName
    from pytest_azinterop.intent.sides import DevicePath
    from pytest_azinterop.state.azure_circuit import CircuitArpEntry, CircuitPeering, CircuitRoute
    from pytest_azinterop.state.azure_connection import Connection
    from pytest_azinterop.state.azure_gateway import Gateway, GatewayRoute
    from pytest_azinterop.state.azure_network import EffectiveRoute
    from pytest_azinterop.state.bgp import BgpNeighbor, NeighborRoutes
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.state.crypto import Ikev2Sa, IpsecIdentity
    from pytest_azinterop.state.device import ArpEntry, Interface
    from pytest_azinterop.state.routing import ForwardingDecision
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.verify.observed import ObservedSite

GatewayView = Literal["learned", "advertised"]


def _whole(rows: Sequence[CircuitRoute] | Sequence[GatewayRoute] | Sequence[EffectiveRoute]) -> Source | None:
    return rows[0].source.within("") if rows else None


@dataclass(frozen=True, slots=True)
class ObservedExchange:
    """The router's end of one session: what it sent, got, and kept. `received` None: not stored by the router."""

    session: str
    neighbor: BgpNeighbor | None
    advertised: NeighborRoutes | None
    received: NeighborRoutes | None
    accepted: NeighborRoutes | None


@dataclass(frozen=True, slots=True)
class ObservedCircuitTable:
    """The route table of one path of a circuit. `resource` is its short name in Azure, `of` the circuit; None: without
    its group and subscription a command to ask for it is not whole."""

    circuit: str
    path: DevicePath
    routes: tuple[CircuitRoute, ...]
    resource: str
    of: ResourceName | None = None

    @property
    def source(self) -> Source | None:
        """The whole answer; an empty one leaves no record that could name it."""
        return _whole(self.routes)


@dataclass(frozen=True, slots=True)
class ObservedGatewayRoutes:
    """What a gateway learned, from all its peers, or advertises `to` one. `of` is the gateway."""

    gateway: str
    view: GatewayView
    routes: tuple[GatewayRoute, ...]
    resource: str
    to: IPv4Address | IPv6Address | None = None
    of: ResourceName | None = None

    @property
    def source(self) -> Source | None:
        """The whole answer; None for an empty one."""
        return _whole(self.routes)


@dataclass(frozen=True, slots=True)
class ObservedSubnet:
    """The effective routes of a network interface in a subnet. `of` is the interface."""

    subnet: str
    routes: tuple[EffectiveRoute, ...]
    resource: str
    of: ResourceName | None = None

    @property
    def source(self) -> Source | None:
        """The whole answer; None for an empty one."""
        return _whole(self.routes)


@dataclass(frozen=True, slots=True)
class ObservedLink:
    """A connection of a gateway to a circuit, or to a site: the resource, under the names of its two ends."""

    gateway: str
    carrier: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class ObservedSides:
    """Everything that both sides hold. What is missing here was not collected: a judgement that needs it raises."""

    routers: ObservedSite
    exchanges: tuple[ObservedExchange, ...]
    circuits: tuple[ObservedCircuitTable, ...] = ()
    gateways: tuple[tuple[str, Gateway], ...] = ()
    routes: tuple[ObservedGatewayRoutes, ...] = ()
    subnets: tuple[ObservedSubnet, ...] = ()
    links: tuple[ObservedLink, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedBinding:
    """Both ends of one path of a circuit. `interface` None: the router has no such interface; `peering` None: the
    circuit has no such peering.

    `router_arp` are the rows of the VRF's ARP table, `circuit_arp` those of the path's, None where they are not known.
    """

    interface: Interface | None
    peering: CircuitPeering | None
    router_arp: tuple[ArpEntry, ...] | None
    circuit_arp: tuple[CircuitArpEntry, ...] | None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedCrypto:
    """Both ends of one tunnel. What is None is not known."""

    connection: Connection | None
    config: RunningConfig | None
    ike: tuple[Ikev2Sa, ...] | None
    ipsec: tuple[IpsecIdentity, ...] | None
    gateway: Gateway | None = None
    outer: ForwardingDecision | None = None

"""Virtual networks: peerings, subnets, route tables, and the routes that apply to a network interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.azure_source import AzureSource

GATEWAY_SUBNET: Final = "GatewaySubnet"


@dataclass(frozen=True, slots=True)
class VnetPeering:
    """One direction of a VNet peering, as the VNet that has it says.

    `state` is `Initiated`, `Connected` or `Disconnected`; `sync_level` is `FullyInSync`, `RemoteNotInSync`,
    `LocalNotInSync` or `LocalAndRemoteNotInSync`, None where an older API does not tell. Flags are None where they are
    not told. `remote_prefixes` are those that this side has synchronised, `remote_vnet_prefixes` what the far VNet
    has now. `complete_vnets` False: only named subnets are peered.
    """

    name: str
    remote_vnet: str
    state: str
    sync_level: str | None
    allow_vnet_access: bool | None
    allow_forwarded_traffic: bool | None
    allow_gateway_transit: bool | None
    use_remote_gateways: bool | None
    remote_prefixes: tuple[IPv4Network | IPv6Network, ...] | None
    remote_vnet_prefixes: tuple[IPv4Network | IPv6Network, ...] | None = None
    complete_vnets: bool | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet; `route_table` is the id of the one that applies, None for none."""

    name: str
    prefixes: tuple[IPv4Network | IPv6Network, ...]
    route_table: str | None
    network_security_group: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_gateway_subnet(self) -> bool:
        """Gateways live here."""
        return self.name == GATEWAY_SUBNET


@dataclass(frozen=True, slots=True)
class Vnet:
    """One virtual network with its subnets and peerings; None where the answer does not tell them.

    `summarized_gateway_prefixes` replace the VNet's own prefixes in what its gateway announces.
    """

    name: str
    prefixes: tuple[IPv4Network | IPv6Network, ...]
    subnets: tuple[Subnet, ...] | None
    peerings: tuple[VnetPeering, ...] | None
    summarized_gateway_prefixes: tuple[IPv4Network | IPv6Network, ...] | None = None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def gateway_subnet(self) -> Subnet | None:
        """The subnet of its gateways; None for none, or where the subnets are not told."""
        return next((subnet for subnet in self.subnets or () if subnet.is_gateway_subnet), None)


@dataclass(frozen=True, slots=True)
class UserRoute:
    """One user-defined route; `destination` is a prefix, or a service tag as text.

    `next_hop` None: the type needs none.
    """

    name: str
    destination: IPv4Network | IPv6Network | str
    next_hop_type: str
    next_hop: IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class RouteTable:
    """One route table and the ids of the subnets that use it (None: not told).

    `disable_bgp_propagation` True: routes from gateways do not reach these subnets. `routes` None: not told.
    """

    name: str
    routes: tuple[UserRoute, ...] | None
    disable_bgp_propagation: bool | None
    subnets: tuple[str, ...] | None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """One network interface: its private addresses, and the id of its machine (None: it belongs to none).

    `forwarding` is whether it takes packets that are for others; None: not told.
    """

    name: str
    addresses: tuple[IPv4Address | IPv6Address, ...]
    forwarding: bool | None
    machine: str | None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class EffectiveRoute:
    """One row of what applies to a network interface.

    `origin` is `Default`, `User`, `VirtualNetworkGateway` or `Unknown`; `state` is `Active` or `Invalid`;
    `next_hop_type` is any word that Azure prints (`VnetLocal`, `VNetPeering`, `VirtualAppliance`, …); `next_hops` None:
    not told. Destinations that are service tags stand in `service_tags`, not in `prefixes`.
    """

    prefixes: tuple[IPv4Network | IPv6Network, ...]
    next_hops: tuple[IPv4Address | IPv6Address, ...] | None
    next_hop_type: str
    origin: str
    state: str
    name: str | None = None
    service_tags: tuple[str, ...] = ()
    propagation_disabled: bool | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_active(self) -> bool:
        """Packets follow it."""
        return self.state == "Active"

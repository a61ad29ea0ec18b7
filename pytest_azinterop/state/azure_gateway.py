"""Virtual network gateways and local network gateways: settings, BGP peers and routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.azure_source import AzureSource
    from pytest_azinterop.state.bgp import AsPath

# The ASN of every MSEE: https://learn.microsoft.com/azure/expressroute/expressroute-routing
EXPRESSROUTE_ASN = 12076


@dataclass(frozen=True, slots=True)
class GatewayInstanceAddresses:
    """The BGP and tunnel addresses of one instance (one IP configuration) of a gateway.

    `bgp` are the default addresses, `custom_bgp` those of APIPA; None where Azure does not tell the list.
    """

    ip_configuration: str
    bgp: tuple[IPv4Address | IPv6Address, ...] | None
    custom_bgp: tuple[IPv4Address | IPv6Address, ...] | None
    tunnel: tuple[IPv4Address | IPv6Address, ...] | None


@dataclass(frozen=True, slots=True)
class BgpSettings:
    """A gateway's own BGP: ASN, addresses per instance, weight for its peers.

    `addresses` are those of `bgpPeeringAddress`, one per instance; `instances` tells which belongs to which; None
    where Azure does not tell them.
    """

    asn: int
    addresses: tuple[IPv4Address | IPv6Address, ...] | None
    peer_weight: int | None
    instances: tuple[GatewayInstanceAddresses, ...] | None = None


@dataclass(frozen=True, slots=True)
class GatewayIpConfiguration:
    """One instance's place: its subnet and its public address resource; None where it has none."""

    name: str
    subnet: str | None
    public_ip: str | None
    private_address: IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class Gateway:
    """One virtual network gateway.

    `kind` is `Vpn` or `ExpressRoute`; `bgp` None: no BGP settings in the answer (an ExpressRoute gateway may have
    none). Flags are None where Azure does not tell them. `custom_routes` are announced to peers besides the VNet's.
    """

    name: str
    kind: str
    sku: str
    active_active: bool | None
    bgp_enabled: bool | None
    bgp: BgpSettings | None
    vpn_type: str | None
    generation: str | None
    ip_configurations: tuple[GatewayIpConfiguration, ...] | None
    private_address_enabled: bool | None = None
    allow_remote_vnet_traffic: bool | None = None
    allow_virtual_wan_traffic: bool | None = None
    resiliency_model: str | None = None
    custom_routes: tuple[IPv4Network | IPv6Network, ...] | None = None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_expressroute(self) -> bool:
        """Not a VPN gateway."""
        return self.kind == "ExpressRoute"


@dataclass(frozen=True, slots=True)
class GatewayBgpPeer:
    """One peer of one gateway instance (`instance` is that instance's own address).

    A gateway's other instance and a Route Server are peers as well: whoever judges selects by ASN and neighbor.
    `state` is `Connected`, `Connecting`, `Idle`, `Stopped` or `Unknown`; `connected_for` None unless connected.
    """

    instance: IPv4Address | IPv6Address
    neighbor: IPv4Address | IPv6Address
    asn: int
    state: str
    connected_for: timedelta | None
    routes_received: int | None
    messages_sent: int | None
    messages_received: int | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_connected(self) -> bool:
        """The session is up."""
        return self.state == "Connected"


@dataclass(frozen=True, slots=True)
class GatewayRoute:
    """One route that a gateway instance learned, or advertises to `to_peer`.

    An active-active gateway tells each route once per instance. `next_hop` None: the VNet itself. `protocol` is
    `Network`, `EBgp`, `IBgp`, `Igp` or `Incomplete` as printed; the last two stand on advertised routes, where
    `source_peer` is None. `weight` is 0 on advertised routes.
    """

    instance: IPv4Address | IPv6Address
    prefix: IPv4Network | IPv6Network
    next_hop: IPv4Address | IPv6Address | None
    source_peer: IPv4Address | IPv6Address | None
    protocol: str
    as_path: AsPath
    weight: int
    to_peer: IPv4Address | IPv6Address | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def over_expressroute(self) -> bool:
        """It came from an MSEE, directly or by way of the ExpressRoute gateway."""
        return self.as_path.neighbor_as == EXPRESSROUTE_ASN


@dataclass(frozen=True, slots=True)
class LocalNetworkGateway:
    """What Azure has been told about a site's VPN device: its address or name, prefixes and BGP.

    `prefixes` None: not told.
    """

    name: str
    address: IPv4Address | IPv6Address | None
    fqdn: str | None
    prefixes: tuple[IPv4Network | IPv6Network, ...] | None
    bgp: BgpSettings | None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

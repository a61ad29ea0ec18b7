"""Connections of virtual network gateways: to a site over IPsec, to another gateway, to a circuit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.azure_source import AzureSource


@dataclass(frozen=True, slots=True)
class IpsecPolicy:
    """One custom policy, spelled as Azure spells it (`AES256`, `SHA256`, `DHGroup14`, `PFS2048`, …).

    `lifetime_seconds` and `lifetime_kilobytes` are of the quick mode (IPsec) security association.
    """

    ike_encryption: str
    ike_integrity: str
    dh_group: str
    ipsec_encryption: str
    ipsec_integrity: str
    pfs_group: str
    lifetime_seconds: int
    lifetime_kilobytes: int


@dataclass(frozen=True, slots=True)
class TrafficSelector:
    """One pair of prefix lists of a policy-based connection."""

    local: tuple[IPv4Network | IPv6Network, ...]
    remote: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class TunnelHealth:
    """One tunnel of a connection: of an active-active gateway there is one per instance.

    `status` is as printed (`Connected`, `Connecting`, `NotConnected`, `Unknown`).
    """

    tunnel: str
    status: str
    ingress_bytes: int | None
    egress_bytes: int | None
    established_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomBgpAddress:
    """The APIPA address that one instance of the gateway uses on this connection."""

    ip_configuration: str
    address: IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection resource.

    `kind` is `IPsec`, `Vnet2Vnet`, `ExpressRoute` or `VPNClient`. `gateway`, `other_gateway`, `local_gateway` and
    `circuit` are resource ids. `status` None: Azure does not tell it (ExpressRoute connections, lists).
    `ipsec_policies` () means Azure's default proposals, None that the answer does not tell. `tunnels` None likewise.
    """

    name: str
    kind: str
    gateway: str
    other_gateway: str | None
    local_gateway: str | None
    circuit: str | None
    status: str | None
    bgp_enabled: bool | None
    routing_weight: int | None
    ingress_bytes: int | None
    egress_bytes: int | None
    ike: str | None = None
    mode: str | None = None
    dpd_timeout_seconds: int | None = None
    ipsec_policies: tuple[IpsecPolicy, ...] | None = None
    traffic_selectors: tuple[TrafficSelector, ...] | None = None
    policy_based: bool | None = None
    tunnels: tuple[TunnelHealth, ...] | None = None
    custom_bgp_addresses: tuple[CustomBgpAddress, ...] | None = None
    over_private_address: bool | None = None
    fast_path: bool | None = None
    private_link_fast_path: bool | None = None
    authentication: str | None = None
    region: str | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_expressroute(self) -> bool:
        """It binds a gateway to a circuit."""
        return self.kind == "ExpressRoute"

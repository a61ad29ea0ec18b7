"""ExpressRoute circuits and their peerings, as Azure shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import timedelta
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.azure_source import AzureSource
    from pytest_azinterop.state.bgp import AsPath

DevicePath = Literal["primary", "secondary"]


@dataclass(frozen=True, slots=True)
class MicrosoftPeering:
    """What only a Microsoft peering has: the public prefixes that it announces, and whether Microsoft accepts them.

    `None` is what the answer does not tell.
    `validation` is Azure's word (`Configured`, `ValidationNeeded`, `NotConfigured`).
    """

    announced_prefixes: tuple[IPv4Network | IPv6Network, ...] | None
    communities: tuple[str, ...] | None
    customer_asn: int | None
    routing_registry: str | None
    validation: str | None
    legacy_mode: int | None = None


@dataclass(frozen=True, slots=True)
class Ipv6Peering:
    """The IPv6 half of a peering; `state` is `Enabled` or `Disabled`, None where it is not told."""

    primary_prefix: IPv6Network | None
    secondary_prefix: IPv6Network | None
    state: str | None
    microsoft: MicrosoftPeering | None = None


@dataclass(frozen=True, slots=True)
class CircuitPeering:
    """One peering of a circuit.

    `kind` is `AzurePrivatePeering` or `MicrosoftPeering`, `state` is `Enabled` or `Disabled`. Of each /30 the customer
    has the first host address and Azure the second. `peer_asn` is the customer's. `global_reach` and
    `global_reach_peers` are the ids of connections to other circuits, made here or from there; `hub_connection` that of
    a virtual hub's connection to this circuit. `has_shared_key`: MD5 is configured; None where it is not told (the key
    itself leaves no trace). Optional fields are None where Azure does not tell them.
    """

    name: str
    kind: str
    state: str
    azure_asn: int | None
    peer_asn: int | None
    vlan: int | None
    primary_prefix: IPv4Network | None
    secondary_prefix: IPv4Network | None
    primary_port: str | None = None
    secondary_port: str | None = None
    has_shared_key: bool | None = None
    provisioning_state: str | None = None
    last_modified_by: str | None = None
    microsoft: MicrosoftPeering | None = None
    ipv6: Ipv6Peering | None = None
    route_filter: str | None = None
    global_reach: tuple[str, ...] | None = None
    global_reach_peers: tuple[str, ...] | None = None
    hub_connection: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_enabled(self) -> bool:
        """Sessions of this peering may come up."""
        return self.state == "Enabled"


@dataclass(frozen=True, slots=True)
class Circuit:
    """One ExpressRoute circuit.

    `provider_state` is the provider's side (`NotProvisioned`, `Provisioning`, `Provisioned`, `Deprovisioning`),
    `circuit_state` Microsoft's (`Enabled`, `Disabled`). `bandwidth_mbps` counts for a provider's circuit, `port` and
    `bandwidth_gbps` for one on ExpressRoute Direct. `tier` is `Local`, `Standard` or `Premium`, `family` the billing.
    `peerings` None: the answer does not tell them, which is not the same as none.
    """

    name: str
    circuit_state: str
    provider_state: str
    tier: str | None
    family: str | None
    provider: str | None
    peering_location: str | None
    bandwidth_mbps: int | None
    bandwidth_gbps: float | None
    port: str | None
    region: str | None
    peerings: tuple[CircuitPeering, ...] | None
    global_reach_enabled: bool | None = None
    allow_classic_operations: bool | None = None
    resiliency_level: str | None = None
    rate_limited: bool | None = None
    provisioning_state: str | None = None
    resource_id: str | None = None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

    @property
    def is_provisioned(self) -> bool:
        """Both sides have built the circuit."""
        return self.circuit_state == "Enabled" and self.provider_state == "Provisioned"


@dataclass(frozen=True, slots=True)
class CircuitArpEntry:
    """One row of a circuit's ARP table on one path.

    `side` is `On-Prem` (the customer's router) or `Microsoft` as printed. `mac` is dotted and lower case as IOS-XE
    prints it; None means that the address has not been resolved. `age` is in minutes, None where it is not told.
    """

    path: DevicePath | None
    address: IPv4Address | IPv6Address
    mac: str | None
    side: str
    age: int | None
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CircuitRoute:
    """One row of a circuit's route table on one path.

    `local_preference` None: the column was blank. `origin` is the code that some devices print behind the path (`i`,
    `e`, `?`), else None. `marked` is the `*` behind the next hop. VNet prefixes have the AS path 65515.
    """

    path: DevicePath | None
    prefix: IPv4Network | IPv6Network
    next_hop: IPv4Address | IPv6Address | None
    as_path: AsPath
    local_preference: int | None
    weight: int | None
    origin: str | None = None
    marked: bool = False
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CircuitSession:
    """One row of a circuit's route table summary on one path: a BGP session as the MSEE shows it.

    `state` is `Established` where a number of prefixes is shown, else the word shown (`Idle`, `Active`, …);
    `received_prefixes` None unless established. `up_down` is as printed (`never`, `1w2d`), `up_for` what it says; None
    for `never`, and where it is spelled in another way. Its precision is the printed one.
    """

    path: DevicePath | None
    neighbor: IPv4Address | IPv6Address
    asn: int
    state: str
    received_prefixes: int | None
    up_down: str
    bgp_version: int | None = None
    up_for: timedelta | None = None
    source: AzureSource = field(compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class CircuitTraffic:
    """Bytes that passed each path of a circuit or peering; None where Azure counts none for that path."""

    primary_in: int | None
    primary_out: int | None
    secondary_in: int | None
    secondary_out: int | None
    unread: tuple[str, ...] = field(default=(), compare=False)
    source: AzureSource = field(compare=False, kw_only=True)

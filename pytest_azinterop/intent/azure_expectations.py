"""What follows from the intent for each thing on Azure's side. Frozen; `id` is stable and public.

They refer to the expectations of the other side (sessions, tunnels) that they must agree with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv4Network, IPv6Address

    from pytest_azinterop.intent.azure import AzureIpsecPolicy
    from pytest_azinterop.intent.expectations import ExpectedPrefixes, ExpectedSession, ExpectedTunnel

DevicePath = Literal["primary", "secondary"]
PATHS: tuple[DevicePath, ...] = ("primary", "secondary")
PEERING_NAMES = {"private": "AzurePrivatePeering", "microsoft": "MicrosoftPeering"}


@dataclass(frozen=True, slots=True)
class ResourceName:
    """A resource of Microsoft.Network: `parts` are types and names in turn, parents first."""

    subscription: str
    group: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.parts[-1]

    @property
    def id(self) -> str:
        """The whole id; Azure compares them without case."""
        where = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{where}/providers/Microsoft.Network/{'/'.join(self.parts)}"

    def is_(self, other: str | None) -> bool:
        """Whether an id that Azure tells names this resource."""
        return other is not None and other.rstrip("/").casefold() == self.id.casefold()


@dataclass(frozen=True, slots=True)
class ExpectedCircuit:
    """A circuit and its peering. `peer_asn`, `vlan`, `tier`, `bandwidth_mbps`, `peering_location` None: not judged.

    `connections` are the keys of the connections that bind gateways to it.
    """

    name: str
    resource: ResourceName
    peering: Literal["private", "microsoft"]
    azure_asn: int
    peer_asn: int | None
    vlan: int | None
    tier: Literal["local", "standard", "premium"] | None
    bandwidth_mbps: int | None
    peering_location: str | None
    paths: tuple[ExpectedCircuitPath, ...]
    connections: tuple[str, ...]

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"circuit/{self.name}"

    @property
    def peering_name(self) -> str:
        """The peering's name in Azure."""
        return PEERING_NAMES[self.peering]


@dataclass(frozen=True, slots=True)
class ExpectedCircuitPath:
    """One path of a circuit as the MSEE has it. A circuit always has two. `gateways` are those that it serves, by key.

    `subnet` None: no intent names the /30, so it is not judged. `sessions` are those of the routers over this path,
    usually one; none where no router of the intent is there. `accepts` is how many prefixes the peering takes from the
    sites, `head_room` the percent of a limit that must be left, None: not judged.
    """

    circuit: str
    resource: ResourceName
    peering_name: str
    path: DevicePath
    peer_asn: int | None
    subnet: IPv4Network | None
    sessions: tuple[ExpectedSession, ...]
    gateways: tuple[tuple[str, ResourceName], ...]
    accepts: int
    head_room: int | None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"circuit/{self.circuit}/{self.path}"

    @property
    def neighbors(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The routers' addresses, as the MSEE's sessions and ARP table name them."""
        said = tuple(dict.fromkeys(each.local_address for each in self.sessions if each.local_address is not None))
        return said or (() if self.subnet is None else (next(iter(self.subnet.hosts())),))

    @property
    def azure_addresses(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """The MSEE's own addresses on this path."""
        said = tuple(dict.fromkeys(each.neighbor for each in self.sessions))
        return said or (() if self.subnet is None else (list(self.subnet.hosts())[1],))


@dataclass(frozen=True, slots=True)
class ExpectedGatewayPeer:
    """One BGP neighbor of a gateway. `session` is the router's end of it; None where another gateway is the neighbor,
    of which `gateway` is the key and `resource` the name. `address` None: it is not known before Azure has told it."""

    asn: int
    address: IPv4Address | IPv6Address | None
    connection: str
    session: ExpectedSession | None = None
    gateway: str | None = None
    resource: ResourceName | None = None


@dataclass(frozen=True, slots=True)
class ExpectedGateway:
    """A virtual network gateway. `sku`, `active_active`, `learned_limit` None: not judged.

    `circuits` are the keys of the circuits that it must have a session with, two MSEEs each; `peers` the neighbors over
    VPN connections; `connections` the keys of every connection that it must have. `load_mbps` is what is declared for
    them together, None: nothing is. `remote_vnets` and `virtual_wan` None: not judged. `subnet_tables` are the route
    tables that are declared for the gateways' subnet of its VNet; there must be no other.
    """

    name: str
    resource: ResourceName
    kind: Literal["expressroute", "vpn"]
    vnet: str
    vnet_resource: ResourceName
    asn: int
    sku: str | None
    active_active: bool | None
    learned_limit: int | None
    head_room: int | None
    circuits: tuple[str, ...]
    peers: tuple[ExpectedGatewayPeer, ...]
    connections: tuple[str, ...]
    load_mbps: int | None = None
    remote_vnets: bool | None = None
    virtual_wan: bool | None = None
    subnet_tables: tuple[ResourceName, ...] = ()

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"gateway/{self.name}"


@dataclass(frozen=True, slots=True)
class ExpectedConnection:
    """A connection resource. Exactly one of `circuit`, `site_connection` and `to` says where it leads.

    `site_connection` is the intent's connection whose `tunnels` end here; `to` the other gateway. `ipsec` None: not
    judged. `over` is the circuit that carries the encrypted packets, None: the Internet. `bgp` None and `traffic` False
    are not judged.
    """

    name: str
    resource: ResourceName
    gateway: str
    gateway_resource: ResourceName
    circuit: str | None
    circuit_resource: ResourceName | None
    site_connection: str | None
    to: str | None
    to_resource: ResourceName | None
    local_gateway: str | None
    local_gateway_resource: ResourceName | None
    tunnels: tuple[ExpectedTunnel, ...]
    weight: int
    bgp: bool | None
    ipsec: AzureIpsecPolicy | Literal["default"] | None
    over: str | None
    over_peering: Literal["private", "microsoft"] | None
    traffic: bool
    mode: Literal["default", "initiator-only", "responder-only"] = "default"

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"connection/{self.name}"

    @property
    def kind(self) -> str:
        """Azure's word for what it connects."""
        if self.circuit is not None:
            return "ExpressRoute"
        return "IPsec" if self.local_gateway is not None else "Vnet2Vnet"


@dataclass(frozen=True, slots=True)
class ExpectedLocalGateway:
    """What Azure must know of a far end: of a site's device by its `tunnels`, or of another gateway (`to`).

    `asn` None: BGP is not expected over its connection. `bgp_addresses` are those of the tunnels; empty where they
    follow from the other gateway.
    """

    name: str
    resource: ResourceName
    connection: str
    addresses: tuple[IPv4Address, ...]
    asn: int | None
    bgp_addresses: tuple[IPv4Address, ...]
    tunnels: tuple[ExpectedTunnel, ...]
    to: str | None
    to_resource: ResourceName | None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"local-gateway/{self.name}"


@dataclass(frozen=True, slots=True)
class ExpectedVnet:
    """A virtual network; `spaces` None: the intent names no network for it."""

    name: str
    resource: ResourceName
    network: str | None
    spaces: ExpectedPrefixes | None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"vnet/{self.name}"


@dataclass(frozen=True, slots=True)
class ExpectedVnetPeering:
    """One direction of a VNet peering. `forwarded_traffic` None: not judged."""

    name: str
    vnet: str
    resource: ResourceName
    to: str
    to_resource: ResourceName
    gateway_transit: bool
    remote_gateways: bool
    forwarded_traffic: bool | None

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"vnet/{self.vnet}/{self.name}"


@dataclass(frozen=True, slots=True)
class ExpectedDestination:
    """What a subnet's machines must have a route to: a site's prefixes, over which roles its VNet reaches it."""

    customer: str
    site: str
    prefixes: ExpectedPrefixes
    circuits: tuple[str, ...]
    site_connections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectedGatewaySubnet:
    """The subnet of the gateways that bring packets from the sites, and the route tables that are declared for it."""

    resource: ResourceName
    vnet_resource: ResourceName
    tables: tuple[ResourceName, ...]


@dataclass(frozen=True, slots=True)
class ExpectedSubnet:
    """A subnet and the next hop of its machines to the sites: `via` None is a gateway, else a firewall's address.

    `nic` None: no machine runs there. `route_table` None: with a `nic` not judged, else none must be there.
    `gateways` are the keys of the gateways that serve its VNet, its own or those of the hub. `back_via` is the firewall
    that packets from the sites pass on their way in, None: no one does; `enters_from` the subnets of those gateways,
    empty for one of them. `via_nic` is the network interface of the firewall, None: not judged.
    """

    name: str
    vnet: str
    network: str | None
    resource: ResourceName
    nic: ResourceName | None
    via: IPv4Address | None
    route_table: ResourceName | None
    gateways: tuple[str, ...]
    destinations: tuple[ExpectedDestination, ...]
    back_via: IPv4Address | None = None
    via_nic: ResourceName | None = None
    enters_from: tuple[ExpectedGatewaySubnet, ...] = ()

    @property
    def id(self) -> str:
        """Stable name of the object."""
        return f"subnet/{self.name}"


@dataclass(frozen=True, slots=True)
class AzureCloud:
    """Whom to ask and as whom: names of a cloud and of a credential with its options. `files` is the folder, from the
    inventory's, that is read instead; None: Azure itself is asked."""

    cloud: str
    credential: str
    options: tuple[tuple[str, str | int | bool], ...]
    api_versions: tuple[tuple[str, str], ...]
    files: str | None = None


@dataclass(frozen=True, slots=True)
class AzureExpectations:
    """Everything on Azure's side, in the order of the intent."""

    cloud: AzureCloud
    circuits: tuple[ExpectedCircuit, ...]
    gateways: tuple[ExpectedGateway, ...]
    connections: tuple[ExpectedConnection, ...]
    local_gateways: tuple[ExpectedLocalGateway, ...]
    vnets: tuple[ExpectedVnet, ...]
    vnet_peerings: tuple[ExpectedVnetPeering, ...]
    subnets: tuple[ExpectedSubnet, ...]

    @property
    def circuit_paths(self) -> tuple[ExpectedCircuitPath, ...]:
        """Both paths of every circuit."""
        return tuple(path for circuit in self.circuits for path in circuit.paths)

    def ids(self) -> Iterator[str]:
        """The id of every object."""
        kinds = (self.circuits, self.circuit_paths, self.gateways, self.connections, self.local_gateways)
        for kind in (*kinds, self.vnets, self.vnet_peerings, self.subnets):
            yield from (each.id for each in kind)

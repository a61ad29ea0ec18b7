"""Azure's side of the intent as it is written: where it is asked, which resources there are, and how they should be.

A resource is named by its key, by `resource` (a name or a whole id), and by the group and subscription that the block
shares. Names of circuits, connections and networks are those of the rest of the intent.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from pytest_azinterop.intent.strict import Asn, Strict, Vlan
from pytest_azinterop.intent.values import Name, Subnet

_SEGMENT = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.()-]{0,88}[A-Za-z0-9_()-])?")
_SUBSCRIPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_ID = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.Network/([^/]+/[^/]+(?:/[^/]+/[^/]+)*)",
    re.IGNORECASE,
)


def resource_name(value: str) -> str:
    """One name of a resource or group, that goes into an address as it is."""
    if not _SEGMENT.fullmatch(value) or ".." in value:
        raise ValueError(f"{value[:60]!r} is not a name of an Azure resource")
    return value


def resource_reference(value: str) -> str:
    """A name, or a whole id of Microsoft.Network."""
    if not value.startswith("/"):
        return resource_name(value)
    found = _ID.fullmatch(value)
    if found is None:
        raise ValueError(
            f"{value[:120]!r} is not an id such as "
            "/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/TYPE/NAME"
        )
    subscription(found[1])
    for part in (found[2], *found[3].split("/")):
        resource_name(part)
    return value


def subscription(value: str) -> str:
    """A subscription's id."""
    if not _SUBSCRIPTION.fullmatch(value):
        raise ValueError(f"{value[:60]!r} is not the id of a subscription")
    return value


def split_id(value: str) -> tuple[str, str, tuple[str, ...]]:
    """Subscription, group, and types and names in turn, of an id that `resource_reference` has accepted."""
    found = _ID.fullmatch(value)
    if found is None:
        raise ValueError(value)
    return found[1], found[2], tuple(found[3].split("/"))


def _bare_resource(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    """Nothing said is the resource with that name; a text is its name or id."""
    return {} if value is None else {"resource": value} if isinstance(value, str) else value


ResourceName = Annotated[str, AfterValidator(resource_name)]
ResourceReference = Annotated[str, AfterValidator(resource_reference)]
Subscription = Annotated[str, AfterValidator(subscription)]
ApiVersion = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(-preview)?$")]


class AzureResource(Strict):
    """Which resource it is."""

    resource: ResourceReference | None = None
    """Its name in Azure, or its whole id; unset: as the key."""
    resource_group: ResourceName | None = None
    """Unset: as the block says."""
    subscription: Subscription | None = None
    """Unset: as the block says."""

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if (self.resource or "").startswith("/") and (self.resource_group or self.subscription):
            raise ValueError("a whole id has its group and subscription in it; remove the other two")
        return self


class AzureCircuit(AzureResource):
    """The resource of a circuit of `circuits`, and what was bought. What its paths say is taken from them."""

    tier: Literal["local", "standard", "premium"] | None = None
    """Unset: not judged."""
    bandwidth_mbps: int | None = Field(None, ge=1)
    """Unset: not judged."""
    peering_location: str | None = None
    """Where the circuit meets Microsoft, as Azure spells it; unset: not judged."""
    vlan: Vlan | None = None
    """The peering's VLAN in Azure; unset: the innermost tag of the paths' interfaces."""
    peer_asn: Asn | None = None
    """The customer's ASN at the peering; unset: that of the sites at the circuit."""
    primary: Subnet | None = None
    """The /30 of the primary path; unset: as the path at the site says."""
    secondary: Subnet | None = None
    """The /30 of the secondary path; unset: as the path at the site says."""


class AzureGateway(AzureResource):
    """A virtual network gateway."""

    kind: Literal["expressroute", "vpn"]
    vnet: Name
    """The virtual network that it is in, a key of `azure.vnets`."""
    asn: Asn = 65515
    sku: str | None = Field(None, pattern=r"^[A-Za-z0-9]{1,40}$")
    """As Azure spells it (`ErGw1AZ`, `VpnGw2AZ`); unset: not judged."""
    active_active: bool | None = None
    """Whether both instances carry traffic; unset: not judged."""
    learned_limit: int | None = Field(None, ge=1)
    """Prefixes that it can learn; unset: what Microsoft tells of its SKU."""
    remote_vnets: bool | None = None
    """Of an ExpressRoute gateway: whether it takes what comes from other VNets at its circuits
    (`allowRemoteVnetTraffic`); unset: not judged."""
    virtual_wan: bool | None = None
    """Of an ExpressRoute gateway: whether it takes what comes from a Virtual WAN at its circuits
    (`allowVirtualWanTraffic`); unset: not judged."""


class AzureIpsecPolicy(Strict):
    """The one combination of algorithms of a connection, spelled as Azure spells it."""

    ike_encryption: Literal["DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES256"]
    ike_integrity: Literal["MD5", "SHA1", "SHA256", "SHA384", "GCMAES128", "GCMAES256"]
    dh_group: Literal["None", "DHGroup1", "DHGroup2", "DHGroup14", "DHGroup2048", "DHGroup24", "ECP256", "ECP384"]
    ipsec_encryption: Literal[
        "None", "DES", "DES3", "AES128", "AES192", "AES256", "GCMAES128", "GCMAES192", "GCMAES256"
    ]
    ipsec_integrity: Literal["MD5", "SHA1", "SHA256", "GCMAES128", "GCMAES192", "GCMAES256"]
    pfs_group: Literal["None", "PFS1", "PFS2", "PFS2048", "PFS14", "PFS24", "PFSMM", "ECP256", "ECP384"]
    lifetime_seconds: int = Field(27000, ge=300, le=172799)
    """Of the IPsec security association."""
    lifetime_kilobytes: int = Field(102400000, ge=0, le=2147483647)
    """Of the IPsec security association; 0: not bounded by volume."""


class AzureConnection(AzureResource):
    """A connection resource: of a gateway to a circuit, to a site, or to another gateway."""

    gateway: Name
    """A key of `azure.gateways`."""
    circuit: Name | None = None
    """It binds the gateway to this circuit of `circuits`."""
    connection: Name | None = None
    """It ends the tunnels of this connection of `connections`."""
    router: Name | None = None
    """Of those tunnels only the ones on this router; a local network gateway stands for one device."""
    to: Name | None = None
    """It leads to this other gateway of `azure.gateways`."""
    local_gateway: Name | None = None
    """A key of `azure.local_gateways`: what Azure knows of the far end. Unset: none (VNet-to-VNet, ExpressRoute)."""
    weight: int = Field(0, ge=0, le=32000)
    """Its routing weight."""
    bgp: bool = True
    """Whether BGP runs over it; not judged over ExpressRoute, where it always does."""
    mode: Literal["default", "initiator-only", "responder-only"] = "default"
    """Whether the gateway begins the negotiation of its tunnels and answers one, or does one of both alone."""
    ipsec: AzureIpsecPolicy | Literal["default"] | None = None
    """Its policy, or `default` for Azure's default proposals; unset: not judged."""
    over: Name | None = None
    """The circuit that carries the encrypted packets; unset: the Internet does. Over private peering the gateway uses
    its private address."""
    load_mbps: int | None = Field(None, ge=1)
    """What it must carry at peak; a gateway's connections together are judged by its SKU. Unset: not judged."""
    traffic: bool = True
    """Whether bytes must have passed in both directions."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        ends = [name for name in ("circuit", "connection", "to") if getattr(self, name) is not None]
        if len(ends) != 1:
            raise ValueError("say one of `circuit`, `connection` (of a site) and `to` (another gateway)")
        if self.circuit is not None:
            for name in ("local_gateway", "ipsec", "over", "router"):
                if getattr(self, name) is not None:
                    raise ValueError(f"a connection to a circuit has no `{name}`")
            if self.mode != "default":
                raise ValueError("a connection to a circuit has no `mode`")
        if self.connection is not None and self.local_gateway is None:
            raise ValueError("a connection to a site has a `local_gateway`: what Azure knows of the device there")
        if self.router is not None and self.connection is None:
            raise ValueError("`router` chooses among the tunnels of a `connection`")
        return self


class AzureLocalGateway(AzureResource):
    """A local network gateway. Address, ASN and BGP address follow from the tunnels or the gateway behind it."""


class AzureVnetPeering(Strict):
    """One direction of a VNet peering, as the VNet under which it stands has it. Its key is its name in Azure."""

    to: Name
    """The far VNet, a key of `azure.vnets`."""
    gateways: Literal["shared", "remote", "none"] = "none"
    """`shared`: this side is the hub and lets the other use its gateways (`allowGatewayTransit`); `remote`: this side
    is the spoke and uses those of the other (`useRemoteGateways`); `none`: neither."""
    forwarded_traffic: bool | None = None
    """Whether traffic that did not begin in the far VNet may come in, as from a firewall; unset: not judged."""


class AzureVnet(AzureResource):
    """A virtual network."""

    network: Name | None = None
    """The network of the intent whose prefixes are its address space; unset: the one with the same name."""
    peerings: dict[ResourceName, Annotated[AzureVnetPeering, Field()]] = {}


def _via(value: Any) -> Any:  # noqa: ANN401 - pydantic hands over whatever the YAML holds
    return value if value == "gateway" else IPv4Address(str(value))


class AzureSubnet(Strict):
    """A subnet, and how its machines reach the sites. What they must reach follows from circuits and connections."""

    vnet: Name
    """A key of `azure.vnets`."""
    subnet: ResourceName | None = None
    """Its name in Azure; unset: as the key."""
    nic: ResourceReference | None = None
    """A network interface of a running machine in it, by name or whole id, whose effective routes are read; unset: no
    machine runs there, and the route table alone is judged."""
    via: Annotated[
        Literal["gateway"] | IPv4Address,
        BeforeValidator(_via),
        WithJsonSchema({"type": "string", "examples": ["gateway", "10.10.0.4"]}),
    ] = "gateway"
    """Where packets to the sites leave: through the gateways, or through a firewall or NVA with this address."""
    via_nic: ResourceReference | None = None
    """The network interface that has the address of `via`, by name or whole id, where the firewall is a machine: it
    must forward. Unset: not judged, as for Azure Firewall and a load balancer, which have none."""
    back_via: (
        Annotated[
            Literal["gateway"] | IPv4Address,
            BeforeValidator(_via),
            WithJsonSchema({"type": "string", "examples": ["gateway", "10.10.0.5"]}),
        ]
        | None
    ) = None
    """Where packets from the sites come in, by the route table of the gateways' subnet: `gateway` where a firewall
    translates addresses, or the other address of a firewall that has two; unset: as `via`."""
    route_table: ResourceReference | None = None
    """The route table of the subnet, by name or whole id; unset: none, where no `nic` is named; else whichever."""


class AzureCredential(Strict):
    """Who asks: a credential of azure-identity. Secrets never stand here: an option `…_env` names the variable."""

    kind: str = "default"
    """`default`, `managed-identity`, `azure-cli`, `environment`, `workload-identity`, …, or `token`, which is taken
    from AZINTEROP_AZURE_TOKEN."""
    options: dict[str, str | int | bool] = {}
    """Its options, such as `client_id`."""

    @model_validator(mode="before")
    @classmethod
    def _bare_kind(cls, value: Any) -> Any:  # noqa: ANN401
        return {"kind": value} if isinstance(value, str) else value


Resource = BeforeValidator(_bare_resource)


class Azure(Strict):
    """Azure's side: who is asked, and every resource that is checked."""

    cloud: Literal["public", "us-government", "china"] = "public"
    subscription: Subscription | None = None
    """Of every resource that does not say its own."""
    resource_group: ResourceName | None = None
    """Of every resource that does not say its own."""
    credential: AzureCredential = AzureCredential()
    files: str | None = Field(None, min_length=1)
    """A folder, from the inventory's, with what `az … -o json` printed: it is read, and Azure is not asked."""
    api_versions: dict[str, ApiVersion] = {}
    """Versions of the API, by operation (`azinterop parse --azure` lists them) or `*`: sovereign clouds lag behind."""
    circuits: dict[Name, Annotated[AzureCircuit, Resource]] = {}
    """By the name that the circuit has in `circuits`."""
    gateways: dict[Name, AzureGateway] = {}
    connections: dict[Name, AzureConnection] = {}
    local_gateways: dict[Name, Annotated[AzureLocalGateway, Resource]] = {}
    vnets: dict[Name, Annotated[AzureVnet, Resource]] = {}
    subnets: dict[Name, AzureSubnet] = {}
    elsewhere: tuple[Name, ...] = ()
    """Circuits and connections of the intent whose Azure side is not asked, because others own it."""

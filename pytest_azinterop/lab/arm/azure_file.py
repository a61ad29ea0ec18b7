"""``azure.yaml`` of a network directory: Azure's resources, as far as ``topology.yaml`` does not say what they are."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pytest_azinterop.lab.topology import TopologyError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_azinterop.lab.topology import Topology

FILE = "azure.yaml"
GATEWAY_SUBNET = "GatewaySubnet"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Network(_Strict):
    """A virtual network; its prefixes stand in the topology."""

    location: str | None = None
    subnets: dict[str, IPv4Network]
    route_tables: dict[str, str] = Field(default_factory=dict)
    """Route table by subnet."""


class Peering(_Strict):
    """One side of a peering of virtual networks."""

    from_: str = Field(alias="from")
    to: str
    allow_gateway_transit: bool = False
    use_remote_gateways: bool = False
    allow_forwarded_traffic: bool = True


class Machine(_Strict):
    """A virtual machine with one network interface. ``forwards``: it is a firewall or another appliance; ``address6``
    is its IPv6 address, without which IPv6 routes do not concern it.
    """

    network: str
    subnet: str
    address: IPv4Address
    address6: IPv6Address | None = None
    forwards: bool = False


class VpnGateway(_Strict):
    """``instances`` are far ends; ``standby`` is the BGP address of the instance that waits."""

    network: str
    sku: str = "VpnGw1AZ"
    private: bool = False
    """Its tunnels end at addresses inside its network: they run over private peering."""
    instances: list[str] = Field(min_length=1, max_length=2)
    standby: IPv4Address | None = None


class ExpressRouteGateway(_Strict):
    """``instances`` are the BGP addresses of its instances."""

    network: str
    sku: str = "ErGw1AZ"
    instances: list[IPv4Address] = Field(min_length=1)


class Paths(_Strict):
    """The far ends that are a circuit's MSEEs."""

    primary: str
    secondary: str


PRIVATE, MICROSOFT = "AzurePrivatePeering", "MicrosoftPeering"


class MicrosoftPeering(_Strict):
    """``advertised`` are the customer's public prefixes that Microsoft has validated."""

    paths: Paths
    advertised: list[IPv4Network] = Field(min_length=1)
    registry: str = "ARIN"


class Circuit(_Strict):
    """An ExpressRoute circuit; ``paths`` are those of its private peering."""

    paths: Paths | None = None
    microsoft: MicrosoftPeering | None = None
    provider: str
    peering_location: str
    bandwidth_mbps: int
    location: str | None = None
    tier: str = "Standard"
    platform: Literal["cisco", "juniper"] = "cisco"
    """What prints the circuit's tables."""

    @property
    def peerings(self) -> dict[str, tuple[str, str]]:
        """The far ends of the primary and the secondary path, by peering."""
        both = {PRIVATE: self.paths, MICROSOFT: None if self.microsoft is None else self.microsoft.paths}
        return {name: (paths.primary, paths.secondary) for name, paths in both.items() if paths is not None}


Weight = Annotated[int, Field(ge=0, le=32000)]
"""A connection's routing weight."""


class ExpressRouteConnection(_Strict):
    """``endpoints``: addresses in the gateway subnet by which the gateway knows the primary and the secondary MSEE."""

    gateway: str
    circuit: str
    endpoints: tuple[IPv4Address, IPv4Address]
    weight: Weight = 0


class VpnConnection(_Strict):
    """``tunnel`` is the name of the tunnel at each instance of the gateway."""

    gateway: str
    tunnel: str
    local_network_gateway: str
    weight: Weight = 0


class UserRoute(_Strict):
    """A route of a route table."""

    prefix: IPv4Network
    next_hop_type: str
    next_hop: IPv4Address | None = None


class RouteTable(_Strict):
    """A route table."""

    disable_bgp_route_propagation: bool = False
    routes: dict[str, UserRoute] = Field(default_factory=dict)
    location: str | None = None


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


class AzureFile(_Strict):
    """The whole file."""

    description: str = ""
    subscription: Annotated[str, BeforeValidator(_text)]
    tenant: str
    resource_group: str
    location: str
    networks: dict[str, Network]
    peerings: dict[str, Peering] = Field(default_factory=dict)
    machines: dict[str, Machine] = Field(default_factory=dict)
    route_tables: dict[str, RouteTable] = Field(default_factory=dict)
    vpn_gateways: dict[str, VpnGateway] = Field(default_factory=dict)
    expressroute_gateways: dict[str, ExpressRouteGateway] = Field(default_factory=dict)
    circuits: dict[str, Circuit] = Field(default_factory=dict)
    expressroute_connections: dict[str, ExpressRouteConnection] = Field(default_factory=dict)
    vpn_connections: dict[str, VpnConnection] = Field(default_factory=dict)

    def location_of(self, network: str) -> str:
        """Where a virtual network and what belongs to it is."""
        return self.networks[network].location or self.location


def load_azure(directory: Path, topology: Topology) -> AzureFile | None:
    """None when the network directory has no ``azure.yaml``. Raises TopologyError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    path = directory / FILE
    if not path.is_file():
        return None
    try:
        data: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        found = AzureFile.model_validate(data)
    except YAMLError as error:
        raise TopologyError(f"{path}: {error}") from None
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise TopologyError(f"{path}: {where}: {problem['msg']}") from None
    problems = _dangling(found, topology)
    if problems:
        raise TopologyError(f"{path}: {problems[0]}")
    return found


def _dangling(azure: AzureFile, topology: Topology) -> list[str]:
    """References to what does not exist."""
    far_ends, networks = topology.far_ends, azure.networks
    wanted: list[tuple[str, str, object]] = [(f"networks.{name}", name, topology.vnets) for name in networks]
    for name, network in networks.items():
        wanted += [
            (f"networks.{name}.route_tables.{s}", t, azure.route_tables) for s, t in network.route_tables.items()
        ]
        wanted += [(f"networks.{name}.route_tables", s, network.subnets) for s in network.route_tables]
    for name, peering in azure.peerings.items():
        wanted += [(f"peerings.{name}.from", peering.from_, networks), (f"peerings.{name}.to", peering.to, networks)]
    for name, machine in azure.machines.items():
        wanted.append((f"machines.{name}.network", machine.network, networks))
        subnets = networks[machine.network].subnets if machine.network in networks else {}
        wanted.append((f"machines.{name}.subnet", machine.subnet, subnets))
    for name, vpn in azure.vpn_gateways.items():
        wanted.append((f"vpn_gateways.{name}.network", vpn.network, networks))
        wanted += [(f"vpn_gateways.{name}.instances", instance, far_ends) for instance in vpn.instances]
    for name, gateway in azure.expressroute_gateways.items():
        wanted.append((f"expressroute_gateways.{name}.network", gateway.network, networks))
    for name, circuit in azure.circuits.items():
        wanted += [(f"circuits.{name}.paths", path, far_ends) for both in circuit.peerings.values() for path in both]
    for name, connection in azure.expressroute_connections.items():
        where = f"expressroute_connections.{name}"
        wanted.append((f"{where}.gateway", connection.gateway, azure.expressroute_gateways))
        private = [each for each, circuit in azure.circuits.items() if circuit.paths is not None]
        wanted.append((f"{where}.circuit (with private peering)", connection.circuit, private))
    for name, tunnel in azure.vpn_connections.items():
        where = f"vpn_connections.{name}"
        wanted.append((f"{where}.gateway", tunnel.gateway, azure.vpn_gateways))
        instances = azure.vpn_gateways[tunnel.gateway].instances if tunnel.gateway in azure.vpn_gateways else []
        for instance in instances:
            tunnels = [each.name for each in far_ends[instance].tunnels] if instance in far_ends else []
            wanted.append((f"{where}.tunnel (of {instance})", tunnel.tunnel, tunnels))
    return [f"{where}: no {name!r}" for where, name, known in wanted if name not in known]  # type: ignore[operator]

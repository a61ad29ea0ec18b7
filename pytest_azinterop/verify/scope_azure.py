"""Where the intent says that a rule about Azure's side does not apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.azure_expectations import (
    ExpectedCircuit,
    ExpectedCircuitPath,
    ExpectedConnection,
    ExpectedGateway,
    ExpectedLocalGateway,
    ExpectedSubnet,
    ExpectedVnet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NO_LIMITS: Final = "the intent does not judge limits of prefixes"
_CIRCUIT: Final[Mapping[str, Callable[[ExpectedCircuit], bool]]] = {
    "azure.circuit-bandwidth": lambda each: each.bandwidth_mbps is not None,
    "azure.circuit-location": lambda each: each.peering_location is not None,
    "azure.peering-vlan": lambda each: each.vlan is not None,
    "azure.peering-subnets": lambda each: any(path.subnet is not None for path in each.paths),
}
_PATH: Final[Mapping[str, Callable[[ExpectedCircuitPath], bool]]] = {
    "azure.path-arp": lambda each: any(address.version == 4 for address in (*each.neighbors, *each.azure_addresses)),
    "azure.head-room": lambda each: each.head_room is not None,
    "azure.path-gateways": lambda each: each.peering_name == "AzurePrivatePeering",
}
_GATEWAY: Final[Mapping[str, Callable[[ExpectedGateway], bool]]] = {
    "azure.gateway-sku": lambda each: each.sku is not None,
    "azure.gateway-active-active": lambda each: each.active_active is not None,
    "azure.gateway-remote-vnets": lambda each: (each.remote_vnets, each.virtual_wan) != (None, None),
    "azure.gateway-bgp-address": lambda each: any(peer.session is not None for peer in each.peers),
    "azure.gateway-peers": lambda each: bool(each.circuits or each.peers),
    "azure.gateway-throughput": lambda each: each.load_mbps is not None,
    "azure.gateway-head-room": lambda each: each.head_room is not None and each.learned_limit is not None,
}
_CONNECTION: Final[Mapping[str, Callable[[ExpectedConnection], bool]]] = {
    "azure.connection-bgp": lambda each: each.bgp is not None,
    "azure.connection-mode": lambda each: each.circuit is None,
    "azure.connection-ipsec": lambda each: each.ipsec is not None,
    "azure.connection-traffic": lambda each: each.traffic,
    "azure.connection-address": lambda each: each.kind == "IPsec",
}
_LOCAL: Final[Mapping[str, Callable[[ExpectedLocalGateway], bool]]] = {
    "azure.local-gateway-address": lambda each: bool(each.addresses) or each.to is not None,
    "azure.local-gateway-bgp": lambda each: each.asn is not None,
    "azure.local-gateway-prefixes": lambda each: each.asn is not None,
}
_VNET: Final[Mapping[str, Callable[[ExpectedVnet], bool]]] = {
    "azure.vnet-space": lambda each: each.spaces is not None,
}
_SUBNET: Final[Mapping[str, Callable[[ExpectedSubnet], bool]]] = {
    "azure.subnet-next-hop": lambda each: bool(each.destinations),
}
_WORDS: Final[Mapping[str, str]] = {
    "azure.circuit-bandwidth": "the intent declares no bandwidth",
    "azure.circuit-location": "the intent declares no peering location",
    "azure.peering-vlan": "the intent declares no VLAN of this peering",
    "azure.peering-subnets": "the intent declares no subnet of this peering",
    "azure.path-arp": "the intent declares no IPv4 address on this path",
    "azure.head-room": _NO_LIMITS,
    "azure.path-gateways": "a Microsoft peering serves no gateway",
    "azure.gateway-sku": "the intent declares no SKU",
    "azure.gateway-active-active": "the intent does not say whether both instances are active",
    "azure.gateway-remote-vnets": "the intent does not say whether traffic of other VNets is taken",
    "azure.gateway-bgp-address": "the intent has no router with BGP at this gateway",
    "azure.gateway-peers": "the intent connects nothing to this gateway that has BGP",
    "azure.gateway-throughput": "the intent declares no load of its connections",
    "azure.gateway-head-room": _NO_LIMITS,
    "azure.connection-bgp": "over ExpressRoute BGP always runs",
    "azure.connection-mode": "a connection to a circuit negotiates no tunnel",
    "azure.connection-ipsec": "the intent declares no IPsec policy",
    "azure.connection-traffic": "the intent expects no traffic here, or it is a circuit's, whose bytes are not counted",
    "azure.connection-address": "this connection has no tunnel to an address",
    "azure.local-gateway-address": "the intent names no address of the device",
    "azure.local-gateway-bgp": "the intent expects no BGP here",
    "azure.local-gateway-prefixes": "the intent expects no BGP here",
    "azure.vnet-space": "the intent has no network for this VNet",
    "azure.subnet-next-hop": "the intent has no site that this subnet reaches",
}


def reason_not_judged(rule: str, expected: object) -> str | None:
    """Why the intent leaves nothing to judge; None where it does."""
    applies = True
    if isinstance(expected, ExpectedCircuit):
        applies = rule not in _CIRCUIT or _CIRCUIT[rule](expected)
    elif isinstance(expected, ExpectedCircuitPath):
        applies = rule not in _PATH or _PATH[rule](expected)
    elif isinstance(expected, ExpectedGateway):
        applies = rule not in _GATEWAY or _GATEWAY[rule](expected)
    elif isinstance(expected, ExpectedConnection):
        applies = rule not in _CONNECTION or _CONNECTION[rule](expected)
    elif isinstance(expected, ExpectedLocalGateway):
        applies = rule not in _LOCAL or _LOCAL[rule](expected)
    elif isinstance(expected, ExpectedVnet):
        applies = rule not in _VNET or _VNET[rule](expected)
    elif isinstance(expected, ExpectedSubnet):
        applies = rule not in _SUBNET or _SUBNET[rule](expected)
    return None if applies else _WORDS[rule]

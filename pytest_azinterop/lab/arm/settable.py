"""What a scenario can set on a resource: property, what its value must be, and why others cannot be set.

A property that Azure computes (``connectionStatus``, learned prefixes…) follows from the network, so it is not here.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

from pytest_azinterop.lab.arm.crypto_policy import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.arm.store import Json

    Check = Callable[[Any], Any]
"""Gives the value as the resource keeps it. Raises ValueError."""

STATES = ("Succeeded", "Updating", "Deleting", "Failed")


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError("must be a text")
    return value


def one_of(*words: str) -> Check:
    """One of Azure's words."""

    def check(value: object) -> str:
        if value not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return str(value)

    return check


def number(low: int, high: int) -> Check:
    """A whole number between two limits."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return check


def address(value: object) -> str:
    """An IPv4 address."""
    return str(IPv4Address(str(value)))


def addresses(value: object) -> str:
    """One IPv4 address, or several with commas between them (a gateway with several instances)."""
    return ",".join(address(each.strip()) for each in str(value).split(","))


def prefix(value: object) -> str:
    """An IPv4 prefix."""
    return str(IPv4Network(str(value)))


def thirty(value: object) -> str:
    """A peering's /30."""
    network = IPv4Network(str(value))
    if network.prefixlen != 30:
        raise ValueError("must be a /30")
    return str(network)


def prefixes(value: object) -> list[str]:
    """A list of prefixes."""
    if not isinstance(value, list):
        raise ValueError("must be a list of prefixes")
    return [prefix(each) for each in value]


def nothing(value: object) -> None:
    """Only null: the reference is taken away."""
    if value is not None:
        raise ValueError("can only be set to null")


def policies(value: object) -> list[Json]:
    """A connection has one policy or none. All of its eight properties are required."""
    if not isinstance(value, list) or len(value) > 1:
        raise ValueError("must be a list of one policy, or an empty one (Azure's default proposals)")
    lifetimes = {"saLifeTimeSeconds": number(300, 172799), "saDataSizeKilobytes": number(0, 2147483647)}
    checks: dict[str, Check] = {**lifetimes, **{name: one_of(*words) for name, words in WORDS.items()}}
    for policy in value:
        if not isinstance(policy, dict) or set(policy) != set(checks):
            raise ValueError(f"a policy has exactly {', '.join(checks)}")
        for name, check in checks.items():
            try:
                check(policy[name])
            except ValueError as error:
                raise ValueError(f"{name} {error}") from None
    return value


NEXT_HOPS = ("VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None")


def routes(value: object) -> list[Json]:
    """Routes of a table: ``name``, ``addressPrefix``, ``nextHopType`` and for an appliance ``nextHopIpAddress``."""
    if not isinstance(value, list):
        raise ValueError("must be a list of routes")
    return [_route(each) for each in value]


def _route(value: object) -> Json:
    if not isinstance(value, dict):
        raise ValueError("a route is a mapping")
    inner = value["properties"] if isinstance(value.get("properties"), dict) else value
    known = {"name", "addressPrefix", "nextHopType", "nextHopIpAddress"}
    unknown = (set(inner) | set(value)) - known - {"properties"}
    if unknown:
        raise ValueError(f"a route has no {min(unknown)}; it has {', '.join(sorted(known))}")
    kind = one_of(*NEXT_HOPS)(inner.get("nextHopType"))
    found: Json = {
        "provisioningState": "Succeeded", "addressPrefix": prefix(inner.get("addressPrefix")), "nextHopType": kind,
    }  # fmt: skip
    if (kind == "VirtualAppliance") != ("nextHopIpAddress" in inner):
        raise ValueError("nextHopIpAddress stands with the next hop type VirtualAppliance, and only there")
    if "nextHopIpAddress" in inner:
        found["nextHopIpAddress"] = address(inner["nextHopIpAddress"])
    return {"name": text(value.get("name")), "properties": found}


def reference(value: object) -> object:
    """A name, an id or null; whether it exists is looked up when it is set."""
    if value is not None and not isinstance(value, str | dict):
        raise ValueError("must be a name, an id or null")
    return value


_STATE: dict[str, Check] = {"properties.provisioningState": one_of(*STATES)}
ASN = number(1, 4294967295)
SETTABLE: dict[str, dict[str, Check]] = {
    "virtualNetworks": {"properties.addressSpace.addressPrefixes": prefixes, **_STATE},
    "virtualNetworks/subnets": {"properties.routeTable": reference, **_STATE},
    "virtualNetworks/virtualNetworkPeerings": {
        "properties.allowVirtualNetworkAccess": flag,
        "properties.allowForwardedTraffic": flag,
        "properties.allowGatewayTransit": flag,
        "properties.useRemoteGateways": flag,
        "properties.peeringState": one_of("Initiated", "Connected", "Disconnected"),
        "properties.peeringSyncLevel": one_of(
            "FullyInSync", "RemoteNotInSync", "LocalNotInSync", "LocalAndRemoteNotInSync"
        ),
        **_STATE,
    },
    "virtualNetworkGateways": {
        "properties.bgpSettings.asn": ASN,
        "properties.bgpSettings.bgpPeeringAddress": addresses,
        "properties.sku.name": text,
        "properties.allowRemoteVnetTraffic": flag,
        "properties.enablePrivateIpAddress": flag,
        "properties.resiliencyModel": one_of("SingleHomed", "MultiHomed"),
        **_STATE,
    },
    "connections": {
        "properties.enableBgp": flag,
        "properties.routingWeight": number(0, 32000),
        "properties.connectionProtocol": one_of("IKEv2", "IKEv1"),
        "properties.connectionMode": one_of("Default", "ResponderOnly", "InitiatorOnly"),
        "properties.dpdTimeoutSeconds": number(9, 3600),
        "properties.ipsecPolicies": policies,
        "properties.usePolicyBasedTrafficSelectors": flag,
        "properties.expressRouteGatewayBypass": flag,
        "properties.sharedKey": text,
        **_STATE,
    },
    "localNetworkGateways": {
        "properties.gatewayIpAddress": address,
        "properties.localNetworkAddressSpace.addressPrefixes": prefixes,
        "properties.bgpSettings.asn": ASN,
        "properties.bgpSettings.bgpPeeringAddress": address,
        **_STATE,
    },
    "expressRouteCircuits": {
        "properties.circuitProvisioningState": one_of("Enabled", "Disabled"),
        "properties.serviceProviderProvisioningState": one_of(
            "NotProvisioned", "Provisioning", "Provisioned", "Deprovisioning"
        ),
        "properties.serviceProviderProperties.bandwidthInMbps": number(50, 100000),
        "properties.globalReachEnabled": flag,
        "sku.tier": one_of("Local", "Standard", "Premium"),
        **_STATE,
    },
    "expressRouteCircuits/peerings": {
        "properties.state": one_of("Enabled", "Disabled"),
        "properties.peerASN": ASN,
        "properties.primaryPeerAddressPrefix": thirty,
        "properties.secondaryPeerAddressPrefix": thirty,
        "properties.ipv6PeeringConfig": nothing,
        "properties.vlanId": number(1, 4094),
        "properties.lastModifiedBy": text,
        **_STATE,
    },
    "routeTables": {"properties.disableBgpRoutePropagation": flag, "properties.routes": routes, **_STATE},
    "networkInterfaces": {
        "properties.virtualMachine": nothing,
        "properties.enableIPForwarding": flag,
        **_STATE,
    },
    "publicIPAddresses": {"properties.ipAddress": address, **_STATE},
    "networkWatchers": {**_STATE},
}
COMPUTED = {
    "properties.connectionStatus": "follows from the tunnel",
    "properties.ingressBytesTransferred": "follows from the tunnel",
    "properties.egressBytesTransferred": "follows from the tunnel",
    "properties.azureASN": "is Microsoft's and always 12076",
    "properties.stag": "is the provider's outer tag: the topology's",
}

"""The gateways as they are at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.arm.azure_file import GATEWAY_SUBNET

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.azure_file import AzureFile
    from pytest_azinterop.lab.arm.store import Json, Store
    from pytest_azinterop.lab.topology import FarEndSpec, Topology


def _public_address(store: Store, gateway: str, name: str, address: str, location: str) -> None:
    store.add(
        f"publicIPAddresses/{name}",
        {
            "ipAddress": address,
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Static",
            "idleTimeoutInMinutes": 4,
            "ipConfiguration": {"id": f"{store.id(f'virtualNetworkGateways/{gateway}')}/ipConfigurations/{name}"},
        },
        location=location,
        sku={"name": "Standard", "tier": "Regional"},
    )


def _ip_configuration(store: Store, gateway: str, network: str, public: str) -> Json:
    return {
        "name": public,
        "id": f"{store.id(f'virtualNetworkGateways/{gateway}')}/ipConfigurations/{public}",
        "type": "Microsoft.Network/virtualNetworkGateways/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAllocationMethod": "Dynamic",
            "publicIPAddress": store.reference(f"publicIPAddresses/{public}"),
            "subnet": {"id": store.id(f"virtualNetworks/{network}/subnets/{GATEWAY_SUBNET}")},
        },
    }


def vpn_gateways(store: Store, azure: AzureFile, topology: Topology) -> None:
    """VPN gateways with their public addresses; their instances are far ends."""
    for name, gateway in azure.vpn_gateways.items():
        location = azure.location_of(gateway.network)
        ends = [topology.far_ends[each] for each in gateway.instances]
        configurations = []
        for number, end in enumerate(ends, 1):
            public = f"{name}-pip{number}"
            _public_address(store, name, public, str(outer(end)), location)
            configurations.append(_ip_configuration(store, name, gateway.network, public))
            if gateway.private:
                inside = end.addresses[(end.public or "").removeprefix("Loopback-")]
                configurations[-1]["properties"]["privateIPAddress"] = str(inside)
        store.add(
            f"virtualNetworkGateways/{name}",
            {
                "gatewayType": "Vpn",
                "vpnType": "RouteBased",
                "vpnGatewayGeneration": "Generation1",
                "enableBgp": True,
                "activeActive": len(ends) > 1,
                "enablePrivateIpAddress": gateway.private,
                "allowRemoteVnetTraffic": False,
                "allowVirtualWanTraffic": False,
                "sku": {"name": gateway.sku, "tier": gateway.sku, "capacity": 2},
                "ipConfigurations": configurations,
                "bgpSettings": {
                    "asn": ends[0].asn,
                    "bgpPeeringAddress": ",".join(str(end.addresses["bgp"]) for end in ends),
                    "peerWeight": 0,
                },
            },
            location=location,
        )


def outer(end: FarEndSpec) -> object:
    """The public address of a gateway's instance: of its link to the Internet, whether tunnels use it or not."""
    link = end.public if end.public in end.interfaces else next(iter(end.interfaces))
    return end.interfaces[link].ip


def expressroute_gateways(store: Store, azure: AzureFile) -> None:
    """ExpressRoute gateways: the circuits know them, the simulated network does not."""
    for name, gateway in azure.expressroute_gateways.items():
        location, public = azure.location_of(gateway.network), f"{name}-pip1"
        locations = {
            azure.circuits[each.circuit].peering_location
            for each in azure.expressroute_connections.values()
            if each.gateway == name
        }
        store.add(
            f"virtualNetworkGateways/{name}",
            {
                "gatewayType": "ExpressRoute",
                "vpnType": "RouteBased",
                "enableBgp": False,
                "activeActive": False,
                "enablePrivateIpAddress": False,
                "allowRemoteVnetTraffic": True,
                "allowVirtualWanTraffic": False,
                "resiliencyModel": "MultiHomed" if len(locations) > 1 else "SingleHomed",
                "sku": {"name": gateway.sku, "tier": gateway.sku, "capacity": 2},
                "ipConfigurations": [
                    {
                        **_ip_configuration(store, name, gateway.network, public),
                        "properties": {
                            "provisioningState": "Succeeded",
                            "privateIPAllocationMethod": "Dynamic",
                            "subnet": {"id": store.id(f"virtualNetworks/{gateway.network}/subnets/{GATEWAY_SUBNET}")},
                        },
                    }
                ],
                "bgpSettings": {
                    "asn": 65515,
                    "bgpPeeringAddress": ",".join(str(each) for each in gateway.instances),
                    "peerWeight": 0,
                },
            },
            location=location,
        )

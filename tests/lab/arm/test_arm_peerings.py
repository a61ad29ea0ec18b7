"""A VPN that runs over an ExpressRoute circuit: over its Microsoft peering, and over its private peering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.arm.conftest import Arm, make

COMMON = """
hostname edge
crypto ikev2 proposal P
 encryption aes-cbc-256
 integrity sha1
 group 2
crypto ikev2 policy Y
 match address local 203.0.113.1
 proposal P
crypto ikev2 keyring K
 peer azure
  address {gateway}
  pre-shared-key lab-key
crypto ikev2 profile R
 match identity remote address {gateway} 255.255.255.255
 authentication local pre-share
 authentication remote pre-share
 keyring local K
crypto ipsec transform-set T esp-aes 256 esp-sha-hmac
crypto ipsec profile F
 set transform-set T
 set ikev2-profile R
interface TenGigabitEthernet0/0/0
interface TenGigabitEthernet0/0/0.100
 encapsulation dot1Q 100
 ip address 192.0.2.1 255.255.255.252
interface Loopback0
 ip address 203.0.113.1 255.255.255.255
interface Loopback1
 ip address 10.60.0.1 255.255.255.0
interface Tunnel1
 ip address 10.60.1.1 255.255.255.255
 tunnel source Loopback0
 tunnel mode ipsec ipv4
 tunnel destination {gateway}
 tunnel protection ipsec profile F
ip prefix-list OUTER seq 5 permit 203.0.113.1/32
ip prefix-list INNER seq 5 permit 10.60.0.0/24
router bgp 64710
 network 203.0.113.1 mask 255.255.255.255
 network 10.60.0.0 mask 255.255.255.0
 neighbor 192.0.2.2 remote-as 12076
 neighbor 192.0.2.2 prefix-list OUTER out
 neighbor 10.40.0.30 remote-as 65515
 neighbor 10.40.0.30 ebgp-multihop 5
 neighbor 10.40.0.30 update-source Tunnel1
 neighbor 10.40.0.30 prefix-list INNER out
ip route 10.40.0.30 255.255.255.255 Tunnel1
end
"""


def topology(*, private: bool) -> dict[str, Any]:
    """Over Microsoft peering the MSEE announces the gateway's public address, over private peering its network."""
    msee: dict[str, Any] = {
        "kind": "msee",
        "asn": 12076,
        "interfaces": {"circuit": "192.0.2.2/30", **({} if private else {"ms-net": "198.51.100.1/24"})},
        "neighbors": [{"address": "192.0.2.1", "remote_as": 64710}],
        **({"vnets": ["core"]} if private else {"networks": ["198.51.100.0/24"]}),
    }
    gateway: dict[str, Any] = {
        "kind": "vpn-gateway",
        "asn": 65515,
        "interfaces": {"ms-net": "198.51.100.4/24"},
        "addresses": {"bgp": "10.40.0.30", **({"private": "10.40.0.20"} if private else {})},
        "vnets": ["core"],
        "statics": [{"prefix": "0.0.0.0/0", "via": "198.51.100.2" if private else "198.51.100.1"}],
        "public": "Loopback-private" if private else "ms-net",
        "tunnels": [{"name": "site", "peer": "203.0.113.1", "key": "lab-key", "routes": ["10.60.1.1/32"]}],
        "neighbors": [{"address": "10.60.1.1", "remote_as": 64710, "multihop": 5, "local": "bgp"}],
    }
    net = {"kind": "transit", "interfaces": {"ms-net": "198.51.100.2/24"}}
    ends = [{"far_end": "hub-vpn"}, {"far_end": "net" if private else "msee-a"}]
    return {
        "routers": {"edge": {"config": "edge.cfg"}},
        "links": {
            "circuit": {
                "ends": [{"router": "edge", "interface": "TenGigabitEthernet0/0/0"}, {"far_end": "msee-a"}],
                "tags": [100],
            },
            "spare": {"ends": [{"far_end": "msee-b"}]},
            "ms-net": {"ends": ends},
        },
        "far_ends": {
            "msee-a": msee,
            "msee-b": {
                "kind": "msee",
                "asn": 12076,
                "interfaces": {"spare": "192.0.2.6/30"},
                "neighbors": [{"address": "192.0.2.5", "remote_as": 64710}],
                **({"vnets": ["core"]} if private else {}),
            },
            "hub-vpn": gateway,
            **({"net": net} if private else {}),
        },
        "vnets": {"core": {"prefixes": ["10.40.0.0/24"], "hosts": ["10.40.0.100"]}},
    }


def azure(*, private: bool) -> dict[str, Any]:
    paths = {"primary": "msee-a", "secondary": "msee-b"}
    circuit: dict[str, Any] = {"provider": "Equinix", "peering_location": "London", "bandwidth_mbps": 200}
    circuit |= {"paths": paths} if private else {"microsoft": {"paths": paths, "advertised": ["203.0.113.0/29"]}}
    document: dict[str, Any] = {
        "subscription": "11111111-2222-4333-8444-555555555555",
        "tenant": "11111111-2222-4333-8444-666666666666",
        "resource_group": "core-rg",
        "location": "uksouth",
        "networks": {"core": {"subnets": {"GatewaySubnet": "10.40.0.0/27", "apps": "10.40.0.64/26"}}},
        "machines": {"app": {"network": "core", "subnet": "apps", "address": "10.40.0.100"}},
        "vpn_gateways": {"vpn": {"network": "core", "instances": ["hub-vpn"], "private": private}},
        "vpn_connections": {"to-site": {"gateway": "vpn", "tunnel": "site", "local_network_gateway": "site"}},
        "circuits": {"er": circuit},
    }
    if private:
        document["expressroute_gateways"] = {"erg": {"network": "core", "instances": ["10.40.0.12"]}}
        document["expressroute_connections"] = {
            "er-core": {"gateway": "erg", "circuit": "er", "endpoints": ["10.40.0.4", "10.40.0.5"]}
        }
    return document


def build(directory: Path, *, private: bool) -> Arm:
    gateway = "10.40.0.20" if private else "198.51.100.4"
    (directory / "edge.cfg").write_text(COMMON.format(gateway=gateway))
    (directory / "topology.yaml").write_text(yaml.safe_dump(topology(private=private)))
    (directory / "azure.yaml").write_text(yaml.safe_dump(azure(private=private)))
    return make(directory)


@pytest.mark.parametrize("private", [False, True])
def test_the_tunnel_runs_over_the_circuit(tmp_path: Path, private: bool) -> None:
    arm = build(tmp_path, private=private)
    assert arm.get("connections/to-site")["properties"]["connectionStatus"] == "Connected"
    assert {"10.60.0.0/24"} == {
        row["network"] for row in arm.rows("virtualNetworkGateways/vpn/getLearnedRoutes") if row["origin"] == "EBgp"
    }
    arm.passes(400)
    assert arm.get("connections/to-site")["properties"]["connectionStatus"] == "Connected", "packets still pass"
    arm.happens("links: {circuit: {state: down}}")
    arm.passes(400)
    assert arm.get("connections/to-site")["properties"]["connectionStatus"] == "NotConnected"


def test_microsoft_peering_has_its_own_tables(tmp_path: Path) -> None:
    arm = build(tmp_path, private=False)
    path = "expressRouteCircuits/er/peerings/MicrosoftPeering"
    properties = arm.get(path)["properties"]
    assert properties["microsoftPeeringConfig"]["advertisedPublicPrefixes"] == ["203.0.113.0/29"]
    assert (properties["peerASN"], properties["vlanId"]) == (64710, 100)
    rows = {row["network"]: row for row in arm.rows(f"{path}/routeTables/primary")}
    assert (rows["203.0.113.1/32"]["nextHop"], rows["203.0.113.1/32"]["path"]) == ("192.0.2.1", "64710")
    assert rows["198.51.100.0/24"]["path"] == "8075"
    assert "10.60.0.0/24" not in rows
    assert [row["neighbor"] for row in arm.rows(f"{path}/routeTablesSummary/primary")] == ["192.0.2.1"]
    assert arm.rows(f"{path}/arpTables/secondary")[1]["macAddress"] == "Incomplete"
    missing = arm.send("GET", arm.path("expressRouteCircuits/er/peerings/AzurePrivatePeering"))
    assert arm.error(missing) == (404, "ResourceNotFound")


def test_a_disabled_microsoft_peering_takes_the_tunnel_along(tmp_path: Path) -> None:
    arm = build(tmp_path, private=False)
    peering = "expressRouteCircuits/er/peerings/MicrosoftPeering"
    arm.happens(f"azure: [{{resource: {peering}, set: {{properties.state: Disabled}}}}]")
    arm.passes(400)
    assert arm.get("connections/to-site")["properties"]["connectionStatus"] == "NotConnected"


def test_a_gateway_with_private_addresses_says_so(tmp_path: Path) -> None:
    arm = build(tmp_path, private=True)
    gateway = arm.get("virtualNetworkGateways/vpn")["properties"]
    assert gateway["enablePrivateIpAddress"] is True
    assert gateway["ipConfigurations"][0]["properties"]["privateIPAddress"] == "10.40.0.20"
    assert arm.get("connections/to-site")["properties"]["useLocalAzureIpAddress"] is True
    clear = {
        row["network"] for row in arm.rows("virtualNetworkGateways/erg/getLearnedRoutes") if row["origin"] == "EBgp"
    }
    assert clear == {"203.0.113.1/32"}, "the inner prefixes do not travel in clear"

"""Other networks than the published one, and what ``azure.yaml`` must not say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.arm.conftest import PUBLISHED, Arm, make

from pytest_azinterop.lab.arm.azure_file import load_azure
from pytest_azinterop.lab.arm.wording import time_span, up_down
from pytest_azinterop.lab.commands import main
from pytest_azinterop.lab.scenario_file import ScenarioError
from pytest_azinterop.lab.topology import TopologyError, load_topology

EDGE = """
hostname edge
crypto ikev2 proposal P
 encryption aes-cbc-256
 integrity sha1
 group 2
crypto ikev2 policy Y
 match address local 203.0.113.2
 proposal P
crypto ikev2 keyring K
 peer zero
  address 198.18.0.10
  pre-shared-key lab-key
 peer one
  address 198.18.0.11
  pre-shared-key lab-key
crypto ikev2 profile R
 match identity remote address 198.18.0.0 255.255.255.0
 authentication local pre-share
 authentication remote pre-share
 keyring local K
crypto ipsec transform-set T esp-aes 256 esp-sha-hmac
crypto ipsec profile F
 set transform-set T
 set ikev2-profile R
interface GigabitEthernet0/0/0
 ip address 203.0.113.2 255.255.255.252
interface Loopback1
 ip address 10.50.0.1 255.255.255.0
interface Tunnel0
 ip address 169.254.21.1 255.255.255.255
 tunnel source GigabitEthernet0/0/0
 tunnel mode ipsec ipv4
 tunnel destination 198.18.0.10
 tunnel protection ipsec profile F
interface Tunnel1
 ip address 169.254.22.1 255.255.255.255
 tunnel source GigabitEthernet0/0/0
 tunnel mode ipsec ipv4
 tunnel destination 198.18.0.11
 tunnel protection ipsec profile F
router bgp 64700
 network 10.50.0.0 mask 255.255.255.0
 neighbor 172.20.0.4 remote-as 65515
 neighbor 172.20.0.4 ebgp-multihop 2
 neighbor 172.20.0.4 update-source Loopback1
 neighbor 172.20.0.5 remote-as 65515
 neighbor 172.20.0.5 ebgp-multihop 2
 neighbor 172.20.0.5 update-source Loopback1
ip route 0.0.0.0 0.0.0.0 203.0.113.1
ip route 172.20.0.4 255.255.255.255 Tunnel0
ip route 172.20.0.5 255.255.255.255 Tunnel1
end
"""


def instance(number: int) -> dict[str, Any]:
    return {
        "kind": "vpn-gateway",
        "asn": 65515,
        "router_id": f"172.20.0.{4 + number}",
        "interfaces": {f"gw{number}": f"198.18.0.1{number}/24"},
        "addresses": {"bgp": f"172.20.0.{4 + number}"},
        "vnets": ["core"],
        "statics": [{"prefix": "0.0.0.0/0", "via": f"198.18.0.{1 + number}"}],
        "public": f"gw{number}",
        "tunnels": [{"name": "n", "peer": "203.0.113.2", "key": "lab-key", "routes": ["10.50.0.1/32"]}],
        "neighbors": [{"address": "10.50.0.1", "remote_as": 64700, "multihop": 5, "local": "bgp"}],
    }


TOPOLOGY: dict[str, Any] = {
    "age": "2w",
    "routers": {"edge": {"config": "edge.cfg"}},
    "links": {
        "isp": {"ends": [{"router": "edge", "interface": "GigabitEthernet0/0/0"}, {"far_end": "net"}]},
        "gw0": {"ends": [{"far_end": "net"}, {"far_end": "gateway-0"}]},
        "gw1": {"ends": [{"far_end": "net"}, {"far_end": "gateway-1"}]},
    },
    "far_ends": {
        "net": {
            "kind": "transit",
            "interfaces": {"isp": "203.0.113.1/30", "gw0": "198.18.0.1/24", "gw1": "198.18.0.2/24"},
            "statics": [{"prefix": "198.18.0.11/32", "via": "gw1"}],
        },
        "gateway-0": instance(0),
        "gateway-1": instance(1),
    },
    "vnets": {"core": {"prefixes": ["172.20.0.0/16"], "hosts": ["172.20.1.4"]}},
}
AZURE: dict[str, Any] = {
    "subscription": "11111111-2222-4333-8444-555555555555",
    "tenant": "11111111-2222-4333-8444-666666666666",
    "resource_group": "core-rg",
    "location": "northeurope",
    "networks": {"core": {"subnets": {"GatewaySubnet": "172.20.0.0/27", "apps": "172.20.1.0/24"}}},
    "machines": {"app": {"network": "core", "subnet": "apps", "address": "172.20.1.4"}},
    "vpn_gateways": {"both": {"network": "core", "sku": "VpnGw2AZ", "instances": ["gateway-0", "gateway-1"]}},
    "vpn_connections": {"to-site": {"gateway": "both", "tunnel": "n", "local_network_gateway": "site"}},
}


CONNECTION: dict[str, Any] = AZURE["vpn_connections"]["to-site"]


def build(directory: Path, azure: dict[str, Any] = AZURE) -> Arm:
    (directory / "edge.cfg").write_text(EDGE)
    (directory / "topology.yaml").write_text(yaml.safe_dump(TOPOLOGY))
    (directory / "azure.yaml").write_text(yaml.safe_dump(azure))
    return make(directory)


GATEWAY = "virtualNetworkGateways/both"


def test_the_instances_of_an_active_active_gateway_are_kept_apart(tmp_path: Path) -> None:
    arm = build(tmp_path)
    gateway = arm.get(GATEWAY)["properties"]
    assert (gateway["activeActive"], gateway["bgpSettings"]["bgpPeeringAddress"]) == (True, "172.20.0.4,172.20.0.5")
    assert [each["tunnelIpAddresses"] for each in gateway["bgpSettings"]["bgpPeeringAddresses"]] == [
        ["198.18.0.10"], ["198.18.0.11"],
    ]  # fmt: skip
    site = [row for row in arm.rows(f"{GATEWAY}/getLearnedRoutes") if row["network"] == "10.50.0.0/24"]
    assert [(row["localAddress"], row["sourcePeer"], row["origin"]) for row in site] == [
        ("172.20.0.4", "10.50.0.1", "EBgp"),
        ("172.20.0.4", "172.20.0.5", "IBgp"),
        ("172.20.0.5", "10.50.0.1", "EBgp"),
        ("172.20.0.5", "172.20.0.4", "IBgp"),
    ]
    routes = arm.rows("networkInterfaces/app-nic/effectiveRouteTable")
    assert [row["nextHopIpAddress"] for row in routes if row["addressPrefix"] == ["10.50.0.0/24"]] == [
        ["172.20.0.4"], ["172.20.0.5"],
    ]  # fmt: skip


def test_one_tunnel_of_two_is_missing(tmp_path: Path) -> None:
    arm = build(tmp_path)
    arm.happens("far_ends: {gateway-1: {silent: true}}")
    arm.passes(400)
    connection = arm.get("connections/to-site")["properties"]
    assert connection["connectionStatus"] == "Connected"
    states = [each["connectionStatus"] for each in connection["tunnelConnectionStatus"]]
    assert states == ["Connected", "Connecting"]
    routes = arm.rows("networkInterfaces/app-nic/effectiveRouteTable")
    assert [row["nextHopIpAddress"] for row in routes if row["addressPrefix"] == ["10.50.0.0/24"]] == [["172.20.0.4"]]


def test_azures_own_addresses_are_those_of_the_file(tmp_path: Path) -> None:
    arm = build(tmp_path)
    assert arm.get("virtualNetworks/core")["id"].startswith(
        "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/core-rg/"
    )
    assert arm.get("networkWatchers/NetworkWatcher_northeurope")["location"] == "northeurope"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": {"other": {"subnets": {}}}}, "networks.other: no 'other'"),
        ({"vpn_gateways": {"both": {"network": "core", "instances": ["gateway-9"]}}}, "no 'gateway-9'"),
        ({"vpn_connections": {"c": CONNECTION | {"tunnel": "x"}}}, "tunnel (of gateway-0): no 'x'"),
        ({"machines": {"app": {"network": "core", "subnet": "none", "address": "172.20.1.4"}}}, "subnet: no 'none'"),
        ({"peerings": {"p": {"from": "core", "to": "moon"}}}, "peerings.p.to: no 'moon'"),
        ({"locaton": "x"}, "locaton: Extra inputs"),
        ({"location": None}, "location: Input should be a valid string"),
    ],
)  # fmt: skip
def test_a_mistake_in_azures_file_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(TopologyError) as caught:
        build(tmp_path, AZURE | change)
    assert str(tmp_path / "azure.yaml") in str(caught.value)
    assert message in str(caught.value)


def test_instances_that_speak_to_different_routers_are_no_one_connection(tmp_path: Path) -> None:
    """A local network gateway has one address and one ASN."""
    build(tmp_path)
    other = instance(1) | {"neighbors": [{"address": "10.50.0.1", "remote_as": 64701, "local": "bgp"}]}
    changed = TOPOLOGY | {"far_ends": TOPOLOGY["far_ends"] | {"gateway-1": other}}
    (tmp_path / "topology.yaml").write_text(yaml.safe_dump(changed))
    with pytest.raises(TopologyError, match="to-site: gateway-0 and gateway-1 differ"):
        make(tmp_path)


def test_text_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "azure.yaml").write_text("a: [")
    with pytest.raises(TopologyError, match=r"azure\.yaml"):
        load_azure(tmp_path, load_topology(PUBLISHED))


def test_the_published_files_agree(untouched: Arm) -> None:
    """Nothing that Azure's resources say changes what the topology says, apart from limits of prefixes."""
    from dataclasses import replace

    declared = load_topology(PUBLISHED).far_ends
    for name, spec in declared.items():
        found = untouched.network.far_end(name).spec
        neighbors = tuple(replace(each, maximum_prefix=None) for each in found.neighbors)
        assert replace(found, neighbors=neighbors) == spec, name


def test_names_prints_resources_and_operations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["names"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  virtualNetworks/hub/virtualNetworkPeerings/hub-to-spoke" in lines
    assert "  virtualNetworkGateways/hub-vpn/getLearnedRoutes" in lines
    assert "  expressRouteCircuits/expressroute-1/peerings/AzurePrivatePeering/routeTables/primary" in lines


def test_every_operation_that_is_named_can_be_ordered(arm: Arm) -> None:
    for name in arm.azure.operations():
        arm.happens(f"azure: [{{operation: {name}, answer: {{status: 500}}}}]")
        method = "GET" if name.endswith(("stats", "sharedKey")) else "POST"
        assert arm.send(method, arm.path(name)).status == 500, name


def test_a_lab_without_azure_refuses_to_change_it(arm: Arm) -> None:
    from dataclasses import replace

    arm.applier = replace(arm.applier, azure=None)
    with pytest.raises(ScenarioError, match=r"this network has no azure\.yaml"):
        arm.happens("azure: [{resource: virtualNetworks/hub, delete: true}]")


def test_a_lab_that_nobody_asks_for_azure_imports_none_of_it() -> None:
    import subprocess

    code = (
        "import sys, pytest_azinterop.lab.service, pytest_azinterop.lab.network.simulation\n"
        "print([n for n in sys.modules if n.startswith(('aiohttp', 'pytest_azinterop.lab.arm'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, "00:00:00.5000000"), (61, "00:01:01"), (270853.1796961, "3.03:14:13.1796961")],
)
def test_a_time_span_is_written_as_dotnet_writes_it(seconds: float, text: str) -> None:
    assert time_span(seconds)[:-2] == text[:-2]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "never"), (59, "00:00:59"), (90000, "1d01h"), (777600, "1w2d")],
)
def test_a_session_is_as_old_as_a_router_would_write(seconds: float | None, text: str) -> None:
    assert up_down(seconds) == text

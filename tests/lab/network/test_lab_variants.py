"""Other healthy networks of the same form: nothing in the lab knows the published one."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

import pytest
import yaml

from pytest_azinterop.lab.clock import Clock
from pytest_azinterop.lab.network.simulation import Simulation
from pytest_azinterop.lab.network.view import PingRequest
from pytest_azinterop.lab.topology import TopologyError, load_topology

if TYPE_CHECKING:
    from pathlib import Path

EDGE = """
hostname pe-north
vrf definition INET
 rd 64700:1
 address-family ipv4
vrf definition BLUE
 rd 64700:2
 address-family ipv4
crypto ikev2 proposal P
 encryption aes-gcm-256
 prf sha384
 group 20
crypto ikev2 policy Y
 match fvrf INET
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
 match fvrf INET
 match identity remote address 198.18.0.0 255.255.255.0
 authentication local pre-share
 authentication remote pre-share
 keyring local K
crypto ipsec transform-set T esp-gcm 256
crypto ipsec profile F
 set transform-set T
 set pfs group24
 set ikev2-profile R
interface GigabitEthernet0/0/0
 vrf forwarding INET
 ip address 203.0.113.2 255.255.255.252
interface Loopback1
 vrf forwarding BLUE
 ip address 10.50.0.1 255.255.255.0
interface Tunnel0
 vrf forwarding BLUE
 ip address 169.254.21.1 255.255.255.255
 tunnel source GigabitEthernet0/0/0
 tunnel mode ipsec ipv4
 tunnel destination 198.18.0.10
 tunnel vrf INET
 tunnel protection ipsec profile F
interface Tunnel1
 vrf forwarding BLUE
 ip address 169.254.22.1 255.255.255.255
 tunnel source 203.0.113.2
 tunnel mode ipsec ipv4
 tunnel destination 198.18.0.11
 tunnel vrf INET
 tunnel protection ipsec profile F
router bgp 64700
 address-family ipv4 vrf BLUE
  network 10.50.0.0 mask 255.255.255.0
  neighbor 172.20.0.4 remote-as 65010
  neighbor 172.20.0.4 ebgp-multihop 2
  neighbor 172.20.0.4 update-source Tunnel0
  neighbor 172.20.0.5 remote-as 65010
  neighbor 172.20.0.5 ebgp-multihop 2
  neighbor 172.20.0.5 update-source Tunnel1
  maximum-paths 2
ip route vrf INET 0.0.0.0 0.0.0.0 203.0.113.1
ip route vrf BLUE 172.20.0.4 255.255.255.255 Tunnel0
ip route vrf BLUE 172.20.0.5 255.255.255.255 Tunnel1
end
"""


def gateway(number: int) -> dict[str, object]:
    return {
        "kind": "vpn-gateway",
        "asn": 65010,
        "router_id": f"172.20.0.{4 + number}",
        "interfaces": {f"gw{number}": f"198.18.0.1{number}/24"},
        "addresses": {"bgp": f"172.20.0.{4 + number}"},
        "vnets": ["core"],
        "statics": [{"prefix": "0.0.0.0/0", "via": "198.18.0.1"}],
        "public": f"gw{number}",
        "ike": {
            "encryption": ["aes-gcm-256"], "integrity": ["sha384"], "groups": [20], "pfs": "group24",
            "transforms": ["esp-gcm 256"],
        },
        "tunnels": [
            {"name": "n", "peer": "203.0.113.2", "key": "lab-key", "routes": [f"169.254.2{number + 1}.1/32"]}
        ],
        "neighbors": [{"address": f"169.254.2{number + 1}.1", "remote_as": 64700, "multihop": 5, "local": "bgp"}],
    }  # fmt: skip


TOPOLOGY: dict[str, object] = {
    "age": "2w",
    "routers": {"pe-north": {"config": "edge.cfg", "model": "ASR1002-HX", "serial": "JAE00000000"}},
    "links": {
        "isp": {"ends": [{"router": "pe-north", "interface": "GigabitEthernet0/0/0"}, {"far_end": "net"}]},
        "gw0": {"ends": [{"far_end": "net"}, {"far_end": "gateway-0"}]},
        "gw1": {"ends": [{"far_end": "net"}, {"far_end": "gateway-1"}]},
    },
    "far_ends": {
        "net": {
            "kind": "transit",
            "interfaces": {"isp": "203.0.113.1/30", "gw0": "198.18.0.1/24", "gw1": "198.18.0.2/24"},
            "statics": [{"prefix": "198.18.0.11/32", "via": "gw1"}],
        },
        "gateway-0": gateway(0),
        "gateway-1": gateway(1) | {"statics": [{"prefix": "0.0.0.0/0", "via": "198.18.0.2"}]},
    },
    "vnets": {"core": {"prefixes": ["172.20.0.0/16"], "hosts": ["172.20.1.4"]}},
}


def build(directory: Path, topology: dict[str, object] = TOPOLOGY, edge: str = EDGE) -> Simulation:
    (directory / "edge.cfg").write_text(edge)
    (directory / "topology.yaml").write_text(yaml.safe_dump(topology))
    return Simulation(directory, Clock(datetime(2026, 3, 2, tzinfo=UTC), speed=0))


def test_an_active_active_gateway_behind_a_front_door_vrf(tmp_path: Path) -> None:
    router = build(tmp_path).router("pe-north")
    assert {each.state for each in router.bgp_neighbors("BLUE")} == {"Established"}
    sas = router.ike_sas()
    assert [(each.fvrf, each.ivrf, each.status, each.encryption, each.integrity, each.dh_group) for each in sas] == [
        ("INET", "BLUE", "READY", "AES-GCM", None, 20)
    ] * 2
    assert all(each.pfs == "group24" for each in router.ipsec())
    route = router.route("BLUE", IPv4Network("172.20.0.0/16"))
    assert route is not None
    assert len(route.next_hops) == 2
    result = router.ping(PingRequest("172.20.1.4", "BLUE", source="Loopback1"))
    assert "".join(each.mark for each in result.replies) == "!!!!!"


def test_one_instance_of_the_gateway_goes(tmp_path: Path) -> None:
    network = build(tmp_path)
    network.set_far_end("gateway-0", silent=True)
    network.clock.advance(400)
    router = network.router("pe-north")
    states = {str(each.address): each.state for each in router.bgp_neighbors("BLUE")}
    assert states["172.20.0.5"] == "Established"
    assert states["172.20.0.4"] != "Established"
    result = router.ping(PingRequest("172.20.1.4", "BLUE", source="Loopback1"))
    assert "".join(each.mark for each in result.replies) == "!!!!!"


def test_a_profile_without_the_front_door_vrf_does_not_match(tmp_path: Path) -> None:
    network = build(tmp_path, edge=EDGE.replace("profile R\n match fvrf INET", "profile R"))
    router = network.router("pe-north")
    assert not router.interface("Tunnel0").protocol_up  # type: ignore[union-attr]
    assert router.forwarding("BLUE", IPv4Address("172.20.0.4")).kind in ("no route", "drop")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rooters": {}}, "unknown key 'rooters'"),
        ({"far_ends": {"x": {"kind": "msee", "vnets": ["nowhere"]}}}, "no router or far end named"),
        ({"routers": {"pe-north": {"config": "edge.cfg", "modle": "x"}}}, "unknown key 'modle'"),
    ],
)
def test_a_topology_with_a_mistake_names_it(tmp_path: Path, change: dict[str, object], words: str) -> None:
    (tmp_path / "topology.yaml").write_text(yaml.safe_dump(TOPOLOGY | change))
    with pytest.raises(TopologyError, match=words):
        load_topology(tmp_path)


def test_a_configuration_that_is_not_taken_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match=r"edge\.cfg: line 2: 'frobnicate'"):
        build(tmp_path, edge="hostname x\nfrobnicate\nend\n")

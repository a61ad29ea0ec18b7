"""A network of one edge router with many customers: running-config, topology and intent, for the benchmarks.

Each customer has a VRF, one path of ExpressRoute, one prefix of its own and `prefixes` of its virtual network; as in
the published network its other path ends at another router, which is not here. Every tenth customer also has a VPN
tunnel. The shape is that of a healthy network: every check that applies passes.
"""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ROUTER = "pe1"
EVERY_TUNNEL = 10
MOST_CUSTOMERS, MOST_PREFIXES = 1000, 64
_VNETS, _SITES, _LINKS = IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/14"), IPv4Network("192.168.0.0/16")


class Customer:
    """One customer's numbers; `number` counts from 1."""

    def __init__(self, number: int, prefixes: int) -> None:
        if not (1 <= number <= MOST_CUSTOMERS and 1 <= prefixes <= MOST_PREFIXES):
            raise ValueError(f"at most {MOST_CUSTOMERS} customers of {MOST_PREFIXES} prefixes")
        self.number = number
        self.vrf = f"CUST-{number:03}"
        self.tag = 100 + number
        block = IPv4Network((int(_VNETS.network_address) + number * (1 << 14), 18))
        self.vnet = [str(each) for each in islice(block.subnets(new_prefix=24), prefixes)]
        self.host = str(block.network_address + 4)
        self.site = IPv4Network((int(_SITES.network_address) + number * 256, 24))
        self.links = [IPv4Network((int(_LINKS.network_address) + number * 8, 30))]
        self.has_tunnel = number % EVERY_TUNNEL == 0
        self.peer = f"20.9.{number // 250}.{number % 250 + 2}"
        self.local = f"198.51.{100 + number // 250}.{number % 250 + 1}"


def write(folder: Path, customers: int, prefixes: int) -> Path:
    """The inventory folder of such a network, simulated. Raises ValueError for more than its addresses allow."""
    all_of_them = [Customer(number, prefixes) for number in range(1, customers + 1)]
    network = folder / "network"
    network.mkdir(parents=True, exist_ok=True)
    (folder / "lab.yaml").write_text("network: network\n", encoding="utf-8")
    (folder / "interop.yaml").write_text(_yaml(_intent(all_of_them)), encoding="utf-8")
    (network / "topology.yaml").write_text(_yaml(_topology(all_of_them)), encoding="utf-8")
    (network / f"{ROUTER}.cfg").write_text(_configuration(all_of_them), encoding="utf-8")
    return folder


def _yaml(values: dict[str, object]) -> str:
    """JSON is YAML; a line per key of the first two levels keeps it readable."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"{key}:", *(f"  {json.dumps(name)}: {json.dumps(each)}" for name, each in value.items())]
        else:
            lines.append(f"{key}: {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def _intent(customers: list[Customer]) -> dict[str, object]:
    return {
        "version": 1,
        "defaults": {"bgp": {"minimum_age": "1d"}},
        "circuits": {"er-shared": {"networks": ["vnet"], "primary": {"router": ROUTER}}},
        "connections": {"gw": {"networks": ["vnet"]}} if any(each.has_tunnel for each in customers) else {},
        "sites": {"dc": {"asn": 64900, "routers": [ROUTER]}},
        "customers": {f"customer-{each.number:03}": _customer(each) for each in customers},
        "lint": {"ignore": ["lint.bfd"]},
    }


def _customer(each: Customer) -> dict[str, object]:
    paths = [
        {
            "circuit": "er-shared",
            "path": path,
            "interface": f"Te0/0/{position}.{each.tag}",
            "vlans": [each.tag],
            "subnet": str(link),
        }
        for position, (path, link) in enumerate(zip(("primary",), each.links, strict=True))
    ]
    site: dict[str, object] = {"prefixes": [str(each.site)], "expressroute": paths}
    if each.has_tunnel:
        site["vpn"] = [
            {
                "connection": "gw",
                "router": ROUTER,
                "tunnel": f"Tunnel{each.number}",
                "address": "169.254.21.6/30",
                "neighbor": "169.254.21.5",
                "peer": each.peer,
                "source": f"Loopback{each.number}",
                "local": each.local,
            }
        ]
    return {
        "vrf": each.vrf,
        "route_distinguisher": f"64900:{each.tag}",
        "networks": {"vnet": each.vnet},
        "sites": {"dc": site},
    }


def _topology(customers: list[Customer]) -> dict[str, object]:
    links: dict[str, object] = {}
    far_ends: dict[str, object] = {
        "time-server": {
            "kind": "host",
            "addresses": {"ntp": "192.0.2.123"},
            "time": {"stratum": 2, "reference": "203.0.113.123", "out_of_band": True},
        }
    }
    statics = []
    with_tunnel = [each for each in customers if each.has_tunnel]
    for each in customers:
        for position, letter in enumerate("a"):
            name, far_end = f"er-{each.number}{letter}", f"msee-{each.number}{letter}"
            interface = f"TenGigabitEthernet0/0/{position}"
            ends = [{"router": ROUTER, "interface": interface}, {"far_end": far_end}]
            links[name] = {"ends": ends, "tags": [each.tag], "circuit": "er-shared"}
            near, far = (str(host) for host in each.links[position].hosts())
            far_ends[far_end] = {
                "kind": "msee",
                "asn": 12076,
                "interfaces": {name: f"{far}/30"},
                "neighbors": [{"address": near, "remote_as": 64900}],
                "vnets": [f"vnet-{each.number}"],
            }
    for each in with_tunnel:
        far_ends[f"gw-{each.number}"] = _gateway(each)
        statics.append({"prefix": f"{each.local}/32", "via": "203.0.113.2"})
    links["wan"] = {"ends": [{"router": ROUTER, "interface": "GigabitEthernet0/0/0"}, {"far_end": "isp"}]}
    interfaces = {"wan": "203.0.113.1/30"}
    if with_tunnel:
        links["cloud"] = {"ends": [{"far_end": "isp"}, *({"far_end": f"gw-{each.number}"} for each in with_tunnel)]}
        interfaces["cloud"] = "20.9.0.1/16"
    far_ends["isp"] = {"kind": "transit", "interfaces": interfaces, "statics": statics}
    return {
        "age": "30d",
        "routers": {ROUTER: {"model": "ASR1009-X", "version": "17.12.3", "serial": "FXS2000PE01", "uptime": "50w"}},
        "links": links,
        "far_ends": far_ends,
        "vnets": {f"vnet-{each.number}": {"prefixes": each.vnet, "hosts": [each.host]} for each in customers},
    }


def _gateway(each: Customer) -> dict[str, object]:
    tunnel = {"name": "dc", "peer": each.local, "key": "LabOnlyTypeSixText", "routes": ["169.254.21.6/32"]}
    return {
        "kind": "vpn-gateway",
        "asn": 65515,
        "router_id": each.host,
        "interfaces": {"cloud": f"{each.peer}/16"},
        "addresses": {"bgp": "169.254.21.5"},
        "vnets": [f"vnet-{each.number}"],
        "statics": [{"prefix": "0.0.0.0/0", "via": "20.9.0.1"}],
        "public": "cloud",
        "ike": {"encryption": ["aes-cbc-256"], "integrity": ["sha256"], "groups": [14]},
        "tunnels": [tunnel],
        "neighbors": [{"address": "169.254.21.6", "remote_as": 64900, "multihop": 10, "local": "bgp"}],
    }


_HEAD = f"""\
version 17.9
service timestamps debug datetime msec localtime show-timezone
service timestamps log datetime msec localtime show-timezone
service password-encryption
!
hostname {ROUTER}
!
logging buffered 64000
enable secret 0 lab-only-enable
!
no ip domain lookup
login on-success log
!
username netops privilege 15 secret 0 lab-only-password
!
"""
_TAIL = """\
ip prefix-list OWN seq 5 permit 172.16.0.0/14 le 24
!
route-map ER-IN permit 10
 set local-preference 200
!
route-map OWN permit 10
 match ip address prefix-list OWN
!
!
no ip http server
no ip http secure-server
ip ssh version 2
!
line con 0
 stopbits 1
line vty 0 4
 login local
 transport input ssh
!
ntp server 192.0.2.123
!
end
"""


def _configuration(customers: list[Customer]) -> str:
    with_tunnel = [each for each in customers if each.has_tunnel]
    parts = [
        _HEAD,
        *(f"vrf definition {each.vrf}\n rd 64900:{each.tag}\n !\n address-family ipv4\n exit-address-family\n!\n"
          for each in customers),
        *(_crypto(each) for each in with_tunnel),
        *(f"interface Loopback{each.number}\n ip address {each.local} 255.255.255.255\n!\n" for each in with_tunnel),
        *(_tunnel(each) for each in with_tunnel),
        "interface GigabitEthernet0/0/0\n ip address 203.0.113.2 255.255.255.252\n negotiation auto\n!\n",
        *(_port(position, customers) for position in (0,)),
        "router bgp 64900\n bgp router-id 203.0.113.2\n bgp log-neighbor-changes\n",
        *(_family(each) for each in customers),
        "!\nip route 0.0.0.0 0.0.0.0 203.0.113.1\n",
        *(f"ip route vrf {each.vrf} {each.site.network_address} {each.site.netmask} Null0\n" for each in customers),
        _TAIL,
    ]  # fmt: skip
    return "".join(parts)


def _crypto(each: Customer) -> str:
    name = f"c{each.number}"
    return f"""\
crypto ikev2 proposal {name}-prop
 encryption aes-cbc-256
 integrity sha256
 group 14
!
crypto ikev2 policy {name}-pol
 match address local {each.local}
 proposal {name}-prop
!
crypto ikev2 keyring {name}-keys
 peer gateway0
  address {each.peer}
  pre-shared-key 6 LabOnlyTypeSixText
 !
!
crypto ikev2 profile {name}-ike
 match identity remote address {each.peer} 255.255.255.255
 identity local address {each.local}
 authentication remote pre-share
 authentication local pre-share
 keyring local {name}-keys
 lifetime 28800
 dpd 10 3 periodic
!
crypto ipsec transform-set {name}-ts esp-aes 256 esp-sha256-hmac
 mode tunnel
!
crypto ipsec profile {name}-ipsec
 set security-association lifetime kilobytes disable
 set security-association replay window-size 1024
 set transform-set {name}-ts
 set ikev2-profile {name}-ike
!
"""


def _tunnel(each: Customer) -> str:
    return f"""\
interface Tunnel{each.number}
 vrf forwarding {each.vrf}
 ip address 169.254.21.6 255.255.255.252
 ip tcp adjust-mss 1350
 tunnel source Loopback{each.number}
 tunnel mode ipsec ipv4
 tunnel destination {each.peer}
 tunnel protection ipsec profile c{each.number}-ipsec
!
"""


def _port(position: int, customers: list[Customer]) -> str:
    name = f"TenGigabitEthernet0/0/{position}"
    units = "".join(
        f"interface {name}.{each.tag}\n encapsulation dot1Q {each.tag}\n vrf forwarding {each.vrf}\n"
        f" ip address {next(each.links[position].hosts())} 255.255.255.252\n!\n"
        for each in customers
    )
    return f"interface {name}\n no ip address\n!\n{units}"


def _family(each: Customer) -> str:
    neighbors = [(str(list(link.hosts())[1]), 12076) for link in each.links]
    if each.has_tunnel:
        neighbors.insert(0, ("169.254.21.5", 65515))
    lines = [f" address-family ipv4 vrf {each.vrf}"]
    lines.append(f"  network {each.site.network_address} mask {each.site.netmask}")
    for address, remote in neighbors:
        lines += [
            f"  neighbor {address} remote-as {remote}",
            f"  neighbor {address} activate",
            f"  neighbor {address} soft-reconfiguration inbound",
            *([f"  neighbor {address} route-map ER-IN in"] if remote == 12076 else []),
            f"  neighbor {address} route-map OWN out",
            f"  neighbor {address} maximum-prefix 200 75",
        ]
    return "\n".join([" !", *lines, " exit-address-family", ""])

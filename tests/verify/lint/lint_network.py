"""A site whose two routers' configurations have nothing to say against, and how to change one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pytest_azinterop.intent.derive import derive
from pytest_azinterop.intent.models import Intent
from pytest_azinterop.intent.router_scope import configurations
from pytest_azinterop.iosxe.parsers.config import parse
from pytest_azinterop.iosxe.redact import redact
from pytest_azinterop.state.config import RunningConfig
from pytest_azinterop.state.source import Source
from pytest_azinterop.verify import lint
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.lint.observed import ObservedConfiguration, ObservedConfigurations

INTENT = Intent.model_validate(
    {
        "networks": {"core": ["172.22.0.0/16"]},
        "circuits": {"er": {"networks": ["core"], "primary": {"router": "edge-a"}, "secondary": {"router": "edge-b"}}},
        "connections": {"gw": {"networks": ["core"], "gateway_asn": 65010}},
        "sites": {"town": {"asn": 64600, "routers": ["edge-a", "edge-b"]}},
        "customers": {
            "acme": {
                "vrf": "ACME",
                "sites": {
                    "town": {
                        "prefixes": ["10.50.0.0/24"],
                        "lan": [{"router": "edge-a", "interface": "GigabitEthernet0/0/1.9"}],
                        "expressroute": [
                            {
                                "circuit": "er",
                                "path": path,
                                "interface": "GigabitEthernet0/0/0.9",
                                "vlans": [9, 90],
                                "subnet": subnet,
                            }
                            for path, subnet in (("primary", "10.60.0.0/30"), ("secondary", "10.60.0.4/30"))
                        ],
                        "vpn": [
                            {
                                "connection": "gw",
                                "router": "edge-a",
                                "tunnel": f"Tunnel{number}",
                                "address": f"169.254.21.{4 * number + 2}/30",
                                "source": "Loopback9",
                                "peer": f"203.0.113.{number}",
                                "neighbor": f"169.254.21.{4 * number + 1}",
                            }
                            for number in (1, 2)
                        ],
                    }
                },
            }
        },
    }
)
EXPECTATIONS = derive(INTENT)
SITE = EXPECTATIONS.sites[0]
ROUTERS = {each.router: each for each in configurations(EXPECTATIONS)}

_TUNNEL = """\
interface Tunnel{n}
 description tunnel {n} to gw
 vrf forwarding ACME
 ip address 169.254.21.{own} 255.255.255.252
 ip mtu 1400
 ip tcp adjust-mss 1350
 tunnel source Loopback9
 tunnel mode ipsec ipv4
 tunnel destination 203.0.113.{n}
 tunnel vrf FRONT
 tunnel protection ipsec profile P
!
"""
_VPN_NEIGHBOR = """\
  neighbor {peer} remote-as 65010
  neighbor {peer} description gateway instance {n}
  neighbor {peer} ebgp-multihop 2
  neighbor {peer} update-source Tunnel{n}
  neighbor {peer} activate
  neighbor {peer} prefix-list OUT out
  neighbor {peer} route-map FROM-VPN in
  neighbor {peer} maximum-prefix 500
"""
_ER_NEIGHBOR = """\
  neighbor {msee} remote-as 12076
  neighbor {msee} description MSEE
  neighbor {msee} ttl-security hops 1
  neighbor {msee} fall-over bfd
  neighbor {msee} activate
  neighbor {msee} prefix-list OUT out
  neighbor {msee} route-map FROM-ER in
  neighbor {msee} maximum-prefix 500
"""
_COMMON = """\
ip as-path access-list 7 deny _64999_
ip as-path access-list 7 permit .*
ip community-list standard MARK permit 64600:1
ip prefix-list AZURE seq 5 permit 172.22.0.0/16 le 32
ip prefix-list OUT seq 5 permit 10.50.0.0/24
ip access-list extended EDGE
 10 permit ip any any
ip access-list standard NEXT
 10 permit 10.60.0.0 0.0.0.255
logging host 10.99.0.2 vrf MGMT
!
route-map FROM-ER permit 10
 match ip address prefix-list AZURE
 match as-path 7
 set local-preference 200
route-map FROM-VPN permit 10
 match ip address prefix-list AZURE
 set local-preference 100
route-map LAN permit 10
 match ip next-hop NEXT
 set metric 10
route-map LAN permit 20
 match community MARK
 set metric 20
route-map DEFAULT permit 10
 match ip address prefix-list AZURE
!
line vty 0 4
 exec-timeout 10 0
 access-class NEXT in
 transport input ssh
!
ntp server 10.99.0.1
end
"""
_FROM_VPN = """\
route-map FROM-VPN permit 10
 match ip address prefix-list AZURE
 set local-preference 100
"""
_HEAD = """\
Building configuration...

Current configuration : 4000 bytes
!
version 17.9
service timestamps log datetime msec
hostname {router}
!
vrf definition ACME
 rd 64600:9
 address-family ipv4
 exit-address-family
vrf definition FRONT
vrf definition MGMT
!
enable secret 9 $9$abc
track 5 interface GigabitEthernet0/0/0 line-protocol
bfd-template single-hop FAST
 interval min-tx 300 min-rx 300 multiplier 3
archive
 path bootflash:archive
!
"""
_CRYPTO = """\
crypto ikev2 proposal PROP
 encryption aes-cbc-256
 integrity sha256
 group 14
crypto ikev2 policy POL
 match fvrf FRONT
 proposal PROP
crypto ikev2 keyring RING
 peer one
  address 203.0.113.0 255.255.255.248
  pre-shared-key 6 abcdefgh
crypto ikev2 profile PROF
 match fvrf FRONT
 match identity remote address 203.0.113.1 255.255.255.255
 match identity remote address 203.0.113.2 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local RING
 lifetime 28800
 dpd 10 2 on-demand
crypto ipsec security-association replay window-size 1024
crypto ipsec transform-set TS esp-gcm 256
crypto ipsec profile P
 set security-association lifetime kilobytes disable
 set transform-set TS
 set pfs group14
 set ikev2-profile PROF
!
router bgp 64600
 address-family ipv4 vrf FRONT
  network 198.51.100.9 mask 255.255.255.255
!
interface Loopback9
 description public
 vrf forwarding FRONT
 ip address 198.51.100.9 255.255.255.255
 ip access-group EDGE in
"""
_LINKS = """\
interface GigabitEthernet0/0/0.9
 description er {path}
 encapsulation dot1Q 9 second-dot1q 90
 vrf forwarding ACME
 ip address {own} 255.255.255.252
 no ip redirects
 no ip proxy-arp
 ip access-group EDGE in
 bfd template FAST
interface GigabitEthernet0/0/1.9
 description LAN
 encapsulation dot1Q 9
 vrf forwarding ACME
 ip address {lan} 255.255.255.0
 ip ospf authentication message-digest
 ip ospf message-digest-key 1 md5 6 abcdef
 ip ospf bfd
!
router ospf 9 vrf ACME
 router-id {lan}
 capability vrf-lite
 redistribute bgp 64600 subnets route-map LAN
 passive-interface default
 no passive-interface GigabitEthernet0/0/1.9
 network 10.50.0.0 0.0.0.255 area 0
 default-information originate always route-map DEFAULT
 default-metric {metric}
!
router bgp 64600
 bgp router-id {lan}
 bgp log-neighbor-changes
 address-family ipv4 vrf ACME
  network 10.50.0.0 mask 255.255.255.0
"""


def text(router: str) -> str:
    """The clean configuration of a router."""
    first = router == "edge-a"
    links = _LINKS.format(
        path="primary" if first else "secondary",
        own="10.60.0.1" if first else "10.60.0.5",
        lan="10.50.0.1" if first else "10.50.0.2",
        metric=10 if first else 20,
    )
    neighbor = _ER_NEIGHBOR.format(msee="10.60.0.2" if first else "10.60.0.6")
    if not first:
        common = changed(_COMMON, (_FROM_VPN, ""))
        return f"{_HEAD.format(router=router)}{links}{neighbor}{common}"
    tunnels = "".join(_TUNNEL.format(n=n, own=4 * n + 2) for n in (1, 2))
    vpn = "".join(_VPN_NEIGHBOR.format(n=n, peer=f"169.254.21.{4 * n + 1}") for n in (1, 2))
    routes = "".join(
        f"ip route vrf ACME 169.254.21.{4 * n + 1} 255.255.255.255 {way}\n"
        for n in (1, 2)
        for way in (f"Tunnel{n} track 5", "Null0 254")
    )
    return f"{_HEAD.format(router=router)}{_CRYPTO}{tunnels}{links}{neighbor}{vpn}{routes}{_COMMON}"


def config(of: str, router: str = "edge-a") -> RunningConfig:
    """The record of a text, redacted as an answer is."""
    source = Source(router, "show running-config", datetime(2026, 3, 2, tzinfo=UTC))
    (record,) = parse(redact(of), source).records
    return record


ROUTER_RULES: tuple[Callable[..., list[Finding]], ...] = tuple(
    function
    for name, function in vars(lint).items()
    if name in lint.__all__ and name not in ("policy", "metrics", "redundancy")
)
SITE_RULES: tuple[Callable[..., list[Finding]], ...] = (lint.policy, lint.metrics, lint.redundancy)


def found(of: str, release: str = "17.09.04a", router: str = "edge-a") -> list[Finding]:
    """Every finding about a router with this text, and about its site with the other router as it should be."""
    record = config(of, router)
    observed = ObservedConfiguration(record, release)
    findings = [each for rule in ROUTER_RULES for each in rule(ROUTERS[router], observed)]
    site = ObservedConfigurations(
        tuple((name, record if name == router else config(text(name), name)) for name in SITE.routers)
    )
    return findings + [each for rule in SITE_RULES for each in rule(SITE, site)]


def changed(of: str, *changes: tuple[str, str]) -> str:
    """The text with parts replaced; a part that is not there is a defect of the test."""
    for old, new in changes:
        assert old in of, old
        of = of.replace(old, new)
    return of


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Rule and cause of each."""
    return [(each.rule, each.cause) for each in findings]

"""An edge router that agrees with its intent in everything, as records; each test changes one thing of it.

Names, ASNs and addresses are not those of the published network: rules follow roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, ip_address, ip_network
from typing import Any

from pytest_azinterop.intent.expectations import (
    ExpectedDevice,
    ExpectedInterface,
    ExpectedPrefixes,
    ExpectedSession,
    ExpectedSite,
    ExpectedTunnel,
)
from pytest_azinterop.intent.models import IkePolicy, IpsecPolicy, Policy, Sampling
from pytest_azinterop.iosxe.parsers import config as config_parser
from pytest_azinterop.state.bgp import AsPath, BgpNeighbor, BgpPath, BgpTable, LastReset, NeighborRoutes
from pytest_azinterop.state.config import RunningConfig
from pytest_azinterop.state.crypto import EspSa, Ikev2Sa, IpsecCounters, IpsecIdentity
from pytest_azinterop.state.device import (
    ArpEntry,
    ClockReading,
    DeviceFacts,
    Interface,
    InterfaceCounters,
    TunnelParameters,
    Vrf,
)
from pytest_azinterop.state.probe import PingResult
from pytest_azinterop.state.routing import (
    ForwardingDecision,
    NextHop,
    PrefixList,
    PrefixListEntry,
    RibRoute,
    RouteMap,
    RouteMapEntry,
    RoutingTable,
)
from pytest_azinterop.state.source import Source
from pytest_azinterop.verify.arp import ObservedArp
from pytest_azinterop.verify.carriage import ObservedCarriage
from pytest_azinterop.verify.observed import (
    ObservedDevice,
    ObservedInterface,
    ObservedPolicy,
    ObservedRoutes,
    ObservedSession,
    ObservedSite,
    ObservedSiteRouter,
    ObservedTunnel,
    ObservedUnderlay,
)

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
VRF = "blue"
MSEE, MSEE2, GATEWAY = ip_address("172.20.1.2"), ip_address("172.20.1.6"), ip_address("10.60.0.30")
SHARED, ONLY_ER, ONLY_VPN = ip_network("10.60.0.0/24"), ip_network("10.62.0.0/22"), ip_network("10.61.0.0/24")
OWN = ip_network("10.7.0.0/24")
ER_ROUTES, VPN_ROUTES = (SHARED, ONLY_ER), (SHARED, ONLY_VPN)


def source(command: str = "show something", host: str = "edge-a", second: int = 0) -> Source:
    return Source(host, command, NOON + timedelta(seconds=second))


def prefixes(*required: Any, within: Iterable[Any] = (), open_ended: bool = False) -> ExpectedPrefixes:
    return ExpectedPrefixes(frozenset(map(ip_network, required)), tuple(map(ip_network, within)), open_ended)


# What is expected ----------------------------------------------------------------------------------------------------

DEVICE = ExpectedDevice("edge-a", "edge-a", "FXS0001ABCD")
INTERFACE = ExpectedInterface(
    router="edge-a",
    customer="blue",
    site="north",
    vrf=VRF,
    name="TenGigabitEthernet0/0/1.120",
    role="expressroute",
    address=IPv4Interface("172.20.1.1/30"),
    vlans=(12, 120),
    route_distinguisher="64900:12",
)
ER = ExpectedSession(
    router="edge-a",
    customer="blue",
    site="north",
    vrf=VRF,
    neighbor=MSEE,
    role="expressroute",
    path="circuit-n primary",
    local_as=64900,
    remote_as=64512,
    local_address=ip_address("172.20.1.1"),
    interface="TenGigabitEthernet0/0/1.120",
    hold_time=180,
    keepalive=60,
    minimum_age=timedelta(minutes=5),
    local_preference=300,
    announce=prefixes(OWN),
    receive=prefixes(*ER_ROUTES),
    soft_reconfiguration=True,
    policy=Policy(route_map_in="RAISE", prefix_list_out="SITE"),
)
VPN = replace(
    ER,
    neighbor=GATEWAY,
    role="vpn",
    path="gateway-n",
    remote_as=64513,
    local_address=ip_address("10.7.0.125"),
    interface="Tunnel12",
    local_preference=100,
    receive=prefixes(*VPN_ROUTES),
    policy=Policy(prefix_list_out="SITE"),
)
TUNNEL = ExpectedTunnel(
    router="edge-a",
    customer="blue",
    site="north",
    connection="gateway-n",
    inner_vrf=VRF,
    front_vrf=None,
    name="Tunnel12",
    address=IPv4Interface("10.7.0.125/32"),
    neighbor=IPv4Address("10.60.0.30"),
    peer=IPv4Address("203.0.113.9"),
    source="Loopback12",
    local=IPv4Address("198.51.100.7"),
    public=None,
    protection="TO-GATEWAY",
    ike=IkePolicy(),
    ipsec=IpsecPolicy(pfs_groups=(14, None)),
    sampling=Sampling(),
)
SITE = ExpectedSite(
    customer="blue",
    site="north",
    vrf=VRF,
    routers=("edge-a",),
    sessions=(ER, VPN),
    internal=(),
    tunnels=(TUNNEL,),
    prefer=("expressroute", "vpn"),
    reach=(("expressroute", prefixes(*ER_ROUTES)), ("vpn", prefixes(*VPN_ROUTES))),
    backed_up=frozenset({SHARED}),
    owned=prefixes(OWN),
)

# The configuration ---------------------------------------------------------------------------------------------------

CONFIG_TEXT = """Building configuration...

Current configuration : 9000 bytes
!
version 17.9
hostname edge-a
!
vrf definition blue
 rd 64900:12
!
crypto ikev2 proposal STRONG
 encryption aes-cbc-256
 integrity sha256
 group 14
!
crypto ikev2 policy TO-AZURE
 match address local 198.51.100.7
 proposal STRONG
!
crypto ikev2 keyring KEYS
 peer gateway
  address 203.0.113.9
  pre-shared-key <removed>
 !
!
crypto ikev2 profile TO-GATEWAY
 match identity remote address 203.0.113.9 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYS
!
crypto ipsec transform-set ESP esp-aes 256 esp-sha256-hmac
 mode tunnel
!
crypto ipsec profile TO-GATEWAY
 set transform-set ESP
 set ikev2-profile TO-GATEWAY
!
interface TenGigabitEthernet0/0/1.120
 encapsulation dot1Q 12 second-dot1q 120
 vrf forwarding blue
 ip address 172.20.1.1 255.255.255.252
!
interface TenGigabitEthernet0/0/2.12
 vrf forwarding blue
 ip address 10.7.0.1 255.255.255.0
!
interface Tunnel12
 vrf forwarding blue
 ip address 10.7.0.125 255.255.255.255
 tunnel source Loopback12
 tunnel mode ipsec ipv4
 tunnel destination 203.0.113.9
 tunnel protection ipsec profile TO-GATEWAY
!
router bgp 64900
 bgp log-neighbor-changes
 !
 address-family ipv4 vrf blue
  network 10.7.0.0 mask 255.255.255.0
  neighbor 10.60.0.30 remote-as 64513
  neighbor 10.60.0.30 ebgp-multihop 2
  neighbor 10.60.0.30 update-source Tunnel12
  neighbor 10.60.0.30 activate
  neighbor 10.60.0.30 soft-reconfiguration inbound
  neighbor 10.60.0.30 prefix-list SITE out
  neighbor 172.20.1.2 remote-as 64512
  neighbor 172.20.1.2 activate
  neighbor 172.20.1.2 soft-reconfiguration inbound
  neighbor 172.20.1.2 prefix-list SITE out
  neighbor 172.20.1.2 route-map RAISE in
 exit-address-family
!
ip route vrf blue 10.60.0.30 255.255.255.255 Tunnel12
!
ip prefix-list SITE seq 10 permit 10.7.0.0/24
!
route-map RAISE permit 10
 set local-preference 300
!
end
"""


def config(text: str = CONFIG_TEXT, **changes: Any) -> RunningConfig:
    record = config_parser.parse(text, source("show running-config")).records[0]
    return replace(record, **changes)


def config_with(old: str, new: str) -> RunningConfig:
    """The configuration with one text replaced, which must occur."""
    assert old in CONFIG_TEXT
    return config(CONFIG_TEXT.replace(old, new))


def config_adding(lines: str) -> RunningConfig:
    """The configuration with more top-level lines."""
    return config_with("\nend\n", f"\n{lines}\nend\n")


# What is observed ----------------------------------------------------------------------------------------------------


def as_path(*asns: int) -> AsPath:
    return AsPath(" ".join(map(str, asns)), tuple(asns))


def path(prefix: Any, next_hop: Any = MSEE, *asns: int, **changes: Any) -> BgpPath:
    values: dict[str, Any] = {
        "valid": True,
        "best": True,
        "internal": False,
        "flags": "",
        "metric": None,
        "local_preference": None,
        "weight": 0,
        "as_path": as_path(*(asns or (64512,))),
        "origin": "i",
        "source": source("show bgp vpnv4 unicast vrf blue"),
    }
    values.update(changes)
    return BgpPath(prefix=ip_network(prefix), next_hop=ip_address(str(next_hop)), **values)


def routes(view: Any, neighbor: Any, paths: Iterable[BgpPath], vrf: str | None = VRF) -> NeighborRoutes:
    family = "ipv4 unicast" if vrf is None else f"vpnv4 unicast vrf {vrf}"
    said = {"accepted": "routes"}.get(view, f"{view}-routes")
    answer = source(f"show bgp {family} neighbors {neighbor} {said}")
    return NeighborRoutes(vrf, neighbor, view, tuple(paths), source=answer)


def neighbor(expected: ExpectedSession, **changes: Any) -> BgpNeighbor:
    values: dict[str, Any] = {
        "vrf": expected.vrf,
        "address": expected.neighbor,
        "remote_as": expected.remote_as,
        "external": expected.role != "internal",
        "state": "Established",
        "shutdown": False,
        "in_state_for": timedelta(days=2),
        "hold_time": 180,
        "keepalive": 60,
        "configured_hold_time": 180,
        "configured_keepalive": 60,
        "local_address": expected.local_address,
        "soft_reconfiguration_inbound": True,
        "route_map_in": expected.policy.route_map_in,
        "prefix_list_out": expected.policy.prefix_list_out,
        "last_reset": LastReset(None, None),
        "source": source("show bgp vpnv4 unicast vrf blue neighbors"),
    }
    values.update(changes)
    return BgpNeighbor(**values)


ER_ACCEPTED = tuple(path(prefix, MSEE, 64512, local_preference=300) for prefix in ER_ROUTES)
ER_RECEIVED = tuple(path(prefix, MSEE, 64512, best=False) for prefix in ER_ROUTES)
VPN_ACCEPTED = (path(SHARED, GATEWAY, 64513, best=False), path(ONLY_VPN, GATEWAY, 64513))
LOCAL = path(OWN, "0.0.0.0", weight=32768, as_path=AsPath("", ()))

OBSERVED_DEVICE = ObservedDevice(
    DeviceFacts("edge-a", "17.09.04a", "ASR1001-X", "FXS0001ABCD", timedelta(days=90), source=source("show version")),
    ClockReading(NOON, "UTC", "synchronised", source=source("show clock")),
    timedelta(milliseconds=300),
)
OBSERVED_INTERFACE = ObservedInterface(
    Interface(
        INTERFACE.name,
        "up",
        "up",
        None,
        IPv4Interface("172.20.1.1/30"),
        1500,
        10_000_000,
        outer_vlan=12,
        inner_vlan=120,
        source=source("show interfaces"),
    ),
    Vrf(VRF, "64900:12", (INTERFACE.name,), source=source("show vrf")),
    Interface(
        INTERFACE.name.partition(".")[0],
        "up",
        "up",
        None,
        None,
        1500,
        10_000_000,
        counters=InterfaceCounters(30_000_000, 0, 30_000_000, 0, input_errors=30, output_errors=9),
        source=source("show interfaces"),
    ),
)
OBSERVED_SESSION = ObservedSession(neighbor(ER), ())


def er_routes(**changes: Any) -> ObservedRoutes:
    values: dict[str, Any] = {
        "neighbor": neighbor(ER),
        "config": config(),
        "accepted": routes("accepted", MSEE, ER_ACCEPTED),
        "received": routes("received", MSEE, ER_RECEIVED),
        "advertised": routes("advertised", MSEE, [LOCAL]),
        "siblings": (VPN,),
    }
    values.update(changes)
    return ObservedRoutes(**values)


def vpn_routes(**changes: Any) -> ObservedRoutes:
    values: dict[str, Any] = {
        "neighbor": neighbor(VPN),
        "config": config(),
        "accepted": routes("accepted", GATEWAY, VPN_ACCEPTED),
        "received": routes("received", GATEWAY, VPN_ACCEPTED),
        "advertised": routes("advertised", GATEWAY, [LOCAL]),
        "siblings": (ER,),
    }
    values.update(changes)
    return ObservedRoutes(**values)


RAISE = RouteMap("RAISE", (RouteMapEntry(10, True, (), ("local-preference 300",)),), source=source("show route-map"))
SITE_LIST = PrefixList("SITE", (PrefixListEntry(10, True, OWN),), source=source("show ip prefix-list detail"))


def er_policy(**changes: Any) -> ObservedPolicy:
    values: dict[str, Any] = {
        "neighbor": neighbor(ER),
        "config": config(),
        "route_maps": (RAISE,),
        "prefix_lists": (SITE_LIST,),
        "accepted": routes("accepted", MSEE, ER_ACCEPTED),
        "received": routes("received", MSEE, ER_RECEIVED),
        "advertised": routes("advertised", MSEE, [LOCAL]),
    }
    values.update(changes)
    return ObservedPolicy(**values)


def rib_route(prefix: Any, *hops: Any, protocol: str = "B", codes: str | None = None) -> RibRoute:
    return RibRoute(
        VRF,
        ip_network(prefix),
        protocol,
        codes or protocol,
        20,
        0,
        tuple(hop if isinstance(hop, NextHop) else NextHop(ip_address(str(hop)), None) for hop in hops),
        source=source("show ip route vrf blue"),
    )


HOST_ROUTE = rib_route("10.60.0.30/32", NextHop(None, "Tunnel12"), protocol="S")
RIB = (
    rib_route(SHARED, MSEE),
    rib_route(ONLY_ER, MSEE),
    rib_route(ONLY_VPN, GATEWAY),
    HOST_ROUTE,
    rib_route(OWN, NextHop(None, "TenGigabitEthernet0/0/2.12"), protocol="C"),
)
TABLE = (LOCAL, *ER_ACCEPTED, *VPN_ACCEPTED)


def site_router(name: str = "edge-a", **changes: Any) -> ObservedSiteRouter:
    values: dict[str, Any] = {
        "table": table(TABLE),
        "rib": rib(RIB),
        "config": config(),
        "neighbors": (neighbor(ER), neighbor(VPN)),
        "accepted": (routes("accepted", MSEE, ER_ACCEPTED), routes("accepted", GATEWAY, VPN_ACCEPTED)),
    }
    values.update(changes)
    return ObservedSiteRouter(router=name, **values)


def table(paths: Iterable[BgpPath]) -> BgpTable:
    return BgpTable(VRF, None, 7, "64900:12", tuple(paths), source=source("show bgp vpnv4 unicast vrf blue"))


def rib(entries: Iterable[RibRoute]) -> RoutingTable:
    return RoutingTable(VRF, None, tuple(entries), source=source("show ip route vrf blue"))


def carried(session: ExpectedSession, **changes: Any) -> ObservedCarriage:
    """What carries a session, alive."""
    if session.role == "vpn":
        values: dict[str, Any] = {"tunnel": TUNNEL_INTERFACE, "ipsec": (identity(10, 10, 0),)}
    else:
        row = ArpEntry(
            VRF,
            session.neighbor,  # type: ignore[arg-type]
            "0011.2233.4455",
            3,
            "ARPA",
            session.interface,
            source=source("show ip arp vrf blue"),
        )
        values = {"arp": ObservedArp(row)}
    return ObservedCarriage(session.id, **(values | changes))


def site(*routers: ObservedSiteRouter, carriages: Iterable[ObservedCarriage] | None = None) -> ObservedSite:
    default = (carried(each) for each in (ER, VPN, VPN_B, replace(ER, neighbor=MSEE2)))
    return ObservedSite(routers or (site_router(),), tuple(default if carriages is None else carriages))


# A pair of routers: ExpressRoute ends on edge-a, the VPN on edge-b, with iBGP between them in the VRF.
INTERNAL_A = replace(
    ER,
    neighbor=ip_address("10.7.9.2"),
    local_address=ip_address("10.7.9.1"),
    role="internal",
    path="internal",
    remote_as=64900,
    local_preference=None,
    announce=None,
    receive=None,
    policy=Policy(),
)
INTERNAL_B = replace(INTERNAL_A, router="edge-b", neighbor=ip_address("10.7.9.1"), local_address=ip_address("10.7.9.2"))
VPN_B = replace(VPN, router="edge-b")
PAIR = replace(
    SITE,
    routers=("edge-a", "edge-b"),
    sessions=(ER, VPN_B),
    internal=(INTERNAL_A, INTERNAL_B),
    tunnels=(replace(TUNNEL, router="edge-b"),),
)


def edge_a(**changes: Any) -> ObservedSiteRouter:
    """Its VPN-only prefix comes over the internal session."""
    internal = path(ONLY_VPN, "10.7.9.2", 64513, internal=True, local_preference=100)
    values: dict[str, Any] = {
        "table": table((LOCAL, *ER_ACCEPTED, internal)),
        "rib": rib((rib_route(SHARED, MSEE), rib_route(ONLY_ER, MSEE), rib_route(ONLY_VPN, "10.7.9.2"))),
        "neighbors": (neighbor(ER), neighbor(INTERNAL_A)),
        "accepted": (routes("accepted", MSEE, ER_ACCEPTED),),
    }
    values.update(changes)
    return site_router("edge-a", **values)


def edge_b(**changes: Any) -> ObservedSiteRouter:
    """The backup router: its best path of the shared prefix is the other router's."""
    internal = [path(each.prefix, "10.7.9.1", 64512, internal=True, local_preference=300) for each in ER_ACCEPTED]
    values: dict[str, Any] = {
        "table": table((LOCAL, *internal, *VPN_ACCEPTED)),
        "rib": rib(
            (rib_route(SHARED, "10.7.9.1"), rib_route(ONLY_ER, "10.7.9.1"), rib_route(ONLY_VPN, GATEWAY), HOST_ROUTE)
        ),
        "neighbors": (neighbor(VPN_B), neighbor(INTERNAL_B)),
        "accepted": (routes("accepted", GATEWAY, VPN_ACCEPTED),),
    }
    values.update(changes)
    return site_router("edge-b", **values)


# The tunnel ----------------------------------------------------------------------------------------------------------

TUNNEL_INTERFACE = Interface(
    "Tunnel12",
    "up",
    "up",
    None,
    IPv4Interface("10.7.0.125/32"),
    1500,
    100,
    tunnel=TunnelParameters(
        "Loopback12", IPv4Address("198.51.100.7"), IPv4Address("203.0.113.9"), "IPSEC/IP", "TO-GATEWAY"
    ),
    source=source("show interfaces"),
)
IKE_SA = Ikev2Sa(
    1,
    ip_address("198.51.100.7"),
    500,
    ip_address("203.0.113.9"),
    500,
    None,
    VRF,
    "READY",
    encryption="AES-CBC-256",
    prf="SHA256",
    integrity="SHA256",
    dh_group=14,
    sign_method="PSK",
    verify_method="PSK",
    remote_id="203.0.113.9",
    nat_detected=False,
    source=source("show crypto ikev2 sa detailed"),
)
ESP = EspSa(0xABCD, "esp-256-aes esp-sha256-hmac", True, "ACTIVE(ACTIVE)", 4_000_000, 3000)


def identity(encaps: int, decaps: int, second: int, **changes: Any) -> IpsecIdentity:
    values: dict[str, Any] = {
        "interface": "Tunnel12",
        "crypto_map": "Tunnel12-head-0",
        "local_address": ip_address("198.51.100.7"),
        "protected_vrf": VRF,
        "local_selector": ip_network("0.0.0.0/0"),
        "remote_selector": ip_network("0.0.0.0/0"),
        "protocol": 0,
        "peer": ip_address("203.0.113.9"),
        "peer_port": 500,
        "counters": IpsecCounters(encaps, encaps, decaps, decaps),
        "current_outbound_spi": 0xABCD,
        "pfs": True,
        "pfs_group": 14,
        "inbound": (ESP,),
        "outbound": (ESP,),
        "source": source("show crypto ipsec sa interface Tunnel12", second=second),
    }
    values.update(changes)
    return IpsecIdentity(**values)


PROBE = PingResult(VRF, TUNNEL.neighbor, 5, 5, "!!!!!", 1, 2, 3, source=source("ping", second=1))


def observed_tunnel(**changes: Any) -> ObservedTunnel:
    values: dict[str, Any] = {
        "interface": TUNNEL_INTERFACE,
        "ike": (IKE_SA,),
        "before": (identity(100, 200, 0),),
        "after": (identity(105, 205, 2),),
        "probe": PROBE,
        "config": config(),
    }
    values.update(changes)
    return ObservedTunnel(**values)


def observed_underlay(**changes: Any) -> ObservedUnderlay:
    values: dict[str, Any] = {
        "neighbor": neighbor(VPN),
        "forwarding": decision(NextHop(None, "Tunnel12")),
        "config": config(),
        "tunnel": TUNNEL_INTERFACE,
    }
    values.update(changes)
    return ObservedUnderlay(**values)


def decision(*hops: NextHop, prefix: str = "10.60.0.30/32", action: Any = "forward") -> ForwardingDecision:
    return ForwardingDecision(
        VRF, TUNNEL.neighbor, ip_network(prefix), action, hops, source=source("show ip cef vrf blue 10.60.0.30")
    )

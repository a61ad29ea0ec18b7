"""Interfaces, routing table, ARP and policy objects of one router as its show commands see them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import IpNetwork, host_route, network_order
from pytest_azinterop.lab.config.words import natural, parent_interface
from pytest_azinterop.lab.network.interfaces import static_usable
from pytest_azinterop.lab.network.node import hardware, link_local, mac_address
from pytest_azinterop.lab.network.packet_size import ip_mtu
from pytest_azinterop.lab.network.port_traffic import IN_BYTES, OUT_BYTES
from pytest_azinterop.lab.network.records import (
    ArpEntry,
    Counters,
    ForwardingEntry,
    InterfaceState,
    Ipv6Neighbor,
    NextHop,
    RibRoute,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    TunnelState,
    VrfState,
)
from pytest_azinterop.lab.network.router_bgp import table_id
from pytest_azinterop.lab.network.router_crypto import counters as crypto_counters
from pytest_azinterop.lab.network.routes import DEFAULT_ROUTE, Route

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.config.settings import InterfaceSettings, MapEntry
    from pytest_azinterop.lab.network.crypto import Crypto
    from pytest_azinterop.lab.network.fabric import Adjacency, Fabric
    from pytest_azinterop.lab.network.node import InterfaceRuntime, Node

_HARDWARE = {
    "TenGigabitEthernet": ("SPA-1X10GE-L-V2", 10_000_000, 10, "10000Mbps", "10GBase-LR"),
    "GigabitEthernet": ("4XGE-BUILT-IN", 1_000_000, 10, "1000Mbps", "T"),
    "Loopback": ("Loopback", 8_000_000, 5000, None, None),
    "Tunnel": ("Tunnel", 100, 50_000, None, None),
}
INTERNAL_EIGRP = 90
_CODES = {"connected": "C", "local": "L", "static": "S", "bgp": "B", "ospf": "O", "eigrp": "D"}
_OSPF_CODES = {"intra area": "O", "inter area": "O IA", "extern 1": "O E1", "extern 2": "O E2"}


def interfaces(node: Node, crypto: Crypto, now: float) -> tuple[InterfaceState, ...]:
    """All interfaces: ports first, logical ones after, each kind in natural order."""
    names = sorted(node.settings.interfaces, key=_order)
    return tuple(_interface(node, crypto, node.settings.interfaces[name], now) for name in names)


def _order(name: str) -> tuple[object, ...]:
    kind = name.rstrip("0123456789./")
    ports = ("GigabitEthernet", "TenGigabitEthernet", "FortyGigabitEthernet", "HundredGigE")
    rank = ports.index(kind) if kind in ports else 10
    management = name == "GigabitEthernet0"
    return (rank, management, natural(name))


def _interface(node: Node, crypto: Crypto, settings: InterfaceSettings, now: float) -> InterfaceState:
    name = settings.name
    runtime = node.interfaces[name]
    kind = name.split("/")[0].rstrip("0123456789.")
    hardware, bandwidth, delay, speed, media = _HARDWARE.get(kind, ("Ethernet", 1_000_000, 10, "1000Mbps", "T"))
    physical = speed is not None
    parent = node.settings.interfaces.get(parent_interface(name) or "")
    base_mtu = (parent.mtu if parent is not None else None) or 1500
    return InterfaceState(
        name=name,
        description=settings.description,
        vrf=settings.vrf,
        address=settings.address,
        secondary=settings.secondary,
        unnumbered=settings.unnumbered,
        admin_up=not settings.shutdown,
        line_up=runtime.line_up,
        protocol_up=runtime.protocol_up,
        mac=(settings.mac or mac_address(node, parent_interface(name) or name)) if physical else None,
        mtu=settings.mtu or (9938 if settings.tunnel else 1514 if kind == "Loopback" else base_mtu),
        ip_mtu=ip_mtu(node, settings, crypto),
        bandwidth_kbit=settings.bandwidth or bandwidth,
        delay_usec=settings.delay * 10 if settings.delay is not None else delay,
        outer_vlan=settings.outer_vlan,
        inner_vlan=settings.inner_vlan,
        native_vlan=settings.native,
        tcp_adjust_mss=settings.mss,
        access_group_in=settings.group_in,
        access_group_out=settings.group_out,
        reverse_path=None if settings.reverse_path is None else settings.reverse_path.partition("+")[0].upper(),
        policy_map=settings.policy_map,
        duplex="Full Duplex" if physical else None,
        speed=speed,
        media=media,
        tunnel=_tunnel(node, crypto, settings),
        counters=_counters(node, crypto, settings, runtime, now),
        last_input=(now % 7) if runtime.protocol_up and kind != "Loopback" else None,
        last_output=(now % 5) if runtime.protocol_up and kind != "Loopback" else None,
        state_age=max(0.0, now - runtime.since),
        is_subinterface="." in name,
        ipv6=settings.ipv6,
        link_local=link_local(node, settings),
        hardware=hardware,
    )


def _tunnel(node: Node, crypto: Crypto, settings: InterfaceSettings) -> TunnelState | None:
    tunnel = settings.tunnel
    if tunnel is None:
        return None
    by_address = tunnel.source is not None and tunnel.source[0].isdigit()
    source = node.settings.interfaces.get(tunnel.source or "")
    address = source.address.ip if source is not None and source.address is not None else None
    if by_address and tunnel.source is not None:
        address = IPv4Address(tunnel.source)
    return TunnelState(
        source_interface=None if by_address else tunnel.source,
        source_address=crypto.local_address(node, settings) or address,
        destination=tunnel.destination,
        mode=tunnel.mode,
        protection_profile=tunnel.profile,
        outer_vrf=tunnel.outer_vrf,
    )


def _counters(
    node: Node, crypto: Crypto, settings: InterfaceSettings, runtime: InterfaceRuntime, now: float
) -> Counters:
    cleared = None if runtime.cleared_at is None else now - runtime.cleared_at
    if settings.tunnel is not None:
        found = crypto_counters(crypto.traffic.get((node.name, settings.name)), now)
        base = runtime.counters
        into, out = max(0, found.decaps - base.in_packets), max(0, found.encaps - base.out_packets)
        return Counters(into, into * 110, out, out * 110, cleared=cleared)
    if settings.name.startswith(("Loopback", "Null")):
        return Counters(cleared=cleared)
    received, sent = (int(packets) for packets in runtime.count(now))
    return Counters(
        in_packets=received,
        in_bytes=received * IN_BYTES,
        in_errors=int(runtime.broken(now)),
        out_packets=sent,
        out_bytes=sent * OUT_BYTES,
        in_rate_bps=int(runtime.in_rate * IN_BYTES * 8),
        in_rate_pps=int(runtime.in_rate),
        out_rate_bps=int(runtime.out_rate * OUT_BYTES * 8),
        out_rate_pps=int(runtime.out_rate),
        cleared=cleared,
    )


def vrfs(node: Node) -> tuple[VrfState, ...]:
    """All VRFs by name."""
    return tuple(
        VrfState(
            name=each.name,
            style=each.style,
            rd=each.rd,
            description=each.description,
            ipv4=each.ipv4,
            ipv6=each.ipv6,
            interfaces=tuple(
                sorted((i.name for i in node.settings.interfaces.values() if i.vrf == each.name), key=_order)
            ),
            import_targets=each.import_targets,
            export_targets=each.export_targets,
            table_id=table_id(node, each.name),
        )
        for _, each in sorted(node.settings.vrfs.items())
    )


def rib(node: Node, vrf: str | None, ip: int, now: float) -> tuple[RibRoute, ...]:
    """The routing table by network."""
    routes = node.table(vrf).routes
    return tuple(rib_route(routes[prefix], now) for prefix in sorted(routes, key=network_order) if prefix.version == ip)


def rib_route(route: Route, now: float) -> RibRoute:
    """One route as the routing table prints it."""
    code = _OSPF_CODES[route.route_type or "intra area"] if route.protocol == "ospf" else _CODES[route.protocol]
    if route.protocol == "eigrp" and route.distance > INTERNAL_EIGRP:
        code = "D EX"
    default = route.prefix == DEFAULT_ROUTE
    if route.protocol == "connected" and route.prefix.version == 6 and route.prefix.prefixlen == 128:
        code = "LC"
    if default:
        code = f"{code[0]}*{code[1:].strip()}"
    aged = route.protocol in ("bgp", "ospf", "eigrp")
    return RibRoute(
        prefix=route.prefix,
        code=code,
        protocol=f"{route.protocol} {route.process}".strip(),
        distance=route.distance,
        metric=route.metric,
        next_hops=route.next_hops,
        age=max(0.0, now - route.since) if aged else None,
        tag=route.tag,
        route_type=route.route_type,
        source=route.source,
        as_hops=route.as_hops,
        candidate_default=default,
    )


def route(node: Node, vrf: str | None, target: IpAddress | IpNetwork, now: float) -> RibRoute | None:
    """Longest match for an address (not the default route), exact for a network."""
    table = node.table(vrf)
    found = table.routes.get(target) if isinstance(target, IpNetwork) else table.lookup(target, default=False)
    return None if found is None else rib_route(found, now)


def static_routes(node: Node, vrf: str | None) -> tuple[StaticRoute, ...]:
    """Every ``ip route`` of the table, installed or not."""
    table = node.table(vrf)
    found: list[StaticRoute] = []
    for each in node.settings.statics:
        if each.vrf != vrf or each.prefix.version != 4:
            continue
        standing = table.routes.get(each.prefix)
        installed = (
            standing is not None
            and standing.protocol == "static"
            and standing.distance == each.distance
            and NextHop(each.gateway, each.interface) in standing.next_hops
            and static_usable(node, each, table)
        )
        found.append(
            StaticRoute(
                vrf,
                each.prefix,
                each.interface,
                each.gateway,
                each.distance,
                each.tag,
                each.name,
                each.permanent,
                installed,
            )
        )
    return tuple(found)


def forwarding(node: Node, vrf: str | None, address: IpAddress) -> ForwardingEntry:
    """What CEF does with the address."""
    table = node.table(vrf)
    if node.owner(vrf, address) is not None:
        return ForwardingEntry(host_route(address), "receive", ())
    found = table.lookup(address)
    if found is None:
        return ForwardingEntry(None, "no route", ())
    hops = table.resolve_route(found, address)
    if not hops:
        return ForwardingEntry(found.prefix, "no route", ())
    if all((hop.interface or "").startswith("Null") for hop in hops):
        return ForwardingEntry(found.prefix, "drop", hops)
    via = tuple(hop.address for hop in found.next_hops if hop.interface is None and hop.address is not None)
    direct = tuple(NextHop(None if _attached(node, hop, found) else hop.address, hop.interface) for hop in hops)
    kind = "attached" if all(hop.address is None for hop in direct) else "next hop"
    return ForwardingEntry(found.prefix, kind, direct, via)


def _attached(node: Node, hop: NextHop, found: Route) -> bool:
    if found.protocol == "connected":
        return True
    settings = node.settings.interfaces.get(hop.interface or "")
    return settings is not None and settings.tunnel is not None


def arp(node: Node, fabric: Fabric, vrf: str | None, now: float) -> tuple[ArpEntry, ...]:
    """Own addresses, the neighbors that answer, and those that the router asks for in vain."""
    found: dict[IpAddress, ArpEntry] = {}
    for name, settings in node.settings.interfaces.items():
        if settings.vrf != vrf or settings.tunnel is not None or name.startswith(("Loopback", "Null")):
            continue
        if settings.address is None or not node.up(name):
            continue
        found[settings.address.ip] = ArpEntry(settings.address.ip, hardware(node, settings), None, name)
        for other in fabric.segment(node, settings):
            theirs = other.interface.address
            if theirs is None or not other.node.up(other.interface.name) or other.node.silent:
                continue
            answers = other.link.passes(node.name, other.node.name, 60) and other.link.passes(
                other.node.name, node.name, 60
            )
            if theirs.ip in settings.address.network and answers:
                mac = other.link.macs.get(theirs.ip) or hardware(other.node, other.interface)
                found[theirs.ip] = ArpEntry(theirs.ip, mac, int(now // 60 % 60), name)
    family = node.families.get((vrf, 4))
    peers = () if family is None else tuple(family.peers)
    # Something is always on its way to a network that is routed.
    hops = (hop.address for route in node.table(vrf).routes.values() for hop in route.next_hops)
    for address in dict.fromkeys((*peers, *hops)):
        if not isinstance(address, IPv4Address):
            continue
        via = node.table(vrf).lookup(address)
        if address in found or via is None or via.protocol != "connected":
            continue
        name_of = via.next_hops[0].interface or ""
        if not name_of.startswith(("Tunnel", "Loopback")):
            found[address] = ArpEntry(address, None, 0, name_of)
    static = node.settings.static_arp.items()
    found |= {address: ArpEntry(address, mac, None, None) for (of, address), mac in static if of == vrf}
    return tuple(found[address] for address in sorted(found))


def ipv6_neighbors(node: Node, fabric: Fabric, vrf: str | None, now: float) -> tuple[Ipv6Neighbor, ...]:
    """The neighbors that answer, with their link-local address; and BGP neighbors that are asked for in vain."""
    found: dict[tuple[str, IPv6Address], Ipv6Neighbor] = {}
    for name, settings in node.settings.interfaces.items():
        if settings.vrf != vrf or not settings.has_ipv6 or not node.up(name) or settings.tunnel is not None:
            continue
        for other in fabric.segment(node, settings):
            theirs = other.interface
            if not theirs.has_ipv6 or not other.node.up(theirs.name) or other.node.silent:
                continue
            if not _both_ways(node, other):
                continue
            mac = mac_address(other.node, parent_interface(theirs.name) or theirs.name)
            near = link_local(other.node, theirs)
            own = [each.network for each in settings.ipv6]
            answering = [each.ip for each in theirs.ipv6 if any(each.ip in network for network in own)]
            for address in (*answering, *(() if near is None else (near,))):
                age = int(now // 60 % 30)
                found[name, address] = Ipv6Neighbor(address, mac, age, "STALE" if age else "REACH", name)
    family = node.families.get((vrf, 6))
    for peer in () if family is None else family.peers:
        via = node.table(vrf).lookup(peer)
        name_of = via.next_hops[0].interface if via is not None and via.protocol == "connected" else None
        if isinstance(peer, IPv6Address) and name_of is not None and (name_of, peer) not in found:
            found[name_of, peer] = Ipv6Neighbor(peer, None, 0, "INCMP", name_of)
    return tuple(found[key] for key in sorted(found, key=lambda key: (int(key[1]), key[0])))


def _both_ways(node: Node, other: Adjacency) -> bool:
    there, back = (node.name, other.node.name), (other.node.name, node.name)
    return all(other.link.passes(*way, 72) for way in (there, back))


_MATCH_TEXT = {
    "prefix6": "ipv6 address prefix-lists: ",
    "next-hop6": "ipv6 next-hop prefix-lists: ",
    "prefix": "ip address prefix-lists: ",
    "address": "ip address (access-lists): ",
    "next-hop": "ip next-hop prefix-lists: ",
    "as-path": "as-path (as-path filter): ",
    "community": "community (community-list filter): ",
    "source": "source-protocol ",
}
_SET_TEXT = {
    "as-path": "as-path prepend ",
    "as-path-last": "as-path prepend last-as ",
    "next-hop": "ip next-hop ",
    "next-hop6": "ipv6 next-hop ",
}


def route_maps(node: Node) -> tuple[RouteMap, ...]:
    """Defined route-maps by name."""
    return tuple(
        RouteMap(name, tuple(_map_entry(entry) for entry in entries))
        for name, entries in sorted(node.settings.route_maps.items())
    )


def _map_entry(entry: MapEntry) -> RouteMapEntry:
    return RouteMapEntry(
        sequence=entry.sequence,
        permit=entry.permit,
        matches=tuple(_MATCH_TEXT.get(kind, f"{kind} ") + text for kind, text in entry.matches),
        sets=tuple(_SET_TEXT.get(kind, f"{kind} ") + text for kind, text in entry.sets),
        description=entry.description,
        continue_to=entry.continue_to,
    )

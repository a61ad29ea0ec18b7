"""``show ip route``: the table, grouped by classful network as IOS groups it, and the detail of one prefix."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import IpNetwork, within
from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, classful_length, elapsed
from pytest_azinterop.lab.show.route_detail import route_detail
from pytest_azinterop.lab.show.targets import prefix_target, vrf_known

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import NextHop, RibRoute
    from pytest_azinterop.lab.network.view import RouterView

CODES = (
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP",
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area ",
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2",
    "       E1 - OSPF external type 1, E2 - OSPF external type 2, m - OMP",
    "       n - NAT, Ni - NAT inside, No - NAT outside, Nd - NAT DIA",
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2",
    "       ia - IS-IS inter area, * - candidate default, U - per-user static route",
    "       H - NHRP, G - NHRP registered, g - NHRP registration summary",
    "       o - ODR, P - periodic downloaded static route, l - LISP",
    "       a - application route",
    "       + - replicated route, % - next hop override, p - overrides from PfR",
    "       & - replicated local route overrides by connected",
)
_SUBNET_COLUMN, _NETWORK_COLUMN, _WRAP_COLUMN, _LINE = 9, 6, 11, 78
_PROTOCOLS = ("bgp", "static", "connected", "ospf")
_EVERY = "*"  # in place of a VRF's name


def route_lines(route: RibRoute, *, subnet: bool, masked: bool) -> list[str]:
    """One route. ``subnet``: below a heading of its classful network; ``masked``: the mask is printed."""
    name = str(route.prefix) if masked else str(route.prefix.network_address)
    first = f"{route.code:<{_SUBNET_COLUMN if subnet else _NETWORK_COLUMN}}{name}"
    ways = [_way(route, hop) for hop in route.next_hops]
    if any(len(first) + 1 + len(way) > _LINE for way in ways):
        return [first, *(" " * _WRAP_COLUMN + way for way in ways)]
    if not ways:
        return [first]
    return [f"{first} {ways[0]}", *(" " * (len(first) + 1) + way for way in ways[1:])]


def _way(route: RibRoute, hop: NextHop) -> str:
    if hop.address is None:
        return f"is directly connected, {hop.interface}"
    age = "" if route.age is None else f", {elapsed(route.age)}"
    interface = "" if hop.interface is None else f", {hop.interface}"
    return f"[{route.distance}/{route.metric}] via {hop.address}{age}{interface}"


def _group(route: RibRoute) -> tuple[int, int]:
    """The classful network of a route; a supernet and the default route stand alone."""
    length = classful_length(route.prefix)
    if route.prefix.prefixlen < length:
        return int(route.prefix.network_address), route.prefix.prefixlen
    return int(route.prefix.network_address) >> (32 - length) << (32 - length), length


def table_lines(routes: Iterable[RibRoute]) -> list[str]:
    """The routes with their headings."""
    lines: list[str] = []
    for (_, length), members in groupby(routes, key=_group):
        group = list(members)
        classful = classful_length(group[0].prefix)
        if all(route.prefix.prefixlen <= classful for route in group):
            for route in group:
                lines += route_lines(route, subnet=False, masked=True)
            continue
        network = group[0].prefix.supernet(new_prefix=length) if group[0].prefix.prefixlen > length else group[0].prefix
        masks = {route.prefix.prefixlen for route in group}
        if len(masks) == 1:
            lines.append(f"      {network.network_address}/{min(masks)} is subnetted, {len(group)} subnets")
        else:
            lines.append(f"      {network} is variably subnetted, {len(group)} subnets, {len(masks)} masks")
        for route in group:
            lines += route_lines(route, subnet=True, masked=len(masks) > 1)
    return lines


def last_resort(routes: Iterable[RibRoute]) -> str:
    """The line that tells the default route."""
    default = next((route for route in routes if route.prefix.prefixlen == 0 and not int(route.prefix[0])), None)
    if default is None:
        return "Gateway of last resort is not set"
    address = next((hop.address for hop in default.next_hops if hop.address is not None), None)
    return f"Gateway of last resort is {address or default.prefix.network_address} to network 0.0.0.0"


def _wanted(route: RibRoute, args: Args) -> bool:
    asked = [protocol for protocol in _PROTOCOLS if args.has(protocol)]
    if not asked:
        return True
    known = route.protocol.split()[0]
    return known == asked[0] or (asked[0] == "connected" and known == "local")


def _refusal(view: RouterView, args: Args) -> str | None:
    vrf = args.get("vrf")
    return None if vrf is None or vrf_known(view, vrf) else f"% IP routing table {vrf} does not exist"


def _heading(vrf: str | None) -> list[str]:
    return ["", f"Routing Table: {vrf}"] if vrf is not None else []


def show_table(view: RouterView, args: Args) -> str:
    """The table of a VRF, the global one, or (``vrf *``) that one and then every VRF's; whole or of one protocol."""
    if args.get("vrf") == _EVERY:
        tables = [None, *(vrf.name for vrf in view.vrfs() if vrf.ipv4)]
    elif (refusal := _refusal(view, args)) is not None:
        return refusal
    else:
        tables = [args.get("vrf")]
    lines: list[str] = []
    for vrf in tables:
        routes = view.rib(vrf)
        lines += _table(vrf, routes, (route for route in routes if _wanted(route, args)))
    return body(*lines)


def _table(vrf: str | None, routes: Sequence[RibRoute], shown: Iterable[RibRoute]) -> list[str]:
    return [*_heading(vrf), *CODES, "", last_resort(routes), "", *table_lines(shown)]


def show_longer(view: RouterView, args: Args) -> str:
    """``longer-prefixes``: everything within a prefix."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    vrf, target = args.get("vrf"), prefix_target(args["prefix"])
    routes = view.rib(vrf)
    within = [route for route in routes if _within(route, target)]
    return body(*_table(vrf, routes, within))


def _within(route: RibRoute, target: IpAddress | IpNetwork) -> bool:
    return within(route.prefix, ip_network(target))


def show_prefix(view: RouterView, args: Args) -> str:
    """One prefix or the route to an address."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    vrf, target = args.get("vrf"), prefix_target(args["prefix"])
    route = view.route(vrf, target)
    if route is None:
        return "% Subnet not in table" if _major_network_known(view.rib(vrf), target) else "% Network not in table"
    return body(*_heading(vrf), *route_detail(route))


def _major_network_known(routes: Iterable[RibRoute], target: IpAddress | IpNetwork) -> bool:
    address = target.network_address if isinstance(target, IpNetwork) else target
    length = classful_length(address)
    major = IPv4Network(f"{address}/{length}", strict=False)
    return any(route.prefix.prefixlen >= length and within(route.prefix, major) for route in routes)


def show_summary(view: RouterView, args: Args) -> str:
    """``show ip route summary``."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    vrf = args.get("vrf")
    table = next((known.table_id for known in view.vrfs() if known.name == vrf), 0)
    routes = view.rib(vrf)
    lines = [
        f"IP routing table name is {vrf or 'default'} (0x{table:X})",
        "IP routing table maximum-paths is 32",
        "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)",
    ]
    sources = dict.fromkeys(["application", "connected", "static"], None)
    sources |= dict.fromkeys(route.protocol for route in routes if route.protocol not in {"connected", "local"})
    total_networks = total_subnets = 0
    for source in sources:
        own = [
            route for route in routes if route.protocol in ({source, "local"} if source == "connected" else {source})
        ]
        networks = sum(route.prefix.prefixlen <= classful_length(route.prefix) for route in own)
        subnets = len(own) - networks
        total_networks, total_subnets = total_networks + networks, total_subnets + subnets
        lines.append(f"{source:<15} {networks:<11} {subnets:<11} {0:<11} {len(own) * 96:<11} {len(own) * 312}")
        if source.startswith("bgp"):
            internal = sum(route.route_type == "internal" for route in own)
            lines.append(f"  External: {len(own) - internal} Internal: {internal} Local: 0")
    everything = total_networks + total_subnets
    memory = f"{everything * 96:<11} {everything * 312}"
    lines.append(f"{'Total':<15} {total_networks:<11} {total_subnets:<11} {0:<11} {memory}")
    return body(*lines)


def show_static(view: RouterView, args: Args) -> str:
    """``show ip static route``: every static route and whether it is in the table."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    rows = [
        f"{'M' if static.permanent else ' '}  {static.prefix} [{static.distance}/0] via "
        f"{' '.join(str(part) for part in (static.interface, static.next_hop) if part is not None)} "
        f"[{'A' if static.installed else 'N'}]"
        for static in view.static_routes(args.get("vrf"))
    ]
    return body(
        "Codes: M - Manual static, A - AAA download, N - IP NAT, D - DHCP,",
        "       G - GPRS, V - Crypto VPN, C - CASA, P - Channel interface processor,",
        "       B - BootP, S - Service selection gateway",
        "       DN - Default Network, T - Tracking object",
        "       L - TL1, E - OER, I - iEdge",
        "       D1 - Dot1x Vlan Network, K - MWAM Route",
        "       PP - PPP default route, MR - MRIPv6, SS - SSLVPN",
        "       H - IPe Host, ID - IPe Domain Broadcast",
        "       U - User GPRS, TE - MPLS Traffic-eng, LI - LIIN",
        "       IR - ICMP Redirect, Vx - VXLAN static route",
        "       LT - Cellular LTE, Ev - L2EVPN static route",
        "Codes in []: A - active, N - non-active, B - BFD-tracked, D - Not Tracked, P - permanent, -T Default Track",
        "",
        "Codes in (): UP - up, DN - Down, AD-DN - Admin-Down, DL - Deleted",
        f"Static local RIB for {args.get('vrf') or 'default'} ",
        "",
        *rows,
    )


_FILTERS = "(bgp|static|connected|ospf)"
COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand(f"show ip route [vrf <vrf>] [{_FILTERS}]", show_table),
    ShowCommand("show ip route [vrf <vrf>] (bgp|ospf) <process:number>", show_table),
    ShowCommand("show ip route [vrf <vrf>] summary", show_summary),
    ShowCommand("show ip route [vrf <vrf>] <prefix>", show_prefix),
    ShowCommand("show ip route [vrf <vrf>] <prefix> longer-prefixes", show_longer),
    ShowCommand("show ip static route [vrf <vrf>]", show_static),
)

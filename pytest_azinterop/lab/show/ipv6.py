"""``show ipv6 …``: the routing table, interfaces and neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text, within
from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, elapsed, short_interface
from pytest_azinterop.lab.show.targets import prefix_target, vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpNetwork
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import InterfaceState, Ipv6Neighbor, NextHop, RibRoute
    from pytest_azinterop.lab.network.view import RouterView

CODES = (
    "Codes: C - Connected, L - Local, S - Static, U - Per-user Static route",
    "       B - BGP, R - RIP, H - NHRP, HG - NHRP registered",
    "       Hg - NHRP registration summary, HE - NHRP External, I1 - ISIS L1",
    "       I2 - ISIS L2, IA - ISIS interarea, IS - ISIS summary, D - EIGRP",
    "       EX - EIGRP external, ND - ND Default, NDp - ND Prefix, DCE - Destination",
    "       NDr - Redirect, RL - RPL, O - OSPF Intra, OI - OSPF Inter",
    "       OE1 - OSPF ext 1, OE2 - OSPF ext 2, ON1 - OSPF NSSA ext 1",
    "       ON2 - OSPF NSSA ext 2, la - LISP alt, lr - LISP site-registrations",
    "       ld - LISP dyn-eid, lA - LISP away, le - LISP extranet-policy",
    "       lp - LISP publications, ls - LISP destinations-summary, a - Application",
    "       m - OMP",
)
_MULTICAST = ("L   FF00::/8 [0/0]", "     via Null0, receive")
_PROTOCOLS = ("bgp", "static", "connected", "local")


def _refusal(view: RouterView, args: Args) -> str | None:
    vrf = args.get("vrf")
    if vrf is None:
        return None
    known = next((each for each in view.vrfs() if each.name == vrf), None)
    return None if known is not None and known.ipv6 else f"% IPv6 routing table {vrf} does not exist"


def route_lines(route: RibRoute) -> list[str]:
    """One route: its line, and one per way out."""
    return [
        f"{route.code:<3} {text(route.prefix)} [{route.distance}/{route.metric}]"
        f"{f', tag {route.tag}' if route.protocol == 'static' and route.tag else ''}",
        *(f"     via {_way(route, hop)}" for hop in route.next_hops),
    ]


def _way(route: RibRoute, hop: NextHop) -> str:
    if hop.address is None:
        return f"{hop.interface}, {'receive' if route.code.startswith('L') else 'directly connected'}"
    return text(hop.address) + (f", {hop.interface}" if hop.interface is not None else "")


def _code_of(route: RibRoute, protocol: str) -> bool:
    known = route.protocol.split()[0]
    return known == protocol or (route.code == "LC" and protocol == "local")


def show_routes(view: RouterView, args: Args) -> str:
    """The table of a VRF or the global one, whole or of one protocol."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    vrf = args.get("vrf")
    routes = view.rib(vrf, 6)
    asked = next((protocol for protocol in _PROTOCOLS if args.has(protocol)), None)
    shown = [route for route in routes if asked is None or _code_of(route, asked)]
    last = _MULTICAST if asked in (None, "local") else ()
    return body(
        f"IPv6 Routing Table - {vrf or 'default'} - {len(routes) + 1} entries",
        *CODES,
        *(line for route in shown for line in route_lines(route)),
        *last,
    )


def show_route(view: RouterView, args: Args) -> str:
    """One prefix, or the longest match of an address."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    found = view.route(args.get("vrf"), prefix_target(args["prefix"]))
    return "% Route not found" if found is None else body(*_detail(found))


def _detail(route: RibRoute) -> list[str]:
    protocol = "connected" if route.protocol == "local" else route.protocol
    known = f'  Known via "{protocol}", distance {route.distance}, metric {route.metric}'
    if route.tag is not None:
        known += f"\n  Tag {route.tag}" + (f", type {route.route_type}" if route.route_type else "")
    elif route.route_type:
        known += f", type {route.route_type}"
    lines = [
        f"Routing entry for {text(route.prefix)}",
        *known.split("\n"),
        f"  Route count is {len(route.next_hops)}/{len(route.next_hops)}, share count 0",
        "  Routing paths:",
    ]
    for hop in route.next_hops:
        way = "receive" if route.code.startswith("L") else "directly connected"
        lines.append(f"    {_way(route, hop) if hop.address is not None else f'{way} via {hop.interface}'}")
        if route.age is not None:
            lines.append(f"      Last updated {elapsed(route.age)} ago")
    return lines


def show_longer(view: RouterView, args: Args) -> str:
    """``longer-prefixes``."""
    if (refusal := _refusal(view, args)) is not None:
        return refusal
    vrf, outer = args.get("vrf"), _network(args["prefix"])
    routes = view.rib(vrf, 6)
    return body(
        f"IPv6 Routing Table - {vrf or 'default'} - {len(routes) + 1} entries",
        *CODES,
        *(line for route in routes if within(route.prefix, outer) for line in route_lines(route)),
    )


def _network(typed: str) -> IpNetwork:
    from ipaddress import ip_network

    return ip_network(typed)


def brief_lines(interface: InterfaceState) -> list[str]:
    """One interface of ``show ipv6 interface brief``."""
    status = "up" if interface.line_up else "down"
    if not interface.admin_up:
        status = "administratively down"
    protocol = "up" if interface.protocol_up else "down"
    first = f"{interface.name:<22} [{status}/{protocol}]"
    if interface.link_local is None:
        return [first, "    unassigned"]
    return [first, f"    {text(interface.link_local)}", *(f"    {text(each.ip)}" for each in interface.ipv6)]


def show_brief(view: RouterView, args: Args) -> str:
    """``show ipv6 interface brief``."""
    name = args.get("interface")
    chosen = [view.interface(name)] if name is not None else list(view.interfaces())
    return body(*(line for each in chosen if each is not None for line in brief_lines(each)))


def neighbor_row(neighbor: Ipv6Neighbor) -> str:
    """One line of ``show ipv6 neighbors``."""
    return (
        f"{text(neighbor.address):<41} {neighbor.age_minutes:>3} {neighbor.mac or '-':<15} {neighbor.state:<5} "
        f"{short_interface(neighbor.interface)}"
    )


def show_neighbors(view: RouterView, args: Args) -> str:
    """The neighbor discovery cache of a VRF or the global table."""
    vrf = args.get("vrf")
    if vrf is not None and not vrf_known(view, vrf):
        return f"% VRF {vrf} does not exist"
    rows = [neighbor_row(each) for each in view.ipv6_neighbors(vrf)]
    return body("IPv6 Address                              Age Link-layer Addr State Interface", *rows) if rows else ""


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show ipv6 route [vrf <vrf>] [(bgp|static|connected|local)]", show_routes),
    ShowCommand("show ipv6 route [vrf <vrf>] <prefix:prefix6>", show_route),
    ShowCommand("show ipv6 route [vrf <vrf>] <prefix:prefix6> longer-prefixes", show_longer),
    ShowCommand("show ipv6 interface brief [<interface>]", show_brief),
    ShowCommand("show ipv6 interface <interface> brief", show_brief),
    ShowCommand("show ipv6 neighbors [vrf <vrf>]", show_neighbors),
)

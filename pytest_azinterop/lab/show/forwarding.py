"""CEF, ARP, OSPF neighbors and the summary of routing protocols."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, clock_time, elapsed
from pytest_azinterop.lab.show.targets import prefix_target, vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import ArpEntry, ForwardingEntry, NextHop, OspfNeighbor
    from pytest_azinterop.lab.network.view import RouterView

_ARP_HEADER = "Protocol  Address          Age (min)  Hardware Addr   Type   Interface"
_CEF_HEADER = "Prefix               Next Hop             Interface"


def _unknown_vrf(view: RouterView, args: Args) -> str | None:
    vrf = args.get("vrf")
    return None if vrf is None or vrf_known(view, vrf) else f"% VRF {vrf} does not exist"


def cef_entry(entry: ForwardingEntry, *, detail: bool) -> list[str]:
    """What CEF does with one prefix."""
    if entry.prefix is None or entry.kind == "no route":
        return [f"0.0.0.0/0{', epoch 0, flags [default route handler]' if detail else ''}", "  no route"]
    ways = [_way(hop) for hop in entry.next_hops]
    if entry.kind == "receive":
        ways = [f"receive for {hop.interface}" for hop in entry.next_hops] or ["receive"]
    elif entry.kind == "drop":
        ways = ["drop"]
    if not detail:
        return [str(entry.prefix), *(f"  {way}" for way in ways)]
    if not entry.recursive_via:
        return [f"{entry.prefix}, epoch 0", *(f"  {way}" for way in ways)]
    return [
        f"{entry.prefix}, epoch 0, flags [rib defined all labels]",
        *(f"  recursive via {via}" for via in entry.recursive_via),
        *(f"    {way}" for way in ways),
    ]


def _way(hop: NextHop) -> str:
    return f"attached to {hop.interface}" if hop.address is None else f"nexthop {hop.address} {hop.interface}"


def show_cef(view: RouterView, args: Args) -> str:
    """One address or prefix."""
    if (refusal := _unknown_vrf(view, args)) is not None:
        return refusal
    target = prefix_target(args["prefix"])
    if not isinstance(target, IPv4Network | IPv4Address):
        return "%Prefix not found"
    address = target.network_address if isinstance(target, IPv4Network) else target
    entry = view.forwarding(args.get("vrf"), address)
    if isinstance(target, IPv4Network) and entry.prefix != target:
        return "%Prefix not found"
    return body(*cef_entry(entry, detail=args.has("detail")))


def show_cef_table(view: RouterView, args: Args) -> str:
    """The table: one line per way out of each route."""
    if (refusal := _unknown_vrf(view, args)) is not None:
        return refusal
    vrf = args.get("vrf")
    routes = view.rib(vrf)
    lines = []
    if not any(route.prefix.prefixlen == 0 for route in routes):
        lines.append(f"{'0.0.0.0/0':<20} no route")
    for route in routes:
        if route.protocol == "local":
            lines.append(f"{route.prefix!s:<20} {'receive':<20} {route.next_hops[0].interface}")
            continue
        entry = view.forwarding(vrf, route.prefix.network_address)
        hops = entry.next_hops if entry.prefix == route.prefix else route.next_hops
        name = str(route.prefix)
        for hop in hops:
            way = "attached" if hop.address is None else str(hop.address)
            lines.append(f"{name:<20} {way:<20} {hop.interface or ''}".rstrip())
            name = ""
    return body("", _CEF_HEADER, *lines)


def arp_row(entry: ArpEntry) -> str:
    """One line of the ARP table; an unresolved address has neither age nor interface."""
    if entry.mac is None:
        return f"Internet  {entry.address!s:<15}{0:>10}   {'Incomplete':<16}ARPA   "
    age = "-" if entry.age_minutes is None else entry.age_minutes
    return f"Internet  {entry.address!s:<15}{age:>10}   {entry.mac:<16}ARPA   {entry.interface or ''}"


def show_arp(view: RouterView, args: Args) -> str:
    """The ARP table of a VRF or the global one; nothing at all when it is empty."""
    if (refusal := _unknown_vrf(view, args)) is not None:
        return refusal
    wanted = args.get("addr")
    entries = view.arp(args.get("vrf"))
    rows = [arp_row(entry) for entry in entries if wanted is None or entry.address == IPv4Address(wanted)]
    return body(_ARP_HEADER, *rows) if rows else ""


def ospf_row(neighbor: OspfNeighbor) -> str:
    """One line of ``show ip ospf neighbor``."""
    return (
        f"{neighbor.router_id!s:<15} {neighbor.priority:>3}   {neighbor.state:<15} "
        f"{clock_time(neighbor.dead_time):<11} {neighbor.address!s:<15} {neighbor.interface}"
    )


def show_ospf_neighbors(view: RouterView, args: Args) -> str:
    """All processes, or one; nothing at all when there is no neighbor."""
    process = args.get("process")
    rows = [
        ospf_row(neighbor) for neighbor in view.ospf_neighbors() if process is None or neighbor.process == int(process)
    ]
    if not rows:
        return ""
    return body("", "Neighbor ID     Pri   State           Dead Time   Address         Interface", *rows)


def show_protocols(view: RouterView, args: Args) -> str:
    """``show ip protocols``: the BGP process, as far as it is modelled."""
    process = view.bgp()
    vrf = args.get("vrf")
    lines = ["*** IP Routing is NSF aware ***", ""]
    if process is None:
        return body(*lines)
    external, internal, local = process.distances
    neighbors = view.bgp_neighbors(vrf)
    lines += [
        f'Routing Protocol is "bgp {process.local_as}"',
        "  Outgoing update filter list for all interfaces is not set",
        "  Incoming update filter list for all interfaces is not set",
        "  IGP synchronization is disabled",
        "  Automatic route summarization is disabled",
    ]
    if neighbors:
        lines += ["  Neighbor(s):", "    Address          FiltIn FiltOut DistIn DistOut Weight RouteMap"]
        lines += [f"    {neighbor.address!s:<16}" for neighbor in neighbors]
    lines += [
        "  Maximum path: 1",
        "  Routing Information Sources:",
        "    Gateway         Distance      Last Update",
        *(
            f"    {neighbor.address!s:<15} {internal if neighbor.internal else external:>8}      "
            f"{elapsed(neighbor.established_for)}"
            for neighbor in neighbors
            if neighbor.state == "Established"
        ),
        f"  Distance: external {external} internal {internal} local {local}",
        "",
    ]
    return body(*lines)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show ip cef [vrf <vrf>]", show_cef_table),
    ShowCommand("show ip cef [vrf <vrf>] <prefix> [detail]", show_cef),
    ShowCommand("show (arp|ip arp) [vrf <vrf>] [<addr>]", show_arp),
    ShowCommand("show ip ospf [<process:number>] neighbor", show_ospf_neighbors),
    ShowCommand("show ip protocols [vrf <vrf>]", show_protocols),
)

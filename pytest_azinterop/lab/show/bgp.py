"""The BGP show commands: which table they ask for, and IOS's refusals."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.bgp_neighbors import neighbor_block
from pytest_azinterop.lab.show.bgp_policy import configured_policy
from pytest_azinterop.lab.show.bgp_prefix import prefix_entry
from pytest_azinterop.lab.show.bgp_summary import summary
from pytest_azinterop.lab.show.bgp_table import ipv4_table, neighbor_routes, vpnv4_tables
from pytest_azinterop.lab.show.formats import body
from pytest_azinterop.lab.show.targets import prefix_target, vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor, BgpProcess, BgpTable, NeighborRoutes
    from pytest_azinterop.lab.network.view import RouterView

NOT_ACTIVE = "% BGP not active"
NOT_IN_TABLE = "% Network not in table"
NO_SUCH_NEIGHBOR = "% No such neighbor or address family"
_VPNV4 = "(bgp vpnv4 unicast|ip bgp vpnv4)"
_IPV4 = "(bgp ipv4 unicast|ip bgp|ip bgp ipv4 unicast)"
_ALL = "(bgp|ip bgp) all"
_ABSENT = "(ipv4 multicast|ipv4 mdt all|ipv6 unicast|ipv6 multicast|vpnv6 unicast all)"


def _vrfs(view: RouterView, process: BgpProcess, args: Args) -> list[str | None]:
    """The tables that a command names: one VRF, every VRF (``all``), or the global table."""
    if (vrf := args.get("vrf")) is not None:
        return [known.name for known in view.vrfs() if known.name == vrf]
    if args.has("vpnv4"):
        names = [name for name in process.vrfs if name is not None]
        rd = args.get("rd")
        return [name for name in names if rd is None or _distinguisher(view, name) == rd]
    return [None]


def _distinguisher(view: RouterView, vrf: str) -> str | None:
    table = view.bgp_table(vrf)
    return None if table is None else table.rd


def _refusal(view: RouterView, args: Args) -> str | None:
    if view.bgp() is None:
        return NOT_ACTIVE
    vrf = args.get("vrf")
    return None if vrf is None or vrf_known(view, vrf) else f"% VRF {vrf} does not exist"


def _tables(view: RouterView, vrfs: list[str | None]) -> list[BgpTable]:
    return [table for vrf in vrfs if (table := view.bgp_table(vrf)) is not None]


def _neighbors(view: RouterView, vrfs: list[str | None]) -> list[BgpNeighbor]:
    return [neighbor for vrf in vrfs for neighbor in view.bgp_neighbors(vrf)]


def show_summary(view: RouterView, args: Args) -> str:
    """``summary`` of one family."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    vrfs = _vrfs(view, process, args)
    table = view.bgp_table(args.get("vrf"))
    return body(*_summary(view, process, vrfs, process.router_id if table is None else table.router_id))


def _summary(view: RouterView, process: BgpProcess, vrfs: list[str | None], router_id: IPv4Address) -> list[str]:
    active = [neighbor for neighbor in _neighbors(view, vrfs) if neighbor.activated]
    return summary(process, _tables(view, vrfs), active, view.now(), router_id)


def show_all_summary(view: RouterView, args: Args) -> str:
    """``show bgp all summary``: every family that has neighbors."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    parts: list[str] = []
    for family, vrfs in _families(process):
        if any(neighbor.activated for neighbor in _neighbors(view, vrfs)):
            parts += [f"For address family: {family}", *_summary(view, process, vrfs, process.router_id), ""]
    return body(*parts[:-1])


def _families(process: BgpProcess) -> list[tuple[str, list[str | None]]]:
    vrfs: list[str | None] = [name for name in process.vrfs if name is not None]
    return [("IPv4 Unicast", [None]), *([("VPNv4 Unicast", vrfs)] if vrfs else [])]


def show_table(view: RouterView, args: Args) -> str:
    """The table of one VRF, of all VRFs, or the global one."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    return body(*_table(view, process, _vrfs(view, process, args)))


def _table(view: RouterView, process: BgpProcess, vrfs: list[str | None]) -> list[str]:
    tables = _tables(view, vrfs)
    if vrfs == [None]:
        return ipv4_table(tables[0]) if tables else []
    return vpnv4_tables(tables, process.router_id)


def show_all_tables(view: RouterView, args: Args) -> str:
    """``show bgp all``."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    lines: list[str] = []
    for family, vrfs in _families(process):
        lines += [f"For address family: {family}", "", *_table(view, process, vrfs), ""]
    return body(*lines)


def show_prefix(view: RouterView, args: Args) -> str:
    """One prefix; an address finds its longest match. ``all`` shows it in every VRF that has it."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    target = prefix_target(args["prefix"])
    lines: list[str] = []
    for table in _tables(view, _vrfs(view, process, args)):
        lines += _prefix(view, table, target)
    return body(*lines) if lines else NOT_IN_TABLE


def _prefix(view: RouterView, table: BgpTable, target: IPv4Address | IPv4Network) -> list[str]:
    entry = view.bgp_entry(table.vrf, target)
    if entry is None:
        return []
    kept = {neighbor.address for neighbor in view.bgp_neighbors(table.vrf) if neighbor.policy.soft_reconfiguration}
    return prefix_entry(entry, table.vrf, table.rd, kept)


def show_detail(view: RouterView, args: Args) -> str:
    """``… detail``: every prefix in the long form."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    lines: list[str] = []
    for table in _tables(view, _vrfs(view, process, args)):
        if table.entries and table.vrf is not None:
            lines += ["", f"Route Distinguisher: {table.rd or '0:0'} (default for vrf {table.vrf})"]
        for entry in table.entries:
            lines += _prefix(view, table, entry.prefix)
    return body(*lines)


def show_neighbors(view: RouterView, args: Args) -> str:
    """Every neighbor, or the one with an address."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    neighbors = _neighbors(view, _vrfs(view, process, args))
    if (address := args.get("addr")) is not None:
        neighbors = [neighbor for neighbor in neighbors if neighbor.address == IPv4Address(address)]
        if not neighbors:
            return NO_SUCH_NEIGHBOR
    return body(*(line for neighbor in neighbors for line in neighbor_block(neighbor, process)))


def show_all_neighbors(view: RouterView, args: Args) -> str:
    """``show bgp all neighbors``: each family under its own line."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    address = args.get("addr")
    lines: list[str] = []
    found = False
    for family, vrfs in _families(process):
        lines.append(f"For address family: {family}")
        for neighbor in _neighbors(view, vrfs):
            if address is None or neighbor.address == IPv4Address(address):
                lines += neighbor_block(neighbor, process)
                found = True
        lines.append("")
    return body(*lines) if found or address is None else NO_SUCH_NEIGHBOR


def show_neighbor_routes(view: RouterView, args: Args) -> str:
    """``advertised-routes``, ``received-routes`` and ``routes`` of a neighbor."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    address = IPv4Address(args["addr"])
    lines: list[str] = []
    for vrf in _vrfs(view, process, args):
        routes = _neighbor_routes(view, args, vrf, address)
        if routes is not None:
            received = args.has("received-routes")
            lines += neighbor_routes(routes, view.bgp_table(vrf), process.router_id, received=received)
    return body(*lines) if lines else NO_SUCH_NEIGHBOR


def _neighbor_routes(view: RouterView, args: Args, vrf: str | None, address: IPv4Address) -> NeighborRoutes | None:
    if args.has("advertised-routes"):
        return view.advertised_routes(vrf, address)
    if args.has("received-routes"):
        return view.received_routes(vrf, address)
    return view.accepted_routes(vrf, address)


def show_policy(view: RouterView, args: Args) -> str:
    """``neighbors A policy``: what the configuration binds to a neighbor."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    address = IPv4Address(args["addr"])
    chosen = [each for each in _neighbors(view, _vrfs(view, process, args)) if each.address == address]
    return body(*(line for each in chosen for line in configured_policy(each))) if chosen else NO_SUCH_NEIGHBOR


def show_nothing(_view: RouterView, _args: Args) -> str:
    """A family that the router does not carry: IOS prints nothing."""
    return ""


def show_rib_failure(view: RouterView, args: Args) -> str:
    """``… rib-failure``."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    rows = [
        f"  {entry.prefix!s:<19}{entry.best.next_hop!s:<16}{entry.rib_failure_reason or '':<30}n/a"
        for table in _tables(view, _vrfs(view, process, args))
        for entry in table.entries
        if entry.best is not None and entry.best.rib_failure
    ]
    return body("  Network            Next Hop                      RIB-failure   RIB-NH Matches", *rows)


def _family(start: str) -> tuple[ShowCommand, ...]:
    return (
        ShowCommand(f"show {start} summary", show_summary),
        ShowCommand(f"show {start}", show_table),
        ShowCommand(f"show {start} <prefix>", show_prefix),
        ShowCommand(f"show {start} detail", show_detail),
        ShowCommand(f"show {start} rib-failure", show_rib_failure),
        ShowCommand(f"show {start} neighbors [<addr>]", show_neighbors),
        ShowCommand(f"show {start} neighbors <addr> policy", show_policy),
        ShowCommand(f"show {start} neighbors <addr> (advertised-routes|received-routes|routes)", show_neighbor_routes),
    )


COMMANDS: tuple[ShowCommand, ...] = (
    *_family(f"{_VPNV4} (vrf <vrf>|all|rd <rd>)"),
    *_family(_IPV4),
    ShowCommand(f"show {_ALL} summary", show_all_summary),
    ShowCommand(f"show {_ALL}", show_all_tables),
    ShowCommand(f"show {_ALL} neighbors [<addr>]", show_all_neighbors),
    ShowCommand(f"show bgp {_ABSENT} (summary|neighbors)", show_nothing),
)

"""The BGP show commands: which table they ask for, and IOS's refusals."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.bgp_dampening import dampened_paths, dampening_parameters
from pytest_azinterop.lab.show.bgp_neighbors import neighbor_block
from pytest_azinterop.lab.show.bgp_policy import configured_policy
from pytest_azinterop.lab.show.bgp_prefix import prefix_entry
from pytest_azinterop.lab.show.bgp_summary import summary
from pytest_azinterop.lab.show.bgp_table import ipv4_table, neighbor_routes, vpnv4_tables
from pytest_azinterop.lab.show.formats import body
from pytest_azinterop.lab.show.targets import prefix_target, vrf_known

if TYPE_CHECKING:
    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor, BgpProcess, BgpTable, NeighborRoutes
    from pytest_azinterop.lab.network.view import RouterView

NOT_ACTIVE = "% BGP not active"
NOT_IN_TABLE = "% Network not in table"
NO_SUCH_NEIGHBOR = "% No such neighbor or address family"
_VPNV4 = "(bgp vpnv4 unicast|ip bgp vpnv4)"
_IPV4 = "(bgp ipv4 unicast|ip bgp|ip bgp ipv4 unicast)"
_ALL = "(bgp|ip bgp) all"
_ABSENT = "(ipv4 multicast|ipv4 mdt all|ipv6 multicast)"


def _vrfs(view: RouterView, process: BgpProcess, args: Args) -> list[str | None]:
    """The tables that a command names: one VRF, every VRF (``all``), or the global table."""
    if (vrf := args.get("vrf")) is not None:
        named = [known.name for known in view.vrfs() if known.name == vrf]
        return [name for name in named if _version(args) == 4 or name in process.vrfs6]
    if args.has("vpnv4") or args.has("vpnv6"):
        names = [name for name in (process.vrfs if args.has("vpnv4") else process.vrfs6) if name is not None]
        rd = args.get("rd")
        return [name for name in names if rd is None or _distinguisher(view, name, _version(args)) == rd]
    return [None] if _version(args) == 4 or None in process.vrfs6 else []


def _distinguisher(view: RouterView, vrf: str, ip: int) -> str | None:
    table = _table_of(view, vrf, ip)
    return None if table is None else table.rd


def _refusal(view: RouterView, args: Args) -> str | None:
    if view.bgp() is None:
        return NOT_ACTIVE
    vrf = args.get("vrf")
    return None if vrf is None or vrf_known(view, vrf) else f"% VRF {vrf} does not exist"


def _version(args: Args) -> int:
    return 6 if args.has("vpnv6") or args.has("ipv6") else 4


def _table_of(view: RouterView, vrf: str | None, ip: int) -> BgpTable | None:
    return view.bgp_table(vrf) if ip == 4 else view.bgp_table(vrf, ip)


def _tables(view: RouterView, vrfs: list[str | None], ip: int) -> list[BgpTable]:
    return [table for vrf in vrfs if (table := _table_of(view, vrf, ip)) is not None]


def _neighbors(view: RouterView, vrfs: list[str | None], ip: int) -> list[BgpNeighbor]:
    return [
        neighbor for vrf in vrfs for neighbor in (view.bgp_neighbors(vrf) if ip == 4 else view.bgp_neighbors(vrf, ip))
    ]


def show_summary(view: RouterView, args: Args) -> str:
    """``summary`` of one family."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    vrfs, ip = _vrfs(view, process, args), _version(args)
    if ip == 6 and not vrfs:
        return ""
    table = _table_of(view, args.get("vrf"), ip)
    return body(*_summary(view, process, vrfs, ip, process.router_id if table is None else table.router_id))


def _summary(view: RouterView, process: BgpProcess, vrfs: list[str | None], ip: int, router_id: IpAddress) -> list[str]:
    active = [neighbor for neighbor in _neighbors(view, vrfs, ip) if neighbor.activated]
    return summary(process, _tables(view, vrfs, ip), active, view.now(), router_id)


def show_dampening(view: RouterView, args: Args) -> str:
    """``dampening parameters`` and ``dampening dampened-paths``; what stands above in a VRF is not certain."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    lines: list[str] = []
    for vrf in _vrfs(view, process, args):
        settings, paths = view.dampening(vrf, _version(args))
        if settings is not None:
            heading = [] if vrf is None else [f"For vrf: {vrf}"]
            rows = dampened_paths(paths) if args.has("dampened-paths") else dampening_parameters(settings)
            lines += [*heading, *rows]
    return body(*lines) if lines else "% dampening not enabled for base"


def show_all_summary(view: RouterView, args: Args) -> str:
    """``show bgp all summary``: every family that has neighbors."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    parts: list[str] = []
    for family, vrfs, ip in _families(process):
        if any(neighbor.activated for neighbor in _neighbors(view, vrfs, ip)):
            parts += [f"For address family: {family}", *_summary(view, process, vrfs, ip, process.router_id), ""]
    return body(*parts[:-1])


def _families(process: BgpProcess) -> list[tuple[str, list[str | None], int]]:
    vrfs: list[str | None] = [name for name in process.vrfs if name is not None]
    vrfs6: list[str | None] = [name for name in process.vrfs6 if name is not None]
    found: list[tuple[str, list[str | None], int]] = [("IPv4 Unicast", [None], 4)]
    found += [("IPv6 Unicast", [None], 6)] if None in process.vrfs6 else []
    found += [("VPNv4 Unicast", vrfs, 4)] if vrfs else []
    return found + ([("VPNv6 Unicast", vrfs6, 6)] if vrfs6 else [])


def show_table(view: RouterView, args: Args) -> str:
    """The table of one VRF, of all VRFs, or the global one."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    return body(*_table(view, process, _vrfs(view, process, args), _version(args)))


def _table(view: RouterView, process: BgpProcess, vrfs: list[str | None], ip: int) -> list[str]:
    tables = _tables(view, vrfs, ip)
    if vrfs == [None]:
        return ipv4_table(tables[0]) if tables else []
    return vpnv4_tables(tables, process.router_id)


def show_all_tables(view: RouterView, args: Args) -> str:
    """``show bgp all``."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    lines: list[str] = []
    for family, vrfs, ip in _families(process):
        lines += [f"For address family: {family}", "", *_table(view, process, vrfs, ip), ""]
    return body(*lines)


def show_prefix(view: RouterView, args: Args) -> str:
    """One prefix; an address finds its longest match. ``all`` shows it in every VRF that has it."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    target = prefix_target(args["prefix"])
    lines: list[str] = []
    for table in _tables(view, _vrfs(view, process, args), _version(args)):
        lines += _prefix(view, table, target)
    return body(*lines) if lines else NOT_IN_TABLE


def _prefix(view: RouterView, table: BgpTable, target: IpAddress | IpNetwork) -> list[str]:
    entry = view.bgp_entry(table.vrf, target)
    if entry is None:
        return []
    kept = {
        neighbor.address
        for neighbor in _neighbors(view, [table.vrf], target.version)
        if neighbor.policy.soft_reconfiguration
    }
    return prefix_entry(entry, table.vrf, table.rd, kept)


def show_detail(view: RouterView, args: Args) -> str:
    """``… detail``: every prefix in the long form."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    lines: list[str] = []
    for table in _tables(view, _vrfs(view, process, args), _version(args)):
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
    neighbors = _neighbors(view, _vrfs(view, process, args), _version(args))
    if (address := args.get("addr")) is not None:
        neighbors = [neighbor for neighbor in neighbors if neighbor.address == ip_address(address)]
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
    for family, vrfs, ip in _families(process):
        lines.append(f"For address family: {family}")
        for neighbor in _neighbors(view, vrfs, ip):
            if address is None or neighbor.address == ip_address(address):
                lines += neighbor_block(neighbor, process)
                found = True
        lines.append("")
    return body(*lines) if found or address is None else NO_SUCH_NEIGHBOR


def show_neighbor_routes(view: RouterView, args: Args) -> str:
    """``advertised-routes``, ``received-routes`` and ``routes`` of a neighbor."""
    process = view.bgp()
    if (refusal := _refusal(view, args)) is not None or process is None:
        return refusal or NOT_ACTIVE
    address = ip_address(args["addr"])
    lines: list[str] = []
    for vrf in _vrfs(view, process, args):
        routes = _neighbor_routes(view, args, vrf, address)
        if routes is not None:
            received = args.has("received-routes")
            lines += neighbor_routes(
                routes, _table_of(view, vrf, address.version), process.router_id, received=received
            )
    return body(*lines) if lines else NO_SUCH_NEIGHBOR


def _neighbor_routes(view: RouterView, args: Args, vrf: str | None, address: IpAddress) -> NeighborRoutes | None:
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
    address = ip_address(args["addr"])
    chosen = [each for each in _neighbors(view, _vrfs(view, process, args), _version(args)) if each.address == address]
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
        f"  {text(entry.prefix):<19}{text(entry.best.next_hop):<16}{entry.rib_failure_reason or '':<30}n/a"
        for table in _tables(view, _vrfs(view, process, args), _version(args))
        for entry in table.entries
        if entry.best is not None and entry.best.rib_failure
    ]
    return body("  Network            Next Hop                      RIB-failure   RIB-NH Matches", *rows)


def _family(start: str, kind: str = "") -> tuple[ShowCommand, ...]:
    address = f"<addr:addr{kind}>"
    return (
        ShowCommand(f"show {start} summary", show_summary),
        ShowCommand(f"show {start}", show_table),
        ShowCommand(f"show {start} <prefix:prefix{kind}>", show_prefix),
        ShowCommand(f"show {start} detail", show_detail),
        ShowCommand(f"show {start} dampening (parameters|dampened-paths)", show_dampening),
        ShowCommand(f"show {start} rib-failure", show_rib_failure),
        ShowCommand(f"show {start} neighbors [{address}]", show_neighbors),
        ShowCommand(f"show {start} neighbors {address} policy", show_policy),
        ShowCommand(
            f"show {start} neighbors {address} (advertised-routes|received-routes|routes)", show_neighbor_routes
        ),
    )


COMMANDS: tuple[ShowCommand, ...] = (
    *_family(f"{_VPNV4} (vrf <vrf>|all|rd <rd>)"),
    *_family(_IPV4),
    *_family("bgp vpnv6 unicast (vrf <vrf>|all|rd <rd>)", "6"),
    *_family("bgp ipv6 unicast", "6"),
    ShowCommand(f"show {_ALL} summary", show_all_summary),
    ShowCommand(f"show {_ALL}", show_all_tables),
    ShowCommand(f"show {_ALL} neighbors [<addr>|<addr:addr6>]", show_all_neighbors),
    ShowCommand(f"show bgp {_ABSENT} (summary|neighbors)", show_nothing),
)

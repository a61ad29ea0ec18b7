"""BGP tables: ``show bgp …``, ``… advertised-routes``, ``… received-routes``, ``… routes``.

IOS-XE 16 and later put the data one column to the right of their own header; a prefix of more than 16 characters stands
on a line of its own and its next hop then starts one column to the left of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.formats import as_path, bgp_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.network.bgp_records import BgpEntry, BgpPath, BgpTable, NeighborRoutes

HEADER = "     Network          Next Hop            Metric LocPrf Weight Path"
_NETWORK_WIDTH = 16
_WRAPPED_INDENT = 22
_HOP_WIDTH = 16
"""A next hop as long as this stands on a line of its own, the values below it."""


def legend(version: int, router_id: IpAddress) -> list[str]:
    """The lines above every BGP table, the header included."""
    return [
        f"BGP table version is {version}, local router ID is {router_id}",
        "Status codes: s suppressed, d damped, h history, * valid, > best, i - internal, ",
        "              r RIB-failure, S Stale, m multipath, b backup-path, f RT-Filter, ",
        "              x best-external, a additional-path, c RIB-compressed, ",
        "              t secondary path, L long-lived-stale,",
        "Origin codes: i - IGP, e - EGP, ? - incomplete",
        "RPKI validation codes: V valid, I invalid, N Not found",
        "",
        HEADER,
    ]


def status_codes(path: BgpPath) -> str:
    """Columns 1 to 5: validity, best or multipath, internal."""
    if path.suppressed:
        first = "s"
    elif path.dampened:
        return f"*d{'i' if path.internal else ' '}  "
    elif path.stale:
        first = "S"
    elif path.rib_failure:
        first = "r"
    elif path.valid and not path.inaccessible:
        first = "*"
    else:
        first = " "
    second = ">" if path.best else "m" if path.multipath else " "
    return f"{first}{second}{'i' if path.internal else ' '}  "


def table_row(path: BgpPath, network: str) -> list[str]:
    """One path: one line, or two when the network (empty on the following paths of a prefix) is too long."""
    metric = "" if path.metric is None else str(path.metric)
    preference = "" if path.local_preference is None else str(path.local_preference)
    tail = " ".join(part for part in (as_path(path.as_path), path.origin) if part)
    hop, values = text(path.next_hop), f"{metric:>10} {preference:>6} {path.weight:>6} {tail}"
    flags = f" {status_codes(path)}"
    below: list[str] = []
    if len(hop) >= _HOP_WIDTH:
        data, below = hop, [" " * (_WRAPPED_INDENT + _HOP_WIDTH) + values]
    else:
        data = f"{hop:<{_HOP_WIDTH}}{values}"
    if len(network) > _NETWORK_WIDTH:
        return [f"{flags}{network}", " " * _WRAPPED_INDENT + data, *below]
    return [f"{flags}{network:<{_NETWORK_WIDTH}} {data}", *below]


def table_rows(entries: Iterable[BgpEntry], *, received_only: bool = False) -> list[str]:
    """The rows of the prefixes, in the given order. Received-only paths stand in the received routes alone."""
    lines: list[str] = []
    for entry in entries:
        network = bgp_prefix(entry.prefix)
        for path in entry.paths:
            if path.received_only and not received_only:
                continue
            lines += table_row(path, network)
            network = ""
    return lines


def distinguisher_line(table: BgpTable, process_router_id: IpAddress) -> str:
    """The line above a VRF's rows; the VRF's router ID is added where it differs from the process's."""
    own = f" VRF Router ID {table.router_id}" if table.router_id != process_router_id else ""
    return f"Route Distinguisher: {table.rd or '0:0'} (default for vrf {table.vrf}){own}"


def vpnv4_tables(tables: Iterable[BgpTable], process_router_id: IpAddress) -> list[str]:
    """``show bgp vpnv4 unicast all|vrf X``: nothing at all when no table has a path."""
    filled = [(table, rows) for table in tables if (rows := table_rows(table.entries))]
    if not filled:
        return []
    version = max(table.version for table, _ in filled)
    lines = legend(version, process_router_id)
    for table, rows in filled:
        lines += [distinguisher_line(table, process_router_id), *rows]
    return lines


def ipv4_table(table: BgpTable) -> list[str]:
    """``show ip bgp``: nothing at all when the table is empty."""
    rows = table_rows(table.entries)
    return [*legend(table.version, table.router_id), *rows] if rows else []


def neighbor_routes(
    routes: NeighborRoutes,
    table: BgpTable | None,
    process_router_id: IpAddress,
    *,
    received: bool = False,
) -> list[str]:
    """The routes of one neighbor of a VRF (``table`` is the VRF's) or of the global table (``table`` has no VRF)."""
    if routes.error is not None:
        return [routes.error if routes.error.startswith("%") else f"% {routes.error}"]
    vrf = table is not None and table.vrf is not None
    rows = table_rows(routes.entries, received_only=received)
    lines: list[str] = []
    if rows or routes.default_originated:
        head = legend(routes.table_version, process_router_id if vrf else routes.router_id)
        if routes.default_originated:
            default = "::" if routes.neighbor.version == 6 else "0.0.0.0"  # noqa: S104 - printed, not bound
            head[-2:] = ["", f"Originating default network {default}", *head[-2:]]
        lines = head
        if rows and vrf and table is not None:
            lines.append(distinguisher_line(table, process_router_id))
    return [*lines, *rows, "", f"Total number of prefixes {len(routes.entries)} "]

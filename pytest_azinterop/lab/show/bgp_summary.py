"""``show bgp … summary`` for one address family."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.formats import elapsed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.network.bgp_records import BgpNeighbor, BgpPath, BgpProcess, BgpTable

HEADER = "Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd"
_ADDRESS_WIDTH = 15
# Bytes that IOS-XE 17.9 accounts for one entry of each kind.
_NETWORK, _VPN_NETWORK, _PATH, _ATTRIBUTE, _VPN_ATTRIBUTE, _AS_PATH, _COMMUNITY = 248, 256, 136, 288, 296, 24, 24


def state_or_prefixes(neighbor: BgpNeighbor) -> str:
    """The last column: the number of accepted prefixes only when Established."""
    if neighbor.admin_down:
        return "Idle (Admin)"
    if neighbor.prefix_limit_exceeded:
        return "Idle (PfxCt)"
    if neighbor.state == "Established":
        return f"{neighbor.prefixes_accepted:>8}"
    return neighbor.state


def neighbor_row(neighbor: BgpNeighbor) -> list[str]:
    """One neighbor; a long address stands on a line of its own."""
    address = text(neighbor.address)
    version = neighbor.table_version if neighbor.state == "Established" else 1
    data = (
        f"4 {neighbor.remote_as:>12} {neighbor.received.total:>7} {neighbor.sent.total:>7} {version:>8} "
        f"{0:>4} {0:>4} {elapsed(neighbor.state_age):<8} {state_or_prefixes(neighbor)}"
    )
    if len(address) > _ADDRESS_WIDTH:
        return [address, " " * 16 + data]
    return [f"{address:<16}{data}"]


def summary(
    process: BgpProcess,
    tables: Sequence[BgpTable],
    neighbors: Sequence[BgpNeighbor],
    now: datetime,
    router_id: IpAddress,
) -> list[str]:
    """The whole summary of one family: of the global table, of one VRF, or of all VRFs together.

    ``router_id`` is the VRF's own where one VRF was asked for, else the process's.
    """
    version = max((table.version for table in tables), default=1)
    lines = [
        f"BGP router identifier {router_id}, local AS number {process.local_as}",
        f"BGP table version is {version}, main routing table version {version}",
        *_memory(process, tables, now),
    ]
    if neighbors:
        lines += ["", HEADER]
        for neighbor in neighbors:
            lines += neighbor_row(neighbor)
    return lines


def _memory(process: BgpProcess, tables: Sequence[BgpTable], now: datetime) -> list[str]:
    vpn = any(table.vrf is not None for table in tables)
    entries = [entry for table in tables for entry in table.entries]
    if not entries:
        return []
    paths = [path for entry in entries for path in entry.paths]
    used = [path for path in paths if not path.received_only]
    saved = len(paths) - len(used)
    attributes = {_attributes(path) for path in paths}
    best = {_attributes(path) for path in paths if path.best}
    as_paths = {path.as_path for path in paths if path.as_path}
    communities = {path.communities for path in paths if path.communities}
    network_bytes = len(entries) * (_VPN_NETWORK if vpn else _NETWORK)
    path_bytes = len(paths) * _PATH
    attribute_bytes = len(attributes) * (_VPN_ATTRIBUTE if vpn else _ATTRIBUTE)
    lines = [
        f"{len(entries)} network entries using {network_bytes} bytes of memory",
        f"{len(paths)} path entries using {path_bytes} bytes of memory",
        f"{len(attributes)}/{len(best)} BGP path/bestpath attribute entries using {attribute_bytes} bytes of memory",
    ]
    total = network_bytes + path_bytes + attribute_bytes
    if as_paths:
        lines.append(f"{len(as_paths)} BGP AS-PATH entries using {len(as_paths) * _AS_PATH} bytes of memory")
        total += len(as_paths) * _AS_PATH
    if communities:
        lines.append(f"{len(communities)} BGP community entries using {len(communities) * _COMMUNITY} bytes of memory")
        total += len(communities) * _COMMUNITY
    lines += [
        "0 BGP route-map cache entries using 0 bytes of memory",
        "0 BGP filter-list cache entries using 0 bytes of memory",
        f"BGP using {total} total bytes of memory",
    ]
    if saved:
        lines.append(f"{saved} received paths for inbound soft reconfiguration")
    peak_age = max(0.0, now.timestamp() - max((path.received_at for path in used), default=now.timestamp()))
    at = now - timedelta(seconds=peak_age)
    lines += [
        f"BGP activity {len(entries)}/0 prefixes, {len(paths)}/0 paths, scan interval {process.scan_time} secs",
        f"{len(entries)} networks peaked at {at:%H:%M:%S %b} {at.day} {at.year} UTC ({_peak_age(peak_age)} ago)",
    ]
    return lines


def _attributes(path: BgpPath) -> tuple[object, ...]:
    return path.next_hop, path.metric, path.effective_local_preference, path.as_path, path.origin, path.communities


def _peak_age(seconds: float) -> str:
    age = elapsed(seconds)
    return f"{age}.{int(seconds * 1000) % 1000:03d}" if ":" in age else age

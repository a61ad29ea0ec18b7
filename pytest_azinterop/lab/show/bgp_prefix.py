"""``show bgp … <prefix>``: one prefix with every attribute of every path."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.show.formats import as_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from pytest_azinterop.lab.config.addresses import IpAddress
    from pytest_azinterop.lab.network.bgp_records import BgpEntry, BgpPath

_ORIGINS = {"i": "IGP", "e": "EGP", "?": "incomplete"}
_GROUPS_PER_LINE = 7
_RIB_FAILURE_CODES = {"Higher admin distance": 17}


def prefix_entry(
    entry: BgpEntry, vrf: str | None, rd: str | None, soft_reconfigured: Collection[IpAddress]
) -> list[str]:
    """``soft_reconfigured``: the neighbors whose routes are also kept as they were received."""
    name = text(entry.prefix)
    if vrf is not None:
        name = f"[{rd or '0:0'}]{name}" if entry.prefix.version == 6 else f"{rd or '0:0'}:{name}"
    lines = [
        f"BGP routing table entry for {name}, version {entry.version}",
        _paths_line(entry, vrf),
        *_advertised(entry),
    ]
    received_only = {path.from_neighbor for path in entry.paths if path.received_only}
    for path in entry.paths:
        kept = ""
        if path.received_only:
            kept = ", (received-only)"
        elif not path.local and path.from_neighbor in soft_reconfigured and path.from_neighbor not in received_only:
            kept = ", (received & used)"
        lines += _path(path, vrf, kept)
    return lines


def _paths_line(entry: BgpEntry, vrf: str | None) -> str:
    number = next((index for index, path in enumerate(entry.paths, 1) if path.best), None)
    if number is None:
        return f"Paths: ({len(entry.paths)} available, no best path)"
    failure = ""
    if entry.paths[number - 1].rib_failure:
        failure = f", RIB-failure({_RIB_FAILURE_CODES.get(entry.rib_failure_reason or '', 17)})"
    return f"Paths: ({len(entry.paths)} available, best #{number}, table {vrf or 'default'}{failure})"


def _advertised(entry: BgpEntry) -> list[str]:
    if not entry.update_groups:
        return ["  Not advertised to any peer"]
    groups = entry.update_groups
    rows = (groups[start : start + _GROUPS_PER_LINE] for start in range(0, len(groups), _GROUPS_PER_LINE))
    return [
        "  Advertised to update-groups:",
        *("     " + "".join(f"{group:<11}" for group in row) for row in rows),
    ]


def _path(path: BgpPath, vrf: str | None, kept: str) -> list[str]:
    aggregated = ""
    if path.aggregated_by is not None:
        aggregated = f", (aggregated by {path.aggregated_by[0]} {path.aggregated_by[1]})"
    table = f" (via vrf {vrf})" if vrf is not None else ""
    distance = f" (metric {path.igp_metric})" if path.igp_metric else ""
    if path.inaccessible:
        distance = " (inaccessible)"
    kept += ", (suppressed due to dampening)" if path.dampened else ""
    kept += ", (stale)" if path.stale else ""
    near = f" ({text(path.link_local)})" if path.link_local is not None else ""
    lines = [
        "  Refresh Epoch 1",
        f"  {as_path(path.as_path) or 'Local'}{aggregated}{kept}",
        f"    {text(path.next_hop)}{near}{distance}{table} from {text(path.from_neighbor)} ({path.neighbor_router_id})",
        f"      {_attributes(path)}",
    ]
    if path.communities:
        lines.append(f"      Community: {' '.join(path.communities)}")
    if path.extended_communities:
        lines.append(f"      Extended Community: {' '.join(path.extended_communities)}")
    at = datetime.fromtimestamp(path.received_at, UTC)
    lines += [
        f"      rx pathid: 0, tx pathid: {'0x0' if path.best else '0'}",
        f"      Updated on {at:%b} {at.day} {at.year} {at:%H:%M:%S} UTC",
    ]
    return lines


def _attributes(path: BgpPath) -> str:
    parts = [f"Origin {_ORIGINS.get(path.origin, 'incomplete')}"]
    if path.metric is not None:
        parts.append(f"metric {path.metric}")
    parts.append(f"localpref {path.effective_local_preference}")
    if path.weight:
        parts.append(f"weight {path.weight}")
    if path.valid or path.received_only:
        parts.append("valid")
    if path.local:
        parts += ["sourced", "local"] if path.sourced != "aggregate" else ["aggregated", "local"]
    else:
        parts.append(("confed-" if path.confederation else "") + ("internal" if path.internal else "external"))
    parts += [
        word
        for present, word in (
            (path.atomic_aggregate, "atomic-aggregate"),
            (path.multipath, "multipath"),
            (path.best, "best"),
        )
        if present
    ]
    return ", ".join(parts)

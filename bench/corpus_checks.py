"""What makes a reading exact: every line that opens a record has become one, and best paths stand in the RIB."""

# ruff: noqa: ANN401 - expected results have the shape that each project gave them, and records are of many types

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from corpus_samples import Reading, Sample, read

from pytest_azinterop.iosxe import answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Per fact, what a line looks like that must become a record (or a part of one); told without the parsers' own patterns.
_ROW_END = r"^(?!.* - ).*[ \d}][ie?]$"
_OPENERS: Final = {
    fact: re.compile(pattern, re.MULTILINE)
    for fact, pattern in {
        "advertised_routes": _ROW_END,
        "received_routes": _ROW_END,
        "accepted_routes": _ROW_END,
        "bgp_table": _ROW_END,
        "bgp_prefix": r" from \S+ \([\d.]+\)$",
        "bgp_summary": r"\s4 +[\d.]+ +\d+ +\d+ +\d+ ",
        "bgp_neighbors": r"^ *BGP neighbor is ",
        "arp": r"^ *Internet ",
        "ospf_neighbors": r"^ *\d+\.\d+\.\d+\.\d+ ",
        "bfd_neighbors": r"\s\d+/\d+\s+\w+\s.*[A-Z]\S*\d$",
        "crypto_sessions": r"^ *Peer: ",
        "ikev2_sas": r"\S/\S+ +[A-Z]+(?:-[A-Z]+)?$",
        "ipsec_sas": r"^ *protected vrf:",
        "interfaces": r"^(?! *Control Plane).*, line protocol is ",
        "route_map": r", sequence \d+",
        "prefix_list": r"^ *seq \d+ ",
        "rib": r"\] via |is directly connected|is a summary|\d\], ",
    }.items()
}
_PARTS: Final = {
    "bgp_table": "paths", "advertised_routes": "paths", "received_routes": "paths", "accepted_routes": "paths",
    "bgp_prefix": "paths", "bgp_summary": "neighbors", "route_map": "entries", "prefix_list": "entries",
}  # fmt: skip


def opened(reading: Reading) -> int | None:
    """How many records the text opens, None where one answer is one record."""
    opener = _OPENERS.get(reading.fact)
    text = answer.clean(reading.text)
    if opener is None or (reading.fact == "rib" and "Routing entry for" in text):
        return None
    return len(opener.findall(text))


def count(reading: Reading) -> int:
    """How many records were read: rows, paths, entries or blocks."""
    records: Sequence[Any] = reading.parsed.records if reading.parsed is not None else ()
    if reading.fact == "rib":
        return sum(max(len(route.next_hops), 1) for table in records for route in table.routes)
    part = _PARTS.get(reading.fact)
    return len(records) if part is None else sum(len(getattr(record, part)) for record in records)


def best_paths(corpus: Path, sample: Sample, reading: Reading) -> tuple[int, tuple[str, ...]]:
    """How many best paths of a BGP table stand in the RIB of the same device, and those that do not.

    Only what BGP installs is compared: paths of the global table that are best, not the router's own and no RIB
    failure.
    """
    name = re.sub(r"show_ip_bgp(?:_all)?\.txt$", "show_ip_route.txt", sample.path.name)
    file = corpus / "route" / name
    if not sample.same_device or reading.fact != "bgp_table" or name == sample.path.name or not file.exists():
        return 0, ()
    rib = read(Sample("route", file, "show ip route", None, same_device=True))
    tables: Any = rib.parsed.records if rib.parsed is not None else ()
    installed = {
        route.prefix: {hop.address for hop in route.next_hops}
        for table in tables
        for route in table.routes
        if route.protocol == "B"
    }
    agreed, missing = 0, []
    for table in reading.parsed.records if reading.parsed is not None else ():
        for path in table.paths if is_global(table) else ():
            if path.best and not path.rib_failure and path.weight != 32768:
                if path.next_hop in installed.get(path.prefix, ()):
                    agreed += 1
                else:
                    missing.append(f"{path.prefix} via {path.next_hop}")
    return agreed, tuple(missing)


def is_global(table: Any) -> bool:
    """The table is the one that `show ip route` without a VRF shows."""
    return table.vrf is None and table.route_distinguisher is None

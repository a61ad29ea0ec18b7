"""`show bgp … PREFIX` and `show bgp … detail`: an entry per prefix, in it a block per path.

A path is found by its next hop's line (`… from NEIGHBOR (ROUTER-ID)`), the only one that is alike in every release;
the line above it is the AS path. The router's own count of paths and its number of the best one must agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers import bgp_prefix_path
from pytest_azinterop.state.bgp_detail import BgpPrefix

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.state.source import Source

_ENTRY = re.compile(
    r"BGP routing table entry for (?:\[(?P<rd6>[\d.]+:\d+)\]|(?P<rd4>[\d.]+:\d+):(?=\d+\.))?"
    r"(?P<prefix>[0-9A-Fa-f.:]+/\d+), version (?P<version>\d+)(?: \([\w -]+\))?"
)
_FOREIGN_ENTRY = re.compile(r"BGP routing table entry for \S.*, version \d+.*")
_PATHS = re.compile(
    r"Paths: \((?P<count>\d+) available, (?:best #(?P<best>\d+)|no best path)"
    r"(?:, table (?P<table>[^\s,)]+))?(?P<more>(?:, [^,]+)*)\)"
)
_FAMILY = re.compile(r"For address family: (\S.*)")
_DISTINGUISHER = re.compile(r"Route Distinguisher: \S+(?: \(default for vrf \S+\))?(?: VRF Router ID \S+)?")
_NOT_THERE = re.compile(r"% ?(?:Network|Subnet|Prefix|Route) not in (?:table|database)", re.IGNORECASE)
_NOT_ADVERTISED = re.compile(r"Not advertised to any peer")
_ADVERTISED = re.compile(r"Advertised to (?:update-groups|non peer-group peers|peer-groups)(?: \([^)]*\))?:")
_RECEIVERS = re.compile(r"[0-9A-Fa-f.: ]+|[A-Za-z][\w -]*")
_EPOCH = re.compile(r"Refresh Epoch \d+")
_HEAD_WORDS = re.compile(r"[A-Z][A-Za-z][\w/ -]*(?:: .*)?")
_GLOBAL_TABLES = {"default", "Default-IP-Routing-Table", "NULL", None}


@dataclass(slots=True)
class _Entry:
    """An entry while its lines are read. `paths` are the items of the lines that open a path."""

    opening: re.Match[str]
    first: int
    last: int
    counts: re.Match[str] | None = None
    advertised: bool = False
    paths: list[list[int]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def parse(
    text: str, source: Source, *, vrf: str | None = None, prefix: IPv4Network | IPv6Network | None = None
) -> Parsed[BgpPrefix]:
    """One record per prefix. No record: the router says that the network is not in the table.

    All paths of an entry must end with the same kinds of lines, as every release prints them.

    `vrf` and `prefix` are what was asked for: an entry of another table, or one that does not hold the prefix, is an
    error. Raises ParseError where the router's count of paths or its best path disagrees with what was read.
    """
    lines = lines_of(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    if len(content) == 1 and _NOT_THERE.fullmatch(content[0][1]):
        return Parsed(())
    next_hops = {index for index, words in content if bgp_prefix_path.NEXT_HOP.fullmatch(words)}
    above = {after: index for (index, _), (after, _) in pairwise(content) if after in next_hops}
    openings = set(above.values())
    entries: list[_Entry] = []
    families = 0
    for index, words in content:
        if opening := _ENTRY.fullmatch(words):
            entries.append(_Entry(opening, index, index))
        elif _FOREIGN_ENTRY.fullmatch(words):
            raise not_understood(lines, index, source, "an entry of an address family without IP prefixes")
        elif _FAMILY.fullmatch(words):
            families += 1
        elif _DISTINGUISHER.fullmatch(words):
            continue
        elif not entries:
            raise not_understood(lines, index, source, "not an entry of the BGP table")
        elif not _read_line(entries[-1], words, index, opens_path=index in openings):
            raise not_understood(lines, index, source, "neither an entry of the BGP table nor a part of one")
    if not entries and not families:
        raise not_understood(lines, None, source, "no entry of the BGP table")
    records = tuple(_record(entry, lines, source, vrf) for entry in entries)
    _as_asked(records, lines, source, vrf, prefix)
    return Parsed(records)


def _read_line(entry: _Entry, words: str, index: int, *, opens_path: bool) -> bool:
    entry.last = index
    if opens_path:
        entry.paths.append([index])
    elif _EPOCH.fullmatch(words):
        return entry.counts is not None
    elif entry.paths:
        entry.paths[-1].append(index)
    elif counts := _PATHS.fullmatch(words):
        entry.counts = counts
    elif _ADVERTISED.fullmatch(words):
        entry.advertised = True
    elif not (_NOT_ADVERTISED.fullmatch(words) or (entry.advertised and _RECEIVERS.fullmatch(words))):
        entry.unread.append(words)
        return _HEAD_WORDS.fullmatch(words) is not None and not words.startswith("Local")
    return True


def _record(entry: _Entry, lines: list[str], source: Source, asked: str | None) -> BgpPrefix:
    counts = entry.counts
    if counts is None:
        raise not_understood(lines, entry.first, source, "an entry without its number of paths", cause="cut-off")
    if len(entry.paths) != int(counts["count"]):
        why = f"the router counts {counts['count']} paths of this prefix, the answer holds {len(entry.paths)}"
        raise not_understood(lines, entry.first, source, why, cause="cut-off")
    paths = tuple(bgp_prefix_path.read(lines, block, source) for block in entry.paths)
    if len({(path.received_path_id is None, path.updated_at is None) for path in paths}) > 1:
        raise not_understood(lines, entry.last, source, "the last path is not complete", cause="cut-off")
    best = int(counts["best"]) if counts["best"] else None
    marked = [number for number, path in enumerate(paths, start=1) if path.best]
    if marked != ([best] if best else []):
        raise not_understood(lines, entry.first, source, f"best paths {marked}, the router says {best}")
    opening = entry.opening
    try:
        prefix = ip_network(opening["prefix"])
    except ValueError:
        raise not_understood(lines, entry.first, source, "a prefix that is none") from None
    distinguisher = opening["rd4"] or opening["rd6"]
    # Without a best path the router names no table: an entry with a route distinguisher is of the VRF that was asked.
    table = asked if counts["table"] is None and best is None and distinguisher else counts["table"]
    return BgpPrefix(
        vrf=None if table in _GLOBAL_TABLES else table,
        prefix=prefix,
        route_distinguisher=distinguisher,
        version=int(opening["version"]),
        best=best,
        rib_failure="RIB-failure" in counts["more"],
        advertised=entry.advertised,
        paths=paths,
        unread=tuple(entry.unread),
        source=source.at(entry.first + 1, entry.last + 1),
    )


def _as_asked(
    records: tuple[BgpPrefix, ...],
    lines: list[str],
    source: Source,
    vrf: str | None,
    prefix: IPv4Network | IPv6Network | None,
) -> None:
    for record in records:
        index = (record.source.lines or (1, 1))[0] - 1
        if vrf is not None and record.vrf != vrf:
            raise not_understood(lines, index, source, f"an entry that is not of VRF {vrf}")
        if prefix is not None and (
            record.prefix.version != prefix.version or not prefix.subnet_of(record.prefix)  # type: ignore[arg-type]
        ):
            raise not_understood(lines, index, source, f"an entry that does not hold {prefix}")

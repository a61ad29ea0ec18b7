"""`show ipv6 route [vrf X]`: a line per prefix, and below it a line per way out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Network, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_TITLE = re.compile(r"IPv6 Routing Table - (?P<vrf>\S+) - (?P<count>\d+) entries")
_LEGEND = re.compile(r"Codes: .*")
_LEGEND_MORE = re.compile(r"\s{3,}[A-Za-z]\w* - .*")
_PREFIX = re.compile(
    r"(?P<codes>[A-Za-z]\w{0,2}\*?)\s+(?P<prefix>[0-9A-Fa-f:.]+/\d+) \[(?P<distance>\d+)/(?P<metric>\d+)\](?:, .*)?"
)
_VIA = re.compile(
    r"via (?:(?P<address>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*|\d+\.\d+\.\d+\.\d+)(?:%(?P<table>[^\s,]+))?)?"
    r"(?:(?:, )?(?P<interface>[A-Za-z][\w/.:-]*))?(?P<how>, (?:directly connected|receive|indirectly connected))?"
    r"(?:, .*)?"
)


@dataclass(slots=True)
class _Draft:
    row: re.Match[str]
    first: int
    last: int
    hops: list[NextHop] = field(default_factory=list)


def parse(text: str, source: Source, *, vrf: str | None = None) -> Parsed[RoutingTable]:
    """One record. The title counts the entries; another number of them means that the answer was cut off.

    A table of another VRF than `vrf` is an error.
    """
    lines = lines_of(text, source)
    title: re.Match[str] | None = None
    legend = False
    drafts: list[_Draft] = []
    for index, line in enumerate(lines):
        words = line.strip()
        if not words:
            continue
        if title is None:
            title = _TITLE.fullmatch(words)
            if title is None:
                raise not_understood(lines, index, source, "not an IPv6 routing table")
        elif not drafts and (_LEGEND.fullmatch(line) or (legend and _LEGEND_MORE.fullmatch(line))):
            legend = True
        elif row := _PREFIX.fullmatch(line):
            drafts.append(_Draft(row, index, index))
        elif drafts and line[0] == " " and (via := _VIA.fullmatch(words)):
            drafts[-1].last = index
            drafts[-1].hops.append(_hop(via, lines, index, source))
        else:
            raise not_understood(lines, index, source, "a line that no IPv6 routing table has")
    if title is None or not legend:
        raise not_understood(lines, None, source, "the table's title or legend is missing", cause="cut-off")
    if int(title["count"]) != len(drafts) or any(not draft.hops for draft in drafts):
        why = f"the router counts {title['count']} entries, the answer holds {len(drafts)}"
        raise not_understood(lines, None, source, why, cause="cut-off")
    if vrf is not None and title["vrf"] != vrf:
        raise not_understood(lines, 0, source, f"a table that is not that of VRF {vrf}")
    name = None if title["vrf"] == "default" else title["vrf"]
    routes = tuple(_route(draft, name, lines, source) for draft in drafts)
    return Parsed((RoutingTable(name, None, routes, source=source),))


def _hop(via: re.Match[str], lines: list[str], index: int, source: Source) -> NextHop:
    if via["address"] is None and via["interface"] is None:
        raise not_understood(lines, index, source, "a way out that is not complete", cause="cut-off")
    try:
        address = ip_address(via["address"]) if via["address"] else None
    except ValueError:
        raise not_understood(lines, index, source, "an address that is none") from None
    return NextHop(address, long_name(via["interface"]) if via["interface"] else None, vrf=via["table"])


def _route(draft: _Draft, vrf: str | None, lines: list[str], source: Source) -> RibRoute:
    row = draft.row
    try:
        prefix = IPv6Network(row["prefix"])
    except ValueError:
        raise not_understood(lines, draft.first, source, "a prefix that is none") from None
    local = row["codes"].rstrip("*") in {"C", "L", "LC", "NDp"}
    return RibRoute(
        vrf=vrf,
        prefix=prefix,
        protocol=row["codes"][0],
        codes=row["codes"],
        distance=None if local else int(row["distance"]),
        metric=None if local else int(row["metric"]),
        next_hops=tuple(draft.hops),
        source=source.at(draft.first + 1, draft.last + 1),
    )

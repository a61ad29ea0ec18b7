"""`show ip route [vrf X] PREFIX`: one route in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.iosxe.addresses import address as to_address
from pytest_azinterop.iosxe.addresses import ipv4_network
from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_NONE = re.compile(r"% ?(?:Network|Subnet) not in table")
_TABLE = re.compile(r"Routing Table: (\S+)")
_OPENING = re.compile(r"Routing entry for (\d+\.\d+\.\d+\.\d+/\d+)(?:, supernet)?")
_KNOWN = re.compile(r'Known via "(?P<protocol>[a-z-]+)[^"]*", distance (?P<distance>\d+), metric (?P<metric>\d+).*')
_BLOCKS = "Routing Descriptor Blocks:"
_WAY = re.compile(
    r"(?:\* )?(?:directly connected|(?P<address>[0-9A-Fa-f.:]+)(?: \((?P<vrf>\S+)\))?)"
    r"(?:, from \S+?)?(?:, (?P<age>[\w:]+) ago)?"
    r"(?:, via (?P<interface>[^\s,]+)(?:, (?:merge-labels|prefer-non-rib-labels))*)?"
)
_METRIC = re.compile(r"Route metric is \d+, traffic share count is \d+")
_LETTERS: Final = {
    "bgp": "B",
    "static": "S",
    "connected": "C",
    "local": "L",
    "ospf": "O",
    "eigrp": "D",
    "isis": "i",
    "rip": "R",
    "nhrp": "H",
    "omp": "m",
    "odr": "o",
    "mobile": "M",
    "lisp": "l",
    "application": "a",
}


def parse(text: str, source: Source, *, vrf: str | None) -> Parsed[RoutingTable] | None:
    """A table with the one route, or with none where the router says so; None: this is a whole table's answer.

    Raises ParseError where the entry is cut or another VRF's.
    """
    lines = [line.strip() for line in text.split("\n")]
    content = [(index, line) for index, line in enumerate(lines) if line]
    table = None
    if content and (match := _TABLE.fullmatch(content[0][1])):
        table, content = match[1], content[1:]
    if not content:
        return None
    first, words = content[0]
    if _NONE.fullmatch(words) and len(content) == 1:
        return Parsed((RoutingTable(vrf, None, (), source=source),))
    match = _OPENING.fullmatch(words)
    if match is None:
        return None
    if vrf is not None and table != vrf:
        raise not_understood(lines, first, source, f"a route that is not of VRF {vrf}")
    route = _entry(match[1], content[1:], lines, source, table)
    return Parsed((RoutingTable(table, None, (route,), source=source),))


def _entry(prefix: str, content: list[tuple[int, str]], lines: list[str], source: Source, vrf: str | None) -> RibRoute:
    known: re.Match[str] | None = None
    ways: list[NextHop] = []
    in_blocks, complete = False, False
    for index, words in content:
        if match := _KNOWN.fullmatch(words):
            known = match
        elif words == _BLOCKS:
            in_blocks = True
        elif in_blocks and (match := _WAY.fullmatch(words)) and (match["address"] or "directly" in words):
            if ways and not complete:
                raise not_understood(lines, index, source, "the next hop before it is not complete")
            ways.append(_next_hop(match, index, lines, source))
            complete = False
        elif _METRIC.fullmatch(words):
            complete = True
        elif words.startswith("* "):
            raise not_understood(lines, index, source, "a next hop that is not understood")
    if known is None or not ways or not complete or known["protocol"] not in _LETTERS:
        raise not_understood(lines, None, source, "a routing entry that is not whole: cut off", cause="cut-off")
    letter = _LETTERS[known["protocol"]]
    own = letter in "CL"
    try:
        network = ipv4_network(prefix)
    except ValueError as wrong:
        raise not_understood(lines, 0, source, str(wrong)) from None
    return RibRoute(
        vrf,
        network,
        letter,
        letter,
        None if own else int(known["distance"]),
        None if own else int(known["metric"]),
        tuple(ways),
        source=source,
    )


def _next_hop(match: re.Match[str], index: int, lines: list[str], source: Source) -> NextHop:
    try:
        address = to_address(match["address"]) if match["address"] else None
        age = duration(match["age"]) if match["age"] else None
    except ValueError as wrong:
        raise not_understood(lines, index, source, f"a next hop that is not understood: {wrong}") from None
    return NextHop(address, match["interface"], age, match["vrf"])

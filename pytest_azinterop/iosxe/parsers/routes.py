"""`show ip route [vrf X]`, the whole table; one prefix of it is read by `route_entry`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import address as to_address
from pytest_azinterop.iosxe.addresses import ipv4_address, ipv4_network
from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers import route_entry
from pytest_azinterop.iosxe.parsers.bgp_rows import prefix
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.routing import NextHop, RibRoute, RoutingTable

if TYPE_CHECKING:
    from datetime import timedelta

    from pytest_azinterop.errors import ParseError
    from pytest_azinterop.state.source import Source

_TABLE = re.compile(r"Routing Table: (\S+)")
_GATEWAY = re.compile(r"Gateway of last resort is (?:not set|(?P<gateway>\S+) to network \S+)")
_STAMP = re.compile(r"Load for five secs: .*|(?:Time source is|No time source).*")
_CODE = re.compile(r"(?:^|[,:]\s*)(\S{1,2}) - ")
_HEADING = re.compile(
    r" *(?P<major>\d+\.\d+\.\d+\.\d+/\d+) is (?:(?P<variably>variably )?subnetted), (?P<subnets>\d+) subnets?"
    r"(?:, \d+ masks?)?"
)
_ROUTE = re.compile(
    r"(?P<codes>[A-Za-z][A-Za-z0-9*+%&# ]{0,7}?)\s+(?P<prefix>\d+\.\d+\.\d+\.\d+(?:/\d+)?)(?P<way> .*)?"
)
_AGE = r"(?:\d+:\d\d:\d\d|(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?|never)"
_INTERFACE = r"[A-Za-z][\w./:-]*\d"
_VIA = re.compile(
    r"\[(?P<distance>\d+)/(?P<metric>\d+)\]"
    r"(?: via (?P<address>[0-9A-Fa-f.:]+)(?: \((?P<vrf>[^)\s]+)\))?)?"
    rf"(?:, (?P<age>{_AGE}))?(?:, (?P<interface>{_INTERFACE}))?"
)
_CONNECTED = re.compile(
    rf"is (?:directly connected(?: \((?P<vrf>[^)\s]+)\))?|a summary)(?:, (?P<age>{_AGE}))?, (?P<interface>{_INTERFACE})"
)
# Protocols whose routes always show their age: without it the line is cut.
_AGING = frozenset("BODR")


@dataclass(slots=True)
class _Route:
    line: int
    prefix: IPv4Network
    codes: str
    distance: int | None = None
    metric: int | None = None
    ways: list[NextHop] = field(default_factory=list)
    last: int = 0


@dataclass(slots=True)
class _Heading:
    """`10.0.0.0/8 is variably subnetted, 8 subnets`: the rows of this major network that must follow."""

    line: int
    network: IPv4Network
    mask: int | None
    subnets: int
    seen: int = 0


@dataclass(slots=True)
class _Table:
    line: int
    vrf: str | None
    codes: set[str] = field(default_factory=set)
    gateway: str | None = None
    has_gateway: bool = False
    last: int = 0
    routes: list[_Route] = field(default_factory=list)


def _flush(lines: list[str]) -> list[str]:
    """The lines of an answer that was saved with all of it indented, back at the margin: codes stand in column 0."""
    margin = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[margin:] for line in lines]


class _Reader:
    def __init__(self, text: str, source: Source) -> None:
        self.lines = _flush([line.rstrip() for line in text.split("\n")])
        self.source = source
        self.tables: list[_Table] = []
        self._heading: _Heading | None = None
        self._index = 0

    def fail(self, why: str, *, index: int | None = None, cut: bool = False) -> ParseError:
        cause = "cut-off" if cut else "not-understood"
        return not_understood(self.lines, self._index if index is None else index, self.source, why, cause=cause)

    def read(self) -> None:
        for index, line in enumerate(self.lines):
            self._index = index
            if line and not self._head(line) and not self._row(line):
                raise self.fail("a line that no routing table has")
        self._close()
        for table in self.tables:
            if not table.has_gateway:
                raise self.fail("a routing table without its gateway line: cut off", index=table.line, cut=True)

    def _close(self) -> None:
        """Before a new heading or table and at the end: what was begun must be complete."""
        heading = self._heading
        if heading is not None and heading.seen < heading.subnets:
            why = f"{heading.seen} of {heading.subnets} subnets follow: cut off"
            raise self.fail(why, index=heading.line, cut=True)
        self._heading = None
        if self.tables and self.tables[-1].routes and not self.tables[-1].routes[-1].ways:
            raise self.fail("a route without a next hop: cut off", index=self.tables[-1].routes[-1].line, cut=True)

    def _head(self, line: str) -> bool:
        words = line.strip()
        table = self.tables[-1] if self.tables else None
        if table is not None and table.has_gateway and not words.startswith(("Routing Table: ", "Codes: ")):
            return False
        if match := _TABLE.fullmatch(words):
            self._close()
            self.tables.append(_Table(self._index, match[1]))
        elif words.startswith("Codes: "):
            if table is None or table.codes:
                self._close()
                self.tables.append(_Table(self._index, None))
            self.tables[-1].codes |= set(_CODE.findall(words.removeprefix("Codes: ")))
        elif table is not None and not table.has_gateway and _CODE.match(words):
            table.codes |= set(_CODE.findall(words))
        elif table is not None and not table.has_gateway and (match := _GATEWAY.fullmatch(words)):
            table.has_gateway, table.gateway, table.last = True, match["gateway"], self._index
        else:
            return not self.tables and _STAMP.fullmatch(words) is not None
        return True

    def _row(self, line: str) -> bool:
        table = self.tables[-1] if self.tables else None
        if table is None or not table.has_gateway:
            return False
        try:
            if "subnet" in line and (match := _HEADING.fullmatch(line)):
                self._close()
                self._heading = _heading(self._index, match)
            elif match := _ROUTE.fullmatch(line):
                self._route(table, match)
            elif table.routes:
                self._way(table.routes[-1], line.strip())
            else:
                return False
        except ValueError as wrong:
            raise self.fail(f"a row of the routing table that is not understood: {wrong}") from None
        return True

    def _route(self, table: _Table, match: re.Match[str]) -> None:
        if table.routes and not table.routes[-1].ways:
            raise ValueError("the route before it has no next hop")
        codes = " ".join(match["codes"].split())
        words = re.findall(r"[A-Za-z]\w?", codes)
        if any(word not in table.codes for word in words):
            raise ValueError("a code that the legend does not explain")
        route = _Route(self._index, self._prefix(match["prefix"]), codes)
        table.routes.append(route)
        if match["way"] is not None and match["way"].strip():
            self._way(route, match["way"].strip())

    def _prefix(self, text: str) -> IPv4Network:
        """A prefix without a mask has the one of the heading above it."""
        heading = self._heading
        if heading is not None and ipv4_address(text.partition("/")[0]) not in heading.network:
            self._close()
            heading = None
        if "/" not in text:
            if heading is None or heading.mask is None:
                raise ValueError("a prefix without a mask")
            text = f"{text}/{heading.mask}"
        if heading is not None:
            heading.seen += 1
        return ipv4_network(text)

    def _way(self, route: _Route, words: str) -> None:
        """A way out: behind the prefix, or alone on its line."""
        route.last = self._index
        if match := _CONNECTED.fullmatch(words):
            route.ways.append(NextHop(None, match["interface"], _age(match["age"]), match["vrf"]))
            return
        match = _VIA.fullmatch(words)
        if match is None or (match["address"] is None and match["interface"] is None):
            raise ValueError("neither `via` nor `directly connected`")
        if match["age"] is None and route.codes[0] in _AGING:
            raise ValueError("no age: cut off")
        if match["distance"] is not None:
            route.distance, route.metric = int(match["distance"]), int(match["metric"])
        address = to_address(match["address"]) if match["address"] is not None else None
        route.ways.append(NextHop(address, match["interface"], _age(match["age"]), match["vrf"]))


def _heading(line: int, match: re.Match[str]) -> _Heading:
    """`192.168.1.0/32 is subnetted` names the mask of the rows, `10.0.0.0/8 is variably subnetted` the whole's."""
    address, _, mask = match["major"].partition("/")
    if match["variably"]:
        return _Heading(line, ipv4_network(match["major"]), None, int(match["subnets"]))
    network = prefix(address)
    assert isinstance(network, IPv4Network)
    return _Heading(line, network, int(mask), int(match["subnets"]))


@lru_cache(maxsize=4096)
def _age(text: str | None) -> timedelta | None:
    return duration(text) if text else None


def parse(text: str, source: Source, *, vrf: str | None = None) -> Parsed[RoutingTable]:
    """One record per table, one with at most one route for an answer about a prefix.

    `vrf` is what was asked for: a table of anything else is then an error.
    """
    entry = route_entry.parse(text, source, vrf=vrf)
    if entry is not None:
        return entry
    reader = _Reader(text, source)
    reader.read()
    if not reader.tables:
        raise not_understood(reader.lines, None, source, "no routing table in the answer")
    for table in reader.tables:
        if vrf is not None and table.vrf != vrf:
            raise not_understood(reader.lines, table.line, source, f"a routing table that is not that of VRF {vrf}")
    return Parsed(tuple(_record(table, source) for table in reader.tables))


def _record(table: _Table, source: Source) -> RoutingTable:
    last = table.routes[-1].last if table.routes else table.last
    routes = tuple(
        RibRoute(
            table.vrf,
            route.prefix,
            route.codes[0],
            route.codes,
            route.distance,
            route.metric,
            tuple(route.ways),
            source=source.at(route.line + 1, route.last + 1),
        )
        for route in table.routes
    )
    return RoutingTable(table.vrf, table.gateway, routes, source=source.at(table.line + 1, last + 1))

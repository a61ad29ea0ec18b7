"""BGP tables: `show bgp …`, and the same rows as a neighbor's advertised, received or accepted routes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers import bgp_rows
from pytest_azinterop.state.bgp import BgpPath, BgpTable, NeighborRoutes, RouteView
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.errors import ParseError

_FAMILY = re.compile(r"For address family: (\S.*)")
_VERSION = re.compile(r"BGP table version is (\d+), local router ID is (\d+\.\d+\.\d+\.\d+)")
_DISTINGUISHER = re.compile(
    r"Route Distinguisher: (\S+)(?: \(default for vrf (\S+)\))?(?: VRF Router ID \d+\.\d+\.\d+\.\d+)?"
)
_TOTAL = re.compile(r"Total number of prefixes (\d+)")
# Lines about imports and limits that stand between a route distinguisher and its rows.
_IMPORT = re.compile(r"(?:AF-Private |Import |Export )[A-Z].*|.*\bPfx Count/Limit: .*")
# Above the rows of what a neighbor with `default-originate` is sent; the default route has no row of its own.
_ORIGINATING = re.compile(r"Originating default network (?:0\.0\.0\.0(?:/0)?|::(?:/0)?)")
_LEGEND = re.compile(r"(?:[A-Za-z*>=] [A-Za-z][\w -]+,? *)+")
_STAMP = re.compile(r"Load for five secs: .*|(?:Time source is|No time source).*")
_NO_ROW = ("Route Distinguisher:", "Total number", "For address", "AF-", "Import ", "Export ")
_IP_FAMILY = re.compile(r"(?:VPN|IP)v[46] (?:Unicast|Multicast)")


@dataclass(slots=True)
class _Table:
    """A table while it is being read. `default_vrf` is the VRF whose own table it is, None for a remote one's RD."""

    line: int
    router_id: IPv4Address | None = None
    version: int | None = None
    distinguisher: str | None = None
    default_vrf: str | None = None
    paths: list[BgpPath] = field(default_factory=list)
    ended: bool = False
    default_originated: bool = False


class _Reader:
    """One pass over the lines of an answer."""

    def __init__(self, text: str, source: Source) -> None:
        self.lines = [line.rstrip() for line in text.split("\n")]
        self.source = source
        self.tables: list[_Table] = []
        self.unread: list[str] = []
        self.totals = 0
        self.families = 0
        self._index = 0
        self._table: _Table | None = None
        self._counted_from = 0
        self._foreign_family = False
        self._legend: dict[str, str] = {}
        self._legend_key: str | None = None
        self._layout: bgp_rows.Layout | None = None
        self._regular: re.Pattern[str] | None = None
        self._statuses: dict[str, bgp_rows.Status] = {}
        self._network: IPv4Network | IPv6Network | None = None
        self._next_hop: IPv4Address | IPv6Address | None = None
        self._status: bgp_rows.Status | None = None
        self._first = 0
        self._waiting = False

    def fail(self, why: str, *, index: int | None = None, cut: bool = False) -> ParseError:
        cause = "cut-off" if cut else "not-understood"
        return not_understood(self.lines, self._index if index is None else index, self.source, why, cause=cause)

    def read(self) -> None:
        """Read every line. Raises ParseError for the first that is not understood."""
        for index, line in enumerate(self.lines):
            self._index = index
            if not line:
                continue
            if self._layout is not None and self._table is not None and line[0] in " *>rshdSVIN":
                if self._waiting or not self._regular_row(line):
                    self._row_or_words(line)
            else:
                self._words(line)
        self._index = len(self.lines) - 1
        self._close()
        if self._legend:
            raise self.fail("the table has no header line: cut off", cut=True)
        if self.tables and not self.tables[-1].paths and not self.tables[-1].ended:
            raise self.fail("a table that ends without a row: cut off", index=self.tables[-1].line, cut=True)

    # Everything that is not a row

    def _words(self, line: str) -> None:
        words = line.strip()
        if self._foreign_family and not _FAMILY.fullmatch(words):
            self.unread.append(line)
        elif not (self._family(words) or self._head(line, words) or self._inside(words)):
            raise self.fail("a line that no BGP table has")

    def _family(self, words: str) -> bool:
        match = _FAMILY.fullmatch(words) if words.startswith("For ") else None
        if match is None:
            return False
        self._close()
        self.families += 1
        self._foreign_family = _IP_FAMILY.fullmatch(match[1]) is None
        self._table, self._layout, self._legend = None, None, {}
        self._counted_from = len(self.tables)
        return True

    def _head(self, line: str, words: str) -> bool:
        """The lines above the rows: version, legends, names of the columns."""
        if match := _VERSION.fullmatch(words):
            self._close()
            router_id = bgp_rows.address(match[2])
            if router_id.version == 4:
                self._table = _Table(self._index, router_id=router_id, version=int(match[1]))
            self._layout = None
            self._legend = {"": ""}
        elif words.startswith(("Status codes: ", "Origin codes: ", "RPKI validation codes: ")):
            self._legend_key, _, explained = words.partition(": ")
            self._legend[self._legend_key] = explained
        elif self._legend and self._table is not None and _ORIGINATING.fullmatch(words):
            self._table.default_originated = True
        elif self._legend and bgp_rows.is_header(line):
            self._layout = bgp_rows.layout(
                line, self._legend.get("Status codes", ""), self._legend.get("RPKI validation codes", "")
            )
            self._regular, self._statuses = bgp_rows.regular(self._layout), {}
            self._legend, self._legend_key = {}, None
            if self._table is not None:
                self.tables.append(self._table)
        elif self._legend_key is not None and _LEGEND.fullmatch(words):
            self._legend[self._legend_key] += ", " + words
        else:
            return False
        return True

    def _inside(self, words: str) -> bool:
        """The lines between rows."""
        if match := _DISTINGUISHER.fullmatch(words):
            self._distinguisher(match[1], match[2])
        elif match := _TOTAL.fullmatch(words):
            self._total(int(match[1]))
        elif self._table is not None and _IMPORT.fullmatch(words):
            self.unread.append(words)
        else:
            return not self.tables and _STAMP.fullmatch(words) is not None
        return True

    def _distinguisher(self, value: str, vrf: str | None) -> None:
        if self._table is None or self._layout is None:
            raise self.fail("a route distinguisher outside a table")
        self._close()
        if self._table.distinguisher is not None:
            self._table.ended = True
            self._table = _Table(self._index, router_id=self._table.router_id, version=self._table.version)
            self.tables.append(self._table)
        elif self._table.paths:
            raise self.fail("rows before the first route distinguisher")
        self._table.line = self._index
        self._table.distinguisher, self._table.default_vrf = value, vrf

    def _total(self, number: int) -> None:
        """The router's own count, of rows or (where a prefix has several) of prefixes, since the family began."""
        self._close()
        counted = self.tables[self._counted_from :]
        rows = sum(len(table.paths) for table in counted)
        prefixes = sum(len({path.prefix for path in table.paths}) for table in counted)
        if number not in (rows, prefixes):
            why = f"the router counts {number} prefixes, the answer holds {prefixes} in {rows} rows: cut off"
            raise self.fail(why, cut=True)
        for table in counted:
            table.ended = True
        self._counted_from = len(self.tables)
        self.totals += 1
        self._table, self._layout = None, None

    # Rows

    def _row_or_words(self, line: str) -> None:
        if line.lstrip(" ").startswith(_NO_ROW):
            self._words(line)
            return
        try:
            self._row(line)
        except ValueError as wrong:
            raise self.fail(f"a row of the BGP table that is not understood: {wrong}") from None

    def _regular_row(self, line: str) -> bool:
        """A row on one line with everything in its column, as nearly all are; False: nothing was read."""
        assert self._regular is not None
        assert self._layout is not None
        found = self._regular.fullmatch(line)
        if found is None:
            return False
        marks, network, behind = found.groups()
        try:
            rest = bgp_rows.rest_of_regular(behind)
            if rest is None or (network is None and self._network is None):
                return False
            status = self._statuses.get(marks)
            if status is None:
                status = self._statuses[marks] = bgp_rows.status(marks, self._layout)
            if network is not None:
                self._network = bgp_rows.prefix(network)
        except ValueError:
            return False  # told where such a row is read column by column
        self._first = self._index
        self._add(status, *rest)
        return True

    def _row(self, line: str) -> None:
        layout = self._layout
        assert layout is not None
        row = bgp_rows.read(line, layout, wrapped=self._waiting and self._next_hop is None)
        if row.network is not None:
            if self._waiting:
                raise ValueError("the row before it is not complete")
            self._network = bgp_rows.prefix(row.network)
        if self._network is None:
            raise ValueError("a path without a network")
        if not self._waiting:
            self._status = bgp_rows.status(row.status, layout)
            self._first = self._index
        elif row.status.strip():
            raise ValueError("the row before it is not complete")
        if row.next_hop is not None:
            if self._next_hop is not None:
                raise ValueError("the row before it is not complete")
            self._next_hop = bgp_rows.address(row.next_hop)
        elif row.network is None and self._next_hop is None:
            raise ValueError("attributes without a next hop")
        self._waiting = row.attributes is None
        if row.attributes is not None:
            self._path(row.attributes)

    def _path(self, attributes: bgp_rows.Attributes) -> None:
        assert self._next_hop is not None
        assert self._status is not None
        self._add(self._status, self._next_hop, attributes)
        self._next_hop, self._status = None, None

    def _add(
        self, status: bgp_rows.Status, next_hop: IPv4Address | IPv6Address, attributes: bgp_rows.Attributes
    ) -> None:
        """A path of the present network, read from its first line to the present one."""
        assert self._table is not None
        assert self._network is not None
        source, last = self.source, self._index + 1
        first = last if self._first == self._index else self._first + 1
        metric, local_preference, weight, as_path, origin = attributes
        self._table.paths.append(
            BgpPath(
                self._network,
                next_hop,
                status.valid,
                status.best,
                status.internal,
                status.flags,
                metric,
                local_preference,
                weight,
                as_path,
                origin,
                status.rpki,
                source=Source(source.host, source.command, source.asked_at, (first, last)),
            )
        )

    def _close(self) -> None:
        if self._waiting:
            raise self.fail("a row that its line does not complete: cut off", index=self._first, cut=True)
        self._forget_row()

    def _forget_row(self) -> None:
        self._network, self._next_hop, self._status, self._waiting = None, None, None, False


def _read(text: str, source: Source, vrf: str | None) -> _Reader:
    reader = _Reader(text, source)
    reader.read()
    for table in reader.tables:
        nameless = table.default_originated and not table.paths and table.distinguisher is None
        if vrf is not None and table.default_vrf != vrf and not nameless:
            raise not_understood(reader.lines, table.line, source, f"a table that is not that of VRF {vrf}")
    return reader


def parse(text: str, source: Source, *, vrf: str | None = None, may_be_empty: bool = False) -> Parsed[BgpTable]:
    """One record per table: per VRF or route distinguisher, per address family.

    `vrf` is what was asked for; a table of anything else is then an error. An empty BGP table prints nothing at all:
    with `may_be_empty` an empty text is read as that.
    """
    reader = _read(text, source, vrf)
    if not reader.tables and not reader.families and not reader.totals:
        if not may_be_empty or any(reader.lines):
            raise not_understood(reader.lines, None, source, "no BGP table in the answer")
        return Parsed((BgpTable(vrf, None, None, None, (), source=source),))
    records = tuple(
        BgpTable(
            table.default_vrf,
            table.router_id,
            table.version,
            table.distinguisher,
            tuple(table.paths),
            source=source.at(table.line + 1, _last_line(table)),
        )
        for table in reader.tables
    )
    if not records and vrf is not None:
        records = (BgpTable(vrf, None, None, None, (), source=source),)
    return Parsed(records, tuple(reader.unread))


def _last_line(table: _Table) -> int:
    lines = table.paths[-1].source.lines if table.paths else None
    return lines[1] if lines is not None else table.line + 1


def parse_neighbor_routes(
    text: str,
    source: Source,
    *,
    neighbor: IPv4Address | IPv6Address,
    view: RouteView,
    vrf: str | None = None,
) -> Parsed[NeighborRoutes]:
    """What one neighbor was sent or sent us: one record per table of the answer, one without paths where there is none.

    The answer always ends with the router's own count; without it, or where it disagrees, the answer is cut off.
    """
    reader = _read(text, source, vrf)
    if view != "advertised" and any(table.default_originated for table in reader.tables):
        raise not_understood(reader.lines, None, source, "a default route that we originate, where routes come in")
    if not reader.totals or any(not table.ended for table in reader.tables):
        raise not_understood(
            reader.lines, None, source, "the answer does not end with the number of prefixes: cut off", cause="cut-off"
        )
    records = tuple(
        NeighborRoutes(
            vrf if table.distinguisher is None else table.default_vrf,
            neighbor,
            view,
            tuple(table.paths),
            table.default_originated,
            source=source.at(table.line + 1, _last_line(table)),
        )
        for table in reader.tables
        if table.paths or table.default_originated
    )
    return Parsed(records or (NeighborRoutes(vrf, neighbor, view, (), source=source),), tuple(reader.unread))

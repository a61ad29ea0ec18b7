"""`show ip ospf [PROCESS] neighbor [INTERFACE]`: a table, read by its words: long values move the columns."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.adjacency import OspfNeighbor

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEADER = re.compile(r"\s*Neighbor ID\s+Pri\s+State\s+Dead Time\s+Address\s+Interface\s*")
_ROW = re.compile(
    r"\s*(?P<id>\d+\.\d+\.\d+\.\d+)\s+(?P<priority>\d+)\s+(?P<state>[A-Z0-9]+)/\s*(?P<role>-|[A-Z]+)\s+"
    r"(?P<dead>-|\S*\d\S*)\s+(?P<address>\d+\.\d+\.\d+\.\d+)\s+(?P<interface>[A-Za-z][\w/.:-]*\d)\s*"
)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[OspfNeighbor]:
    """One record per row. None: the header stands alone, or the answer is empty and `may_be_empty`."""
    lines = lines_or_none(text, source)
    content = [(index, line) for index, line in enumerate(lines) if line]
    if not content and may_be_empty:
        return Parsed(())
    if not content or not _HEADER.fullmatch(content[0][1]):
        raise not_understood(lines, content[0][0] if content else None, source, "the table's header is missing")
    rows = [index for index, line in content[1:] if not _HEADER.fullmatch(line)]  # a header per process
    return Parsed(tuple(_neighbor(lines, index, source) for index in rows))


def _neighbor(lines: list[str], index: int, source: Source) -> OspfNeighbor:
    row = _ROW.fullmatch(lines[index])
    if row is None:
        raise not_understood(lines, index, source, "not a row of the OSPF neighbor table")
    try:
        return OspfNeighbor(
            router_id=IPv4Address(row["id"]),
            priority=int(row["priority"]),
            state=row["state"],
            role=None if row["role"] == "-" else row["role"],
            dead_in=None if row["dead"] == "-" else duration(row["dead"]),
            address=IPv4Address(row["address"]),
            interface=long_name(row["interface"]),
            source=source.at(index + 1),
        )
    except ValueError:
        raise not_understood(lines, index, source, "an address or a time that is none") from None

"""`show ipv6 neighbors [vrf X]`: the neighbor discovery cache."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import Ipv6Neighbor

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEADER = re.compile(r"\s*IPv6 Address\s+Age\s+Link-layer Addr\s+State\s+Interface\s*")
_ROW = re.compile(
    r"\s*(?P<address>[0-9A-Fa-f:.]+)\s+(?P<age>\d+|-)\s+(?P<mac>[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}|-)\s+"
    r"(?P<state>INCMP|REACH|STALE|DELAY|PROBE|GLEAN|UNO|DELETE|\?+)\s+(?P<interface>[A-Za-z][\w/.:-]*\d)\s*"
)
_UNRESOLVED = ("INCMP", "GLEAN")


def parse(text: str, source: Source, *, vrf: str | None = None, may_be_empty: bool = False) -> Parsed[Ipv6Neighbor]:
    """One record per row. None: the header stands alone, or the answer is empty and `may_be_empty`."""
    lines = lines_or_none(text, source)
    content = [(index, line) for index, line in enumerate(lines) if line]
    if not content and may_be_empty:
        return Parsed(())
    if not content or not _HEADER.fullmatch(content[0][1]):
        raise not_understood(lines, content[0][0] if content else None, source, "the table's header is missing")
    return Parsed(tuple(_neighbor(lines, index, vrf, source) for index, _ in content[1:]))


def _neighbor(lines: list[str], index: int, vrf: str | None, source: Source) -> Ipv6Neighbor:
    row = _ROW.fullmatch(lines[index])
    if row is None:
        raise not_understood(lines, index, source, "not a row of the neighbor discovery cache")
    if (row["mac"] == "-") != (row["state"] in _UNRESOLVED):
        raise not_understood(lines, index, source, "a hardware address that does not go with the state")
    try:
        address = IPv6Address(row["address"])
    except ValueError:
        raise not_understood(lines, index, source, "an address that is none") from None
    return Ipv6Neighbor(
        vrf=vrf,
        address=address,
        mac=None if row["mac"] == "-" else row["mac"].lower(),
        age=None if row["age"] == "-" else int(row["age"]),
        state=row["state"],
        interface=long_name(row["interface"]),
        source=source.at(index + 1),
    )

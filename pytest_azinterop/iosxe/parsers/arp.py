"""`show ip arp [vrf X]` and `show arp`."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import ArpEntry

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEADER = re.compile(r"\s*Protocol\s+Address\s+Age \(min\)\s+Hardware Addr\s+Type\s+Interface\s*")
_ROW = re.compile(
    r"\s*Internet\s+(?P<address>\d+\.\d+\.\d+\.\d+)\s+(?P<age>\d+|-)\s+"
    r"(?P<mac>[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}|Incomplete)\s+(?P<kind>ARPA|SNAP|SAP|[A-Z]+[A-Z-]*)(?:\s+(?P<interface>[A-Za-z][\w/.:-]*\d))?\s*"
)


def parse(text: str, source: Source, *, vrf: str | None = None, may_be_empty: bool = False) -> Parsed[ArpEntry]:
    """One record per row. None: the header stands alone, or the answer is empty and `may_be_empty`."""
    lines = lines_or_none(text, source)
    content = [(index, line) for index, line in enumerate(lines) if line]
    if not content and may_be_empty:
        return Parsed(())
    if not content or not _HEADER.fullmatch(content[0][1]):
        raise not_understood(lines, content[0][0] if content else None, source, "the table's header is missing")
    return Parsed(tuple(_entry(lines, index, vrf, source) for index, _ in content[1:]))


def _entry(lines: list[str], index: int, vrf: str | None, source: Source) -> ArpEntry:
    row = _ROW.fullmatch(lines[index])
    if row is None:
        raise not_understood(lines, index, source, "not a row of the ARP table")
    # Only an unanswered or a configured entry stands without an interface.
    learned = row["mac"] != "Incomplete" and row["age"] != "-"
    if row["interface"] is None and (learned or unterminated(lines, index)):
        raise not_understood(lines, index, source, "a row of the ARP table without its interface", cause="cut-off")
    try:
        address = IPv4Address(row["address"])
    except ValueError:
        raise not_understood(lines, index, source, "an address that is none") from None
    return ArpEntry(
        vrf=vrf,
        address=address,
        mac=None if row["mac"] == "Incomplete" else row["mac"].lower(),
        age=None if row["age"] == "-" else int(row["age"]),
        kind=row["kind"],
        interface=row["interface"],
        source=source.at(index + 1),
    )

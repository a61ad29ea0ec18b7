"""`show vrf` and `show ip vrf`.

Columns move between releases, and the header by two against its rows, so a row is read by its words: the route
distinguisher (or `<not set>`) is what makes a line a VRF's first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import Vrf

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEADER = re.compile(r"\s*Name\s+Default RD\s+(?:Protocols\s+)?Interfaces\s*")
_ROW = re.compile(
    r"\s{0,4}(?P<name>\S+)\s+(?P<rd><not set>|[\d.]+:\d+)(?:\s+(?P<protocols>ipv[46](?:,ipv[46])?))?"
    r"(?:\s+(?P<interface>[A-Za-z]\S*\d))?\s*"
)
_MORE = re.compile(r"\s{10,}(?P<interface>[A-Za-z]\S*\d)\s*")


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[Vrf]:
    """One record per VRF. None: the header stands alone, or the answer is empty and `may_be_empty`."""
    lines = lines_or_none(text, source)
    content = [(index, line) for index, line in enumerate(lines) if line]
    if not content and may_be_empty:
        return Parsed(())
    if not content or not _HEADER.fullmatch(content[0][1]):
        raise not_understood(lines, content[0][0] if content else None, source, "the table's header is missing")
    vrfs: list[tuple[re.Match[str], list[str], int, int]] = []
    for index, line in content[1:]:
        row = _ROW.fullmatch(line)
        if row and row["interface"] is None and unterminated(lines, index):
            raise not_understood(lines, index, source, "the last row may not be complete", cause="cut-off")
        if row:
            vrfs.append((row, [row["interface"]] if row["interface"] else [], index, index))
        elif (more := _MORE.fullmatch(line)) and vrfs:
            row, interfaces, first, _ = vrfs[-1]
            vrfs[-1] = (row, [*interfaces, more["interface"]], first, index)
        else:
            raise not_understood(lines, index, source, "not a row of the VRF table")
    return Parsed(
        tuple(
            Vrf(
                name=row["name"],
                route_distinguisher=None if row["rd"] == "<not set>" else row["rd"],
                interfaces=tuple(long_name(name) for name in interfaces),
                source=source.at(first + 1, last + 1),
            )
            for row, interfaces, first, last in vrfs
        )
    )

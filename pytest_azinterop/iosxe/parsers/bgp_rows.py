"""The rows of a BGP table: where the columns are, and what a row says.

IOS-XE prints the network at the column of its header or one to the right of it (from 16 on), wraps a network or next
hop that is too long, and leaves out what repeats or is not set. Metric, local preference and weight are right-aligned
at fixed distances from each other, and one blank after the weight the AS path begins. Reading by words instead would
take the first ASNs of a path for the columns that are blank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import AF_INET, inet_pton
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_azinterop.iosxe.parsers.as_path import as_path

if TYPE_CHECKING:
    from pytest_azinterop.state.bgp import AsPath

_HEADER = re.compile(r" *Network {10,}Next Hop {10,}Metric LocPrf Weight Path")
_CODE = re.compile(r"(?:^|[,:])\s*([^\s,]) [A-Za-z]")
# What a release may not list in its legend although it prints it.
_ALWAYS: Final = frozenset("sdh*>irS")
_METRIC_WIDTH, _PREFERENCE_WIDTH, _WEIGHT_WIDTH = 10, 7, 7
_NEXT_HOP_WIDTH = 16
# A column is seven wide: rows that stand a little off (an address was replaced by a longer one) are still unambiguous.
_TOLERANCE = 3
_MAX_WEIGHT = 65535
# A router prints what it holds: `*` or one of these in its place. All but damped and history paths are usable.
_USABLE: Final = frozenset("*>rsS")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one table: `network` is where the header says `Network` (0-based), `codes` the status characters
    of its legend, `rpki` those of the validation legend."""

    network: int
    next_hop: int
    codes: frozenset[str]
    rpki: frozenset[str]


class Attributes(NamedTuple):
    """What stands behind the next hop."""

    metric: int | None
    local_preference: int | None
    weight: int
    as_path: AsPath
    origin: str


@dataclass(frozen=True, slots=True)
class Status:
    """The characters before the network."""

    valid: bool
    best: bool
    internal: bool
    flags: str
    rpki: str | None


class Row(NamedTuple):
    """A line of the table. `network` None: the line continues the one before; `next_hop` None: the network filled the
    line; `attributes` None: the next hop did."""

    status: str
    network: str | None
    next_hop: str | None
    attributes: Attributes | None


def is_header(line: str) -> bool:
    """Whether this is the line with the names of the columns."""
    return _HEADER.fullmatch(line.rstrip()) is not None


@lru_cache(maxsize=64)
def layout(header: str, status_legend: str, rpki_legend: str) -> Layout:
    """The layout that a header line and the legends above it announce. ValueError: these are not IOS-XE's."""
    if not is_header(header):
        raise ValueError("not the header of a BGP table")
    codes = _ALWAYS | frozenset(_CODE.findall(status_legend))
    return Layout(header.index("Network"), header.index("Next Hop"), codes, frozenset(_CODE.findall(rpki_legend)))


def read(line: str, columns: Layout, *, wrapped: bool) -> Row:
    """Take a line apart by its columns; `wrapped`: the line before it ended behind its network. ValueError names what
    is wrong."""
    start = _network_column(line, columns)
    if start is None:
        return _continued(line, columns, wrapped=wrapped)
    network, _, rest = line[start:].partition(" ")
    if not rest:
        return Row(line[:start], network, None, None)
    column = len(line) - len(rest.lstrip(" "))
    return Row(line[:start], network, *from_next_hop(line[column:]))


@lru_cache(maxsize=64)
def regular(columns: Layout) -> re.Pattern[str]:
    """What most rows look like: status, network (none where it repeats) and all that begins with the next hop, each in
    its column. `read` takes such a line apart in the same way, and every other one too.
    """
    least = max(columns.next_hop - 3 - columns.network, 1)
    network, next_hop = r"([0-9A-Fa-f:.]+(?:/[0-9]+)?) +", rf" {{{least},}}(?=[^ .:]*[.:])"
    return re.compile(rf"([^0-9]{{{columns.network}}} ?)(?:{network}|{next_hop})([^ ].*)")


def _network_column(line: str, columns: Layout) -> int | None:
    """Where the network starts; None when the column is blank."""
    nominal = columns.network
    head, at, after = line[:nominal], line[nominal : nominal + 1], line[nominal + 1 : nominal + 2]
    if any(char.isdigit() for char in head):
        # Releases whose legend grew while their rows did not: the rows start two columns before their header.
        first = next(index for index, char in enumerate(head) if char.isdigit())
        if first < nominal - 2:
            raise ValueError("the network does not stand in its column")
        return first
    if at not in ("", " ") and not (at == "t" and "t" in columns.codes):
        return nominal
    return nominal + 1 if after not in ("", " ") else None


def _continued(line: str, columns: Layout, *, wrapped: bool) -> Row:
    """A row whose network is blank; `wrapped`: the line before it stopped behind its network."""
    rest = line[columns.network + 1 :].lstrip(" ")
    column = len(line) - len(rest)
    status = line[: columns.network + 1]
    first = rest.partition(" ")[0]
    if not rest:
        raise ValueError("a row without network and next hop")
    if "." not in first and ":" not in first:
        return Row(status, None, None, _attributes(line, 0, None))
    if column < columns.next_hop - 2 and not wrapped:
        raise ValueError("neither network nor next hop stand in their columns")
    return Row(status, None, *from_next_hop(line[column:]))


@lru_cache(maxsize=16_384)
def rest_of_regular(behind: str) -> tuple[IPv4Address | IPv6Address, Attributes] | None:
    """The next hop and what follows it; None where the line stops behind the next hop. ValueError as `read`."""
    next_hop, attributes = from_next_hop(behind)
    return None if attributes is None else (address(next_hop), attributes)


@lru_cache(maxsize=16_384)
def from_next_hop(behind: str) -> tuple[str, Attributes | None]:
    """The part of a line that begins with its next hop: all its columns count from there, and most rows of a table
    share it with many others."""
    next_hop, _, rest = behind.partition(" ")
    if not rest:
        return next_hop, None
    # What stands before the next hop is blank, and is looked at where a column seems to reach that far.
    column = 2
    line = " " * column + behind
    end = column + len(next_hop)
    return next_hop, _attributes(line, end, max(column + _NEXT_HOP_WIDTH, end) + _METRIC_WIDTH)


def _attributes(line: str, end: int, boundary: int | None) -> Attributes:
    """Read the columns behind position `end`.

    The AS path holds single blanks only, and a weight has five digits in seven columns, so the last double blank
    stands before the weight. Local preference and metric are right-aligned seven and fourteen columns to its left.
    `boundary`: where metric and local preference meet, by the start of the next hop (None: it is on another line). It
    tells them apart where they touch, and a first ASN from a weight where a blank was lost.
    """
    gap = line.rfind("  ")
    weight, blank, path = line[gap + 2 :].partition(" ")
    if gap < end - 1 or not blank:
        raise ValueError("no weight in its column, or the row is cut")
    if not path or path[-1] not in "ie?" or path[-2:-1] not in ("", " "):
        raise ValueError("the row does not end with an origin code: cut off")
    weight_end = gap + 2 + len(weight)
    middle = weight_end - _WEIGHT_WIDTH - _PREFERENCE_WIDTH
    if line[max(middle - 1, 0) : middle + 1].isdigit():
        if boundary is None:
            raise ValueError("metric and local preference touch")
        middle = boundary
    elif boundary is not None and abs(middle - boundary) > _TOLERANCE:
        raise ValueError("the columns are not where they should be")
    elif boundary not in (None, middle) and line[middle : middle + 1].isdigit():
        raise ValueError("a local preference that fills its column may be the end of a metric")
    first = max(end, middle - _METRIC_WIDTH)
    preference_end = weight_end - _WEIGHT_WIDTH
    outside = line[end:first] + line[preference_end:gap]
    if middle < end or preference_end - middle < _PREFERENCE_WIDTH or outside.strip(" "):
        raise ValueError("something stands outside the columns")
    heaviness = _number(weight)
    if heaviness is None or heaviness > _MAX_WEIGHT:
        raise ValueError("not a weight")
    return Attributes(
        metric=_number(line[first:middle]),
        local_preference=_number(line[middle:preference_end]),
        weight=heaviness,
        as_path=as_path(path[:-1]),
        origin=path[-1],
    )


def _number(cell: str) -> int | None:
    """The number at the right end of a column; None when it is blank."""
    digits = cell.lstrip(" ")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or (digits[0] == "0" and digits != "0"):
        raise ValueError(f"not a number in its column: {cell.strip()[:20]!r}")
    number = int(digits)
    if number >= 2**32:
        raise ValueError(f"out of range: {digits[:20]}")
    return number


@lru_cache(maxsize=4096)
def status(text: str, columns: Layout) -> Status:
    """Read the characters before the network; ValueError for one that the legend does not explain."""
    rpki = None
    if text[:1] in columns.rpki:
        rpki, text = text[0], text[1:]
    marks = text.replace(" ", "")
    unknown = set(marks) - columns.codes
    if unknown:
        raise ValueError(f"a status that the legend does not explain: {min(unknown)!r}")
    if len(set(marks)) != len(marks):
        raise ValueError("a status character twice")
    return Status(
        valid=not _USABLE.isdisjoint(marks) and "h" not in marks and "d" not in marks,
        best=">" in marks,
        internal="i" in marks,
        flags=marks.replace("*", "").replace(">", ""),
        rpki=rpki,
    )


@lru_cache(maxsize=65536)
def prefix(text: str) -> IPv4Network | IPv6Network:
    """A network as printed; without a mask the length is that of its class (IOS leaves it out then).

    Bits behind the length, which no router prints, come from addresses that somebody replaced in a saved answer; they
    are dropped, as IOS-XE drops them from what is typed.
    """
    if "/" in text:
        address, _, length = text.partition("/")
        if not (length.isascii() and length.isdigit()):
            raise ValueError(f"not a prefix: {text[:50]!r}")
        if ":" in address:
            return IPv6Network(text, strict=False)
        try:
            # Half the time of IPv4Network's own reading, and as strict.
            number = int.from_bytes(inet_pton(AF_INET, address), "big")
        except OSError:
            return IPv4Network(text, strict=False)
        return IPv4Network((number, int(length)), strict=False)
    first = int(IPv4Address(text))
    if first == 0:
        return IPv4Network((0, 0))
    octet = first >> 24
    if octet >= 224:
        raise ValueError(f"a prefix without a mask: {text[:50]!r}")
    return IPv4Network((first, 8 if octet < 128 else 16 if octet < 192 else 24))


@lru_cache(maxsize=65536)
def address(text: str) -> IPv4Address | IPv6Address:
    """A next hop."""
    return ip_address(text)

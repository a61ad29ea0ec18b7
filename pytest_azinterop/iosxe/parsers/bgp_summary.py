"""`show bgp … summary`: a head and a table per address family.

A row is read by its words from the right: the address may touch the next column or stand on a line of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.as_path import asn
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.bgp_detail import BgpSummary, NeighborSummary

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_FAMILY = re.compile(r"For address family: (\S.*)")
_IDENTITY = re.compile(r"BGP router identifier (\d+\.\d+\.\d+\.\d+), local AS number (\S+)")
_VERSION = re.compile(r"BGP table version is (\d+), main routing table version \d+")
_HEADER = re.compile(r"Neighbor\s+V\s+AS\s+MsgRcvd\s+MsgSent\s+TblVer\s+InQ\s+OutQ\s+Up/Down\s+State/Pfx\w+")
_ROW = re.compile(
    r"(?:(?P<dynamic>\*)?(?P<address>[0-9A-Fa-f.:]+)\s+)?4\s+(?P<asn>[\d.]+)\s+(?P<received>\d+)\s+(?P<sent>\d+)\s+"
    r"\d+\s+\d+\s+\d+\s+(?P<time>never|\d\S*)\s+(?P<state>\d+|[A-Z][A-Za-z]+(?: ?\([A-Za-z]+\))?)"
)
_ALONE = re.compile(r"(?P<dynamic>\*)?(?P<address>[0-9A-Fa-f.:]+)")
_HEAD_WORDS = re.compile(
    r"[\d/]+ [\w /-]+ using \d+ bytes of memory|BGP using \d+ total bytes of memory|BGP activity .* secs"
    r"|\d+ (?:received paths|multipath network|history paths|dampened paths|networks peaked)[\w ,:/.()-]*"
    r"|[A-Z][\w -]+ (?:is|are) [\w ,-]+|\* Dynamically created based on a listen range command"
    r"|Dynamically created neighbors: .*|Subnet range neighbors: .*|BGP peergroup .*|\S+ listen range group members:"
    r"|Total dynamically created neighbors: .*|Peer Group .*|\S+/\d+"
)
_STATES = {"Idle", "Active", "Connect", "OpenSent", "OpenConfirm", "Closing"}


@dataclass(slots=True)
class _Family:
    """An address family while its lines are read. `alone` is an address whose columns stand on the next line."""

    name: str | None
    first: int
    last: int
    router_id: IPv4Address | None = None
    local_as: int | None = None
    version: int | None = None
    header: bool = False
    alone: re.Match[str] | None = None
    neighbors: list[NeighborSummary] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, vrf: str | None = None, may_be_empty: bool = False) -> Parsed[BgpSummary]:
    """One record per address family that has a router identifier; families that are only named have none.

    None at all: only names of families, or an answer that is empty where `may_be_empty`. A family without a neighbor
    has a head with the table version and no table; the names of the columns without a row below were cut off.
    """
    lines = lines_or_none(text, source)
    families: list[_Family] = []
    for index, line in enumerate(lines):
        if words := line.strip():
            _read_line(families, words, lines, index, source)
    if not families and not may_be_empty:
        raise not_understood(lines, None, source, "the answer does not say that there are no neighbors")
    for family in families:
        without_rows = family.header or family.version is None
        if family.alone is not None or (family.router_id is not None and not family.neighbors and without_rows):
            raise not_understood(lines, family.last, source, "a summary without all its neighbors", cause="cut-off")
    return Parsed(tuple(_record(family, vrf, source) for family in families if family.router_id is not None))


def _read_line(families: list[_Family], words: str, lines: list[str], index: int, source: Source) -> None:
    if found := _FAMILY.fullmatch(words):
        families.append(_Family(found[1], index, index))
        return
    identity = _IDENTITY.fullmatch(words)
    if identity and not families:
        families.append(_Family(None, index, index))
    if not families:
        raise not_understood(lines, index, source, "not a BGP summary")
    family = families[-1]
    family.last = index
    if identity and family.router_id is None:
        family.router_id, family.local_as = IPv4Address(identity[1]), _asn(identity[2], lines, index, source)
    elif family.header and (found := _ROW.fullmatch(words)):
        family.neighbors.append(_neighbor(found, family.alone, lines, index, source))
        family.alone = None
    elif family.header and family.alone is None and (found := _ALONE.fullmatch(words)):
        family.alone = found
    elif family.alone is not None or not _head(family, words):
        raise not_understood(lines, index, source, "not a line of a BGP summary")


def _head(family: _Family, words: str) -> bool:
    if found := _VERSION.fullmatch(words):
        family.version = int(found[1])
    elif _HEADER.fullmatch(words):
        family.header = True
    elif _HEAD_WORDS.fullmatch(words):
        family.unread += [words] if not words[0].isdigit() and not words.startswith("BGP ") else []
    else:
        return False
    return True


def _neighbor(
    row: re.Match[str], alone: re.Match[str] | None, lines: list[str], index: int, source: Source
) -> NeighborSummary:
    place = alone if row["address"] is None else row
    if place is None or (alone is not None and row["address"] is not None):
        raise not_understood(lines, index, source, "a row without its own neighbor")
    state, _, reason = row["state"].partition("(")
    counted = state.isdigit()
    if not counted and state.strip() not in _STATES:
        raise not_understood(lines, index, source, "a state that BGP does not have")
    if row["state"] == "Idle" and unterminated(lines, index):  # `(Admin)` or `(PfxCt)` may follow
        raise not_understood(lines, index, source, "the last row may not be complete", cause="cut-off")
    try:
        return NeighborSummary(
            address=ip_address(place["address"]),
            remote_as=asn(row["asn"]),
            state="Established" if counted else state.strip(),
            accepted_prefixes=int(state) if counted else None,
            in_state_for=duration(row["time"]),
            messages_received=int(row["received"]),
            messages_sent=int(row["sent"]),
            shutdown=reason == "Admin)",
            dynamic=place["dynamic"] is not None,
            source=source.at(index + 1 - (alone is not None), index + 1),
        )
    except ValueError:
        raise not_understood(lines, index, source, "an address, AS number or time that is none") from None


def _asn(text: str, lines: list[str], index: int, source: Source) -> int:
    try:
        return asn(text)
    except ValueError:
        raise not_understood(lines, index, source, "an AS number that is none") from None


def _record(family: _Family, vrf: str | None, source: Source) -> BgpSummary:
    return BgpSummary(
        vrf=vrf,
        family=family.name,
        router_id=family.router_id,
        local_as=family.local_as,
        table_version=family.version,
        neighbors=tuple(family.neighbors),
        unread=tuple(family.unread),
        source=source.at(family.first + 1, family.last + 1),
    )

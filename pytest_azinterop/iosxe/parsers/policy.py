"""`show route-map` and `show ip prefix-list [detail]`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.routing import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_ENTRY = re.compile(r"route-map (\S+), (permit|deny), sequence (\d+)(?:, identifier \d+)?")
_NO_MAP = re.compile(
    r"%? ?route-map \S+ (?:not found|not defined|does not exist)|% ?no such route-map.*", re.IGNORECASE
)
_END = re.compile(r"Policy routing matches: (\d+) packets, \d+ bytes")
_HEADINGS = re.compile(r"(?:STATIC|DYNAMIC) routemaps|Current active dynamic routemaps = \d+")
_CONTINUE = re.compile(r"Continue: .+")

_LIST = re.compile(r"(?:ip|ipv6) prefix-list (\S+):(?: (\d+) entr(?:y|ies))?")
_COUNT = re.compile(r"count: (\d+), range entries: \d+, sequences: \d+ - \d+, refcount: \d+")
_SEQUENCE = re.compile(
    r"seq (?P<sequence>\d+) (?P<action>permit|deny) (?P<prefix>[0-9A-Fa-f.:]+/\d+)"
    r"(?: ge (?P<ge>\d+))?(?: le (?P<le>\d+))?(?: \(hit count: (?P<hits>\d+), refcount: \d+\))?"
)
_NO_LIST = re.compile(
    r"% ?(?:can'?t|cannot) find .*prefix[- ]list.*|% ?no such prefix-list.*"
    r"|%.*prefix-list \S+ (?:not found|does not exist)",
    re.IGNORECASE,
)
_LATEST = re.compile(r"Prefix-list with the last deletion/insertion: .*")


@dataclass(slots=True)
class _Entry:
    first: int
    name: str
    permit: bool
    sequence: int
    matches: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    description: str | None = None
    clauses: list[str] | None = None
    margin: int = 0
    seen: int = 0
    policy_matches: int | None = None


def parse_route_maps(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[RouteMap]:
    """One record per route-map, entries in the printed order; none where the name is not defined.

    Some releases of IOS-XE print what BGP sets behind the policy routing counter, indented as the other clauses are.
    """
    printed = text.split("\n")
    lines = [line.strip() for line in printed]
    entries: list[_Entry] = []
    undefined = headings = False
    below: _Entry | None = None  # the sequence whose counter stands above
    for index, line in enumerate(lines):
        entry = entries[-1] if entries and entries[-1].policy_matches is None else None
        if not line:
            continue
        if match := _ENTRY.fullmatch(line):
            if entry is not None:
                raise not_understood(lines, index, source, "the sequence before it is not complete: cut off")
            entries.append(_Entry(index, match[1], match[2] == "permit", int(match[3])))
        elif entry is not None:
            if not _route_map_line(entry, line, indent(printed[index])):
                raise not_understood(lines, index, source, "a line that no route-map has")
            below = entry
        elif _HEADINGS.fullmatch(line):
            headings, below = True, None
        elif below is not None and indent(printed[index]) > below.margin:
            below.sets.append(" ".join(line.split()))
        elif _NO_MAP.fullmatch(line) and not entries:
            undefined = True
        else:
            raise not_understood(lines, index, source, "a line outside the sequences of a route-map")
    if entries and entries[-1].policy_matches is None:
        raise not_understood(lines, entries[-1].first, source, "a sequence that is cut off", cause="cut-off")
    if not entries and not undefined and not headings and (any(lines) or not may_be_empty):
        raise not_understood(lines, None, source, "no route-map in the answer")
    return Parsed(_route_maps(entries, source))


def _route_map_line(entry: _Entry, line: str, margin: int) -> bool:
    """Read a line of a sequence: the clauses come in two lists, each indented below its title, and the policy routing
    counter ends it."""
    if line == "Match clauses:" and entry.seen == 0:
        entry.clauses, entry.seen, entry.margin = entry.matches, 1, margin
    elif line == "Set clauses:" and entry.seen == 1:
        entry.clauses, entry.seen, entry.margin = entry.sets, 2, margin
    elif (match := _END.fullmatch(line)) and entry.seen == 2:
        entry.policy_matches = int(match[1])
    elif _CONTINUE.fullmatch(line):
        entry.sets.append(line)
    elif entry.clauses is not None and margin > entry.margin:
        entry.clauses.append(" ".join(line.split()))
    elif entry.seen == 0 and line.lower().startswith("description"):
        entry.description = line[len("description") :].lstrip(": ")
    else:
        return False
    return True


def _route_maps(entries: list[_Entry], source: Source) -> tuple[RouteMap, ...]:
    names = dict.fromkeys(entry.name for entry in entries)
    return tuple(
        RouteMap(
            name,
            tuple(
                RouteMapEntry(
                    entry.sequence,
                    entry.permit,
                    tuple(entry.matches),
                    tuple(entry.sets),
                    entry.description,
                    entry.policy_matches,
                )
                for entry in entries
                if entry.name == name
            ),
            source=source.at(next(entry.first for entry in entries if entry.name == name) + 1),
        )
        for name in names
    )


@dataclass(slots=True)
class _List:
    first: int
    name: str
    count: int | None
    detail: bool
    entries: list[PrefixListEntry] = field(default_factory=list)
    last: int = 0


def parse_prefix_lists(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[PrefixList]:
    """One record per prefix-list, checked against the printed count; none where the name is not defined."""
    lines = [line.strip() for line in text.split("\n")]
    found: list[_List] = []
    undefined = False
    for index, line in enumerate(lines):
        if not line:
            continue
        if match := _LIST.fullmatch(line):
            found.append(_List(index, match[1], int(match[2]) if match[2] else None, not match[2]))
        elif found and found[-1].count is None and (match := _COUNT.fullmatch(line)):
            found[-1].count = int(match[1])
        elif found and (match := _SEQUENCE.fullmatch(line)) and bool(match["hits"]) == found[-1].detail:
            found[-1].entries.append(_sequence(match, index, lines, source))
            found[-1].last = index
        elif found and not found[-1].entries and line.startswith("Description:"):
            continue
        elif _NO_LIST.fullmatch(line) and not found:
            undefined = True
        elif not (_LATEST.fullmatch(line) and not found):
            raise not_understood(lines, index, source, "a line that no prefix-list has")
    for each in found:
        if each.count != len(each.entries):
            why = f"the router counts {each.count} sequences of {each.name}, the answer holds {len(each.entries)}"
            raise not_understood(lines, each.first, source, f"{why}: cut off", cause="cut-off")
    if not found and not undefined and (any(lines) or not may_be_empty):
        raise not_understood(lines, None, source, "no prefix-list in the answer")
    return Parsed(
        tuple(
            PrefixList(each.name, tuple(each.entries), source=source.at(each.first + 1, each.last + 1))
            for each in found
        )
    )


def _sequence(match: re.Match[str], index: int, lines: list[str], source: Source) -> PrefixListEntry:
    """Bits behind the length count for nothing in a match, so they are dropped."""
    try:
        prefix = ip_network(match["prefix"], strict=False)
    except ValueError as wrong:
        raise not_understood(lines, index, source, f"a sequence that is not understood: {wrong}") from None
    ge, le, hits = (int(match[name]) if match[name] else None for name in ("ge", "le", "hits"))
    if not prefix.prefixlen <= (ge or prefix.prefixlen) <= (le or prefix.max_prefixlen) <= prefix.max_prefixlen:
        raise not_understood(lines, index, source, "a sequence whose ge and le are out of range")
    return PrefixListEntry(int(match["sequence"]), match["action"] == "permit", prefix, ge, le, hits)

"""What a route-map and the lists around it do to a route, as far as IOS-XE's rules are known and the record shows.

A clause that is not modelled leaves the outcome open (`Verdict.OPEN`): it is never guessed.

Sources: Cisco "IP Routing: BGP Configuration Guide" (order of clauses, implicit deny); for undefined names, what IOS-XE
does: an undefined route-map denies everything, an undefined list in a match matches everything, an undefined
prefix-list on a neighbor filters nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.verify import community_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.state.routing import PrefixList, RouteMap, RouteMapEntry
    from pytest_azinterop.verify.community_list import CommunityList


class Verdict(Enum):
    """What a policy does with a route."""

    PERMIT = "permit"
    DENY = "deny"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Effect:
    """A verdict, and the attributes that the policy sets (None: left as they are).

    `sequence` is the route-map entry that decided, None without one. `because` says what left the outcome open. `sets`
    are the set clauses of all entries that were applied, in their order.
    """

    verdict: Verdict
    local_preference: int | None = None
    weight: int | None = None
    sequence: int | None = None
    because: str | None = None
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AsPathList:
    """`ip as-path access-list`: actions and regular expressions as configured."""

    name: str
    entries: tuple[tuple[bool, str], ...]

    def permits(self, as_path: str) -> bool:
        """First match wins; no match denies. Raises re.error for an expression that is not understood."""
        for permit, expression in self.entries:
            if re.search(_python_expression(expression), as_path):
                return permit
        return False


@dataclass(frozen=True, slots=True)
class Definitions:
    """The names that a router knows.

    `continues` has the `continue` clauses: per route-map and sequence the sequence to go on with, 0 for the next one.
    """

    route_maps: Mapping[str, RouteMap]
    prefix_lists: Mapping[str, PrefixList]
    as_path_lists: Mapping[str, AsPathList] = field(default_factory=dict)
    community_lists: Mapping[str, CommunityList] = field(default_factory=dict)
    continues: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """A match: its kind (`prefix-list`, `next-hop prefix-list`, `as-path`, …, or `other`) and the names or numbers.

    `version` is that of the addresses which it matches, None where it matches none.
    """

    kind: str
    values: tuple[str, ...]
    text: str
    version: int | None = None


_MATCHES = (
    ("prefix-list", re.compile(r"(?:ip|ipv6) address prefix-lists?:?\s+(.+)")),
    ("next-hop prefix-list", re.compile(r"(?:ip|ipv6) next-hop prefix-lists?:?\s+(.+)")),
    ("as-path", re.compile(r"as-path\s+(?:\(as-path filter\):?)?\s*(.+)")),
    ("access-list", re.compile(r"(?:ip|ipv6) address\s+(?:\(access-lists\):)?\s*(.+)")),
    ("community", re.compile(r"community\s+(?:\(community-list filter\):?)?\s*(.+)")),
    ("metric", re.compile(r"metric\s+(\d+)")),
    ("local-preference", re.compile(r"local-preference\s+(.+)")),
)


def clause(text: str) -> Clause:
    """A match line of `show route-map` or of the configuration."""
    words = " ".join(text.removeprefix("match ").split())
    for kind, pattern in _MATCHES:
        if found := pattern.fullmatch(words):
            version = {"ip": 4, "ipv6": 6}.get(words.split()[0])
            return Clause(kind, tuple(found[1].split()), words, version)
    return Clause("other", (), words)


def setting(entry: RouteMapEntry, attribute: str) -> int | None:
    """The number that an entry sets for an attribute, None where it sets none."""
    return _number(entry.sets, attribute)


def _number(sets: Iterable[str], attribute: str) -> int | None:
    """The last number that these clauses set for an attribute."""
    found = None
    for text in sets:
        words = text.removeprefix("set ").split()
        if len(words) == 2 and words[0] == attribute and words[1].isdigit():
            found = int(words[1])
    return found


def apply_route_map(name: str, path: BgpPath, known: Definitions, communities: tuple[str, ...] | None = None) -> Effect:
    """What this route-map does with this path; its communities as printed, None where they were not read.

    An entry with `continue` applies its set clauses and goes on with a later one. Where none of those matches, the
    route is permitted; what a later deny does, and a match on what an earlier entry sets, is not agreed on anywhere,
    and leaves the outcome open. Source: Cisco "IP Routing: BGP Configuration Guide", BGP route-map continue.
    """
    route_map = known.route_maps.get(name)
    if route_map is None:
        return Effect(Verdict.DENY, because=f"route-map {name} is undefined")
    continues = known.continues.get(name, {})
    sets: tuple[str, ...] = ()
    decided, at = None, 0
    for entry in sorted(route_map.entries, key=lambda each: each.sequence):
        if entry.sequence < at:
            continue
        matched, because = _matches(entry, path, known, communities)
        if decided is not None and matched is not False and (again := _set_before(entry, sets)):
            matched, because = None, f"the clause 'match {again}' is about what an earlier sequence sets"
        if matched is None:
            return Effect(Verdict.OPEN, sequence=entry.sequence, because=because)
        if not matched:
            continue
        if not entry.permit:
            if decided is None:
                return Effect(Verdict.DENY, sequence=entry.sequence)
            because = f"route-map {name} goes on with sequence {entry.sequence}, which denies"
            return Effect(Verdict.OPEN, sequence=entry.sequence, because=because)
        sets, decided = (*sets, *entry.sets), entry.sequence
        if entry.sequence not in continues:
            break
        at = max(continues[entry.sequence], entry.sequence + 1)
    if decided is None:
        return Effect(Verdict.DENY)
    return Effect(
        Verdict.PERMIT,
        local_preference=_number(sets, "local-preference"),
        weight=_number(sets, "weight"),
        sequence=decided,
        sets=sets,
    )


_SETTABLE = {"community": "community", "local-preference": "local-preference", "metric": "metric", "as-path": "as-path"}


def _set_before(entry: RouteMapEntry, sets: Iterable[str]) -> str | None:
    """The match on an attribute that the set clauses before it have changed."""
    changed = {text.removeprefix("set ").split()[0] for text in sets}
    clauses = map(clause, entry.matches)
    return next((each.text for each in clauses if each.kind == "other" or _SETTABLE.get(each.kind) in changed), None)


def preferences(name: str, known: Definitions) -> frozenset[int | None]:
    """Every local preference that routes can leave a defined route-map with; None: as they came.

    An entry without a match takes every route, so those behind it are reached by `continue` alone.
    """
    entries = sorted(known.route_maps[name].entries, key=lambda each: each.sequence)
    continues = known.continues.get(name, {})
    found: set[int | None] = set()
    waiting: list[tuple[int, int | None, bool]] = [(0, None, False)]
    seen: set[tuple[int, int | None, bool]] = set()
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        at, value, permitted = state
        entry = next((each for each in entries if each.sequence >= at), None)
        if entry is None:
            found |= {value} if permitted else set()
            continue
        if entry.matches:
            waiting.append((entry.sequence + 1, value, permitted))
        if not entry.permit:
            continue
        given = setting(entry, "local-preference")
        given = value if given is None else given
        if entry.sequence in continues:
            waiting.append((max(continues[entry.sequence], entry.sequence + 1), given, True))
        else:
            found.add(given)
    return frozenset(found)


def _matches(
    entry: RouteMapEntry, path: BgpPath, known: Definitions, communities: tuple[str, ...] | None
) -> tuple[bool | None, str | None]:
    """Whether all kinds of clauses match; within a kind one is enough. None: open, with the reason."""
    by_kind: dict[str, list[Clause]] = {}
    for text in entry.matches:
        read = clause(text)
        by_kind.setdefault(read.kind, []).append(read)
    open_because = None
    for kind, clauses in by_kind.items():
        # What a clause about IPv4 addresses does to an IPv6 route, or the other way round, is not known.
        foreign = any(each.version not in (None, path.prefix.version) for each in clauses)
        values = [value for each in clauses for value in each.values]
        matched = None if foreign else _kind_matches(kind, values, path, known, communities)
        if matched is False:
            return False, None
        if matched is None:
            open_because = f"the clause 'match {clauses[0].text}' is not modelled"
    return (True, None) if open_because is None else (None, open_because)


def _kind_matches(
    kind: str, values: Iterable[str], path: BgpPath, known: Definitions, communities: tuple[str, ...] | None
) -> bool | None:
    match kind:
        case "community":
            return community_list.matches(values, known.community_lists, communities)
        case "prefix-list":
            return any(_list_permits(known.prefix_lists, name, path.prefix) for name in values)
        case "next-hop prefix-list":
            host = ip_network(path.next_hop)
            return any(_list_permits(known.prefix_lists, name, host) for name in values)
        case "as-path":
            return _as_path_matches(values, path, known)
        case "metric":
            return str(path.metric or 0) in values
        case "local-preference":
            return None if path.local_preference is None else str(path.local_preference) in values
    return None


def _list_permits(lists: Mapping[str, PrefixList], name: str, prefix: object) -> bool:
    known = lists.get(name)
    return True if known is None else known.permits(prefix)  # type: ignore[arg-type]


def _as_path_matches(names: Iterable[str], path: BgpPath, known: Definitions) -> bool | None:
    for name in names:
        as_path_list = known.as_path_lists.get(name)
        if as_path_list is None:
            return None
        try:
            if as_path_list.permits(path.as_path.text):
                return True
        except re.error:
            return None
    return False


def _python_expression(expression: str) -> str:
    """IOS writes `_` for a delimiter: a blank, a brace, a parenthesis, a comma, or either end."""
    return expression.replace("_", r"(?:^|$|[ ,{}()])")


@dataclass(frozen=True, slots=True)
class Filters:
    """What one direction of a neighbor runs a route through; None: nothing bound."""

    route_map: str | None
    prefix_list: str | None
    filter_list: str | None
    distribute_list: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that is bound."""
        bound = (self.route_map, self.prefix_list, self.filter_list, self.distribute_list)
        return tuple(name for name in bound if name is not None)

    def apply(self, path: BgpPath, known: Definitions) -> Effect:
        """What all of them together do: every one must permit the route, the route-map may set attributes."""
        effect = Effect(Verdict.PERMIT) if self.route_map is None else apply_route_map(self.route_map, path, known)
        if self.prefix_list is not None and not _list_permits(known.prefix_lists, self.prefix_list, path.prefix):
            return Effect(Verdict.DENY, because=f"prefix-list {self.prefix_list}")
        if self.filter_list is not None:
            passed = _as_path_matches([self.filter_list], path, known)
            if passed is False:
                return Effect(Verdict.DENY, because=f"filter-list {self.filter_list}")
            if passed is None and effect.verdict is not Verdict.DENY:
                return Effect(Verdict.OPEN, because=f"filter-list {self.filter_list} is not known")
        if self.distribute_list is not None and effect.verdict is not Verdict.DENY:
            return Effect(Verdict.OPEN, because=f"distribute-list {self.distribute_list} is not modelled")
        return effect

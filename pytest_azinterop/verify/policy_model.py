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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.state.bgp import BgpPath
    from pytest_azinterop.state.routing import PrefixList, RouteMap, RouteMapEntry


class Verdict(Enum):
    """What a policy does with a route."""

    PERMIT = "permit"
    DENY = "deny"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Effect:
    """A verdict, and the attributes that the policy sets (None: left as they are).

    `sequence` is the route-map entry that decided, None without one. `because` says what left the outcome open.
    """

    verdict: Verdict
    local_preference: int | None = None
    weight: int | None = None
    sequence: int | None = None
    because: str | None = None


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
    """The names that a router knows. `continuing` are route-maps with a `continue` clause, which is not modelled."""

    route_maps: Mapping[str, RouteMap]
    prefix_lists: Mapping[str, PrefixList]
    as_path_lists: Mapping[str, AsPathList] = field(default_factory=dict)
    continuing: frozenset[str] = frozenset()


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
    for text in entry.sets:
        words = text.removeprefix("set ").split()
        if len(words) == 2 and words[0] == attribute and words[1].isdigit():
            return int(words[1])
    return None


def apply_route_map(name: str, path: BgpPath, known: Definitions) -> Effect:
    """What this route-map does with this path."""
    route_map = known.route_maps.get(name)
    if route_map is None:
        return Effect(Verdict.DENY, because=f"route-map {name} is undefined")
    if name in known.continuing:
        return Effect(Verdict.OPEN, because=f"route-map {name} has a continue clause")
    for entry in sorted(route_map.entries, key=lambda each: each.sequence):
        matched, because = _matches(entry, path, known)
        if matched is None:
            return Effect(Verdict.OPEN, sequence=entry.sequence, because=because)
        if matched:
            if not entry.permit:
                return Effect(Verdict.DENY, sequence=entry.sequence)
            return Effect(
                Verdict.PERMIT,
                local_preference=setting(entry, "local-preference"),
                weight=setting(entry, "weight"),
                sequence=entry.sequence,
            )
    return Effect(Verdict.DENY)


def _matches(entry: RouteMapEntry, path: BgpPath, known: Definitions) -> tuple[bool | None, str | None]:
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
        matched = None if foreign else _kind_matches(kind, values, path, known)
        if matched is False:
            return False, None
        if matched is None:
            open_because = f"the clause 'match {clauses[0].text}' is not modelled"
    return (True, None) if open_because is None else (None, open_because)


def _kind_matches(kind: str, values: Iterable[str], path: BgpPath, known: Definitions) -> bool | None:
    match kind:
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

"""Community lists of the configuration, and which routes they let a route-map match.

A standard entry asks for all its communities, an expanded one searches the communities as the router prints them; the
first entry that matches decides, and none denies. Source: Cisco "IP Routing: BGP Configuration Guide", community lists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.intent.values import community_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_azinterop.state.config import RunningConfig

_LINE: Final = re.compile(
    r"ip community-list (?:(standard|expanded) )?(\S+) (?:seq \d+ )?(permit|deny)(?: (.+))?",
)
_LAST_STANDARD: Final = 99  # numbered lists 100 to 500 are expanded
_EVERY_ROUTE: Final = "internet"
_DELIMITER: Final = r"(?:^|$|[ ,{}()])"


@dataclass(frozen=True, slots=True)
class CommunityEntry:
    """One line: the communities of a standard list, or the regular expression of an expanded one."""

    permit: bool
    text: str


@dataclass(frozen=True, slots=True)
class CommunityList:
    """`ip community-list`, in the order of the configuration."""

    name: str
    expanded: bool
    entries: tuple[CommunityEntry, ...]

    def permits(self, communities: tuple[str, ...] | None, *, exactly: bool) -> bool | None:
        """Whether a route with these communities, as printed, is matched; None: not known.

        `communities` None: they were not read, so only an entry that every route matches says anything. `exactly` is
        `exact-match`: the route has no other community.
        """
        if not any(entry.permit for entry in self.entries):
            return False
        for entry in self.entries:
            hit = self._hits(entry, communities, exactly=exactly)
            if hit is None:
                return None
            if hit:
                return entry.permit
        return False

    def _hits(self, entry: CommunityEntry, communities: tuple[str, ...] | None, *, exactly: bool) -> bool | None:
        words = entry.text.split()
        if not self.expanded and not exactly and all(word == _EVERY_ROUTE for word in words):
            return True
        if communities is None:
            return None
        if self.expanded:
            return _found(entry.text, communities)
        wanted = {community_number(word) for word in words if word != _EVERY_ROUTE}
        carried = {community_number(each) for each in communities}
        if None in wanted or None in carried:
            return None
        return wanted == carried if exactly else wanted <= carried


def _found(expression: str, communities: tuple[str, ...]) -> bool | None:
    try:
        return re.search(expression.replace("_", _DELIMITER), " ".join(communities)) is not None
    except re.error:
        return None


def community_lists(config: RunningConfig) -> dict[str, CommunityList]:
    """The community lists of the configuration by name."""
    entries: dict[str, list[CommunityEntry]] = {}
    expanded: dict[str, bool] = {}
    for line in config.starting_with("ip community-list"):
        if found := _LINE.fullmatch(line.text):
            kind, name = found[1], found[2]
            numbered = name.isdecimal() and int(name) > _LAST_STANDARD
            expanded[name] = kind == "expanded" or (kind is None and numbered)
            entries.setdefault(name, []).append(CommunityEntry(found[3] == "permit", found[4] or _EVERY_ROUTE))
    return {name: CommunityList(name, expanded[name], tuple(each)) for name, each in entries.items()}


def matches(
    values: Iterable[str], lists: Mapping[str, CommunityList], communities: tuple[str, ...] | None
) -> bool | None:
    """A `match community` clause: one of its lists is enough. None: not known, as with an undefined list."""
    names = list(values)
    exactly = "exact-match" in names
    verdict: bool | None = False
    for name in names:
        if name == "exact-match":
            continue
        found = lists.get(name)
        hit = None if found is None else found.permits(communities, exactly=exactly)
        if hit:
            return True
        verdict = None if hit is None else verdict
    return verdict

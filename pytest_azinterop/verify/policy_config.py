"""Routing policy as the running-configuration writes it: route-maps, prefix-lists, as-path lists, and other names."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING

from pytest_azinterop.state.routing import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from pytest_azinterop.verify.community_list import community_lists
from pytest_azinterop.verify.policy_model import AsPathList, Definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.state.config import ConfigLine, RunningConfig

_ROUTE_MAP = re.compile(r"route-map (\S+)(?: (permit|deny)(?: (\d+))?)?")
_PREFIX_LIST = re.compile(r"ip(?:v6)? prefix-list (\S+) (?:seq (\d+) )?(permit|deny) (\S+)(?: ge (\d+))?(?: le (\d+))?")
_AS_PATH_LIST = re.compile(r"ip as-path access-list (\S+) (?:seq \d+ )?(permit|deny) (.+)")
_COMMUNITY_LIST = re.compile(r"ip (?:ext)?community-list (?:standard |expanded )?(\S+) .*")
_ACCESS_LIST = re.compile(r"(?:ip access-list (?:standard|extended) |access-list )(\S+).*")


def definitions(
    config: RunningConfig,
    route_maps: Iterable[RouteMap] | None = None,
    prefix_lists: Iterable[PrefixList] | None = None,
) -> Definitions:
    """What the router knows: records of `show route-map` and `show ip prefix-list` where given, else the configuration.

    As-path lists, community lists and `continue` clauses are only in the configuration.
    """
    return Definitions(
        route_maps={each.name: each for each in (route_maps if route_maps is not None else configured_maps(config))},
        prefix_lists={each.name: each for each in (prefix_lists if prefix_lists is not None else _lists(config))},
        as_path_lists=as_path_lists(config),
        community_lists=community_lists(config),
        continues=_continues(config),
    )


def _continues(config: RunningConfig) -> dict[str, dict[int, int]]:
    """The `continue` clauses by route-map and sequence; 0 for the next sequence."""
    found: dict[str, dict[int, int]] = {}
    for line in config.starting_with("route-map"):
        entry = _ROUTE_MAP.fullmatch(line.text)
        for words in (child.text.split() for child in line.children):
            if entry is not None and words[0] == "continue":
                target = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
                found.setdefault(entry[1], {})[int(entry[3] or 10)] = target
    return found


def configured_maps(config: RunningConfig) -> list[RouteMap]:
    """The route-maps of the configuration, entries in sequence order."""
    entries: dict[str, list[RouteMapEntry]] = {}
    lines: dict[str, list[ConfigLine]] = {}
    for line in config.starting_with("route-map"):
        if found := _ROUTE_MAP.fullmatch(line.text):
            lines.setdefault(found[1], []).append(line)
            texts = [child.text for child in line.children]
            entries.setdefault(found[1], []).append(
                RouteMapEntry(
                    sequence=int(found[3] or 10),
                    permit=found[2] != "deny",
                    matches=tuple(text.removeprefix("match ") for text in texts if text.startswith("match ")),
                    sets=tuple(text.removeprefix("set ") for text in texts if text.startswith("set ")),
                )
            )
    return [
        RouteMap(name, tuple(sorted(each, key=lambda entry: entry.sequence)), source=config.where(*lines[name]))
        for name, each in entries.items()
    ]


def _lists(config: RunningConfig) -> list[PrefixList]:
    entries: dict[str, list[PrefixListEntry]] = {}
    lines: dict[str, list[ConfigLine]] = {}
    for line in (*config.starting_with("ip prefix-list"), *config.starting_with("ipv6 prefix-list")):
        if found := _PREFIX_LIST.fullmatch(line.text):
            known = entries.setdefault(found[1], [])
            lines.setdefault(found[1], []).append(line)
            known.append(
                PrefixListEntry(
                    sequence=int(found[2]) if found[2] else 5 * (len(known) + 1),
                    permit=found[3] == "permit",
                    prefix=ip_network(found[4], strict=False),
                    ge=int(found[5]) if found[5] else None,
                    le=int(found[6]) if found[6] else None,
                )
            )
    return [
        PrefixList(name, tuple(sorted(each, key=lambda entry: entry.sequence)), source=config.where(*lines[name]))
        for name, each in entries.items()
    ]


def as_path_lists(config: RunningConfig) -> dict[str, AsPathList]:
    """The as-path access lists of the configuration."""
    entries: dict[str, list[tuple[bool, str]]] = {}
    for line in config.starting_with("ip as-path"):
        if found := _AS_PATH_LIST.fullmatch(line.text):
            entries.setdefault(found[1], []).append((found[2] == "permit", found[3].strip()))
    return {name: AsPathList(name, tuple(each)) for name, each in entries.items()}


def other_lists(config: RunningConfig, kind: str) -> frozenset[str]:
    """Names of the lists of a match clause's kind: `access-list`, `community` or `as-path`."""
    if kind == "as-path":
        return frozenset(as_path_lists(config))
    pattern = _ACCESS_LIST if kind == "access-list" else _COMMUNITY_LIST
    return frozenset(found[1] for line in config.lines if (found := pattern.fullmatch(line.text)))

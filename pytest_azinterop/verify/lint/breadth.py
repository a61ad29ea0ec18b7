"""What the filters of a neighbor let through: everything, or which of the prefixes that matter."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from pytest_azinterop.state.bgp import AsPath, BgpPath
from pytest_azinterop.verify.lint import names, reading
from pytest_azinterop.verify.policy_config import definitions
from pytest_azinterop.verify.policy_model import Filters, clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from ipaddress import IPv4Network, IPv6Network

    from pytest_azinterop.intent.expectations import ExpectedSession
    from pytest_azinterop.state.config import ConfigLine, NeighborConfig, RunningConfig
    from pytest_azinterop.state.routing import PrefixList, RouteMap
    from pytest_azinterop.verify.policy_model import Definitions, Effect

    Prefix = IPv4Network | IPv6Network

# What a match clause or a filter calls a list, and its kind among the names.
LISTS: Final = {
    "prefix-list": "prefix-list",
    "next-hop prefix-list": "prefix-list",
    "filter-list": "as-path list",
    "as-path": "as-path list",
    "distribute-list": "access-list",
    "access-list": "access-list",
    "community": "community list",
}
_BOUND: Final = re.compile(r"(?:neighbor \S+ )?(route-map|prefix-list|filter-list|distribute-list) (\S+) (?:in|out)")
_EVERY_PATH: Final = frozenset({".*", "^.*$", "_.*", ".*$", "^.*"})


def bound(settings: NeighborConfig, direction: str) -> Iterator[tuple[str, str]]:
    """Kind and name of what is bound to a neighbor in a direction, as configured."""
    for line in reading.filters(settings, direction):
        if found := _BOUND.fullmatch(line.text):
            yield found[1], found[2]


def known(settings: NeighborConfig, config: RunningConfig, direction: str) -> Definitions:
    """What the configuration defines of the names that a neighbor's policy uses.

    Only their own lines are read: a router has hundreds of others.
    """
    lines: list[ConfigLine] = []
    for kind, name in bound(settings, direction):
        own = names.lines_of(config, LISTS.get(kind, kind), name)
        lines += own
        if kind == "route-map":
            lines += _matched(own, config)
    return definitions(replace(config, lines=tuple(dict.fromkeys(lines))))


def _matched(route_map: Iterable[ConfigLine], config: RunningConfig) -> Iterator[ConfigLine]:
    """The lines of the lists that a route-map's clauses name."""
    for entry in route_map:
        for line in entry.children:
            read = clause(line.text)
            if line.text.startswith("match ") and read.kind in LISTS:
                for name in read.values:
                    yield from names.lines_of(config, LISTS[read.kind], name)


def effect(
    session: ExpectedSession, direction: str, bound_to: NeighborConfig, prefix: Prefix, of: Definitions
) -> Effect:
    """What the bound policy does with a prefix: one that the neighbor sends, or one of the site's own."""
    filters = dict(bound(bound_to, direction))
    sequence = (session.remote_as,) if direction == "in" else ()
    source = next(iter(of.route_maps.values()), None) or next(iter(of.prefix_lists.values()), None)
    path = BgpPath(
        prefix=prefix,
        next_hop=session.neighbor,
        valid=True,
        best=True,
        internal=False,
        flags="",
        metric=None,
        local_preference=None,
        weight=0,
        as_path=AsPath(" ".join(map(str, sequence)), sequence),
        origin="i",
        source=source.source if source else None,  # type: ignore[arg-type]
    )
    return Filters(filters.get("route-map"), filters.get("prefix-list"), filters.get("filter-list")).apply(path, of)


def permits_everything(settings: NeighborConfig, config: RunningConfig, direction: str) -> bool:
    """Whether something is bound, and none of it ever stops a route: the first entry that matches any route permits
    it, and none before it denies.

    An undefined name is another finding, and is not said to permit here.
    """
    found = list(bound(settings, direction))
    of = known(settings, config, direction)
    version = settings.address.version
    return bool(found) and all(_permits_everything(kind, name, of, version) for kind, name in found)


def _permits_everything(kind: str, name: str, of: Definitions, version: int) -> bool:
    if kind == "route-map":
        return name in of.route_maps and _map_permits(of.route_maps[name], of, version)
    if kind == "prefix-list":
        return name in of.prefix_lists and _list_permits(of.prefix_lists[name], version)
    if kind == "filter-list" and name in of.as_path_lists:
        return _path_permits(of, name)
    return False


def _path_permits(of: Definitions, name: str) -> bool:
    for permit, expression in of.as_path_lists[name].entries:
        if not permit:
            return False
        if expression in _EVERY_PATH:
            return True
    return False


def _list_permits(found: PrefixList, version: int) -> bool:
    for entry in found.entries:
        if entry.prefix.version != version:
            continue
        if not entry.permit:
            return False
        # `ge 1` leaves out the default route alone.
        if entry.prefix.prefixlen == 0 and (entry.ge or 0) <= 1 and _longest(entry.ge, entry.le, version):
            return True
    return False


def _longest(ge: int | None, le: int | None, version: int) -> bool:
    longest = 32 if version == 4 else 128
    return le == longest or (le is None and ge is not None)


def _map_permits(found: RouteMap, of: Definitions, version: int) -> bool:
    for entry in found.entries:
        if not entry.permit:
            return False
        clauses = [clause(text) for text in entry.matches]
        if all(
            each.kind in ("prefix-list", "as-path")
            and any(_permits_everything(_FILTERS[each.kind], name, of, version) for name in each.values)
            for each in clauses
        ):
            return True
    return False


_FILTERS: Final = {"prefix-list": "prefix-list", "as-path": "filter-list"}


def tried(sessions: Iterable[ExpectedSession], direction: str, of: Iterable[Definitions]) -> list[Prefix]:
    """Prefixes that tell filters apart: the declared ones, those that the lists name in the lengths that they allow,
    and a default route."""
    found: dict[Prefix, None] = {}
    version = 4
    for session in sessions:
        version = session.version
        declared = session.receive if direction == "in" else session.announce
        if declared is not None:
            found.update(dict.fromkeys(sorted(declared.required, key=str)))
    for each in of:
        for listed in each.prefix_lists.values():
            for entry in listed.entries:
                if entry.prefix.version == version:
                    found.update(dict.fromkeys(_of_entry(entry.prefix, entry.ge, entry.le)))
    found[ip_network("0.0.0.0/0" if version == 4 else "::/0")] = None
    return list(found)


def _of_entry(prefix: Prefix, ge: int | None, le: int | None) -> Iterator[Prefix]:
    """The first prefix of an entry in its own length, in the least and in the greatest that the entry allows."""
    for length in {prefix.prefixlen, ge or prefix.prefixlen, le or (prefix.max_prefixlen if ge else prefix.prefixlen)}:
        yield type(prefix)((int(prefix.network_address), length))

"""``show route-map``, ``show ip prefix-list``, ``show ip access-lists`` and the lists of AS paths and communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.records import AccessList, PrefixList, PrefixListEntry, RouteMap
    from pytest_azinterop.lab.network.view import RouterView


def route_map_lines(route_map: RouteMap) -> list[str]:
    """Every sequence of a route-map."""
    lines: list[str] = []
    for entry in route_map.entries:
        action = "permit" if entry.permit else "deny"
        lines.append(f"route-map {route_map.name}, {action}, sequence {entry.sequence}")
        if entry.description is not None:
            lines.append(f"  Description: {entry.description}")
        lines += ["  Match clauses:", *(f"    {clause} " for clause in entry.matches)]
        if entry.continue_to is not None:
            lines.append(f"  Continue: sequence {entry.continue_to}")
        packets, count = entry.policy_matches
        lines += [
            "  Set clauses:",
            *(f"    {clause}" for clause in entry.sets),
            f"  Policy routing matches: {packets} packets, {count} bytes",
        ]
    return lines


def show_route_maps(view: RouterView, args: Args) -> str:
    """All route-maps, or one; IOS says when the named one does not exist."""
    name = args.get("name")
    lines = [
        line
        for route_map in view.route_maps()
        if name is None or route_map.name == name
        for line in route_map_lines(route_map)
    ]
    if name is not None and not lines:
        return f"route-map {name} not found"
    return body(*lines)


def _rule(entry: PrefixListEntry) -> str:
    length = f"{'' if entry.ge is None else f' ge {entry.ge}'}{'' if entry.le is None else f' le {entry.le}'}"
    return f"seq {entry.sequence} {'permit' if entry.permit else 'deny'} {text(entry.prefix)}{length}"


def prefix_list_lines(prefix_list: PrefixList, family: str) -> list[str]:
    """The short form; ``family`` is ``ip`` or ``ipv6``."""
    lines = [f"{family} prefix-list {prefix_list.name}: {len(prefix_list.entries)} entries"]
    if prefix_list.description is not None:
        lines.append(f"   Description: {prefix_list.description}")
    return [*lines, *(f"   {_rule(entry)}" for entry in prefix_list.entries)]


def prefix_list_detail(prefix_list: PrefixList, family: str) -> list[str]:
    """The form with hit counts."""
    entries = prefix_list.entries
    ranges = sum(entry.ge is not None or entry.le is not None for entry in entries)
    span = f"{entries[0].sequence} - {entries[-1].sequence}" if entries else "0 - 0"
    lines = [f"{family} prefix-list {prefix_list.name}:"]
    if prefix_list.description is not None:
        lines.append(f"   Description: {prefix_list.description}")
    return [
        *lines,
        f"   count: {len(entries)}, range entries: {ranges}, sequences: {span}, refcount: 2",
        *(f"   {_rule(entry)} (hit count: {entry.hits}, refcount: 1)" for entry in entries),
    ]


def show_prefix_lists(view: RouterView, args: Args) -> str:
    """All prefix-lists, or one."""
    name = args.get("name")
    family = "ipv6" if args.has("ipv6") else "ip"
    known = view.prefix_lists() if family == "ip" else view.prefix_lists(6)
    chosen = [prefix_list for prefix_list in known if name is None or prefix_list.name == name]
    if not chosen:
        return "" if name is None else f"%Can't find a prefix-list named {name}"
    if not args.has("detail"):
        return body(*(line for prefix_list in chosen for line in prefix_list_lines(prefix_list, family)))
    last = f"Prefix-list with the last deletion/insertion: {known[-1].name}"
    return body(last, *(line for prefix_list in chosen for line in prefix_list_detail(prefix_list, family)))


def access_list_lines(access_list: AccessList) -> list[str]:
    """One IP access list."""
    lines = [f"{access_list.kind.capitalize()} IP access list {access_list.name}"]
    for entry in access_list.entries:
        sequence = "" if entry.sequence is None else f"{entry.sequence} "
        lines.append(f"    {sequence}{'permit' if entry.permit else 'deny'} {entry.text}".rstrip())
    return lines


def _lists(view: RouterView, args: Args, *kinds: str) -> list[AccessList]:
    name = args.get("name")
    return [known for known in view.access_lists() if known.kind in kinds and (name is None or known.name == name)]


def show_access_lists(view: RouterView, args: Args) -> str:
    """IP access lists, all or one."""
    return body(*(line for known in _lists(view, args, "standard", "extended") for line in access_list_lines(known)))


def show_ipv6_access_lists(view: RouterView, args: Args) -> str:
    """IPv6 access lists, all or one: the sequence stands behind the line."""
    lines: list[str] = []
    for known in _lists(view, args, "ipv6"):
        lines.append(f"IPv6 access list {known.name}")
        lines += [
            f"    {'permit' if each.permit else 'deny'} {each.text} sequence {each.sequence}" for each in known.entries
        ]
    return body(*lines)


def show_as_path_lists(view: RouterView, args: Args) -> str:
    """``show ip as-path-access-list``."""
    lines: list[str] = []
    for known in _lists(view, args, "as-path"):
        lines.append(f"AS path access list {known.name}")
        lines += [f"    {'permit' if entry.permit else 'deny'} {entry.text}" for entry in known.entries]
    return body(*lines)


def show_community_lists(view: RouterView, args: Args) -> str:
    """``show ip community-list``."""
    lines: list[str] = []
    for known in _lists(view, args, "community", "community-expanded"):
        if known.name.isdigit():
            kind = "standard" if known.kind == "community" else "(expanded) access"
            lines.append(f"Community {kind} list {known.name}")
        else:
            kind = "standard" if known.kind == "community" else "expanded"
            lines.append(f"Named Community {kind} list {known.name}")
        lines += [f"    {'permit' if entry.permit else 'deny'} {entry.text}" for entry in known.entries]
    return body(*lines)


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show route-map [<name>]", show_route_maps),
    ShowCommand("show (ip|ipv6) prefix-list [<name>]", show_prefix_lists),
    ShowCommand("show (ip|ipv6) prefix-list detail [<name>]", show_prefix_lists),
    ShowCommand("show (access-lists|ip access-lists) [<name>]", show_access_lists),
    ShowCommand("show ipv6 access-list [<name>]", show_ipv6_access_lists),
    ShowCommand("show ip as-path-access-list [<name>]", show_as_path_lists),
    ShowCommand("show ip community-list [<name>]", show_community_lists),
)

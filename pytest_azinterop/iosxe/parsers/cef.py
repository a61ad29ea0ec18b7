"""`show ip cef [vrf X] ADDRESS`: where packets to an address go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.iosxe.addresses import address as to_address
from pytest_azinterop.iosxe.addresses import network
from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.routing import ForwardingDecision, NextHop

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

    from pytest_azinterop.state.source import Source

Action = Literal["forward", "receive", "attached", "drop"]

_PREFIX = re.compile(r"([0-9A-Fa-f.:]+/\d+)(?:, .*)?")
_INTERFACE = r"(?P<interface>[A-Za-z][\w./:-]*\d)"
_NEXT_HOP = re.compile(rf"nexthop (?P<address>[0-9A-Fa-f.:]+) {_INTERFACE}(?: (?P<rest>.*))?")
_BACKUP = re.compile(rf"nexthop [0-9A-Fa-f.:]+ {_INTERFACE}(?: .*)?, repair(?:, .*)?")
_ATTACHED = re.compile(rf"attached to {_INTERFACE}(?:, .*)?")
_RECURSIVE = re.compile(r"recursive via (?P<address>[0-9A-Fa-f.:]+)(?:\[\S+\])?(?:/\d+)?(?: .*)?(?:, .*)?")
_RECEIVE = re.compile(rf"receive(?: for {_INTERFACE})?")
_DROP = re.compile(r"(?:no route|drop|discard|unresolved|unusable|attached to Null0)(?:[ ,:].*)?")
# The first words of a line that says where packets go: one of these that is not understood makes the answer so.
_WAYS = re.compile(r"(?:nexthop|attached|recursive|receive|no route|drop|discard|unresolved|unusable|via)\b")


def parse(
    text: str,
    source: Source,
    *,
    address: IPv4Address | IPv6Address | str | None = None,
    vrf: str | None = None,
) -> Parsed[ForwardingDecision]:
    """One record. The answer does not repeat the question: `address` must lie in the prefix that it names.

    Without `address` the prefix's own address stands in the record. Lines of the `detail` form that do not say where
    packets go stay unread.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    first = next((index for index, line in enumerate(lines) if line), None)
    if first is None:
        raise not_understood(lines, None, source, "the answer is empty")
    try:
        prefix = _prefix(lines[first].strip())
        asked = _asked(address, prefix)
        action, ways, unread = _ways(lines, first + 1)
    except ValueError as wrong:
        raise not_understood(lines, first, source, f"a forwarding entry that is not understood: {wrong}") from None
    last = max(index for index, line in enumerate(lines) if line)
    record = ForwardingDecision(vrf, asked, prefix, action, ways, source=source.at(first + 1, last + 1))
    return Parsed((record,), unread)


def _prefix(words: str) -> IPv4Network | IPv6Network:
    match = _PREFIX.fullmatch(words)
    if match is None:
        raise ValueError("no prefix where it should stand")
    return network(match[1])


def _asked(
    address: IPv4Address | IPv6Address | str | None, prefix: IPv4Network | IPv6Network
) -> IPv4Address | IPv6Address:
    if address is None:
        return prefix.network_address
    asked = to_address(address) if isinstance(address, str) else address
    if asked not in prefix:
        raise ValueError(f"{prefix} does not cover {asked}")
    return asked


def _ways(lines: list[str], start: int) -> tuple[Action, tuple[NextHop, ...], tuple[str, ...]]:
    """The leaves of the path tree; a recursive path whose leaf is `attached` keeps the address it recurses through."""
    ways: list[NextHop] = []
    unread: list[str] = []
    receive = drop = False
    via: IPv4Address | IPv6Address | None = None
    via_indent, pending = -1, False
    for line in lines[start:]:
        words = line.strip()
        indent = len(line) - len(line.lstrip())
        if not words:
            continue
        if indent <= via_indent:
            drop, via, via_indent, pending = drop or pending, None, -1, False
        if _RECEIVE.fullmatch(words):
            receive = True
        elif _DROP.fullmatch(words):
            drop, pending = True, False
        elif _BACKUP.fullmatch(words):  # it forwards only once the primary path is lost
            pending = False
            unread.append(line)
        elif match := _NEXT_HOP.fullmatch(words):
            if (match["rest"] or "").startswith(("unusable", "drop")):
                drop = True
            else:
                ways.append(NextHop(to_address(match["address"]), match["interface"]))
            pending = False
        elif match := _ATTACHED.fullmatch(words):
            ways.append(NextHop(via, match["interface"]))
            pending = False
        elif match := _RECURSIVE.fullmatch(words):
            via, via_indent, pending = to_address(match["address"]), indent, True
        elif _WAYS.match(words):
            raise ValueError(f"a path that is not understood: {words[:60]!r}")
        else:
            unread.append(line)
    return _action(ways, receive=receive, drop=drop or pending), tuple(ways), tuple(unread)


def _action(ways: list[NextHop], *, receive: bool, drop: bool) -> Action:
    if receive:
        return "receive"
    if any(way.address is not None for way in ways):
        return "forward"
    if ways:
        return "attached"
    if drop:
        return "drop"
    raise ValueError("nothing says where packets go: cut off")

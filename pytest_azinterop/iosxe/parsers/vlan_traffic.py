"""`show vlans` and `show vlans dot1q`: the only counters of a QinQ sub-interface on an ASR1000.

The head of a block names the tags; counters are lines of packets and bytes, in older forms a row per protocol. IOS-XE
16 and later put a block per interface, ``NAME (outer/inner)``, below one per outer tag (``VLAN ID: 30 (...)``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import SubinterfaceTraffic

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_BLOCK = re.compile(
    r"(?:Virtual LAN ID:\s+(?P<outer>\d+)(?:/(?P<inner>\d+))? \(.*\)"
    r"|Total statistics for (?:802\.1Q )?(?:Outer/Inner )?VLAN (?P<outer2>\d+)(?:/(?P<inner2>\d+))?:)"
)
_VLAN = re.compile(r"VLAN ID:\s+\d+ \(.*\)")
_TRUNK = re.compile(r"(?P<name>[A-Za-z][\w/.:-]+) \((?P<outer>\d+)(?:/(?P<inner>\d+))?\)")
_BELOW_VLAN = re.compile(
    r"Protocols Configured:\s+Received:\s+Transmitted:|VLAN trunk interfaces for VLAN ID \d+:|[A-Za-z][\w/.:-]+"
    r"|[A-Za-z][\w-]*\s+\d+\s+\d+|This is configured as native Vlan .*|[A-Za-z][\w/.:-]+\s+Native-vlan Tx-type: \w+"
)
_BELOW_TRUNK = re.compile(r"(?:IP|IPv6|MPLS): \S+|Total \d+ oversubscription packet drops")
_INTERFACE = re.compile(r"v?LAN Trunk Interface:\s+(\S+)(?:\s+\(Native\))?", re.IGNORECASE)
_INPUT = re.compile(r"(?:Total )?(\d+) packets, (\d+) bytes input")
_OUTPUT = re.compile(r"(?:Total )?(\d+) packets, (\d+) bytes output")
_PROTOCOL = re.compile(r"[A-Za-z][\w-]*(?:\s+[0-9A-Fa-f.:]+[.:][0-9A-Fa-f.:]+)?\s+(\d+)\s+(\d+)")
_KNOWN = re.compile(
    r"Protocols Configured:\s+Address:\s+Received:\s+Transmitted:|[A-Za-z][\w/.:-]+ \(\d+(?:/\d+)?\)"
    r"|This is configured as native Vlan .*|[A-Za-z][\w/.:-]+\s+Native-vlan Tx-type: \w+"
    r"|No subinterface configured with ISL VLAN ID .*"
)


@dataclass(slots=True)
class _Draft:
    outer: int
    inner: int | None
    first: int
    last: int
    dot1q: bool
    interface: str | None = None
    given: dict[str, tuple[int, int]] = field(default_factory=dict)
    protocols: list[tuple[int, int]] = field(default_factory=list)
    native: bool = False


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[SubinterfaceTraffic]:
    """One record per block. None: an empty answer with `may_be_empty`.

    A block without counters was cut off, but for the native VLAN's, which some releases print without.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    open_vlan: int | None = None
    per_interface = False
    for index, line in enumerate(lines):
        words = line.strip()
        if not words:
            continue
        if _VLAN.fullmatch(words):
            _interfaces_follow(open_vlan, lines, source)
            open_vlan, per_interface = index, True
        elif per_interface and (found := _TRUNK.fullmatch(words)):
            tag = int(found["inner"]) if found["inner"] else None
            name = long_name(found["name"])
            drafts.append(_Draft(int(found["outer"]), tag, index, index, dot1q=True, interface=name))
            open_vlan = None
        elif per_interface and _between(words, drafts, index, at_vlan=open_vlan is not None):
            continue
        elif found := _BLOCK.fullmatch(words):
            inner = found["inner"] or found["inner2"]
            outer, dot1q = found["outer"] or found["outer2"], found["outer"] is None
            drafts.append(_Draft(int(outer), int(inner) if inner else None, index, index, dot1q))
        elif not drafts or not _read_line(drafts[-1], words, index):
            raise not_understood(lines, index, source, "not a line of VLAN traffic")
    _interfaces_follow(open_vlan, lines, source)
    if not drafts and not may_be_empty:
        raise not_understood(lines, None, source, "no VLAN in the answer")
    return Parsed(tuple(record for draft in drafts if (record := _record(draft, lines, source)) is not None))


def _interfaces_follow(open_vlan: int | None, lines: list[str], source: Source) -> None:
    if open_vlan is not None:
        raise not_understood(lines, open_vlan, source, "a VLAN without its interfaces", cause="cut-off")


def _between(words: str, drafts: list[_Draft], index: int, *, at_vlan: bool) -> bool:
    """Lines of the form per interface that hold no counters of an interface."""
    if at_vlan:
        return bool(_BELOW_VLAN.fullmatch(words))
    if _BELOW_TRUNK.fullmatch(words):
        drafts[-1].last = index
        return True
    return bool(re.fullmatch(r"[A-Za-z][\w/.:-]*\d", words))


def _read_line(draft: _Draft, words: str, index: int) -> bool:
    draft.last = index
    if found := _INTERFACE.fullmatch(words):
        draft.interface = long_name(found[1])
        draft.native |= words.endswith("(Native)")
    elif (found := _INPUT.fullmatch(words)) and "input" not in draft.given:
        draft.given["input"] = (int(found[1]), int(found[2]))
    elif (found := _OUTPUT.fullmatch(words)) and "output" not in draft.given:
        draft.given["output"] = (int(found[1]), int(found[2]))
    elif _KNOWN.fullmatch(words):
        draft.native |= "native" in words.lower()
    elif found := _PROTOCOL.fullmatch(words):
        draft.protocols.append((int(found[1]), int(found[2])))
    else:
        return False
    return True


def _record(draft: _Draft, lines: list[str], source: Source) -> SubinterfaceTraffic | None:
    given = draft.given
    if (draft.dot1q and len(given) < 2) or len(given) == 1 or (not given and not draft.protocols):
        if draft.native and not given and not draft.dot1q:
            return None
        raise not_understood(lines, draft.first, source, "a VLAN without its counters", cause="cut-off")
    if not draft.dot1q and draft.interface is None:
        raise not_understood(lines, draft.first, source, "a VLAN without its interface", cause="cut-off")
    received = given.get("input", (sum(row[0] for row in draft.protocols), None))
    sent = given.get("output", (sum(row[1] for row in draft.protocols), None))
    return SubinterfaceTraffic(
        outer_vlan=draft.outer,
        inner_vlan=draft.inner,
        interface=draft.interface,
        input_packets=received[0],
        output_packets=sent[0],
        input_bytes=received[1],
        output_bytes=sent[1],
        source=source.at(draft.first + 1, draft.last + 1),
    )

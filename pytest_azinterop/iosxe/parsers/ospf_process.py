"""`show ip ospf [PROCESS]`: a block per process."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import indent, lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.ospf import OspfProcess, Redistribution

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEAD = re.compile(r'Routing Process "ospf (\d+)" with ID (\d+\.\d+\.\d+\.\d+)')
# A line about the present process, as that it is shut down, begins with the same words as the head of the next one.
_OTHER_HEAD = re.compile(r"Routing Process(?! is \S).*")
_SHUT = re.compile(r"Routing Process is shutdown")
_VRF = re.compile(r"Connected to MPLS VPN Superbackbone, VRF (\S+)")
_ROLE = re.compile(r"It is an (?:area border router|(?:area border and )?autonomous system boundary router)")
_REDISTRIBUTING = re.compile(r"Redistributing External Routes from,")
_ENTRY = re.compile(
    r"(?P<protocol>connected|static|rip|odr|mobile|lisp|nhrp|application|vrf|maximum-prefix|bgp|eigrp|ospf|isis|iso-igrp)"
    r"(?: (?P<instance>(?!with\b)\S+?))?(?: with metric mapped to (?P<metric>\d+))?"
    r"(?P<subnets>, includes subnets in redistribution)?(?:, nssa areas only)?"
)
_LIMIT = re.compile(r"(?:Maximum (?:limit|number) of redistributed prefixes|Threshold for warning message) .*")
# The last line of a process before its areas.
_AREAS = re.compile(r"Number of areas in this router is \d+\..*")


@dataclass(slots=True)
class _Draft:
    number: int
    router_id: IPv4Address
    first: int
    last: int
    vrf: str | None = None
    shutdown: bool = False
    border: bool = False
    areas: bool = False
    heading: int | None = None  # indentation of the list's heading while the list is read
    redistributed: list[Redistribution] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[OspfProcess]:
    """One record per process. None: an empty answer with `may_be_empty`.

    A process whose number of areas is missing was cut off; lines of the areas below it stay unread.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    for index, line in enumerate(lines):
        words = line.strip()
        if not words:
            continue
        if found := _HEAD.fullmatch(words):
            drafts.append(_Draft(int(found[1]), _address(found[2], lines, index, source), index, index))
        elif not drafts or _OTHER_HEAD.fullmatch(words):
            raise not_understood(lines, index, source, "not a line of an OSPF process")
        else:
            _read_line(drafts[-1], lines, index, source)
    if not drafts and not may_be_empty:
        raise not_understood(lines, None, source, "no OSPF process in the answer")
    for draft in drafts:
        if not draft.areas:
            raise not_understood(lines, draft.first, source, "a process without its number of areas", cause="cut-off")
    return Parsed(tuple(_record(draft, source) for draft in drafts))


def _read_line(draft: _Draft, lines: list[str], index: int, source: Source) -> None:
    line, words = lines[index], lines[index].strip()
    draft.last = index
    if draft.heading is not None and indent(line) > draft.heading:
        if found := _ENTRY.fullmatch(words):
            metric = found["metric"]
            draft.redistributed.append(
                Redistribution(
                    found["protocol"], found["instance"], found["subnets"] is not None, int(metric) if metric else None
                )
            )
        elif not _LIMIT.fullmatch(words):
            raise not_understood(lines, index, source, "not a source of redistributed routes")
        return
    draft.heading = None
    if _REDISTRIBUTING.fullmatch(words) and not draft.areas:
        draft.heading = indent(line)
    elif (found := _VRF.fullmatch(words)) and not unterminated(lines, index):
        draft.vrf = found[1]
    elif _SHUT.fullmatch(words):
        draft.shutdown = True
    elif _ROLE.fullmatch(words):
        draft.border |= "autonomous" in words
    elif _AREAS.fullmatch(words):
        draft.areas = True
    elif not draft.areas:
        draft.unread.append(words)


def _address(text: str, lines: list[str], index: int, source: Source) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise not_understood(lines, index, source, "a router ID that is none") from None


def _record(draft: _Draft, source: Source) -> OspfProcess:
    return OspfProcess(
        number=draft.number,
        router_id=draft.router_id,
        vrf=draft.vrf,
        shutdown=draft.shutdown,
        border=draft.border,
        redistributed=tuple(draft.redistributed),
        unread=tuple(draft.unread),
        source=source.at(draft.first + 1, draft.last + 1),
    )

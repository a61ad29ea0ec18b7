"""`show ip ospf [PROCESS] database external [self-originate]`: what comes from outside OSPF, LSA by LSA.

Sources: RFC 2328 A.4.5 (fields of an AS-external-LSA), and the answers of IOS 15 and IOS-XE 16 and 17.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_azinterop.iosxe.addresses import ipv4_address, ipv4_network
from pytest_azinterop.iosxe.answer import lines_or_none, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.ospf import ExternalLsa, OspfDatabase

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_ADDRESS = r"(\d+\.\d+\.\d+\.\d+)"
_HEAD = re.compile(rf"\s*OSPF Router with ID \({_ADDRESS}\) \(Process ID (\d+)\)\s*")
_TITLE = re.compile(r"\s*Type-5 AS External Link States\s*")
_NOTE = re.compile(r"\s*(?:Routing Bit Set on this LSA.*|Delete flag is set for this LSA|TOS: 0|MTID: 0)\s*")
# In the order in which an LSA prints them; the last one ends it.
_FIELDS: Final = (
    ("age", re.compile(r"\s*LS age: (?:MAXAGE\()?(\d+)\)?(?: \(DoNotAge\))?\s*")),
    ("options", re.compile(r"\s*Options: (\S.*)")),
    ("type", re.compile(r"\s*LS Type: (AS External Link)\s*")),
    ("id", re.compile(rf"\s*Link State ID: {_ADDRESS} \(External Network Number ?\)\s*")),
    ("router", re.compile(rf"\s*Advertising Router: {_ADDRESS}\s*")),
    ("sequence", re.compile(r"\s*LS Seq Number: ([0-9A-Fa-f]{8})\s*")),
    ("checksum", re.compile(r"\s*Checksum: 0x([0-9A-Fa-f]+)\s*")),
    ("length", re.compile(r"\s*Length: (\d+)\s*")),
    ("mask", re.compile(r"\s*Network Mask: (/\d+|\d+\.\d+\.\d+\.\d+)\s*")),
    ("metric type", re.compile(r"\s*Metric Type: ([12]) \(.*\)\s*")),
    ("metric", re.compile(r"\s*Metric: (\d+)\s*")),
    ("forward", re.compile(rf"\s*Forward Address: {_ADDRESS}\s*")),
    ("tag", re.compile(r"\s*External Route Tag: (\d+)\s*")),
)
_NAMES: Final = tuple(name for name, _ in _FIELDS)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[OspfDatabase]:
    """One record per process, also of one without an LSA. None: nothing at all is printed and `may_be_empty`.

    Each LSA has all its fields in order: one that stops early is cut off.
    """
    lines = lines_or_none(text, source)
    found: list[tuple[re.Match[str], int, list[ExternalLsa]]] = []
    block: list[str] = []
    first = 0
    titled = False
    under_title: list[list[ExternalLsa]] = []
    for index, line in enumerate(lines):
        if not line:
            continue
        head = _HEAD.fullmatch(line) if "OSPF" in line else None
        title = _TITLE.fullmatch(line) if "Type-5" in line else None
        if (head or title) and block:
            raise not_understood(lines, index, source, f"an LSA without its {_NAMES[len(block)]}", cause="cut-off")
        if head:
            found.append((head, index, []))
            titled = False
        elif title and found and not titled:
            titled = True
            under_title.append(found[-1][2])
        elif titled and len(block) < len(_FIELDS) and (field := _FIELDS[len(block)][1].fullmatch(line)):
            first = index if not block else first
            block.append(field[1])
            if len(block) == len(_FIELDS):
                found[-1][2].append(_lsa(dict(zip(_NAMES, block, strict=True)), lines, first, index, source))
                block = []
        elif not (titled and _NOTE.fullmatch(line)):
            raise not_understood(lines, index, source, "not a line of the link-state database")
    if block:
        raise not_understood(lines, None, source, f"an LSA without its {_NAMES[len(block)]}", cause="cut-off")
    if not found and not may_be_empty:
        raise not_understood(lines, None, source, "no process is named", cause="cut-off")
    if not all(under_title):
        raise not_understood(lines, None, source, "a title without any LSA", cause="cut-off")
    return Parsed(tuple(_database(head, lsas, index, lines, source) for head, index, lsas in found))


def _database(
    head: re.Match[str], lsas: list[ExternalLsa], index: int, lines: list[str], source: Source
) -> OspfDatabase:
    try:
        router_id = ipv4_address(head[1])
    except ValueError:
        raise not_understood(lines, index, source, "a router ID that is none") from None
    return OspfDatabase(int(head[2]), router_id, tuple(lsas), source=source.at(index + 1))


def _lsa(fields: dict[str, str], lines: list[str], first: int, last: int, source: Source) -> ExternalLsa:
    try:
        prefix = ipv4_network(f"{fields['id']}/{fields['mask'].removeprefix('/')}")
        router, forward = ipv4_address(fields["router"]), ipv4_address(fields["forward"])
    except ValueError:
        raise not_understood(lines, last, source, "an LSA with an address or mask that is none") from None
    return ExternalLsa(
        prefix=prefix,
        router=router,
        age=int(fields["age"]),
        metric=int(fields["metric"]),
        metric_type=int(fields["metric type"]),
        tag=int(fields["tag"]),
        forward=None if int(forward) == 0 else forward,
        source=source.at(first + 1, last + 1),
    )

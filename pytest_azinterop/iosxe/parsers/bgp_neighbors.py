"""`show bgp … neighbors`: a block per neighbor.

A block opens with `BGP neighbor is` and closes with the state of its TCP connection. Inside it, the lines of an address
family hold what that family counts and filters; the unicast family that the neighbor was asked for is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_azinterop.iosxe.addresses import address as to_address
from pytest_azinterop.iosxe.addresses import ipv4_address
from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.as_path import asn
from pytest_azinterop.iosxe.parsers.bgp_neighbor_lines import NEEDLESS, SESSION, STATISTICS_END, UNICAST
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.bgp import BgpNeighbor, LastReset, MaximumPrefix

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.errors import ParseError
    from pytest_azinterop.state.source import Source

_OPENING = re.compile(
    r"BGP neighbor is \*?(?P<address>[0-9A-Fa-f.:]+(?:%\S+)?), +(?:vrf (?P<vrf>\S+), +)?remote AS (?P<remote_as>[\d.]+)"
    r"(?:, +local AS (?P<local_as>[\d.]+)(?P<local_options>(?: [a-z-]+)*))?, +(?P<link>internal|external) link"
)
_STAMP = re.compile(r"Load for five secs: .*|(?:Time source is|No time source).*")
_FAMILY = re.compile(r"For address family: (\S.*)")
_STATISTICS = re.compile(r"Message statistics(?:, state \S+)?:")
# What may be the last line of the answer: of the TCP part of a block, in its several ages, or that there is none.
_LAST = re.compile(
    r"TCP Semaphore +0x[0-9A-F]+ +FREE|No active TCP connection|fast lock acquisition failures: \d+, slow path: \d+"
    r"|Packets received in fast path: .*, slow path: \d+|Sent: \d+ .*total data bytes: \d+"
)
_CLOSING_WORDS = ("TCP Semaphore", "No active TCP connection")
_CLOSING = re.compile(r"TCP Semaphore +0x\w+.*|No active TCP connection")
_REQUIRED: Final = {
    "state": "BGP state",
    "established": "Connections established",
    "last_reset": "Last reset",
    "connection": "its TCP connection",
}


@dataclass(slots=True)
class _Block:
    """One neighbor while it is being read. `families` maps each address family in it to what its lines said;
    `heading` is the family that stands above it in the `all` forms, which print none inside."""

    first: int
    opening: dict[str, str | None]
    heading: str | None
    session: dict[str, str] = field(default_factory=dict)
    families: dict[str, dict[str, str]] = field(default_factory=dict)
    family: dict[str, str] | None = None
    in_statistics: bool = False
    closed: bool = False
    last: int = 0
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, vrf: str | None = None, may_be_empty: bool = False) -> Parsed[BgpNeighbor]:
    """One record per block. `vrf` is what was asked for: a neighbor of another one is then an error.

    Without any neighbor the router prints nothing at all: with `may_be_empty` an empty text is read as that.
    """
    lines = [line.strip() for line in text.split("\n")]
    blocks: list[_Block] = []
    block: _Block | None = None
    family = None
    needless = NEEDLESS.alone.get
    for index, line in enumerate(lines):
        if not line:
            continue
        if block is not None and line.startswith(needless(line[:3], ())) and "BGP neighbor is" not in line:
            block.last = index
            continue
        if block is not None and "connection" in block.session and _heads_a_family(line):
            block = None  # the families inside a block stand before its TCP part: this one heads the next blocks
        if line.startswith("BGP neighbor is"):
            if (match := _OPENING.fullmatch(line)) is not None:
                block = _Block(index, match.groupdict(), heading=family)
                blocks.append(block)
                continue
            raise not_understood(lines, index, source, "a neighbor's first line that is not understood")
        if block is not None:
            _line(block, index, line, lines, source)
            block = None if block.closed else block
        elif match := _FAMILY.fullmatch(line):
            family = match[1]
            if blocks:
                blocks[-1].closed = True
        elif not _STAMP.fullmatch(line) or blocks:
            raise not_understood(lines, index, source, "a line outside the neighbors' blocks")
    if not blocks and family is None and (not may_be_empty or any(lines)):
        raise not_understood(lines, None, source, "no BGP neighbor in the answer")
    _ends_well(lines, blocks, source)
    return Parsed(tuple(_record(block, lines, source, vrf) for block in blocks))


def _ends_well(lines: list[str], blocks: list[_Block], source: Source) -> None:
    last = next((index for index in range(len(lines) - 1, -1, -1) if lines[index]), None)
    if last is None or not blocks or _FAMILY.fullmatch(lines[last]) or _LAST.fullmatch(lines[last]):
        return
    raise not_understood(lines, last, source, "the last neighbor's block does not end here: cut off", cause="cut-off")


def _line(block: _Block, index: int, line: str, lines: list[str], source: Source) -> None:
    """Read one line of a block into it."""
    block.last = index
    if "BGP neighbor is" in line and not line.startswith("Description:"):
        raise not_understood(lines, index, source, "a neighbor's first line inside another line")
    if line.startswith(_CLOSING_WORDS) and _CLOSING.fullmatch(line):
        block.closed = True
        block.session.setdefault("connection", line)
    elif line.startswith("For address family") and (match := _FAMILY.fullmatch(line)):
        block.family = block.families.setdefault(match[1], {})
        block.in_statistics = False
    elif line.startswith("Message statistics") and _STATISTICS.fullmatch(line):
        block.in_statistics = True
    elif not _known(block, line, lines, index, source) and not NEEDLESS.match(line):
        block.unread.append(line)
    if line.startswith(STATISTICS_END):
        block.in_statistics = False


def _heads_a_family(line: str) -> bool:
    return line.startswith("For address family") and _FAMILY.fullmatch(line) is not None


def _known(block: _Block, line: str, lines: list[str], index: int, source: Source) -> bool:
    """Take what a line says. A second, different value in the same block means that a boundary was lost."""
    match, said = None, block.family
    if said is not None:
        match = UNICAST.fullmatch(line)
    if match is None or said is None:
        match, said = SESSION.fullmatch(line), block.session
    if match is None:
        return False
    for name, value in match.groupdict().items():
        if value is None or (name.startswith("total_") and not block.in_statistics):
            continue
        if said.setdefault(name, value) != value:
            raise not_understood(lines, index, source, "a second value for the same neighbor")
    return True


def _record(block: _Block, lines: list[str], source: Source, vrf: str | None) -> BgpNeighbor:
    said = block.session
    missing = next((words for name, words in _REQUIRED.items() if name not in said), None)
    if missing is not None:
        raise not_understood(
            lines, block.first, source, f"a neighbor's block without {missing}: cut off", cause="cut-off"
        )
    # A neighbor that is not activated has no family; its session cannot be up then.
    if not block.families and block.heading is None and said["state"] == "Established":
        raise not_understood(
            lines, block.first, source, "a neighbor's block without its address family: cut off", cause="cut-off"
        )
    if vrf is not None and block.opening["vrf"] != vrf:
        raise not_understood(lines, block.first, source, f"a neighbor that is not in VRF {vrf}")
    try:
        return _neighbor(block, source)
    except ValueError as wrong:
        raise _wrong(lines, block, source, wrong) from None


def _wrong(lines: list[str], block: _Block, source: Source, wrong: ValueError) -> ParseError:
    return not_understood(lines, block.first, source, f"a neighbor's block that is not understood: {wrong}")


def _family_of(block: _Block) -> dict[str, str]:
    """What was said in the unicast address family; with several, the one of the neighbor's own kind."""
    address = str(block.opening["address"])
    version = "6" if ":" in address else "4"
    wanted = f"VPNv{version} Unicast" if block.opening["vrf"] else f"IPv{version} Unicast"
    if wanted in block.families or not block.families:
        return block.families.get(wanted, {})
    return next((said for name, said in block.families.items() if name.endswith("Unicast")), {})


def _neighbor(block: _Block, source: Source) -> BgpNeighbor:
    opening, said, family = block.opening, block.session, _family_of(block)
    established = said["state"] == "Established"
    if established and not {"hold_time", "in_state"} <= said.keys():
        raise ValueError("an Established neighbor without its up time and negotiated timers")
    return BgpNeighbor(
        vrf=opening["vrf"],
        address=to_address(str(opening["address"])),
        remote_as=asn(str(opening["remote_as"])),
        external=opening["link"] == "external",
        state=said["state"],
        shutdown="shutdown" in said,
        local_as=asn(opening["local_as"]) if opening["local_as"] else None,
        description=said.get("description"),
        router_id=_router_id(said.get("router_id")),
        in_state_for=duration(said["in_state"]) if established else None,
        last_read=duration(said.get("last_read", "never")),
        last_write=duration(said.get("last_write", "never")),
        hold_time=int(said["hold_time"]) if established else None,
        keepalive=int(said["keepalive"]) if established else None,
        configured_hold_time=_integer(said, "configured_hold_time"),
        configured_keepalive=_integer(said, "configured_keepalive"),
        local_address=_local_address(said.get("local_host")),
        multihop=_multihop(said),
        accepted_prefixes=_integer(family, "accepted_prefixes"),
        sent_prefixes=_integer(family, "sent_prefixes"),
        soft_reconfiguration_inbound="soft_reconfiguration" in family,
        route_map_in=family.get("route_map_in"),
        route_map_out=family.get("route_map_out"),
        prefix_list_in=family.get("prefix_list_in"),
        prefix_list_out=family.get("prefix_list_out"),
        filter_list_in=family.get("filter_list_in"),
        filter_list_out=family.get("filter_list_out"),
        weight=_integer(family, "weight"),
        next_hop_self="next_hop_self" in family,
        maximum_prefix=_maximum_prefix(family),
        bfd_configured="bfd" in said or "bfd" in family,
        connections_established=_integer(said, "established"),
        connections_dropped=_integer(said, "dropped"),
        last_reset=LastReset(duration(said["last_reset"]), said.get("reset_reason")),
        messages_sent=_integer(said, "total_sent"),
        messages_received=_integer(said, "total_received"),
        unread=tuple(block.unread),
        source=source.at(block.first + 1, block.last + 1),
    )


def _integer(said: dict[str, str], name: str) -> int | None:
    return int(said[name]) if name in said else None


def _router_id(text: str | None) -> IPv4Address | None:
    """0.0.0.0 until the neighbor has said its own."""
    address = ipv4_address(text) if text is not None else None
    return address if address is not None and not address.is_unspecified else None


def _local_address(text: str | None) -> IPv4Address | IPv6Address | None:
    address = to_address(text) if text is not None else None
    return address if address is not None and not address.is_unspecified else None


def _multihop(said: dict[str, str]) -> int | None:
    """The hop count of `ebgp-multihop`; IOS-XE names no count where it is the greatest one."""
    if "hops" in said:
        return int(said["hops"])
    return 255 if "not_connected" in said else None


def _maximum_prefix(family: dict[str, str]) -> MaximumPrefix | None:
    if "maximum" not in family:
        return None
    return MaximumPrefix(int(family["maximum"]), _integer(family, "threshold"), "warning_only" in family)

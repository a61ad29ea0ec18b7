"""Which packets an access list lets through, as boxes of protocol, addresses and ports: no packet is tried one by one.

Source: Cisco, "Security Configuration Guide: Access Control Lists, IOS XE 17": the first entry that matches decides,
and behind the last one everything is denied.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from ipaddress import IPv4Network

    from pytest_azinterop.state.config import ConfigLine

Interval = tuple[int, int]
"""Both ends belong to it."""
Box = tuple[Interval, Interval, Interval, Interval, Interval]
"""Protocol, source, destination, source port, destination port."""
Outcome = Literal["some", "none", "open"]

TCP: Final = 6
UDP: Final = 17
_ESP: Final = 50
_PORTS: Final = 65535
# What keeps the path up and is none of the site's traffic: BGP; IKE, BFD (RFC 5881, 5883), IPsec behind a NAT.
_CONTROL: Final = {TCP: (179,), UDP: (500, 3784, 3785, 4500, 4784)}
_MOST_BOXES: Final = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list. `boxes` None: its packets are not understood; then `permit` None is an unknown action too.

    `partly`: further conditions choose among the packets of its boxes. `fragments`: it matches later fragments alone.
    `at_times`: it counts in a time range only.
    """

    permit: bool | None
    boxes: tuple[Box, ...] | None
    line: ConfigLine
    partly: bool = False
    fragments: bool = False
    at_times: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """What of a flow passes. `decided` is the entry that leaves it so, None: what stands behind the last one."""

    outcome: Outcome
    decided: Entry | None = None


def interval(network: IPv4Network) -> Interval:
    """The addresses of a prefix."""
    return int(network.network_address), int(network.broadcast_address)


def flow(source: IPv4Network, destination: IPv4Network) -> list[Box]:
    """All TCP and UDP packets between two prefixes, but those that only keep the path up."""
    ends = interval(source), interval(destination)
    return [
        ((protocol, protocol), *ends, from_, to)
        for protocol, left_out in _CONTROL.items()
        for from_, to in product(list(without(left_out)), repeat=2)
    ]


def call(peer: IPv4Network, here: IPv4Network) -> dict[str, list[Box]]:
    """What a tunnel needs from its peer: IKE (RFC 7296, 2), and ESP by itself or in UDP (RFC 3948)."""
    ends = interval(peer), interval(here)
    any_port, behind_nat = (0, _PORTS), (4500, 4500)
    in_udp = ((UDP, UDP), *ends, any_port, behind_nat)
    return {
        "IKE (UDP 500 or 4500)": [((UDP, UDP), *ends, any_port, (500, 500)), in_udp],
        "ESP (or UDP 4500)": [((_ESP, _ESP), *ends, any_port, any_port), in_udp],
    }


def without(ports: Iterable[int]) -> Iterator[Interval]:
    """All ports but these."""
    first = 0
    for port in sorted(ports):
        if first < port:
            yield first, port - 1
        first = port + 1
    if first <= _PORTS:
        yield first, _PORTS


def passage(entries: Sequence[Entry], packets: Sequence[Box]) -> Passage:
    """Whether any of these packets passes. A list without an entry lets everything pass."""
    if not entries:
        return Passage("some")
    left = list(packets)
    may_pass: Entry | None = None
    may_stop: Entry | None = None
    for entry in entries:
        if entry.boxes is None:
            may_pass = may_pass or (entry if entry.permit is not False else None)
            may_stop = may_stop or (entry if entry.permit is not True else None)
            continue
        if entry.fragments or not any(_meet(box, other) for box in entry.boxes for other in left):
            continue
        if entry.permit:
            return Passage("some", entry) if may_stop is None else Passage("open", may_stop)
        if entry.at_times:
            may_stop = may_stop or entry
        elif not entry.partly:
            for box in entry.boxes:
                left = [part for other in left for part in _cut(other, box)]
            if len(left) > _MOST_BOXES:
                return Passage("open", entry)
            if not left:
                return Passage("none", entry) if may_pass is None else Passage("open", may_pass)
    return Passage("none") if may_pass is None else Passage("open", may_pass)


def _meet(one: Box, other: Box) -> bool:
    return all(a[0] <= b[1] and b[0] <= a[1] for a, b in zip(one, other, strict=True))


def _cut(box: Box, out: Box) -> Iterator[Box]:
    """What of a box lies outside of another one, in boxes that do not overlap."""
    if not _meet(box, out):
        yield box
        return
    rest = list(box)
    for place, (low, high) in enumerate(out):
        first, last = rest[place]
        if first < low:
            yield _with(rest, place, (first, low - 1))
        if last > high:
            yield _with(rest, place, (high + 1, last))
        rest[place] = (max(first, low), min(last, high))


def _with(box: Sequence[Interval], place: int, part: Interval) -> Box:
    protocol, source, destination, from_, to = (part if at == place else each for at, each in enumerate(box))
    return protocol, source, destination, from_, to

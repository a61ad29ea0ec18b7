"""`ping`: the router's own probe."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.probe import PingResult

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_SENDING = re.compile(r"\s*Sending (\d+), .*ICMP Echos to ([0-9A-Fa-f.:]+), timeout is \d+ (?:milli)?seconds?:\s*")
_MARKS = re.compile(r"\s*[!.UQMIC?&NPTHSBR]+\s*")
_RATE = re.compile(
    r"\s*Success rate is (\d+) percent \((\d+)/(\d+)\)(?:, round-trip min/avg/max = (\d+)/(\d+)/(\d+) ms)?\s*"
)
_KNOWN = re.compile(r"\s*(?:Type escape sequence to abort\.|Packet sent with .*)\s*")


def parse(text: str, source: Source, *, vrf: str | None = None) -> Parsed[PingResult]:
    """One record. Raises ParseError when the success line is missing (cut off) or disagrees with the characters."""
    lines = lines_of(text, source)
    sending: re.Match[str] | None = None
    rate: re.Match[str] | None = None
    marks = ""
    first = last = 0
    for index, line in enumerate(lines):
        if not line or _KNOWN.fullmatch(line):
            continue
        if found := _SENDING.fullmatch(line):
            if sending is not None:
                raise not_understood(lines, index, source, "a second ping in one answer")
            sending, first = found, index
        elif found := _RATE.fullmatch(line):
            rate, last = found, index
        elif sending is not None and rate is None and _MARKS.fullmatch(line):
            marks += line.strip()
        else:
            raise not_understood(lines, index, source, "not a line of a ping")
    if sending is None or rate is None:
        raise not_understood(lines, None, source, "the ping's first or last line is missing", cause="cut-off")
    received, sent = int(rate.group(2)), int(rate.group(3))
    if sent > int(sending.group(1)) or len(marks) != sent or marks.count("!") != received:
        raise not_understood(lines, last, source, f"{len(marks)} result characters do not agree with {received}/{sent}")
    try:
        target = ip_address(sending.group(2))
    except ValueError:
        raise not_understood(lines, first, source, "an address that is none") from None
    times = [int(part) if part else None for part in rate.group(4, 5, 6)]
    return Parsed(
        (
            PingResult(
                vrf=vrf,
                target=target,
                sent=sent,
                received=received,
                marks=marks,
                rtt_min=times[0],
                rtt_avg=times[1],
                rtt_max=times[2],
                source=source.at(first + 1, last + 1),
            ),
        )
    )

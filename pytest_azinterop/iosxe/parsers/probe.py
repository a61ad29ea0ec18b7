"""`ping`: the router's own probe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.addresses import address, address_or_none
from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.probe import PingResult

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_SENDING = re.compile(
    r"\s*Sending (?P<count>\d+), (?:(?P<size>\d+)-byte )?.*ICMP Echos to (?P<target>[0-9A-Fa-f.:]+),"
    r" timeout is \d+ (?:milli)?seconds?:\s*"
)
_MARKS = re.compile(r"\s*[!.UQMIC?&NPTHSBR]+\s*")
_RATE = re.compile(
    r"\s*Success rate is (\d+) percent \((\d+)/(\d+)\)(?:, round-trip min/avg/max = (\d+)/(\d+)/(\d+) ms)?\s*"
)
_KNOWN = re.compile(r"\s*(?:Type escape sequence to abort\.|Packet sent with .*)\s*")
_SENT_AS = "Packet sent with "


def parse(text: str, source: Source, *, vrf: str | None = None) -> Parsed[PingResult]:
    """One record. Raises ParseError when the success line is missing (cut off) or disagrees with the characters, and
    for an answer that is none to this command: of another size or source, to another target, or of packets that could
    be fragmented."""
    lines = lines_of(text, source)
    sending: re.Match[str] | None = None
    rate: re.Match[str] | None = None
    marks = ""
    sent_as: list[str] = []
    first = last = 0
    for index, line in enumerate(lines):
        if not line or _KNOWN.fullmatch(line):
            sent_as += [line.strip()] if line.strip().startswith(_SENT_AS) else []
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
    wrong = _not_asked(source.command.split(), sending, sent_as)
    if wrong is not None:
        raise not_understood(lines, first, source, f"the answer to another ping: {wrong}")
    if sent > int(sending["count"]) or len(marks) != sent or marks.count("!") != received:
        raise not_understood(lines, last, source, f"{len(marks)} result characters do not agree with {received}/{sent}")
    try:
        target = address(sending["target"])
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


def _not_asked(words: list[str], sending: re.Match[str], sent_as: list[str]) -> str | None:
    """In what the router's own words contradict the command; None: in nothing that both of them tell."""
    asked = {name: words[words.index(name) + 1] for name in ("size", "source") if name in words[:-1]}
    if asked.get("size") not in {None, sending["size"]}:
        return f"its packets have {sending['size']} bytes, asked were {asked['size']}"
    if "df-bit" in words and not any("DF bit" in line for line in sent_as):
        return "its packets could be fragmented"
    addresses = [found for found in map(address_or_none, words) if found is not None]
    target = address_or_none(sending["target"])
    if addresses and target is not None and target not in addresses:
        return f"its target is {sending['target']}"
    source = address_or_none(asked.get("source", ""))
    told = [address_or_none(line.split()[-1]) for line in sent_as if "source address" in line]
    if source is not None and told and told[0] != source:
        return f"its source is {told[0]}"
    return None

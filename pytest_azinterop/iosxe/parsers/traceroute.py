"""`traceroute`: a numbered line per time to live; a router that answers a later probe of it has a line of its own."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.probe import TraceHop, TraceProbe, TraceResult

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from pytest_azinterop.state.source import Source

_TARGET = re.compile(
    r"\s*Tracing the route to (?:(?P<name>\S+) \((?P<named>[0-9A-Fa-f.:]+)\)|(?P<bare>[0-9A-Fa-f.:]+))\s*"
)
_KNOWN = re.compile(
    r"\s*(?:Type escape sequence to abort\.|VRF info: .*|Trace(?:route)? complete\.?)\s*", re.IGNORECASE
)
_TTL = re.compile(r"\bttl \d+ (\d+)\b")
_HOP = re.compile(r"\s{0,2}(?P<ttl>\d{1,3}) +(?P<rest>\S.*)")
_MORE = re.compile(r"\s{3,}(?P<rest>\S.*)")
_PIECE = re.compile(
    r"(?P<lost>\*)|(?P<time>\d+) msec|(?P<mark>![A-Z0-9]*|[?QPUNT](?=\s|$))"
    r"|(?P<note>\[[^\]]*\]|\((?!\d+\.|[0-9A-Fa-f]*:)[^)]*\))"
    r"|(?:(?P<name>[A-Za-z0-9][\w.-]*) )?\((?P<named>[0-9A-Fa-f.:]+)\)|(?P<bare>[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+)(?=\s|$)"
)


def parse(text: str, source: Source, *, vrf: str | None = None) -> Parsed[TraceResult]:
    """One record. Hops count up without a gap, each with the same number of probes.

    The router stops where something says that the probe's port is closed, where a refusal (`!H`, `!N`, …) answered, or
    at the greatest time to live (30 unless the command says another). What says so is the target as a rule, but nothing
    in the line tells it from a hop on the way; a trace that ends with a silent hop before its time was cut off.
    """
    lines = lines_of(text, source)
    target: IPv4Address | IPv6Address | None = None
    hops: list[tuple[int, list[TraceProbe]]] = []
    notes: list[str] = []
    first = last = 0
    for index, line in enumerate(lines):
        if not line or _KNOWN.fullmatch(line):
            continue
        if target is None and (found := _TARGET.fullmatch(line)):
            target, first = _address(found["named"] or found["bare"], lines, index, source), index
        elif target is not None and (found := _HOP.fullmatch(line)):
            if hops and int(found["ttl"]) != hops[-1][0] + 1:
                raise not_understood(lines, index, source, "a hop that does not follow the one before it")
            hops.append((int(found["ttl"]), []))
            _read_probes(found["rest"], hops[-1][1], notes, lines, index, source)
        elif hops and (found := _MORE.fullmatch(line)):
            _read_probes(found["rest"], hops[-1][1], notes, lines, index, source)
        else:
            raise not_understood(lines, index, source, "not a line of a traceroute")
        last = index
    if target is None or not hops:
        raise not_understood(lines, None, source, "the traceroute's target or its hops are missing", cause="cut-off")
    longest = max(len(probes) for _, probes in hops)
    short = next((ttl for ttl, probes in hops if len(probes) != longest), None)
    if short is not None:
        raise not_understood(lines, last, source, f"hop {short} has fewer probes than others", cause="cut-off")
    record = TraceResult(
        vrf=vrf,
        target=target,
        hops=tuple(TraceHop(ttl, tuple(probes)) for ttl, probes in hops),
        unread=tuple(notes),
        limit=_greatest_ttl(source.command),
        source=source.at(first + 1, last + 1),
    )
    if record.end == "none":
        raise not_understood(lines, last, source, "the traceroute stops on its way", cause="cut-off")
    return Parsed((record,))


def _greatest_ttl(command: str) -> int:
    found = _TTL.search(command)
    return int(found[1]) if found else 30


def _read_probes(
    rest: str, probes: list[TraceProbe], notes: list[str], lines: list[str], index: int, source: Source
) -> None:
    """The answers of one line: an address stands before the times of its probes."""
    address: IPv4Address | IPv6Address | None = None
    position, waiting, timed = 0, False, False
    for piece in _PIECE.finditer(rest):
        if rest[position : piece.start()].strip():
            raise not_understood(lines, index, source, "not an answer to a probe")
        position = piece.end()
        if piece["named"] or piece["bare"]:
            address, waiting = _address(piece["named"] or piece["bare"], lines, index, source), True
        elif piece["lost"]:
            probes.append(TraceProbe(None, None))
        elif piece["mark"] and timed:  # it says more about the probe before it
            probes[-1] = TraceProbe(probes[-1].address, probes[-1].milliseconds, piece["mark"])
        elif piece["mark"]:
            probes.append(TraceProbe(address, None, piece["mark"]))
            waiting = False
        elif piece["time"]:
            if address is None:
                raise not_understood(lines, index, source, "a time without an address")
            probes.append(TraceProbe(address, int(piece["time"])))
            waiting = False
        else:
            notes.append(piece["note"])
        timed = piece["time"] is not None
    if rest[position:].strip() or waiting:
        raise not_understood(lines, index, source, "a hop that its line does not complete", cause="cut-off")


def _address(text: str, lines: list[str], index: int, source: Source) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise not_understood(lines, index, source, "an address that is none") from None

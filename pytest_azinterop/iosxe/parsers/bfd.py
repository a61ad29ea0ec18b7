"""`show bfd neighbors [details]`: a row per session under one of three headers; with details a block below each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_or_none, not_understood, unterminated
from pytest_azinterop.iosxe.interface_names import long_name
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.adjacency import BfdNeighbor

if TYPE_CHECKING:
    from datetime import timedelta

    from pytest_azinterop.state.source import Source

_TITLE = re.compile(r"\s*IPv[46] Sessions\s*")
_HEADER = re.compile(
    r"\s*(?:OurAddr\s+)?NeighAddr\s+LD/RD\s+RH/RS\s+(?:Holdd?own ?\(mult\)\s+)?State\s+Int(?:erface)?\s*"
)
_ROW = re.compile(
    r"\s*(?:(?P<our>[0-9A-Fa-f.:]+)\s+)?(?P<neighbor>[0-9A-Fa-f.:]+)\s+(?P<local>\d+)/(?P<remote>\d+)\s+"
    r"(?P<heard>\d|[A-Z]\w+)\s+(?:\d+\s*\(\d+\s*\)\s+)?(?P<state>[A-Z]\w+)\s+(?P<interface>[A-Za-z][\w/.:-]*\d)\s*"
)
_ADDRESS_ONLY = re.compile(r"\s*(?P<neighbor>[0-9A-Fa-f:]+:[0-9A-Fa-f:.]*)\s*")
_REST_OF_ROW = re.compile(
    r"\s+(?P<local>\d+)/(?P<remote>\d+)\s+(?P<heard>\d|[A-Z]\w+)\s+(?P<state>[A-Z]\w+)\s+"
    r"(?P<interface>[A-Za-z][\w/.:-]*\d)\s*"
)
_LINES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("echo", r"Session state is \w+ and (using echo function with \d+ ms interval|not using echo function)\."),
        ("host", r"Session Host: (\w+).*"),
        ("our", r"OurAddr: ([0-9A-Fa-f.:]+)"),
        ("diagnostic", r"Local Diag: (\d+), .*"),
        ("timers", r"MinTxInt: (\d+, MinRxInt: \d+, Multiplier: \d+)"),
        ("received", r"Received MinRxInt: (\d+, Received Multiplier: \d+)"),
        ("clients", r"Registered protocols: ?(.*)"),
        ("template", r"Template: (\S+)"),
        ("up", r"Uptime: (\S+)"),
        ("down", r"Downtime: (\S+)"),
        ("packet", r"Last packet:\s+Version: \d+\s+- Diagnostic: (\d+)"),
        ("transmits", r"Min tx interval: (\d+)\s+- Min rx interval: \d+"),
        ("end", r"Min Echo interval: (\d+)"),
    )
)
_KNOWN = re.compile(
    r"Handle: \d+|Holddown \(hits\): .*|(?:Echo )?[RT]x Count: .*|Elapsed time watermarks: .*|Last packet: .*"
    r"|State bit: .*|Poll bit: .*|C bit: .*|Multiplier: .*|My Discr\.: .*|Min tx interval: .*"
    r"|Inactive \w+ Addr: .*|Authentication\(.*|Session Mode: .*|SlowTimer.*"
)
_WORD = re.compile(r"[A-Z][\w -]*[:(].*")
_NONE = re.compile(r"\s*(?:No|There are no) (?:BFD )?(?:neighbors|sessions).*", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    row: re.Match[str]
    first: int
    last: int
    neighbor: str
    values: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def parse(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[BfdNeighbor]:
    """One record per session. None: a title or header stands alone, or the answer is empty and `may_be_empty`.

    A session whose block has begun but does not reach the last packet's last line was cut off; so was one without a
    block where another has one.
    """
    lines = lines_or_none(text, source)
    drafts: list[_Draft] = []
    positive = may_be_empty and not any(lines)
    wrapped: str | None = None
    header = False
    for index, line in enumerate(lines):
        if not line:
            continue
        if _TITLE.fullmatch(line) or _HEADER.fullmatch(line) or _NONE.fullmatch(line):
            positive, header = True, bool(_HEADER.fullmatch(line))
        elif header and (row := _ROW.fullmatch(line)):
            drafts.append(_Draft(row, index, index, row["neighbor"]))
        elif header and wrapped is None and (alone := _ADDRESS_ONLY.fullmatch(line)):
            wrapped = alone["neighbor"]
            continue
        elif wrapped is not None and (row := _REST_OF_ROW.fullmatch(line)):
            drafts.append(_Draft(row, index - 1, index, wrapped))
        elif not drafts or not _read_line(drafts[-1], line.strip(), index, whole=not unterminated(lines, index)):
            raise not_understood(lines, index, source, "not a line of BFD sessions")
        if wrapped is not None and (not drafts or drafts[-1].last != index):
            raise not_understood(lines, index, source, "the row before it is not complete")
        wrapped = None
    if wrapped is not None:
        raise not_understood(lines, None, source, "the last row is not complete", cause="cut-off")
    if not drafts and not positive:
        raise not_understood(lines, None, source, "the answer does not say that there are no sessions")
    asked = source.command.lower().split()[-1:]
    detailed = any(draft.values for draft in drafts) or (asked != [] and asked[0].startswith("det"))
    return Parsed(tuple(_record(draft, lines, source, detailed=detailed) for draft in drafts))


def _read_line(draft: _Draft, words: str, index: int, *, whole: bool) -> bool:
    draft.last = index
    for name, pattern in _LINES:
        if found := pattern.fullmatch(words):
            if name in draft.values:
                return False
            draft.values[name] = found[1].strip()
            return True
    if _KNOWN.fullmatch(words):
        return True
    draft.unread.append(words)
    return whole and _WORD.fullmatch(words) is not None


def _record(draft: _Draft, lines: list[str], source: Source, *, detailed: bool) -> BfdNeighbor:
    row, values = draft.row, draft.values
    missing = [name for name in ("diagnostic", "timers", "received", "clients", "end") if name not in values]
    if detailed and missing:
        why = f"this session's block is incomplete, missing: {', '.join(missing)}"
        raise not_understood(lines, draft.first, source, why, cause="cut-off")
    timers, received = _numbers(values.get("timers"), 3), _numbers(values.get("received"), 2)
    echo = re.search(r"\d+", values.get("echo", ""))
    our = values.get("our") or row.groupdict().get("our")
    try:
        return BfdNeighbor(
            neighbor=ip_address(draft.neighbor),
            local_address=ip_address(our) if our else None,
            local_discriminator=int(row["local"]),
            remote_discriminator=int(row["remote"]),
            remote_heard=row["heard"],
            state=row["state"],
            interface=long_name(row["interface"]),
            echo_interval=int(echo[0]) * 1000 if echo else None,
            hardware=values["host"] == "Hardware" if "host" in values else None,
            local_diagnostic=int(values["diagnostic"]) if "diagnostic" in values else None,
            minimum_transmit=timers[0],
            minimum_receive=timers[1],
            multiplier=timers[2],
            received_minimum_receive=received[0],
            received_multiplier=received[1],
            received_minimum_transmit=int(values["transmits"]) if "transmits" in values else None,
            received_diagnostic=int(values["packet"]) if "packet" in values else None,
            clients=tuple(values.get("clients", "").split()),
            template=values.get("template"),
            up_for=_time(values.get("up")),
            down_for=_time(values.get("down")),
            unread=tuple(draft.unread),
            source=source.at(draft.first + 1, draft.last + 1),
        )
    except ValueError:
        raise not_understood(lines, draft.first, source, "an address or a time that is none below this line") from None


def _numbers(text: str | None, count: int) -> list[int | None]:
    return [None] * count if text is None else [int(number) for number in re.findall(r"\d+", text)]


def _time(text: str | None) -> timedelta | None:
    return None if text is None else duration(text)

"""`show users`: a row per line of the router that is in use, and a second table of dial-in users that stays unread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.iosxe.parsers.durations import duration
from pytest_azinterop.state.operations import UserSession

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_HEADER = re.compile(r"\s*Line\s+User\s+Host\(s\)\s+Idle\s+Location\s*")
_DIAL_IN = re.compile(r"\s*Interface\s+User\s+Mode\s+Idle\s+Peer Address\s*")
_ROW = re.compile(
    r"\s*(?P<own>\*)?\s*\d+ (?P<line>(?:con|vty|aux|tty)\s+[\d/]+)\s+(?:(?P<user>\S+)\s+)??(?P<host>idle|\S+)\s+"
    r"(?P<idle>\d\S*|never)(?:\s+(?P<location>\S+))?\s*"
)
# Further connections of the same line, or an address that did not fit.
_MORE = re.compile(r"\s{12,}\S.*")


def parse(text: str, source: Source) -> Parsed[UserSession]:
    """One record per line in use. The asking session is always among them: an answer without it was cut off."""
    lines = lines_of(text, source)
    records: list[UserSession] = []
    unread: list[str] = []
    header = dial_in = False
    for index, line in enumerate(lines):
        if not line:
            continue
        if _HEADER.fullmatch(line):
            header = True
        elif _DIAL_IN.fullmatch(line):
            dial_in = True
        elif dial_in or (records and _MORE.fullmatch(line)):
            unread.append(line.strip())
        elif header and (row := _ROW.fullmatch(line)):
            records.append(_session(row, lines, index, source))
        else:
            raise not_understood(lines, index, source, "not a row of the users")
    if not any(record.own for record in records):
        raise not_understood(lines, None, source, "the session that asked is not listed", cause="cut-off")
    return Parsed(tuple(records), tuple(unread))


def _session(row: re.Match[str], lines: list[str], index: int, source: Source) -> UserSession:
    try:
        idle = duration(row["idle"])
    except ValueError:
        raise not_understood(lines, index, source, "a time that is none") from None
    return UserSession(
        line=" ".join(row["line"].split()),
        user=row["user"],
        idle=idle,
        location=row["location"],
        own=row["own"] is not None,
        source=source.at(index + 1),
    )

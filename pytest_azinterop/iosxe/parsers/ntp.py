"""`show ntp status` and `show ntp associations`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, lines_or_none, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.operations import NtpAssociation, NtpStatus

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_STATUS = re.compile(
    r"Clock is (?P<state>synchronized|unsynchronized), stratum (?P<stratum>\d+), "
    r"(?:reference is (?P<reference>\S+)|no reference clock)"
)
_OFF = re.compile(r"%?\s*NTP is not enabled\.?|%?\s*NTP (?:is )?not (?:configured|running)\.?", re.IGNORECASE)
_OFFSET = re.compile(r"clock offset is (-?\d+(?:\.\d+)?) msec, .*")
_END = re.compile(r"system poll interval is .*|.*\bdrift is .*system poll interval is .*")
_HEADER = re.compile(r"address\s+ref clock\s+st\s+when\s+poll\s+reach\s+delay\s+offset\s+disp")
_LEGEND = re.compile(r"\* (?:sys\.peer|master \(synced\)), .*configured")
_ROW = re.compile(
    r"(?P<mark>[*#+x-])?\s*(?P<configured>~)?\s*(?P<server>[^\s~]+)\s+(?P<reference>\S+)\s+(?P<stratum>\d+)\s+"
    r"(?:-|\d+[mhd]?)\s+\d+[mhd]?\s+(?P<reach>[0-7]{1,3})\s+-?[\d.]+\s+-?[\d.]+\s+-?[\d.]+"
)


def parse_status(text: str, source: Source) -> Parsed[NtpStatus]:
    """One record. Only the first line and the line of the poll interval, which is the last one, are required."""
    lines = lines_of(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    found = _STATUS.fullmatch(content[0][1])
    if found is None:
        if len(content) == 1 and _OFF.fullmatch(content[0][1]):
            return Parsed((NtpStatus(False, 16, None, enabled=False, source=source.at(content[0][0] + 1)),))
        raise not_understood(lines, content[0][0], source, "not the state of NTP")
    if not any(_END.fullmatch(words) for _, words in content):
        raise not_understood(lines, content[-1][0], source, "the poll interval is missing", cause="cut-off")
    offset = next((match for _, words in content if (match := _OFFSET.fullmatch(words))), None)
    record = NtpStatus(
        synchronized=found["state"] == "synchronized",
        stratum=int(found["stratum"]),
        reference=found["reference"],
        offset=float(offset[1]) if offset else None,
        unread=tuple(words for _, words in content[1:] if not _OFFSET.fullmatch(words) and not _END.fullmatch(words)),
        source=source.at(content[0][0] + 1, content[-1][0] + 1),
    )
    return Parsed((record,))


def parse_associations(text: str, source: Source, *, may_be_empty: bool = False) -> Parsed[NtpAssociation]:
    """One record per row. The legend below the rows ends the answer: without it, it was cut off."""
    lines = lines_or_none(text, source)
    content = [(index, line.strip()) for index, line in enumerate(lines) if line]
    if not content and may_be_empty:
        return Parsed(())
    if len(content) == 1 and _OFF.fullmatch(content[0][1]):
        return Parsed(())
    if not content or not _HEADER.fullmatch(content[0][1]):
        raise not_understood(lines, content[0][0] if content else None, source, "the table's header is missing")
    if not _LEGEND.fullmatch(content[-1][1]):
        raise not_understood(lines, content[-1][0], source, "the table's legend is missing", cause="cut-off")
    records = []
    for index, words in content[1:-1]:
        row = _ROW.fullmatch(words)
        if row is None:
            raise not_understood(lines, index, source, "not a row of NTP associations")
        records.append(
            NtpAssociation(
                server=row["server"],
                reference=row["reference"],
                stratum=int(row["stratum"]),
                reach=int(row["reach"], 8),
                mark=row["mark"],
                configured=row["configured"] is not None,
                source=source.at(index + 1),
            )
        )
    return Parsed(tuple(records))

"""`show clock [detail]`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import ClockReading

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_CLOCK = re.compile(
    r"\s*(?P<mark>[*.]?)(?P<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?) (?P<zone>\S+) [A-Z][a-z]{2} "
    r"(?P<date>[A-Z][a-z]{2} {1,2}\d{1,2} \d{4})\s*"
)
_QUALITY: dict[str, Literal["synchronised", "not synchronised", "not authoritative"]] = {
    "": "synchronised",
    ".": "not synchronised",
    "*": "not authoritative",
}


def parse(text: str, source: Source) -> Parsed[ClockReading]:
    """One record. Lines of the `detail` form below the time stay unread."""
    lines = lines_of(text, source)
    record: ClockReading | None = None
    unread: list[str] = []
    for index, line in enumerate(lines):
        found = _CLOCK.fullmatch(line)
        if found and record is None:
            record = _reading(found, lines, index, source)
        elif line and record is not None:
            unread.append(line.strip())
        elif line:
            raise not_understood(lines, index, source, "not a clock reading")
    if record is None:
        raise not_understood(lines, None, source, "no clock reading")
    return Parsed((record,), tuple(unread))


def _reading(found: re.Match[str], lines: list[str], index: int, source: Source) -> ClockReading:
    clock, _, fraction = found["time"].partition(".")
    try:
        naive = datetime.strptime(f"{' '.join(found['date'].split())} {clock}", "%b %d %Y %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise not_understood(lines, index, source, "a time that is none") from None
    naive = naive.replace(microsecond=int(fraction.ljust(6, "0")) if fraction else 0)
    return ClockReading(
        time=naive.replace(tzinfo=UTC) if found["zone"] in {"UTC", "GMT"} else naive,
        zone=found["zone"],
        quality=_QUALITY[found["mark"]],
        source=source.at(index + 1),
    )

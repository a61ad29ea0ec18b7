"""`show version` of IOS-XE 3 to 17 and IOS 12 to 15."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import lines_of, not_understood
from pytest_azinterop.iosxe.parsed import Parsed
from pytest_azinterop.state.device import DeviceFacts

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

# In order of preference: the XE release (`17.09.04a`), then the IOS release on the line of the software.
_RELEASE = (
    re.compile(r"Cisco IOS[ -]XE Software, Version (\S+)"),
    re.compile(r"IOS XE Version: (\S+)"),
    re.compile(
        r"(?:Cisco )?(?:IOS|Internetwork Operating System).* Software.*, (?:Experimental )?Version ([^\s,]+),?.*"
    ),
)
_UPTIME = re.compile(r"(?P<host>\S+) uptime is (?P<time>.+)")
_PART = re.compile(r"(\d+) (year|week|day|hour|minute|second)s?")
_MODEL = re.compile(r"(?:[Cc]isco) (\S+) .*(?:processor|with .*memory).*")
_SERIAL = re.compile(r"Processor board ID (\S+)")
_IMAGE = re.compile(r'System image file is "(.*)"')
_RELOAD = re.compile(r"Last reload reason: (.*)")
_RESET = re.compile(r"System returned to ROM by +(.*?)(?: +at \d\d:\d\d:\d\d .*)?")
_END = re.compile(r"Configuration register is 0x[0-9A-Fa-f]+.*")
_SECONDS = {"year": 365 * 86400, "week": 7 * 86400, "day": 86400, "hour": 3600, "minute": 60, "second": 1}


def parse(text: str, source: Source) -> Parsed[DeviceFacts]:
    """One record. `serial` is the first processor board's: the chassis of a router, the active member of a stack.

    Raises ParseError where release, host and uptime, model or serial is missing, and when the answer does not reach
    the line of the configuration register (cut off).
    """
    lines = lines_of(text, source)
    stripped = [line.strip() for line in lines]
    told = [line for line in stripped if line]
    uptime = _first(_UPTIME, [line for line in told if " uptime is " in line])
    model = _first(_MODEL, [line for line in told if "isco " in line])
    serial = _first(_SERIAL, told)
    release = next((found for pattern in _RELEASE if (found := _first(pattern, told))), None)
    if uptime is None or model is None or serial is None or release is None:
        parts = {"release": release, "uptime": uptime, "model": model, "serial": serial}
        missing = ", ".join(name for name, found in parts.items() if found is None)
        raise not_understood(lines, None, source, f"missing: {missing}")
    if _first(_END, told) is None:
        raise not_understood(lines, None, source, "the line of the configuration register is missing", cause="cut-off")
    image, reload, reset = (_first(pattern, told) for pattern in (_IMAGE, _RELOAD, _RESET))
    reason = reload or reset
    facts = DeviceFacts(
        hostname=uptime["host"],
        release=release.group(1).rstrip(","),
        model=model.group(1),
        serial=serial.group(1),
        uptime=_duration(uptime, lines, stripped, source),
        image=image.group(1) if image else None,
        last_reload_reason=reason.group(1) if reason else None,
        source=source,
    )
    return Parsed((facts,))


def _first(pattern: re.Pattern[str], lines: list[str]) -> re.Match[str] | None:
    return next((found for line in lines if (found := pattern.fullmatch(line))), None)


def _duration(uptime: re.Match[str], lines: list[str], stripped: list[str], source: Source) -> timedelta:
    parts = _PART.findall(uptime["time"])
    if not parts or _PART.sub("", uptime["time"]).strip(", ") != "":
        raise not_understood(lines, stripped.index(uptime.string), source, "an uptime that is none")
    return timedelta(seconds=sum(int(count) * _SECONDS[unit] for count, unit in parts))

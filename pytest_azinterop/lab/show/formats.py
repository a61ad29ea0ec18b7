"""How IOS-XE writes durations, dates, prefixes, AS paths and interface names in its show commands."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.addresses import text
from pytest_azinterop.lab.network.bgp_records import Confederate

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_azinterop.lab.config.addresses import IpAddress, IpNetwork
    from pytest_azinterop.lab.network.bgp_records import AsPath

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86400, 604800
_YEAR = 52 * _WEEK
_SHORT_NAMES = {
    "TwentyFiveGigE": "Twe",
    "Port-channel": "Po",
    "Virtual-Access": "Vi",
    "Virtual-Template": "Vt",
    "VirtualPortGroup": "VPG",
    "BDI": "BD",
    "BVI": "BV",
    "nve": "nve",
}
_INTERFACE = re.compile(r"(\D+)(\d.*)")


def elapsed(seconds: float | None) -> str:
    """An age as the tables print it: ``never``, ``00:00:12``, ``3d04h``, ``1w2d``, ``1y2w``."""
    if seconds is None:
        return "never"
    total = max(0, int(seconds))
    if total < _DAY:
        return clock_time(total)
    if total < _WEEK:
        return f"{total // _DAY}d{total % _DAY // _HOUR:02d}h"
    if total < _YEAR:
        return f"{total // _WEEK}w{total % _WEEK // _DAY}d"
    return f"{total // _YEAR}y{total % _YEAR // _WEEK}w"


def clock_time(seconds: float) -> str:
    """``HH:MM:SS``; hours are not limited to 23."""
    total = max(0, int(seconds))
    return f"{total // _HOUR:02d}:{total % _HOUR // _MINUTE:02d}:{total % _MINUTE:02d}"


def uptime_words(seconds: float) -> str:
    """``1 week, 2 days, 3 hours, 4 minutes``: zero parts are left out, except minutes when nothing else is left."""
    total = max(0, int(seconds))
    parts = (
        (total // _YEAR, "year"),
        (total % _YEAR // _WEEK, "week"),
        (total % _WEEK // _DAY, "day"),
        (total % _DAY // _HOUR, "hour"),
        (total % _HOUR // _MINUTE, "minute"),
    )
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return ", ".join(words) or "0 minutes"


def clock_line(at: datetime) -> str:
    """``18:57:38.347 UTC Mon Oct 19 2015``."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} UTC {at:%a %b} {at.day} {at.year}"


def date_line(at: datetime) -> str:
    """``18:57:38 UTC Mon Oct 19 2015``."""
    return f"{at:%H:%M:%S} UTC {at:%a %b} {at.day} {at.year}"


def classful_length(address: IpAddress | IpNetwork) -> int:
    """The mask length that the first octet implies (8, 16 or 24); 32 for class D and E."""
    first = int(str(address).split(".", 1)[0])
    if first < 128:
        return 8
    if first < 192:
        return 16
    return 24 if first < 224 else 32


def bgp_prefix(prefix: IpNetwork) -> str:
    """A BGP table's network: the mask is left out where it is the classful one, and for the default route."""
    if prefix.version == 6:
        return text(prefix)
    network = prefix.network_address
    if (int(network) == 0 and prefix.prefixlen == 0) or (
        prefix.prefixlen == classful_length(network) and int(network) != 0
    ):
        return str(network)
    return str(prefix)


def as_path(path: AsPath) -> str:
    """``12076 65515 {64512,64513}``; empty for a path that never left the AS."""
    words = []
    for confederates, hops in groupby(path, key=lambda hop: isinstance(hop, Confederate)):
        text = " ".join(
            str(int(hop)) if isinstance(hop, int) else "{" + ",".join(str(member) for member in sorted(hop)) + "}"
            for hop in hops
        )
        words.append(f"({text})" if confederates else text)
    return " ".join(words)


def short_interface(name: str) -> str:
    """``TenGigabitEthernet0/0/0.300`` as the narrow tables print it: ``Te0/0/0.300``."""
    found = _INTERFACE.fullmatch(name)
    if found is None:
        return name
    kind, number = found.groups()
    return f"{_SHORT_NAMES.get(kind, kind[:2])}{number}"


def body(*lines: str) -> str:
    """Lines as one answer."""
    return "\n".join(lines)

"""Plain JSON values made values of the field: each function raises ValueError or TypeError for anything else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Prefix = IPv4Network | IPv6Network

_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")
_US_TIME: Final = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p")


def as_text(value: object) -> str:
    """A text, maybe empty."""
    if not isinstance(value, str):
        raise TypeError
    return value


def as_filled(value: object) -> str:
    """A text with something in it."""
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def as_integer(value: object) -> int:
    """A whole number of 0 or more; digits as text count."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,20}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError
    return value


def as_float(value: object) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return float(value)


def as_flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def as_address(value: object) -> Address:
    """An IP address."""
    return _address(as_text(value))


@lru_cache(maxsize=4096)
def _address(text: str) -> Address:
    # A table of 10,000 routes has a handful of next hops.
    return ip_address(text)


def as_prefix(value: object) -> Prefix:
    """A prefix in its canonical form; one without a length is none."""
    if "/" not in as_text(value):
        raise ValueError("no length")
    return ip_network(as_text(value))


def timespan(value: object) -> timedelta:
    """A .NET TimeSpan; ten-millionths of a second are rounded down."""
    found = _TIMESPAN.fullmatch(as_text(value))
    if found is None or int(found[2]) > 23 or int(found[3]) > 59 or int(found[4]) > 59:
        raise ValueError("no duration")
    fraction = int((found[5] or "0").ljust(7, "0")) // 10
    return timedelta(
        days=int(found[1] or 0),
        hours=int(found[2]),
        minutes=int(found[3]),
        seconds=int(found[4]),
        microseconds=fraction,
    )


def moment(value: object) -> datetime:
    """A time; without a zone it is UTC."""
    text = as_text(value).strip()
    for form in _US_TIME:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def ipv4_link(value: object) -> IPv4Network:
    """The IPv4 prefix of a link, which may be written with a host address of it."""
    if "/" not in as_text(value):
        raise ValueError("no length")
    return IPv4Network(as_text(value), strict=False)


def ipv6_link(value: object) -> IPv6Network:
    """The IPv6 prefix of a link, which may be written with a host address of it."""
    if "/" not in as_text(value):
        raise ValueError("no length")
    return IPv6Network(as_text(value), strict=False)

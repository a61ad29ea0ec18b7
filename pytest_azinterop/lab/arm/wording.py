"""How Azure's services write AS paths and times; they do not agree. A gateway joins an AS path with dashes, a circuit's
table with spaces. Observed in azure-powershell's session records and in printed outputs of ``az network``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.network.routes import ases

if TYPE_CHECKING:
    from pytest_azinterop.lab.network.bgp_records import AsPath

TICKS = 10_000_000


def dashed(path: AsPath) -> str:
    """As gateways print an AS path."""
    return "-".join(str(number) for number in ases(path))


def spaced(path: AsPath) -> str:
    """As circuits print one."""
    return " ".join(str(number) for number in ases(path))


def time_span(seconds: float) -> str:
    """A .NET TimeSpan: ``3.03:14:13.1796961``."""
    days, rest = divmod(int(seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, whole = divmod(rest, 60)
    fraction = int((seconds - int(seconds)) * TICKS)
    text = f"{hours:02}:{minutes:02}:{whole:02}" + (f".{fraction:07}" if fraction else "")
    return f"{days}.{text}" if days else text


def up_down(seconds: float | None) -> str:
    """As a router prints how long a session is up or down."""
    if seconds is None:
        return "never"
    whole = int(seconds)
    weeks, days, hours = whole // 604800, whole // 86400 % 7, whole // 3600 % 24
    if weeks:
        return f"{weeks}w{days}d"
    if days:
        return f"{days}d{hours:02}h"
    return f"{hours:02}:{whole // 60 % 60:02}:{whole % 60:02}"

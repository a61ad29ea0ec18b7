"""Times as IOS-XE prints them."""

from __future__ import annotations

import re
from datetime import timedelta

_CLOCK = re.compile(r"(\d{1,4}):(\d\d):(\d\d)\Z", re.ASCII)
_UNITS = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?\Z", re.ASCII)


def duration(text: str) -> timedelta | None:
    """`00:12:11`, `3d04h`, `1w2d`, `1y2w`; None for `never`. ValueError for anything else.

    The precision is the printed one: hours from a day on, days from a week on, weeks from a year (of 365 days) on.
    """
    if text == "never":
        return None
    if match := _CLOCK.match(text):
        hours, minutes, seconds = (int(part) for part in match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    match = _UNITS.match(text)
    if match is None or not text:
        raise ValueError(f"not a time: {text[:30]!r}")
    years, weeks, days, hours = (int(part or 0) for part in match.groups())
    return timedelta(days=365 * years + 7 * weeks + days, hours=hours)

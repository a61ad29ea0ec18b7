"""When a drill may run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.intent.drills import Window

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a window, in UTC."""

    begins: datetime
    ends: datetime

    def __str__(self) -> str:
        return f"{self.begins:%a %Y-%m-%d %H:%MZ} to {self.ends:%a %H:%MZ}"


def opening(window: Window, now: datetime) -> Opening | None:
    """The opening that `now` lies in; None: the window is closed."""
    openings = _openings(window, now - timedelta(days=2))
    return next((each for each in openings if each.begins <= now < each.ends), None)


def following(window: Window, now: datetime) -> Opening:
    """The next opening after `now`."""
    return next(each for each in _openings(window, now - timedelta(days=1)) if each.begins > now)


def _openings(window: Window, since: datetime) -> Iterator[Opening]:
    zone = ZoneInfo(window.timezone)
    day = since.astimezone(zone).date()
    for number in range(12):
        today = day + timedelta(days=number)
        if _DAYS[today.weekday()] not in window.days:
            continue
        last = today if window.begins < window.ends else today + timedelta(days=1)
        begins = datetime.combine(today, window.begins, zone).astimezone(UTC)
        yield Opening(begins, datetime.combine(last, window.ends, zone).astimezone(UTC))

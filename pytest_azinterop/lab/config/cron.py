"""The five fields of a cron entry: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_PART = re.compile(r"(\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_FAR = timedelta(days=1500)


@dataclass(frozen=True, slots=True)
class Cron:
    """The values of each field; None is every value."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None

    @classmethod
    def read(cls, text: str) -> Cron:
        """``0 2 * * 1-5``. Raises ValueError."""
        fields = text.split()
        if len(fields) != len(_RANGES):
            raise ValueError(f"{len(fields)} fields, expected 5: minute, hour, day, month, day of the week")
        minutes, hours, days, months, weekdays = map(_values, fields, _RANGES)
        return cls(
            minutes, hours, None if fields[2] == "*" else days, months,
            None if fields[4] == "*" else frozenset(each % 7 for each in weekdays),
        )  # fmt: skip

    def after(self, local: float) -> float | None:
        """The first minute after a local time, both in epoch seconds; None: there is none in four years."""
        at = datetime.fromtimestamp(local, UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        last = at + _FAR
        while at < last:
            if at.month not in self.months or not self._on(at):
                at = at.replace(hour=0, minute=0) + timedelta(days=1)
            elif at.hour not in self.hours:
                at = at.replace(minute=0) + timedelta(hours=1)
            elif at.minute not in self.minutes:
                at += timedelta(minutes=1)
            else:
                return at.timestamp()
        return None

    def _on(self, at: datetime) -> bool:
        """Where both kinds of days are named, one of them is enough."""
        named = [
            value in values
            for value, values in ((at.day, self.days), (at.isoweekday() % 7, self.weekdays))
            if values is not None
        ]
        return any(named) or not named


def _values(text: str, limits: tuple[int, int]) -> frozenset[int]:
    low, high = limits
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(f"not a field of a cron entry: {text}")
        first = low if match[1] == "*" else int(match[2])
        last = high if match[1] == "*" or (match[4] and not match[3]) else int(match[3] or match[2])
        if not low <= first <= last <= high or match[4] == "0":
            raise ValueError(f"not a field of a cron entry: {text}")
        found |= set(range(first, last + 1, int(match[4] or 1)))
    return frozenset(found)

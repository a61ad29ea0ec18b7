"""What happened when: observations of several sources on one axis, the clock of the routers."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

_WINDOW = 20  # readings over which the rate is taken
Kind = Literal["step", "session", "path", "answer", "tunnel", "log", "azure", "host", "trouble"]


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that was seen or done.

    `at` is by the routers' clock; it happened at most `resolution` before (zero: a stamp of its own, to the
    millisecond). `source` says who tells it.
    """

    at: datetime
    kind: Kind
    source: str
    words: str
    resolution: timedelta = timedelta(0)

    def line(self, zero: datetime) -> str:
        """For a terminal: seconds before or after `zero`."""
        since = (self.at - zero).total_seconds()
        within = f"-{self.resolution.total_seconds():.1f}" if self.resolution else "exact"
        return f"{since:+9.3f} s  {within:>7}  {self.source:<18} {self.words}"


@dataclass(slots=True)
class ClockMap:
    """This machine's clock against a router's, from readings of both; for what has no router's stamp of its own."""

    readings: list[tuple[datetime, datetime]] = field(default_factory=list)

    def add(self, here: datetime, there: datetime) -> None:
        """A reading of both clocks at one moment. Readings come in order."""
        if not self.readings or here > self.readings[-1][0]:
            self.readings.append((here, there))

    def router_time(self, here: datetime) -> datetime:
        """The router's clock at a moment of this machine's, between readings in proportion. Raises ValueError without
        a reading."""
        if not self.readings:
            raise ValueError("no reading of a router's clock")
        place = bisect([each[0] for each in self.readings], here)
        if place == 0 or len(self.readings) == 1:
            first = self.readings[0]
            return first[1] + (here - first[0])
        if place == len(self.readings):
            last = self.readings[-1]
            return last[1] + self.rate * (here - last[0])
        low, high = self.readings[place - 1 : place + 1]
        share = (here - low[0]) / (high[0] - low[0])
        return low[1] + share * (high[1] - low[1])

    @property
    def rate(self) -> float:
        """Seconds of the router per second here, over the last readings; 1 until there are two."""
        if not self.readings:
            return 1.0
        first, last = self.readings[max(0, len(self.readings) - _WINDOW)], self.readings[-1]
        span = (last[0] - first[0]).total_seconds()
        return max(0.01, (last[1] - first[1]).total_seconds() / span) if span > 0 else 1.0


def ordered(events: Iterable[Event]) -> list[Event]:
    """By time, each once."""
    return sorted(dict.fromkeys(events))

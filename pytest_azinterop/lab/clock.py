"""Simulated time."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Clock:
    """Simulated time that runs ``speed`` times as fast as real time, and can be advanced by hand.

    ``speed`` 0 stands still between advances, which is what tests want.
    """

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        if speed < 0:
            raise ValueError("time does not run backwards")
        self._start = (start or datetime.now(UTC)).timestamp()
        self._speed = speed
        self._real = time.monotonic()
        self._advanced = 0.0

    @property
    def speed(self) -> float:
        """How many simulated seconds pass in a real one."""
        return self._speed

    @property
    def start(self) -> float:
        """Where the clock started, UTC epoch seconds."""
        return self._start

    def now(self) -> float:
        """UTC epoch seconds."""
        return self._start + (time.monotonic() - self._real) * self._speed + self._advanced

    def advance(self, seconds: float) -> None:
        """Let simulated time pass at once. Raises ValueError for a negative amount."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._advanced += seconds

    def real_seconds(self, simulated: float) -> float | None:
        """How long a simulated span takes in real time; None when the clock stands still."""
        return simulated / self._speed if self._speed else None


def duration(text: str | float) -> float:
    """Seconds from ``90``, ``30s``, ``5m``, ``2h``, ``9d``, ``1w2d``. Raises ValueError for anything else."""
    if isinstance(text, int | float):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if not parts or "".join(a + b for a, b in parts) != text.strip():
        raise ValueError(f"not a duration: {text!r} (write 30s, 5m, 2h, 9d or 1w2d)")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)

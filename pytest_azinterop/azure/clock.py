"""Time, so that tests need not wait for it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the client knows of time."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def now(self) -> datetime:
        """UTC."""

    def sleep(self, seconds: float) -> bool:
        """Wait; False when the wait was called off."""

    def call_off(self) -> None:
        """End every wait, now and later."""


class SystemClock:
    """The machine's time. `call_off` ends every wait, now and later: the run was interrupted."""

    def __init__(self) -> None:
        self._called_off = threading.Event()

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> bool:
        """Wait; False when the wait was called off."""
        return not self._called_off.wait(seconds)

    def call_off(self) -> None:
        """End every wait."""
        self._called_off.set()

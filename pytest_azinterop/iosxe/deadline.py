"""The time that a piece of work may take, which stands still while it waits for others."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Deadline:
    """Seconds from `begin` on. Inside `paused` the time stands still. Who waits must look at `until`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.until = math.inf
        """The end by `time.monotonic`; `paused` puts it off."""

    def begin(self) -> None:
        """From now on the time runs."""
        self.until = time.monotonic() + self._seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time that others take."""
        since = time.monotonic()
        try:
            yield
        finally:
            self.until += time.monotonic() - since

    @property
    def expired(self) -> bool:
        """Whether the time is used up."""
        return time.monotonic() >= self.until

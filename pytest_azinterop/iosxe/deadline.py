"""A deadline that also ends what waits without looking at a clock, such as a library's wait for an event."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Deadline:
    """Seconds for a piece of work. When they are used up, `expire` is called once, from another thread.

    `expire` must make the work fail, by closing what it waits for. Used as a context manager around the work; inside
    `paused` the time stands still.
    """

    def __init__(self, seconds: float, expire: Callable[[], None]) -> None:
        self.seconds = seconds
        self.expired = False
        self._expire = expire
        self._left = seconds
        self._since = 0.0
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        """Start."""
        self._since = time.monotonic()
        self._timer = threading.Timer(max(0.0, self._left), self._fire)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop; `expired` is final now."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()
        self._left -= time.monotonic() - self._since

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time that others take."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    @property
    def until(self) -> float:
        """The end by `time.monotonic`, while the time runs."""
        return self._since + self._left

    def _fire(self) -> None:
        self.expired = True
        self._expire()

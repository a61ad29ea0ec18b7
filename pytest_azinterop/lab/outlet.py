"""A session's way out to the client: straight through, or slow, late or cut off as a fault wants it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TICK = 0.02
"""Seconds between two pieces of a slow answer."""


@dataclass(slots=True)
class Outlet:
    """Writes in order. ``finish`` ends the session after the last text, ``hang_up`` breaks the connection."""

    write: Callable[[str], None]
    finish: Callable[[], None]
    hang_up: Callable[[], None]
    cut_after: int | None = None
    """Bytes of a session's output after which the connection breaks."""
    rate: int | None = None
    """Bytes per second of real time."""
    delay: float = 0.0
    """Seconds that each answer is held back."""
    _sent: int = 0
    _queue: deque[tuple[float, str, Callable[[], None] | None]] = field(default_factory=deque)
    _timer: asyncio.TimerHandle | None = None
    _over: bool = False

    def send(self, text: str, *, last: bool = False, broken: bool = False) -> None:
        """``last``: the session ends after this text; ``broken``: the connection breaks after it."""
        ending = self.hang_up if broken else self.finish if last else None
        if self.rate is None and not self.delay:
            self._pass(text, ending)
            return
        due = asyncio.get_running_loop().time() + self.delay
        self._queue.append((due, text, ending))
        self._schedule()

    def stop(self) -> None:
        """The client is gone: nothing more is written."""
        self._over = True
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pass(self, text: str, ending: Callable[[], None] | None) -> None:
        if self._over:
            return
        data = text.encode()
        if self.cut_after is not None and self._sent + len(data) >= self.cut_after:
            text, ending = data[: self.cut_after - self._sent].decode(errors="ignore"), self.hang_up
        self._sent += len(data)
        if text:
            self.write(text)
        if ending is not None:
            self._over = True
            ending()

    def _schedule(self) -> None:
        if self._timer is None and self._queue and not self._over:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(self._queue[0][0], loop.time()), self._next)

    def _next(self) -> None:
        self._timer = None
        _, text, ending = self._queue.popleft()
        if self.rate is not None:
            size = max(1, int(self.rate * _TICK))
            if len(text) > size:
                self._queue.appendleft((asyncio.get_running_loop().time() + _TICK, text[size:], ending))
                text, ending = text[:size], None
            elif self._queue:
                following = self._queue[0]
                spent = asyncio.get_running_loop().time() + len(text) / self.rate
                self._queue[0] = (max(following[0], spent), following[1], following[2])
        self._pass(text, ending)
        self._schedule()

"""How a run is ended from outside: Ctrl-C, a request to end and a closed terminal come through once, and all alike.

What pytest and its plugins do then (sessions are ended, temporary files removed, the exit code is 2) is the same for
all of them, and is not broken off by the impatient second Ctrl-C.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

    import pytest

_HOLD: Final = 5.0  # seconds in which a further signal changes nothing
_ENDINGS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_DEFAULTS: Final = (signal.default_int_handler, signal.SIG_DFL)


class Interruption:
    """A handler of signals. `first` is when one came through last, by `time.monotonic`."""

    def __init__(self) -> None:
        self.first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raises KeyboardInterrupt, unless it did so a moment ago."""
        del number, frame
        now = time.monotonic()
        if self.first is None or now - self.first > _HOLD:
            self.first = now
            raise KeyboardInterrupt


def begin(config: pytest.Config) -> None:
    """From here to the end of this run. What somebody else handles or ignores (`nohup`) is left to them, and so is
    everything where pytest does not run in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = {each: signal.getsignal(each) for each in _ENDINGS}
    received = Interruption()
    for number, handler in before.items():
        if handler in _DEFAULTS:
            signal.signal(number, received)

    def end() -> None:
        for number, handler in before.items():
            if signal.getsignal(number) is received:
                signal.signal(number, handler)

    config.add_cleanup(end)

"""Stopping a drill from outside: one signal restores and ends, and none interrupts the restoring."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

STOPPING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
)
_WAIT: Final = b"\ndrill: it is being restored, and ends then; the router restores itself in any case\n"


class _State:
    """Of this process: how deep the restoring is, and a signal that came meanwhile."""

    def __init__(self) -> None:
        self.depth = 0
        self.waiting: int | None = None
        self.stopped = False


_state = _State()


@contextmanager
def stopping() -> Iterator[None]:
    """While this is entered, the first of Ctrl-C, a closed terminal and a request to end raises KeyboardInterrupt; more
    of them change nothing. In another thread than the main one nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.getsignal(each) for each in STOPPING}
    _state.stopped, _state.waiting = False, None
    for each in STOPPING:
        signal.signal(each, _received)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        _state.stopped, _state.waiting = False, None


@contextmanager
def held() -> Iterator[None]:
    """Nothing interrupts what is inside. A signal that came meanwhile, and was the first, raises KeyboardInterrupt when
    it is done. Without `stopping` around it only signals that Python handles itself could interrupt: SIGINT."""
    _state.depth += 1
    try:
        with _deaf():
            yield
    finally:
        _state.depth -= 1
    if _state.depth == 0 and _state.waiting is not None:
        _state.waiting = None
        if not _state.stopped:
            _state.stopped = True
            raise KeyboardInterrupt


def _received(number: int, _: FrameType | None) -> None:
    if _state.depth:
        _state.waiting = number
        with suppress(OSError):
            os.write(2, _WAIT)
    elif not _state.stopped:
        _state.stopped = True
        raise KeyboardInterrupt


@contextmanager
def _deaf() -> Iterator[None]:
    """Take over a handler that is not ours, where it can be."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is _received:
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, _received)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

"""What all tests share: Hypothesis draws the same examples in every run and judges none by the clock."""

from __future__ import annotations

import contextlib
import gc
import signal

with contextlib.suppress(ImportError):  # who verifies a network from a clone has no need of it
    from hypothesis import settings

    settings.register_profile("azinterop", deadline=None, derandomize=True)
    settings.load_profile("azinterop")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background by a shell
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Thousands of items stay to the end: no looking for cycles among them, and seldom among what a test makes."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

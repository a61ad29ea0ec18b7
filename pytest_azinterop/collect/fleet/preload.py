"""What a local worker does first: Ctrl-C at the terminal is for the process that started it, which then ends it."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """See Dask's `preload`."""
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)

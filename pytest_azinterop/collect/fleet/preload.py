"""What a local worker does first: Ctrl-C and the end of the terminal are for the process that started it, which then
ends it."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """See Dask's `preload`."""
    del worker
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)

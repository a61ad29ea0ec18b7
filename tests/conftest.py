"""What all tests share: Hypothesis draws the same examples in every run and judges none by the clock."""

from __future__ import annotations

import contextlib

with contextlib.suppress(ImportError):  # who verifies a network from a clone has no need of it
    from hypothesis import settings

    settings.register_profile("azinterop", deadline=None, derandomize=True)
    settings.load_profile("azinterop")

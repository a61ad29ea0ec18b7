"""When a run looks for cycles among its objects: what is loaded and collected stays to the end, so that looking through
it again and again would cost a run with thousands of checks a tenth of its time and find nothing."""

from __future__ import annotations

import gc


class Cycles:
    """Python's search for cycles, as a run with an inventory has it."""

    def __init__(self) -> None:
        self._was_enabled = gc.isenabled()
        self._is_owner = not gc.get_freeze_count()

    def rest(self) -> None:
        """Do not look, until something is set apart."""
        gc.disable()

    def set_apart(self) -> None:
        """All that is there now stays to the end; look among what comes, as before."""
        gc.freeze()
        if self._was_enabled:
            gc.enable()

    def end(self) -> None:
        """Leave it as it was found. What somebody else had set apart before stays so, with what came to it."""
        if self._is_owner:
            gc.unfreeze()
        if self._was_enabled:
            gc.enable()

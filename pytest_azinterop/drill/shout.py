"""What a person must know at once when a router could not be restored from here: its state, and the lines to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pytest_azinterop.drill.lines import Program
    from pytest_azinterop.state.operations import RollbackTimer


def pending_words(timer: RollbackTimer) -> str:
    """What the router says about its timer, in a sentence."""
    if not timer.pending:
        return "no timer is pending"
    kind = "an idle timer" if timer.idle else "a timer"
    return f"{kind} of {timer.minutes} minutes is pending, set by {timer.user} at {timer.set_at}"


def by_hand(
    router: str, programs: Sequence[Program], file: str | None, until: datetime | None, *, pending: bool | None = None
) -> str:
    """The lines that undo it, for a console. `until` is when the router restores itself, by its clock; `pending` None:
    nobody knows whether it will."""
    when = "" if until is None else f" at {until:%H:%M:%S} by its clock"
    said = {
        True: f"it restores itself{when}, unless somebody types `configure confirm` there.",
        None: f"its timer was set, and restores it{when} unless somebody has typed `configure confirm` there.",
        False: "no timer is pending, so it does not restore itself.",
    }[pending]
    words = [f"{router}: {said}"]
    if programs:
        words.append(f"To undo the change at once, type on {router}, by console or out of band:")
        words += [f"    {line}" for program in programs for line in program.backward]
    if file is not None:
        words.append(f"    show archive config differences {file} system:running-config")
    if pending is not False:
        words.append("and only where nothing of this drill is different any more:")
        words.append("    configure confirm")
    return "\n".join(words)

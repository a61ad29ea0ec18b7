"""Putting a router back, whatever was done to it, and proving it.

The order of nets: the undo line; the proof that the running-configuration is that of the start; `configure confirm`.
Where the undo does not work: `configure revert now`, if it takes nobody else's lines; and the router's own timer, which
needs nothing of this machine. What the router does not confirm counts as not done.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from pytest_azinterop.drill import lines as of
from pytest_azinterop.drill.contact import changes
from pytest_azinterop.drill.records import Restored
from pytest_azinterop.drill.shout import by_hand, pending_words
from pytest_azinterop.errors import AzinteropError, DrillFailedError, DrillRefusedError, UndeterminedError
from pytest_azinterop.iosxe.login import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pytest_azinterop.drill.config_session import Taken
    from pytest_azinterop.drill.configuration import Changed, Configuration
    from pytest_azinterop.drill.contact import Contact
    from pytest_azinterop.drill.journal import Journal, Step
    from pytest_azinterop.drill.lines import Program
    from pytest_azinterop.drill.records import How
    from pytest_azinterop.state.operations import RollbackTimer

GRACE: Final = 180.0  # seconds of this machine that a router may take for its own restoring
_ROLLING = timedelta(seconds=60)  # of the router's clock, from the end of its timer to the end of its work
_LONGEST_PAUSE = 15.0
_REMINDER = 60.0  # seconds between two calls for help
_MOST_REFUSALS = 3  # of a login in a row: more could lock the account
_WORDS: Final = {
    "undone-and-confirmed": "undone by its line, equal to the start, and confirmed",
    "undone": "undone by its line and equal to the start; its timer was not pending any more",
    "reverted": "restored by the router, and equal to the start",
    "reverted-by-timer": "restored by the router's own timer, and equal to the start",
    "nothing-to-undo": "nothing was changed, and nothing is pending",
}


class Restoring:
    """One restoring of one router. `patience` and `pause` are seconds of this machine."""

    def __init__(self, contact: Contact, journal: Journal, *, patience: float, pause: float) -> None:
        self._contact = contact
        self._journal = journal
        self._patience = patience
        self._pause = pause
        self._router = contact.target.router
        self._undone_at: datetime | None = None
        self._tells_at = 0.0

    def run(self) -> Restored:
        """Never raises for what a router does or does not; goes on trying until its own timer must have ended."""
        if not self._contact.memory.begun:
            return Restored(self._router, "nothing-to-undo", True, None, (), "nothing was armed or changed")
        give_up = time.monotonic() + self._patience
        pause, refusals = self._pause, 0
        while True:
            try:
                return self._settle()
            except Exception as failure:  # noqa: BLE001 (whatever it is, a router must not stay as it is for that)
                trouble = (
                    str(failure) if isinstance(failure, AzinteropError) else f"{type(failure).__name__}: {failure}"
                )
                refused = isinstance(failure, UndeterminedError) and failure.cause in ("login-refused", "host-key")
                refusals = refusals + 1 if refused else 0
                self._contact.drop()
            if time.monotonic() >= give_up or refusals == _MOST_REFUSALS:
                return self._given_up(trouble)
            if time.monotonic() >= self._tells_at:
                self._tells_at = time.monotonic() + _REMINDER
                self._contact.told(f"{self._router}: {trouble}\n{self._by_hand()}")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _settle(self) -> Restored:
        """One whole attempt. Raises UndeterminedError where it breaks."""
        contact = self._contact
        if contact.memory.triggered and contact.open().timer().pending:
            # It was seen to be there, and the router has not restored itself: nothing else is looked at before.
            contact.memory.triggered = False
            objection = self._undo(contact.target.programs)
        else:
            running = contact.open().running_config()
            holding = contact.holding(running)
            if not holding:
                return self._conclude(running, self._gone())
            objection = self._undo(holding)
        running = contact.open().running_config()
        if contact.holding(running):
            return self._against_resistance(running, objection or "the undo had no effect")
        self._note("undone", at=self._undone_at)
        return self._conclude(running, "undone")

    def _gone(self) -> How:
        """How it comes that the change is not there, before anything of this attempt was sent."""
        if self._contact.memory.undoing:  # by an attempt that then broke
            self._undone_at = self._undone_at or self._contact.open().clock().time
            return "undone"
        return "reverted" if self._contact.memory.changed else "nothing-to-undo"

    def _note(self, step: Step, **facts: object) -> None:
        """Into the journal; but a full disk stops no restoring."""
        try:
            self._journal.write(step, self._router, **facts)
        except OSError as problem:
            self._contact.told(f"{self._router}: the journal cannot be written: {problem}")

    def _undo(self, holding: Sequence[Program]) -> str | None:
        """The literal undo lines. What the router objects to, None: nothing."""
        objection: str | None = None
        for program in holding:
            self._note("undoing", lines=program.backward)
            self._contact.memory.undoing = True
            try:
                self._contact.send(program.backward)
            except DrillFailedError as failure:
                objection = failure.message
        self._undone_at = self._contact.open().clock().time
        return objection

    def _conclude(self, running: Configuration, how: How) -> Restored:
        """The change is gone. Prove that nothing else is different, and only then disarm."""
        contact = self._contact
        self._note("comparing")
        changed = contact.compare(running)
        timer = contact.open().timer()
        if changed:
            return self._with_other_lines(timer, changed, how)
        if timer.pending:
            if not contact.is_mine(timer):
                return self._left(
                    "everything is as at the start, and a timer is pending that is not this drill's", timer
                )
            self._note("confirming")
            taken = contact.take(of.CONFIRM)
            timer = contact.open().timer()
            if timer.pending:
                why = taken.objection or "the timer is still pending"
                return self._left(f"everything is as at the start, but it is not confirmed: {why}", timer)
            if taken.objection is None:
                # The timer was pending until now: the router has not restored itself.
                how = "undone-and-confirmed" if how == "undone" else "nothing-to-undo" if how == "reverted" else how
        return self._as_before(how)

    def _as_before(self, how: How) -> Restored:
        """Nothing is pending. The last look: running-config as at the start, and saved as it was (they were equal)."""
        contact = self._contact
        session = contact.open()
        changed = contact.foreign(contact.compare(session.running_config()))
        unsaved = tuple(map(str, changes(session.unsaved().differences)))
        shown, words = tuple(map(str, changed)), _WORDS[how]
        step: Literal["confirmed", "reverted", "untouched"] = (
            "confirmed" if how.startswith("undone") else "reverted" if how.startswith("reverted") else "untouched"
        )
        self._note(step, how=how, difference=shown, unsaved=unsaved)
        contact.drop()
        if shown:
            words = f"{words}; then somebody else changed it: {shown[0]}"
            return Restored(self._router, how, False, self._undone_at, shown, words)
        if not unsaved:
            return Restored(self._router, how, True, self._undone_at, (), words)
        shout = (
            f"{self._router}: somebody has saved a configuration during the drill. The startup-config differs from the "
            f"running one, which is that of the start: {'; '.join(unsaved[:5])}. Look at it, and save the right one "
            "yourself."
        )
        words = f"{words}, but another startup-config is saved"
        return Restored(self._router, how, False, self._undone_at, unsaved, words, shout)

    def _with_other_lines(self, timer: RollbackTimer, changed: tuple[Changed, ...], how: How) -> Restored:
        """The change is gone, and lines of somebody else are there: neither confirmed nor reverted by us."""
        shown = tuple(map(str, changed))
        if not timer.pending:
            step: Literal["reverted", "untouched"] = "reverted" if self._contact.memory.changed else "untouched"
            self._note(step, how=how, difference=shown)
            self._contact.drop()
            words = f"{_WORDS[how].partition(',')[0]}, but its configuration is not that of the start: {shown[0]}"
            return Restored(self._router, how, False, self._undone_at, shown, words)
        return self._left(
            f"the change is undone; somebody else's lines are there, so the timer is not confirmed: {shown[0]}",
            timer,
            shown,
        )

    def _against_resistance(self, running: Configuration, objection: str) -> Restored:
        """The undo line was not taken: `configure revert now`, or else the timer, or else once more."""
        contact = self._contact
        foreign = contact.foreign(contact.compare(running))
        timer = contact.open().timer()
        if timer.pending and not foreign and contact.is_mine(timer):
            self._note("reverting", why=objection)
            taken = contact.take(of.REVERT_NOW)
            running = contact.open().running_config()
            if not contact.holding(running):
                return self._conclude(running, "reverted")
            objection = f"{objection}; `{of.REVERT_NOW}`: {taken.objection or _ending(taken)}"
            timer = contact.open().timer()
        return self._wait_for_timer(timer, objection, foreign) if timer.pending else self._once_more(objection)

    def _once_more(self, objection: str) -> Restored:
        """No timer is pending, and the change is there."""
        contact = self._contact
        again = self._undo(contact.holding(contact.open().running_config()))
        running = contact.open().running_config()
        if contact.holding(running):
            return self._given_up(f"{objection}; {again or 'the undo had no effect'}", pending=False)
        self._note("undone", at=self._undone_at)
        return self._conclude(running, "undone")

    def _wait_for_timer(self, timer: RollbackTimer, objection: str, foreign: tuple[Changed, ...]) -> Restored:
        """The last net. Wait until the router has restored itself, and look."""
        contact = self._contact
        self._note("left-to-timer", why=objection, others=tuple(map(str, foreign)))
        others = f"\nLines of somebody else will go with it: {'; '.join(map(str, foreign[:5]))}" if foreign else ""
        contact.told(f"{self._router}: {objection}\n{pending_words(timer)}{others}\n{self._by_hand(pending=True)}")
        return self._until_timer(objection)

    def rehearse(self) -> Restored:
        """Leave the router alone until its timer has restored it, as if nobody came back, and look."""
        self._note("holding", why="its timer is rehearsed")
        self._contact.drop()
        return self._until_timer("its timer was to restore it")

    def _until_timer(self, objection: str) -> Restored:
        contact = self._contact
        give_up = time.monotonic() + self._patience
        ended: datetime | None = None
        while time.monotonic() < give_up:
            time.sleep(self._pause)
            try:
                session = contact.open()
                if session.timer().pending:
                    continue
                now = session.clock().time
                ended = now if ended is None else ended
                running = session.running_config()
            except (UndeterminedError, DrillRefusedError):
                contact.drop()
                continue
            if not contact.holding(running):
                return self._conclude(running, "reverted-by-timer")
            if now - ended >= _ROLLING:
                return self._once_more(f"{objection}; its timer has not restored it")
        return self._given_up(objection)

    def _left(self, words: str, timer: RollbackTimer, shown: tuple[str, ...] = ()) -> Restored:
        self._note("left-to-timer", why=words, difference=shown)
        self._contact.drop()
        shout = (
            f"{self._router}: {words}\n{pending_words(timer)}\nTo keep what is there now, type `{of.CONFIRM}` on "
            f"{self._router}; to go back to what was there when that timer was set, `{of.REVERT_NOW}`."
        )
        return Restored(self._router, "left-to-timer", False, self._undone_at, shown, words, shout)

    def _given_up(self, trouble: str, *, pending: bool | None = None) -> Restored:
        """`pending` False: the change is there, and nothing will take it away; None: nobody knows."""
        self._note("failed", why=trouble)
        self._contact.drop()
        words = f"it is {'NOT restored' if pending is False else 'not known to be restored'}: {trouble}"
        shout = f"{self._router}: {words}\n{self._by_hand(pending=pending)}"
        return Restored(self._router, "unknown", False, self._undone_at, (), words, shout)

    def _by_hand(self, *, pending: bool | None = None) -> str:
        memory = self._contact.memory
        programs = self._contact.target.programs if memory.changed else ()
        return by_hand(self._router, programs, memory.file, memory.until, pending=pending)


def _ending(taken: Taken) -> str:
    """How a rollback ended that has not restored what it should have."""
    if taken.rolled_back:
        return "the router says that it is done, and the change is still there"
    words = [line.strip() for line in taken.text.split("\n") if line.strip(" *")]
    aborted = next((each for each in words if "abort" in each.lower()), None)
    return printable(aborted or (words[-1] if words else "no answer"))

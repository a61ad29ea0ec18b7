"""One router in a drill: armed, changed, and put back, whatever happens in between.

Sources: Cisco, System Management Configuration Guide 17.x, Configuration Rollback Confirmed Change, and Configuration
Replace and Configuration Rollback.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from pytest_azinterop.drill import lines as of
from pytest_azinterop.drill.configuration import difference
from pytest_azinterop.drill.contact import Contact, changes, is_by
from pytest_azinterop.drill.records import Armed, Memory, Restored, Target, Triggered
from pytest_azinterop.drill.restoring import GRACE, Restoring
from pytest_azinterop.drill.shout import pending_words
from pytest_azinterop.drill.signals import held
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError, UndeterminedError
from pytest_azinterop.iosxe import spelling
from pytest_azinterop.iosxe.login import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.drill.config_session import DrillSession
    from pytest_azinterop.drill.configuration import Configuration
    from pytest_azinterop.drill.contact import Opener
    from pytest_azinterop.drill.journal import Journal
    from pytest_azinterop.drill.lines import DrillLine, Program

__all__ = ["Armed", "Memory", "Restored", "RouterDrill", "Target", "Triggered"]

HIGHEST_PRIVILEGE: Final = 15
_SPARE = timedelta(seconds=30)


class RouterDrill:
    """One router, one session with the drill login. `__exit__` restores, so that no exception leaves it changed.

    `opened` opens a session that takes the given lines (`config_session.opener`). `told` hears what a person should
    know at once; `restoring` and `restored` are called right before and after it is put back, whoever asks for that.
    `patience` are seconds of this machine for which the restoring goes on trying; None: as long as the router's timer
    could run, and some more. `memory`: that of a drill that another process has begun.
    """

    def __init__(
        self,
        target: Target,
        opened: Opener,
        journal: Journal,
        *,
        told: Callable[[str], None] = lambda _: None,
        restoring: Callable[[], None] = lambda: None,
        restored: Callable[[Restored], None] = lambda _: None,
        patience: float | None = None,
        pause: float = 1.0,
        memory: Memory | None = None,
    ) -> None:
        self.target = target
        self.armed: Armed | None = None
        self.restored: Restored | None = None
        self.memory = memory or Memory()
        self._journal = journal
        self._contact = Contact(target, opened, self.memory, told)
        self._begins, self._ends = restoring, restored
        patience = target.minutes * 60 + GRACE if patience is None else patience
        self._restoring = Restoring(self._contact, journal, patience=patience, pause=pause)

    @property
    def router(self) -> str:
        """Its name in the inventory."""
        return self.target.router

    # ------------------------------------------------------------------ armed

    def arm(self) -> Armed:
        """Prove that this is the router and that it is as planned; arm its timer and read it back.

        Raises DrillRefusedError where nothing was changed and nothing is pending, else DrillFailedError.
        """
        memory = self.memory
        try:
            session = self._contact.open()
            memory.start = self._as_planned(session)
        except UndeterminedError as trouble:
            self._contact.drop()
            raise DrillRefusedError(f"{trouble}; nothing was changed") from None
        except DrillRefusedError:
            self._contact.drop()
            raise
        memory.fingerprint = memory.start.fingerprint
        line = of.arming(self.target.minutes)
        self._journal.write("arming", self.router, line=line, user=session.user, fingerprint=memory.fingerprint)
        memory.begun = True
        try:
            armed = self._arm(session, line, memory.start)
        except (UndeterminedError, DrillFailedError) as trouble:
            raise self._not_armed(str(trouble)) from None
        self.armed = armed
        self._journal.write(
            "armed",
            self.router,
            at=armed.at,
            minutes=armed.minutes,
            until=armed.until,
            file=armed.file,
            timer=armed.timer,
        )
        return armed

    def _as_planned(self, session: DrillSession) -> Configuration:
        """The configuration that everything is compared with. Raises DrillRefusedError."""
        level = session.privilege()
        if level != HIGHEST_PRIVILEGE:
            raise self._contact.refusal(f"the drill login has privilege {level}, so it may not see everything")
        if session.timer().pending:
            raise self._contact.refusal("a rollback is pending already: somebody else is changing this router")
        if not session.archive().enabled:
            raise self._contact.refusal("`archive` has no path, so the router could not restore itself")
        running = session.running_config()
        if self.target.fingerprint not in (None, running.fingerprint):
            raise self._contact.refusal("its configuration is not the one that was planned with; plan again")
        for program in self.target.programs:
            self._fits(running, program)
        if changes(session.unsaved().differences):
            raise self._contact.refusal("its running-config is not saved: running and startup differ")
        return running

    def _fits(self, running: Configuration, program: Program) -> None:
        """Raises DrillRefusedError where a change would create what is not there, or its undo remove what was."""
        if not running.has_place_for(program):
            raise self._contact.refusal(f"its configuration has no `{program.above[-1]}`")
        if running.holds(program):
            raise self._contact.refusal(f"`{program.present}` is there already, so its undo would change the network")
        there = running.below(*program.above)
        if program.needs and not any(f"{line} ".startswith(need) for line in there for need in program.needs):
            raise self._contact.refusal(f"its configuration has no `{program.needs[0].strip()}` where it would be")

    def _arm(self, session: DrillSession, line: DrillLine, start: Configuration) -> Armed:
        """Raises DrillFailedError where the router does not confirm all of it."""
        at = session.clock().time
        taken = session.configure(line)
        if taken.objection is not None:
            if taken.mode == of.EXEC and taken.kept_as is None:
                # It was refused: whatever is pending now was set by somebody else.
                self.memory.begun = False
                self._journal.write("untouched", self.router, why=taken.objection)
            raise DrillFailedError(taken.objection)
        left = session.configure(of.LEAVE)
        if left.objection is not None:
            raise DrillFailedError(left.objection)
        file, timer = taken.kept_as, session.timer()
        if file is None:
            raise DrillFailedError("the router does not say where it has kept its configuration")
        if not spelling.valid("archived", file):
            raise DrillFailedError(
                f"it keeps its configuration at {printable(file)}, which is not on the router itself"
            )
        self.memory.file = file
        if not timer.pending or timer.idle or timer.minutes != self.target.minutes or not is_by(timer, session.user):
            raise DrillFailedError(f"the timer that is read back is not the one that was set: {pending_words(timer)}")
        armed = Armed(self.router, at, self.target.minutes, file, f"{timer.set_at}")
        self.memory.timer, self.memory.until = armed.timer, armed.until
        if file not in session.archive().files:
            raise DrillFailedError(f"{file} is not in the archive, so the router could not restore itself")
        if changes(session.since(file).differences) or difference(start, session.running_config()):
            raise DrillFailedError("what the router has kept is not the configuration of the start")
        return armed

    def _not_armed(self, why: str) -> DrillRefusedError | DrillFailedError:
        self._contact.drop()
        restored = self.restore()
        if restored.is_clean:
            return DrillRefusedError(f"{self.router}: {why}; nothing was changed, and no timer of the drill is pending")
        return DrillFailedError(f"{self.router}: {why}; {restored.words}", shout=restored.shout)

    def is_still_armed(self) -> bool:
        """Whether the timer is pending as it was set. Raises UndeterminedError where the router does not say."""
        timer = self._contact.open().timer()
        return self.armed is not None and self._contact.is_mine(timer)

    # ------------------------------------------------------------------ changed

    def trigger(self) -> Triggered:
        """Make the change, and read it back. Where the router does not confirm it, everything is restored.

        Raises DrillRefusedError where it is not armed, DrillFailedError with what was restored in its words.
        """
        armed = self.armed
        if armed is None or self.memory.start is None:
            raise DrillRefusedError(f"{self.router}: its timer is not armed")
        try:
            return self._trigger(armed, self.memory.start)
        except (UndeterminedError, DrillFailedError, DrillRefusedError) as trouble:
            restored = self.restore()
            raise DrillFailedError(f"{trouble}; {self.router}: {restored.words}", shout=restored.shout) from None

    def _trigger(self, armed: Armed, start: Configuration) -> Triggered:
        contact = self._contact
        before = contact.open().clock().time
        if armed.until - before < self.target.busy + _SPARE:
            raise DrillFailedError(f"the timer ends at {armed.until:%H:%M:%S}, before failover and hold would")
        self._check_timer()
        for program in self.target.programs:
            self._journal.write("triggering", self.router, lines=program.forward)
            self.memory.changed = True
            contact.send(program.forward)
        at = contact.open().clock().time
        running = contact.open().running_config()
        missing = [program.present for program in self.target.programs if not running.holds(program)]
        if missing:
            raise DrillFailedError(f"the router took the lines, and its configuration lacks `{missing[0]}`")
        foreign = contact.foreign(difference(start, running))
        if foreign:
            raise DrillFailedError(f"somebody else changes the configuration: {foreign[0]}")
        self._check_timer()
        self.memory.triggered = True
        sent = tuple(line.text for program in self.target.programs for line in program.forward)
        self._journal.write("triggered", self.router, before=before, at=at)
        return Triggered(self.router, before, at, sent)

    def _check_timer(self) -> None:
        if not self.is_still_armed():
            raise DrillFailedError("the timer is not pending any more as it was set")

    # ------------------------------------------------------------------ put back

    def restore(self) -> Restored:
        """Put everything back, prove it, and disarm. Never raises for what a router does; a second call tells the same.

        Signals wait until it is done.
        """
        if self.restored is None:
            with held():
                if self.memory.begun:
                    self._say(self._begins)
                self.restored = done = self._restoring.run()
                self._say(lambda: self._ends(done))
        return self.restored

    @staticmethod
    def _say(told: Callable[[], None]) -> None:
        """Nobody who only listens stops the restoring."""
        with suppress(Exception):
            told()

    def rehearse(self) -> Restored:
        """Do nothing until the router's own timer has restored it. `how` is `reverted-by-timer` only where it has."""
        restored = self._restoring.rehearse()
        if restored.is_clean:
            self.restored = restored
        return restored

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with held():
            if kind is not None:
                self._contact.drop()  # nobody knows what it has been sent, and in which mode it is
            shout = None if self.restored is not None else self.restore().shout
            if shout is not None:
                self._contact.told(shout)
            self._contact.drop()

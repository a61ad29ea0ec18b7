"""A drill's session with one router: opened as often as must be, each time with the proof of which router it is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pytest_azinterop.drill.configuration import Changed, difference
from pytest_azinterop.errors import CommandFailedError, DrillFailedError, DrillRefusedError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_azinterop.drill.config_session import DrillSession, Taken
    from pytest_azinterop.drill.configuration import Configuration
    from pytest_azinterop.drill.lines import DrillLine, Program
    from pytest_azinterop.drill.records import Memory, Target
    from pytest_azinterop.state.operations import ConfigDifference, RollbackTimer

    Opener = Callable[[Iterable[DrillLine]], DrillSession]

_CERTIFICATES: Final = "crypto pki certificate chain "
UNKNOWN_DIFFERENCE: Final = Changed(True, (), "(not the lines of the start; the archived file cannot be compared)")


class Contact:
    """Sessions with one router, one at a time. `told` hears what a person should know at once."""

    def __init__(self, target: Target, opened: Opener, memory: Memory, told: Callable[[str], None]) -> None:
        self.target = target
        self.memory = memory
        self._told = told
        self._opened = opened
        self._session: DrillSession | None = None

    def open(self) -> DrillSession:
        """The session that is open, or a new one. Raises UndeterminedError, or DrillRefusedError for another router."""
        if self._session is not None and self._session.is_open:
            return self._session
        session = self._opened(self.target.lines)
        try:
            self._prove(session)
        except BaseException:
            session.close()
            raise
        self._session = session
        return session

    def drop(self) -> None:
        """End the session: the next one begins in a mode that is known."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _prove(self, session: DrillSession) -> None:
        seen, wanted = session.device(), self.target
        if session.hostname != wanted.hostname or seen.hostname != wanted.hostname:
            raise self.refusal(f"{session.hostname!r} answers at its address, not {wanted.hostname!r}")
        if wanted.serial not in (None, seen.serial):
            raise self.refusal(f"a router with the serial {seen.serial} answers at its address, not {wanted.serial}")

    def told(self, words: str) -> None:
        """Tell it, if there is still somebody to hear: a closed terminal must stop nothing."""
        with suppress(Exception):
            self._told(words)

    def send(self, lines: Sequence[DrillLine]) -> None:
        """Line by line, in one session. Raises DrillFailedError at the first that is not taken; the session ends then,
        so that nothing more is typed into a mode that nobody knows."""
        session = self.open()
        for line in lines:
            taken = session.configure(line)
            if taken.objection is not None:
                self.drop()
                raise DrillFailedError(f"`{line}`: {taken.objection}")

    def take(self, line: DrillLine) -> Taken:
        """One line, whatever comes of it."""
        return self.open().configure(line)

    def holding(self, running: Configuration) -> tuple[Program, ...]:
        """The programs whose change is there, as far as it is ours."""
        return tuple(each for each in self.target.programs if running.holds(each)) if self.memory.changed else ()

    def foreign(self, changed: Iterable[Changed]) -> tuple[Changed, ...]:
        """What somebody else has changed."""
        programs = self.target.programs if self.memory.changed else ()
        return tuple(each for each in changed if not any(each.is_of(program) for program in programs))

    def compare(self, running: Configuration) -> tuple[Changed, ...]:
        """What differs from the start: by our own comparison, and by the router's with the file that it has kept.

        Where the router cannot compare, which is told, our own must do. Nothing differs only where one of them says so
        and the other does not object.
        """
        memory = self.memory
        known = memory.start is not None or memory.fingerprint == running.fingerprint
        own = () if memory.start is None else difference(memory.start, running)
        theirs: tuple[Changed, ...] = ()
        if memory.file is not None:
            try:
                theirs = changes(self.open().since(memory.file).differences)
            except CommandFailedError:
                raise
            except UndeterminedError as trouble:
                self.told(f"{self.target.router}: it cannot compare itself with {memory.file}: {trouble}")
        return own or theirs or (() if known else (UNKNOWN_DIFFERENCE,))

    def is_mine(self, timer: RollbackTimer) -> bool:
        """Whether what is pending is what was armed here."""
        return (
            timer.pending
            and not timer.idle
            and timer.minutes == self.target.minutes
            and is_by(timer, self.open().user)
            and self.memory.timer in (None, timer.set_at)
        )

    def refusal(self, why: str) -> DrillRefusedError:
        """That a drill does not begin here."""
        return DrillRefusedError(f"{self.target.router}: {why}")


def is_by(timer: RollbackTimer, user: str) -> bool:
    """Whether a timer was set by this user; some releases print the privilege behind the name."""
    return timer.user is not None and timer.user.partition("(")[0].strip() == user


def changes(found: Iterable[ConfigDifference]) -> tuple[Changed, ...]:
    """The router's own differences, as ours.

    Without those of certificates: some releases show them by name in one of the two, in full in the other.
    """
    return tuple(
        Changed(each.added, each.above, each.text)
        for each in found
        if not (each.above and each.above[0].startswith(_CERTIFICATES))
    )

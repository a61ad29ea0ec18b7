"""What one router's part of a task is when it is done elsewhere, and how both sides talk meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from nornir.core.inventory import Host


class LostError(Exception):
    """A router's errand did not come back, and why: a stable cause code and words without the router's name."""

    def __init__(self, cause: str, words: str) -> None:
        self.cause = cause
        self.words = words
        super().__init__(words)


class InterruptedRunError(Exception):
    """The run was stopped, or whoever started it is gone."""


class Line(Protocol):
    """A worker's way to talk with the process that sent the errand. Messages are pickled."""

    def say(self, message: object) -> None:
        """Tell something; nobody answers."""
        ...

    def ask(self, message: object) -> Any:  # noqa: ANN401 (what the other side answers)
        """Ask something and wait for the answer. Raises InterruptedRunError where none will come."""
        ...

    @property
    def folder(self) -> str:
        """Where the worker may write: its own folder, which is removed also where the worker did not come to do so."""
        ...

    def on_interrupt(self, call: Callable[[], None]) -> None:
        """Have this called, from another thread, when the run is stopped."""
        ...


class Errand(Protocol):
    """What a worker does for one router. It is pickled, and must raise nothing."""

    def __call__(self, line: Line) -> object:
        """Do it; what came of it is pickled."""
        ...


class Sender(Protocol):
    """A Nornir task function that knows how it is done on a worker, and what to do with what comes back.

    All methods may be called from several threads, for one router from one at a time.
    """

    @property
    def at_once(self) -> int:
        """How many routers at the same time, wherever."""
        ...

    @property
    def attempts(self) -> int:
        """How often an errand may be begun, workers that die included."""
        ...

    def worker(self, host: Host) -> str | None:
        """The resource that a worker must declare to have this router; None: any worker may."""
        ...

    def turn(self, host: Host) -> AbstractContextManager[object]:
        """Held from before the errand is sent until it came back or was lost."""
        ...

    def errand(self, host: Host) -> Errand:
        """What the worker is to do."""
        ...

    def hear(self, host: Host, message: Any) -> object:  # noqa: ANN401 (what the errand says)
        """What the worker said or asked; the answer."""
        ...

    def forget(self, host: Host) -> None:
        """The errand was begun and is lost; it may be begun again."""
        ...

    def take(self, host: Host, outcome: Any) -> object:  # noqa: ANN401 (what the errand returned)
        """The errand came back; a Nornir result."""
        ...

    def lose(self, host: Host, error: LostError) -> object:
        """The errand will not come back; a Nornir result."""
        ...

    def interrupt(self) -> None:
        """Make whoever waits in `turn` or `hear` stop waiting."""
        ...

"""One line that shows how far the collection is, on a terminal that can rewrite it; nothing anywhere else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    import pytest

    from pytest_azinterop.collect.plan import Plan


class Progress:
    """Counts answers and routers. Its methods may be called from several threads."""

    def __init__(self, reporter: pytest.TerminalReporter | None, plan: Plan) -> None:
        self._reporter = reporter if reporter is not None and reporter.isatty and reporter.verbosity >= 0 else None
        self._routers = len(plan.routers)
        self._commands = plan.command_count
        self._answered = 0
        self._finished = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._reporter is not None:
            self._reporter.rewrite("", erase=True)

    def answered(self) -> None:
        """One more command was answered, or given up."""
        with self._lock:
            self._answered += 1
            self._show()

    def finished(self) -> None:
        """One more router is done with, well or not."""
        with self._lock:
            self._finished += 1
            self._show()

    def _show(self) -> None:
        if self._reporter is not None:
            self._reporter.rewrite(
                f"asking: {self._answered}/{self._commands} commands, {self._finished}/{self._routers} routers done",
                erase=True,
            )

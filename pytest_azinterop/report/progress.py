"""One line that shows how far the collection is, on a terminal that can rewrite it; nothing anywhere else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from pytest_azinterop.collect.progress import AzureAnswered, CommandDone, RouterFinished

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.progress import Event


class Progress:
    """Counts answers and routers. Its methods may be called from several threads. `also` is told every event first."""

    def __init__(
        self, reporter: pytest.TerminalReporter | None, plan: Plan, also: Callable[[Event], None] | None = None
    ) -> None:
        self._also = also
        self._reporter = reporter if reporter is not None and reporter.isatty and reporter.verbosity >= 0 else None
        self._routers = len(plan.routers)
        self._commands = plan.command_count
        self._requests = len(plan.azure.requests)
        self._answered = 0
        self._told = 0
        self._finished = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        if self._reporter is not None:
            self._reporter.rewrite("", erase=True)

    def event(self, happened: Event) -> None:
        """Count what the collection tells."""
        if self._also is not None:
            self._also(happened)
        with self._lock:
            if isinstance(happened, CommandDone):
                self._answered += 1
            elif isinstance(happened, RouterFinished):
                self._finished += 1
            elif isinstance(happened, AzureAnswered):
                self._told += 1
            self._show()

    def _show(self) -> None:
        if self._reporter is not None:
            azure = f", {self._told}/{max(self._requests, self._told)} answers of Azure" if self._requests else ""
            self._reporter.rewrite(
                f"asking: {self._answered}/{self._commands} commands, {self._finished}/{self._routers} routers done"
                + azure,
                erase=True,
            )

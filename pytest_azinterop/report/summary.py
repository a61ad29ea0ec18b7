"""How pytest's terminal shows the reports of a run: by gravity, and nothing twice.

JUnit and pytest's counts keep every item; only what the terminal repeats is folded. `-v` shows everything.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Summary:
    """Rearranges the reporter's reports while it prints its summary, and puts them back. A plugin of its own."""

    def __init__(self) -> None:
        self._causes: Counter[str] = Counter()
        self._folded: list[Any] = []

    @contextmanager
    def ordered(self, reporter: pytest.TerminalReporter) -> Iterator[None]:
        """Failures by severity; errors of one cause and failures of the same text are shown once."""
        stats = reporter.stats
        failed, errors = stats.get("failed", []), stats.get("error", [])
        failed.sort(key=_gravity)
        seen: set[str] = set()
        for report in failed:
            if _told(report).get("severity") is not None and (text := str(report.longrepr)) in seen:
                _hide(report)
            else:
                seen.add(text if _told(report).get("severity") is not None else "")
        for report in errors:
            if (cause := _told(report).get("cause")) is not None:
                self._causes[cause] += 1
                self._folded.append(report)
                _hide(report)
        try:
            yield
        finally:
            if self._folded and "error" in stats:
                stats["error"][:] = [*stats["error"], *(each for each in self._folded if each not in stats["error"])]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Each undetermined cause, before pytest's short summary, which then does not repeat it for every item."""
        if not self._causes:
            return
        terminalreporter.section("not determined", sep="=", red=True)
        for line in terminal.causes_lines(self._causes):
            terminalreporter.write_line(line)
        if terminalreporter.verbosity <= 0:
            errors = terminalreporter.stats["error"]
            errors[:] = [report for report in errors if report not in self._folded]


def _told(report: Any) -> dict[str, Any]:  # noqa: ANN401 (reports of several kinds)
    told: dict[str, Any] = getattr(report, "azinterop", {})
    return told


def _gravity(report: Any) -> int:  # noqa: ANN401 (reports of several kinds)
    severity = _told(report).get("severity")
    return len(terminal.SEVERITIES) if severity is None else int(severity)


def _hide(report: Any) -> None:  # noqa: ANN401 (reports of several kinds)
    """Keep a report out of the sections with full texts, as pytest's debugger does with what it has shown."""
    report._pdbshown = True  # noqa: SLF001

"""Lint findings that fail nothing, in a section of their own: compact, and never lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    import pytest

    from pytest_azinterop.intent.models import Lint

_SHOWN = 3  # objects named in the line of a rule


class LintSummary:
    """Adds up what reports note, and shows it before pytest's short summary. A plugin of its own.

    A report notes a finding as rank of its severity, rule, object and message: plain data, which pytest-xdist sends.
    """

    def __init__(self, lint: Lint) -> None:
        self._lint = lint
        self._noted: set[tuple[int, str, str, str]] = set()
        self._ignored: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report notes."""
        told = getattr(report, "azinterop", {})
        self._noted.update((rank, rule, object_, message) for rank, rule, object_, message in told.get("noted", ()))
        self._ignored.update(told.get("ignored", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line; a line per rule where lint was asked for (`-m lint`); with `-v` every finding."""
        if not self._noted and not self._ignored:
            return
        asked_for = "lint" in str(terminalreporter.config.getoption("markexpr", ""))
        if self._noted and not asked_for and terminalreporter.verbosity <= 0:
            terminalreporter.write_line(brief(self._noted, self._lint.fail_at))
            return
        terminalreporter.section("lint", sep="=", yellow=True)
        for line in summary_lines(self._noted, self._lint.fail_at, every=terminalreporter.verbosity > 0):
            terminalreporter.write_line(line)
        if self._ignored:
            rules = ", ".join(sorted(self._ignored))
            total = sum(self._ignored.values())
            terminalreporter.write_line(f"ignored by the intent: {terminal.plural(total, 'finding')} of {rules}")


def brief(noted: set[tuple[int, str, str, str]], fail_at: str) -> str:
    """How many, by severity, and how to see them."""
    counts = Counter(rank for rank, *_ in noted)
    by_severity = ", ".join(f"{count} {terminal.SEVERITIES[rank]}" for rank, count in sorted(counts.items()))
    return (
        f"azinterop: lint tells {terminal.plural(len(noted), 'finding')} below `{fail_at}` ({by_severity}), "
        "which fail nothing; -m lint lists them"
    )


def summary_lines(noted: set[tuple[int, str, str, str]], fail_at: str, *, every: bool) -> list[str]:
    """The gravest first."""
    if not noted:
        return []
    hint = "" if every else "; -v shows each"
    lines = [f"{terminal.plural(len(noted), 'finding')} below `{fail_at}`, which fail nothing{hint}"]
    rules: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for rank, rule, object_, message in sorted(noted):
        rules[rank, rule].append((object_, message))
    width = max(len(rule) for _, rule in rules)
    for (rank, rule), found in rules.items():
        severity = terminal.SEVERITIES[rank]
        if every:
            lines += [f"{severity:<8} {rule:<{width}} {terminal.clean(message)}" for _, message in found]
            continue
        objects = list(dict.fromkeys(terminal.clean(object_, 80) for object_, _ in found))
        more = f" and {len(objects) - _SHOWN} more" if len(objects) > _SHOWN else ""
        lines.append(f"{severity:<8} {rule:<{width}} {len(found):>4}  {', '.join(objects[:_SHOWN])}{more}")
    return lines

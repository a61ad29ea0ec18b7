"""How pytest's terminal shows the reports of a run: by gravity, and nothing twice.

JUnit and pytest's counts keep every item; only what the terminal repeats is folded. `-v` shows everything.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_azinterop.report import diagnosis, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest
    from _pytest._io import TerminalWriter


class Summary:
    """Rearranges the reporter's reports while it prints its summary, and puts them back. A plugin of its own."""

    def __init__(self, concerned: Callable[[], Callable[[str, str, str], frozenset[str]]]) -> None:
        self._concerned = concerned
        self._causes: Counter[str] = Counter()
        self._waivers: Counter[tuple[str, str, str, str]] = Counter()
        self._folded: list[Any] = []
        self._repeating: list[Any] = []
        self._faults: list[diagnosis.Fault] = []

    @contextmanager
    def ordered(self, reporter: pytest.TerminalReporter) -> Iterator[None]:
        """Failures by severity, causes first; errors of one cause and each finding of several checks are shown once."""
        stats = reporter.stats
        failed, errors = stats.get("failed", []), stats.get("error", [])
        failed.sort(key=_gravity)
        original = [(report, report.longrepr) for report in failed]
        self._repeating = self._tell_once(failed)
        for report in errors:
            if (cause := _told(report).get("cause")) is not None:
                self._causes[cause] += 1
                self._folded.append(report)
                _hide(report)
        try:
            yield
        finally:
            for report, longrepr in original:
                report.longrepr = longrepr
            if self._repeating and "failed" in stats:
                stats["failed"][:] = [report for report, _ in original]
            if self._folded and "error" in stats:
                stats["error"][:] = [*stats["error"], *(each for each in self._folded if each not in stats["error"])]

    @staticmethod
    def _tell_once(failed: list[Any]) -> list[Any]:
        """Show each finding where it stands first, with the number of further checks that fail with it. The reports
        that say nothing of their own."""
        shown_as = _repeated(failed)
        counts = Counter(shown_as.get(each, each) for report in failed for each in _findings(report))
        seen: set[tuple[str, ...]] = set()
        repeating = []
        for report in failed:
            blocks = _findings(report)
            if not blocks:
                continue
            new = {
                identity: text for identity, text in blocks.items() if identity not in seen and identity not in shown_as
            }
            if not new:
                _hide(report)
                repeating.append(report)
                continue
            seen.update(new)
            texts = [terminal.with_others(text, counts[identity] - 1) for identity, text in new.items()]
            report.longrepr = _Text("\n".join(texts), getattr(report.longrepr, "reprcrash", None))
        return repeating

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take which waivers let an item end as xfailed."""
        self._waivers.update((rule, about, day, why) for rule, about, day, why in _told(report).get("waivers", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The diagnosis, each undetermined cause, and each waiver with what it covers, before the short summary, which
        then repeats neither a cause nor a finding for every item.

        Where less has failed than could not be determined, that comes first: what is hidden may be the fault.
        """
        failed = terminalreporter.stats.get("failed", [])
        told = [found for report in failed if (found := _told_findings(report))]
        self._faults = diagnosis.faults(told, self._concerned()) if told else []
        hidden_by_more = sum(self._causes.values()) > len(failed)
        if hidden_by_more:
            self._tell_causes(terminalreporter)
        diagnosed = diagnosis.lines(self._faults, len(told)) if len(told) > 1 else []
        if diagnosed:
            terminalreporter.section("diagnosis", sep="=", red=True)
            for line in diagnosed:
                terminalreporter.write_line(line)
        if self._repeating and terminalreporter.verbosity <= 0:
            hidden = {id(report) for report in self._repeating}
            failed[:] = [report for report in failed if id(report) not in hidden]
            more = terminal.plural(len(self._repeating), "further check")
            verb = "fails" if len(self._repeating) == 1 else "fail"
            terminalreporter.write_line(f"azinterop: {more} {verb} with findings that others tell; -v names each")
        if not hidden_by_more:
            self._tell_causes(terminalreporter)
        if self._waivers:
            checks = terminal.plural(sum(self._waivers.values()), "check")
            terminalreporter.write_line(f"azinterop: findings of {checks} are waived")
            for line in terminal.waiver_lines(self._waivers):
                terminalreporter.write_line(f"  {line}")

    def _tell_causes(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._causes:
            return
        terminalreporter.section("not determined", sep="=", red=True)
        for line in terminal.causes_lines(self._causes):
            terminalreporter.write_line(line)
        if terminalreporter.verbosity <= 0:
            errors = terminalreporter.stats["error"]
            errors[:] = [report for report in errors if report not in self._folded]

    def verdict(self, stats: Mapping[str, Sequence[object]]) -> str | None:
        """The run in one line, by pytest's reports of each outcome; None: nothing was judged."""
        failed, errors, passed, waived = (len(stats.get(name, ())) for name in ("failed", "error", "passed", "xfailed"))
        first = self._faults[0].root.message if self._faults else None
        if self._causes and sum(self._causes.values()) > failed:
            first = terminal.causes_lines(self._causes)[0]
        return terminal.verdict(len(self._faults), failed, errors, passed, waived, first)


def _told(report: Any) -> dict[str, Any]:  # noqa: ANN401 (reports of several kinds)
    told: dict[str, Any] = getattr(report, "azinterop", {})
    return told


def _findings(report: Any) -> dict[tuple[str, ...], str]:  # noqa: ANN401 (reports of several kinds)
    """The text of each finding of an item; none where something else failed it."""
    told = getattr(report, "azinterop_findings", {})
    return {tuple(identity): text for identity, text in told.get("blocks", ())}


def _told_findings(report: Any) -> list[diagnosis.Told]:  # noqa: ANN401 (reports of several kinds)
    told = getattr(report, "azinterop_findings", {})
    return [
        diagnosis.Told(rule, object_, cause, message, tuple(gravity), likely, command, about)
        for ((rule, object_, cause, message), _), (gravity, likely, command, about) in zip(
            told.get("blocks", ()), told.get("hints", ()), strict=True
        )
    ]


def _repeated(failed: list[Any]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Findings that say of an object what another one says already, and which that is.

    A preference that the configuration gets wrong shows in the routes as well, where the session is up.
    """
    said: dict[str, tuple[str, ...]] = {}
    later = []
    for report in failed:
        for identity in _findings(report):
            if identity[0] == "policy.local-preference":
                said.setdefault(identity[1], identity)
            elif identity[0] == "lint.path-preference" and identity[2] == "local-preference":
                later.append(identity)
    return {identity: said[identity[1]] for identity in later if identity[1] in said}


def _gravity(report: Any) -> tuple[int, ...]:  # noqa: ANN401 (reports of several kinds)
    told = getattr(report, "azinterop_findings", {})
    return tuple(told["gravity"]) if "gravity" in told else (len(terminal.SEVERITIES), 0, 0)


class _Text:
    """What pytest's terminal takes for a report's text; `reprcrash` is what its short summary reads."""

    def __init__(self, text: str, reprcrash: object) -> None:
        self._text = text
        self.reprcrash = reprcrash

    def toterminal(self, writer: TerminalWriter) -> None:
        """Write the text."""
        for line in self._text.split("\n"):
            writer.line(line)

    def __str__(self) -> str:
        return self._text


def _hide(report: Any) -> None:  # noqa: ANN401 (reports of several kinds)
    """Keep a report out of the sections with full texts, as pytest's debugger does with what it has shown."""
    report._pdbshown = True  # noqa: SLF001

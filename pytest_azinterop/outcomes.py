"""From findings and undetermined facts to pytest's outcomes. Decides; the hooks in `plugin` only hand things over."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest
from _pytest.outcomes import Failed

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent import waivers
from pytest_azinterop.intent.models import Lint
from pytest_azinterop.report import terminal
from pytest_azinterop.verify.finding import Finding, PartialFindings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from types import FunctionType

    from pytest_azinterop.intent.models import Waiver
    from pytest_azinterop.verification import Subject
    from pytest_azinterop.verify.rule import Rule


class FindingsFailure(Failed):
    """An item fails with findings that no waiver covers. Its text is the whole report: no traceback is shown."""

    def __init__(self, findings: Sequence[Finding], notes: Mapping[Finding, str]) -> None:
        self.findings = tuple(sorted(findings, key=terminal.gravity))
        self.blocks = [
            (terminal.identity(each), terminal.finding_text(each, notes.get(each))) for each in self.findings
        ]
        super().__init__("\n".join(text for _, text in self.blocks), pytrace=False)


class UndeterminedFailure(Failed):
    """A fact could not be determined: the item ends as `error`, whenever this is raised."""

    def __init__(self, error: UndeterminedError) -> None:
        self.error = error
        super().__init__(terminal.undetermined_text(error), pytrace=False)


@dataclass(slots=True)
class ItemRecord:
    """What was judged while an item ran. `covered` are findings with the waiver that covers each.

    `noted` are lint findings that are too slight to fail it, `ignored` those of rules that the intent ignores.
    `judgements` counts how often `judge` was called.
    """

    findings: list[Finding] = field(default_factory=list)
    covered: list[tuple[Finding, Waiver]] = field(default_factory=list)
    noted: list[Finding] = field(default_factory=list)
    ignored: list[Finding] = field(default_factory=list)
    undetermined: UndeterminedError | None = None
    judgements: int = 0


RECORD = pytest.StashKey[ItemRecord]()


class Judge:
    """The `judge` fixture: fails the item with the findings that no waiver covers.

    Findings that a waiver covers are kept on the item, which then ends as xfailed unless something else fails it: so a
    later finding of the same item is never hidden by a waived one, and neither is what could not be determined.
    """

    def __init__(self, record: ItemRecord, accepted: Sequence[Waiver], today: date, lint: Lint | None = None) -> None:
        self._record = record
        self._waivers = accepted
        self._today = today
        self._lint = lint or Lint()

    def __call__(self, findings: Iterable[Finding]) -> None:
        """Judge what a rule returned. Raises TypeError for anything else than findings, and the UndeterminedError that
        is left open beside findings of which none fails the item."""
        __tracebackhide__ = True
        self._record.judgements += 1
        found = self._each_once(findings)
        open_: list[Finding] = []
        notes: dict[Finding, str] = {}
        for item in found:
            waiver = waivers.covering(self._waivers, item.rule, item.object, self._today)
            if waiver is not None:
                self._record.covered.append((item, waiver))
                continue
            if item.rule.startswith("lint.") and self._only_told(item):
                continue
            open_.append(item)
            over = waivers.expired(self._waivers, item.rule, item.object, self._today)
            if over is not None:
                notes[item] = f"the waiver “{over.reason}” expired on {over.expires}"
        self._record.findings.extend(found)
        if open_:
            raise FindingsFailure(open_, notes)
        if isinstance(findings, PartialFindings):
            raise findings.undetermined

    @staticmethod
    def _each_once(findings: Iterable[Finding]) -> list[Finding]:
        found = list(findings)
        for item in found:
            if not isinstance(item, Finding):
                raise TypeError(f"judge takes findings, not {type(item).__name__}")
        return terminal.once(found)

    def _only_told(self, item: Finding) -> bool:
        """Whether a lint finding fails nothing, because the intent ignores its rule or it is slighter than asked."""
        if any(waivers.matches(pattern, item.rule) for pattern in self._lint.ignore):
            self._record.ignored.append(item)
            return True
        if terminal.rank(item) > terminal.SEVERITIES.index(self._lint.fail_at):
            self._record.noted.append(item)
            return True
        return False

    def __repr__(self) -> str:
        return "<judge>"


def settle(report: pytest.TestReport, call: pytest.CallInfo[None], record: ItemRecord, *, runxfail: bool) -> None:
    """Give the report of one phase its outcome and the text that a reader needs."""
    raised = call.excinfo.value if call.excinfo is not None else None
    if isinstance(raised, UndeterminedError):
        record.undetermined = raised
        report.longrepr = terminal.undetermined_text(raised)
    elif isinstance(raised, UndeterminedFailure):
        record.undetermined = raised.error
    if record.undetermined is not None and report.failed and report.when == "call":
        # pytest calls a failure of any other phase an error; a fact that turns out undetermined while a rule is judged
        # is one as well.
        report.when = "setup"
    if isinstance(raised, (FindingsFailure, UndeterminedFailure)):
        shorten(report, str(raised).split("\n", 1)[0])
    if isinstance(raised, FindingsFailure):
        # Plain data for the summary: pytest-xdist sends it to the controller.
        report.azinterop_findings = {  # type: ignore[attr-defined]
            "gravity": list(terminal.gravity(raised.findings[0])),
            "blocks": [[list(identity), text] for identity, text in raised.blocks],
            "hints": [
                [list(terminal.gravity(each)), each.likely, terminal.typed(each), each.about]
                for each in raised.findings
            ],
        }
    if report.when == "call" and report.passed and record.covered:
        text = terminal.waived_text(record.covered)
        if runxfail:
            report.outcome = "failed"
            report.longrepr = terminal.findings_text([finding for finding, _ in record.covered], {})
        else:
            report.outcome = "skipped"
            report.wasxfail = f"reason: {text}"


def properties(record: ItemRecord) -> Iterator[tuple[str, str]]:
    """The JUnit properties of an item: per finding its rule, object, cause and evidence; the cause of an error."""
    for finding in record.findings:
        yield "azinterop.rule", finding.rule
        yield "azinterop.object", terminal.clean(finding.object)
        yield "azinterop.cause", finding.cause
        yield "azinterop.evidence", "; ".join(terminal.clean(str(source)) for source in finding.evidence)
    for finding in record.noted:
        yield "azinterop.noted", f"{finding.severity}: {terminal.clean(finding.message)}"
    if record.undetermined is not None:
        error = record.undetermined
        yield "azinterop.cause", error.cause
        if error.host:
            yield "azinterop.object", terminal.clean(error.host)
        if error.command:
            yield "azinterop.evidence", terminal.clean(error.command)


def rules_of(function: FunctionType, rules: Iterable[Rule]) -> frozenset[str]:
    """The rules that a check judges, read from its code: the functions of `pytest_azinterop.verify` that it names.

    A check that calls them through a function of its own judges rules that are not seen here.
    """
    names = names_in(function)
    found = set()
    for rule in rules:
        module, _, name = rule.judged_by.rpartition(".")
        if name not in names:
            continue
        path = f"pytest_azinterop.verify.{module}"
        judging = getattr(sys.modules.get(path), name, None)
        spaces = [function.__globals__.get(used) for used in names]
        if any(getattr(space, "__name__", None) == path or (space is judging is not None) for space in spaces):
            found.add(rule.name)
    return frozenset(found)


def names_in(function: FunctionType) -> frozenset[str]:
    """The global names and attributes that the code of a check uses."""
    return frozenset(_names(function.__code__))


def _names(code: object) -> Iterator[str]:
    yield from getattr(code, "co_names", ())
    for constant in getattr(code, "co_consts", ()):
        if hasattr(constant, "co_names"):
            yield from _names(constant)


def stale(
    accepted: Sequence[Waiver],
    *,
    used: Iterable[int],
    judged: Iterable[tuple[str, str]],
    not_judged: Iterable[tuple[str, str]],
    complete: bool,
    today: date,
) -> list[int]:
    """Positions of waivers that cover nothing any more.

    `judged` and `not_judged` are pairs of rule and object, the latter of items that were deselected or could not be
    determined. A waiver is stale if what it names was judged in full and gave nothing to cover: one with `*` can
    only be said to be so after a `complete` run.
    """
    seen, missed, spent = list(judged), list(not_judged), set(used)
    found = []
    for position, waiver in enumerate(accepted):
        if position in spent or today > waiver.expires:
            continue
        if not complete and "*" in waiver.rule + waiver.object:
            continue
        if any(waivers.concerns(waiver, *pair) for pair in missed):
            continue
        if any(waivers.concerns(waiver, *pair) for pair in seen):
            found.append(position)
    return found


def shorten(report: pytest.TestReport, text: str) -> None:
    """Set what the short summary says of a report."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        crash.message = text


def add_sources(report: pytest.TestReport, seen: Sequence[Subject]) -> None:
    """Below a plain failed assertion: what it was about, and where that was read."""
    add = getattr(report.longrepr, "addsection", None)
    for subject in seen:
        lines = [terminal.clean(subject.id), *terminal.evidence_lines(subject.sources)]
        if add is not None:
            add(f"{subject.kind}", "\n".join(lines))


def stale_reports(waiver: Waiver, *, beside_failures: bool) -> list[pytest.TestReport]:
    """Reports as of a failed item for a waiver that covers nothing any more; JUnit takes properties from the last.

    `beside_failures`: checks of the same run fail.
    """
    name = terminal.clean(f"{waiver.rule} {waiver.object}")
    facts = (("rule", waiver.rule), ("object", waiver.object), ("cause", "waiver-covers-nothing"))
    outcome: tuple[tuple[Literal["call", "teardown"], Literal["passed", "failed"], str | None], ...] = (
        ("call", "failed", terminal.stale_text(waiver, beside_failures=beside_failures)),
        ("teardown", "passed", None),
    )
    return [
        pytest.TestReport(
            nodeid=f"interop.yaml::waivers[{name}]",
            location=("interop.yaml", None, f"waivers[{name}]"),
            keywords={},
            outcome=word,
            longrepr=text,
            when=phase,
            user_properties=[(f"azinterop.{key}", terminal.clean(value)) for key, value in facts],
        )
        for phase, word, text in outcome
    ]

"""A run with an inventory: its hooks, registered as one plugin object when the intent has been loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import (
    __version__,
    all_vrfs,
    asked_for,
    azure_side,
    baseline,
    gathering,
    interruption,
    options,
    outcomes,
    recordings,
    settling,
    shipped,
)
from pytest_azinterop.cycles import Cycles
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent import discovered
from pytest_azinterop.intent.concerned import Concerned
from pytest_azinterop.intent.loader import load
from pytest_azinterop.item_scope import Pair, nothing_judged_by, pairs_of, subjects_of
from pytest_azinterop.outcomes import RECORD, ItemRecord
from pytest_azinterop.report import terminal
from pytest_azinterop.report.lint_summary import LintSummary
from pytest_azinterop.report.summary import Summary
from pytest_azinterop.selection import Selection
from pytest_azinterop.tiers import Tiers
from pytest_azinterop.verification import VERIFICATION, Verification
from pytest_azinterop.verify.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.recordings import Recordings


def begin(config: pytest.Config, start_lab: Callable[..., Any]) -> None:
    """Find the inventory, load its intent, choose the checks, register the hooks. Raises pytest.UsageError (exit 4)."""
    cycles = Cycles()
    config.add_cleanup(cycles.end)
    cycles.rest()
    cwd = config.invocation_params.dir
    named = options.resolve(str(options.value(config, "inventory")), cwd, shipped.inventory)
    if not named.is_simulated:
        for name in ("lab-scenario", "lab-speed", "lab-log"):
            if options.value(config, name) is not None:
                spelled = options.form(config, name)
                raise pytest.UsageError(f"{spelled} needs a simulated inventory; {named.name} is none")
    try:
        hosts = gathering.host_names(named)
        loaded = load(named.folder, rules=RULES, hosts=hosts)
        found = recordings.begin(config, loaded)
        noted = discovered.header(discovered.load(named.folder), loaded.expectations)
        replayed = None if found.replay is None else found.replay.about
        azure = azure_side.begin(config, named, loaded.expectations.azure, replayed)
    except InventoryError as error:
        raise pytest.UsageError(str(error)) from None
    interruption.begin(config)
    config.stash[VERIFICATION] = Verification(named, loaded, found.today, azure)
    checks = None
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        local = cwd / "checks"
        checks = local if local.is_dir() else shipped.checks()
        config.args = [str(checks)]
    config.pluginmanager.import_plugin("pytest_azinterop.fixtures")
    unread = config.stash.get(options.UNREAD, None)
    header = [*([f"azinterop: {unread}"] if unread else ()), *noted, *azure.header(loaded.expectations.sites)]
    run = Run(config, checks, found, start_lab, cycles, header)
    run.baseline = baseline.begin(config, found.baseline, run.verification)
    config.pluginmanager.register(run, "azinterop-run")
    config.pluginmanager.register(run.summary, "azinterop-summary")
    config.pluginmanager.register(Selection(config), "azinterop-selection")
    config.pluginmanager.register(Tiers(config, run.not_judged, pairs_of), "azinterop-tiers")
    config.pluginmanager.register(LintSummary(loaded.intent.lint), "azinterop-lint")
    drill = None if options.value(config, "drill") is None else _drill(config, run)
    if drill is not None:
        config.pluginmanager.register(drill, "azinterop-drill")


def _drill(config: pytest.Config, run: Run) -> object:
    """The hooks of a drill, which nothing else loads."""
    from pytest_azinterop import drill_run

    return drill_run.begin(config, run)


def version_of(checks: Path) -> str:
    """From which version of the package these checks are, by the note that `azinterop init` leaves or by place."""
    note = checks / "COPIED_FROM"
    if note.is_file():
        return f"copied from {note.read_text(encoding='utf-8', errors='replace').strip()[:80]}"
    if checks.resolve() == shipped.checks().resolve():
        return f"shipped with pytest-azinterop {__version__}"
    return "of unknown version"


class Run:
    """The hooks of a run. `checks` is None where the command line names its own paths; `noted` goes into the header."""

    def __init__(
        self,
        config: pytest.Config,
        checks: Path | None,
        recordings: Recordings,
        start_lab: Callable[..., Any],
        cycles: Cycles,
        noted: Iterable[str] = (),
    ) -> None:
        self.config = config
        self.cycles = cycles
        self.noted = tuple(noted)
        self.recordings = recordings
        self.checks = checks
        self.verification = config.stash[VERIFICATION]
        self.gatherer = gathering.Gatherer(config, self.verification, recordings, start_lab)
        self.summary = Summary(lambda: Concerned(self.verification.loaded.expectations).of)
        self.plan: Plan | None = None
        self.deselected: list[Pair] = []
        self.judged: list[Pair] = []
        self.not_judged: list[Pair] = []
        self.used: set[int] = set()
        self.has_failed = False
        self.baseline: baseline.Baseline | None = None
        self.settled: settling.Settled | None = None
        self.listed = baseline.Listed()
        self.azure_left_out = 0

    # Before the first item -------------------------------------------------------------------------------------------

    def pytest_report_header(self) -> list[str]:
        """Which inventory and which checks."""
        inventory = self.verification.inventory
        kind = "simulated" if inventory.is_simulated else "live"
        lines = [
            f"azinterop: inventory {inventory.name} ({kind}, {'shipped' if inventory.shipped else inventory.folder}),"
            f" intent {self.verification.loaded.digest[:12]}"
        ]
        if self.checks is not None:
            lines.append(f"azinterop: checks {self.checks} ({version_of(self.checks)})")
        return [*lines, *self.recordings.header(), *self.noted]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """The comparisons with a baseline come before anything is deselected."""
        if self.baseline is not None:
            items.extend(self.baseline.items(session))

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """What was not judged, so that no waiver is called stale for it."""
        for item in items:
            self.deselected.extend(pairs_of(item))

    def not_judge(self, items: Iterable[pytest.Item]) -> None:
        """These items were left out: no waiver is called stale for one of them."""
        for item in items:
            self.not_judged.extend(pairs_of(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The plan follows from the items that are left. Raises pytest.UsageError for a need without a command."""
        try:
            # Who chooses checks records what these ask, and nothing that was not chosen.
            chosen = self.config.option.keyword or self.config.option.markexpr or self.checks is None
            further = None if self.recordings.record is None or chosen else baseline.needs
            self.plan = self.verification.azure.complete(self._planned(session.items, further))
            self.azure_left_out = gathering.count_left_out(session.items, self.verification)
        except InventoryError as error:
            raise pytest.UsageError(str(error)) from None

    def _planned(self, items: Iterable[pytest.Item], further: gathering.Further | None) -> Plan:
        replay = self.recordings.replay
        if replay is not None:
            return replay.fitted(gathering.plan_for(items, self.verification, further))
        at_once = all_vrfs.by_router(self.verification.inventory, asks=not self._asks_nothing())
        return gathering.plan_for(items, self.verification, further, at_once)

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> str | list[str] | None:
        """What will be asked, and why a router that no check names."""
        if self.plan is None or self.config.option.verbose < 0:
            return None
        routers, commands = len(self.plan.routers), self.plan.command_count
        azure = self.plan.azure
        asked = len(azure.requests)
        if self.recordings.replay is not None:
            answers = terminal.plural(commands, "answer")
            of_azure = f" and {terminal.plural(asked, 'answer')} of Azure" if asked else ""
            of = terminal.plural(routers, "router")
            return f"azinterop: will read {answers} of {of}{of_azure} from the recording"
        would = "would" if self._asks_nothing() else "will"
        why = asked_for.others(items, self.plan, self.verification)
        return [f"azinterop: {would} ask {asked_for.announced(self.plan)}", *(f"azinterop: {line}" for line in why)]

    def _asks_nothing(self) -> bool:
        return bool(self.config.option.collectonly or options.value(self.config, "plan"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Collect before the first item; after the last, see which waivers cover nothing any more."""
        option = self.config.option
        broken = session.testsfailed and not option.continue_on_collection_errors
        self.cycles.set_apart()
        if not broken and options.value(self.config, "plan"):
            self._show_plan()
            session.items = []
        elif not broken and not option.collectonly and self.plan is not None and not self.plan.is_empty:
            try:
                self._collect(session, self.plan)
            except InventoryError as error:
                raise pytest.UsageError(str(error)) from None
            self.cycles.set_apart()
        result = yield
        if not self._asks_nothing() and not hasattr(self.config, "workerinput"):
            self._report_stale_waivers()
        return result

    def _collect(self, session: pytest.Session, wanted: Plan) -> None:
        seconds = options.value(self.config, "settle")
        if seconds is None:
            self.gatherer.gather(wanted)
            return

        def again() -> None:
            self.verification.renew()
            self.gatherer.gather(wanted)

        with self.gatherer.rounds():
            self.settled = settling.settle(
                float(seconds), again, lambda: settling.judge_silently(session.items), self._say
            )

    def _say(self, line: str) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(line)

    def _show_plan(self) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self.plan is not None:
            reporter.ensure_newline()
            for line in self.plan.describe(gathering.addresses(self.verification.inventory)):
                reporter.write_line(line)

    # Items -----------------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin anew: another plugin may run an item twice."""
        item.stash[RECORD] = ItemRecord()
        item.user_properties[:] = [each for each in item.user_properties if not each[0].startswith("azinterop.")]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The outcome of a phase, and what JUnit and the controller of pytest-xdist are told of it."""
        report = yield
        record = item.stash.setdefault(RECORD, ItemRecord())
        phase = call.when
        outcomes.settle(report, call, record, runxfail=bool(self.config.option.runxfail))
        if phase == "teardown" or (phase == "setup" and report.passed):
            return report  # nothing came of it that the item's other phases do not tell
        empty = phase == "call" and report.passed and record.judgements and not record.findings
        reason = nothing_judged_by(item) if empty or report.skipped else None
        if empty and reason:
            path, line, _ = item.location
            report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, f"Skipped: {reason}")
        if phase == "call" and report.outcome == "failed" and not record.findings:
            outcomes.add_sources(report, [subject for subject in subjects_of(item) if subject.bundle is not None])
        if phase == "call" or report.failed:
            item.user_properties.extend(outcomes.properties(record))
            if self.settled is not None and item.nodeid in self.settled.first:
                item.user_properties.append(("azinterop.first", self.settled.first[item.nodeid]))
            report.user_properties = list(item.user_properties)
        judged, not_judged = self._judged(item, record, phase, passed=report.passed)
        if report.skipped and reason is not None:
            # What does not apply can give nothing to waive.
            judged, not_judged = [*judged, *not_judged], []
        report.azinterop = {  # type: ignore[attr-defined]  # plain data: pytest-xdist sends it to the controller
            "waivers": [
                (waiver.rule, waiver.object, str(waiver.expires), waiver.reason)
                for waiver in dict.fromkeys(waiver for _, waiver in record.covered)
            ]
            if report.skipped and phase == "call"
            else [],
            "covered": [self.verification.waivers.index(waiver) for _, waiver in record.covered],
            "judged": judged,
            "not_judged": not_judged,
            "cause": None if record.undetermined is None else terminal.undetermined_text(record.undetermined),
            "noted": [(terminal.rank(each), each.rule, each.object, each.message) for each in record.noted],
            "ignored": [each.rule for each in record.ignored],
            "severity": min((terminal.rank(finding) for finding in record.findings), default=None),
            **self.listed.told(item),
        }
        return report

    @staticmethod
    def _judged(item: pytest.Item, record: ItemRecord, phase: str, *, passed: bool) -> tuple[list[Pair], list[Pair]]:
        """The pairs of rule and object that were judged to the end, and those that were not.

        A rule that answers with the finding of another one (a session that is down has no age) has not judged its own.
        """
        if record.undetermined is not None or phase != "call":
            return [], [] if passed else list(pairs_of(item))
        named = {finding.rule for finding in record.findings}
        pairs = list(pairs_of(item))
        judged = [pair for pair in pairs if not named or pair[0] in named]
        return judged, [pair for pair in pairs if pair not in judged]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what the items' reports carry."""
        self.has_failed = self.has_failed or report.failed
        told = getattr(report, "azinterop", None)
        if told is None:
            return
        self.used.update(told["covered"])
        self.listed.take(told)
        self.judged.extend((rule, object_) for rule, object_ in told["judged"])
        self.not_judged.extend((rule, object_) for rule, object_ in told["not_judged"])

    # After the last item ---------------------------------------------------------------------------------------------

    def _report_stale_waivers(self) -> None:
        """A waiver that covers nothing any more is a failed report of its own, in JUnit and the exit status too."""
        found = outcomes.stale(
            self.verification.waivers,
            used=self.used,
            judged=self.judged,
            not_judged=[*self.not_judged, *self.deselected],
            complete=self._is_complete(),
            today=self.verification.today,
        )
        beside_failures = self.has_failed
        for position in found:
            reports = outcomes.stale_reports(self.verification.waivers[position], beside_failures=beside_failures)
            place = {"nodeid": reports[0].nodeid, "location": reports[0].location}
            self.config.hook.pytest_runtest_logstart(**place)
            for report in reports:
                self.config.hook.pytest_runtest_logreport(report=report)
            self.config.hook.pytest_runtest_logfinish(**place)

    def _is_complete(self) -> bool:
        """Whether every check was run: the folder of checks as a whole, and nothing deselected."""
        option = self.config.option
        whole = self.checks is not None or [Path(arg).name for arg in self.config.args] == ["checks"]
        left_out = ("deselect", "ignore", "ignore_glob", "lf")
        return whole and not self.deselected and not any(getattr(option, name, None) for name in left_out)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A worker tells its controller what it knows."""
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output["azinterop"] = {"deselected": self.deselected, "cost": self.gatherer.told()}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
        """The gravest first; each undetermined cause and each finding that fails several checks once."""
        with self.summary.ordered(terminalreporter):
            yield
        listed = self.listed.lines(options.value(self.config, "expect-change") or ())
        if listed:
            terminalreporter.section("expected changes since the baseline", sep="=")
            for line in listed:
                terminalreporter.write_line(line)
        for line in self.settled.lines() if self.settled is not None else ():
            terminalreporter.write_line(line)
        if terminalreporter.verbosity < 0:  # then pytest has shown no header
            for line in self.recordings.warnings():
                terminalreporter.write_line(line)
        for line in self.verification.azure.left_out(self.azure_left_out):
            terminalreporter.write_line(line)
        cost = self.gatherer.cost()
        if cost is not None:
            terminalreporter.write_line(f"azinterop: {cost}")
        verdict = self.summary.verdict(terminalreporter.stats)
        if verdict is not None:
            terminalreporter.write_line(f"azinterop: {verdict}")

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        self.gatherer.close()

    # pytest-xdist ----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """An inventory that cannot be used stops the run before pytest-xdist starts a worker, which nobody would end.

        Raises pytest.UsageError.
        """
        if self.config.pluginmanager.hasplugin("dsession"):
            self.gatherer.shared()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 (xdist has no types)
        """Tell a worker where the collected answers are shared."""
        node.workerinput["azinterop_shared"] = str(self.gatherer.shared())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 (xdist has no types)
        """Take over what a worker knows."""
        told = getattr(node, "workeroutput", {}).get("azinterop")
        if told is not None:
            self.deselected = [(rule, object_) for rule, object_ in told["deselected"]]
            self.gatherer.take_over(told["cost"])

"""A run with `--drill`: the customer's checks, the pre-checks, and where it is approved the drill itself.

The drill is carried out as a whole by one item, so that nothing of pytest stands between trigger and undo.
"""

from __future__ import annotations

import getpass
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop import drill_approvals, drill_items, drill_refusals, drill_report, gathering, options
from pytest_azinterop.drill import approval, azure_watch, evidence, guards_path, guards_router, used, verdict
from pytest_azinterop.drill import plan as planning
from pytest_azinterop.drill.guard import Scene
from pytest_azinterop.drill.record import Approval, Record
from pytest_azinterop.drill_items import DrillItem, facts_of
from pytest_azinterop.drill_scope import Scope
from pytest_azinterop.errors import DrillRefusedError, InventoryError, UndeterminedError
from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.drill.guard import Guard
    from pytest_azinterop.drill.lock import DrillLock
    from pytest_azinterop.drill.plan import DrillPlan
    from pytest_azinterop.drill.window import Opening
    from pytest_azinterop.drill_acting import Acting
    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.running import Run
    from pytest_azinterop.verify.finding import Finding

GUARDS: tuple[Guard, ...] = (*guards_router.GUARDS, *guards_path.GUARDS, *azure_watch.GUARDS)
_GOOD = ("passed", "xfailed")


def begin(config: pytest.Config, run: Run) -> DrillRun | None:
    """What `--drill` adds to a run; None without it. Raises pytest.UsageError."""
    name = options.value(config, "drill")
    if name is None:
        return None
    known = {each.name: each for each in run.verification.loaded.expectations.drills}
    if name not in known:
        said = f"; drills of this intent: {', '.join(known)}" if known else "; this intent declares none"
        raise pytest.UsageError(f"no drill {name!r}{said}")
    if drill_refusals.is_approved(config) and run.verification.inventory.is_simulated:
        raise pytest.UsageError(
            "the drill is refused, and nothing was sent: a network that is simulated for the run ends with it;"
            " start one with `azinterop lab up` and name the inventory that it writes"
        )
    return DrillRun(config, known[name], run)


class DrillRun:
    """The hooks of a drill."""

    def __init__(self, config: pytest.Config, drill: Drill, run: Run) -> None:
        self.config = config
        self.drill = drill
        self.approved = drill_refusals.is_approved(config)
        self._run = run
        self._verification = run.verification
        self._wanted: list[pytest.Item] = []
        self._outcomes: dict[str, evidence.Outcome] = {}
        self._made: DrillPlan | None = None
        self._lock: DrillLock | None = None
        self._conducted = False
        self._not_before: Opening | None = None
        self.record = Record(drill)
        self.folder: Path | None = None
        self._acting: Acting | None = None
        self._guards: set[str] = set()
        self._collector: pytest.Collector | None = None

    # Items ----------------------------------------------------------------------------------------------------------

    def pytest_report_header(self) -> list[str]:
        """What this run may do, before it does anything."""
        if not self.approved:
            return [f"azinterop: drill {self.drill.name}: planned only, nothing will be changed"]
        return [
            f"azinterop: drill {self.drill.name} WILL BE CARRIED OUT on {', '.join(self.drill.changes) or 'Azure'}"
            f" under ticket {terminal.clean(str(options.value(self.config, 'ticket')), 60)}"
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """The checks of the customer, in their order, then the drill's own."""
        mine = Scope(self.drill, self._verification.loaded.expectations)
        left_out = [item for item in items if not mine.concerns(item)]
        items[:] = [item for item in items if mine.concerns(item)]
        self._run.not_judge(left_out)
        own = self._items(session)
        items.extend(own)
        self._wanted = list(items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Whoever left out, added or moved an item would have changed the drill. Raises pytest.UsageError."""
        if session.items != self._wanted:
            raise pytest.UsageError(
                "the drill is refused, and nothing was sent: a plugin or a conftest leaves out, adds or reorders items"
            )

    def _items(self, session: pytest.Session) -> list[pytest.Item]:
        parent = drill_items.Collector.from_parent(session, name="drill", nodeid=f"drill[{self.drill.name}]")
        self._collector = parent
        addresses = gathering.addresses(self._verification.inventory)
        everything = self._verification.loaded.expectations
        found: list[pytest.Item] = [self._item("pre-check[checks]", "every check of the customer passed", self._checks)]
        for guard in GUARDS:
            scenes = [Scene(self.drill, router, everything, addresses) for router in guard.where(self.drill)]
            found += drill_items.guard_items(parent, guard, scenes)
        found += [self._item(f"pre-check[{name}]", says, judge) for name, says, judge in self._approvals()]
        self._guards = {item.nodeid for item in found}
        found += self._acts() if self.approved else [self._item("plan", "the plan is made", self._planned)]
        report = pytest.CollectReport(parent.nodeid, "passed", None, list(found))
        session.config.hook.pytest_collectreport(report=report)
        return found

    def _item(self, name: str, says: str, judge: Callable[[], list[Finding]]) -> DrillItem:
        assert self._collector is not None
        return DrillItem.from_parent(self._collector, name=name, says=says, judge=judge)

    def _approvals(self) -> Iterator[tuple[str, str, Callable[[], list[Finding]]]]:
        drill = self.drill
        yield "window", "it ends inside its window", self._in_window
        yield "qualification", "the revert timer was rehearsed on it", self._qualified
        yield "free", "no other drill runs, is unfinished or was just before", self._free
        if self.approved:
            yield "answers", "the operator has answered", lambda: approval.answered(drill, self._answers())
            yield "logins", "the drill's login is another one than that of the checks", self._logins
            yield "approved", "what was approved is what would be done now", self._is_what_was_approved

    def _acts(self) -> list[pytest.Item]:
        first, *others = verdict.VERDICTS
        found = [self._item(first.name, first.says, lambda: self._carry_out(first))]
        found += [self._item(each.name, each.says, self._judged(each)) for each in others]
        found.append(self._item("state", "the network's state equals that before", self._same_state))
        found.append(self._item("timer", "no revert timer is left", self._no_timer))
        found += [self._item(each.name, each.says, self._judged(each)) for each in verdict.LAST_VERDICTS]
        return list(found)

    # Pre-checks -----------------------------------------------------------------------------------------------------

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how every item ended."""
        word: str = "error" if report.failed and report.when != "call" else report.outcome
        word = "xfailed" if report.skipped and hasattr(report, "wasxfail") else word
        if report.when == "call" or word != "passed":
            words = "" if word in _GOOD else terminal.clean(str(report.longrepr).strip().split("\n", 1)[0], 300)
            if word == "skipped" and isinstance(report.longrepr, tuple):
                words = terminal.clean(str(report.longrepr[2]), 300)
            self._outcomes[report.nodeid] = evidence.Outcome(report.nodeid, word, words)

    def _checks(self) -> list[Finding]:
        """The checks that ran before: a failure or an error is no-go; what is waived is told."""
        azure = self._verification.azure
        if azure.expected is not None and azure.not_asked is not None:
            return [approval.no_go(self.drill, "azure-not-asked", f"{azure.not_asked}; expected its side to be known")]
        bad = [each for each in self._outcomes.values() if each.outcome in ("failed", "error")]
        if not self._outcomes:
            return [approval.no_go(self.drill, "no-checks", "no check of the customer ran, expected all of them")]
        waived = [each.name for each in self._outcomes.values() if each.outcome == "xfailed"]
        if waived:
            words = f"drill: {terminal.plural(len(waived), 'check')} passed by a waiver alone:"
            self._say("\n".join([words, *(f"  {each}" for each in waived)]))
        self.record.waived = waived
        return [
            approval.no_go(self.drill, "check-not-passed", f"{each.name} {each.outcome}, expected passed: {each.words}")
            for each in bad
        ]

    def _free(self) -> list[Finding]:
        from pytest_azinterop.drill import lock

        folder = self._drills_folder
        found = drill_approvals.unfinished(self.drill, folder)
        if found or not self.approved:
            return found or drill_approvals.cooled(self.drill, folder, self._router_clock())
        self._new_folder()
        held = lock.DrillLock(
            folder, self.drill.name, self.drill.customer, self.drill.routers, self._evidence / "journal.jsonl"
        )
        try:
            self._lock = held.acquire(self.drill.cool_down, self._router_clock())
        except DrillRefusedError as refused:
            return [approval.no_go(self.drill, "not-free", f"{refused}; expected nobody else")]
        return []

    def _in_window(self) -> list[Finding]:
        """To act it must be open now. A plan is read before: it tells from when on it may be carried out."""
        if self.approved:
            return approval.in_window(self.drill, self._router_clock())
        found, self._not_before = approval.in_a_coming_window(self.drill, self._router_clock())
        return found

    def _qualified(self) -> list[Finding]:
        return approval.qualified(self.drill, facts_of(self.config), self._drills_folder, self._router_clock())

    def _logins(self) -> list[Finding]:
        return drill_approvals.logins(self.drill, self._verification.inventory.folder)

    def _is_what_was_approved(self) -> list[Finding]:
        plan = self._plan()
        given = str(options.value(self.config, "drill-confirm"))
        again = f"pytest … {options.form(self.config, 'drill')} {self.drill.name}"
        return drill_approvals.is_of_now(self.drill, given, plan.digest, self._drills_folder, again)

    def _plan(self) -> DrillPlan:
        """The plan by what was collected. Raises UndeterminedError."""
        if self._made is None:
            self._made = planning.make(
                self.drill,
                intent=self._verification.loaded.digest,
                fingerprints={router: self._fingerprint(router) for router in self.drill.routers},
                addresses=gathering.addresses(self._verification.inventory),
                number=drill_approvals.number(self.drill, self._drills_folder),
            )
        return self._made

    def _fingerprint(self, router: str) -> str:
        """Of the whole running-configuration that was read. Raises UndeterminedError."""
        return approval.fingerprint(facts_of(self.config), router)

    def _planned(self) -> list[Finding]:
        self._plan()
        return []

    def _router_clock(self) -> datetime:
        return approval.clock(facts_of(self.config), self.drill)

    def _answers(self) -> dict[str, str]:
        pairs = [str(each).partition("=") for each in options.value(self.config, "drill-answer") or ()]
        return {name.strip(): words.strip() for name, _, words in pairs}

    @property
    def _drills_folder(self) -> Path:
        from pytest_azinterop.drill import lock

        return self._verification.inventory.folder / lock.FOLDER

    # The drill ------------------------------------------------------------------------------------------------------

    def _no_go(self) -> None:
        """Raise UndeterminedError where any pre-check has not passed."""
        missing = [each for each in self._guards if each not in self._outcomes]
        bad = [each for name, each in self._outcomes.items() if name in self._guards and each.outcome != "passed"]
        if missing or bad:
            count = terminal.plural(len(missing) + len(bad), "pre-check")
            raise UndeterminedError(f"no-go: {count} did not pass, so nothing was taken away", cause="no-go")

    def _carry_out(self, first: verdict.Verdict) -> list[Finding]:
        """Once in a run, whatever runs the item again."""
        self._no_go()
        if self._conducted:
            raise UndeterminedError("the drill was carried out already; it is never repeated", cause="repeated")
        self._conducted = True
        try:
            self._conduct()
        except (InventoryError, DrillRefusedError) as error:
            self.record.failure = str(error)
            raise UndeterminedError(f"{error}; nothing was changed", cause="refused") from None
        except Exception as error:  # noqa: BLE001 (the routers are restored; a traceback would bury that)
            where = gathering.innermost(error)
            self.record.failure = f"{type(error).__name__} at {where}; please report this defect"
            words = "; ".join(f"{each.router}: {each.words}" for each in self.record.ends)
            message = f"the drill ended with {self.record.failure}. {words or 'Nothing was changed.'}"
            raise UndeterminedError(message, cause="defect") from None
        finally:
            with suppress(ValueError, AttributeError):
                if self._lock is not None:
                    self._lock.release(self.record.ended or self.record.undone)
            self._write()
        return first.judge(self.record)

    def _conduct(self) -> None:
        from pytest_azinterop.drill_acting import Acting

        plan, facts = self._plan(), facts_of(self.config)
        ticket = str(options.value(self.config, "ticket"))
        used.note(self._drills_folder, self.drill.name, plan.digest, ticket)
        self.record.approval = Approval(_user(), ticket, plan.digest, self._answered())
        self._acting = Acting(self.config, self.record, plan, self._make_folder(), self._say)
        self._acting.carry_out({router: self._fingerprint(router) for router in self.drill.changes}, facts)

    def _answered(self) -> tuple[tuple[str, str], ...]:
        given = self._answers()
        return tuple((name, given[name]) for name, _ in planning.questions(self.drill) if name in given)

    # Verdicts -------------------------------------------------------------------------------------------------------

    def _judged(self, each: verdict.Verdict) -> Callable[[], list[Finding]]:
        def judge() -> list[Finding]:
            self._no_go()
            if not self._conducted:
                raise UndeterminedError("the drill was not carried out", cause="no-go")
            if self.record.triggered is None and each.name != "trigger-seen":
                words = self.record.failure or "it came to no trigger"
                raise UndeterminedError(f"nothing was taken away: {words}", cause="not-triggered")
            return each.judge(self.record)

        return judge

    def _same_state(self) -> list[Finding]:
        self._no_go()
        if self._acting is None or self.record.triggered is None:
            raise UndeterminedError("nothing was taken away", cause="not-triggered")
        return self._acting.states.compare()

    def _no_timer(self) -> list[Finding]:
        self._no_go()
        if self._acting is None:
            raise UndeterminedError("the drill was not carried out", cause="no-go")
        states = self._acting.states
        if "after" not in states.facts:
            states.take("after")
        return states.timers()

    # What is told and kept ------------------------------------------------------------------------------------------

    @property
    def _evidence(self) -> Path:
        if self.folder is None:
            given = options.value(self.config, "drill-dir")
            name = given or f"drill-{self.drill.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
            self.folder = self.config.invocation_params.dir / Path(str(name)).expanduser()
        return self.folder

    def _new_folder(self) -> Path:
        """Not made before the drill is: one that is refused leaves none."""
        folder = self._evidence
        if folder.exists() and any(folder.iterdir()):
            raise UndeterminedError(f"{folder} is not empty; a drill needs a new folder", cause="folder-in-use")
        return folder

    def _make_folder(self) -> Path:
        folder = self._new_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _write(self) -> None:
        if self.folder is None or self._made is None or not self.folder.is_dir():
            return
        own = [each for name, each in self._outcomes.items() if name.startswith("drill[")]
        evidence.write(self.folder, self.record, self._made.lines, [_short(each) for each in own])

    def _say(self, line: str) -> None:
        plugins = self.config.pluginmanager
        reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
        if reporter is None:
            return
        # A terminal that is closed stops nothing.
        with (
            suppress(OSError, ValueError),
            nullcontext() if capture is None else capture.global_and_fixture_disabled(),
        ):
            reporter.ensure_newline()
            for each in line.split("\n"):
                reporter.write_line(terminal.clean(each, 200))
            reporter.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """The evidence, with the verdicts."""
        if self._conducted:
            self._write()

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The plan and how it is approved; of a drill that was carried out its timeline and where the evidence is."""
        if self._made is not None and not self.approved:
            bad = [each for name, each in self._outcomes.items() if name in self._guards and each.outcome != "passed"]
            drill_report.show_plan(
                self.config, terminalreporter, self._made, len(bad), self._not_before, self.record.waived
            )
        if self._conducted:
            drill_report.show_drill(terminalreporter, self.record)
            terminalreporter.write_line(f"azinterop: evidence in {self.folder}")


def _short(outcome: evidence.Outcome) -> evidence.Outcome:
    return evidence.Outcome(outcome.name.partition("::")[2], outcome.outcome, outcome.words)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"

"""A drill on the terminal: its plan and how it is approved, and what it showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop import drill_refusals, options
from pytest_azinterop.drill import evidence
from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from pytest_azinterop.drill.plan import DrillPlan
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.drill.window import Opening


def show_drill(reporter: pytest.TerminalReporter, record: Record) -> None:
    """How long everything took, and the timeline."""
    reporter.section(f"drill {record.drill.name}", sep="=")
    for line in (*evidence.times(record), "", *evidence.timeline_lines(record)):
        reporter.write_line(terminal.clean(line, 220))


def show_plan(
    config: pytest.Config,
    reporter: pytest.TerminalReporter,
    plan: DrillPlan,
    objections: int,
    not_before: Opening | None,
    waived: Sequence[str],
) -> None:
    """Every line, the checks that passed by a waiver alone, the hash, and the command that carries it out; with
    `objections`, that it is a no-go; and from when on it may be carried out, None: from now on."""
    reporter.section(f"plan of drill {plan.drill.name}", sep="=")
    for line in (*plan.lines, *evidence.waived_lines(waived)):
        reporter.write_line(terminal.clean(line, 200))
    reporter.write_line("")
    reporter.write_line(f"hash: {plan.digest}")
    if not_before is not None:
        reporter.write_line(
            f"not before {not_before.begins:%a %Y-%m-%d %H:%MZ}: the window is {not_before}, and it is refused outside"
        )
    if objections:
        reporter.write_line(f"no-go: {terminal.plural(objections, 'pre-check')} did not pass; see above")
        return
    spelled = {name: options.form(config, name) for name in ("inventory", "drill", "drill-confirm", "ticket")}
    answers = "".join(f" {options.form(config, 'drill-answer')} {name}='…'" for name, _ in plan.questions)
    reporter.write_line("nothing was changed. To carry it out, with the login of the drill in the environment:")
    reporter.write_line(
        f"  {drill_refusals.SWITCH}=1 pytest {spelled['inventory']} {options.value(config, 'inventory')}"
        f" {spelled['drill']} {plan.drill.name} {spelled['drill-confirm']} {plan.digest} {spelled['ticket']} …{answers}"
    )

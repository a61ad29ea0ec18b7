"""Networks that are broken in one way each: exactly the checks that should fail do, and say why; no other notices."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenarios.conftest import Run, is_explained, run
from scenarios.scenario_table import SCENARIOS, Scenario

HERE = Path(__file__).parent
SLIGHT = "lint."  # findings of this kind are told beside the one that fails an item


def test_each_scenario_file_has_its_expectation() -> None:
    assert {file.stem for file in HERE.glob("*.yaml")} == SCENARIOS.keys()


def test_the_healthy_network_has_no_failure(healthy: Run) -> None:
    assert healthy.code == 0, healthy.text
    assert {item.outcome for item in healthy.items.values()} <= {"passed", "xfailed", "skipped"}
    assert all(is_explained(item) for item in healthy.items.values() if item.outcome == "skipped")
    assert len(healthy.items) > 180


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_exactly_what_should_fail_does(name: str, healthy: Run, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    broken = run(tmp_path, "-q", "--lab-scenario", str(HERE / f"{name}.yaml"), "--lab-log", "lab.jsonl")
    assert broken.items.keys() == healthy.items.keys()
    found, expected = told(broken), wanted(scenario, healthy)
    assert [f"{item}: {found[item]}, not {expected[item]}" for item in found if found[item] != expected[item]] == []
    assert broken.code == (1 if scenario.changes else 0)
    assert_says(scenario, broken)
    assert_traced(scenario, broken)
    assert asked_again(broken) == []


Told = dict[str, tuple[str, tuple[str, ...]]]


def told(broken: Run) -> Told:
    """Per item its outcome, and the findings or cause where it failed."""
    return {
        name: (item.outcome, _counted(item.findings) if item.outcome in ("failed", "error") else ())
        for name, item in broken.items.items()
    }


def wanted(scenario: Scenario, healthy: Run) -> Told:
    """The same, as the table has it: every item that it does not name keeps its outcome, and so does one that the
    intent gives nothing to judge.
    """
    expected: Told = {name: (item.outcome, ()) for name, item in healthy.items.items()}
    for change in scenario.changes:
        for name in filter(change.is_about, healthy.items):
            if healthy.items[name].outcome == "skipped":
                continue
            expected[name] = (change.outcome, _counted(change.findings))
    return expected


def _counted(findings: frozenset[str]) -> tuple[str, ...]:
    """Without the findings that are told and fail nothing; a failed item of that kind is seen by its outcome."""
    return tuple(sorted(finding for finding in findings if not finding.startswith(SLIGHT)))


def asked_again(broken: Run) -> list[str]:
    """The commands that a finding proposes, and was read from."""
    found = []
    for item in broken.items.values():
        for block in item.text.split("  rule: ")[:-1]:
            proposed = re.findall(r"^  next:     (.*)$", block, re.MULTILINE)
            answers = re.findall(r"^  evidence: [^:]+: (.*?)(?:, lines? [-\d, ]+)?, [\d:]+Z$", block, re.MULTILINE)
            assert answers or "  evidence: " not in block, block
            found += [command for command in proposed if command.removeprefix("on ").split(": ")[-1] in answers]
    return found


def assert_says(scenario: Scenario, broken: Run) -> None:
    """Each message of the table stands in the text of an item that changed."""
    texts = [item.text for item in broken.items.values() if item.outcome in ("failed", "error")]
    for message in scenario.says:
        assert any(message in text for text in texts), f"no report says {message!r}"


def assert_traced(scenario: Scenario, broken: Run) -> None:
    """Many failures are told as the consequences of what the scenario broke."""
    failures = sum(item.outcome == "failed" for item in broken.items.values())
    told = re.search(r"^(\d+) faults? behind (\d+) failed checks", broken.text, re.MULTILINE)
    if told is None:
        alike = {item.findings for item in broken.items.values() if item.outcome == "failed"}
        assert len(alike) <= 1 or failures < 3, broken.text
    else:
        assert (int(told[1]), int(told[2])) == (scenario.faults, failures), broken.text

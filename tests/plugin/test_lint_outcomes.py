"""Slight lint findings fail nothing and are told: in the terminal, in JUnit, from workers too."""

from __future__ import annotations

import os
import re
import shutil
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest
import warm

from pytest_azinterop import outcomes
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.intent.loader import load
from pytest_azinterop.intent.models import Lint, Waiver
from pytest_azinterop.outcomes import FindingsFailure, ItemRecord, Judge
from pytest_azinterop.report.lint_summary import summary_lines
from pytest_azinterop.verify.rules import RULES, finding

LAB = Path(__file__).parents[2] / "inventory" / "lab"
TODAY = date(2026, 3, 2)
HIGH = finding("lint.mss", "edge/vrf-A/Tunnel1", "edge vrf A Tunnel1", "x is y, expected z", cause="missing")
MEDIUM = finding("lint.dpd", "edge/ikev2 profile P", "edge ikev2 profile P", "x is y, expected z", cause="missing")
LOW_BUT_NO_LINT = finding("bgp.soft-reconfiguration", "edge/vrf-A/192.0.2.1", "edge", "x is y", cause="missing")


def waiver(rule: str, object_: str) -> Waiver:
    return Waiver(rule=rule, object=object_, reason="known for long", expires=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("lint", "failing", "noted"),
    [
        (Lint(), [HIGH], [MEDIUM]),
        (Lint(fail_at="critical"), [], [HIGH, MEDIUM]),
        (Lint(fail_at="medium"), [HIGH, MEDIUM], []),
        (Lint(fail_at="info"), [HIGH, MEDIUM], []),
        (Lint(ignore=("lint.m*",)), [], [MEDIUM]),
        (Lint(ignore=("lint.*",)), [], []),
    ],
)
def test_the_intent_says_which_severity_fails(lint: Lint, failing: list[object], noted: list[object]) -> None:
    record = ItemRecord()
    judge = Judge(record, (), TODAY, lint)
    if failing:
        with pytest.raises(FindingsFailure) as raised:
            judge([HIGH, MEDIUM])
        assert list(raised.value.findings) == failing
    else:
        judge([HIGH, MEDIUM])
    assert record.noted == noted
    assert record.findings == [HIGH, MEDIUM]
    assert len(record.ignored) == 2 - len(failing) - len(noted)


def test_only_lint_has_slight_findings() -> None:
    with pytest.raises(FindingsFailure):
        Judge(ItemRecord(), (), TODAY, Lint(fail_at="critical", ignore=("*",)))([LOW_BUT_NO_LINT])


def test_junit_keeps_what_fails_nothing() -> None:
    record = ItemRecord()
    Judge(record, (), TODAY)([MEDIUM])
    properties = list(outcomes.properties(record))
    assert ("azinterop.rule", "lint.dpd") in properties
    assert ("azinterop.noted", f"medium: {MEDIUM.message}") in properties


def test_a_waiver_of_a_name_that_the_configuration_lost_is_stale() -> None:
    accepted = (waiver("lint.dpd", "edge/ikev2 profile P"), waiver("lint.dpd", "other/ikev2 profile P"))
    judged = [("lint.dpd", "edge/*")]
    known = {"complete": False, "today": TODAY}
    assert outcomes.stale(accepted, used=(), judged=judged, not_judged=(), **known) == [0]
    assert outcomes.stale(accepted, used=(0,), judged=judged, not_judged=(), **known) == []
    assert outcomes.stale(accepted, used=(), judged=judged, not_judged=[("lint.dpd", "edge/*")], **known) == []


def test_the_section_is_compact_and_loses_nothing() -> None:
    noted = {(2, "lint.dpd", f"edge-{number}", f"edge-{number}: dpd is off") for number in range(5)}
    noted.add((3, "lint.unused", "edge-1/route-map \x1b[2J", "edge-1 \x1b[2J: use is none"))
    short = summary_lines(noted, "high", every=False)
    assert short[0] == "6 findings below `high`, which fail nothing; -v shows each"
    assert short[1:] == [
        "medium   lint.dpd       5  edge-0, edge-1, edge-2 and 2 more",
        "low      lint.unused    1  edge-1/route-map \\x1b[2J",
    ]
    assert len(summary_lines(noted, "high", every=True)) == 7
    assert summary_lines(set(), "high", every=False) == []


def test_a_rule_to_ignore_must_exist(tmp_path: Path) -> None:
    shutil.copytree(LAB, tmp_path / "net")
    intent = tmp_path / "net" / "interop.yaml"
    intent.write_text(intent.read_text(encoding="utf-8") + "lint: {ignore: [lint.dbd]}\n", encoding="utf-8")
    with pytest.raises(InventoryError, match=r"lint rule `lint\.dbd` is not declared; did you mean `lint\.[db][pf]d`"):
        load(tmp_path / "net", rules=RULES)


def run(folder: Path, *arguments: str) -> tuple[int, str, list[ET.Element]]:
    """The lint checks against the simulated network with the intent of this folder."""
    done = warm.run(
        ["--inventory", "net", "-m", "lint", "--junitxml=junit.xml", *arguments],
        folder,
        {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "AZINTEROP_"))},
        120,
    )
    return done.returncode, done.stdout, list(ET.parse(folder / "junit.xml").iter("property"))


@pytest.mark.slow
def test_alone_and_with_workers_the_same_findings_are_told(tmp_path: Path) -> None:
    shutil.copytree(LAB, tmp_path / "inventory" / "net")
    intent = tmp_path / "inventory" / "net" / "interop.yaml"
    intent.write_text(intent.read_text(encoding="utf-8") + "lint: {ignore: [lint.vrf-syntax]}\n", encoding="utf-8")
    sections = []
    for arguments in ((), ("-n2",)):
        code, text, properties = run(tmp_path, *arguments)
        assert code == 0, text
        section = re.search(r"=+ lint =+\n(.*?)\n(?:=|azinterop:)", text, re.DOTALL)
        assert section is not None
        sections.append(section[1])
        assert len([each for each in properties if each.get("name") == "azinterop.noted"]) > 50
    assert sections[0] == sections[1]
    assert "ignored by the intent: 4 findings of lint.vrf-syntax" in sections[0]
    assert re.search(r"medium   lint\.backup-route +1  ce1-loc1/vrf-30/Tunnel30", sections[0])

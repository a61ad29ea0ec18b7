"""docs/drill-recovery.md lists all that the login of drills must be allowed, and nothing else."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from pytest_azinterop.azure.catalogue import OPERATIONS
from pytest_azinterop.azure.changes import CHANGES
from pytest_azinterop.drill import config_session, lines
from pytest_azinterop.iosxe.catalogue import COMMANDS

TEXT = (Path(__file__).parents[2] / "docs" / "drill-recovery.md").read_text(encoding="utf-8")
BLOCKS = [block.splitlines() for block in re.findall(r"^```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)]
SAMPLES = {
    "N": "7",
    "NAME": "acme",
    "ADDRESS": "10.0.0.1",
    "TEXT": "some words",
    "SUB-INTERFACE": "Te0/0/0.7",
    "FILE": "{archived}",
}


def spelled(line: str) -> str:
    return re.sub(r"[A-Z]+(?:-[A-Z]+)*", lambda word: SAMPLES[word[0]], line.replace(" or TUNNEL", ""))


def test_every_line_of_configuration_mode_is_listed() -> None:
    listed = [spelled(line) for line in BLOCKS[0]]
    for line in listed:
        lines.DrillLine(line, "config")
    for form in lines._FORMS:
        assert any(form.fullmatch(line) for line in listed), form.pattern


def test_every_question_is_listed() -> None:
    names = set(re.findall(r'_one\("(\w+)"|COMMANDS\["(\w+)"\]', inspect.getsource(config_session.DrillSession)))
    asked = {form for pair in names for name in pair if name for form in COMMANDS[name].forms}
    assert {spelled(line) if "FILE" in line else line for line in BLOCKS[1]} == asked


def test_every_right_is_listed() -> None:
    looks = ("link-failover-tests", "site-failover-tests")
    assert set(BLOCKS[2]) == {each.action for each in CHANGES.values()} | {OPERATIONS[name].action for name in looks}

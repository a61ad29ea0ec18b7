"""The scenarios of docs/lab.md can be used, and the first breaks what it says."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from pytest_azinterop.lab.scenario_file import parse

DOCUMENT = Path(__file__).parents[2] / "docs" / "lab.md"
SCENARIOS = re.findall(r"^```yaml\n(name: .*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_both_scenarios_are_there() -> None:
    assert [parse(text, "lab.md").name for text in SCENARIOS] == [
        "the primary path fails, the backup carries one direction",
        "every key",
    ]


def run(folder: Path, text: str, *arguments: str) -> set[tuple[str, str]]:
    """Rule and object of every finding, when the simulated network is broken like this."""
    (folder / "scenario.yaml").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--inventory",
        "lab",
        "--no-azure",
        "--lab-scenario",
        "scenario.yaml",
        *arguments,
    ]
    command += ["--junitxml", "junit.xml", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    failed = [case for case in ET.parse(folder / "junit.xml").iter("testcase") if case.find("failure") is not None]
    return {(str(case.get("name")), each.get("value", "")) for case in failed for each in case.iter("property")}


@pytest.mark.parametrize("rule", ["interface.state", "bgp.state", "ipsec.traffic", "reach.answer"])
def test_the_first_breaks_what_it_says(rule: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert f"`{rule}`" in DOCUMENT.read_text(encoding="utf-8")
    found = run(tmp_path_factory.mktemp("lab"), SCENARIOS[0], "-m", "interfaces or bgp or ipsec or reachability")
    assert any("ce1-loc1" in name and value == rule for name, value in found)

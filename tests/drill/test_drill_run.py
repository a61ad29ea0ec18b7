"""`pytest --drill` as an operator types it: planned, refused with another hash, killed and recovered, carried out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import warm
from drill.conducting import environment, short_lab
from drill.rig import events, typed, types

from pytest_azinterop.drill_refusals import CI_VARIABLES
from pytest_azinterop.lab.launch import Ready

pytestmark = pytest.mark.slow
SHUT = "neighbor 192.168.30.18 shutdown"
# A session that a drill has just shut is too young for the checks of the next one for some minutes.
FASTER = """
defaults: {bgp: {minimum_age: 0s}}
waivers:
  - {rule: device.clock, object: "*", reason: the simulated clock runs faster, expires: 2028-12-31}
"""


class Operator:
    """Somebody at a shell, in an empty folder."""

    def __init__(self, ready: Ready, folder: Path) -> None:
        self.ready = ready
        self.folder = folder
        quiet = {name: value for name, value in os.environ.items() if name not in CI_VARIABLES}
        self.environ = {**quiet, **environment(ready), "PYTHONDONTWRITEBYTECODE": "1"}

    def drill(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pytest_azinterop.cli", "drill", *words],
            cwd=self.folder,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=240,
        )

    def pytest(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return warm.run(list(self.words(*words)[1:]), self.folder, {**self.environ, **environ}, 240)

    def words(self, *words: str) -> tuple[str, ...]:
        return (
            "pytest",
            "-p",
            "no:cacheprovider",
            "--inventory",
            str(self.ready.inventory),
            "--drill",
            "short",
            *words,
        )


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("lab")
    with short_lab(folder, arm=True) as ready:
        (Path(ready.inventory) / "interop.d" / "faster.yaml").write_text(FASTER)
        yield Operator(ready, tmp_path_factory.mktemp("shell"))


def digest(done: subprocess.CompletedProcess[str]) -> str:
    found = re.search(r"^hash: (\S+)$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return found[1]


def test_from_plan_to_evidence(operator: Operator) -> None:
    """One story in one network: what comes later needs what came before."""
    planned = operator.pytest()
    assert planned.returncode == 1
    assert "no-go: 1 pre-check did not pass" in planned.stdout
    assert "azinterop drill qualify ce1-loc1" in planned.stdout
    assert typed(operator.ready) == []

    rehearse = (
        "qualify",
        "ce1-loc1",
        "--minutes",
        "1",
        "--inventory",
        str(operator.ready.inventory),
        "--ticket",
        "CHG1",
    )
    assert operator.drill(*rehearse).returncode == 3  # without the switch
    assert typed(operator.ready) == []
    rehearsed = operator.drill(*rehearse, AZINTEROP_DRILL="1")
    assert rehearsed.returncode == 0, rehearsed.stdout + rehearsed.stderr
    planned = operator.pytest()
    assert planned.returncode == 0, planned.stdout
    assert f"--drill-confirm {digest(planned)}" in planned.stdout
    before = len(typed(operator.ready))

    approved = ("--drill-confirm", digest(planned), "--ticket", "CHG1")
    other = digest(planned)[:-1] + ("0" if digest(planned)[-1] != "0" else "1")
    refused = operator.pytest("--drill-confirm", other, "--ticket", "CHG1", AZINTEROP_DRILL="1")
    assert refused.returncode == 1
    assert "the plan of now is not what this hash is of; plan again and read it" in refused.stdout
    assert digest(planned) not in refused.stdout
    assert "no-go: 1 pre-check did not pass, so nothing was taken away" in refused.stdout
    assert operator.pytest(*approved).returncode == 4  # without the switch
    assert len(typed(operator.ready)) == before

    killed_in_the_middle(operator, *approved)
    used = operator.pytest(*approved, AZINTEROP_DRILL="1")
    assert used.returncode == 1
    assert "this hash was used already" in used.stdout
    again = operator.pytest()
    assert digest(again) != digest(planned)
    carried_out(operator, "--drill-confirm", digest(again), "--ticket", "CHG1")


def killed_in_the_middle(operator: Operator, *approved: str) -> None:
    before = typed(operator.ready).count(SHUT)
    command = [sys.executable, "-m", *operator.words(*approved, "--drill-dir", "killed")]
    with subprocess.Popen(
        command, cwd=operator.folder, env={**operator.environ, "AZINTEROP_DRILL": "1"}, stdout=subprocess.DEVNULL
    ) as process:
        while typed(operator.ready).count(SHUT) == before:
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    again = operator.pytest(*approved, AZINTEROP_DRILL="1")
    assert "azinterop drill recover" in again.stdout
    assert "no-go" in again.stdout
    recovered = operator.drill("recover", "--inventory", str(operator.ready.inventory))
    assert recovered.returncode == 0, recovered.stdout + recovered.stderr
    seen = types(operator.ready, "show archive config rollback timer", "show running-config | include shutdown")
    assert "No Rollback Confirmed Change pending" in seen
    assert f" {SHUT}" not in seen


def carried_out(operator: Operator, *approved: str) -> None:
    done = operator.pytest(*approved, "--drill-dir", "evidence", "--junitxml=drill.xml", AZINTEROP_DRILL="1")
    assert done.returncode == 0, done.stdout
    names = [each.get("name") or "" for each in ET.parse(operator.folder / "drill.xml").iter("testcase")]
    own = names[names.index("pre-check[checks]") :]
    acts = ["armed", "trigger-seen", "moved", "budgets", "nothing-else", "restored", "back"]
    assert own[-11:] == [*acts, "state", "timer", "configuration", "second-look"]
    assert all(each.startswith("pre-check[") for each in own[:-11])
    evidence = operator.folder / "evidence"
    checked = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=evidence, capture_output=True)
    assert checked.returncode == 0
    assert "**Passed**" in (evidence / "drill.md").read_text()
    assert {each.name for each in (evidence / "recordings").iterdir()} == {"before", "during", "after"}
    secrets = ("lab-only-password", "lab-only-drill", "lab-only-probe")
    for file in evidence.rglob("*"):
        assert not file.is_file() or not any(each in file.read_text() for each in secrets), file
    commands = [each["line"] for each in events(operator.ready, "command")]
    assert not any(line.startswith(("write", "copy")) for line in commands)

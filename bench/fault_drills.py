"""Drills of the fault matrix: a lab whose clock runs fast, and what an operator types, up to where the fault shows.

Nothing of the plugin is called: `azinterop lab up`'s inventory, `azinterop drill`, and `pytest --drill`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import fault_table

sys.path.insert(0, str(fault_table.FAULTS.parent))

import warm

from pytest_azinterop.lab.launch import start

if TYPE_CHECKING:
    from pathlib import Path

    from fault_table import Told

    from pytest_azinterop.lab.launch import Ready

INTENT: Final = fault_table.FAULTS / "drills" / "intent.yaml"
SPEEDS: Final = (10.0, 2.5)
"""Simulated seconds in a real one. A drill that finds its timer too short, or a colleague sooner than itself, was run
on a machine that does not keep up: it is begun anew in a slower network."""
TICKET: Final = ("--ticket", "CHG0030301")
_SHUT: Final = re.compile(r'"line": "neighbor \S+ shutdown"')
_HASH: Final = re.compile(r"^hash: (\S+)$", re.MULTILINE)
_SERVICES: Final = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "BUILD_NUMBER", "BUILD_ID")


class NoDrillError(Exception):
    """It did not come to what should be looked at."""


@dataclass(frozen=True)
class Operator:
    """Somebody at a shell, before this lab."""

    ready: Ready
    folder: Path
    drill: str

    def pytest(self, junit: str, *words: str) -> str:
        """Plan, or with a confirmation act; what it printed."""
        arguments = ["-p", "no:cacheprovider", "--inventory", str(self.ready.inventory), "--drill", self.drill]
        arguments += ["--azinterop-drill-in-ci", f"--junitxml={junit}", "--rootdir", str(self.folder), *words]
        done = warm.run(arguments, self.folder, self._environment(), 240)
        (self.folder / f"{junit}.txt").write_text(done.stdout, encoding="utf-8")
        return str(done.stdout)

    def azinterop(self, *words: str) -> tuple[int, str]:
        """Exit code and output of `azinterop drill`."""
        command = [sys.executable, "-m", "pytest_azinterop.cli", "drill", *words]
        given = ["--inventory", str(self.ready.inventory)]
        done = subprocess.run(
            [*command, *given],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        return done.returncode, done.stdout + done.stderr

    def rehearse(self) -> None:
        """Once per router. Raises NoDrillError."""
        code, said = self.azinterop("qualify", "ce1-loc1", "--minutes", "1", *TICKET, "--in-ci")
        if code:
            raise NoDrillError(f"qualify ended with {code}: {said[-300:]}")

    def approve(self) -> str:
        """The hash of a plan. Raises NoDrillError."""
        said = self.pytest("plan.xml")
        found = _HASH.search(said)
        if found is None:
            raise NoDrillError(f"no hash was printed: {said[-300:]}")
        return found[1]

    def kill(self, *words: str) -> None:
        """Begin a drill, and end its process where nothing can be put back, as soon as the path is gone."""
        arguments = ["-m", "pytest", "-p", "no:cacheprovider", "--inventory", str(self.ready.inventory)]
        arguments += ["--drill", self.drill, "--azinterop-drill-in-ci", *words]
        before = len(_SHUT.findall(self.ready.log.read_text(encoding="utf-8")))
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=self.folder, env=self._environment(), stdout=subprocess.DEVNULL
        ) as process:
            until = time.monotonic() + 120
            while len(_SHUT.findall(self.ready.log.read_text(encoding="utf-8"))) == before:
                if process.poll() is not None or time.monotonic() > until:
                    process.kill()
                    raise NoDrillError("the drill did not come to its trigger")
                time.sleep(0.05)
            process.kill()

    def _environment(self) -> dict[str, str]:
        router, host = self.ready.routers["ce1-loc1"], self.ready.hosts["loc1-host"]
        assert router.drill is not None
        assert self.ready.arm is not None
        own = ("PYTEST_", "AZINTEROP_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(own) and key not in _SERVICES}
        return {
            **kept,
            "COLUMNS": "200",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AZINTEROP_DRILL": "1",
            "AZINTEROP_USERNAME": router.username,
            "AZINTEROP_PASSWORD": router.password,
            "AZINTEROP_DRILL_USERNAME": router.drill.username,
            "AZINTEROP_DRILL_PASSWORD": router.drill.password,
            "AZINTEROP_LINUX_USERNAME": host.username,
            "AZINTEROP_LINUX_PASSWORD": host.password,
            "AZINTEROP_AZURE_TOKEN": self.ready.arm.token,
        }


def run(folder: Path, scenario: Path | None, drill: str, end: str) -> tuple[Told, str]:
    """As `run_at`, in a network that is slow enough for this machine."""
    for number, speed in enumerate(SPEEDS):
        place = folder / f"run-{number + 1}"
        place.mkdir()
        told, text = run_at(speed, place, scenario, drill, end)
        if end != "act" or not any(each.cause == "not-triggered" for each in told.failed | told.errors):
            break
    return told, text


def run_at(speed: float, folder: Path, scenario: Path | None, drill: str, end: str) -> tuple[Told, str]:
    """The JUnit file of the last run, and everything that it printed. Raises OSError, ParseError or NoDrillError.

    `plan`: planned alone. `refused`: confirmed with the hash of another plan. `act`: rehearsed, planned and carried
    out. `killed`: the same, and its process ended after the trigger; then planned again, and at last recovered, which
    must end with everything as before.
    """
    scenarios = [] if scenario is None else [str(scenario)]
    options: dict[str, Any] = {"inventory": folder / "inventory", "log": folder / "lab.jsonl", "speed": speed}
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    with start(scenario=scenarios, arm=True, linux_hosts=True, **options) as ready:
        more = ready.inventory / "interop.d"
        more.mkdir()
        (more / "drills.yaml").write_text(INTENT.read_text(encoding="utf-8"), encoding="utf-8")
        operator = Operator(ready, folder, drill)
        if end == "plan":
            return _told(folder, operator.pytest("last.xml"))
        operator.rehearse()
        approved = operator.approve()
        if end == "refused":
            approved = approved[:-1] + ("0" if approved[-1] != "0" else "1")
        words = ("--drill-confirm", approved, *TICKET, "--drill-dir", "evidence")
        if end != "killed":
            return _told(folder, operator.pytest("last.xml", *words))
        operator.kill(*words)
        found = _told(folder, operator.pytest("last.xml"))
        code, said = operator.azinterop("recover")
        if code:
            raise NoDrillError(f"recover ended with {code}: {said[-300:]}")
        return found


def _told(folder: Path, text: str) -> tuple[Told, str]:
    return fault_table.read(folder / "last.xml"), text

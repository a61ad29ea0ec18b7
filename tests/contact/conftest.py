"""Simulated networks that are up for a module's tests, and `azinterop` in a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pytest_azinterop.cli import main
from pytest_azinterop.lab.launch import Ready, start

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Done:
    """What a command returned and printed."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Network:
    """A started network whose inventory has hosts and known host keys, and no intent."""

    ready: Ready
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def inventory(self) -> Path:
        return self.ready.inventory

    def run(self, *arguments: str | Path) -> Done:
        """`azinterop` in this process: most of a process's time would be its start."""
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = main([str(argument) for argument in arguments])
        return Done(code, out.getvalue(), err.getvalue())

    def verify(self, *arguments: str) -> Done:
        """pytest in a process of its own."""
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--inventory", str(self.inventory)]
        done = subprocess.run(
            [*command, *arguments, str(ROOT / "checks")],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def type(self, intent: str) -> None:
        """Leave nothing in the inventory but hosts, host keys, and this intent."""
        shutil.rmtree(self.inventory / "interop.d", ignore_errors=True)
        (self.inventory / "discovered.yaml").unlink(missing_ok=True)
        (self.inventory / "interop.yaml").write_text(intent, encoding="utf-8")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Network]]:
    """Start a network by its folder (None: the published one) and scenarios; each combination once per module."""
    started: dict[tuple[str, ...], Network] = {}
    stack = []

    def give(folder: Path | None = None, *scenarios: str) -> Network:
        key = (str(folder), *scenarios)
        if key not in started:
            place = tmp_path_factory.mktemp("network")
            files = []
            for number, text in enumerate(scenarios):
                files.append(str(place / f"scenario-{number}.yaml"))
                Path(files[-1]).write_text(text, encoding="utf-8")
            context = start(network=folder, scenario=files, inventory=place / "inventory")
            ready = context.__enter__()
            stack.append(context)
            door = next(iter(ready.routers.values()))
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(place),
                "PYTHONPATH": str(ROOT),  # this checkout, wherever another one is installed
                "AZINTEROP_USERNAME": door.username,
                "AZINTEROP_PASSWORD": door.password,
            }
            started[key] = Network(ready, place, environment)
        return started[key]

    yield give
    for context in reversed(stack):
        context.__exit__(None, None, None)

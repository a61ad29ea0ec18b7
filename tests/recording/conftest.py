"""Real runs of pytest against the simulated network, in processes of their own."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest
import warm

ROOT = Path(__file__).parents[2]
Outcome = tuple[str, str | None, str | None, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Done:
    """What a run printed and returned, and its JUnit file."""

    code: int
    text: str
    junit: Path

    def outcomes(self) -> dict[str, Outcome]:
        """Per item, in order: its outcome, its message, its text and its properties."""
        found: dict[str, Outcome] = {}
        for case in ET.parse(self.junit).iter("testcase"):
            told = [each for each in case if each.tag in ("failure", "error", "skipped")]
            word = told[0].tag if told else "passed"
            message, text = (told[0].get("message"), told[0].text) if told else (None, None)
            properties = tuple(sorted((str(p.get("name")), str(p.get("value"))) for p in case.iter("property")))
            found[f"{case.get('classname')}::{case.get('name')}"] = (word, message, text, properties)
        return found

    def failures(self) -> dict[str, str]:
        """The texts of the items that failed or are errors."""
        return {name: str(text) for name, (word, _, text, _) in self.outcomes().items() if word in ("failure", "error")}


class Runner:
    """Runs `pytest --inventory lab` in the repository's root, or another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = 0

    def __call__(self, *arguments: str | Path, plugin: str | None = None, cwd: Path = ROOT) -> Done:
        self._runs += 1
        junit = self.folder / f"junit-{self._runs}.xml"
        extra: list[str] = []
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "AZINTEROP_"))}
        if plugin is not None:
            name = f"added_{self._runs}"
            (self.folder / f"{name}.py").write_text(plugin)
            extra = ["-p", name]
            environment["PYTHONPATH"] = str(self.folder)
        done = warm.run(
            ["-p", "no:cacheprovider", f"--junitxml={junit}", *extra, "--inventory", "lab", *map(str, arguments)],
            cwd,
            {**environment, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
            120,
        )
        return Done(done.returncode, done.stdout, junit)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    """Runs with their files in a folder of this test."""
    return Runner(tmp_path)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A recording of the simulated network as it is shipped, and the run that made it."""
    folder = tmp_path_factory.mktemp("healthy")
    recording = folder / "recording"
    return recording, Runner(folder)("--record", recording)

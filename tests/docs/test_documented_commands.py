"""Every command in a `console run` block of the README and docs runs, in order, in one empty directory per file."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```console run(?: exit=(?P<exit>\d+))?\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(document: Path) -> list[tuple[list[str], int]]:
    found = []
    for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
        lines = block["body"].replace("\\\n", " ").splitlines()
        found.append(([line[2:] for line in lines if line.startswith("$ ")], int(block["exit"] or 0)))
    return found


class Shell:
    """Runs one command after the other; what they leave behind in the background ends with it, whatever happened."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        self._groups: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)

    def run(self, command: str) -> tuple[int, str]:
        with subprocess.Popen(
            ["bash", "-c", command],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            self._groups.append(process.pid)
            try:
                text, _ = process.communicate(timeout=120)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return process.returncode, text


def test_what_a_failing_block_leaves_in_the_background_ends(tmp_path: Path) -> None:
    def block() -> None:
        with Shell(tmp_path, dict(os.environ)) as shell:
            shell.run("sleep 60 > /dev/null 2>&1 & echo $! > pid")
            assert shell.run("exit 3")[0] == 0

    with pytest.raises(AssertionError):
        block()
    left = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
    while left.exists() and left.read_text().rpartition(")")[2].split()[0] != "Z":
        os.sched_yield()


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if blocks(d)], ids=lambda d: d.name)
def test_documented_commands_run(document: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    with Shell(tmp_path, environment) as shell:
        for commands, expected in blocks(document):
            assert commands, f"{document.name}: a runnable block without a command"
            for command in commands:
                code, text = shell.run(command)
                assert code == expected, f"$ {command}\n{text}"


def test_the_readme_has_commands_that_run() -> None:
    assert sum(len(commands) for commands, _ in blocks(ROOT / "README.md")) >= 4


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_documented_doors_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for document in DOCUMENTS:
        for target in re.findall(
            r"(?:`|^)make ([a-z]+(?:-[a-z]+)*)\b", document.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{document.name} names make {target}"

"""Every command in a `console run` block of the README and docs runs, in order, in one empty directory per file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if blocks(d)], ids=lambda d: d.name)
def test_documented_commands_run(document: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    for commands, expected in blocks(document):
        assert commands, f"{document.name}: a runnable block without a command"
        for command in commands:
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
            )
            assert done.returncode == expected, f"$ {command}\n{done.stdout}\n{done.stderr}"


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

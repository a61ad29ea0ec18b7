"""`make networks`: it says what differs, and exits 0 only if nothing does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

BENCH = Path(__file__).parents[2] / "bench"
CORPUS = Path(os.environ.get("AZINTEROP_CORPUS", Path(__file__).parents[2].parent / "shared" / "corpus"))
COMPLETE = ("iosxe_undefined_route_map", "iosxe_ebgp_loop_prevention")
SHOWN = Path("show") / "d1_central"


def run(labs: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "real_networks.py"), "--labs", str(labs), "--output", str(output)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def document(output: Path) -> dict[str, object]:
    found = json.loads(output.read_text())
    jsonschema.validate(found, json.loads((BENCH / "networks.schema.json").read_text()))
    assert isinstance(found, dict)
    return found


@pytest.fixture
def labs(tmp_path: Path) -> Path:
    """The two networks that must be complete, to be changed."""
    if not (CORPUS / "labs").is_dir():
        pytest.skip(f"no corpus at {CORPUS} (set AZINTEROP_CORPUS)")
    for name in COMPLETE:
        shutil.copytree(CORPUS / "labs" / name, tmp_path / "labs" / name)
    return tmp_path / "labs"


def test_absent_networks_are_a_failure(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere", tmp_path / "networks.json")
    assert done.returncode == 2
    assert "no real network" in done.stderr


def test_every_real_network_is_equal(tmp_path: Path) -> None:
    if not (CORPUS / "labs").is_dir():
        pytest.skip(f"no corpus at {CORPUS} (set AZINTEROP_CORPUS)")
    done = run(CORPUS / "labs", tmp_path / "networks.json")
    assert done.returncode == 0, done.stdout
    found = document(tmp_path / "networks.json")
    assert found["held"] is True
    total = found["total"]
    assert isinstance(total, dict)
    assert total["bgp"]["compared"] == total["bgp"]["equal"] > 100
    assert total["routes"]["compared"] == total["routes"]["equal"] > 250


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("show_ip_bgp_all.txt", " 65002 ", " 65009 ", "65009"),
        ("show_ip_route.txt", "[20/0]", "[20/7]", "20/7"),
    ],
)
def test_a_row_that_differs_is_told(labs: Path, file: str, old: str, new: str, says: str) -> None:
    shown = labs / COMPLETE[0] / SHOWN / file
    text = shown.read_text()
    assert old in text
    shown.write_text(text.replace(old, new, 1))
    done = run(labs, labs / "networks.json")
    assert done.returncode == 1
    assert any(line.startswith("FAILED:") and says in line for line in done.stdout.splitlines())
    assert document(labs / "networks.json")["held"] is False


def test_a_network_that_must_be_complete_may_not_be_missing(labs: Path) -> None:
    shutil.rmtree(labs / COMPLETE[1])
    done = run(labs, labs / "networks.json")
    assert done.returncode == 1
    assert f"{COMPLETE[1]}: is not there" in done.stdout

"""The healthy networks that are a file each: every one says what is different, and a sample of them passes every check.

`make faults` runs them all.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from scenarios.conftest import is_explained, run

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import healthy_networks  # noqa: E402

CHANGED = healthy_networks.changed()
SAMPLE = ("aggregate-of-ospf", "default-route", "odd-texts", "summary")


@pytest.mark.parametrize("name", CHANGED)
def test_each_is_another_network_than_the_one_that_it_changes(name: str, tmp_path: Path) -> None:
    network = CHANGED[name]
    inventory, arguments = healthy_networks.write(network, tmp_path / "it")
    unchanged, none = healthy_networks.write(replace(network, replace={}, intent={}, scenario={}), tmp_path / "other")
    assert len(network.name) > 15
    assert not none
    assert arguments or contents(inventory) != contents(unchanged)


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_text_that_stands_nowhere_is_refused(tmp_path: Path) -> None:
    network = healthy_networks.Changed("x", "one that is mistyped", "one-router", {"no such text": "y"})
    with pytest.raises(ValueError, match="stands nowhere"):
        healthy_networks.write(network, tmp_path)


def test_a_file_that_changes_nothing_or_says_more_is_refused(tmp_path: Path) -> None:
    for text in ("{name: a network, of: one-router}", "{name: a network, of: one-router, replace: {a: b}, typo: 1}"):
        (tmp_path / "x.yaml").write_text(text)
        with pytest.raises(ValueError, match=r"x\.yaml"):
            healthy_networks.changed(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_changed_network_has_no_failure(name: str, tmp_path: Path) -> None:
    inventory, arguments = healthy_networks.write(CHANGED[name], tmp_path)
    done = run(tmp_path, "-q", *arguments, inventory=str(inventory), azure=True)
    assert done.code == 0, done.text
    assert all(is_explained(item) for item in done.items.values() if item.outcome == "skipped")

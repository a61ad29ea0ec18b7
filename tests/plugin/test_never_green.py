"""Whole runs with one kind of fact lost: every check that needs it ends as error, and no other check notices."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from plugin.conftest import WITH_AZURE

from pytest_azinterop.intent.loader import load
from pytest_azinterop.subjects import SUBJECTS

if TYPE_CHECKING:
    from tests.plugin.conftest import Runs

NOTE = """
def pytest_collection_finish(session):
    import json, pathlib
    from pytest_azinterop import gathering
    from pytest_azinterop.verification import VERIFICATION
    def kinds(item):
        for need in gathering.needs_of(item, session.config.stash[VERIFICATION]):
            fact = getattr(need, "fact", need)
            yield getattr(fact, "operation_name", None) or fact.kind
            if getattr(need, "probe", None):
                yield need.probe.kind
    told = {item.name: sorted(set(kinds(item))) for item in session.items}
    pathlib.Path(session.config.invocation_params.dir, "needs.json").write_text(json.dumps(told))
"""


def kinds() -> list[str]:
    """Every kind of fact that some subject of the tests' intent needs."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "interop.yaml").write_text(WITH_AZURE)
        everything = load(Path(folder)).expectations
    needs = [need for kind in SUBJECTS.values() for each in kind.select(everything) for need in kind.needs(each)]
    facts = [getattr(need, "fact", need) for need in needs]
    probes = [need.probe for need in needs if getattr(need, "probe", None)]
    return sorted({getattr(fact, "operation_name", None) or fact.kind for fact in (*facts, *probes)})


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_of_fact_counts(runs: Runs, kind: str) -> None:
    runs.intent(WITH_AZURE)
    runs.network(f"facts.lose({kind!r})")
    conftest = runs.folder / "conftest.py"
    conftest.write_text(conftest.read_text() + NOTE)
    result = runs.pytest("--deep")
    needs = json.loads((runs.folder / "needs.json").read_text())
    need_it = {name for name, kinds in needs.items() if kind in kinds}
    assert need_it
    outcomes = result.outcomes()
    assert {name for name, word in outcomes.items() if word == "error"} == need_it
    others = {name: word for name, word in outcomes.items() if name not in need_it}
    assert {name for name, word in others.items() if word == "skipped"} == {
        name for name, needed in needs.items() if not needed
    }
    assert set(others.values()) <= {"passed", "skipped"}

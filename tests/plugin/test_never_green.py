"""Whole runs with one kind of fact lost: every check that needs it ends as error, and no other check notices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.iosxe.catalogue import COMMANDS

if TYPE_CHECKING:
    from tests.plugin.conftest import Runs

NOTE = """
def pytest_collection_finish(session):
    import json, pathlib
    from pytest_azinterop import gathering
    from pytest_azinterop.verification import VERIFICATION
    def kinds(item):
        for need in gathering.needs_of(item, session.config.stash[VERIFICATION]):
            yield getattr(need, "fact", need).kind
            if getattr(need, "probe", None):
                yield need.probe.kind
    told = {item.name: sorted(set(kinds(item))) for item in session.items}
    pathlib.Path(session.config.invocation_params.dir, "needs.json").write_text(json.dumps(told))
"""
NEVER_NEEDED = {"arp"}


@pytest.mark.parametrize("kind", sorted(COMMANDS.keys() - NEVER_NEEDED))
def test_each_kind_of_fact_counts(runs: Runs, kind: str) -> None:
    runs.network(f"facts.lose({kind!r})")
    conftest = runs.folder / "conftest.py"
    conftest.write_text(conftest.read_text() + NOTE)
    result = runs.pytest()
    needs = json.loads((runs.folder / "needs.json").read_text())
    need_it = {name for name, kinds in needs.items() if kind in kinds}
    assert need_it
    outcomes = result.outcomes()
    assert {name for name, word in outcomes.items() if word == "error"} == need_it
    assert {word for name, word in outcomes.items() if name not in need_it} <= {"passed"}

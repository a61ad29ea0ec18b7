"""Never green without evidence, for every check and every answer: what may pass all the same has been reviewed."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import never_green  # noqa: E402
import never_green_changes  # noqa: E402
import never_green_network  # noqa: E402
from never_green import Table  # noqa: E402
from never_green_looks import matters  # noqa: E402
from never_green_network import Network  # noqa: E402

CUTS = 5
"""Cuts of each answer here; the door tries every line."""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Healthy networks as they answered, each run once."""
    work = tmp_path_factory.mktemp("never-green")
    return {name: never_green.record(name, work) for name in never_green.NETWORKS}


@pytest.fixture(scope="module")
def table(recordings: dict[str, tuple[Path, Path]]) -> Table:
    """Every check over every answer."""
    return never_green.table_of(recordings, CUTS)


@pytest.fixture(scope="module")
def published(recordings: dict[str, tuple[Path, Path]]) -> Network:
    return never_green_network.network("published", *recordings["published"], never_green_network.checks())


@pytest.mark.slow
def test_nothing_passes_that_nobody_has_reviewed(table: Table) -> None:
    assert never_green.differences(table, never_green.reviewed(), whole=False) == []


@pytest.mark.slow
def test_every_check_and_every_kind_of_answer_is_tried(table: Table) -> None:
    assert table.needs.keys() == {check.name for check in never_green_network.checks()}
    assert {way for _, _, way in table.outcomes} == set(never_green_changes.WAYS)
    pairs = {(check, fact) for check, facts in table.needs.items() for fact in facts}
    for way in never_green.WHOLE:
        tried = {(check, fact) for check, fact, name in table.outcomes if name == way}
        assert pairs - tried == set()
    assert sum(table.changes.values()) > 8000


@pytest.mark.slow
def test_without_an_answer_whoever_needs_it_is_an_error(table: Table) -> None:
    for (check, fact, way), outcomes in table.outcomes.items():
        if way in never_green.WHOLE:
            assert set(outcomes) == {"error"}, (check, fact, way)


@pytest.mark.slow
def test_the_document_is_what_its_schema_says(table: Table) -> None:
    told = never_green.document(table, [], 1.0)
    jsonschema.validate(told, json.loads((BENCH / "never-green.schema.json").read_text(encoding="utf-8")))
    assert told["pairs"] == sum(
        len(told["needed"][check]) + len(told["independent"][check]) for check in told["needed"]
    )


@pytest.mark.slow
def test_a_healthy_network_passes_here_as_in_a_run(published: Network) -> None:
    """Else a change that nothing notices would look like one that fails."""
    outcomes = list(published.healthy.values())
    assert outcomes.count("passed") > 450
    assert set(outcomes) == {"passed", "failed"}  # what the intent waives


@pytest.mark.slow
def test_what_was_looked_at_and_is_gone_or_other_matters(published: Network) -> None:
    item = next(each for each in published.items if each.name.startswith("test_session_is_established[ce1-loc1"))
    of = ("ce1-loc1", f"show bgp vpnv4 unicast vrf {item.expected.vrf} neighbors")
    records = list(published.store.records(next(fact for fact, _ in item.needs)))
    looks = published.looks[item]
    assert not matters(looks, of, records)
    assert matters(looks, of, [])
    assert matters(looks, of, [replace(each, state="Idle") for each in records])
    longer = [replace(each, hold_time=timedelta(seconds=1).seconds) for each in records]
    assert not matters(looks, of, longer)
    assert not matters(looks, ("ce1-loc2", of[1]), [])


def test_a_new_pair_fails_until_it_is_reviewed() -> None:
    table = Table()
    table.needs["test_x"] |= {"arp", "rib"}
    table.touched["test_x", "arp", "cut"].append("test_x[1] (after line 2)")
    known = {"needs": {"test_x": "arp"}, "passes": {"cut": {"rib": {"why": "x", "checks": "test_x"}}}}
    assert never_green.differences(table, known, whole=True) == [
        "test_x needs arp rib, reviewed: arp",
        "test_x passes with arp cut, which nobody has reviewed: test_x[1] (after line 2)",
        "test_x no longer passes with rib cut: strike it out",
    ]


def test_each_reviewed_pair_says_why() -> None:
    for facts in never_green.reviewed()["passes"].values():
        for entry in facts.values():
            assert len(entry["why"].split()) > 7
            assert entry["checks"].split() == sorted(set(entry["checks"].split()))

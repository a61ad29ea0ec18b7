"""`make mutants`: what kind of change survived, and what its document says."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

BENCH = Path(__file__).parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import mutants  # noqa: E402


@pytest.mark.parametrize(
    ("was", "became", "kind"),
    [
        ('about.finding("x", "state is down")', 'about.finding("x", "STATE IS DOWN")', "wording"),
        ("if first < 128:", "if first <= 128:", "behavior"),
        ('if cause == "weight":', 'if cause == "WEIGHT":', "behavior"),
        ('evidence.undetermined("no age", "not-understood", a.source)', "evidence.undetermined(None)", "error-cause"),
        ("next_command=next_command.BGP,", "next_command=None,", "hint"),
        ("source=source.at(first + 1, last + 1),", "source=source.at(first + 2, last + 1),", "place"),
    ],
)
def test_a_change_that_only_a_reader_would_notice_is_told_apart(was: str, became: str, kind: str) -> None:
    assert mutants.kind_of(was, became) == kind


def test_a_mutant_is_known_by_its_function() -> None:
    assert mutants.function_of("pytest_azinterop.verify.reach.x_path__mutmut_9") == "verify.reach.path"
    name = "pytest_azinterop.iosxe.parsers.bgp_table.xǁ_Readerǁ_row__mutmut_27"
    assert mutants.function_of(name) == "iosxe.parsers.bgp_table._Reader._row"


def test_the_document_is_what_its_schema_says() -> None:
    left = [
        {"name": "a", "was": "x", "became": "y", "kind": kind, "why": None} for kind in ("wording", "behavior", "hint")
    ]
    told = mutants.document(1000, left, argparse.Namespace(sample=22, seed=1), 1.0)
    jsonschema.validate(told, json.loads((BENCH / "mutants.schema.json").read_text(encoding="utf-8")))
    assert (told["killed"], told["score"], told["judged_score"], told["held"]) == (19, 0.8636, 0.95, True)
    worse = mutants.document(1000, [left[1]] * 5, argparse.Namespace(sample=22, seed=1), 1.0)
    assert not worse["held"]


def test_each_explained_survivor_says_why() -> None:
    for each in yaml.safe_load(mutants.REVIEWED.read_text(encoding="utf-8")):
        assert each.keys() == {"function", "became", "why"}
        assert len(each["why"].split()) > 3

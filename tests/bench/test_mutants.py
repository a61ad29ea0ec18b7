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
        (
            'raise not_understood(lines, 0, "none") from None',
            'raise not_understood(lines, 1, "none") from None',
            "error-cause",
        ),
        ('found = evidence.undetermined("no age", "not-understood")', "found = None", "behavior"),
        (
            'yield evidence.undetermined("no age") if a else b',
            'yield evidence.undetermined("no age") if b else b',
            "behavior",
        ),
        ('if cause == "not-understood":', 'if cause == "NOT-UNDERSTOOD":', "behavior"),
        ('if line.startswith("BGP table is"):', 'if line.startswith("bgp table is"):', "behavior"),
        ('else ("ip access-group", "no ip redirects")', 'else ("ip access-group", "NO IP REDIRECTS")', "behavior"),
        ('about.finding("x", words, likely)', 'about.finding("x", words, None)', "behavior"),
        ("if source is None:", "if source is not None:", "behavior"),
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
        {"name": "a", "was": "x", "became": "y", "kind": kind, "why": "w"} for kind in ("wording", "behavior", "hint")
    ]
    told = mutants.document(1000, left, argparse.Namespace(sample=22, seed=1), 1.0)
    jsonschema.validate(told, json.loads((BENCH / "mutants.schema.json").read_text(encoding="utf-8")))
    assert (told["killed"], told["score"], told["judged_score"], told["held"]) == (19, 0.8636, 0.95, True)
    worse = mutants.document(1000, [left[1]] * 5, argparse.Namespace(sample=22, seed=1), 1.0)
    assert not worse["held"]


@pytest.mark.parametrize("kind", mutants.JUDGED)
def test_one_survivor_that_nobody_explained_is_enough_to_fail(kind: str) -> None:
    asked = argparse.Namespace(sample=100, seed=1)
    left = {"name": "a", "was": "x", "became": "y", "kind": kind, "why": None}
    assert not mutants.document(1000, [left], asked, 1.0)["held"]
    assert mutants.document(1000, [left | {"why": "the same in effect"}], asked, 1.0)["held"]


def test_what_is_explained_of_one_line_explains_no_other() -> None:
    known = [{"function": "verify.x.f", "was": "likely=a, )", "became": ")", "why": "words"}]
    name = "pytest_azinterop.verify.x.x_f__mutmut_3"
    assert mutants.explained({"name": name, "was": "likely=a, )", "became": ")"}, known) == "words"
    assert mutants.explained({"name": name, "was": "cause=b, )", "became": ")"}, known) is None


def test_a_survivor_is_told_by_its_lines_and_a_noticed_mutant_is_not_told() -> None:
    diff = "# a\n--- x.py\n+++ x.py\n@@ -1 +1 @@\n def f(a: int) -> int:\n-    return a + 1\n+    return a - 1\n"
    name = "pytest_azinterop.verify.x.x_f__mutmut_"
    ran = [{"name": f"{name}{code}", "code": code, "diff": diff} for code in (0, 1, 33, -24, None)]
    told = mutants.survivors(ran)
    assert {each["name"].rpartition("_")[2]: each["kind"] for each in told} == {
        "0": "behavior",
        "33": "untested",
        "-24": "unended",
        "None": "behavior",
    }
    assert {(each["was"], each["became"], each["why"]) for each in told} == {("return a + 1", "return a - 1", None)}


def test_each_explained_survivor_says_why() -> None:
    for each in yaml.safe_load(mutants.REVIEWED.read_text(encoding="utf-8")):
        assert each.keys() - {"was"} == {"function", "became", "why"}
        assert any(sign.isalnum() for sign in each["became"]) or "was" in each
        assert len(each["why"].split()) > 3

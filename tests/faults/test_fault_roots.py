"""What the closing summary names first, read from a run's text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

import fault_roots
import fault_table
from fault_roots import Root, Summary, is_right, read
from fault_table import Fault, Verdict

from pytest_azinterop.verify.rules import RULES

FAULTS = fault_table.table()
ARP, STATE = Root("msee.arp", "incomplete", "ce1-loc1/a"), Root("bgp.state", "idle", "ce1-loc1/a")


def block(root: Root, message: str) -> str:
    return f"{message}\n  likely:   x\n  rule:     {root.rule} (high), cause {root.cause}, object {root.object}\n"


FAILURES = f"""\
===== FAILURES =====
_____ test_a[x] _____
{block(STATE, "a: state is Idle, expected Established")}_____ test_b[x] _____
{block(ARP, "a: entry is incomplete")}azinterop: lint tells
"""
DIAGNOSIS = """\
===== diagnosis =====
1 fault behind 2 failed checks, as far as the findings tell:
a: entry is incomplete
  likely:   x
===== short test summary info =====
"""


def test_the_first_fault_of_the_diagnosis_is_what_is_named() -> None:
    assert read(FAILURES + DIAGNOSIS) == Summary(ARP, 1)


def test_without_a_diagnosis_it_is_the_first_failure_and_without_a_failure_the_first_error() -> None:
    assert read(FAILURES) == Summary(STATE, 2)
    error = "===== not determined =====\n9 checks: ce1-loc1: no answer (x) [unreachable]\n=== 9 errors ===\n"
    assert read(error) == Summary(Root("", "unreachable", "ce1-loc1"), 0)
    assert read("===== 3 passed =====\n") == Summary(None, 0)


def test_what_could_not_be_determined_is_named_where_it_stands_first() -> None:
    error = "===== not determined =====\n9 checks: ce1-loc1: no answer (x) [unreachable]\n"
    assert read(FAILURES + error + DIAGNOSIS) == Summary(Root("", "unreachable", "ce1-loc1"), 0)
    assert read(FAILURES + DIAGNOSIS + error) == Summary(ARP, 1)


def test_a_diagnosis_that_begins_with_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="no failure tells"):
        read(DIAGNOSIS)


def test_it_is_right_by_cause_and_object() -> None:
    fault = Fault("X", "L2", rule="msee.arp", cause="incomplete")
    assert is_right(fault, ARP, {})
    assert not is_right(fault, None, {})
    assert not is_right(fault, STATE, {})
    assert not is_right(fault, Root(ARP.rule, ARP.cause, "ce1-loc2/a"), {})
    assert not is_right(fault, ARP, {"object": "ce2-*"})
    assert is_right(fault, STATE, {"object": ["ce2-*", "ce1-*"], "root": ["bgp.state:idle"], "why": "so"})
    unreachable = Root("", "unreachable", "ce1-loc1")
    assert is_right(Fault("Y", "x", error="unreachable"), unreachable, {})
    assert is_right(fault, unreachable, {"object": "ce1-*", "root": "error:unreachable", "why": "so"})
    assert not is_right(fault, unreachable, {"object": "ce1-*"})


def test_the_figures_leave_out_what_fails_nothing_and_miss_what_is_not_named(tmp_path: Path) -> None:
    def verdict(name: str, how: str) -> Verdict:
        fault = Fault(name, "L2", rule="msee.arp", cause="incomplete")
        return Verdict(fault, "named", how, cause=True, causes=(), others=(), without_reason=())

    for name, text in (("A", FAILURES + DIAGNOSIS), ("B", FAILURES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "terminal.txt").write_text(text, encoding="utf-8")
    document: dict[str, object] = {"failures": [], "held": True}
    fault_roots.add(document, [verdict("A", "failed"), verdict("B", "failed"), verdict("C", "noted")], tmp_path)
    assert document["diagnosis"] == {"told": 2, "right": 1, "one_fault": 1, "wrong": {"B": str(STATE)}}
    assert (document["held"], document["failures"]) == (False, ["the summary names 1 of 2 faults first"])


def test_what_must_be_named_exists() -> None:
    for name, given in fault_roots.expected().items():
        fault = FAULTS[name]
        for root in [given.get("root", [])] if isinstance(given.get("root"), str) else given.get("root", []):
            rule, _, cause = root.partition(":")
            assert rule == fault_roots.ERROR or cause in RULES[rule].causes, name
            assert root != f"{fault.rule}:{fault.cause}" or isinstance(given["root"], list), f"{name}: needs no root"

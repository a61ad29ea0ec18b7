"""The fault matrix: its table is whole, its sample finds what it must, and a verdict is what a JUnit file says."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML
from scenarios.conftest import run

from pytest_azinterop.drill.verdict import LAST_VERDICTS, VERDICTS
from pytest_azinterop.drill_run import GUARDS
from pytest_azinterop.lab.scenario_file import load
from pytest_azinterop.verify.rules import RULES

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import fault_drills  # noqa: E402
import fault_report  # noqa: E402
import fault_table  # noqa: E402
from fault_table import Fault, Finding, Told, Verdict  # noqa: E402

HERE = Path(__file__).parent
CATALOGUE = ROOT.parent / "shared" / "reference" / "faults.tsv"
FAULTS = fault_table.table()
LEFT_OUT: dict[str, dict[str, str]] = YAML(typ="safe").load((HERE / "not_expressed.yaml").read_text(encoding="utf-8"))
JUDGED_BY_DRILLS = {"no-go", *(each.name for each in GUARDS), *(each.name for each in (*VERDICTS, *LAST_VERDICTS))}
SAMPLE = ("L03", "B05", "O02", "R09", "S11", "X04", "C14", "Q06")


def test_each_fault_has_a_scenario_that_says_in_words_what_happened() -> None:
    assert {file.stem for file in HERE.glob("*.yaml")} - {"expected", "not_expressed"} == FAULTS.keys()
    named = {load(str(fault.scenario)).name for fault in FAULTS.values()}
    assert len(named) == len(FAULTS)
    assert all(len(name) > 15 for name in named)


def test_each_fault_of_the_catalogue_is_expressed_or_told_why_not() -> None:
    with CATALOGUE.open(encoding="utf-8") as opened:
        layers = {row["id"]: row["layer"] for row in csv.DictReader(opened, delimiter="\t")}
    assert FAULTS.keys() | LEFT_OUT.keys() == layers.keys()
    assert not FAULTS.keys() & LEFT_OUT.keys()
    assert {name: fault.layer for name, fault in FAULTS.items()} == {name: layers[name] for name in FAULTS}
    assert all(len({"opens", "never"} & told.keys()) == 1 for told in LEFT_OUT.values())


def test_each_layer_keeps_two_thirds_of_its_faults() -> None:
    layers = Counter(fault.layer for fault in FAULTS.values())
    left_out = Counter(told["layer"] for told in LEFT_OUT.values())
    short = {layer for layer in layers | left_out if layers[layer] < 2 * left_out[layer]}
    assert not short


def test_a_rule_and_its_cause_exist_unless_the_table_says_that_they_are_missing() -> None:
    for fault in FAULTS.values():
        if fault.drill is not None:
            assert fault.rule is None or fault.rule.removeprefix("drill.") in JUDGED_BY_DRILLS, fault.id
        elif fault.rule is not None and fault.gap is None:
            assert fault.cause in RULES[fault.rule].causes, fault.id
        elif fault.rule is not None:
            assert fault.rule not in RULES, f"{fault.id}: the gap is closed"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("healthy")
    run(folder, "-q", azure=True)
    return fault_table.read(folder / "junit.xml")


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_fault_is_found_by_its_rule_with_its_cause_and_nothing_fails_without_reason(
    name: str, healthy: Told, tmp_path: Path
) -> None:
    fault = FAULTS[name]
    run(tmp_path, "-q", "--lab-scenario", str(fault.scenario), *fault.arguments, azure=True)
    verdict = fault_table.judge(fault, fault_table.read(tmp_path / "junit.xml"), healthy)
    assert (verdict.detected, verdict.cause, verdict.without_reason) == ("named", True, ()), verdict


@pytest.mark.slow
def test_a_drill_of_the_matrix_is_refused_by_its_pre_check(tmp_path: Path) -> None:
    fault = FAULTS["W01"]
    assert fault.drill is not None
    told, text = fault_drills.run(tmp_path, fault.scenario, fault.drill.name, fault.drill.until)
    unqualified = {each for each in told.failed if each.rule == "drill.qualification"}
    verdict = fault_table.judge(fault, told, Told(failed=unqualified), text)
    assert (verdict.detected, verdict.cause, verdict.without_reason) == ("named", True, ()), verdict


ROUTE = Finding("routes.received", "not-sent", "ce1-loc1/vrf-30/192.168.30.18")
LINT = Finding("lint.unused", "never-used", "ce1-loc1/route-map x")
FAULT = Fault("X", "layer", rule=ROUTE.rule, cause=ROUTE.cause, follows=("site.*",))


def test_a_fault_that_nothing_tells_is_missed() -> None:
    verdict = fault_table.judge(FAULT, Told(), Told())
    assert (verdict.detected, verdict.cause, verdict.how) == ("missed", False, "")


def test_what_the_healthy_network_tells_as_well_is_no_detection() -> None:
    for kind in ("failed", "noted"):
        same = Told(**{kind: {ROUTE}})
        assert fault_table.judge(FAULT, same, same).detected == "missed"


def test_another_cause_is_found_and_not_named() -> None:
    other = Finding(ROUTE.rule, "filtered-inbound", ROUTE.object)
    verdict = fault_table.judge(FAULT, Told(failed={other}), Told())
    assert (verdict.detected, verdict.cause, verdict.causes) == ("named", False, ("filtered-inbound",))


def test_a_finding_at_the_other_location_is_no_detection_and_without_reason() -> None:
    there = Finding(ROUTE.rule, ROUTE.cause, "ce1-loc2/vrf-31/192.168.31.18")
    verdict = fault_table.judge(FAULT, Told(failed={there}), Told())
    assert (verdict.detected, len(verdict.without_reason)) == ("elsewhere", 1)


def test_what_may_follow_is_with_reason_and_everything_else_without() -> None:
    told = Told(failed={ROUTE, Finding("site.preference", "no-path", "customer-30/loc1"), LINT}, errors=set())
    verdict = fault_table.judge(FAULT, told, Told())
    assert verdict.without_reason == ("lint.unused:never-used ce1-loc1/route-map x",)


def test_an_error_is_found_as_an_error_alone() -> None:
    fault = Fault("X", "layer", error="not-authorised")
    refused = Finding("error", "not-authorised", "ce1-loc1")
    assert fault_table.judge(fault, Told(errors={refused}), Told()).how == "error"
    assert fault_table.judge(fault, Told(failed={refused}), Told()).detected == "elsewhere"


def test_where_nothing_is_wrong_a_failure_or_a_secret_in_the_output_is_an_alarm() -> None:
    fault = Fault("X", "layer", quiet=True, hides=("Key-1",))
    assert fault_table.judge(fault, Told(), Told(), "quiet").detected == "named"
    assert fault_table.judge(fault, Told(), Told(), "psk Key-1").detected == "missed"
    assert fault_table.judge(fault, Told(failed={ROUTE}), Told()).detected == "missed"


def test_what_is_too_slight_to_fail_or_accepted_is_told_apart() -> None:
    fault = Fault("X", "layer", rule=LINT.rule, cause=LINT.cause)
    assert fault_table.judge(fault, Told(noted={LINT}), Told()).how == "noted"
    assert fault_table.judge(fault, Told(failed={LINT}), Told()).how == "failed"
    assert fault_table.judge(fault, Told(waived={LINT}), Told()).how == "waived"


def test_what_a_drill_must_say_in_words_is_looked_for() -> None:
    drill = fault_table.Drill("session", "plan", tells="no-go: .* remote none")
    fault = Fault("X", "drill", rule=ROUTE.rule, cause=ROUTE.cause, drill=drill)
    found = Told(failed={ROUTE})
    assert fault_table.judge(fault, found, Told(), "no-go: 1, remote none").detected == "named"
    assert fault_table.judge(fault, found, Told(), "go").detected == "elsewhere"
    quiet = Fault("X", "drill", quiet=True, drill=drill)
    assert fault_table.judge(quiet, Told(), Told(), "no-go: 1, remote none").detected == "named"
    assert fault_table.judge(quiet, Told(), Told(), "go").detected == "missed"


def test_a_table_with_an_unknown_word_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "expected.yaml"
    for wrong in ("{layer: L2, rule: a, typo: b}", "{layer: L2}", "{layer: L2, quiet: true, missed_by: [luck]}"):
        file.write_text(f"groups: {{}}\nfaults: {{A1: {wrong}}}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="A1: "):
            fault_table.table(file)


def test_items_of_a_junit_file_are_told_apart(tmp_path: Path) -> None:
    told = "".join(f'<property name="azinterop.{key}" value="{getattr(ROUTE, key)}"/>' for key in ("rule", "object"))
    cause = '<property name="azinterop.cause" value="not-sent"/>'
    file = tmp_path / "junit.xml"
    file.write_text(
        "<testsuites><testsuite>"
        f'<testcase name="a[x]"><properties>{told}{cause}</properties><failure/></testcase>'
        f'<testcase name="b[y]"><properties>{cause}</properties><error/></testcase>'
        f'<testcase name="c[z]"><properties>{told}{cause}</properties><skipped/></testcase>'
        '<testcase name="d[z]"><failure/></testcase><testcase name="e[z]"/>'
        "</testsuite></testsuites>",
        encoding="utf-8",
    )
    found = fault_table.read(file)
    assert found.failed == {ROUTE, Finding("assertion", "", "z")}
    assert found.errors == {Finding("error", "not-sent", "y")}
    assert (found.noted, found.waived, found.items, found.unhappy) == (set(), {ROUTE}, 5, 3)


def verdict(name: str, detected: str = "named", *without_reason: str) -> Verdict:
    return Verdict(
        Fault(name, "L2", rule="a", cause="b"), detected, "failed" if detected == "named" else "",
        cause=detected == "named", causes=(), others=(), without_reason=without_reason,
    )  # fmt: skip


def document(*verdicts: Verdict, seconds: float = 1.0, healthy: Told | None = None) -> dict[str, object]:
    found = fault_report.document(list(verdicts), {"lab": healthy or Told()}, seconds, None)
    schema = json.loads((ROOT / "bench" / "faults.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    return found


def test_the_figures_hold_only_when_every_bar_does() -> None:
    assert document(verdict("A1"), verdict("A2"))["held"] is True
    for found, told in (
        (document(verdict("A1"), verdict("A2", "elsewhere")), "found by the rule"),
        (document(verdict("A1"), verdict("A2", "missed")), "causes named"),
        (document(verdict("A1", "named", "x:y z")), "without reason: A1"),
        (document(verdict("A1"), seconds=601.0), "601 seconds"),
        (document(verdict("A1"), healthy=Told(unhappy=1)), "false alarms in healthy networks: lab"),
    ):
        assert found["held"] is False
        assert any(told in failure for failure in found["failures"])  # type: ignore[attr-defined]


def test_what_is_about_the_whole_matrix_is_judged_of_the_whole_alone() -> None:
    found = fault_report.document([verdict("A1")], {"lab": Told()}, 1.0, {"A2": "L2", "A3": "L3"})
    assert found["failures"] == [
        "1 faults are expressed, expected at least 150",
        "1 healthy networks, expected at least 25",
        "L2: 1 of 2 faults are expressed, expected at least two thirds",
        "L3: 0 of 1 faults are expressed, expected at least two thirds",
    ]
    assert found["layers"]["L2"] == {
        "expressed": 1, "not_expressed": 1, "detected": 1, "elsewhere": 0, "missed": 0, "noted": 0, "cause": 1,
    }  # fmt: skip


def test_what_fails_no_check_says_why_that_is_right() -> None:
    noted = Verdict(
        Fault("A1", "L2", rule="a", cause="b"), "named", "noted", cause=True, causes=(), others=(), without_reason=()
    )
    standing = replace(noted, fault=replace(noted.fault, id="A2", standing=True))
    told = fault_report.document([noted, standing, verdict("A3")], {"lab": Told()}, 1.0, None)["faults"]
    assert "below the severity" in told["A1"]["why_none_failed"]
    assert "built so" in told["A2"]["why_none_failed"]
    assert told["A3"]["why_none_failed"] is None


def test_a_run_that_is_not_whole_is_a_miss_and_told() -> None:
    found = fault_table.not_run(FAULT, "2 of 500 checks ran")
    assert (found.detected, found.without_reason) == ("missed", ("not run: 2 of 500 checks ran",))
    assert document(found)["held"] is False

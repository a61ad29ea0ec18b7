"""What a reader is told about a finding and about a fact that could not be determined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.errors import ParseError, UndeterminedError
from pytest_azinterop.intent.models import Waiver
from pytest_azinterop.report import terminal
from pytest_azinterop.state.azure_source import AzureSource
from pytest_azinterop.state.source import Source
from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.rules import RULES

AT = datetime(2026, 3, 1, 22, 14, 3, tzinfo=UTC)
SOURCE = Source("edge-a", "show bgp vpnv4 unicast vrf 9 neighbors", AT, (4, 60))
FINDING = Finding(
    rule="bgp.state",
    object="edge-a/vrf-9/10.0.0.2",
    severity="critical",
    message="edge-a vrf 9 10.0.0.2: state is Active, expected Established",
    cause="no-connection",
    evidence=(SOURCE,),
    likely="the neighbor is not reached",
    next_command="ping vrf 9 10.0.0.2",
)


def test_a_finding_says_what_is_why_where_and_what_next() -> None:
    assert terminal.finding_text(FINDING).splitlines() == [
        "edge-a vrf 9 10.0.0.2: state is Active, expected Established",
        "  likely:   the neighbor is not reached",
        "  evidence: edge-a: show bgp vpnv4 unicast vrf 9 neighbors, lines 4-60, 22:14:03Z",
        "  next:     on edge-a: ping vrf 9 10.0.0.2",
        "  rule:     bgp.state (critical), cause no-connection, object edge-a/vrf-9/10.0.0.2",
    ]


@pytest.mark.parametrize(
    ("object_", "hosts", "command", "words"),
    [
        ("edge-a/vrf-9/10.0.0.2", ["edge-a"], "show clock", "on edge-a: show clock"),
        ("edge-a/vrf-9/10.0.0.2", ["edge-b", "edge-a"], "show clock", "on edge-a: show clock"),
        ("acme/town/edge-b", ["edge-a", "edge-b"], "show clock", "on edge-b: show clock"),
        ("acme/town", ["edge-b", "edge-a"], "show clock", "on edge-b: show clock"),
        ("edge-a/vrf-9/10.0.0.2", [], "show clock", "show clock"),
        ("acme/town", ["edge-b"], "on edge-a: show clock", "on edge-a: show clock"),
        ("gateway/hub", ["edge-a"], "az network nic list", "Azure CLI: az network nic list"),
        ("acme/town", ["edge-a"], None, None),
    ],
)
def test_where_a_command_is_typed_is_said(
    object_: str, hosts: list[str], command: str | None, words: str | None
) -> None:
    azure = AzureSource(host="virtualNetworkGateways/hub", command="bgp-peers", asked_at=AT)
    evidence = (azure, *(Source(each, "show ip bgp", AT) for each in hosts))
    assert terminal.typed(replace(FINDING, object=object_, evidence=evidence, next_command=command)) == words


@pytest.mark.parametrize(
    ("counts", "first", "words"),
    [
        ((0, 0, 0, 0, 0), None, None),
        ((0, 0, 0, 522, 0), None, "no fault found; 522 checks hold"),
        ((0, 0, 0, 1, 2), None, "no fault found; 1 check holds, 2 waived"),
        ((1, 27, 0, 9, 0), "a: b", "1 fault behind 27 failed checks; 9 checks hold. First: a: b"),
        ((2, 3, 1, 9, 0), None, "2 faults behind 3 failed checks, 1 check not determined; 9 checks hold"),
        ((0, 1, 0, 0, 1), None, "1 failed check; 0 checks hold, 1 waived"),
        ((0, 0, 6, 0, 0), "x\x07", "6 checks not determined; 0 checks hold. First: x\\x07"),
    ],
)
def test_a_run_is_told_in_one_line(counts: tuple[int, int, int, int, int], first: str | None, words: str) -> None:
    assert terminal.verdict(*counts, first) == words
    assert len(terminal.verdict(1, 1, 1, 1, 1, "y" * 999) or "") < 300


def test_findings_come_by_severity() -> None:
    low = Finding("bgp.age", "x", "low", "low one", "young")
    assert terminal.findings_text([low, FINDING], {}).splitlines()[0] == FINDING.message


def test_of_equal_severity_causes_come_before_what_follows() -> None:
    rules = ["site.rib", "routes.received", "bgp.state", "vpn.underlay", "tunnel.state", "interface.state"]
    found = [Finding(rule, "x", "critical", f"about {rule}", "cause") for rule in rules]
    shown = [line for line in terminal.findings_text(found, {}).splitlines() if line.startswith("about")]
    assert shown == [f"about {rule}" for rule in reversed(rules)]
    assert terminal.gravity(replace(FINDING, severity="high", rule="interface.mtu")) > terminal.gravity(FINDING)


def test_a_tunnel_that_is_down_follows_from_what_explains_it() -> None:
    about = [("tunnel.source", "x"), ("ike.sa", "x"), ("ipsec.sa", "x"), ("tunnel.state", "x")]
    about.append(("interface.state", "edge-a/Tunnel9"))
    found = [Finding(rule, name, "critical", f"about {rule}", "protocol-down") for rule, name in about]
    shown = [line for line in terminal.findings_text(reversed(found), {}).splitlines() if line.startswith("about")]
    assert shown == [f"about {rule}" for rule, _ in about]
    shut = Finding("interface.state", "edge-a/Tunnel9", "critical", "shut", "shut")
    port = Finding("interface.state", "edge-a/TenGigabitEthernet0/0/0.9", "critical", "down", "protocol-down")
    assert max(map(terminal.gravity, (shut, port))) < min(map(terminal.gravity, found))


def test_every_rule_but_those_about_texts_has_its_layer() -> None:
    for rule in RULES:
        told_last = rule.startswith(("lint.", "baseline."))
        assert (terminal.layer(rule) == terminal.layer("")) is told_last, rule


def test_the_same_finding_is_told_once_with_all_its_evidence() -> None:
    other = Source("edge-a", "show ip bgp", AT)
    (found,) = terminal.once([FINDING, replace(FINDING, evidence=(other,), likely="something else"), FINDING])
    assert found == replace(FINDING, evidence=(SOURCE, other))
    assert len(terminal.once([FINDING, replace(FINDING, object="edge-b/vrf-9/10.0.0.2")])) == 2


@pytest.mark.parametrize(("others", "words"), [(1, "also fails 1 other check"), (10, "also fails 10 other checks")])
def test_a_block_says_what_else_it_fails(others: int, words: str) -> None:
    assert terminal.with_others("a\n  rule: b", others).splitlines() == ["a", "  rule: b", f"  {words}"]
    assert terminal.with_others("a", 0) == "a"


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([], ""),
        ([(7, 7)], ", line 7"),
        ([(7, 7), (8, 8), (9, 9)], ", lines 7-9"),
        ([(7, 7), (1, 60)], ", line 7"),
        ([(7, 7), (20, 22)], ", lines 7, 20-22"),
    ],
)
def test_lines_of_one_answer_are_named_together(ranges: list[tuple[int, int]], words: str) -> None:
    sources = [SOURCE.at(*each) for each in ranges] or [Source(SOURCE.host, SOURCE.command, AT)]
    assert terminal.evidence_lines(sources) == [f"  evidence: edge-a: {SOURCE.command}{words}, 22:14:03Z"]


def test_answers_of_different_times_stay_apart_and_their_number_is_bounded() -> None:
    sources = [Source("edge-a", f"show {number}", AT + timedelta(seconds=number)) for number in range(9)]
    lines = terminal.evidence_lines(sources)
    assert len(lines) == terminal.MAXIMUM_EVIDENCE + 1
    assert "and 5 more" in lines[-1]


def test_a_line_that_was_not_understood_is_shown() -> None:
    error = ParseError("show vrf: a line", line_number=3, line="  @@\x07", host="edge-a", command="show vrf")
    assert terminal.undetermined_text(error).splitlines() == [
        "edge-a: show vrf: a line [not-understood]",
        "  line 3:   @@\\x07",
    ]


def test_the_command_is_named_where_the_message_does_not() -> None:
    error = UndeterminedError("edge-a: no answer in 60 s", cause="timeout", host="edge-a", command="show clock")
    assert terminal.undetermined_text(error) == "edge-a: no answer in 60 s [timeout]\n  command: show clock"


def test_a_line_that_the_message_ends_with_is_not_told_twice() -> None:
    words = "ping: the router answered: % Invalid source"
    error = ParseError(words, line="% Invalid source", line_number=1, host="edge-a", command="ping")
    assert terminal.undetermined_text(error) == f"edge-a: {words} [not-understood]"


def test_a_waived_finding_names_reason_and_last_day() -> None:
    waiver = Waiver(rule="bgp.*", object="*", reason="migration", expires=date(2030, 1, 31))
    one = f"{FINDING.rule} ({FINDING.cause}) of {FINDING.object}"
    assert terminal.waived_text([(FINDING, waiver)]) == f"{one}, waived until 2030-01-31: migration"
    many = terminal.waived_text([(FINDING, waiver)] * 4)
    assert many == f"{one} and 3 further findings, waived until 2030-01-31: migration"


def test_a_waiver_is_told_once_with_the_number_of_its_checks() -> None:
    seldom, often = ("bgp.age", "a", "2030-01-31", "new"), ("lint.bfd", "*", "2030-01-31", "no\nBFD")
    assert terminal.waiver_lines({seldom: 1, often: 11}) == [
        "11 checks: lint.bfd of *, until 2030-01-31: no\\nBFD",
        "1 check: bgp.age of a, until 2030-01-31: new",
    ]


def test_causes_come_with_their_number_the_most_expensive_first() -> None:
    assert terminal.causes_lines({"a": 1, "b\n  more": 7}) == ["7 checks: b", "  more", "1 check: a"]


def test_routers_that_fail_alike_are_one_cause() -> None:
    dead = {f"r{n:02}: [10.0.0.{n}]:22 said nothing within 30 s [unreachable]": 2 for n in range(1, 24)}
    other = "r30: [10.0.0.30]:22 refused the connection [unreachable]"
    assert terminal.causes_lines({other: 3, **dead})[2:] == [f"3 checks: {other}"]
    first, likewise = terminal.causes_lines(dead)
    assert first == "46 checks: r01: [10.0.0.1]:22 said nothing within 30 s [unreachable]"
    assert likewise.startswith("  likewise: r02, r03, ")
    assert likewise.endswith(" and 2 more")


@given(st.text(max_size=2000))
def test_no_text_of_a_device_can_drive_a_terminal(text: str) -> None:
    shown = terminal.clean(text)
    assert shown.isprintable()
    assert terminal.clean(text[:200]).replace("…", "").count("\n") == 0
    assert len(terminal.clean("a" * 5000)) == terminal.MAXIMUM


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))))
def test_joined_ranges_are_ordered_apart_and_lie_in_what_was_given(ranges: list[tuple[int, int]]) -> None:
    joined = terminal.joined(ranges)
    given_lines = {line for first, last in ranges for line in range(first, last + 1)}
    assert all(line in given_lines for first, last in joined for line in range(first, last + 1))
    assert all(before[1] + 1 < after[0] for before, after in pairwise(joined))
    assert bool(joined) == bool(ranges)


def test_evidence_of_several_days_says_the_day() -> None:
    first = Source("edge-a", "show clock", datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    second = replace(first, asked_at=datetime(2026, 3, 4, 13, 0, tzinfo=UTC))
    assert terminal.evidence_lines([first]) == ["  evidence: edge-a: show clock, 12:00:00Z"]
    assert terminal.evidence_lines([second, first]) == [
        "  evidence: edge-a: show clock, 2026-03-04 13:00:00Z",
        "  evidence: edge-a: show clock, 2026-03-02 12:00:00Z",
    ]

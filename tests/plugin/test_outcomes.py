"""The table of outcomes: each word means what the documentation says, in terminal, JUnit and exit status."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Runs

SESSION = "edge-a/vrf-ACME/10.60.0.2"
SHUT = 'facts.change("bgp_neighbors", lambda r: replace(r, state="Idle", shutdown=True), "edge-a")'
OTHER_AS = 'facts.change("bgp_neighbors", lambda r: replace(r, remote_as=64999), "edge-a")'


def waiver(rule: str, object_: str, days: int = 30, reason: str = "known since the migration") -> str:
    """One waiver as it stands in an intent."""
    until = datetime.now(UTC).date() + timedelta(days=days)
    return f'  - {{rule: "{rule}", object: "{object_}", reason: {reason}, expires: {until}}}\n'


def with_waivers(runs: Runs, *lines: str) -> None:
    """Add waivers to the intent."""
    runs.intent(runs.INTENT + "waivers:\n" + "".join(lines))


def test_a_network_that_agrees_passes_everywhere(runs: Runs) -> None:
    result = runs.pytest()
    assert result.code == 0
    assert len(result.judged()) > 60
    assert set(result.judged().values()) == {"passed"}


def test_evidence_against_the_intent_fails_exactly_what_it_contradicts(runs: Runs) -> None:
    runs.network(OTHER_AS)
    result = runs.pytest()
    assert result.code == 1
    failed = {name for name, word in result.judged().items() if word != "passed"}
    assert failed == {f"test_neighbor_has_its_as[{SESSION}]"}
    assert "edge-a vrf ACME 10.60.0.2: remote AS is 64999, expected 12076" in result.text
    assert "evidence: edge-a: show bgp vpnv4 unicast vrf ACME neighbors" in result.text
    assert "Traceback" not in result.text
    assert "def test_" not in result.text


def test_junit_carries_rule_object_cause_and_evidence(runs: Runs) -> None:
    runs.network(OTHER_AS)
    case = runs.pytest().cases()[f"test_neighbor_has_its_as[{SESSION}]"]
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert properties["azinterop.rule"] == "bgp.remote-as"
    assert properties["azinterop.object"] == SESSION
    assert properties["azinterop.cause"] == "wrong-as"
    assert "show bgp vpnv4 unicast vrf ACME neighbors" in str(properties["azinterop.evidence"])


@pytest.mark.parametrize("arguments", [(), ("-n2",), ("-q",), ("-v",), ("-p", "no:terminal")], ids=" ".join)
def test_a_dead_router_costs_its_own_checks_and_says_so_once(runs: Runs, arguments: tuple[str, ...]) -> None:
    runs.network('facts.lose("*", "edge-b", "unreachable")')
    result = runs.pytest(*arguments)
    assert result.code == 1
    outcomes = result.judged()
    dead = {name for name, word in outcomes.items() if word == "error"}
    assert {word for name, word in outcomes.items() if name not in dead} == {"passed"}
    assert all("edge-b" in name or "acme/town" in name for name in dead)
    assert all(name in dead for name in outcomes if "edge-b" in name)
    if "-v" not in arguments and "no:terminal" not in arguments:
        assert result.text.count("edge-b: unreachable") == 1
        assert f"{len(dead)} checks: edge-b: unreachable [unreachable]" in result.text
        assert f"{len(dead)} errors" in result.text
    case = result.cases()[f"test_session_is_established[{'edge-b/vrf-ACME/169.254.21.1'}]"]
    assert ("azinterop.cause", "unreachable") in {
        (each.get("name"), each.get("value")) for each in case.iter("property")
    }


def test_a_fact_that_turns_out_undetermined_while_judged_is_an_error(runs: Runs) -> None:
    runs.network('facts.change("bgp_neighbors", lambda r: replace(r, hold_time=None), "edge-a")')
    result = runs.pytest()
    outcomes = result.outcomes()
    assert outcomes[f"test_timers_are_negotiated_as_declared[{SESSION}]"] == "error"
    assert list(outcomes.values()).count("error") == 1
    assert "1 error" in result.text
    assert "not determined" in result.text


def test_a_waived_finding_is_xfailed_with_its_reason(runs: Runs) -> None:
    runs.network(OTHER_AS)
    with_waivers(runs, waiver("bgp.remote-as", SESSION))
    result = runs.pytest("-rx")
    assert result.code == 0
    assert result.outcomes()[f"test_neighbor_has_its_as[{SESSION}]"] == "xfailed"
    assert "known since the migration" in result.text
    properties = {each.get("value") for each in result.cases()[f"test_neighbor_has_its_as[{SESSION}]"].iter("property")}
    assert "bgp.remote-as" in properties


def test_an_undetermined_fact_is_never_waived(runs: Runs) -> None:
    runs.network('facts.lose("*", "edge-a", "unreachable")')
    with_waivers(runs, waiver("*", "*"))
    outcomes = runs.pytest().judged()
    assert outcomes[f"test_neighbor_has_its_as[{SESSION}]"] == "error"
    assert all(word == "error" for name, word in outcomes.items() if "edge-a" in name)


def test_another_finding_beside_a_waived_one_still_fails(runs: Runs) -> None:
    runs.network(
        'facts.change("bgp_neighbors", lambda r: replace(r, hold_time=30, keepalive=10, remote_as=1), "edge-a")'
    )
    with_waivers(runs, waiver("bgp.remote-as", SESSION))
    runs.file(
        "checks/test_both.py",
        "from pytest_azinterop.verify import session\n"
        "def test_both(bgp_session, judge):\n"
        "    judge(session.remote_as(bgp_session.expected, bgp_session.evidence))\n"
        "    judge(session.timers(bgp_session.expected, bgp_session.evidence))\n",
    )
    result = runs.pytest("-k", "edge-a")
    assert result.outcomes()[f"test_both[{SESSION}]"] == "failed"
    assert "hold time is 30s, expected 180s" in result.text


def test_an_expired_waiver_covers_nothing_and_is_named(runs: Runs) -> None:
    runs.network(OTHER_AS)
    with_waivers(runs, waiver("bgp.remote-as", SESSION, days=-2, reason="an old excuse"))
    result = runs.pytest()
    assert result.outcomes()[f"test_neighbor_has_its_as[{SESSION}]"] == "failed"
    assert "“an old excuse” expired on" in result.text


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["one process", "two workers"])
def test_a_waiver_that_covers_nothing_any_more_fails_the_run(runs: Runs, arguments: tuple[str, ...]) -> None:
    with_waivers(runs, waiver("bgp.remote-as", SESSION), waiver("bgp.*", "edge-b/*"))
    result = runs.pytest(*arguments)
    assert result.code == 1
    stale = [name for name, word in result.outcomes().items() if word == "failed"]
    assert stale == [f"waivers[bgp.remote-as {SESSION}]", "waivers[bgp.* edge-b/*]"]
    assert "covers nothing any more" in result.text
    assert "delete it from the intent" in result.text
    properties = {each.get("value") for each in result.cases()[stale[0]].iter("property")}
    assert properties == {"bgp.remote-as", SESSION, "waiver-covers-nothing"}


def test_beside_failures_nobody_is_told_to_delete_a_waiver_that_covers_nothing(runs: Runs) -> None:
    runs.network(OTHER_AS)
    with_waivers(runs, waiver("bgp.*", "edge-b/*"))
    result = runs.pytest()
    assert result.outcomes()["waivers[bgp.* edge-b/*]"] == "failed"
    assert "mend the failures above and run again" in result.text
    assert "delete it from the intent" not in result.text


@pytest.mark.parametrize(
    "arguments", [("-k", "edge-b"), ("-m", "ipsec"), ("-k", "not remote and not has_its_as"), ("--plan",), ("--co",)]
)
def test_a_part_of_the_checks_calls_no_waiver_stale_that_it_did_not_judge(
    runs: Runs, arguments: tuple[str, ...]
) -> None:
    with_waivers(runs, waiver("bgp.remote-as", SESSION), waiver("bgp.*", "edge-*"))
    result = runs.pytest(*arguments)
    assert result.code == 0
    assert "covers nothing" not in result.text


def test_a_part_of_the_checks_still_finds_a_stale_waiver_that_it_judged(runs: Runs) -> None:
    with_waivers(runs, waiver("bgp.remote-as", SESSION))
    result = runs.pytest("-k", "has_its_as")
    assert result.code == 1
    assert "covers nothing any more" in result.text


def test_an_unreachable_router_makes_no_waiver_stale(runs: Runs) -> None:
    runs.network('facts.lose("*", "edge-a", "unreachable")')
    with_waivers(runs, waiver("bgp.remote-as", SESSION))
    assert "covers nothing" not in runs.pytest().text


def test_a_rule_that_could_not_be_judged_makes_no_waiver_stale(runs: Runs) -> None:
    runs.network(SHUT)
    with_waivers(runs, waiver("bgp.age", SESSION))
    assert "covers nothing" not in runs.pytest().text


def test_runxfail_shows_what_is_waived(runs: Runs) -> None:
    runs.network(OTHER_AS)
    with_waivers(runs, waiver("bgp.remote-as", SESSION))
    result = runs.pytest("--runxfail")
    assert result.code == 1
    assert result.outcomes()[f"test_neighbor_has_its_as[{SESSION}]"] == "failed"


def test_what_the_intent_has_none_of_is_skipped_with_a_reason(runs: Runs) -> None:
    before = runs.INTENT[: runs.INTENT.index("        vpn:")]
    first = before.index("connections:")
    runs.intent((before[:first] + before[before.index("sites:", first) :]).replace(", edge-b]", "]"))
    result = runs.pytest("-rs")
    assert result.code == 0
    skipped = {name for name, word in result.outcomes().items() if word == "skipped"}
    assert "test_tunnel_is_up[none]" in skipped
    assert "the intent has no VPN tunnels" in result.text


def test_a_missing_neighbor_is_a_failure_and_not_a_missing_test(runs: Runs) -> None:
    runs.network(
        'facts.change("bgp_neighbors", lambda r: None, "edge-a")'
        '.change("bgp_table", lambda table: replace(table, paths=()), "edge-a")'
    )
    result = runs.pytest()
    outcomes = result.outcomes()
    assert outcomes[f"test_neighbor_exists[{SESSION}]"] == "failed"
    assert "error" not in outcomes.values()
    about = {name: word for name, word in outcomes.items() if SESSION in name}
    assert about.pop(f"test_msee_answers_on_its_link[{SESSION}]") == "passed"  # it asks for no session
    assert set(about.values()) == {"failed"}


def test_a_table_with_routes_of_a_neighbor_that_is_not_listed_is_no_evidence(runs: Runs) -> None:
    runs.network('facts.change("bgp_neighbors", lambda r: None, "edge-a")')
    result = runs.pytest()
    outcomes = result.outcomes()
    assert outcomes[f"test_neighbor_exists[{SESSION}]"] == "failed"
    assert outcomes["test_preferred_path_is_best[acme/town]"] == "error"
    assert "which is not among the neighbors" in result.text


def test_a_missing_neighbor_can_be_waived_as_a_whole(runs: Runs) -> None:
    runs.network('facts.change("bgp_neighbors", lambda r: None, "edge-a")')
    with_waivers(runs, waiver("bgp.neighbor", SESSION))
    outcomes = runs.pytest().outcomes()
    assert outcomes.pop(f"test_msee_answers_on_its_link[{SESSION}]") == "passed"  # it asks for no session
    assert {word for name, word in outcomes.items() if SESSION in name} == {"xfailed"}
    runs.file("checks/test_own.py", "def test_up(bgp_session):\n    assert bgp_session.observed.state\n")
    assert runs.pytest().outcomes()[f"test_up[{SESSION}]"] == "xfailed"


def test_an_intent_that_yields_no_checks_is_a_usage_error(runs: Runs) -> None:
    runs.intent("version: 1\n")
    result = runs.pytest()
    assert result.code == 4
    assert "nothing to check" in result.text


def test_a_plain_assertion_reads_well(runs: Runs) -> None:
    runs.network(SHUT)
    runs.file(
        "checks/test_own.py",
        "def test_up(bgp_session):\n    assert bgp_session.observed.state == 'Established'\n",
    )
    result = runs.pytest("-k", "edge-a", "-l")
    assert result.code == 1
    assert "'Idle' == 'Established'" in result.text
    assert "evidence: edge-a: show bgp vpnv4 unicast vrf ACME neighbors" in result.text
    assert "<bgp_session edge-a/vrf-ACME/10.60.0.2>" in result.text


def test_judge_takes_findings_only(runs: Runs) -> None:
    runs.file("checks/test_own.py", "def test_it(device, judge):\n    judge(['looks fine'])\n")
    result = runs.pytest()
    assert result.code == 1
    assert "judge takes findings, not str" in result.text


def test_findings_are_shown_by_severity(runs: Runs) -> None:
    runs.network(
        'facts.change("clock", lambda r: replace(r, quality="not authoritative"), "edge-a")'
        '.change("bgp_neighbors", lambda r: replace(r, remote_as=1, soft_reconfiguration_inbound=False), "edge-a")'
    )
    text = runs.pytest().text
    shown = text[text.index("FAILURES") :]
    assert shown.index("(critical)") < shown.index("(medium)") < shown.index("(low)")


@pytest.mark.parametrize("arguments", [(), ("-n2",)], ids=["one process", "two workers"])
def test_a_finding_of_several_checks_is_shown_once_with_their_number(runs: Runs, arguments: tuple[str, ...]) -> None:
    runs.network(SHUT)
    result = runs.pytest(*arguments)
    shown = result.text[result.text.index("FAILURES") : result.text.index("short test summary")]
    message = "edge-a vrf ACME 10.60.0.2: state is Idle (Admin), expected Established"
    assert shown.count(message) == 1
    failures = [each for case in result.cases().values() for each in case.iter("failure")]
    others = sum(message in str(each.text) for each in failures) - 1
    assert others > 1
    assert f"  also fails {others} other checks" in shown
    short = result.text[result.text.index("short test summary") :]
    assert short.count(f"[{SESSION}] - edge-a vrf ACME 10.60.0.2: state is Idle (Admin)") == 1
    hidden = re.search(
        r"azinterop: (\d+) further checks fail with findings that others tell; -v names each", result.text
    )
    assert hidden is not None
    failed = re.search(r"(\d+) failed", short)
    assert failed is not None
    assert int(failed[1]) == short.count("FAILED ") + int(hidden[1])


def test_a_finding_beside_one_that_was_shown_is_not_lost(runs: Runs) -> None:
    runs.network('facts.change("bgp_neighbors", lambda r: replace(r, hold_time=30, remote_as=64999), "edge-a")')
    runs.file(
        "checks/test_both.py",
        "from pytest_azinterop.verify import session\n"
        "def test_as(bgp_session, judge):\n"
        "    judge(session.remote_as(bgp_session.expected, bgp_session.evidence))\n"
        "def test_both(bgp_session, judge):\n"
        "    one = session.remote_as(bgp_session.expected, bgp_session.evidence)\n"
        "    judge([*one, *one, *session.timers(bgp_session.expected, bgp_session.evidence)])\n",
    )
    result = runs.pytest("-k", "edge-a")
    shown = result.text[result.text.index("FAILURES") : result.text.index("short test summary")]
    assert shown.count("remote AS is 64999, expected 12076") == 1
    assert "also fails 1 other check" in shown
    assert "hold time is 30s, expected 180s" in shown
    failure = next(result.cases()[f"test_both[{SESSION}]"].iter("failure"))
    assert str(failure.text).count("remote AS is 64999") == 1
    assert f"test_both[{SESSION}] - edge-a vrf ACME" in result.text

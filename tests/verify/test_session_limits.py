"""Limits of prefixes, flaps, and AS paths longer than declared: one change of an agreeing session at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.verify_records import ER, MSEE, SHARED, VPN, er_routes, neighbor, path, routes

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import AsPath, LastReset, MaximumPrefix
from pytest_azinterop.verify import as_path, limits, rules_session, session
from pytest_azinterop.verify.observed import ObservedSession

JUDGED = replace(ER, head_room=20, accepts=4000, flap_window=timedelta(hours=24), most_drops=3, prepends=0)


def observed(**changes: Any) -> ObservedSession:
    values = {"maximum_prefix": MaximumPrefix(1000, 75), "accepted_prefixes": 2, "sent_prefixes": 1}
    return ObservedSession(neighbor(JUDGED, **{**values, "connections_dropped": 9, **changes}), ())


def learned(*sequence: int) -> Any:
    text = " ".join(map(str, sequence))
    return er_routes(accepted=routes("accepted", MSEE, [path(SHARED, as_path=AsPath(text, sequence))]))


CASES = {
    "the neighbor sends almost what the router allows": ("bgp.head-room", "own-limit", {"accepted_prefixes": 801}),
    "the limit only warns": (
        "bgp.head-room",
        "own-limit-warns",
        {"accepted_prefixes": 1200, "maximum_prefix": MaximumPrefix(1000, 75, warning_only=True)},
    ),
    "the router sends almost what Azure accepts": ("bgp.head-room", "neighbors-limit", {"sent_prefixes": 3201}),
    "up again, and not for the first time": (
        "bgp.flaps",
        "flapping",
        {"in_state_for": timedelta(hours=2), "connections_dropped": 4},
    ),
}
JUDGEMENTS = {"bgp.head-room": limits.head_room, "bgp.flaps": limits.flaps}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_found(name: str) -> None:
    rule, cause, changes = CASES[name]
    assert [(each.rule, each.cause) for each in JUDGEMENTS[rule](JUDGED, observed(**changes))] == [(rule, cause)]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"accepted_prefixes": 800, "sent_prefixes": 3200},
        {"maximum_prefix": None, "accepted_prefixes": 5000},
        {"in_state_for": timedelta(hours=24)},
        {"in_state_for": timedelta(hours=1), "connections_dropped": 3},
    ],
)
def test_what_is_within_its_limits_is_not(changes: dict[str, Any]) -> None:
    assert limits.head_room(JUDGED, observed(**changes)) == []
    assert limits.flaps(JUDGED, observed(**changes)) == []


def test_what_the_intent_does_not_judge_is_not_found() -> None:
    silent = replace(JUDGED, head_room=None, most_drops=None, prepends=None)
    near = observed(accepted_prefixes=1000, in_state_for=timedelta(minutes=9))
    assert limits.head_room(silent, near) == limits.flaps(silent, near) == []
    assert as_path.prepends(silent, learned(*[64512] * 4)) == []


@pytest.mark.parametrize("changes", [{"accepted_prefixes": None}, {"sent_prefixes": None}])
def test_a_number_that_was_not_printed_is_not_nought(changes: dict[str, Any]) -> None:
    with pytest.raises(UndeterminedError):
        limits.head_room(JUDGED, observed(**changes))


@pytest.mark.parametrize("changes", [{"in_state_for": None}, {"connections_dropped": None}])
def test_flaps_need_both_numbers(changes: dict[str, Any]) -> None:
    with pytest.raises(UndeterminedError):
        limits.flaps(JUDGED, observed(**changes))


def test_the_reason_of_the_last_drop_is_told() -> None:
    young = observed(in_state_for=timedelta(hours=1), last_reset=LastReset(timedelta(hours=1), "BFD session down"))
    assert limits.flaps(JUDGED, young)[0].likely == "last reset: BFD session down"


@pytest.mark.parametrize("judge", [limits.head_room, limits.flaps])
def test_a_session_that_is_down_is_said_to_be_down(judge: Any) -> None:
    assert [each.rule for each in judge(JUDGED, observed(state="Idle"))] == ["bgp.state"]
    assert [each.rule for each in judge(JUDGED, ObservedSession(None, ()))] == ["bgp.neighbor"]


@pytest.mark.parametrize(
    ("declared", "sequence", "causes"),
    [
        (0, (64512,), []),
        (0, (64512, 65010), []),
        (0, (64512, 65010, 64512), []),
        (0, (65010, 65010), []),
        (0, (64512, 64512), ["prepended"]),
        (0, (64512,) * 9, ["maintenance"]),
        (2, (64512,) * 11, ["maintenance"]),
        (2, (64512,) * 3, []),
        (2, (64512, 65010), ["not-prepended"]),
    ],
)
def test_only_the_front_of_a_path_counts(declared: int, sequence: tuple[int, ...], causes: list[str]) -> None:
    assert [each.cause for each in as_path.prepends(replace(JUDGED, prepends=declared), learned(*sequence))] == causes


def test_maintenance_is_a_word_of_expressroute() -> None:
    microsoft = replace(JUDGED, role="microsoft")
    assert [each.cause for each in as_path.prepends(microsoft, learned(*[64512] * 9))] == ["maintenance"]
    gateway = replace(JUDGED, role="vpn")
    assert [each.cause for each in as_path.prepends(gateway, learned(*[64512] * 9))] == ["prepended"]
    assert as_path.prepends(replace(JUDGED, role="internal"), learned(*[64512] * 9)) == []


def test_paths_of_a_session_that_is_down_or_not_read_pass_nothing() -> None:
    down = er_routes(neighbor=neighbor(ER, state="Active"))
    assert [each.rule for each in as_path.prepends(JUDGED, down)] == ["bgp.state"]
    with pytest.raises(UndeterminedError):
        as_path.prepends(JUDGED, er_routes(accepted=None))
    with pytest.raises(UndeterminedError):
        as_path.prepends(replace(JUDGED, neighbor=VPN.neighbor), er_routes())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 20), st.lists(st.integers(1, 64511), max_size=5))
def test_every_repetition_is_counted(times: int, rest: list[int]) -> None:
    path_ = AsPath("", (64512,) * (times + 1) + tuple(rest))
    assert as_path.repeated(path_, 64512) == times


def test_every_cause_has_a_case() -> None:
    shown = {(rule, cause) for rule, cause, _ in CASES.values()}
    shown |= {("routes.announced-as-path", cause) for cause in ("prepended", "not-prepended")}
    shown |= {("routes.next-hop", cause) for cause in ("changed", "as-sent")}  # test_next_hop.py
    shown |= {("routes.as-path", cause) for cause in ("maintenance", "prepended", "not-prepended")}
    shown |= {("routes.next-hop", cause) for cause in ("changed", "as-sent")}  # test_next_hop.py
    assert {(rule.name, cause) for rule in rules_session.RULES for cause in rule.causes} == shown


@pytest.mark.parametrize(("seconds", "causes"), [(299, ["young"]), (300, []), (301, [])])
def test_a_session_is_old_enough_from_the_declared_age_on(seconds: int, causes: list[str]) -> None:
    old = observed(in_state_for=timedelta(seconds=seconds))
    assert [each.cause for each in session.age(replace(JUDGED, minimum_age=timedelta(minutes=5)), old)] == causes

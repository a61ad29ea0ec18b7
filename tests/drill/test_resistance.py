"""Routers that do not do what they are told: each ends as it was, or says truly that it did not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from drill.rig import EDGE, RETURN, SHUT, events, lab, opener, router_drill, session_of, target, types

from pytest_azinterop.drill import journal as journals
from pytest_azinterop.drill import recover
from pytest_azinterop.drill.journal import Journal
from pytest_azinterop.errors import DrillFailedError, DrillRefusedError
from pytest_azinterop.lab.launch import Ready

TIMER = "show archive config rollback timer"
UNSAVED = "show archive config differences nvram:startup-config system:running-config"
SCENARIO = """
management:
  ce1-loc1: {deny: ["^no neighbor"]}
  ce1-loc2: {deny: ["^no neighbor"]}
  ce2-loc2: {deny: ["^neighbor .* shutdown", "^configure confirm"]}
  ce2-loc1: {answers_as: ce1-loc1}
routers:
  ce1-loc2: {rollback: {fails: ["^no neighbor"]}}
"""
# Of ce1-loc1, whose undo is refused: also that of `configure revert now`.
NO_REVERT = """
management: {ce1-loc1: {deny: ["^no neighbor", "^configure revert"]}}
"""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    with lab(tmp_path_factory.mktemp("lab"), SCENARIO) as started:
        yield started


def as_before(ready: Ready, router: str) -> bool:
    seen = types(ready, TIMER, UNSAVED, router=router)
    return "No Rollback Confirmed Change pending" in seen and "No changes were found" in seen


def test_an_undo_that_is_refused_is_reverted_by_the_router(ready: Ready, tmp_path: Path) -> None:
    with router_drill(ready, tmp_path / "drill") as drill:
        drill.arm()
        drill.trigger()
        restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("reverted", True)
    assert as_before(ready, EDGE)
    (rollback,) = events(ready, "rollback")
    assert (rollback["cause"], rollback["result"]) == ("revert now", "done")


def test_a_change_that_is_refused_leaves_nothing(ready: Ready, tmp_path: Path) -> None:
    drill = router_drill(ready, tmp_path / "drill", router="ce2-loc2")
    drill.arm()
    with pytest.raises(DrillFailedError, match="authorization failed"):
        drill.trigger()
    # Nor may it confirm: nothing is different, and the timer stays.
    restored = drill.restore()
    assert (restored.how, restored.is_clean, restored.difference) == ("left-to-timer", False, ())
    assert "not confirmed: the router answered: Command authorization failed" in restored.words
    assert restored.shout is not None
    assert "a timer of 3 minutes is pending, set by drill" in restored.shout
    wait_for_timer(ready, "ce2-loc2")
    path = tmp_path / "drill" / "journal.jsonl"
    (facts,) = recover.plan_facts({target(ready, "ce2-loc2"): [session_of(ready, "ce2-loc2")]})
    left = recover._left(facts, journals.read(path))
    assert not left.is_settled
    assert recover.recover_router(left, opener(ready, router="ce2-loc2"), Journal.reopen(path)).is_clean
    assert as_before(ready, "ce2-loc2")


def wait_for_timer(ready: Ready, router: str) -> None:
    until = time.monotonic() + 10
    while "No Rollback Confirmed Change pending" not in types(ready, TIMER, router=router):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_rollback_that_aborts_ends_in_a_shout_with_the_lines_to_type(ready: Ready, tmp_path: Path) -> None:
    told: list[str] = []
    with router_drill(ready, tmp_path / "drill", router="ce1-loc2", told=told) as drill:
        drill.arm()
        drill.trigger()
        restored = drill.restore()
    assert (restored.how, restored.is_clean) == ("unknown", False)
    assert restored.shout is not None
    assert "no neighbor 192.168.31.18 shutdown" in restored.shout
    assert "authorization failed" in restored.words
    assert "Rollback aborted after 5 passes" in restored.words
    assert "no timer is pending" in restored.shout
    assert "configure confirm" not in restored.shout
    assert journals.read(tmp_path / "drill" / "journal.jsonl")[-1].step == "failed"
    assert not as_before(ready, "ce1-loc2")


def test_another_router_behind_the_address_gets_no_line(ready: Ready, tmp_path: Path) -> None:
    before = events(ready, "config")
    with (
        router_drill(ready, tmp_path / "drill", router="ce2-loc1", goal=target(ready, "ce2-loc1")) as drill,
        pytest.raises(DrillRefusedError, match="'ce1-loc1' answers at its address, not 'ce2-loc1'"),
    ):
        drill.arm()
    assert events(ready, "config") == before


def test_another_serial_is_another_router(ready: Ready, tmp_path: Path) -> None:
    goal = target(ready)
    wrong = type(goal)(goal.router, goal.hostname, "FXS0000X000", goal.programs, goal.minutes)
    with pytest.raises(DrillRefusedError, match="serial"):
        router_drill(ready, tmp_path / "drill", goal=wrong).arm()


def test_where_neither_undo_nor_revert_is_taken_the_timer_does_it(tmp_path: Path) -> None:
    told: list[str] = []
    with lab(tmp_path, NO_REVERT) as ready:
        drill = router_drill(
            ready, tmp_path / "drill", told=told, goal=target(ready, minutes=1, busy=-target(ready).busy)
        )
        drill.arm()
        drill.trigger()
        began = time.monotonic()
        restored = drill.restore()
        assert (restored.how, restored.is_clean) == ("reverted-by-timer", True)
        assert time.monotonic() - began < 10
        assert as_before(ready, EDGE)
    assert any(RETURN in each for each in told)
    assert not any(SHUT in line and "no " not in line for each in told for line in each.splitlines()[2:])

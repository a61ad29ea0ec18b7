"""Rounds of `--settle`, with a clock of their own."""

from __future__ import annotations

import pytest

from pytest_azinterop.settling import Settled, pause, settle


class Time:
    """A clock that moves by what is waited for and by what a round takes."""

    def __init__(self, round_takes: float) -> None:
        self.now = 1000.0
        self.round_takes = round_takes
        self.waits: list[float] = []

    def collect(self) -> None:
        self.now += self.round_takes

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def rounds(seconds: float, time: Time, left: list[dict[str, str]]) -> tuple[Settled, list[str]]:
    said: list[str] = []
    states = iter(left)
    last = [left[-1]]
    result = settle(
        seconds, time.collect, lambda: next(states, last[0]), said.append, clock=lambda: time.now, sleep=time.sleep
    )
    return result, said


def test_ends_with_the_first_round_that_passes() -> None:
    bad = {"a": "failed: x", "b": "error: y"}
    found, said = rounds(100, Time(2), [bad, {"b": "error: y"}, {}])
    assert (found.rounds, found.first, found.left) == (3, bad, {})
    assert [line.split(": ", 2)[2] for line in said] == [
        "2 checks not passed",
        "1 check not passed",
        "all checks passed",
    ]
    assert found.lines()[0] == "azinterop: settled (3 rounds, 16 s); at first 2 checks did not pass:"
    assert "  a: at first failed: x; at last passed" in found.lines()


def test_one_round_is_enough_where_all_passes() -> None:
    time = Time(2)
    found, _ = rounds(100, time, [{}])
    assert (found.rounds, time.waits) == (1, [])
    assert found.lines() == ["azinterop: settled at once (1 round, 2 s)"]


@pytest.mark.parametrize("seconds", [1, 10, 60, 600])
@pytest.mark.parametrize("takes", [0.5, 4, 45])
def test_no_round_is_begun_that_would_end_too_late(seconds: float, takes: float) -> None:
    time = Time(takes)
    found, _ = rounds(seconds, time, [{"a": "failed: x"}])
    assert found.left == {"a": "failed: x"}
    assert time.now - 1000 <= max(seconds, takes)
    assert "not settled" in found.lines()[0]


def test_what_failed_only_later_is_told() -> None:
    found, _ = rounds(3, Time(1), [{"a": "failed: x"}, {"b": "failed: y"}])
    assert "  b: at first passed; at last failed: y" in found.lines()


def test_pauses_are_bounded() -> None:
    assert [pause(seconds) for seconds in (1, 100, 10_000)] == [1, 5, 15]

"""When a drill is ended before its time: each rule by itself, and none of them where all goes well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from drill.scenes import EDGE, OTHER, TUNNEL, VPN, ZERO, looks, the_drill

from pytest_azinterop.drill.abort import Abort, Watchkeeper
from pytest_azinterop.drill.look import Look
from pytest_azinterop.drill.timeline import ClockMap
from pytest_azinterop.intent.drills import Window

SILENT = {"ce1-loc1/vrf-30/hub/10.10.30.4": (2, 0)}
FORBIDDEN = {"ce1-loc1/vrf-30/loc2/10.1.31.10": (1, 1)}


def judge(turns: Sequence[tuple[float, Sequence[Look]]], late: float = 0, **drill: Any) -> Abort | None:
    """What comes of these turns, the last one judged so many seconds later by this machine's clock."""
    keeper = Watchkeeper(the_drill(**drill), timedelta(seconds=15))
    found = None
    for at, shown in turns:
        now = ZERO + timedelta(seconds=at)
        found = keeper.judge({each.router: each for each in shown}, now, now + timedelta(seconds=late))
    return found


def turn(at: float, **changes: Any) -> tuple[float, list[Look]]:
    edge, other = looks(at, "vpn")
    if "answers" in changes:
        changes["answers"] = {**edge.answers, **changes["answers"]}
    if "sessions" in changes:
        changes["sessions"] = {**edge.sessions, **changes["sessions"]}
    return at, [replace(edge, **changes), other]


def test_a_drill_that_goes_well_goes_on() -> None:
    assert judge([turn(0), turn(100), turn(500)]) is None


@pytest.mark.parametrize(
    ("turns", "cause"),
    [
        ([turn(0), turn(2, sessions={VPN: "Active"})], "backup-lost"),
        ([turn(0), turn(2, tunnels={TUNNEL: replace(looks(0)[0].tunnels[TUNNEL], active=False)})], "backup-lost"),
        ([turn(0), turn(2, sessions={f"{EDGE}/vrf-30/192.168.30.3": "Idle"})], "another-session-lost"),
        ([turn(0, answers=FORBIDDEN)], "forbidden-reached"),
        ([turn(0, answers=SILENT), turn(31, answers=SILENT)], "loss"),
        ([turn(0, trouble=("x",)), turn(31, trouble=("x",))], "blind"),
        ([turn(0, pending=False)], "timer-gone"),
        ([(0, [looks(0, "vpn")[0]])], "router-lost"),
    ],
)
def test_each_rule_ends_it(turns: Sequence[tuple[float, Sequence[Look]]], cause: str) -> None:
    found = judge(turns)
    assert found is not None
    assert found.cause == cause


@pytest.mark.parametrize(
    "turns",
    [
        [turn(0, answers=SILENT), turn(29, answers=SILENT)],
        [turn(0, answers=SILENT), turn(20), turn(45, answers=SILENT)],
        [turn(0, trouble=("x",)), turn(20), turn(45, trouble=("x",))],
        [turn(0, answers={"ce1-loc1/vrf-30/remote/10.17.30.4": (2, 0)}), turn(300)],
    ],
)
def test_what_is_short_or_expected_ends_nothing(turns: Sequence[tuple[float, Sequence[Look]]]) -> None:
    assert judge(turns) is None


def test_a_router_that_is_silent_is_lost_by_our_clock() -> None:
    assert judge([turn(0)], late=14) is None
    found = judge([turn(0)], late=16)
    assert found is not None
    assert (found.cause, EDGE in found.words or OTHER in found.words) == ("router-lost", True)


def test_the_end_of_the_window_ends_it() -> None:
    window = Window.model_validate({"begins": "21:00", "ends": "22:05", "timezone": "UTC"})
    assert judge([turn(200)], window=window) is None
    found = judge([turn(400)], window=window)
    assert found is not None
    assert found.cause == "window"


def test_the_routers_clock_is_followed_between_and_behind_its_readings() -> None:
    clock = ClockMap()
    with pytest.raises(ValueError, match="no reading"):
        clock.router_time(ZERO)
    assert clock.rate == 1.0
    there = ZERO + timedelta(hours=3)
    for second in range(5):
        clock.add(ZERO + timedelta(seconds=second), there + timedelta(seconds=10 * second))
    assert clock.rate == pytest.approx(10.0)
    for here, expected in ((-1, -1), (1.5, 15), (6, 60)):
        assert clock.router_time(ZERO + timedelta(seconds=here)) == there + timedelta(seconds=expected)

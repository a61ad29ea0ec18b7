"""What an ExpressRoute sub-interface carries: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.verify_records import INTERFACE, OBSERVED_INTERFACE, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.models import Traffic
from pytest_azinterop.state.device import SubinterfaceTraffic
from pytest_azinterop.verify import path_traffic, rules_operations, scope
from pytest_azinterop.verify.path_traffic import ObservedPathTraffic

PORT = OBSERVED_INTERFACE.interface
assert PORT is not None
BUSY = replace(INTERFACE, traffic=Traffic(packets_per_second=10))
NAME = "interface.traffic"


def counted(received: int, sent: int, second: int, interface: str | None = INTERFACE.name) -> SubinterfaceTraffic:
    return SubinterfaceTraffic(12, 120, interface, received, sent, source=source("show vlans", second=second))


def observed(received: int = 100, sent: int = 100, start: int = 5000, **changes: Any) -> ObservedPathTraffic:
    other = counted(1, 1, 0, "TenGigabitEthernet0/0/1.999")
    values: dict[str, Any] = {
        "before": (other, counted(start, start, 0)),
        "after": (other, counted(start + received, start + sent, 10)),
        "interfaces": (PORT,),
        **changes,
    }
    return ObservedPathTraffic(**values)


CASES: tuple[tuple[Any, str], ...] = (
    (observed(interfaces=(replace(PORT, name="Loopback0"),)), f"{NAME}:missing"),
    (observed(interfaces=(replace(PORT, status="administratively down", line_protocol="down"),)), f"{NAME}:down"),
    (observed(0, 0), f"{NAME}:idle"),
    (observed(99, 100), f"{NAME}:little-received"),
    (observed(100, 2), f"{NAME}:little-sent"),
)


@pytest.mark.parametrize(("seen", "named"), CASES, ids=[case[1] for case in CASES])
def test_what_does_not_agree_is_named(seen: Any, named: str) -> None:
    (found,) = path_traffic.moving(BUSY, seen)
    assert f"{found.rule}:{found.cause}" == named
    assert found.evidence


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 2**33))
def test_only_the_declared_rate_in_both_directions_is_right(received: int, sent: int, start: int) -> None:
    seen = observed(received, sent, start + 1)
    assert (path_traffic.moving(BUSY, seen) == []) == (received >= 100 and sent >= 100)


def test_counters_of_32_bits_may_wrap() -> None:
    near = 2**32 - 40
    after = (counted(60, near + 200, 10),)
    assert path_traffic.moving(BUSY, observed(before=(counted(near, near, 0),), after=after)) == []


@pytest.mark.parametrize(
    "seen",
    [
        observed(before=(counted(9000, 5000, 0),)),  # cleared
        observed(before=(counted(0, 0, 0),), after=(counted(0, 0, 10),)),  # nothing is counted
        observed(after=(counted(9000, 9000, 10, None),)),  # of no interface
        observed(before=(), after=()),
        observed(after=(counted(9000, 9000, 10), counted(9100, 9000, 10))),
        observed(after=(counted(9000, 9000, 0),)),  # one sample
    ],
)
def test_what_the_router_does_not_count_is_not_green(seen: Any) -> None:
    with pytest.raises(UndeterminedError):
        path_traffic.moving(BUSY, seen)


def test_unknown_interfaces_decide_nothing() -> None:
    assert path_traffic.moving(BUSY, observed(interfaces=None)) == []


def test_nothing_is_judged_where_nothing_is_declared() -> None:
    assert scope.reason_not_judged(NAME, INTERFACE)
    assert scope.reason_not_judged(NAME, BUSY) is None
    assert path_traffic.moving(INTERFACE, observed(0, 0)) == []


def test_every_cause_has_a_case() -> None:
    (rule,) = (rule for rule in rules_operations.RULES if rule.name == NAME)
    assert {f"{NAME}:{cause}" for cause in rule.causes} == {case[1] for case in CASES}

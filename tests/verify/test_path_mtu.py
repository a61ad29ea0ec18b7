"""Which packets pass a tunnel, and whether what is configured on it fits: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.verify_records import CONFIG_TEXT, GATEWAY, TUNNEL, TUNNEL_INTERFACE, config, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.probe import PingResult
from pytest_azinterop.verify import path_mtu, rules_operations, scope
from pytest_azinterop.verify.path_mtu import ObservedSizes

SIZED = replace(TUNNEL, mtu=1400)
MODE = " tunnel mode ipsec ipv4"


def ping(passes: bool, mark: str = ".") -> PingResult:
    marks = "!!" if passes else 2 * mark
    return PingResult(TUNNEL.inner_vrf, GATEWAY, 2, 2 * passes, marks, source=source("ping"))


def observed(
    largest: int = 1438,
    mark: str = "M",
    *,
    mtu: int | None = 1400,
    mss: int | None = 1350,
    transport: int | None = 1438,
    **changes: Any,
) -> ObservedSizes:
    lines = [f" ip mtu {mtu}"] if mtu else []
    lines += [f" ip tcp adjust-mss {mss}"] if mss else []
    text = CONFIG_TEXT.replace(MODE, "\n".join([*lines, MODE]))
    assert TUNNEL_INTERFACE.tunnel is not None
    values: dict[str, Any] = {
        "interface": replace(TUNNEL_INTERFACE, tunnel=replace(TUNNEL_INTERFACE.tunnel, transport_mtu=transport)),
        "config": config(text),
        "pings": tuple((size, ping(size <= largest, mark)) for size in path_mtu.ladder(SIZED)),
        **changes,
    }
    return ObservedSizes(**values)


FIT, TCP = path_mtu.fit, path_mtu.segments
CASES: tuple[tuple[Any, Any, str], ...] = (
    (FIT, observed(0), "tunnel.path-mtu:no-answer"),
    (FIT, observed(1300, "."), "tunnel.path-mtu:black-hole"),
    (FIT, observed(1300, "M"), "tunnel.path-mtu:mtu-too-large"),
    (FIT, observed(1300, "M", mtu=1350), "tunnel.path-mtu:too-small"),
    (TCP, observed(mss=None), "tunnel.mss:mss-not-clamped"),
    (TCP, observed(mss=1460), "tunnel.mss:mss-too-large"),
)


@pytest.mark.parametrize(("judge", "seen", "named"), CASES, ids=[case[2] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, seen: Any, named: str) -> None:
    (found,) = judge(SIZED, seen)
    assert f"{found.rule}:{found.cause}" == named
    assert found.evidence


@pytest.mark.parametrize(
    ("judge", "seen"),
    [
        (FIT, observed()),
        (FIT, observed(1400, "M")),
        (FIT, observed(1500)),
        (FIT, observed(1438, ".", mtu=None)),
        (FIT, observed(1400, "M", mtu=None, transport=1420)),
        (FIT, observed(1438, "M", mtu=None, transport=None)),
        (TCP, observed()),
        (TCP, observed(mss=1398, mtu=None)),
        (TCP, observed(1500, mss=None)),
        (TCP, observed(1400, mss=1380, mtu=1420)),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, seen: Any) -> None:
    assert judge(SIZED, seen) == []


def test_the_mtu_that_the_router_works_out_itself_counts_where_none_is_configured() -> None:
    (found,) = FIT(SIZED, observed(1300, ".", mtu=None))
    assert found.cause == "black-hole"
    assert "largest packet that passes is 1300 bytes, packets of 1400 vanish without an answer" in found.message
    assert "MTU of 1438" in found.message
    (unknown,) = FIT(SIZED, observed(1300, ".", mtu=None, transport=None))
    assert (unknown.cause, "an unknown MTU" in unknown.message) == ("black-hole", True)


def test_a_segment_that_was_not_shown_to_pass_is_too_large() -> None:
    (found,) = TCP(SIZED, observed(1400, mss=1380, mtu=1400))
    assert (found.cause, "expected at most 1360" in found.message) == ("mss-too-large", True)


@given(st.sampled_from([576, 1200, 1300, 1400, 1438, 1500]), st.integers(500, 1500), st.sampled_from(".M"))
def test_only_an_mtu_that_passes_is_right(largest: int, mtu: int, mark: str) -> None:
    found = {each.cause for each in FIT(SIZED, observed(largest, mark, mtu=mtu))}
    refused = next((size for size in path_mtu.ladder(SIZED) if size > largest), None)
    inside = refused is not None and refused <= mtu
    assert bool(found & {"black-hole", "mtu-too-large"}) == inside
    assert ("too-small" in found) == (not inside and largest < 1400)


def test_a_tunnel_that_is_down_or_missing_is_said_to_be_so() -> None:
    down = replace(TUNNEL_INTERFACE, line_protocol="down")
    for judge in (FIT, TCP):
        refused = observed(interface=down, pings=((576, None),))
        assert [each.rule for each in judge(SIZED, refused)] == ["tunnel.state"]
        assert [each.cause for each in judge(SIZED, observed(interface=None, pings=()))] == ["missing"]


@pytest.mark.parametrize(
    "changes",
    [
        {"pings": ()},
        {"pings": ((576, None),)},
        {"pings": ((576, replace(ping(True), target=TUNNEL.peer)),)},
        {"config": config(CONFIG_TEXT.replace("interface Tunnel12\n", "interface Tunnel13\n"))},
    ],
)
def test_what_was_not_tried_is_not_right(changes: Any) -> None:
    for judge in (FIT, TCP):
        with pytest.raises(UndeterminedError):
            judge(SIZED, observed(1438, **changes))


def test_a_clamp_is_only_missing_in_a_whole_configuration() -> None:
    seen = observed(mss=None)
    with pytest.raises(UndeterminedError):
        TCP(SIZED, replace(seen, config=replace(seen.config, whole=False)))


@pytest.mark.parametrize("rule", ["tunnel.path-mtu", "tunnel.mss"])
def test_nothing_is_judged_where_nothing_is_declared(rule: str) -> None:
    assert scope.reason_not_judged(rule, TUNNEL)
    assert scope.reason_not_judged(rule, SIZED) is None


def test_every_cause_has_a_case() -> None:
    rules = [rule for rule in rules_operations.RULES if rule.judged_by.startswith("path_mtu.")]
    assert {f"{rule.name}:{cause}" for rule in rules for cause in rule.causes} == {case[2] for case in CASES}

"""BFD beside a BGP session: what is not there, not up, or negotiated otherwise is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.verify_records import ER, MSEE, MSEE2, config, config_with, neighbor, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedBfd
from pytest_azinterop.state.adjacency import BfdNeighbor
from pytest_azinterop.verify import bfd, rules_bfd
from pytest_azinterop.verify.bfd import ObservedBfd

GUARDED = replace(ER, bfd=ExpectedBfd(interval=300, multiplier=3))
FALL_OVER = "  neighbor 172.20.1.2 activate\n"
PORT = " ip address 172.20.1.1 255.255.255.252\n"
ON_NEIGHBOR = config_with(FALL_OVER, f"{FALL_OVER}  neighbor 172.20.1.2 fall-over bfd\n")


def detected(**changes: Any) -> BfdNeighbor:
    values: dict[str, Any] = {
        "neighbor": MSEE,
        "local_address": ER.local_address,
        "local_discriminator": 1,
        "remote_discriminator": 2,
        "remote_heard": "Up",
        "state": "Up",
        "interface": ER.interface,
        "minimum_transmit": 300_000,
        "minimum_receive": 300_000,
        "multiplier": 3,
        "received_minimum_receive": 300_000,
        "received_minimum_transmit": 300_000,
        "received_multiplier": 3,
        "local_diagnostic": 0,
        "clients": ("BGP", "CEF"),
        "up_for": timedelta(days=2),
        "source": source("show bfd neighbors vrf blue details"),
    }
    return BfdNeighbor(**{**values, **changes})


def seen(*sessions: BfdNeighbor, **changes: Any) -> ObservedBfd:
    return ObservedBfd(neighbor(ER, bfd_configured=True), sessions, **changes)


def without(text: Any, **changes: Any) -> ObservedBfd:
    """No session, with this configuration; the neighbor's own answer says nothing of BFD."""
    return ObservedBfd(neighbor(ER, **changes), (), text)


def down(**changes: Any) -> ObservedBfd:
    return seen(detected(**{"state": "Down", "remote_heard": "Down", "up_for": None, **changes}))


YOUNG = timedelta(seconds=200)
CASES: tuple[tuple[Any, ObservedBfd, str], ...] = (
    (bfd.state, without(config()), "bfd.state:not-configured"),
    (bfd.state, without(ON_NEIGHBOR), "bfd.state:not-on-interface"),
    (bfd.state, seen(config=config()), "bfd.state:not-on-interface"),
    (
        bfd.state,
        without(config_with(PORT, f"{PORT} bfd interval 300 min_rx 300 multiplier 3\n")),
        "bfd.state:not-configured",
    ),
    (bfd.state, seen(), "bfd.state:missing"),
    (bfd.state, without(None), "bfd.state:missing"),
    (bfd.state, seen(config=config_with(PORT, f"{PORT} bfd template FAST\n")), "bfd.state:missing"),
    (bfd.state, without(ON_NEIGHBOR, state="Active"), "bfd.state:bgp-down"),
    (bfd.state, seen(detected(interface="TenGigabitEthernet0/0/1.9")), "bfd.state:other-interface"),
    (bfd.state, down(), "bfd.state:down"),
    (bfd.state, down(state="Init"), "bfd.state:one-way"),
    (bfd.state, down(state="AdminDown"), "bfd.state:admin-down"),
    (bfd.state, down(remote_heard="AdminDown"), "bfd.state:remote-admin-down"),
    (bfd.state, seen(detected(remote_heard="Down")), "bfd.state:remote-down"),
    (bfd.state, seen(detected(remote_heard="0")), "bfd.state:remote-down"),
    (bfd.registered, seen(), "bfd.state:missing"),
    (bfd.registered, seen(detected(clients=("OSPF", "CEF"))), "bfd.registered:not-registered"),
    (bfd.registered, seen(detected(clients=())), "bfd.registered:not-registered"),
    (
        bfd.registered,
        ObservedBfd(neighbor(ER), (detected(clients=("OSPF",)),), config()),
        "bfd.registered:not-configured",
    ),
    (bfd.timers, down(), "bfd.state:down"),
    (bfd.timers, seen(detected(multiplier=5)), "bfd.timers:wrong-multiplier"),
    (bfd.timers, seen(detected(received_multiplier=4)), "bfd.timers:neighbors-multiplier"),
    (bfd.timers, seen(detected(minimum_transmit=750_000)), "bfd.timers:wrong-timers"),
    (bfd.timers, seen(detected(received_minimum_transmit=750_000)), "bfd.timers:neighbors-timers"),
    (bfd.timers, seen(detected(minimum_receive=1_000_000)), "bfd.timers:wrong-timers"),
    (bfd.timers, seen(detected(echo_interval=500_000, minimum_transmit=1_000_000)), "bfd.timers:wrong-timers"),
    (bfd.age, down(), "bfd.state:down"),
    (bfd.age, seen(detected(up_for=YOUNG)), "bfd.age:young"),
    (bfd.age, seen(detected(up_for=YOUNG, local_diagnostic=1)), "bfd.age:detection-time-expired"),
    (bfd.age, seen(detected(up_for=YOUNG, local_diagnostic=2)), "bfd.age:echo-failed"),
    (bfd.age, seen(detected(up_for=YOUNG, local_diagnostic=3)), "bfd.age:signaled-down"),
    (bfd.age, seen(detected(up_for=YOUNG, local_diagnostic=7)), "bfd.age:admin-down"),
)
JUDGEMENTS = (bfd.state, bfd.registered, bfd.timers, bfd.age)


@pytest.mark.parametrize(("judge", "observed", "named"), CASES, ids=[case[2] for case in CASES])
def test_what_does_not_agree_is_named(judge: Any, observed: ObservedBfd, named: str) -> None:
    found = judge(GUARDED, observed)
    assert [f"{each.rule}:{each.cause}" for each in found] == [named]
    assert found[0].object == GUARDED.id
    assert found[0].evidence


@pytest.mark.parametrize("judge", JUDGEMENTS)
@pytest.mark.parametrize(
    "observed",
    [
        seen(detected()),
        seen(detected(remote_heard="1")),
        seen(detected(neighbor=MSEE2), detected()),
        # The slower side decides: this router would send and receive faster.
        seen(detected(minimum_transmit=150_000, minimum_receive=50_000)),
        # Echoes detect the loss, and control packets slow down.
        seen(detected(echo_interval=300_000, minimum_transmit=1_000_000)),
        seen(detected(local_diagnostic=1)),
    ],
)
def test_what_agrees_has_no_finding(judge: Any, observed: ObservedBfd) -> None:
    assert judge(GUARDED, observed) == []


@pytest.mark.parametrize(
    ("judge", "observed"),
    [
        (bfd.timers, seen(detected(received_minimum_transmit=None))),
        (bfd.timers, seen(detected(minimum_receive=None))),
        (bfd.timers, seen(detected(multiplier=None))),
        (bfd.timers, seen(detected(received_multiplier=None))),
        (bfd.age, seen(detected(up_for=None))),
        (bfd.state, seen(detected(), detected())),
    ],
)
def test_what_proves_nothing_is_not_judged(judge: Any, observed: ObservedBfd) -> None:
    with pytest.raises(UndeterminedError):
        judge(GUARDED, observed)


def test_both_directions_are_told() -> None:
    slow = seen(detected(received_minimum_transmit=750_000, received_minimum_receive=750_000))
    found = bfd.timers(GUARDED, slow)
    assert [each.message.partition(": ")[2] for each in found] == [
        "transmit interval is 750 ms, expected 300 ms",
        "receive interval is 750 ms, expected 300 ms",
    ]
    assert {each.cause for each in found} == {"neighbors-timers"}


def test_an_ipv6_session_is_found_beside_the_ipv4_one() -> None:
    address = ip_address("fd00:20:1::2")
    expected = replace(GUARDED, neighbor=address)
    observed = ObservedBfd(
        neighbor(expected, bfd_configured=True), (detected(), detected(neighbor=address, state="Init"))
    )
    assert [each.cause for each in bfd.state(expected, observed)] == ["one-way"]
    assert bfd.state(GUARDED, observed) == []


def test_every_cause_has_a_case() -> None:
    assert {f"{rule.name}:{cause}" for rule in rules_bfd.RULES for cause in rule.causes} == {case[2] for case in CASES}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.sampled_from(("Up", "Down", "Init", "AdminDown")), st.sampled_from(("Up", "1", "0", "Down", "Init", "AdminDown"))
)
def test_green_only_when_both_ends_are_up(state: str, heard: str) -> None:
    found = bfd.state(GUARDED, seen(detected(state=state, remote_heard=heard)))
    assert (found == []) == (state == "Up" and heard in ("Up", "1"))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from((50_000, 300_000, 750_000)), min_size=4, max_size=4))
def test_the_slower_side_of_each_direction_decides(values: list[int]) -> None:
    names = ("minimum_transmit", "minimum_receive", "received_minimum_receive", "received_minimum_transmit")
    found = bfd.timers(GUARDED, seen(detected(**dict(zip(names, values, strict=True)))))
    negotiated = (max(values[0], values[2]), max(values[1], values[3]))
    assert len(found) == sum(each != 300_000 for each in negotiated)

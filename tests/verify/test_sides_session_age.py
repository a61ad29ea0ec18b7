"""A session that both ends tell of: of one age as far as each tells it, up at both or at one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from verify.sides_records import CE, CE_TUNNEL, OVER_ER, OVER_VPN, SITE_AS, azure
from verify.verify_records import ER, VPN, neighbor

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.azure_circuit import CircuitSession
from pytest_azinterop.state.azure_gateway import GatewayBgpPeer
from pytest_azinterop.verify.rules import RULES
from pytest_azinterop.verify.sides.session_age import ObservedEnds, session_age

DAYS, MINUTES = timedelta(days=9), timedelta(minutes=4)
PEER = GatewayBgpPeer(
    VPN.neighbor, VPN.local_address or CE_TUNNEL, SITE_AS, "Connected", DAYS, 1, 9, 9,
    source=azure("virtualNetworkGateways/hub-vpn", "bgp-peers"),
)  # fmt: skip
ROW = CircuitSession(
    "primary", ER.local_address or CE, SITE_AS, "Established", 1, "1w2d", up_for=DAYS,
    source=azure("expressRouteCircuits/circuit-n", "sessions"),
)  # fmt: skip
DOWN = {"state": "Connecting", "connected_for": None}


def over_vpn(age: timedelta | None = DAYS, *rows: Any, **changes: Any) -> list[str]:
    router = neighbor(VPN, in_state_for=age, **changes)
    return [each.cause for each in session_age(OVER_VPN, ObservedEnds(router, rows or (PEER,)))]


def over_circuit(age: timedelta, azures: timedelta | None) -> list[str]:
    router = neighbor(ER, in_state_for=age)
    row = replace(ROW, up_for=azures)
    return [each.cause for each in session_age(OVER_ER, ObservedEnds(router, (row,)))]


def aged(age: timedelta | None, **changes: Any) -> Any:
    return replace(PEER, connected_for=age, **changes)


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        (DAYS, DAYS, True),
        (DAYS, DAYS + timedelta(hours=23), True),  # the router tells days
        (DAYS, DAYS + timedelta(hours=25), False),
        (timedelta(days=2, hours=3), timedelta(days=2, hours=3, minutes=59), True),
        (timedelta(days=2, hours=3), timedelta(days=2, hours=5), False),
        (timedelta(minutes=10), timedelta(minutes=14), True),
        (timedelta(minutes=10), timedelta(minutes=16), False),
        (DAYS, MINUTES, False),
        (MINUTES, DAYS, False),
        (timedelta(days=730), timedelta(days=735), True),
    ],
)
def test_ages_are_compared_as_exactly_as_they_are_told(here: timedelta, there: timedelta, same: bool) -> None:
    assert over_vpn(here, aged(there)) == ([] if same else ["differs"])


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        (DAYS, DAYS, True),
        (DAYS, DAYS + timedelta(days=2), True),  # both tell days
        (DAYS, DAYS + timedelta(days=3), False),
        (timedelta(minutes=30), timedelta(minutes=5), True),  # as Azure last asked the MSEE
        (timedelta(minutes=50), timedelta(minutes=5), False),
        (DAYS, MINUTES, False),
    ],
)
def test_a_circuits_table_is_older_than_the_answer(here: timedelta, there: timedelta, same: bool) -> None:
    assert over_circuit(here, there) == ([] if same else ["differs"])


def test_the_time_between_two_answers_is_no_difference() -> None:
    later = replace(PEER.source, asked_at=PEER.source.asked_at + timedelta(minutes=10))
    young = timedelta(minutes=10)
    assert over_vpn(young, aged(timedelta(minutes=20), source=later)) == []
    assert over_vpn(young, aged(timedelta(minutes=26), source=later)) == ["differs"]
    assert over_vpn(timedelta(minutes=20), aged(young, source=later)) == ["differs"]


def test_an_answer_from_before_the_session_began_says_nothing_of_it() -> None:
    before = replace(PEER.source, asked_at=PEER.source.asked_at - timedelta(hours=6))
    assert over_vpn(timedelta(hours=7), aged(timedelta(hours=1), source=before)) == []
    assert over_vpn(timedelta(hours=7), aged(timedelta(hours=7), source=before)) == ["differs"]
    with pytest.raises(UndeterminedError):
        over_vpn(timedelta(hours=2), aged(timedelta(days=2), source=before))


def test_a_session_may_be_up_at_one_end_alone_or_at_none() -> None:
    down, other = replace(PEER, **DOWN), replace(PEER, neighbor=CE)
    assert over_vpn(DAYS, down) == over_vpn(DAYS, other) == ["one-end"]
    assert over_vpn(None, state="Idle") == ["one-end"]
    assert over_vpn(None, down, state="Idle") == ["no-session"]
    assert [each.cause for each in session_age(OVER_VPN, ObservedEnds(None, (PEER,)))] == ["one-end"]
    assert [each.cause for each in session_age(OVER_VPN, ObservedEnds(None, ()))] == ["no-session"]


def test_the_instance_that_the_router_calls_counts() -> None:
    standby = replace(PEER, instance=CE, connected_for=MINUTES)
    assert over_vpn(DAYS, standby, PEER) == []
    assert over_vpn(DAYS, standby, replace(PEER, **DOWN)) == ["one-end"]
    assert over_vpn(DAYS, replace(standby, connected_for=DAYS)) == ["one-end"]


def test_an_address_of_apipa_is_none_of_the_tables() -> None:
    called = replace(OVER_VPN.session, neighbor=ip_address("169.254.21.9"))
    router = neighbor(called, in_state_for=DAYS)
    for row, causes in ((PEER, []), (aged(MINUTES), ["differs"])):
        found = session_age(replace(OVER_VPN, session=called), ObservedEnds(router, (row,)))
        assert [each.cause for each in found] == causes


def test_a_finding_names_both_ends() -> None:
    (found,) = session_age(OVER_VPN, ObservedEnds(neighbor(VPN, in_state_for=DAYS), (aged(MINUTES),)))
    assert "up for 9 days, 0:00:00 at edge-a and for 0:04:00 in Azure" in found.message
    assert {each.host for each in found.evidence} == {"edge-a", "virtualNetworkGateways/hub-vpn"}
    assert found.object == VPN.id


def test_every_cause_has_a_case() -> None:
    assert set(RULES["sides.session-age"].causes) == {"differs", "one-end", "no-session"}


def test_an_age_that_is_not_told_is_no_age() -> None:
    for here, there in ((None, DAYS), (DAYS, None)):
        with pytest.raises(UndeterminedError):
            over_vpn(here, aged(there))
    with pytest.raises(UndeterminedError):
        over_circuit(DAYS, None)

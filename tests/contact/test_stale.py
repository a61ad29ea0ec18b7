"""Stale only where both ends agree: a difference that one end alone could have is no proof."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

import pytest
from verify.verify_records import (
    ER,
    IKE_SA,
    INTERFACE,
    OBSERVED_INTERFACE,
    TUNNEL,
    TUNNEL_INTERFACE,
    neighbor,
)

from pytest_azinterop.verify import stale

SEEN = OBSERVED_INTERFACE.interface


def causes(expected: Any = ER, neighbors: Any = None, asn: int | None = ER.local_as) -> list[str]:
    given = [neighbor(ER)] if neighbors is None else neighbors
    return [found.cause for found in stale.session(expected, given, [SEEN], asn)]


def test_an_intent_that_the_network_follows_is_not_stale() -> None:
    assert causes() == []


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"remote_as": 64599}, "remote-as"),
        ({"local_as": 64999}, "local-as"),
        ({"local_address": ip_address("172.20.1.9")}, "local-address"),
    ],
)
def test_both_ends_agree_on_something_else(changes: dict[str, Any], cause: str) -> None:
    expected = replace(ER, **changes)
    (found,) = stale.session(expected, [neighbor(ER)], [SEEN], ER.local_as)
    assert (found.rule, found.cause, found.object) == ("intent.stale", cause, ER.id)
    assert found.evidence
    assert str(next(iter(changes.values()))) in found.message


@pytest.mark.parametrize("state", ["Idle", "Active", "OpenSent", "OpenConfirm"])
def test_without_a_session_one_end_may_be_wrong(state: str) -> None:
    down = neighbor(ER, state=state, local_address=None)
    assert causes(replace(ER, remote_as=64599, local_as=1), [down]) == []


def test_an_unknown_as_of_the_router_is_no_difference() -> None:
    assert causes(replace(ER, local_as=64999), asn=None) == []
    assert causes(replace(ER, local_as=64999), [neighbor(ER, local_as=64999)]) == []


def test_a_neighbor_on_the_same_interface_took_its_place() -> None:
    moved = replace(ER, neighbor=ip_address("172.20.1.99"))
    assert causes(moved) == ["neighbor-address"]
    assert causes(moved, [neighbor(ER, remote_as=64599)]) == []
    assert causes(moved, [neighbor(ER, state="Active")]) == []
    assert causes(moved, [neighbor(ER, address=ip_address("172.20.77.2"))]) == []
    assert causes(replace(moved, interface="TenGigabitEthernet9/9/9.9")) == []


def test_tags_that_carry_a_session_are_those_of_both_ends() -> None:
    old = replace(INTERFACE, vlans=(12, 121))
    (found,) = stale.tags(old, SEEN, [neighbor(ER)])
    assert (found.cause, found.object) == ("tags", INTERFACE.id)
    assert "12/121" in found.message
    assert "12/120" in found.message
    assert stale.tags(INTERFACE, SEEN, [neighbor(ER)]) == []
    assert stale.tags(old, SEEN, [neighbor(ER, state="Idle")]) == []
    assert stale.tags(replace(INTERFACE, vlans=None), SEEN, [neighbor(ER)]) == []


def test_a_tunnel_that_leads_elsewhere_and_is_up() -> None:
    old = replace(TUNNEL, peer=ip_address("203.0.113.77"))
    (found,) = stale.tunnel(old, TUNNEL_INTERFACE, [IKE_SA])
    assert (found.cause, found.object) == ("peer", TUNNEL.id)
    assert stale.tunnel(TUNNEL, TUNNEL_INTERFACE, [IKE_SA]) == []
    assert stale.tunnel(old, TUNNEL_INTERFACE, []) == []
    assert stale.tunnel(old, TUNNEL_INTERFACE, [replace(IKE_SA, status="IN-NEG")]) == []
    assert stale.tunnel(old, TUNNEL_INTERFACE, [replace(IKE_SA, remote_address=ip_address("203.0.113.10"))]) == []


def test_every_cause_is_shown_here() -> None:
    shown = {"remote-as", "local-as", "local-address", "neighbor-address", "tags", "peer"}
    assert set(stale.RULE.causes) == shown

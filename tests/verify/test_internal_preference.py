"""The local preference of an internal session: declared, it is judged; no policy of this router need give it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify import verify_records as records

from pytest_azinterop.intent.models import Policy
from pytest_azinterop.verify import policy, scope
from pytest_azinterop.verify.observed import ObservedPolicy

INTERNAL = replace(
    records.ER, role="internal", remote_as=records.ER.local_as, policy=Policy(), interface=None, local_preference=300
)


def observed(preference: int | None) -> ObservedPolicy:
    paths = [
        records.path(prefix, records.MSEE, 64512, internal=True, local_preference=preference)
        for prefix in records.ER_ROUTES
    ]
    return records.er_policy(
        neighbor=records.neighbor(INTERNAL, route_map_in=None),
        accepted=records.routes("accepted", records.MSEE, paths),
        received=None,
    )


@pytest.mark.parametrize(("preference", "causes"), [(300, []), (100, ["wrong-preference"])])
def test_what_its_routes_bring_is_judged(preference: int, causes: list[str]) -> None:
    found = policy.local_preference(INTERNAL, observed(preference))
    assert [(each.rule, each.cause) for each in found] == [("policy.local-preference", cause) for cause in causes]
    assert scope.reason_not_judged("policy.local-preference", INTERNAL) is None
    assert scope.reason_not_judged("policy.local-preference", replace(INTERNAL, local_preference=None)) is not None


def test_it_needs_no_route_map_of_this_router() -> None:
    assert policy.bound(INTERNAL, observed(300)) == []
    assert scope.reason_not_judged("policy.bound", INTERNAL) is not None
    assert [each.cause for each in policy.bound(replace(INTERNAL, role="vpn"), observed(300))] == ["no-inbound-policy"]


@pytest.mark.parametrize(("carried", "found"), [(300, []), (100, ["policy.effect"])])
def test_what_its_route_map_sets_replaces_what_it_carries(carried: int, found: list[str]) -> None:
    """Received with 100, and the bound route-map sets 300."""
    before = [
        records.path(prefix, records.MSEE, 64512, internal=True, best=False, local_preference=100)
        for prefix in records.ER_ROUTES
    ]
    seen = replace(
        observed(carried),
        neighbor=records.neighbor(INTERNAL, route_map_in="RAISE", external=False),
        received=records.routes("received", records.MSEE, before),
    )
    assert sorted({each.rule for each in policy.effect(INTERNAL, seen)}) == found

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

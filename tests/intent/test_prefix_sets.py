"""What declared sets of prefixes demand and permit once they are one expectation."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from pytest_azinterop.intent.models import PrefixSet
from pytest_azinterop.intent.prefixes import union

NEAR, FAR, INSIDE, OUTSIDE = map(ip_network, ("10.1.0.0/16", "10.2.0.0/16", "10.1.4.0/24", "10.3.0.0/24"))


@pytest.mark.parametrize(
    ("sets", "present", "unmet"),
    [
        ([{"within": [NEAR, FAR]}], [INSIDE], (FAR,)),
        ([{"at_least": [INSIDE], "within": [NEAR, FAR]}], [INSIDE], ()),
        ([{"at_least": [INSIDE], "within": [NEAR, FAR]}, {"within": [FAR]}], [INSIDE], (FAR,)),
        ([{"at_least": [OUTSIDE]}, {"within": [NEAR]}], [OUTSIDE], (NEAR,)),
        ([{"exactly": [INSIDE]}], [], ()),
    ],
)
def test_spaces_that_must_hold_a_prefix(
    sets: list[dict[str, list[object]]], present: list[object], unmet: object
) -> None:
    expected = union(PrefixSet.model_validate(each) for each in sets)
    assert expected.unmet_spaces(frozenset(present)) == unmet  # type: ignore[arg-type]


def test_a_space_that_may_be_empty_still_bounds_what_is_permitted() -> None:
    expected = union([PrefixSet.model_validate({"at_least": [INSIDE], "within": [NEAR, FAR]})])
    assert expected.permits(ip_network("10.2.7.0/24"))
    assert not expected.permits(OUTSIDE)

"""Accepted paths lead to the neighbor that sent them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from verify.verify_records import ER, ER_ACCEPTED, MSEE, neighbor, path, routes

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.verify.next_hop import of_neighbor
from pytest_azinterop.verify.observed import ObservedRoutes

ELSEWHERE = path("10.60.0.0/24", "10.7.9.2", 12076)


def observed(*accepted: Any, **changes: Any) -> ObservedRoutes:
    return ObservedRoutes(neighbor(ER, **changes), None, accepted=routes("accepted", MSEE, accepted))


def test_paths_to_the_neighbor_pass() -> None:
    assert of_neighbor(ER, observed(*ER_ACCEPTED)) == []


@pytest.mark.parametrize(("name", "cause"), [("IN", "changed"), (None, "as-sent")])
def test_a_path_to_somebody_else_is_told(name: str | None, cause: str) -> None:
    (found,) = of_neighbor(ER, observed(*ER_ACCEPTED, ELSEWHERE, route_map_in=name))
    assert (found.rule, found.cause) == ("routes.next-hop", cause)
    assert "10.7.9.2" in found.message
    assert "10.60.0.0/24" in found.message


def test_without_the_session_or_its_routes_nothing_passes() -> None:
    assert of_neighbor(ER, observed(*ER_ACCEPTED, state="Active"))
    assert of_neighbor(ER, replace(observed(), neighbor=None))
    with pytest.raises(UndeterminedError):
        of_neighbor(ER, replace(observed(), accepted=None))

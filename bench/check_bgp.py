"""What NUTS's BGP bundle asserts, over our driver and parsers: `BENCH_INVENTORY` is the folder of an inventory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from try_nuts import NEIGHBORS, VRF

from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.run import collect

if TYPE_CHECKING:
    from pytest_azinterop.collect.store import FactStore

KINDS = ("bgp_neighbors", "bgp_summary")
INVENTORY = load(Path(os.environ["BENCH_INVENTORY"]))


def _fact(host: str, kind: str) -> Fact:
    return Fact.of(host, kind, vrf=VRF)


@pytest.fixture(scope="session")
def facts() -> FactStore:
    """All routers, asked once."""
    return collect(plan(_fact(host, kind) for host in INVENTORY.hosts for kind in KINDS), INVENTORY)


@pytest.mark.parametrize("expected", NEIGHBORS, ids=lambda each: each["peer"])
@pytest.mark.parametrize("host", INVENTORY.hosts)
def test_neighbor(host: str, expected: dict[str, object], facts: FactStore) -> None:
    found = {str(each.address): each for each in facts.records(_fact(host, "bgp_neighbors"))}[str(expected["peer"])]
    (whole,) = facts.records(_fact(host, "bgp_summary"))
    assert (found.remote_as, whole.local_as) == (expected["remote_as"], 65021)
    assert (found.state, found.shutdown) == ("Established", False)


@pytest.mark.parametrize("host", INVENTORY.hosts)
def test_number_of_neighbors(host: str, facts: FactStore) -> None:
    assert len(facts.records(_fact(host, "bgp_neighbors"))) == len(NEIGHBORS)

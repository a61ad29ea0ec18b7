"""Never green without evidence, subject by subject: what is needed is what is read, and each fact of it counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from plugin.agreeing_network import MemoryFacts

from pytest_azinterop import shipped
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.loader import load
from pytest_azinterop.subjects import SUBJECTS, clock_offset

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Need
    from pytest_azinterop.intent.expectations import Expectations

LAB = shipped.inventory("lab")
assert LAB is not None
EVERYTHING: Expectations = load(LAB).expectations
CASES = [
    pytest.param(name, expected, id=f"{name}-{expected.id}")
    for name, kind in SUBJECTS.items()
    for expected in kind.select(EVERYTHING)
]


def flat(needs: tuple[Need, ...]) -> list[Fact]:
    """The facts of these needs, probes with them."""
    facts: list[Fact] = []
    for need in needs:
        facts += [need.fact, *([need.probe] if need.probe else [])] if isinstance(need, Sampled) else [need]
    return list(dict.fromkeys(facts))


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_each_needed_fact_counts(name: str, expected: Any) -> None:
    kind = SUBJECTS[name]
    needed = flat(kind.needs(expected))
    assert needed
    for fact in needed:
        lacking = MemoryFacts(EVERYTHING).lose_fact(fact)
        with pytest.raises(UndeterminedError):
            kind.observe(expected, lacking, EVERYTHING)


@pytest.mark.parametrize(("name", "expected"), CASES)
def test_what_is_needed_suffices(name: str, expected: Any) -> None:
    kind = SUBJECTS[name]
    just_enough = MemoryFacts(EVERYTHING).only(flat(kind.needs(expected)))
    assert kind.observe(expected, just_enough, EVERYTHING) is not None


def test_every_need_has_a_command() -> None:
    needs = [need for kind in SUBJECTS.values() for each in kind.select(EVERYTHING) for need in kind.needs(each)]
    planned = plan(needs)
    assert {router.host for router in planned.routers} == {device.router for device in EVERYTHING.devices}
    for router in planned.routers:
        assert all(count <= 2 for count in router.budget.values())


def test_a_subject_s_ids_are_unique() -> None:
    for kind in SUBJECTS.values():
        ids = [expected.id for expected in kind.select(EVERYTHING)]
        assert len(ids) == len(set(ids))


def test_the_clock_s_offset_is_unknown_in_an_unknown_zone() -> None:
    router = EVERYTHING.devices[0].router
    (reading,) = MemoryFacts(EVERYTHING).records(Fact.of(router, "clock"))
    offset = clock_offset(reading)
    assert offset is not None
    assert offset.total_seconds() == 0
    from dataclasses import replace

    assert clock_offset(replace(reading, time=reading.time.replace(tzinfo=None), zone="CEST")) is None


def test_routes_before_policy_are_not_asked_for_where_the_router_does_not_keep_them() -> None:
    from dataclasses import replace

    kind = SUBJECTS["reception"]
    expected = kind.select(EVERYTHING)[0]
    facts = MemoryFacts(EVERYTHING).change("bgp_neighbors", lambda r: replace(r, soft_reconfiguration_inbound=False))
    facts.lose("received_routes", cause="soft-reconfiguration-off")
    assert kind.observe(expected, facts, EVERYTHING).received is None


def test_the_list_of_fixtures_is_the_list_of_subjects() -> None:
    from pytest_azinterop.plugin import FIXTURES

    assert set(FIXTURES) == {*SUBJECTS, "judge"}
    assert Path(shipped.checks()).is_dir()


def test_a_circuit_that_tells_no_peerings_is_not_one_without_a_peering() -> None:
    from dataclasses import replace

    kind = SUBJECTS["binding_of_path"]
    silent = MemoryFacts(EVERYTHING).change("circuit", lambda circuit: replace(circuit, peerings=None))
    for expected in kind.select(EVERYTHING):
        with pytest.raises(UndeterminedError, match="no list of peerings"):
            kind.observe(expected, silent, EVERYTHING)

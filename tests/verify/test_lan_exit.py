"""Which router a LAN prefers, by what each tells it: one change of what agrees at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest
from verify.test_lan_external import HUB, SPOKE, lsa, seen
from verify.test_lan_routes import LAN

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.expectations import ExpectedPrefixes
from pytest_azinterop.intent.lan_exit import ExpectedExit
from pytest_azinterop.state.ospf import ExternalLsa
from pytest_azinterop.verify.lan_exit import ObservedExitRouter, ObservedExits, preferred
from pytest_azinterop.verify.rules import RULES

assert LAN.ospf is not None
NETWORKS = ExpectedPrefixes(frozenset({IPv4Network(HUB), IPv4Network(SPOKE)}), (IPv4Network("10.62.0.0/16"),))
PORT = replace(LAN, ospf=replace(LAN.ospf, networks=NETWORKS))
ONE, TWO = PORT.router, "edge-z"
EXPECTED = ExpectedExit(PORT.customer, PORT.site, (ONE,), (PORT, replace(PORT, router=TWO)))
BOTH = replace(EXPECTED, exits=(ONE, TWO))


def tells(prefix: str, metric: int = 10, kind: int = 2, **changes: Any) -> ExternalLsa:
    return replace(lsa(prefix), metric=metric, metric_type=kind, **changes)


def router(name: str, *told: ExternalLsa, **changes: Any) -> ObservedExitRouter:
    external = seen(*told, **changes)
    return ObservedExitRouter(replace(PORT, router=name), external.config, external.databases)


def both(one: tuple[ExternalLsa, ...], two: tuple[ExternalLsa, ...]) -> ObservedExits:
    return ObservedExits((router(ONE, *one), router(TWO, *two)))


NEAR, FAR, AWAY = (tells(HUB), tells(SPOKE)), (tells(HUB, 20), tells(SPOKE, 20)), (tells("10.99.0.0/24", 1),)
NO_PROCESS = "network 10.99.0.0 0.0.0.255 area 0"
AGREEING: dict[str, tuple[ExpectedExit, ObservedExits]] = {
    "the other tells more": (EXPECTED, both(NEAR, FAR)),
    "the other tells nothing": (EXPECTED, both(NEAR, ())),
    "the other tells something else": (EXPECTED, both(NEAR, AWAY)),
    "both alike": (BOTH, both(NEAR, NEAR)),
    "one of them tells less": (BOTH, both(NEAR, NEAR[:1])),
    "what is being withdrawn does not count": (EXPECTED, both(FAR, (tells(HUB, 1, age=3600),))),
    "one of type 1 alone": (EXPECTED, both((tells(HUB, 10, 1),), ())),
    "both of type 1, and both declared": (BOTH, both((tells(HUB, 10, 1),), (tells(HUB, 20, 1),))),
    "the declared one of type 1, the other cheaper of type 2": (EXPECTED, both((tells(HUB, 99, 1),), (tells(HUB, 1),))),
    "the other has no process": (
        EXPECTED,
        ObservedExits((router(ONE, *NEAR), router(TWO, network=NO_PROCESS))),
    ),
}
CASES: dict[str, tuple[ExpectedExit, ObservedExits, str]] = {
    "the other tells less": (EXPECTED, both(FAR, NEAR), "other-router"),
    "the other tells the same": (EXPECTED, both(NEAR, NEAR), "other-router"),
    "the other alone tells a network": (EXPECTED, both(NEAR[:1], FAR), "other-router"),
    "the other alone tells a part of one": (
        EXPECTED,
        both(NEAR, (tells(HUB.replace("/24", "/25"), 99),)),
        "other-router",
    ),
    "a part of a declared space": (EXPECTED, both(NEAR, (tells("10.62.7.0/24"),)), "other-router"),
    "not alike": (BOTH, both(NEAR, FAR), "not-shared"),
    "one of type 1": (BOTH, both((tells(HUB, 10, 1),), NEAR[:1]), "not-shared"),
    "the other of type 1": (EXPECTED, both(NEAR[:1], (tells(HUB, 99, 1),)), "other-router"),
    "nothing": (BOTH, both((), AWAY), "nothing-told"),
    "no process": (
        BOTH,
        ObservedExits(tuple(router(name, network=NO_PROCESS) for name in (ONE, TWO))),
        "nothing-told",
    ),
}


@pytest.mark.parametrize("name", AGREEING)
def test_what_agrees_has_no_finding(name: str) -> None:
    assert preferred(*AGREEING[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_another_way_out_has_its_cause(name: str) -> None:
    expected, observed, cause = CASES[name]
    found = preferred(expected, observed)
    assert [each.cause for each in found] == [cause]
    assert (found[0].rule, found[0].object) == ("lan.exit", f"{PORT.customer}/{PORT.site}")
    assert found[0].evidence
    assert ", expected " in found[0].message


def test_every_cause_has_a_case() -> None:
    assert {cause for _, _, cause in CASES.values()} == set(RULES["lan.exit"].causes)


def test_networks_with_one_way_out_are_told_together() -> None:
    (found,) = preferred(EXPECTED, both(FAR, NEAR))
    assert f"exit to {HUB}, {SPOKE} is {TWO}, expected {ONE}" in found.message


def test_what_is_not_known_is_not_judged() -> None:
    compete = both((tells(HUB, 10, 1),), (tells(HUB, 20, 1),))
    other = ObservedExits((router(ONE, *NEAR), router(TWO, *FAR, number=99)))
    for observed in (compete, other):
        with pytest.raises(UndeterminedError):
            preferred(EXPECTED, observed)

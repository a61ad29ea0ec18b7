"""Answers that cannot both be whole, or that are another's: what rests on them is not determined, and never passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plugin.agreeing_network import MemoryFacts
from plugin.test_subjects import EVERYTHING

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verify import azure_gateway, azure_subnet, underlay


def observe(kind: str, facts: MemoryFacts, number: int = 0) -> Any:
    expected = SUBJECTS[kind].select(EVERYTHING)[number]
    return expected, SUBJECTS[kind].observe(expected, facts, EVERYTHING)


def healthy() -> MemoryFacts:
    return MemoryFacts(EVERYTHING)


@pytest.mark.parametrize("kind", ["site_routes", "site_backup", "site_configuration", "both_sides", "standby"])
def test_a_table_lacks_what_a_neighbor_brought(kind: str) -> None:
    observe(kind, healthy())
    for lost in (lambda paths: (), lambda paths: paths[:-1], lambda paths: paths[1:]):
        cut = healthy().change("bgp_table", lambda table, lost=lost: replace(table, paths=lost(_learned(table.paths))))
        with pytest.raises(UndeterminedError) as caught:
            observe(kind, cut)
        assert caught.value.cause == "contradiction"


def _learned(paths: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(path for path in paths if not path.next_hop.is_unspecified)


@pytest.mark.parametrize("kind", ["site_routes", "site_paths"])
def test_a_neighbor_is_not_listed_whose_routes_are_in_the_table(kind: str) -> None:
    with pytest.raises(UndeterminedError, match="not among the neighbors") as caught:
        observe(kind, healthy().change("bgp_neighbors", lambda _: None))
    assert caught.value.cause == "contradiction"


def test_a_neighbor_that_is_gone_with_its_routes_is_no_contradiction() -> None:
    gone = healthy().change("bgp_neighbors", lambda _: None)
    gone.change("bgp_table", lambda table: replace(table, paths=()))
    _, observed = observe("site_routes", gone)
    assert all(not router.neighbors for router in observed.routers)


def test_an_empty_table_beside_a_neighbor_that_counts_prefixes_is_no_table() -> None:
    beside = EVERYTHING.sites[0].internal[0].neighbor
    odd = healthy().change(
        "bgp_neighbors", lambda each: replace(each, accepted_prefixes=3 if each.address == beside else 0)
    )
    odd.change("bgp_table", lambda table: replace(table, paths=()))
    odd.change("accepted_routes", lambda routes: replace(routes, paths=()))
    with pytest.raises(UndeterminedError, match="the BGP table is empty"):
        observe("site_routes", odd)


@pytest.mark.parametrize("kind", ["learned_routes", "reception", "routing_policy", "site_routes"])
def test_no_route_is_listed_of_a_neighbor_that_counts_some(kind: str) -> None:
    odd = healthy().change("bgp_neighbors", lambda neighbor: replace(neighbor, accepted_prefixes=3))
    odd.change("accepted_routes", lambda routes: replace(routes, paths=()))
    with pytest.raises(UndeterminedError, match="it brought 3 prefixes") as caught:
        observe(kind, odd)
    assert caught.value.cause == "contradiction"
    odd.change("bgp_neighbors", lambda neighbor: replace(neighbor, accepted_prefixes=0))
    odd.change("bgp_table", lambda table: replace(table, paths=()))
    observe(kind, odd)  # it brought none


@pytest.mark.parametrize(
    ("kind", "view"), [("learned_routes", "accepted"), ("reception", "accepted"), ("received_prefixes", "received")]
)
def test_routes_that_all_came_by_another_neighbor_are_refused(kind: str, view: str) -> None:
    expected, _ = observe(kind, healthy())
    others = [
        other.neighbor
        for other in EVERYTHING.sessions
        if (other.router, other.vrf) == (expected.router, expected.vrf) and other.neighbor != expected.neighbor
    ]
    assert others

    def through(*hops: Any) -> MemoryFacts:
        return healthy().change(
            f"{view}_routes",
            lambda routes: replace(
                routes,
                paths=tuple(
                    replace(path, next_hop=hops[place % len(hops)]) for place, path in enumerate(routes.paths * 2)
                ),
            ),
        )

    with pytest.raises(UndeterminedError, match="which is another neighbor"):
        observe(kind, through(others[0]))
    observe(kind, through(expected.neighbor, others[0]))


def test_an_interface_that_packets_leave_by_is_among_the_interfaces() -> None:
    expected, observed = observe("vpn_underlay", healthy())
    assert underlay.session_in_tunnel(expected, observed) == []
    with pytest.raises(UndeterminedError, match="not among the interfaces"):
        underlay.session_in_tunnel(expected, replace(observed, tunnel=None))


@pytest.mark.parametrize(
    ("kind", "table"), [("gateway_routes", "learned-routes"), ("subnet_routes", "effective-routes")]
)
def test_a_table_of_azure_that_is_never_empty_tells_something(kind: str, table: str) -> None:
    with pytest.raises(UndeterminedError, match="no route at all"):
        observe(kind, healthy().change(table.replace("-", "_"), lambda _: None).change(table, lambda _: None))


def test_a_gateway_of_which_azure_tells_no_state_is_not_provisioned() -> None:
    expected, observed = observe("gateway", healthy())
    assert azure_gateway.state(expected, observed) == []
    silent = replace(observed, gateway=replace(observed.gateway, provisioning_state=None))
    with pytest.raises(UndeterminedError, match="is not told"):
        azure_gateway.state(expected, silent)


def test_a_route_table_that_does_not_say_whether_it_keeps_routes_out_is_no_evidence() -> None:
    judged = 0
    for number, expected in enumerate(SUBJECTS["subnet"].select(EVERYTHING)):
        _, observed = observe("subnet", healthy(), number)
        if observed.table is None or expected.via is not None:
            continue
        silent = replace(observed, table=replace(observed.table, disable_bgp_propagation=None))
        with pytest.raises(UndeterminedError, match="is not told"):
            azure_subnet.route_table(expected, silent)
        judged += 1
    assert judged

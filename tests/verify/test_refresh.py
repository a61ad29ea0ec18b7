"""A refresh is offered only where the configured policy does what the intent wants."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from verify import verify_records as agreeing
from verify.verify_records import ER, MSEE, OWN, er_policy, neighbor, path, routes

from pytest_azinterop.state.routing import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from pytest_azinterop.verify import policy
from pytest_azinterop.verify.finding import Finding

BLANK = routes("accepted", MSEE, [replace(each, local_preference=None) for each in agreeing.ER_ACCEPTED])
OTHER = path("10.99.0.0/24", MSEE, 64512)


def route_map(*entries: RouteMapEntry) -> RouteMap:
    return RouteMap("RAISE", entries, source=agreeing.source("show route-map"))


def setting(value: int) -> RouteMap:
    return route_map(RouteMapEntry(10, True, (), (f"local-preference {value}",)))


def judged(**changes: Any) -> list[Finding]:
    return policy.effect(ER, er_policy(**changes))


def test_a_refresh_that_gives_what_the_intent_wants_is_offered() -> None:
    (found,) = judged(accepted=BLANK)
    assert (found.cause, found.severity) == ("not-refreshed", "high")
    assert found.next_command == "clear ip bgp vrf blue 172.20.1.2 soft in (changes routes: in a window)"


@pytest.mark.parametrize("value", [20, 400])
def test_a_refresh_that_would_spoil_right_routes_is_warned_of(value: int) -> None:
    (found,) = judged(route_maps=(setting(value),))
    assert (found.cause, found.severity) == ("wrong-when-refreshed", "high")
    assert f"is 300 and would be {value} after a refresh, expected 300" in found.message
    assert found.likely == (
        f"the configured policy would set {value}, the intent wants 300: do not refresh; correct the route-map first"
    )
    assert found.next_command == "show route-map RAISE"


def test_a_policy_that_sets_nothing_leaves_the_default() -> None:
    (found,) = judged(neighbor=neighbor(ER, route_map_in=None))
    assert "would leave 100, the intent wants 300" in str(found.likely)
    assert found.next_command == "show running-config | section router bgp"


def test_a_filter_that_would_drop_a_declared_route_is_to_be_corrected() -> None:
    some = PrefixList("IN", (PrefixListEntry(5, True, agreeing.SHARED),), source=agreeing.source())
    (found,) = judged(neighbor=neighbor(ER, prefix_list_in="IN"), prefix_lists=(agreeing.SITE_LIST, some))
    assert found.cause == "wrong-when-refreshed"
    assert "10.62.0.0/22 is accepted and would be dropped after a refresh, expected accepted" in found.message
    assert "10.60.0.0/24" not in found.message
    assert found.next_command == "show ip prefix-list detail IN"


def test_a_filter_that_would_let_in_what_is_not_declared_is_to_be_corrected() -> None:
    (found,) = judged(received=routes("received", MSEE, [*agreeing.ER_RECEIVED, OTHER]))
    assert found.cause == "wrong-when-refreshed"
    assert "10.99.0.0/24 is not accepted and would be let in after a refresh, expected denied" in found.message
    assert "clear" not in str(found.next_command)


def test_dropping_what_is_not_declared_is_what_the_intent_wants() -> None:
    entries = (RouteMapEntry(5, False, ("ip address prefix-lists: BAD",), ()), *agreeing.RAISE.entries)
    bad = PrefixList("BAD", (PrefixListEntry(5, True, ip_network("10.99.0.0/24")),), source=agreeing.source())
    (found,) = judged(
        route_maps=(route_map(*entries),),
        prefix_lists=(agreeing.SITE_LIST, bad),
        received=routes("received", MSEE, [*agreeing.ER_RECEIVED, OTHER]),
        accepted=routes("accepted", MSEE, [*agreeing.ER_ACCEPTED, replace(OTHER, local_preference=300)]),
    )
    assert found.cause == "not-refreshed"
    assert str(found.next_command).startswith("clear ip bgp")


def test_one_route_that_a_refresh_would_spoil_withdraws_the_offer_for_all() -> None:
    entries = (
        RouteMapEntry(5, True, ("ip address prefix-lists: ONE",), ("local-preference 20",)),
        *agreeing.RAISE.entries,
    )
    one = PrefixList("ONE", (PrefixListEntry(5, True, agreeing.SHARED),), source=agreeing.source())
    first, second = agreeing.ER_ACCEPTED
    found = judged(
        route_maps=(route_map(*entries),),
        prefix_lists=(agreeing.SITE_LIST, one),
        accepted=routes("accepted", MSEE, [first, replace(second, local_preference=None)]),
    )
    assert sorted(each.cause for each in found) == ["not-refreshed", "wrong-when-refreshed"]
    assert {each.next_command for each in found} == {"show route-map RAISE"}


def test_a_declared_route_that_the_neighbor_no_longer_sends_is_not_refreshed_away() -> None:
    found = judged(received=routes("received", MSEE, agreeing.ER_RECEIVED[:1]))
    assert [each.cause for each in found] == ["not-refreshed"]
    assert "clear" not in str(found[0].next_command)


def test_an_outbound_filter_that_would_withdraw_a_declared_route_is_to_be_corrected() -> None:
    wrong = PrefixList("SITE", (PrefixListEntry(10, False, OWN),), source=agreeing.source())
    (found,) = judged(prefix_lists=(wrong,))
    assert found.cause == "wrong-when-refreshed"
    assert "10.7.0.0/24 is advertised and would be withdrawn after a refresh, expected advertised" in found.message
    assert found.next_command == "show ip prefix-list detail SITE"


def test_the_cause_of_a_wrong_preference_promises_nothing_that_a_refresh_would_not_bring() -> None:
    text = agreeing.CONFIG_TEXT.replace("set local-preference 300", "set local-preference 20")
    wrong = agreeing.er_routes(accepted=BLANK, config=agreeing.config(text))
    assert [each.cause for each in policy.local_preference(ER, wrong)] == ["wrong-value"]
    right = agreeing.er_routes(accepted=BLANK)
    assert [each.cause for each in policy.local_preference(ER, right)] == ["route-map-not-applied-since-refresh"]


@pytest.mark.parametrize(("configured", "offered"), [(40, False), (0, True)])
def test_a_refresh_that_would_bring_a_weight_is_not_offered(configured: int, offered: bool) -> None:
    """Weight overrules every preference that the intent declares."""
    sets = ("local-preference 300", f"weight {configured}")
    accepted = [replace(each, weight=20) for each in agreeing.ER_ACCEPTED]
    found = judged(
        route_maps=(route_map(RouteMapEntry(10, True, (), sets)),), accepted=routes("accepted", MSEE, accepted)
    )
    assert found
    assert all(("clear" in str(each.next_command)) is offered for each in found)

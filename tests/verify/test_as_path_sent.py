"""What a router prepends to what it announces: read from its outbound policy and from the paths that it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.verify_records import ER, LOCAL, MSEE, OWN, RAISE, er_policy, neighbor, routes, source

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.bgp import AsPath
from pytest_azinterop.state.routing import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry
from pytest_azinterop.verify import as_path_sent, scope

JUDGED = replace(ER, announce_prepends=0)


def route_map(*entries: RouteMapEntry) -> RouteMap:
    return RouteMap("OUT", entries, source=source("show route-map"))


def entry(*sets: str, matches: tuple[str, ...] = (), sequence: int = 10, permit: bool = True) -> RouteMapEntry:
    return RouteMapEntry(sequence, permit, matches, sets)


def observed(*entries: RouteMapEntry, path: Any = LOCAL, **changes: Any) -> Any:
    return er_policy(
        neighbor=neighbor(ER, route_map_out="OUT"),
        route_maps=(RAISE, route_map(*entries)),
        prefix_lists=(
            PrefixList("SITE", (PrefixListEntry(5, True, OWN),), source=source()),
            PrefixList("NONE", (PrefixListEntry(5, False, OWN),), source=source()),
        ),
        advertised=routes("advertised", MSEE, [path]),
        **changes,
    )


@pytest.mark.parametrize(
    ("declared", "sets", "causes"),
    [
        (0, (), []),
        (0, ("community 1:1",), []),
        (0, ("as-path prepend 64900 64900 64900",), ["prepended"]),
        (0, ("as-path prepend 64900",), ["prepended"]),
        (3, ("as-path prepend 64900 64900 64900",), []),
        (2, ("as-path prepend 64900 64900 64900",), ["prepended"]),
        (3, ("as-path prepend 64900",), ["not-prepended"]),
        (1, (), ["not-prepended"]),
    ],
)
def test_the_outbound_route_map_decides(declared: int, sets: tuple[str, ...], causes: list[str]) -> None:
    found = as_path_sent.prepends(replace(ER, announce_prepends=declared), observed(entry(*sets)))
    assert [each.cause for each in found] == causes
    for each in found:
        assert str(OWN) in each.message
        assert each.evidence


def test_only_the_entry_that_a_route_meets_counts() -> None:
    prepend = "as-path prepend 64900 64900"
    missed = entry(prepend, matches=("ip address prefix-lists: NONE",), sequence=5)
    assert as_path_sent.prepends(JUDGED, observed(missed, entry())) == []
    met = entry(prepend, matches=("ip address prefix-lists: SITE",), sequence=5)
    assert [each.cause for each in as_path_sent.prepends(JUDGED, observed(met, entry()))] == ["prepended"]


def test_a_path_that_is_shown_lengthened_counts_without_a_route_map() -> None:
    shown = replace(LOCAL, as_path=AsPath("64900 64900", (64900, 64900)))
    bare = er_policy(advertised=routes("advertised", MSEE, [shown]))
    (found,) = as_path_sent.prepends(JUDGED, bare)
    assert (found.cause, "2 times" in found.message) == ("prepended", True)
    assert as_path_sent.prepends(JUDGED, er_policy()) == []


@pytest.mark.parametrize("sets", ["as-path replace any", "as-path prepend last-as 3"])
def test_what_is_not_modelled_is_not_guessed(sets: str) -> None:
    with pytest.raises(UndeterminedError, match="AS path"):
        as_path_sent.prepends(JUDGED, observed(entry(sets)))
    unknown = entry("as-path prepend 64900", matches=("tag 7",))
    with pytest.raises(UndeterminedError, match="match tag 7"):
        as_path_sent.prepends(JUDGED, observed(unknown))
    # A clause that is not modelled matters only where something changes the path.
    assert as_path_sent.prepends(JUDGED, observed(entry(matches=("tag 7",)))) == []


def test_the_last_as_of_a_learned_path_is_repeated() -> None:
    learned = replace(LOCAL, as_path=AsPath("64999", (64999,)))
    (found,) = as_path_sent.prepends(JUDGED, observed(entry("as-path prepend last-as 2"), path=learned))
    assert "2 times" in found.message


def test_what_is_down_absent_or_not_judged() -> None:
    down = observed(entry("as-path prepend 64900"), path=LOCAL)
    assert [
        each.rule for each in as_path_sent.prepends(JUDGED, replace(down, neighbor=neighbor(ER, state="Idle")))
    ] == ["bgp.state"]
    assert [each.rule for each in as_path_sent.prepends(JUDGED, replace(down, neighbor=None))] == ["bgp.neighbor"]
    assert as_path_sent.prepends(ER, down) == []
    assert scope.reason_not_judged("routes.announced-as-path", ER)
    assert scope.reason_not_judged("routes.announced-as-path", JUDGED) is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 2**32 - 1), min_size=1, max_size=10), st.integers(0, 10))
def test_every_prepended_asn_counts(asns: list[int], declared: int) -> None:
    text = "as-path prepend " + " ".join(map(str, asns))
    found = as_path_sent.prepends(replace(ER, announce_prepends=declared), observed(entry(text)))
    assert bool(found) is (len(asns) != declared)

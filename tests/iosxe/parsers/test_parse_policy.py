from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iosxe.parsers.parser_samples import SOURCE

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.parsers.policy import parse_prefix_lists, parse_route_maps

MAPS = """route-map prefer-ER, permit, sequence 10
  Description: what ExpressRoute brings
  Match clauses:
    ip address prefix-lists: A B
  Continue: sequence 30
  Set clauses:
    local-preference 200
    as-path prepend 65021 65021
  Policy routing matches: 12 packets, 3456 bytes
route-map prefer-ER, deny, sequence 20
  Match clauses:
  Set clauses:
  Policy routing matches: 0 packets, 0 bytes
"""
LISTS = """Prefix-list with the last deletion/insertion: OUT
ip prefix-list OUT:
   Description: to the private peering
   count: 2, range entries: 1, sequences: 5 - 10, refcount: 3
   seq 5 permit 10.2.30.0/25 (hit count: 7, refcount: 1)
   seq 10 deny 0.0.0.0/0 ge 8 le 32 (hit count: 0, refcount: 1)
"""


def test_a_route_map_with_its_sequences() -> None:
    (route_map,) = parse_route_maps(MAPS, SOURCE).records
    first, second = route_map.entries
    assert route_map.name == "prefer-ER"
    assert (first.sequence, first.permit, first.description) == (10, True, "what ExpressRoute brings")
    assert first.matches == ("ip address prefix-lists: A B",)
    assert first.sets == ("Continue: sequence 30", "local-preference 200", "as-path prepend 65021 65021")
    assert first.policy_matches == 12
    assert (second.sequence, second.permit, second.matches, second.sets) == (20, False, (), ())


LATE = """STATIC routemaps
route-map to-core, permit, sequence 10
  Match clauses:
    ip address prefix-lists: C
  Set clauses:
    weight 7
  Policy routing matches: 3 packets, 300 bytes
    local-preference 640
    community 65021:77
route-map to-core, deny, sequence 20
  Match clauses:
  Set clauses:
  Policy routing matches: 0 packets, 0 bytes
DYNAMIC routemaps
Current active dynamic routemaps = 0
"""


def test_what_bgp_sets_may_stand_behind_the_counter() -> None:
    (route_map,) = parse_route_maps(LATE, SOURCE).records
    first, second = route_map.entries
    assert first.sets == ("weight 7", "local-preference 640", "community 65021:77")
    assert (first.policy_matches, second.sets) == (3, ())


@pytest.mark.parametrize(
    "text",
    [
        LATE.replace("    local-preference 640", "local-preference 640"),
        LATE.replace("DYNAMIC routemaps\n", "DYNAMIC routemaps\n    local-preference 640\n"),
        "    local-preference 640\n" + LATE,
    ],
)
def test_a_clause_that_no_sequence_holds_is_refused(text: str) -> None:
    with pytest.raises(ParseError):
        parse_route_maps(text, SOURCE)


def test_a_prefix_list_with_its_sequences() -> None:
    (prefix_list,) = parse_prefix_lists(LISTS, SOURCE).records
    first, second = prefix_list.entries
    assert (prefix_list.name, str(first.prefix), first.ge, first.le, first.hit_count) == (
        "OUT",
        "10.2.30.0/25",
        None,
        None,
        7,
    )
    assert (second.permit, second.ge, second.le) == (False, 8, 32)
    short = "ip prefix-list OUT: 1 entries\n   seq 5 permit 10.2.30.0/25\n"
    assert parse_prefix_lists(short, SOURCE).records[0].entries[0].hit_count is None


def test_undefined_is_said_by_the_router() -> None:
    assert parse_route_maps("route-map X not found\n", SOURCE).records == ()
    assert parse_prefix_lists("% Can't find specified prefix list X\n", SOURCE).records == ()
    for parse in (parse_route_maps, parse_prefix_lists):
        assert parse("", SOURCE, may_be_empty=True).records == ()
        for text in ("", "anything\n"):
            with pytest.raises(ParseError):
                parse(text, SOURCE)


@given(st.integers(1, MAPS.rindex("bytes") - 1))
def test_a_cut_route_map_is_refused_or_ends_behind_a_sequence(cut: int) -> None:
    try:
        (route_map,) = parse_route_maps(MAPS[:cut], SOURCE).records
    except ParseError:
        return
    assert MAPS[:cut].rstrip().endswith("3456 bytes")
    assert len(route_map.entries) == 1


@given(st.integers(LISTS.index("ip prefix"), LISTS.rindex(")") - 1))
def test_a_cut_prefix_list_is_refused(cut: int) -> None:
    with pytest.raises(ParseError):
        parse_prefix_lists(LISTS[:cut], SOURCE)


@pytest.mark.parametrize("line", ["seq 5 permit 10.0.0.0/8 ge 4", "seq 5 permit 10.0.0.0/8 ge 20 le 10", "seq x", "?"])
def test_a_sequence_that_is_not_understood_is_named(line: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_prefix_lists(f"ip prefix-list A: 1 entries\n   {line}\n", SOURCE)
    assert caught.value.line_number == 2

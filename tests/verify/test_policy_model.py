"""What a route-map does to a route: `continue` and community lists, as the configuration writes them."""

from __future__ import annotations

from typing import Any

import pytest
from verify.verify_records import CONFIG_TEXT, MSEE, SHARED, config, path

from pytest_azinterop.verify.community_list import community_lists
from pytest_azinterop.verify.policy_config import definitions, other_lists
from pytest_azinterop.verify.policy_model import Effect, Verdict, apply_route_map, clause, preferences

PATH = path(SHARED, MSEE, 64512)
OTHER = path("10.99.0.0/24", MSEE, 64512)
LISTS = """ip community-list standard EAST permit 12076:51004 12076:50001
ip community-list standard EAST deny 12076:51005
ip community-list standard ALL permit internet
ip community-list standard NONE deny 12076:51004
ip community-list expanded REGION permit _12076:510[0-9][0-9]_
ip community-list 7 permit 12076:51004
ip prefix-list SHARED seq 5 permit 10.62.0.0/22
"""


def known(lines: str) -> Any:
    return definitions(config(CONFIG_TEXT.replace("route-map RAISE permit 10\n set local-preference 300\n", lines)))


def applied(lines: str, communities: tuple[str, ...] | None = None, row: Any = PATH) -> Effect:
    return apply_route_map("M", row, known(LISTS + lines), communities)


GOES_ON = "route-map M permit 10\n set local-preference 200\n continue {}\n"


@pytest.mark.parametrize(
    ("lines", "row", "value", "sequence"),
    [
        (GOES_ON.format(20) + "route-map M permit 20\n set local-preference 90\n", PATH, 90, 20),
        (GOES_ON.format("") + "route-map M permit 20\n set weight 5\n", PATH, 200, 20),
        (
            GOES_ON.format(30) + "route-map M permit 20\n set local-preference 90\nroute-map M permit 30\n",
            PATH,
            200,
            30,
        ),
        (GOES_ON.format(20) + "route-map M permit 20\n match ip address prefix-list SHARED\n", OTHER, 200, 10),
        (
            "route-map M permit 10\n match ip address prefix-list SHARED\n set local-preference 200\n continue 30\n"
            "route-map M permit 20\n set local-preference 90\nroute-map M permit 30\n",
            OTHER,
            90,
            20,
        ),
    ],
    ids=["replaced", "next one", "skips", "nothing behind it matches", "does not match itself"],
)
def test_continue_goes_on_with_a_later_sequence(lines: str, row: Any, value: int, sequence: int) -> None:
    found = applied(lines, row=row)
    assert (found.verdict, found.local_preference, found.sequence) == (Verdict.PERMIT, value, sequence)


@pytest.mark.parametrize(
    "rest",
    ["route-map M deny 20\n", "route-map M permit 20\n match local-preference 200\n"],
    ids=["a deny behind it", "a match on what was set"],
)
def test_what_continue_does_there_is_left_open(rest: str) -> None:
    assert applied(GOES_ON.format(20) + rest).verdict is Verdict.OPEN


MATCH = "route-map M permit 10\n match community {}\n set local-preference 200\n"
BOTH = ("12076:50001", "12076:51004")


@pytest.mark.parametrize(
    ("names", "communities", "verdict"),
    [
        ("EAST", BOTH, Verdict.PERMIT),
        ("EAST", (*BOTH, "65000:1"), Verdict.PERMIT),
        ("EAST exact-match", BOTH, Verdict.PERMIT),
        ("EAST exact-match", (*BOTH, "65000:1"), Verdict.DENY),
        ("EAST", BOTH[:1], Verdict.DENY),
        ("EAST", (), Verdict.DENY),
        ("EAST 7", BOTH[1:], Verdict.PERMIT),
        ("EAST", None, Verdict.OPEN),
        ("ALL", None, Verdict.PERMIT),
        ("NONE", None, Verdict.DENY),
        ("REGION", BOTH, Verdict.PERMIT),
        ("REGION", BOTH[:1], Verdict.DENY),
        ("REGION", None, Verdict.OPEN),
        ("WEST", BOTH, Verdict.OPEN),
    ],
)
def test_a_community_list_matches_as_configured(
    names: str, communities: tuple[str, ...] | None, verdict: Verdict
) -> None:
    assert applied(MATCH.format(names), communities).verdict is verdict


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (GOES_ON.format(20) + "route-map M permit 20\n set community 65000:1 additive\n", {200}),
        (GOES_ON.format(20) + "route-map M permit 20\n match metric 5\n set local-preference 90\n", {90, 200}),
        ("route-map M permit 10\n set local-preference 200\nroute-map M permit 20\n", {200}),
        ("route-map M permit 10\n match metric 5\n set local-preference 200\nroute-map M permit 20\n", {200, None}),
        ("route-map M deny 10\n match metric 5\nroute-map M permit 20\n set local-preference 7\n", {7}),
        ("route-map M deny 10\nroute-map M permit 20\n set local-preference 7\n", set()),
    ],
    ids=["continue adds", "continue may replace", "behind a catch-all", "falls through", "denies some", "denies all"],
)
def test_every_preference_that_a_map_can_give(lines: str, values: set[int | None]) -> None:
    assert preferences("M", known(LISTS + lines)) == values


@pytest.mark.parametrize(("carried", "verdict"), [(200, Verdict.PERMIT), (100, Verdict.DENY), (None, Verdict.OPEN)])
def test_a_match_on_the_local_preference_that_a_route_has(carried: int | None, verdict: Verdict) -> None:
    row = path(SHARED, MSEE, 64512, local_preference=carried)
    assert applied("route-map M permit 10\n match local-preference 200\n", row=row).verdict is verdict


@pytest.mark.parametrize(
    ("metric", "wanted", "verdict"),
    [(5, 5, Verdict.PERMIT), (5, 0, Verdict.DENY), (0, 0, Verdict.PERMIT), (None, 0, Verdict.PERMIT)],
)
def test_a_match_on_the_metric_that_a_route_has(metric: int | None, wanted: int, verdict: Verdict) -> None:
    """None that is printed is one of 0."""
    row = path(SHARED, MSEE, 64512, metric=metric)
    assert applied(f"route-map M permit 10\n match metric {wanted}\n", row=row).verdict is verdict


@pytest.mark.parametrize("kind", ["as-path", "access-list", "community"])
def test_a_list_is_known_by_its_kind_and_name(kind: str) -> None:
    text = (
        "ip as-path access-list 7 permit ^64512$\nip access-list standard ACCESS\n permit any\n"
        "ip community-list standard MARKS permit 64512:1\n"
    )
    names = {"as-path": {"7"}, "access-list": {"ACCESS"}, "community": {"MARKS"}}
    found = other_lists(config(CONFIG_TEXT.replace("route-map RAISE permit", text + "route-map RAISE permit", 1)), kind)
    for each, those in names.items():
        assert those <= found if each == kind else not those & found


@pytest.mark.parametrize(("word", "version"), [("ip", 4), ("ipv6", 6)])
def test_a_match_on_a_prefix_list_is_of_one_family(word: str, version: int) -> None:
    for text in (f"match {word} address prefix-list A B", f"{word} address prefix-lists: A B"):
        read = clause(text)
        assert (read.kind, read.values, read.version) == ("prefix-list", ("A", "B"), version)


@pytest.mark.parametrize(
    ("line", "expanded"),
    [
        ("7 permit 12076:51004", False),
        ("99 permit 12076:51004", False),
        ("100 permit _12076:510", True),
        ("standard EAST permit 12076:51004", False),
        ("expanded REGION permit _12076:510", True),
    ],
)
def test_a_community_list_is_expanded_by_its_word_or_number(line: str, expanded: bool) -> None:
    text = CONFIG_TEXT.replace("route-map RAISE permit", f"ip community-list {line}\nroute-map RAISE permit", 1)
    (found,) = community_lists(config(text)).values()
    assert found.expanded is expanded

"""Many failures, told as the few faults that they follow from."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.report import diagnosis
from pytest_azinterop.report.diagnosis import Told, faults
from pytest_azinterop.verify.rules import RULES

ONE, TWO, SITE = "r1/vrf-A/172.20.0.1", "r2/vrf-A/172.20.0.5", "acme/town"


def concerned(rule: str, cause: str, object_: str) -> frozenset[str]:
    return frozenset({ONE, TWO}) if object_ == SITE else frozenset({object_})


def told(rule: str, cause: str, object_: str = ONE, message: str = "", rank: int = 0) -> Told:
    return Told(rule, object_, cause, message or f"{object_}: {rule}", (rank, 0, 0), "a guess", "show something")


ARP = told("msee.arp", "incomplete")
DOWN = told("bgp.state", "hold-time-expired")
NO_PATH = told("site.preference", "no-path", SITE)
STATIC = told("site.static", "static", SITE, rank=1)


def named(found: list[diagnosis.Fault]) -> list[tuple[Told, int, int]]:
    return [(each.root, each.checks, each.following) for each in found]


def test_a_chain_has_its_beginning_as_its_fault() -> None:
    found = faults([[NO_PATH], [DOWN], [DOWN], [ARP]], concerned)
    assert named(found) == [(ARP, 1, 3)]
    assert found[0].families == (("bgp", 2), ("site", 1))


def test_an_item_with_the_fault_itself_does_not_follow_from_it() -> None:
    assert named(faults([[ARP, DOWN], [DOWN]], concerned)) == [(ARP, 1, 1)]


def test_what_concerns_another_session_does_not_follow() -> None:
    assert named(faults([[replace(ARP, object=TWO)], [DOWN]], concerned)) == [
        (DOWN, 1, 0),
        (replace(ARP, object=TWO), 1, 0),
    ]


def test_what_no_session_explains_stands_for_itself() -> None:
    assert named(faults([[DOWN], [NO_PATH], [STATIC]], concerned)) == [(DOWN, 1, 1), (STATIC, 1, 0)]


def test_two_faults_behind_one_failure_have_it_both() -> None:
    other = replace(DOWN, object=TWO, message="r2 is down")
    found = faults([[DOWN], [other], [NO_PATH]], concerned)
    assert sorted(each.following for each in found) == [1, 1]


def test_a_name_on_a_router_explains_what_names_it_or_its_neighbor() -> None:
    """Another neighbor's trouble on the same router is no consequence."""
    both = lambda *_: frozenset({ONE})  # noqa: E731 (all on one router)
    line = "expected one for `neighbor 172.20.0.1 route-map IN in`"
    undefined = told("lint.undefined-neighbor-map", "inbound", "r1/route-map IN", line)
    own = told("policy.effect", "nothing-accepted", ONE, "number of accepted paths is 0")
    other = told("policy.effect", "nothing-accepted", "r1/vrf-A/172.20.0.13", "number of accepted paths is 0")
    assert named(faults([[undefined], [own], [other]], both)) == [(undefined, 1, 1), (other, 1, 0)]
    matched = replace(undefined, rule="lint.undefined-match", cause="prefix-list", object="r1/prefix-list AZ")
    matched = replace(matched, message="expected one for `match ip address prefix-list AZ`")
    names = replace(other, message="prefix-list (matched by route-map IN) AZ is undefined", rule="policy.defined")
    longer = replace(own, message="prefix-list (matched by route-map IN) AZ-2 is undefined", rule="policy.defined")
    assert named(faults([[matched], [names], [longer]], both)) == [(matched, 1, 1), (longer, 1, 0)]


def test_the_text_names_fault_number_and_next_step() -> None:
    found = faults([[NO_PATH], [DOWN], [DOWN], [ARP], [STATIC]], concerned)
    assert diagnosis.lines(found, 5) == [
        "2 faults behind 5 failed checks, as far as the findings tell:",
        f"{ONE}: msee.arp",
        "  likely:   a guess",
        "  fails:    1 check with it, and 3 with what may follow from it (bgp 2, site 1)",
        "  next:     show something",
        "by themselves:",
        f"  {SITE}: site.static",
    ]


def test_without_consequences_there_is_nothing_to_tell() -> None:
    assert diagnosis.lines(faults([[STATIC], [ARP]], concerned), 2) == []


def test_what_a_device_wrote_is_made_safe() -> None:
    (line,) = [
        each
        for each in diagnosis.lines(faults([[replace(ARP, message="x\x1b[31m")], [DOWN]], concerned), 2)
        if "x" in each and "31m" in each
    ]
    assert "\x1b" not in line


@given(
    st.lists(
        st.lists(
            st.builds(
                told,
                st.sampled_from(sorted(RULES)),
                st.sampled_from(["down", "missing", "no-path", "shut"]),
                st.sampled_from([ONE, TWO, SITE]),
            ),
            min_size=1,
            max_size=3,
        ),
        max_size=30,
    )
)
def test_every_failure_is_with_some_fault(failed: list[list[Told]]) -> None:
    """No failed check is lost: it has a fault itself, or follows from one."""
    found = faults(failed, concerned)
    roots = {each.root for each in found}
    assert sum(each.checks for each in found) >= len([1 for findings in failed if roots & set(findings)])
    for each in found:
        assert 0 <= each.following <= len(failed)
    assert bool(found) == bool(failed)
    if failed:
        assert sum(each.checks + each.following for each in found) >= len(failed)

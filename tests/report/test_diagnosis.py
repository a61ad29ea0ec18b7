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


def test_what_is_about_one_session_of_its_object_follows_from_no_other() -> None:
    gateway = replace(told("azure.gateway-peers", "not-connected", SITE), about=TWO)
    assert named(faults([[DOWN], [gateway]], concerned)) == [(gateway, 1, 0), (DOWN, 1, 0)]
    assert named(faults([[replace(DOWN, object=TWO)], [gateway]], concerned))[0][1:] == (1, 1)


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


LOST = replace(told("routes.received", "not-sent"), message=f"{ONE}: route 10.1.0.0/24 is missing, expected accepted")
PATH = told("sides.path", "site-missing", SITE)


def test_what_is_about_other_prefixes_does_not_follow() -> None:
    same = replace(PATH, message=f"{SITE}: traffic between 10.9.0.0/16 and 10.1.0.0/16 is broken")
    other = replace(PATH, message=f"{SITE}: traffic between 10.9.0.0/16 and 10.2.0.0/16 is broken")
    unnamed = replace(PATH, message=f"{SITE}: traffic between 10.9.0.0/16 and 10.2.0.0/16 and 12 more is broken")
    assert named(faults([[LOST], [same]], concerned)) == [(LOST, 1, 1)]
    assert named(faults([[LOST], [other]], concerned)) == [(other, 1, 0), (LOST, 1, 0)]
    assert named(faults([[LOST], [unnamed]], concerned)) == [(LOST, 1, 1)]


def test_a_probe_follows_from_what_takes_its_answer_and_not_from_what_another_target_lacks() -> None:
    probe = replace(told("reach.answer", "no-answer"), message=f"{ONE} to hub (10.2.0.4): 0 of 5 are answered")
    taken = replace(LOST, cause="undeclared", message=f"{ONE}: route 10.9.0.0/24 is accepted, expected not accepted")
    assert named(faults([[LOST], [probe]], concerned)) == [(probe, 1, 0), (LOST, 1, 0)]
    assert named(faults([[replace(LOST, message=f"{ONE}: route 10.2.0.0/24 is missing")], [probe]], concerned))[0][
        1:
    ] == (1, 1)
    assert named(faults([[taken], [probe]], concerned)) == [(taken, 1, 1)]


def test_one_leak_at_several_places_is_one_fault() -> None:
    leak = [
        told("routes.received", "undeclared", each, f"{each}: route 10.5.0.0/24 is accepted, expected not accepted")
        for each in (ONE, TWO)
    ]
    apart = told("sides.apart", "at-router", SITE)
    (fault,) = faults([[leak[0]], [leak[1]], [apart]], concerned)
    assert (fault.root, fault.also, fault.checks, fault.following) == (leak[0], (leak[1],), 2, 1)
    assert diagnosis.lines([fault], 3)[1:3] == [leak[0].message, f"  also:     {TWO}"]


def test_the_same_prefix_that_two_tables_lack_is_one_fault() -> None:
    lacking = [
        told("sides.learned", "not-in-circuit", each, f"{each}: route 10.5.0.0/24 is missing in the table {number}")
        for number, each in enumerate((ONE, TWO))
    ]
    other = replace(lacking[1], message=f"{TWO}: route 10.6.0.0/24 is missing in the table 1")
    path = told("sides.path", "site-missing", SITE)
    (fault,) = faults([[lacking[0]], [lacking[1]], [path]], concerned)
    assert (fault.root, fault.also, fault.following) == (lacking[0], (lacking[1],), 1)
    assert len(faults([[lacking[0]], [other], [path]], concerned)) == 2


def test_two_sessions_that_are_down_for_themselves_are_two_faults() -> None:
    down = [told("bgp.state", "hold-time-expired", each, f"{each}: state is Idle") for each in (ONE, TWO)]
    own = [told("site.rib", "not-installed", each) for each in (ONE, TWO)]
    assert [each.root for each in faults([[each] for each in (*down, *own)], concerned)] == down


def test_both_ends_of_a_session_and_what_one_rule_says_of_one_object_are_one_fault() -> None:
    ends = [told("bgp.state", "no-connection", ONE), told("bgp.state", "closed-by-neighbor", TWO)]
    assert len(faults([[each] for each in ends], lambda *_: frozenset({ONE, TWO}))) == 1
    halves = [told("azure.vnet-space", cause, "vnet/a", f"VNet a: it {cause}") for cause in ("further", "missing")]
    (fault,) = faults([halves], concerned)
    assert diagnosis.lines([replace(fault, following=1)], 1)[1:3] == ["VNet a: it further", "  also:     it missing"]


def test_the_gravest_fault_is_first_by_all_that_follows_from_it() -> None:
    slight = [[told("policy.bound", "not-bound", ONE, rank=1)], [told("policy.effect", "not-refreshed", ONE, rank=1)]]
    slight += [[told("policy.local-preference", cause, ONE, rank=1)] for cause in ("not-set", "wrong-value")]
    grave = [[told("site.static", "static", TWO, rank=1)], [told("sides.path", "site-static", TWO, rank=0)]]
    assert [each.following for each in faults([*slight, *grave], concerned)] == [1, 3]


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

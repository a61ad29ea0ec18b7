from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.collect.facts import Fact, Need, Sampled
from pytest_azinterop.collect.plan import SET_UP, command_text, plan
from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe import allow

CLOCK = Fact("r1", "clock")
SAS = Fact.of("r1", "ipsec_sas", interface="Tunnel30")
PING = Fact.of("r1", "ping", vrf="30", address="192.0.2.1", source="Tunnel30", repeat="5", timeout="1")

FACTS = st.one_of(
    st.builds(
        Fact, st.sampled_from(["r1", "r2"]), st.sampled_from(["clock", "version", "interfaces", "running_config"])
    ),
    st.builds(
        lambda host, kind, vrf: Fact.of(host, kind, vrf=vrf),
        st.sampled_from(["r1", "r2"]),
        st.sampled_from(["bgp_neighbors", "bgp_table", "rib"]),
        st.sampled_from([None, "30", "INET-V"]),
    ),
)
SAMPLED = st.builds(
    Sampled, st.just(SAS), st.sampled_from([None, PING]), st.sampled_from([timedelta(0), timedelta(seconds=5)])
)
NEEDS = st.lists(st.one_of(FACTS, SAMPLED), max_size=12)


def texts(*needs: Need) -> list[str]:
    return [command.text for router in plan(needs).routers for command in router.commands]


def test_nothing_needed_nothing_asked() -> None:
    assert plan([]).routers == ()
    assert plan([]).describe() == ()


def test_a_fact_that_two_checks_need_is_asked_once() -> None:
    assert texts(CLOCK, CLOCK) == ["show clock"]


def test_facts_with_the_same_command_line_share_its_answer() -> None:
    (command,) = plan([CLOCK, Fact("r1", "clock")]).routers[0].commands
    assert command.facts == (CLOCK,)


def test_a_sampled_fact_is_asked_twice_with_its_probe_and_the_rest_between() -> None:
    assert texts(CLOCK, Sampled(SAS, PING, timedelta(seconds=5))) == [
        command_text(SAS),
        command_text(PING),
        "show clock",
        command_text(SAS),
    ]


def test_a_fact_that_is_needed_once_and_sampled_is_asked_twice() -> None:
    assert texts(SAS, Sampled(SAS, None)) == [command_text(SAS)] * 2


def test_the_longest_interval_counts() -> None:
    needs = [Sampled(SAS, None, timedelta(seconds=n)) for n in (1, 9, 3)]
    assert plan(needs).routers[0].commands[-1].after == timedelta(seconds=9)


def test_a_configuration_is_asked_with_the_privilege_that_shows_it() -> None:
    assert texts(Fact("r1", "running_config")) == ["show privilege", "show running-config"]


def test_routers_are_asked_for_their_own_facts_only() -> None:
    routers = plan([CLOCK, Fact("r2", "version")]).routers
    assert [(router.host, [command.text for command in router.commands]) for router in routers] == [
        ("r1", ["show clock"]),
        ("r2", ["show version"]),
    ]


def test_the_description_says_what_is_sent() -> None:
    assert plan([CLOCK, Sampled(SAS, PING, timedelta(seconds=5))]).describe() == (
        "r1: one login, 4 commands",
        "    1  show crypto ipsec sa interface Tunnel30   (first sample)",
        f"    2  {command_text(PING)}   (probe between the samples)",
        "    3  show clock",
        "    4  show crypto ipsec sa interface Tunnel30   (second sample, at least 5 s later)",
        SET_UP,
    )


@pytest.mark.parametrize(
    "fact",
    [
        Fact("r1", "no_such_kind"),
        Fact.of("r1", "clock", vrf="30"),
        Fact.of("r1", "bgp_table", vrf="30\nreload"),
        Fact.of("r1", "bgp_table", vrf="30 | redirect x"),
    ],
    ids=["kind", "parameter", "line feed", "pipe"],
)
def test_a_fact_without_a_command_line_is_refused(fact: Fact) -> None:
    with pytest.raises(InventoryError, match="r1"):
        plan([fact])


def test_a_probe_from_another_router_is_refused() -> None:
    with pytest.raises(InventoryError, match="another router"):
        plan([Sampled(SAS, Fact("r2", "clock"))])


@given(NEEDS)
def test_every_need_is_met_with_the_smallest_number_of_sendings(needs: list[Need]) -> None:
    made = plan(needs)
    for router in made.routers:
        sent = Counter(command.text for command in router.commands)
        assert router.budget == sent
        wanted = [need for need in needs if (need.fact if isinstance(need, Sampled) else need).host == router.host]
        twice = {command_text(need.fact) for need in wanted if isinstance(need, Sampled)}
        once = {command_text(need) for need in wanted if isinstance(need, Fact)}
        once |= {command_text(need.probe) for need in wanted if isinstance(need, Sampled) and need.probe}
        once |= {"show privilege"} if "show running-config" in once else set()
        assert sent == {**dict.fromkeys(once, 1), **dict.fromkeys(twice, 2)}
        order = [(command.text, command.sample) for command in router.commands]
        for text in twice:
            assert order.index((text, 1)) < order.index((text, 2))
            if PING in [need.probe for need in wanted if isinstance(need, Sampled)]:
                assert order.index((text, 1)) < order.index((command_text(PING), 0)) < order.index((text, 2))
        for text in sent:
            allow.check(text)


@given(NEEDS, st.randoms())
def test_the_order_of_checks_does_not_change_the_plan(needs: list[Need], random: object) -> None:
    shuffled = list(needs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled) == plan(needs)

"""One command about every VRF in place of one for each: when it is planned, and what its answer is worth."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from collect.every_vrf import VRFS, every, single, table
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.collect.answer import Answer, Collection, Failure
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import as_answered, command_text, never, plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.iosxe import allow
from pytest_azinterop.iosxe.catalogue import COMMANDS, Command, match

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.collect.facts import Need
    from pytest_azinterop.collect.plan import Plan

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KINDS = ("bgp_neighbors", "bgp_table", "rib")
ALL = {kind: COMMANDS[kind].all_vrfs for kind in KINDS}
RED, BLUE, GONE = "RED", "BLUE", "GONE"


def facts(kind: str, *vrfs: str) -> list[Fact]:
    return [Fact.of("r1", kind, vrf=vrf) for vrf in vrfs]


def texts(made: Plan) -> list[str]:
    return [command.text for router in made.routers for command in router.commands]


def at(least: int) -> Callable[[str], int | None]:
    return lambda _: least


def answer(command: str, text: str | None, failure: Failure | None = None) -> Answer:
    return Answer("r1", command, 0, NOW, 0.1, text, failure)


def store(
    kind: str, text: str | None, *vrfs: str, known: str | None = VRFS, failure: Failure | None = None
) -> FactStore:
    answers = [answer(ALL[kind], text, failure), *([answer("show vrf", known)] if known is not None else [])]
    return FactStore(plan(facts(kind, *vrfs), at(2)), Collection(tuple(answers)))


def error(found: FactStore, fact: Fact) -> UndeterminedError:
    with pytest.raises(UndeterminedError) as caught:
        found.records(fact)
    return caught.value


class TestThePlan:
    @pytest.mark.parametrize("kind", [*KINDS, "bgp_neighbors_ipv6", "bgp_table_ipv6"])
    def test_asks_for_all_vrfs_from_so_many_on(self, kind: str) -> None:
        needs = facts(kind, RED, BLUE)
        assert texts(plan(needs, at(3))) == texts(plan(needs)) == sorted(map(command_text, needs))
        made = plan(needs, at(2))
        (command,) = [each for each in made.routers[0].commands if each.every_vrf]
        assert (command.text, command.facts) == (COMMANDS[kind].all_vrfs, tuple(sorted(needs)))
        assert command.subject == Fact("r1", kind)
        assert made.describe()[1 if kind == "rib" else 2].split(maxsplit=1)[1] == command.text

    def test_asks_for_the_vrfs_where_silence_needs_them(self) -> None:
        assert texts(plan(facts("bgp_table", RED, BLUE), at(2))) == ["show vrf", ALL["bgp_table"]]
        assert texts(plan(facts("rib", RED, BLUE), at(2))) == [ALL["rib"]]

    def test_leaves_alone_what_has_no_such_form_or_other_parameters(self) -> None:
        needs = [
            *facts("bfd_neighbors", RED, BLUE),
            *facts("rib_ipv6", RED, BLUE),
            *facts("arp", RED, BLUE),
            Fact("r1", "rib"),
            Fact.of("r1", "rib", vrf=RED),
            *(Fact.of("r1", "bgp_prefix", vrf=vrf, prefix="10.0.0.0/8") for vrf in (RED, BLUE)),
        ]
        assert plan(needs, at(2)) == plan(needs)

    def test_leaves_alone_samples_and_probes(self) -> None:
        red, blue, green, black = facts("bgp_table", RED, BLUE, "GREEN", "BLACK")
        needs: list[Need] = [Sampled(red, blue), green, red, blue]
        assert plan(needs, at(2)) == plan(needs)
        mixed = texts(plan([*needs, black], at(2)))
        assert [mixed.count(command_text(each)) for each in (red, blue, green, black)] == [2, 1, 0, 0]
        assert mixed.count(ALL["bgp_table"]) == 1

    def test_asks_each_router_in_its_own_way(self) -> None:
        needs = [Fact.of(host, "rib", vrf=vrf) for host in ("r1", "r2") for vrf in (RED, BLUE)]
        made = plan(needs, lambda host: 2 if host == "r2" else never(host))
        assert [len(router.commands) for router in made.routers] == [2, 1]

    def test_needs_no_setting_where_nothing_could_be_joined(self) -> None:
        def refuse(host: str) -> int:
            raise AssertionError(host)

        plan([*facts("rib", RED), *facts("bgp_table", RED)], refuse)

    def test_sends_what_is_allowed_and_read(self) -> None:
        for command in COMMANDS.values():
            if command.all_vrfs:
                allow.check(command.all_vrfs)
                assert match(command.all_vrfs) == (command, {})
                assert hasattr(command.record_type(), "vrf") or "vrf" in command.record_type().__slots__


class TestTheAnswer:
    @given(
        kind=st.sampled_from(KINDS),
        rows=st.dictionaries(
            st.sampled_from([RED, BLUE, "EMPTY", "A-1", "b.2"]),
            st.lists(st.integers(1, 200), unique=True, max_size=4),
            min_size=2,
        ),
        foreign=st.booleans(),
    )
    def test_gives_the_records_of_the_single_forms(
        self, kind: str, rows: dict[str, list[int]], *, foreign: bool
    ) -> None:
        needs = facts(kind, *rows)
        known = VRFS + "".join(f"  {vrf:<32} 65000:9  ipv4  Gi1\n" for vrf in rows)
        answers = [
            answer(f"{command_text(fact)}", single(kind, vrf, number, rows[vrf]))
            for number, (fact, vrf) in enumerate(zip(needs, rows, strict=True))
        ]
        alone = FactStore(plan(needs), Collection(tuple(answers)))
        together = store(kind, every(kind, rows, foreign=foreign), *rows, known=known)
        for fact in needs:
            assert together.records(fact) == alone.records(fact)
            assert together.origin(fact).command == ALL[kind]
        assert {record.source.command for fact in needs for record in together.records(fact)} <= {ALL[kind]}

    def test_is_read_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[Any] = []
        read = Command.read
        monkeypatch.setattr(Command, "read", lambda *given: calls.append(given[0].name) or read(*given))
        found = store("rib", every("rib", {RED: [1], BLUE: [2]}), RED, BLUE)
        assert [len(found.records(fact)) for fact in facts("rib", RED, BLUE)] == [1, 1]
        assert calls == ["rib"]

    def test_is_read_once_also_where_it_is_not_understood(self, monkeypatch: pytest.MonkeyPatch) -> None:
        calls: list[Any] = []
        read = Command.read
        monkeypatch.setattr(Command, "read", lambda *given: calls.append(given[0].name) or read(*given))
        found = store("rib", "what?\n", RED, BLUE)
        messages = [error(found, fact).message for fact in facts("rib", RED, BLUE)]
        assert calls == ["rib"]
        assert len(set(messages)) == 1
        assert messages[0].count("all_vrfs") == 1

    @pytest.mark.parametrize("kind", ["bgp_neighbors", "bgp_table"])
    def test_without_a_vrf_that_the_router_has_shows_that_there_is_none(self, kind: str) -> None:
        for text in (every(kind, {RED: [1]}), ""):
            records = store(kind, text, RED, "EMPTY").records(Fact.of("r1", kind, vrf="EMPTY"))
            if kind == "bgp_neighbors":
                assert records == ()
            else:
                (record,) = records
                assert (record.vrf, record.paths) == ("EMPTY", ())

    def test_with_a_vrfs_table_that_does_not_bear_its_name_is_an_error(self) -> None:
        text = every("bgp_table", {RED: [1]}, foreign=False) + table(None, 3, [1])
        found = store("bgp_table", text, RED, "EMPTY")
        caught = error(found, Fact.of("r1", "bgp_table", vrf="EMPTY"))
        assert caught.cause == "not-understood"
        assert "its route distinguisher" in caught.message
        assert len(found.records(Fact.of("r1", "bgp_table", vrf=RED))) == 1

    @pytest.mark.parametrize("kind", KINDS)
    def test_without_a_vrf_that_the_router_does_not_have_is_an_error(self, kind: str) -> None:
        found = store(kind, every(kind, {RED: [1]}), RED, GONE)
        assert len(found.records(Fact.of("r1", kind, vrf=RED))) == 1
        caught = error(found, Fact.of("r1", kind, vrf=GONE))
        assert (caught.cause, caught.host, caught.command) == ("no-such-vrf", "r1", ALL[kind])
        assert "VRF GONE" in caught.message

    def test_without_a_vrfs_routing_table_is_an_error_also_where_the_vrf_exists(self) -> None:
        found = store("rib", every("rib", {RED: [1]}), RED, "EMPTY")
        assert error(found, Fact.of("r1", "rib", vrf="EMPTY")).cause == "no-such-vrf"

    @pytest.mark.parametrize(
        ("known", "cause"),
        [(None, "not-collected"), ("% Invalid input detected at '^' marker.\n", "rejected"), ("x\n", "not-understood")],
    )
    @pytest.mark.parametrize("kind", ["bgp_neighbors", "bgp_table"])
    def test_without_a_vrf_is_an_error_where_it_is_not_known_whether_it_exists(
        self, kind: str, known: str | None, cause: str
    ) -> None:
        found = store(kind, every(kind, {RED: [1]}), RED, BLUE, known=known)
        assert len(found.records(Fact.of("r1", kind, vrf=RED))) == 1
        caught = error(found, Fact.of("r1", kind, vrf=BLUE))
        assert caught.cause == cause
        assert "whether the router has it is not known" in caught.message

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        ("text", "failure", "cause"),
        [
            ("% Invalid input detected at '^' marker.\n", None, "rejected"),
            ("Command authorization failed.\n", None, "not-authorised"),
            ("what?\n", None, "not-understood"),
            (None, Failure("timeout", "r1: no prompt came"), "timeout"),
            (None, Failure("cut-off", "r1: the session ended"), "cut-off"),
        ],
    )
    def test_that_is_none_is_an_error_of_every_vrf_and_says_what_helps(
        self, kind: str, text: str | None, failure: Failure | None, cause: str
    ) -> None:
        found = store(kind, text, RED, BLUE, failure=failure)
        for fact in facts(kind, RED, BLUE):
            caught = error(found, fact)
            assert (caught.cause, caught.command) == (cause, ALL[kind])
            assert "`all_vrfs: false`" in str(caught)

    @pytest.mark.parametrize("kind", KINDS)
    def test_cut_off_in_a_line_is_an_error_of_every_vrf(self, kind: str) -> None:
        whole = every(kind, {RED: [1, 2], BLUE: [3, 4]}, foreign=False)
        found = store(kind, whole[: len(whole) - 25], RED, BLUE)
        for fact in facts(kind, RED, BLUE):
            assert error(found, fact).cause in ("cut-off", "not-understood")

    def test_that_was_read_elsewhere_comes_as_the_records_of_each_vrf(self) -> None:
        read = store("bgp_table", every("bgp_table", {RED: [1], BLUE: [2]}), RED, BLUE, GONE)
        records = read.understood()
        needed = facts("bgp_table", RED, BLUE)
        assert {fact for fact, _ in records} == {*needed, Fact("r1", "vrfs")}
        here = FactStore(read.plan, replace(read.collection, answers=(), records=records))
        assert [here.records(fact) for fact in needed] == [read.records(fact) for fact in needed]

    def test_of_an_earlier_run_is_stale(self) -> None:
        made = plan(facts("rib", RED, BLUE), at(2))
        old = replace(answer(ALL["rib"], every("rib", {RED: [1], BLUE: [1]})), asked_at=NOW.replace(year=2025))
        found = FactStore(made, Collection((old,), began=NOW))
        assert error(found, Fact.of("r1", "rib", vrf=RED)).cause == "stale"

    def test_that_never_came_is_told_as_the_routers_failure(self) -> None:
        made = plan(facts("rib", RED, BLUE), at(2))
        found = FactStore(made, Collection((), {"r1": Failure("unreachable", "r1: no route")}))
        caught = error(found, Fact.of("r1", "rib", vrf=RED))
        assert (caught.cause, "all_vrfs" in caught.message) == ("unreachable", False)

    def test_says_nothing_of_a_vrf_that_nobody_asked_for(self) -> None:
        found = store("rib", every("rib", {RED: [1], BLUE: [1], GONE: [1]}), RED, BLUE)
        assert error(found, Fact.of("r1", "rib", vrf=GONE)).cause == "not-collected"


class TestWhatWasAnswered:
    def test_decides_the_form_of_a_plan(self) -> None:
        needs = [*facts("bgp_table", RED, BLUE), Fact("r1", "clock")]
        alone, together = plan(needs), plan(needs, at(2))
        for made in (alone, together):
            fitted = as_answered(made, lambda _, text: text == ALL["bgp_table"])
            assert sorted(texts(fitted)) == sorted(texts(together))
            assert {each for command in fitted.routers[0].commands for each in command.facts} >= set(needs)
            fitted = as_answered(made, lambda _, text: text != ALL["bgp_table"])
            assert set(texts(fitted)) - {"show vrf"} == set(texts(alone))
            fitted = as_answered(made, lambda *_: False)
            assert set(texts(fitted)) - {"show vrf"} == set(texts(alone))

    def test_may_be_each_form_for_a_part_of_the_vrfs(self) -> None:
        red, blue = facts("rib", RED, BLUE)
        fitted = as_answered(plan([red, blue]), lambda fact, text: (fact, text) == (red, ALL["rib"]))
        assert {
            command.text: command.facts for command in fitted.routers[0].commands if command.facts[0].kind == "rib"
        } == {
            ALL["rib"]: (red,),
            command_text(blue): (blue,),
        }

    def test_leaves_samples_alone(self) -> None:
        (red,) = facts("rib", RED)
        made = plan([Sampled(red, None)])
        assert as_answered(made, lambda *_: True) == made

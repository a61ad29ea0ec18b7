from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.collect.answer import Answer, Collection, Failure
from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import CommandFailedError, ConnectionFailedError, ParseError, UndeterminedError
from pytest_azinterop.iosxe import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.collect.plan import Sample

CONFIGURATION = "Building configuration...\n!\nversion 17.9\nhostname r1\n!\nend\n"
VERSION = """\
Cisco IOS XE Software, Version 17.09.04a
Cisco IOS Software [Cupertino], ASR1000 Software (X86_64), Version 17.9.4a, RELEASE SOFTWARE (fc3)
r1 uptime is 1 week, 2 days
System image file is "bootflash:packages.conf"
cisco ASR1001-HX (1NG) processor (revision 1NG) with 3724184K/6147K bytes of memory.
Processor board ID JAE0000000A
Configuration register is 0x2102
"""
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CLOCK, PRIVILEGE = Fact("r1", "clock"), Fact("r1", "privilege")


def answer(command: str, text: str | None, sample: Sample = 0, failure: Failure | None = None) -> Answer:
    return Answer("r1", command, sample, NOW, 0.1, text, failure)


def store(*answers: Answer, needs: Sequence[Fact | Sampled] = (CLOCK, PRIVILEGE), **failures: Failure) -> FactStore:
    return FactStore(plan(needs), Collection(answers, failures))


def test_records_know_where_they_were_read() -> None:
    (record,) = store(answer("show privilege", "Current privilege level is 15\n")).records(PRIVILEGE)
    assert (record.source.host, record.source.command, record.source.asked_at) == ("r1", "show privilege", NOW)


def test_an_answer_that_is_not_understood_costs_its_own_fact_only() -> None:
    facts = store(answer("show clock", "what?\n"), answer("show privilege", "Current privilege level is 1\n"))
    with pytest.raises(ParseError) as caught:
        facts.records(CLOCK)
    assert (caught.value.cause, caught.value.host, caught.value.command) == ("not-understood", "r1", "show clock")
    assert facts.records(PRIVILEGE)[0].level == 1


def test_a_parser_that_crashes_has_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> object:
        raise IndexError("secret text of an answer")

    monkeypatch.setattr(catalogue.Command, "read", crash)
    with pytest.raises(ParseError) as caught:
        store(answer("show clock", "12:00\n")).records(CLOCK)
    assert caught.value.cause == "not-understood"
    assert "IndexError" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_answer_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    read = catalogue.Command.read
    monkeypatch.setattr(catalogue.Command, "read", lambda *given: calls.append(1) or read(*given))
    facts = store(answer("show privilege", "Current privilege level is 15\n"))
    assert facts.records(PRIVILEGE) is facts.records(PRIVILEGE)
    assert len(calls) == 1


def test_an_empty_answer_is_no_evidence() -> None:
    with pytest.raises(UndeterminedError):
        store(answer("show clock", "")).records(CLOCK)


def test_a_failed_command_says_why() -> None:
    facts = store(answer("show clock", None, failure=Failure("timeout", "r1: show clock: too late")))
    with pytest.raises(CommandFailedError, match="too late") as caught:
        facts.records(CLOCK)
    assert caught.value.cause == "timeout"


def test_a_router_without_a_session_says_why_for_each_of_its_facts() -> None:
    facts = store(r1=Failure("unreachable", "r1: nobody there"))
    for fact in (CLOCK, PRIVILEGE):
        with pytest.raises(ConnectionFailedError, match="nobody there") as caught:
            facts.records(fact)
        assert caught.value.cause == "unreachable"


@pytest.mark.parametrize("fact", [Fact("r1", "version"), Fact("r2", "clock")])
def test_a_fact_that_was_not_planned_is_not_collected(fact: Fact) -> None:
    with pytest.raises(UndeterminedError) as caught:
        store(answer("show clock", "12:00\n")).records(fact)
    assert caught.value.cause == "not-collected"


def test_a_planned_fact_without_an_answer_is_not_collected() -> None:
    with pytest.raises(UndeterminedError) as caught:
        store().records(CLOCK)
    assert caught.value.cause == "not-collected"


def test_both_samples_are_kept_and_one_that_is_missing_is_an_error() -> None:
    needs = [Sampled(PRIVILEGE, None)]
    first = answer("show privilege", "Current privilege level is 1\n", 1)
    second = answer("show privilege", "Current privilege level is 2\n", 2)
    facts = store(first, second, needs=needs)
    assert [sample[0].level for sample in facts.samples(PRIVILEGE)] == [1, 2]
    assert facts.records(PRIVILEGE)[0].level == 2
    for rest in ([first], [second]):
        with pytest.raises(UndeterminedError):
            store(*rest, needs=needs).samples(PRIVILEGE)


def test_samples_of_a_fact_that_was_read_once_are_an_error() -> None:
    with pytest.raises(UndeterminedError):
        store(answer("show privilege", "Current privilege level is 1\n")).samples(PRIVILEGE)


def test_an_answer_is_text_or_a_failure() -> None:
    for text, failure in ((None, None), ("text", Failure("timeout", "late"))):
        with pytest.raises(ValueError, match="either"):
            answer("show clock", text, failure=failure)


def test_another_format_is_refused() -> None:
    data = {**Collection().to_json(), "format": 99}
    with pytest.raises(ValueError, match="99"):
        Collection.from_json(data)


def test_an_answer_from_before_the_run_is_no_answer_of_it() -> None:
    for age, refused in ((timedelta(0), False), (timedelta(seconds=30), False), (timedelta(hours=6), True)):
        given = answer("show privilege", "Current privilege level is 15\n")
        facts = FactStore(plan([PRIVILEGE]), Collection((given,), {}, began=NOW + age))
        if not refused:
            assert facts.records(PRIVILEGE)
            continue
        with pytest.raises(UndeterminedError) as caught:
            facts.records(PRIVILEGE)
        assert caught.value.cause == "stale"
        assert "before this run began" in str(caught.value)


def test_when_the_routers_began_to_be_asked_goes_along_with_the_answers() -> None:
    collected = Collection((answer("show privilege", "Current privilege level is 15\n"),), {}, began=NOW)
    assert Collection.from_json(json.loads(json.dumps(collected.to_json()))) == collected
    assert Collection().beside(collected).began == NOW
    older = {name: value for name, value in collected.to_json().items() if name != "began"}
    assert Collection.from_json(older).began is None


def test_a_configuration_that_names_another_router_is_not_this_one_s() -> None:
    running, version = Fact("r1", "running_config"), Fact("r1", "version")
    of_other = CONFIGURATION.replace("hostname r1", "hostname r2")
    for text, needs, refused in (
        (CONFIGURATION, (running, version), False),
        (of_other, (running,), False),  # nothing tells what the router is called
        (of_other, (running, version), True),
    ):
        given = [answer("show running-config", text), answer("show version", VERSION)]
        facts = store(*given, answer("show privilege", "Current privilege level is 15\n"), needs=needs)
        if not refused:
            assert facts.records(running)
            continue
        with pytest.raises(ParseError, match="that of r2, and the router calls itself r1") as caught:
            facts.records(running)
        assert caught.value.cause == "contradiction"

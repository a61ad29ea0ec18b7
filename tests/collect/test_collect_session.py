from __future__ import annotations

import pytest

from pytest_azinterop.collect.facts import Fact, Sampled
from pytest_azinterop.collect.plan import PlannedCommand, plan
from pytest_azinterop.collect.session import Session
from pytest_azinterop.errors import CommandFailedError, DuplicateCommandError, NotAllowedError

CLOCK, PRIVILEGE = Fact("r1", "clock"), Fact("r1", "privilege")


class Recorder:
    """A channel that answers with the command."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.amendment: str | None = None
        self.fails = False
        self.is_open = True

    def ask(self, command: str, deadline: float) -> str:
        self.sent.append(command)
        if self.fails:
            raise CommandFailedError("r1: late", cause="timeout")
        return f"{command}\nusername x password 7 planted-0451\n"

    def settle(self, deadline: float) -> None:
        if self.fails:
            raise CommandFailedError("r1: gone", cause="cut-off")

    def take_amendment(self) -> str | None:
        amended, self.amendment = self.amendment, None
        return amended


def session(*needs: Fact | Sampled) -> tuple[Session, Recorder]:
    channel = Recorder()
    return Session(plan(needs).routers[0], channel), channel


def test_a_command_is_sent_as_often_as_planned_and_no_more() -> None:
    asked, channel = session(CLOCK, Sampled(PRIVILEGE, None))
    clock, privilege = PlannedCommand("show clock", ()), PlannedCommand("show privilege", ())
    for command in (clock, privilege, privilege):
        asked.ask(command, 1)
    for command in (clock, privilege):
        with pytest.raises(DuplicateCommandError):
            asked.ask(command, 1)
    assert channel.sent == ["show clock", "show privilege", "show privilege"]
    assert asked.sent == 3


def test_a_command_outside_the_plan_is_not_sent() -> None:
    asked, channel = session(CLOCK)
    with pytest.raises(DuplicateCommandError):
        asked.ask(PlannedCommand("show version", ()), 1)
    assert channel.sent == []


def test_a_command_outside_the_allow_list_is_not_sent_by_any_driver() -> None:
    asked, channel = session(CLOCK)
    with pytest.raises(NotAllowedError):
        asked.ask(PlannedCommand("reload", ()), 1)
    assert channel.sent == []


def test_an_answer_is_redacted_before_it_is_kept() -> None:
    asked, channel = session(CLOCK, PRIVILEGE)
    assert "planted-0451" not in str(asked.ask(PlannedCommand("show clock", ()), 1))
    channel.amendment = "username x password 7 planted-0451 and more\n"
    asked.ask(PlannedCommand("show privilege", ()), 1)
    assert asked.answers[0].text is not None
    assert asked.answers[0].text.startswith("username x password 7 ")
    assert "planted-0451" not in str(asked.answers)


def test_a_failure_is_an_answer_too() -> None:
    asked, channel = session(CLOCK)
    channel.fails = True
    answer = asked.ask(PlannedCommand("show clock", ()), 1)
    assert (answer.text, answer.failure and answer.failure.cause) == (None, "timeout")


def test_a_last_answer_without_proof_is_a_failure() -> None:
    asked, channel = session(CLOCK)
    asked.ask(PlannedCommand("show clock", ()), 1)
    channel.fails = True
    asked.settle(1)
    assert (asked.answers[0].text, asked.answers[0].failure and asked.answers[0].failure.cause) == (None, "cut-off")

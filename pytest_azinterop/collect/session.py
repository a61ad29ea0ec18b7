"""The one point where commands are sent to a router, whatever driver carries them.

Here each command passes the allow-list and the plan's budget, and each answer is redacted before anything else sees it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pytest_azinterop.collect.answer import Answer, Failure
from pytest_azinterop.errors import AzinteropError, CommandFailedError, DuplicateCommandError, UndeterminedError
from pytest_azinterop.iosxe import allow
from pytest_azinterop.iosxe.pipeline import together
from pytest_azinterop.iosxe.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_azinterop.collect.plan import PlannedCommand, RouterPlan
    from pytest_azinterop.iosxe.terminal import Told


class Channel(Protocol):
    """What a driver must offer. Errors are CommandFailedError; after one the channel may be closed."""

    def ask(self, command: str, deadline: float) -> str:
        """The answer as text; `deadline` in seconds."""
        ...

    def settle(self, deadline: float) -> None:
        """Make sure that the last answer was complete."""
        ...

    def take_amendment(self) -> str | None:
        """The whole text of the answer before, where it turned out to be longer than it seemed."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether another command can be sent."""
        ...


@runtime_checkable
class Pipelined(Channel, Protocol):
    """A driver that can type commands before the ones before them are answered."""

    def ask_together(self, commands: Sequence[str], deadline: float, most: float) -> list[Told]:
        """What came of each; see `IosXeTerminal.ask_together`."""
        ...

    @property
    def may_be_typed_ahead(self) -> bool:
        """Whether the session is fit for it."""
        ...


class Session:
    """A router's answers, in the order of its plan."""

    def __init__(self, plan: RouterPlan, channel: Channel) -> None:
        self.host = plan.host
        self.answers: list[Answer] = []
        self.sent = 0
        self._channel = channel
        self._left = dict(plan.budget)

    @property
    def is_open(self) -> bool:
        """Whether another command can be sent."""
        return self._channel.is_open

    def extend(self, commands: Iterable[PlannedCommand]) -> None:
        """Each of these may be sent once more: they follow from what was answered."""
        for command in commands:
            self._left[command.text] = self._left.get(command.text, 0) + 1

    def ask(self, command: PlannedCommand, deadline: float) -> Answer:
        """Send one planned command and keep its answer.

        Raises NotAllowedError or DuplicateCommandError before anything is sent; a router's failure is in the answer.
        """
        allow.check(command.text)
        if self._left.get(command.text, 0) < 1:
            raise DuplicateCommandError(f"{self.host}: {command.text}: sent more often than the plan says")
        self._left[command.text] -= 1
        self.sent += 1
        asked_at, started = datetime.now(UTC), time.monotonic()
        text: str | None = None
        failure: Failure | None = None
        try:
            text = redact(self._channel.ask(command.text, deadline))
        except UndeterminedError as error:
            failure = Failure(error.cause, error.message)
        self._amend()
        answer = Answer(
            self.host, command.text, command.sample, asked_at, time.monotonic() - started, text=text, failure=failure
        )
        self.answers.append(answer)
        return answer

    def together(self, commands: Sequence[PlannedCommand]) -> Sequence[PlannedCommand]:
        """The commands from the first on that may be typed at once, as they wait for nothing and ask nothing; one or
        none: the first is to be sent alone."""
        channel = self._channel
        if not isinstance(channel, Pipelined) or not channel.may_be_typed_ahead:
            return ()
        fit = list(takewhile(lambda each: each.sample != 2 and self._left.get(each.text, 0) > 0, commands))
        return fit[: len(together(each.text for each in fit))] if fit else ()

    def ask_together(self, commands: Sequence[PlannedCommand], deadline: float, most: float) -> list[Answer]:
        """As `ask`, for commands that are typed at once; `deadline` for each answer, `most` for all of them."""
        channel = self._channel
        if not isinstance(channel, Pipelined):
            raise TypeError("this driver sends one command after the other")
        for command in commands:
            allow.check(command.text)
            self._left[command.text] -= 1
        self.sent += len(commands)
        asked_at = datetime.now(UTC)
        told = channel.ask_together([command.text for command in commands], deadline, most)
        self._amend()
        answers: list[Answer] = []
        for command, each in zip(commands, told, strict=True):
            failure = None if each.failure is None else Failure(each.failure.cause, each.failure.message)
            text = None if each.text is None else redact(each.text)
            answers.append(
                Answer(self.host, command.text, command.sample, asked_at, each.seconds, text=text, failure=failure)
            )
            asked_at += timedelta(seconds=each.seconds)
        self.answers += answers
        return answers

    def refuse(self, command: PlannedCommand, error: AzinteropError) -> Answer:
        """Keep that a command was not sent, and why."""
        cause = error.cause if isinstance(error, UndeterminedError) else "not-allowed"
        failure = Failure(cause, f"{self.host}: {error}")
        answer = Answer(self.host, command.text, command.sample, datetime.now(UTC), 0.0, failure=failure)
        self.answers.append(answer)
        return answer

    def settle(self, deadline: float) -> None:
        """Prove that the last answer was complete; where the router does not, the answer counts as cut off."""
        if not self.answers or not self.is_open or self.answers[-1].text is None:
            return
        try:
            self._channel.settle(deadline)
        except CommandFailedError as error:
            last = self.answers[-1]
            words = f"{self.host}: {last.command}: the session ended before the answer was known to be complete"
            self.answers[-1] = replace(last, text=None, failure=Failure(error.cause, words))
        else:
            self._amend()

    def _amend(self) -> None:
        whole = self._channel.take_amendment()
        if whole is not None and self.answers and self.answers[-1].text is not None:
            self.answers[-1] = replace(self.answers[-1], text=redact(whole))

"""What happens while routers are asked, for whoever wants to show it. Called from the collecting threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.collect.answer import Answer, Failure


@dataclass(frozen=True, slots=True)
class RouterStarted:
    """A router's turn has come; `commands` will be sent to it."""

    host: str
    commands: int


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The session is open, after `seconds` (waiting for other logins included)."""

    host: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CommandDone:
    """An answer, or the failure to get one; `number` of `commands`."""

    answer: Answer
    number: int
    commands: int


@dataclass(frozen=True, slots=True)
class AnswerAmended:
    """The answer before turned out to be longer than it seemed, or not to be complete: `answer` replaces it."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class AzureAnswered:
    """Azure's answer to one request, or the failure to get one."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class RouterFinished:
    """Nothing more is asked of the router. `failure`: why not everything was, None: everything was."""

    host: str
    seconds: float
    failure: Failure | None


Event = RouterStarted | LoggedIn | CommandDone | AnswerAmended | RouterFinished | AzureAnswered
if TYPE_CHECKING:
    Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """Show nothing."""
    del event

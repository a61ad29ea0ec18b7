"""One user's session on a router: what exec commands may read and change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import ConfigEditor, RouterView

MAX_PRIVILEGE = 15
_CONFIG_PROMPT_NAME = 20
"""IOS-XE shortens the hostname in the prompts of configuration mode."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that IOS asks before it goes on. ``key`` takes one keystroke instead of a line."""

    prompt: str
    answer: Callable[[Session, str], str]
    hidden: bool = False
    key: bool = False


class Observer(Protocol):
    """Who watches a session: authorisation, the log, and faults of the management plane."""

    def authorize(self, line: str, command: str, mode: str) -> bool:
        """Called once for each line, before it runs. ``command`` is the line with every keyword in full as far as it
        is known; ``mode`` is ``exec`` or the word in the prompt of configuration mode. False refuses the line."""
        ...

    def keeps_open(self) -> bool:
        """Asked after a command's output: False drops the connection without a further word."""
        ...


@dataclass(slots=True)
class Session:
    """The state between two commands. ``via`` is the line and address for the log, ``vty0 (10.0.0.1)``."""

    view: RouterView
    user: str
    privilege: int
    via: str
    length: int = 24
    width: int = 80
    closed: bool = False
    editor: ConfigEditor | None = None
    question: Question | None = None
    history: list[str] = field(default_factory=list)

    @property
    def mode(self) -> str:
        """``exec``, or the word of configuration mode."""
        return self.editor.mode if self.editor is not None else "exec"

    @property
    def prompt(self) -> str:
        """What stands before the cursor; a pending question takes the prompt's place."""
        if self.question is not None:
            return self.question.prompt
        name = self.view.hostname
        if self.editor is not None:
            return f"{name[:_CONFIG_PROMPT_NAME]}({self.editor.mode})#"
        return f"{name}{'#' if self.privilege > 1 else '>'}"


@dataclass(frozen=True, slots=True)
class ExecCommand:
    """A command that does something. ``run`` gives the text to print; it may leave a question or change the mode."""

    pattern: str
    run: Callable[[Session, Args], str]
    privilege: int = 15

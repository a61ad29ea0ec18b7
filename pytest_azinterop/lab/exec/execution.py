"""What a finished line means: exec commands with their pipe, configuration lines, and IOS's refusals."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.actions import RESTRICTED
from pytest_azinterop.lab.exec.grammar import Ambiguous, Grammar, Incomplete, Invalid, Match, Outcome, ShowCommand
from pytest_azinterop.lab.exec.output import Filter, parse_filter, split_pipe
from pytest_azinterop.lab.exec.probes import OptionError
from pytest_azinterop.lab.exec.session import MAX_PRIVILEGE, ExecCommand

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.session import Observer, Session

Commands = Grammar[ShowCommand | ExecCommand]

MARKER = "% Invalid input detected at '^' marker.\n\n"
UNAUTHORIZED = "Command authorization failed.\n\n"
_BANNER = re.compile(r"\s*banner\s+[a-z-]+\s+(?P<delimiter>\^C|\S)(?P<text>.*)", re.IGNORECASE | re.DOTALL)
_HISTORY = 20
_RESTRICTED: Commands = Grammar((each.pattern, each.privilege, each) for each in RESTRICTED)


@dataclass(slots=True)
class _Banner:
    """A banner that is being typed over several lines."""

    delimiter: str
    lines: list[str]


class Interpreter:
    """Runs lines for one session. Every method gives the text to print, lines ended by a newline."""

    def __init__(self, session: Session, commands: Commands, observer: Observer) -> None:
        self._session = session
        self._commands = commands
        self._observer = observer
        self._banner: _Banner | None = None

    @property
    def reads_text(self) -> bool:
        """While a banner is being typed there is no prompt."""
        return self._banner is not None

    def forget_text(self) -> None:
        """The banner is given up."""
        self._banner = None

    def run(self, line: str) -> str:
        """One line, in whatever mode the session is."""
        if self._banner is not None:
            return self._banner_line(self._banner, line)
        if not line.strip() or line.lstrip().startswith("!"):
            return ""
        session = self._session
        if session.editor is None:
            session.history.append(line.strip())
            del session.history[:-_HISTORY]
            return self._execute(line, len(session.prompt))
        word, _, rest = line.strip().partition(" ")
        if word.lower() == "do" and rest:
            return self._execute(rest, len(session.prompt) + len(line) - len(rest))
        return self._configure(line)

    def completions(self, line: str) -> list[str]:
        """What the last word of an exec line may become."""
        if self._session.editor is not None:
            return []
        return self._commands.completions(line, privilege=self._session.privilege)

    def end_configuration(self) -> str:
        """``end``, as Ctrl-Z does it."""
        return self._apply("end") if self._session.editor is not None else ""

    def _execute(self, line: str, indent: int) -> str:
        """``indent`` is the column of the screen at which the line begins."""
        typed, modifier, start = split_pipe(line)
        outcome = self._match(typed)
        pipes = isinstance(outcome, Match) and outcome.args.keywords[:1] in {("show",), ("write",)}
        if modifier is not None and isinstance(outcome, Match) and not pipes:
            outcome, modifier = self._match(line), None
        full = outcome.args.command if isinstance(outcome, Match) else line.strip()
        if not self._observer.authorize(line.strip(), full + (f" |{modifier}" if modifier else ""), "exec"):
            return UNAUTHORIZED
        if not isinstance(outcome, Match):
            return refusal(outcome, line, indent)
        chosen = parse_filter(modifier) if modifier is not None else None
        if isinstance(chosen, str):
            return f"{chosen}\n"
        if isinstance(chosen, Ambiguous | Incomplete | Invalid):
            return refusal(chosen, line, indent + start)
        try:
            text = self._perform(outcome)
        except OptionError as problem:
            return refusal(problem.invalid or Incomplete("", subcommands=False), line, indent)
        return chosen.apply(text) if isinstance(chosen, Filter) else text

    def _match(self, line: str) -> Outcome[ShowCommand | ExecCommand]:
        privilege = self._session.privilege
        outcome = self._commands.match(line, privilege=privilege)
        if isinstance(outcome, Match) or not 1 < privilege < MAX_PRIVILEGE:
            return outcome
        restricted = _RESTRICTED.match(line, privilege=privilege)
        return restricted if isinstance(restricted, Match) else outcome

    def _perform(self, found: Match[ShowCommand | ExecCommand]) -> str:
        args = dataclasses.replace(found.args, user=self._session.user, via=self._session.via)
        if isinstance(found.command, ExecCommand):
            return found.command.run(self._session, args)
        text = found.command.render(self._session.view, args)
        return text if not text or text.endswith("\n") else f"{text}\n"

    def _configure(self, line: str) -> str:
        if not self._observer.authorize(line.strip(), line.strip(), self._session.mode):
            return UNAUTHORIZED
        banner = _BANNER.fullmatch(line)
        if banner is not None and banner["delimiter"] not in banner["text"]:
            self._banner = _Banner(banner["delimiter"], [line])
            return f"Enter TEXT message.  End with the character '{banner['delimiter'][-1]}'.\n"
        return self._apply(line)

    def _banner_line(self, banner: _Banner, line: str) -> str:
        banner.lines.append(line)
        if banner.delimiter not in line:
            return ""
        self._banner = None
        return self._apply("\n".join(banner.lines))

    def _apply(self, line: str) -> str:
        session = self._session
        if session.editor is None:
            return ""
        indent = len(session.prompt)
        reply = session.editor.apply(line)
        if reply.left:
            session.editor = None
        text = f"{reply.text.rstrip()}\n" if reply.text.strip() else ""
        if reply.caret is not None:
            return " " * (indent + reply.caret) + "^\n" + MARKER
        return f"{text}\n" if text.startswith("% Incomplete command") else text


def refusal(outcome: Ambiguous | Incomplete | Invalid, line: str, indent: int) -> str:
    """What IOS says about a line that it cannot run; ``indent`` is the column of the screen at which it begins."""
    match outcome:
        case Ambiguous():
            return f'% Ambiguous command:  "{line.strip()}"\n'
        case Incomplete(first_word="show" | "clear" as word, subcommands=True):
            return f'% Type "{word} ?" for a list of subcommands\n'
        case Incomplete():
            return "% Incomplete command.\n\n"
        case Invalid(depth=0) if len(line.split()) == 1:
            return (
                f'Translating "{line.strip()}"\n'
                "% Bad IP address or host name\n"
                "% Unknown command or computer name, or unable to find computer address\n"
            )
        case Invalid(column=column):
            return " " * (indent + column) + "^\n" + MARKER

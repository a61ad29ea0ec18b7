"""``configure``: its terminal with lock and timer, what is said about a pending rollback, and ``configure replace``.

Sources: as in ``network.rollback``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import Invalid
from pytest_azinterop.lab.exec.probes import OptionError
from pytest_azinterop.lab.exec.session import ExecCommand, Question, Session
from pytest_azinterop.lab.network.view import Asker

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args

_ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.\n"
_LONGEST = 120
"""Minutes of a rollback's timer."""
_SURE = (
    "This will apply all necessary additions and deletions\n"
    "to replace the current running configuration with the\n"
    "contents of the specified configuration file, which is\n"
    "assumed to be a complete configuration, not a partial\n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)


def enter_configuration(session: Session, *, exclusive: bool = False) -> str:
    """Enter configuration mode, unless somebody else has locked it."""
    refusal = session.view.lock_refusal(session.via, exclusive=exclusive)
    if refusal is not None:
        return refusal
    if exclusive:
        session.editor = session.view.configure(session.user, session.via, exclusive=True)
    else:
        session.editor = session.view.configure(session.user, session.via)
    return _ENTER


def _terminal(session: Session, _: Args) -> str:
    return enter_configuration(session)


def _locked(session: Session, _: Args) -> str:
    return enter_configuration(session, exclusive=True)


def _asker(session: Session) -> Asker:
    return Asker(session.user, session.via.split()[0])


def _minutes(args: Args) -> int:
    """Raises OptionError for a number of minutes that IOS does not take."""
    minutes = int(args["number"])
    if not 1 <= minutes <= _LONGEST:
        raise OptionError(Invalid(args.line.rindex(args["number"]), 4))
    return minutes


def _revertible(session: Session, args: Args) -> str:
    minutes = _minutes(args)
    refusal = session.view.lock_refusal(session.via)
    if refusal is not None:
        return refusal
    armed, text = session.view.rollback.arm(minutes, _asker(session), idle=args.has("idle"))
    return text + enter_configuration(session) if armed else text


def _confirm(session: Session, _: Args) -> str:
    return session.view.rollback.confirm(_asker(session))


def _revert_now(session: Session, _: Args) -> str:
    return session.view.rollback.now(_asker(session))


def _revert_timer(session: Session, args: Args) -> str:
    return session.view.rollback.change_timer(_minutes(args), _asker(session), idle=args.has("idle"))


@dataclass(frozen=True, slots=True)
class _Replace:
    """The options of ``configure replace``."""

    listed: bool = False
    forced: bool = False
    minutes: int | None = None


def _replace_options(args: Args) -> _Replace:
    """Raises OptionError."""
    given = args.get("rest") or ""
    start = args.line.rindex(given) if given else 0
    words = [(found.group().lower(), start + found.start()) for found in re.finditer(r"\S+", given)]
    listed = forced = False
    minutes: int | None = None
    at = 0
    while at < len(words):
        word, column = words[at]
        names = [name for name in ("list", "force", "nolock", "ignorecase", "time") if name.startswith(word)]
        if len(names) != 1:
            raise OptionError(Invalid(column, 3))
        listed, forced = listed or names[0] == "list", forced or names[0] == "force"
        if names[0] == "time":
            at += 1
            if at == len(words):
                raise OptionError(None)
            value, column = words[at]
            if not value.isdecimal() or not 1 <= int(value) <= _LONGEST:
                raise OptionError(Invalid(column, 4))
            minutes = int(value)
        at += 1
    return _Replace(listed, forced, minutes)


def _replace(session: Session, args: Args) -> str:
    options, asker = _replace_options(args), _asker(session)
    refusal = session.view.lock_refusal(session.via)
    if refusal is not None:
        return refusal
    text, printed = session.view.rollback.prepare(args["file"], options.minutes, asker)
    if text is None:
        return printed
    if options.forced:
        return printed + session.view.rollback.replace(text, asker, listed=options.listed)

    def answer(session: Session, given: str) -> str:
        if not given.strip().lower().startswith("y"):
            return "\n"
        return session.view.rollback.replace(text, asker, listed=options.listed)

    session.question = Question(_SURE, answer)
    return printed


CONFIGURING = (
    ExecCommand("configure terminal", _terminal),
    ExecCommand("configure terminal lock", _locked),
    ExecCommand("configure terminal revert timer [idle] <number>", _revertible),
    ExecCommand("configure confirm", _confirm),
    ExecCommand("configure revert now", _revert_now),
    ExecCommand("configure revert timer [idle] <number>", _revert_timer),
    ExecCommand("configure replace <file> [<rest>]", _replace),
)

"""Commands about the session and the router's own configuration: enable, exit, terminal, configure, write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec import secret
from pytest_azinterop.lab.exec.configuring import enter_configuration
from pytest_azinterop.lab.exec.session import MAX_PRIVILEGE, ExecCommand, Question, Session

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args

_ENABLE_TRIES = 3
_WIDTH_LIMIT = 512


def _enable(session: Session, args: Args) -> str:
    wanted = int(args.get("level") or MAX_PRIVILEGE)
    if not 0 <= wanted <= MAX_PRIVILEGE:
        return "% Invalid privilege level\n"
    if wanted <= session.privilege:
        session.privilege = wanted
        return ""
    if session.view.enable_secret() is None or wanted != MAX_PRIVILEGE:
        return "% No password set\n"
    session.question = _password(_ENABLE_TRIES)
    return ""


def _password(tries: int) -> Question:
    def check(session: Session, offered: str) -> str:
        configured = session.view.enable_secret()
        if configured is not None and secret.matches(configured, offered):
            session.privilege = MAX_PRIVILEGE
            return ""
        if tries > 1:
            session.question = _password(tries - 1)
            return ""
        return "% Bad secrets\n\n"

    return Question("Password: ", check, hidden=True)


def _disable(session: Session, args: Args) -> str:
    wanted = int(args.get("level") or 1)
    if not 0 <= wanted <= session.privilege:
        return "% New privilege level must be less than current privilege level\n"
    session.privilege = wanted
    return ""


def _exit(session: Session, _: Args) -> str:
    session.closed = True
    return ""


def _length(session: Session, args: Args) -> str:
    length = int(args.get("number") or 24) if not args.has("no") else 24
    if length > _WIDTH_LIMIT:
        return "% Invalid length\n"
    session.length = length if args.get("number") is not None else 24
    return ""


def _width(session: Session, args: Args) -> str:
    width = int(args["number"]) if args.get("number") is not None else 80
    if width > _WIDTH_LIMIT:
        return "% Invalid width\n"
    session.width = width
    return ""


def _nothing(_: Session, __: Args) -> str:
    return ""


def _ask_terminal(session: Session, _: Args) -> str:
    def chosen(session: Session, answer: str) -> str:
        if answer.strip() and not "terminal".startswith(answer.strip().lower()):
            return '?Must be "terminal", "memory" or "network"\n'
        return enter_configuration(session)

    session.question = Question("Configuring from terminal, memory, or network [terminal]? ", chosen)
    return ""


def _write(session: Session, _: Args) -> str:
    session.view.write_memory(session.user)
    return "Building configuration...\n[OK]\n"


def _copy_to_startup(session: Session, _: Args) -> str:
    def chosen(session: Session, answer: str) -> str:
        if answer.strip() not in {"", "startup-config"}:
            return f"%Error opening {answer.strip()} (Invalid argument)\n"
        session.view.write_memory(session.user)
        return "Building configuration...\n[OK]\n"

    session.question = Question("Destination filename [startup-config]? ", chosen)
    return ""


def _keep_archive(session: Session, _: Args) -> str:
    return "" if session.view.keep_archive() else "Archive path not set\n"


def _undebug(_: Session, __: Args) -> str:
    return "All possible debugging has been turned off\n"


def _show_history(session: Session, _: Args) -> str:
    return "".join(f"  {line}\n" for line in session.history)


def _show_terminal(session: Session, _: Args) -> str:
    return (
        f'Line 2, Location: "", Type: "vt100"\n'
        f"Length: {session.length} lines, Width: {session.width} columns\n"
        f"Privilege level: {session.privilege}\n"
    )


def _show_partial_config(_: Session, __: Args) -> str:
    """What IOS shows of a configuration of which the user may change nothing."""
    body = "!\nboot-start-marker\nboot-end-marker\n!\n!\n!\nend\n"
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n{body}\n"


ACTIONS = (
    ExecCommand("enable [<level:number>]", _enable, 0),
    ExecCommand("disable [<level:number>]", _disable, 0),
    ExecCommand("(exit|logout|quit)", _exit, 0),
    ExecCommand("terminal (length <number>|no length)", _length, 1),
    ExecCommand("terminal (width <number>|no width)", _width, 1),
    ExecCommand("terminal [no] (monitor|history|editing)", _nothing, 1),
    ExecCommand("terminal exec prompt (timestamp|no-timestamp)", _nothing, 1),
    ExecCommand("configure", _ask_terminal),
    ExecCommand("write [memory]", _write),
    ExecCommand("copy running-config startup-config", _copy_to_startup),
    ExecCommand("archive config", _keep_archive),
    ExecCommand("(undebug|no debug) all", _undebug),
    ExecCommand("show history", _show_history, 1),
    ExecCommand("show terminal", _show_terminal, 1),
)

RESTRICTED = (ExecCommand("show running-config [<rest>]", _show_partial_config, 2),)
"""What stands in for a refused command between user level and 15, as where an administrator has lowered its level."""

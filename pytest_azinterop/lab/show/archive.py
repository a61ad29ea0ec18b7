"""What configurations there are besides the running one: ``show archive``, differences, the log of commands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body, date_line

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.view import RouterView

_STARTUP_NAMES = ("nvram:startup-config", "startup-config")
_RUNNING_NAMES = ("system:running-config", "running-config")


def show_archive(view: RouterView, _args: Args) -> str:
    """The files that ``archive`` keeps, oldest first."""
    state = view.archive()
    if state.path is None:
        return "Archive feature not enabled."
    name = state.path.replace("$h", view.hostname)
    name = name.replace("$t", "<timestamp>") if "$t" in name else f"{name}-<timestamp>"
    rows = []
    for number in range(1, state.maximum + 1):
        file = state.files[number - 1].name if number <= len(state.files) else ""
        latest = " <- Most Recent" if file and number == len(state.files) else ""
        rows.append(f"   {number:<8}{file}{latest}")
    return body(
        f"The maximum archive configurations allowed is {state.maximum}.",
        f"There are currently {len(state.files)} archive configurations saved.",
        f"The next archive file will be named {name}-{state.written}",
        " Archive #  Name",
        *rows,
    )


def show_differences(view: RouterView, args: Args) -> str:
    """The first file against the second; the running-config where none is named."""
    texts = []
    for name in (args.get("first") or _STARTUP_NAMES[0], args.get("second") or _RUNNING_NAMES[0]):
        text = _file(view, name)
        if text is None:
            return f"%Error opening {name} (No such file or directory)"
        texts.append(text)
    old, new = (_paths(text) for text in texts)
    changes = [("-", path) for path in old if path not in set(new)]
    changes += [("+", path) for path in new if path not in set(old)]
    lines = ["!Contextual Config Diffs:"]
    above: tuple[str, ...] = ()
    for sign, path in changes:
        for depth, parent in enumerate(path[:-1]):
            if path[: depth + 1] != above[: depth + 1]:
                lines.append(parent)
        lines.append(f"{sign}{path[-1]}")
        above = path
    return body(*lines) if changes else body("!Contextual Config Diffs:", "!No changes were found")


def _file(view: RouterView, name: str) -> str | None:
    if name in _STARTUP_NAMES:
        return view.startup_config()
    if name in _RUNNING_NAMES:
        return view.running_config()
    return next((each.text for each in view.archive().files if each.name == name), None)


def _paths(config: str) -> list[tuple[str, ...]]:
    """Every line with the lines it stands below; stamps and separators are left out."""
    stack: list[str] = []
    paths: list[tuple[str, ...]] = []
    for line in config.splitlines():
        text = line.strip()
        if not text or text.startswith("!") or text in {"end", "exit-address-family"}:
            continue
        depth = len(line) - len(line.lstrip())
        stack = [*stack[:depth], line]
        paths.append(tuple(stack))
    return paths


def show_command_log(view: RouterView, args: Args) -> str:
    """``show archive log config``: all commands, or those from one number to another."""
    first = int(args.get("first") or 1)
    last = int(args.get("last") or args.get("first") or 2**31)
    rows = [
        f"{each.index:>5}{each.session:>5}{each.who:>19}  |{each.text}"
        for each in view.archive().commands
        if first <= each.index <= last
    ]
    return body(" idx   sess           user@line      Logged command", *rows)


def show_rollback_timer(view: RouterView, _args: Args) -> str:
    """The rollback that will happen unless it is confirmed."""
    pending = view.rollback.pending
    if pending is None:
        return "%No Rollback Confirmed Change pending"
    return body(
        f"Time configured(or reconfigured): {date_line(datetime.fromtimestamp(pending.configured_at, UTC))}",
        f"Timer type: {'idle' if pending.idle else 'absolute'} timer",
        f"Timer value: {pending.minutes} min",
        f"User: {pending.user}",
    )


def show_incremental(view: RouterView, args: Args) -> str:
    """The lines of the running-config that a file lacks, as they would be typed."""
    text = _file(view, args["first"])
    if text is None:
        return f"%Error opening {args['first']} (No such file or directory)"
    known = set(_paths(text))
    lines: list[str] = []
    above: tuple[str, ...] = ()
    for path in _paths(view.running_config()):
        if path in known:
            continue
        for depth, parent in enumerate(path[:-1]):
            if path[: depth + 1] != above[: depth + 1]:
                lines.append(parent)
        lines.append(path[-1])
        above = path
    return body("!List of Commands:", *lines, "end")


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show archive", show_archive, privilege=15),
    ShowCommand("show archive config differences [<first> [<second>]]", show_differences, privilege=15),
    ShowCommand("show archive config incremental-diffs <first>", show_incremental, privilege=15),
    ShowCommand("show archive config rollback timer", show_rollback_timer, privilege=15),
    ShowCommand("show archive log config all", show_command_log, privilege=15),
    ShowCommand("show archive log config <first:number> [<last:number>]", show_command_log, privilege=15),
)

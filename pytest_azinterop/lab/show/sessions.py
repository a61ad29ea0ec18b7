"""Who manages the router: ``show configuration lock``, ``show line``, ``show netconf-yang sessions``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.lab.exec.grammar import ShowCommand
from pytest_azinterop.lab.show.formats import body

if TYPE_CHECKING:
    from pytest_azinterop.lab.exec.arguments import Args
    from pytest_azinterop.lab.network.upkeep_records import ConfigLock
    from pytest_azinterop.lab.network.view import RouterView

_FREE = (
    ("Owner PID", "-1"), ("User", "unknown"), ("TTY", "-1"), ("Type", "NO LOCK"), ("State", "FREE"),
    ("Class", "unknown"), ("Count", "0"), ("Pending Requests", "0"), ("User debug info", ""),
    ("Session idle state", "FALSE"), ("No of exec cmds getting executed", "0"), ("No of exec cmds blocked", "0"),
    ("Config wait for show completion", "FALSE"), ("Remote ip address", "Unknown"),
    ("Lock active time (in Sec)", "0"), ("Lock Expiration timer (in Sec)", "0"),
)  # fmt: skip
_EXPIRES = 600


def show_lock(view: RouterView, _args: Args) -> str:
    """Everybody in configuration mode, and the exclusive lock with its owner or without."""
    locks = view.locks()
    lines: list[str] = []
    if locks:
        lines += ["Config Session Lock", "---------------------"]
        for each in locks:
            lines += [
                f"Owner PID   : {each.process}",
                f"TTY number  : {each.tty}",
                f"TTY username    : {each.user}",
                "User debug info : CLI Session Lock",
                f"Lock Active time (in Sec)   : {int(each.seconds)}",
            ]
        lines.append("")
    holder = next((each for each in locks if each.exclusive), None)
    lines += ["Parser Configure Lock", "---------------------"]
    rows = _FREE if holder is None else _held(holder)
    return body(*lines, *(f"{name:<33} : {value}".rstrip() for name, value in rows), "")


def _held(lock: ConfigLock) -> tuple[tuple[str, str], ...]:
    known = {
        "Owner PID": str(lock.process), "User": lock.user, "TTY": str(lock.tty), "Type": "EXCLUSIVE",
        "State": "LOCKED", "Class": "EXPOSED", "Count": "1", "User debug info": "configure terminal lock",
        "Remote ip address": lock.location, "Lock active time (in Sec)": str(int(lock.seconds)),
        "Lock Expiration timer (in Sec)": str(max(0, _EXPIRES - int(lock.seconds))),
    }  # fmt: skip
    return tuple((name, known.get(name, value)) for name, value in _FREE)


def show_line(view: RouterView, args: Args) -> str:
    """The console and the virtual terminals; ``*``: somebody is logged in."""
    used = {(each.kind, each.number) for each in view.user_lines()}
    own = args.via.split(" ")[0]
    found = re.findall(r"^line vty (\d+)(?: (\d+))?$", view.running_config(), re.MULTILINE)
    highest = max((int(last or first) for first, last in found), default=4)
    rows = [("con", 0, 0, "CTY")] + [("vty", number, number + 1, "VTY") for number in range(highest + 1)]
    lines = ["   Tty Line Typ     Tx/Rx    A Modem  Roty AccO AccI  Uses  Noise Overruns  Int"]
    for kind, number, absolute, name in rows:
        mark = "*" if (kind, number) in used or own == f"{kind}{number}" else " "
        lines.append(
            f"{mark}{absolute:>5}{absolute:>5} {name}              -    -      -    -    -{0:>6}{0:>7}    0/0      -"
        )
    return body(*lines, "")


def show_netconf(view: RouterView, _args: Args) -> str:
    """Sessions over NETCONF. That none is said in these words is not certain."""
    sessions = view.platform().netconf
    if not sessions:
        return "There are no active sessions"
    return body(
        "R: Global-lock on running datastore",
        "C: Global-lock on candidate datastore",
        "S: Global-lock on startup datastore",
        "",
        f"Number of sessions : {len(sessions)}",
        "",
        "session-id  transport    username             source-host           global-lock",
        "-" * 79,
        *(
            f"{each.number:<12}{'netconf-ssh':<13}{each.user:<21}{each.host:<22}{'R' if each.locks else 'None'}"
            for each in sessions
        ),
        "",
    )


COMMANDS: tuple[ShowCommand, ...] = (
    ShowCommand("show configuration lock", show_lock, privilege=15),
    ShowCommand("show line", show_line),
    ShowCommand("show netconf-yang sessions", show_netconf, privilege=15),
)

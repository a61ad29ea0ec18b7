"""`azinterop drill`: list, qualify, recover. Their arguments; what they do is loaded when one of them runs."""

from __future__ import annotations

import argparse
from pathlib import Path

_RECOVER = """\
Finish a drill that was interrupted: put back what it has changed on routers and in Azure, prove it, and say how each
was left. Without JOURNAL: every unfinished drill of the inventory; where none is known on this machine, its routers are
asked whether a rollback timer is pending. Needs the login of drills. Exit code 0: everything is as before; 1: something
is not; 3: refused, or a router could not be asked; 4: a wrong inventory."""
_QUALIFY = """\
Rehearse a router's revert timer: arm it, type another description of one BGP neighbor, do nothing until the router has
restored itself, and prove that it has. No drill begins on a router without a record of that. It types in configuration
mode, so it needs what a drill needs: AZINTEROP_DRILL=1, a ticket, the login of drills. Exit code 0: qualified;
1: it did not restore itself; 3: refused, nothing was changed; 4: a wrong inventory."""


def add_parsers(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `drill`."""
    drill = commands.add_parser("drill", help="failover drills: list, qualify, recover")
    actions = drill.add_subparsers(dest="drill_command", required=True, metavar="COMMAND")
    shown = actions.add_parser("list", help="the drills of an inventory", description="The drills of an inventory.")
    shown.add_argument("--inventory", required=True, metavar="NAME|PATH")
    shown.set_defaults(run=_list)
    recover = actions.add_parser("recover", help="finish a drill that was interrupted", description=_RECOVER)
    recover.add_argument("journal", nargs="?", type=Path, metavar="JOURNAL", help="a journal.jsonl, or its folder")
    recover.add_argument("--inventory", metavar="NAME|PATH", help="default: the one that the journal names")
    recover.add_argument(
        "--patience", type=float, metavar="SECONDS", help="how long to go on trying (default: as long as a timer runs)"
    )
    recover.set_defaults(run=_recover)
    qualify = actions.add_parser("qualify", help="rehearse a router's revert timer", description=_QUALIFY)
    qualify.add_argument("host", metavar="HOST", help="the router's name in the inventory")
    qualify.add_argument("--inventory", required=True, metavar="NAME|PATH")
    qualify.add_argument("--minutes", type=_minutes, default=2, metavar="N", help="of the timer (default: 2)")
    qualify.add_argument("--ticket", required=True, metavar="ID", help="under which ticket it is typed on the router")
    qualify.add_argument("--in-ci", action="store_true", help="let a build service do it")
    qualify.set_defaults(run=_qualify)


def _list(arguments: argparse.Namespace) -> int:
    from pytest_azinterop import drill_list

    return drill_list.run(arguments.inventory)


def _recover(arguments: argparse.Namespace) -> int:
    from pytest_azinterop import drill_recover

    return drill_recover.run(arguments.journal, arguments.inventory, arguments.patience)


def _qualify(arguments: argparse.Namespace) -> int:
    from pytest_azinterop import drill_qualify

    return drill_qualify.run(
        arguments.host, arguments.inventory, arguments.minutes, ticket=arguments.ticket, in_ci=arguments.in_ci
    )


def _minutes(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 120:
        raise argparse.ArgumentTypeError("must be 1 to 120")
    return value

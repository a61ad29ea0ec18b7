"""`azinterop`: what is not a test.

Exit codes: 0 done, 1 not everything could be read, 2 usage, 3 refused by a parser or at a login, 4 a wrong inventory
or intent.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_azinterop import __version__
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_INVENTORY = 4
MISSING_EXTRA = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except InventoryError as error:
        print(f"azinterop: {error}", file=sys.stderr)
        return WRONG_INVENTORY
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pytest_azinterop"):
            raise
        extra = "azure" if (error.name or "").partition(".")[0] == "azure" else "lab"
        print(f'azinterop: {error}; pip install "pytest-azinterop[{extra}]"', file=sys.stderr)
        return MISSING_EXTRA
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="azinterop", description="Verify the hybrid connection of routers to Azure.")
    parser.add_argument("--version", action="version", version=f"pytest-azinterop {__version__}")
    commands = parser.add_subparsers(dest="azinterop_command", required=True, metavar="COMMAND")
    version = commands.add_parser("version", help="print the version")
    version.set_defaults(run=_version)
    # Each adds its commands and loads nothing heavy before one of them runs.
    import_module("pytest_azinterop.intent.commands").add_parsers(commands)
    parse = import_module("pytest_azinterop.iosxe.cli_parse").add_parser(commands)
    import_module("pytest_azinterop.azure.cli_parse").add_option(parse)
    import_module("pytest_azinterop.contact.commands").add_parsers(commands, _start_lab)
    import_module("pytest_azinterop.azure_commands").add_parsers(commands, _start_lab)
    import_module("pytest_azinterop.drill_commands").add_parsers(commands)

    from pytest_azinterop.lab.commands import add_parsers

    add_parsers(commands)
    return parser


def _start_lab(**arguments: object) -> object:
    """The simulated network, for an inventory that names one."""
    return import_module("pytest_azinterop.lab.launch").start(**arguments)


def _version(_: argparse.Namespace) -> int:
    print(f"pytest-azinterop {__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

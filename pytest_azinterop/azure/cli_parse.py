"""`azinterop parse --azure OPERATION FILE|- [--json]`: read a saved answer of Azure with the parser of a run."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from pytest_azinterop.errors import AzinteropError, ParseError

if TYPE_CHECKING:
    from pytest_azinterop.azure.operation import Operation

READ: Final = 0
USAGE: Final = 2
REFUSED: Final = 3


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add `--azure` to `azinterop parse`."""
    parser.add_argument(
        "--azure",
        dest="run",
        action="store_const",
        const=run,
        default=argparse.SUPPRESS,
        help="COMMAND is an operation of Azure, such as learned-routes, getLearnedRoutes or "
        '"az network vnet-gateway list-learned-routes"; FILE is JSON of the REST API or of `az … -o json`',
    )


def run(arguments: argparse.Namespace, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Parse and print; returns the exit code. Secrets are redacted before anything is read."""
    from pytest_azinterop.azure.saved import load_saved
    from pytest_azinterop.state.azure_source import AzureSource
    from pytest_azinterop.state.plain import plain

    out, err = out or sys.stdout, err or sys.stderr
    try:
        operation, parameters = _operation(arguments.command)
        text = sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes()
    except (AzinteropError, ValueError) as error:
        err.write(f"azinterop parse: {error}\n")
        return USAGE
    except OSError as error:
        err.write(f"azinterop parse: {arguments.file}: {error.strerror or error}\n")
        return USAGE
    source = AzureSource(
        host="file" if arguments.file != "-" else "stdin", command=operation.name, asked_at=datetime.now(UTC)
    )
    try:
        reading = operation.read(load_saved(text, source), source, parameters)
    except ParseError as error:
        err.write(f"azinterop parse: {error.message} [{error.cause}]\n")
        return REFUSED
    records = [plain(record) for record in reading.records]
    if arguments.json:
        document = {
            "command": arguments.command,
            "parser": operation.name,
            "records": records,
            "unread": list(reading.unread),
            # A JSON document that was cut cannot be read at all, and a list that goes on is refused.
            "complete": True,
        }
        out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
        err.write(f"{operation.name}: {len(records)} records, {len(reading.unread)} unread fields beside them\n")
    return READ


def _operation(typed: str) -> tuple[Operation, dict[str, str]]:
    """`circuit-routes path=primary`: the operation, and what its parser is told. Raises ValueError."""
    from pytest_azinterop.azure.catalogue import find

    words = typed.split()
    name = [word for word in words if "=" not in word]
    given = dict(word.split("=", 1) for word in words if "=" in word)
    operation = find(" ".join(name))
    known = {parameter for parameter, _ in operation.passes}
    if unknown := sorted(given.keys() - known):
        takes = ", ".join(sorted(known)) or "no parameter"
        raise ValueError(f"{operation.name} takes {takes}, not {', '.join(unknown)}"[:300])
    operation.check_passed(given)
    return operation, given

"""`azinterop parse "COMMAND" FILE|- [--json]`: read a saved answer with the parser that a run would use."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from pytest_azinterop.errors import ParseError
from pytest_azinterop.iosxe.answer import clean, ends_with_prompt
from pytest_azinterop.iosxe.catalogue import UnknownCommandError, match
from pytest_azinterop.iosxe.redact import redact
from pytest_azinterop.state.plain import plain
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_azinterop.iosxe.catalogue import Command
    from pytest_azinterop.iosxe.parsed import Parsed

READ: Final = 0
USAGE: Final = 2
REFUSED: Final = 3


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add `parse` to `azinterop`; returns its parser."""
    parser = subparsers.add_parser(
        "parse",
        help="read a saved answer of a router or of Azure",
        description="Read what a router answered to COMMAND (usual abbreviations are understood) with this package's "
        "parser. Exit code 0: read; 3: refused, with the line on standard error; 2: wrong usage.",
    )
    _arguments(parser)
    parser.set_defaults(run=run)
    return parser


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command", metavar="COMMAND", help='such as "show bgp vpnv4 unicast vrf 30"')
    parser.add_argument("file", metavar="FILE", help="the answer as text; - reads standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a line per record")


def run(arguments: argparse.Namespace, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Parse and print; returns the exit code. Keys and passwords are redacted before anything is read."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        command, parameters = match(arguments.command)
        text = redact(_text(arguments.file))
    except UnknownCommandError as error:
        err.write(f"azinterop parse: {error}\n")
        return USAGE
    except OSError as error:
        err.write(f"azinterop parse: {arguments.file}: {error.strerror or error}\n")
        return USAGE
    source = Source(host="file" if arguments.file != "-" else "stdin", command=arguments.command, asked_at=_now())
    ended = ends_with_prompt(text)
    if not ended and not clean(text).strip():
        # Without a prompt behind it, nothing does not show that there is nothing.
        err.write(f"azinterop parse: {arguments.file}: empty, there is no answer in it [cut-off]\n")
        return REFUSED
    try:
        parsed = command.read(text, source, parameters)
    except ParseError as error:
        where = "" if error.line_number is None else f"line {error.line_number}: "
        line = "" if error.line is None else f"\n{error.line}"
        err.write(f"azinterop parse: {where}{error.message} [{error.cause}]{line}\n")
        return REFUSED
    if arguments.json:
        document = {
            "command": arguments.command,
            "parser": command.name,
            "records": [plain(record) for record in parsed.records],
            "unread": list(parsed.unread),
            "complete": _complete(command, parsed, ended=ended),
        }
        out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        for record in parsed.records:
            out.write(json.dumps(plain(record), ensure_ascii=False) + "\n")
        err.write(f"{command.name}: {len(parsed.records)} records, {len(parsed.unread)} unread lines\n")
        if not _complete(command, parsed, ended=ended):
            err.write("no prompt stands behind the answer: whether more of it followed cannot be told\n")
    return READ


def _complete(command: Command, parsed: Parsed[object], *, ended: bool) -> bool | None:
    """True where the text shows that the answer is whole: a prompt behind it, or the router's own end mark. None where
    it does not: a cut between two records leaves no trace. (False never: what is seen to be cut is refused.)"""
    whole = bool(parsed.records) and all(getattr(record, "whole", False) for record in parsed.records)
    return True if ended or whole or command.shows_its_end else None


def _now() -> datetime:
    return datetime.now(UTC)


def _text(file: str) -> str:
    """The answer; bytes that are no UTF-8 become replacement characters, and line ends stay as they are."""
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return raw.decode("utf-8", errors="replace")


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m pytest_azinterop.iosxe.cli_parse COMMAND FILE`."""
    parser = argparse.ArgumentParser(prog="azinterop parse")
    _arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())

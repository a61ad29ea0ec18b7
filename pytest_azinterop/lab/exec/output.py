"""What stands between a command's text and the screen: the pipe's filters and the pager."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pytest_azinterop.lab.exec.grammar import Ambiguous, Grammar, Incomplete, Invalid, Match

MORE = " --More-- "
ERASE_MORE = "\b" * 9 + " " * 8 + "\b" * 9

_FILTERS: Grammar[str] = Grammar(
    [
        ("include <rest>", 1, "include"),
        ("exclude <rest>", 1, "exclude"),
        ("begin <rest>", 1, "begin"),
        ("count <rest>", 1, "count"),
        ("section [include] <rest>", 1, "section"),
        ("section exclude <rest>", 1, "section exclude"),
    ]
)
_DELIMITER = r"(?:_|[,{}() ]|^|$)"


@dataclass(frozen=True, slots=True)
class Filter:
    """One output modifier, ready to use."""

    action: str
    pattern: re.Pattern[str]

    def apply(self, text: str) -> str:
        """The lines that remain, each ended by a newline."""
        lines = text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        match self.action:
            case "include":
                kept = [line for line in lines if self.pattern.search(line)]
            case "exclude":
                kept = [line for line in lines if not self.pattern.search(line)]
            case "begin":
                first = next((at for at, line in enumerate(lines) if self.pattern.search(line)), len(lines))
                kept = lines[first:]
            case "count":
                kept = [f"Number of lines which match regexp = {sum(bool(self.pattern.search(at)) for at in lines)}"]
            case _:
                kept = _sections(lines, self.pattern, wanted=self.action == "section")
        return "".join(f"{line}\n" for line in kept)


def _sections(lines: list[str], pattern: re.Pattern[str], *, wanted: bool) -> list[str]:
    """A matching line and the deeper-indented lines below it; or everything else."""
    kept: list[str] = []
    depth: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and (indent <= depth or not line.strip()):
            depth = None
        if depth is None and pattern.search(line):
            depth = indent
        if (depth is not None) is wanted:
            kept.append(line)
    return kept


def split_pipe(line: str) -> tuple[str, str | None, int]:
    """The command, the text after the first ``|`` (None without one) and the column where that text starts."""
    command, bar, modifier = line.partition("|")
    return command, modifier if bar else None, len(command) + 1


def parse_filter(text: str) -> Filter | Ambiguous | Incomplete | Invalid | str:
    """The modifier after a pipe; a string is an error message of the regular expression."""
    outcome = _FILTERS.match(text)
    if not isinstance(outcome, Match):
        return outcome
    expression = outcome.args["rest"]
    try:
        return Filter(outcome.command, re.compile(_python_expression(expression)))
    except re.error:
        return "% Failed to compile regular expression."


def _python_expression(expression: str) -> str:
    """IOS's ``_`` stands for a delimiter or either end of the line (and, as routers do in practice, for itself)."""
    if len(expression) > 1 and expression[0] == expression[-1] == '"':
        expression = expression[1:-1]
    parts = re.split(r"(\\.|\[[^\]]*\]|_)", expression)
    return "".join(_DELIMITER if part == "_" else part for part in parts)


@dataclass(slots=True)
class Pager:
    """Shows a text a screen at a time. ``pending`` are the lines that still wait for a key."""

    pending: list[str] = field(default_factory=list)

    def start(self, text: str, length: int) -> str:
        """The first screen; ``length`` 0 shows everything."""
        self.pending = text.split("\n")
        if self.pending and not self.pending[-1]:
            self.pending.pop()
        return self._show(len(self.pending) if length == 0 else max(1, length - 1))

    def press(self, char: str, length: int) -> str:
        """A key at ``--More--``: space shows a screen, Enter a line, anything else ends the output."""
        if char in "\r\n":
            return ERASE_MORE + self._show(1)
        if char == " ":
            return ERASE_MORE + self._show(max(1, length - 1))
        self.pending.clear()
        return ERASE_MORE

    def _show(self, count: int) -> str:
        shown, self.pending = self.pending[:count], self.pending[count:]
        return "".join(f"{line}\r\n" for line in shown) + (MORE if self.pending else "")

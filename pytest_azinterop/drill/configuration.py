"""A running-configuration as a drill compares it: line by line below its parents, without what changes by itself."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_azinterop.iosxe import answer
from pytest_azinterop.iosxe.redact import redact

if TYPE_CHECKING:
    from pytest_azinterop.drill.lines import Program

_VOLATILE: Final = re.compile(
    r"Building configuration\.\.\.|Current configuration : \d+ bytes|! Last configuration change at .*"
    r"|! NVRAM config last updated at .*|! No configuration change since last restart|ntp clock-period \d+"
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The lines of a whole running-configuration, in order, each with those that it stands below.

    They hold secrets: `repr` shows none of them, and what is told of them goes through `redact`.
    """

    lines: tuple[tuple[tuple[str, ...], str], ...]

    def __repr__(self) -> str:
        return f"Configuration({len(self.lines)} lines)"

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the lines without their secrets, so that nothing could be guessed from it."""
        text = "\n".join(f"{' ' * len(above)}{line}" for above, line in self.lines)
        return hashlib.sha256(redact(text).encode()).hexdigest()

    def holds(self, program: Program) -> bool:
        """Whether the change of a program is there."""
        return (program.above, program.present) in self.lines

    def has_place_for(self, program: Program) -> bool:
        """Whether the block that a program changes is there: entering one that is not would create it."""
        return not program.above or (program.above[:-1], program.above[-1]) in self.lines

    def below(self, *above: str) -> tuple[str, ...]:
        """The lines directly below these."""
        return tuple(line for parents, line in self.lines if parents == above)


@dataclass(frozen=True, slots=True)
class Changed:
    """A line that only one of two configurations has: `added`, the later one."""

    added: bool
    above: tuple[str, ...]
    line: str

    def __str__(self) -> str:
        """`+ router bgp 65021 / address-family ipv4 vrf 30 / neighbor 192.0.2.1 shutdown`, without secrets."""
        words = [redact(f"{each}\n").rstrip("\n") for each in (*self.above, self.line)]
        return f"{'+' if self.added else '-'} {' / '.join(words)}"[:300]

    def is_of(self, program: Program) -> bool:
        """Whether it is what the change of a program does."""
        if self.above != program.above:
            return False
        return self.line == (program.present if self.added else program.replaced)


def read(text: str) -> Configuration:
    """The lines of `show running-config`. The answer must be whole: the parser of the catalogue says so."""
    lines: list[tuple[tuple[str, ...], str]] = []
    stack: list[tuple[int, str]] = []
    for line in answer.clean(text).split("\n"):
        words = line.strip()
        if not words or words == "!" or _VOLATILE.fullmatch(words):
            continue
        depth = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= depth:
            stack.pop()
        lines.append((tuple(above for _, above in stack), words))
        stack.append((depth, words))
    return Configuration(tuple(lines))


def difference(before: Configuration, after: Configuration) -> tuple[Changed, ...]:
    """What is only in one of them; where all lines are the same in another order, the first that moved."""
    if before.lines == after.lines:
        return ()
    old, new = Counter(before.lines), Counter(after.lines)
    gone = [Changed(False, *line) for line in (old - new).elements()]
    come = [Changed(True, *line) for line in (new - old).elements()]
    if gone or come:
        return (*gone, *come)
    moved = next(line for line, other in zip(after.lines, before.lines, strict=True) if line != other)
    return (Changed(False, *moved), Changed(True, *moved))

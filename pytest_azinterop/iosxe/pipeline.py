"""Several commands typed at once, and which bytes that come back answer which of them. Pure.

A router that is typed ahead to keeps what it cannot read yet and echoes it behind its next prompt, so each answer ends
where prompt and echo of the next command stand, and the last one as any answer. So that no text inside an answer can
pass for that, each command is typed with blanks behind it, as many as nobody can know beforehand; IOS-XE echoes them
and takes no notice. What is not exactly so is in doubt, and what is in doubt is no answer.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.prompt import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_azinterop.iosxe.prompt import Prompt

# A VTY line keeps what is typed ahead in a buffer of 256 bytes or so, which Cisco documents nowhere.
MOST_COMMANDS = 8
MOST_BYTES = 224
_BLANKS = 16
_LINE_END = re.compile(rb"\r*\n")
_BEFORE = 2000  # bytes before an echo in which its prompt stands, messages in between


def together(commands: Iterable[str]) -> list[str]:
    """As many of these, from the first on, as may be typed at once: at least one.

    Only what shows and never asks: `ping` and `traceroute` read the keyboard while they run.
    """
    taken: list[str] = []
    size = 0
    for command in commands:
        size += len(command) + _BLANKS + 1
        fits = len(taken) < MOST_COMMANDS and size <= MOST_BYTES and command not in taken
        if taken and not (fits and command.startswith("show ") and taken[0].startswith("show ")):
            break
        taken.append(command)
    return taken


def blanks() -> str:
    """Blanks to type behind a command."""
    return " " * (1 + secrets.randbelow(_BLANKS))


class Replies:
    """The bytes that come back after several lines were typed: commands with their blanks, without line ends."""

    def __init__(self, typed: Sequence[str], prompt: Prompt) -> None:
        self._typed = [line.encode() for line in typed]
        self._first = Reply(typed[0].rstrip(" "), prompt)
        self._prompt = prompt
        self._received = bytearray()
        self._searched = 0
        self._starts: list[int] = []  # where the text behind each echo begins
        self._ends: list[int] = []  # where the text of each answer but the last ends
        self._last: tuple[int, bytes] | None = None
        self.doubt = ""
        """Why no further answer can be told from the next, in words for a message; empty: they can."""

    def feed(self, chunk: bytes) -> None:
        """Take in what was received."""
        self._received += chunk
        while len(self._starts) < len(self._typed) and self._find_echo():
            pass
        self._last = self._prompt.find(self._received, self._starts[-1] - 1) if self._starts else None
        if self._last is not None and len(self._starts) < len(self._typed):
            later = range(len(self._starts) + 1, len(self._typed))
            if any(self._echoes(number) for number in later):
                self.doubt = "the router did not echo it as it was typed, but what was typed behind it"

    def _find_echo(self) -> bool:
        """The next echo, in order."""
        number, received = len(self._starts), self._received
        typed = self._typed[number]
        at = received.find(typed, self._searched)
        while at != -1:
            after = _LINE_END.match(received, at + len(typed))
            end = None if after is None else self._end_before(number, at)
            if after is not None and end is not None:
                if number:
                    self._ends.append(end)
                self._starts.append(after.end())
                self._searched = after.end()
                return True
            at = received.find(typed, at + 1)
        least = self._starts[-1] if self._starts else 0
        self._searched = max(least, len(received) - _BEFORE)
        return False

    def _end_before(self, number: int, at: int) -> int | None:
        """Where the answer before an echo at this place ends, which is where the line of its prompt begins; None: no
        prompt stands there, so it is no echo."""
        if not number:
            return self._first.before(self._received, at)
        least = max(self._starts[-1] - 1, at - _BEFORE)
        found = self._prompt.find(self._received[least:at], 0)
        return None if found is None else least + found[0]

    def _echoes(self, number: int) -> bool:
        """Whether a line behind a prompt looks like this echo anywhere behind the last one that is certain."""
        typed, at = self._typed[number], self._received.find(self._typed[number], self._starts[-1])
        while at != -1:
            if _LINE_END.match(self._received, at + len(typed)) and self._end_before(number, at) is not None:
                return True
            at = self._received.find(typed, at + 1)
        return False

    @property
    def echoed(self) -> int:
        """The number of commands whose echo was seen."""
        return len(self._starts)

    @property
    def complete(self) -> bool:
        """Whether every echo is there, and the prompt at the end."""
        return len(self._starts) == len(self._typed) and self._last is not None

    @property
    def size(self) -> int:
        """The number of bytes received."""
        return len(self._received)

    @property
    def paging(self) -> bool:
        """Whether the router waits for a key: it takes what was typed ahead for it."""
        return self._first.pages(self._received)

    @property
    def rest_of_previous(self) -> bytes:
        """See `Reply.rest_of_previous`; of the answer before the first of these."""
        if not self._starts:
            return b""
        first = Reply(self._typed[0].decode().rstrip(" "), self._prompt)
        first.feed(bytes(self._received[: self._starts[0]]))
        return first.rest_of_previous

    @property
    def prompt(self) -> bytes:
        """The text of the prompt at the end."""
        return b"" if self._last is None else self._last[1]

    def texts(self) -> list[bytes | None]:
        """The answer to each command; None: it has none, or where it begins or ends is in doubt."""
        found: list[bytes | None] = [None] * len(self._typed)
        once = [self._occurs_once(typed) for typed in self._typed]
        ends: list[int | None] = [*self._ends, None]
        if self._starts and self._last is not None and not self.doubt and (self.complete or self._one_prompt()):
            ends[len(self._starts) - 1] = self._last[0]
        for number, start in enumerate(self._starts):
            end = ends[number]
            following_once = number + 1 >= len(self._starts) or once[number + 1]
            if end is not None and once[number] and following_once:
                found[number] = bytes(self._received[start:end])
        return found

    def _one_prompt(self) -> bool:
        """Whether the text behind the last echo holds no other prompt than that at its end: a command that the router
        took otherwise than it was typed would stand behind one."""
        if self._last is None:
            return False
        text = self._received[self._starts[-1] : self._last[0]]
        name = self._last[1][:-1]
        return not text.startswith(name) and b"\n" + name not in text and b"\r" + name not in text

    def _occurs_once(self, typed: bytes) -> bool:
        """Whether no other line of all that was received ends like this echo."""
        at, number = self._received.find(typed), 0
        while at != -1:
            # An echo with more blanks before the line end is another one; one that is the tail of a word is none.
            number += _LINE_END.match(self._received, at + len(typed)) is not None
            at = self._received.find(typed, at + 1)
        return number <= 1

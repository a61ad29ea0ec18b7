"""The line that is being typed: editing keys, echo, history. Characters in, echo and finished lines out; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

BACKSPACES = "\b\x7f"
_MAX_LINE = 4096
_HISTORY = 20


class Key(Enum):
    """What a keystroke asks of the terminal beyond the line itself."""

    ENTER = "enter"
    INTERRUPT = "ctrl-c"
    END = "ctrl-z"
    LOGOUT = "ctrl-d"
    TAB = "tab"
    HELP = "?"


@dataclass(slots=True)
class LineEditor:
    """IOS's emacs-like editing. ``echo`` off is how a password is read; ``text`` is the line so far."""

    echo: bool = True
    help_key: bool = True
    """Whether ``?`` asks for help or is an ordinary character."""
    history: list[str] = field(default_factory=list)
    _buffer: list[str] = field(default_factory=list)
    _cursor: int = 0
    _escape: str = ""
    _after_return: bool = False
    _recalled: int = 0

    @property
    def text(self) -> str:
        """The line as typed so far."""
        return "".join(self._buffer)

    def take(self) -> str:
        """The finished line; the editor is empty afterwards, and the line is remembered (a password is not)."""
        line = self.text
        self._buffer.clear()
        self._cursor = 0
        if self.echo and line.strip() and self.history[-1:] != [line]:
            self.history.append(line)
            del self.history[:-_HISTORY]
        self._recalled = 0
        return line

    def clear(self) -> None:
        """Forget what was typed."""
        self._buffer.clear()
        self._cursor = 0

    def press(self, char: str) -> tuple[str, Key | None]:
        """One character: what to send back, and what it asks for."""
        if self._after_return:
            self._after_return = False
            if char in "\n\0":
                return "", None
        if self._escape or char == "\x1b":
            return self._sequence(char), None
        if char in "\r\n":
            self._after_return = char == "\r"
            return "", Key.ENTER
        key = _KEYS.get(char)
        if key is Key.LOGOUT and self._buffer:
            return self._delete(forward=True), None
        if key is not None and not (key is Key.HELP and not (self.help_key and self.echo)):
            return "", key
        if char in BACKSPACES:
            return self._delete(forward=False), None
        if char in _MOVES:
            return self._move(char), None
        if char < " " or len(self._buffer) >= _MAX_LINE:
            return "", None
        return self.insert(char), None

    def insert(self, text: str) -> str:
        """Put text at the cursor; the echo."""
        self._buffer[self._cursor : self._cursor] = text
        self._cursor += len(text)
        tail = "".join(self._buffer[self._cursor :])
        return (text + tail + "\b" * len(tail)) if self.echo else ""

    def _delete(self, *, forward: bool) -> str:
        if self._cursor == (len(self._buffer) if forward else 0):
            return "\a" if self.echo else ""
        if not forward:
            self._cursor -= 1
        del self._buffer[self._cursor]
        tail = "".join(self._buffer[self._cursor :]) + " "
        return (("" if forward else "\b") + tail + "\b" * len(tail)) if self.echo else ""

    def _move(self, char: str) -> str:
        match _MOVES[char]:
            case "start":
                return self._go(0)
            case "finish":
                return self._go(len(self._buffer))
            case "left":
                return self._go(self._cursor - 1)
            case "right":
                return self._go(self._cursor + 1)
            case "erase line":
                return self._go(len(self._buffer)) + "".join(self._delete(forward=False) for _ in self.text)
            case "erase tail":
                return "".join(self._delete(forward=True) for _ in self._buffer[self._cursor :])
            case "erase word":
                before = self.text[: self._cursor]
                kept = before.rstrip(" ").rfind(" ") + 1
                return "".join(self._delete(forward=False) for _ in range(len(before) - kept))
            case "up":
                return self._recall(1)
            case "down":
                return self._recall(-1)
            case _:
                return ""

    def _go(self, to: int) -> str:
        to = max(0, min(to, len(self._buffer)))
        step = "\b" * (self._cursor - to) if to < self._cursor else self.text[self._cursor : to]
        self._cursor = to
        return step if self.echo else ""

    def _recall(self, by: int) -> str:
        wanted = self._recalled + by
        if not self.echo or not 0 <= wanted <= len(self.history):
            return "\a" if self.echo else ""
        self._recalled = wanted
        erased = self._move("\x15")
        return erased + (self.insert(self.history[-wanted]) if wanted else "")

    def _sequence(self, char: str) -> str:
        """A cursor key (``ESC [ A``); anything else is swallowed."""
        self._escape += char
        if len(self._escape) == 1 or (len(self._escape) == 2 and char in "[O"):
            return ""
        if len(self._escape) > 2 and not char.isalpha() and char != "~" and len(self._escape) < 12:
            return ""
        move = _ARROWS.get(self._escape[-1]) if len(self._escape) == 3 else None
        self._escape = ""
        return self._move(move) if move else ""


_KEYS = {"\x03": Key.INTERRUPT, "\x1a": Key.END, "\x04": Key.LOGOUT, "\t": Key.TAB, "?": Key.HELP}
_MOVES = {
    "\x01": "start",
    "\x05": "finish",
    "\x02": "left",
    "\x06": "right",
    "\x15": "erase line",
    "\x18": "erase line",
    "\x0b": "erase tail",
    "\x17": "erase word",
    "\x10": "up",
    "\x0e": "down",
}
_ARROWS = {"A": "\x10", "B": "\x0e", "C": "\x06", "D": "\x02"}

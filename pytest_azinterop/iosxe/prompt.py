"""Where the answer to a command begins and ends in the bytes of a terminal session. Pure.

An answer begins after the echo of its command and ends before the prompt. A prompt counts only at the very end of what
was received; as text inside an answer can look like one, bytes that arrive before the echo of the *next* command are
recognised as the rest of the answer before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What terminals add without meaning: escape sequences, NUL, BEL.
_NOISE = rb"(?:\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|[\x00\x07])*"
_ANY_PROMPT = rb"[^\s>#%][^\r\n>#]{0,99}[>#]"
_LINE_START = rb"(?:\A|[\r\n])" + _NOISE
# A log message or a broadcast: written when it happens, also behind a prompt, which the router then does not repeat.
_MESSAGE = rb"(?:(?:[^\s%][^\r\n]{0,99})?%[A-Z0-9_]+(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+: |\*\*\*)[^\r\n]*"
# What a pending rollback says on the terminal that armed it, also right behind the prompt.
_WARNING = rb"(?:Rollback Confirmed Change: Rollback will begin in|Enter \"configure confirm\" if you wish)[^\r\n]*"
_SAID = rb"(?:[\r\n]+[ \x07]*" + _MESSAGE + rb"|[\r\n \x07]*" + _WARNING + rb")"
_END = rb"[ ]?" + _NOISE + rb"(?:" + _SAID + rb"+[\r\n]*)?" + _NOISE + rb"\Z"
_MESSAGES = re.compile(rb"(?:[\s\x00\x07]|(?:" + _MESSAGE + rb"|" + _WARNING + rb")(?=[\r\n]|\Z))*")
_PAGER = re.compile(rb"--\s?More\s?--[ ]*" + _NOISE + rb"\Z", re.IGNORECASE)
_PASSWORD = re.compile(rb"[\r\n][ \t]*[Pp]ass(?:word|code)[^\r\n]{0,40}:[ ]?" + _NOISE + rb"\Z")
_NAME = re.compile(rb"[\r\n][ \t]*(?:[Uu]sername|[Ll]ogin):[ ]?" + _NOISE + rb"\Z")
_TAIL = 2000
_QUIET = 20_000  # more than messages alone would bring
# IOS-XE keeps this much of the hostname in the prompts of configuration mode.
CONFIGURATION_HOSTNAME = 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt of one router. `hostname` None: not learned yet, any line that looks like a prompt counts."""

    hostname: bytes | None = None

    @property
    def pattern(self) -> bytes:
        """The regular expression of the prompt without what surrounds it."""
        if self.hostname is None:
            return _ANY_PROMPT
        short = self.hostname[:CONFIGURATION_HOSTNAME]
        return (
            rb"(?:" + re.escape(self.hostname) + rb"[>#]|" + re.escape(short) + rb"\([^()\r\n]{1,60}\)#)"
        )  # fmt: skip

    def at_end(self, received: bytes | bytearray) -> bytes | None:
        """The prompt at the very end of the received bytes, or None."""
        found = re.compile(_LINE_START + rb"(" + self.pattern + rb")" + _END).search(received, _tail(received))
        return None if found is None else found.group(1)


def hostname_of(prompt: bytes) -> bytes:
    """The hostname in a prompt of exec mode (everything before `>` or `#`)."""
    return prompt[:-1]


def password_wanted(received: bytes | bytearray) -> bool:
    """Whether the received bytes end by asking for a password."""
    return _PASSWORD.search(received, _tail(received)) is not None


def name_wanted(received: bytes | bytearray) -> bool:
    """Whether the received bytes end by asking for the name of a user."""
    return _NAME.search(received, _tail(received)) is not None


def _tail(received: bytes | bytearray) -> int:
    return max(0, len(received) - _TAIL)


def _without_messages(received: bytes) -> bytes:
    """Nothing where there is nothing but messages: else all of it, as lines of an answer can look like messages."""
    return b"" if _MESSAGES.fullmatch(received) else received


class Reply:
    """The bytes that come back after one command was sent."""

    def __init__(self, command: str, prompt: Prompt) -> None:
        expected = prompt.pattern
        self._received = bytearray()
        self._searched = 0
        self._start: int | None = None
        self._before_echo = b""
        self._echo = re.compile(
            rb"(?:\A[\s\x00\x07]*|[\r\n]" + _NOISE + rb"(?:(?P<prompt>" + expected + rb")[ ]?)?)" + _NOISE
            + rb"(?P<echo>" + re.escape(command.encode()) + rb")[ ]*\r*\n"
        )  # fmt: skip
        self._end = re.compile(rb"(?:\A|[\r\n])(?P<line>" + _NOISE + rb"(?P<prompt>" + expected + rb"))" + _END)
        self._prompt_at: int | None = None
        self._prompt_text = b""

    def feed(self, chunk: bytes) -> None:
        """Take in what was received."""
        self._received += chunk
        if self._start is None:
            self._find_echo()
        self._prompt_at = None
        if self._start is not None:
            # The line feed of the echo may be the one that begins the prompt's line.
            found = self._end.search(self._received, max(self._start - 1, _tail(self._received)))
            self._prompt_at = None if found is None else found.start("line")
            self._prompt_text = b"" if found is None else bytes(found.group("prompt"))

    def _find_echo(self) -> None:
        found = self._echo.search(self._received, self._searched)
        if found is None:
            # Keep a whole prompt and echo in view for the next try; the beginning has its own rule.
            self._searched = max(0, len(self._received) - 1024)
            return
        self._start = found.end()
        self._before_echo = bytes(self._received[: found.start() + 1 if found.start() else 0])

    @property
    def echoed(self) -> bool:
        """Whether the command's echo was seen."""
        return self._start is not None

    @property
    def complete(self) -> bool:
        """Whether echo, text and prompt are there; what arrives later can still show that it was no prompt."""
        return self._prompt_at is not None

    @property
    def paging(self) -> bool:
        """Whether the router waits for a key at `--More--`."""
        return self._start is not None and _PAGER.search(self._received, _tail(self._received)) is not None

    @property
    def size(self) -> int:
        """The number of bytes received."""
        return len(self._received)

    @property
    def state(self) -> str:
        """What is there of an answer that did not come to its end, in words for a message."""
        if self._start is None:
            return "; the router did not echo the command"
        other = Prompt().at_end(self._received)
        if other is not None:
            return "; its last line looks like the prompt of another hostname: was the hostname changed during the run?"
        return f"; {self.size - self._start} bytes of it arrived; a slow router needs a larger command_deadline"

    @property
    def rest_of_previous(self) -> bytes:
        """What arrived before the echo and is no message: the rest of an answer that seemed complete. Mostly empty."""
        return _without_messages(self._before_echo)

    @property
    def text(self) -> bytes:
        """The answer between echo and prompt."""
        if self._start is None or self._prompt_at is None:
            raise ValueError("the reply is not complete")
        return bytes(self._received[self._start : self._prompt_at])

    @property
    def prompt(self) -> bytes:
        """The text of the prompt that ended the answer."""
        if self._prompt_at is None:
            raise ValueError("the reply is not complete")
        return self._prompt_text


class Idle:
    """The bytes that come back after an empty line was sent: nothing but the prompt, unless an answer went on."""

    def __init__(self, prompt: Prompt) -> None:
        self._received = bytearray()
        again = prompt.pattern
        self._quiet = re.compile(rb"\A(?:[\s\x00\x07]|" + _MESSAGE + rb"[\r\n])*" + _NOISE + again + _END)
        self._late = re.compile(rb"[\r\n]" + _NOISE + again + rb"[ ]?[\r\n]+" + _NOISE + again + _END)

    def feed(self, chunk: bytes) -> None:
        """Take in what was received."""
        self._received += chunk

    @property
    def complete(self) -> bool:
        """Whether the router waits for a command, beyond doubt."""
        quiet = len(self._received) <= _QUIET and self._quiet.match(self._received)
        return bool(quiet or self._late.search(self._received, _tail(self._received)))

    @property
    def state(self) -> str:
        """What is there of an answer that did not come to its end, in words for a message."""
        return "; the router did not show its prompt again" if self._received else ""

    @property
    def rest_of_previous(self) -> bytes:
        """The rest of the answer before, where it went on; else empty."""
        found = self._late.search(self._received, _tail(self._received))
        rest = b"" if found is None else bytes(self._received[: found.start() + 1])
        return _without_messages(rest)

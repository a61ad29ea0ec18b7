"""Where the answer to a command begins and ends in the bytes of a terminal session. Pure.

An answer begins after the echo of its command and ends before the prompt. A prompt counts only at the very end of what
was received; as text inside an answer can look like one, bytes that arrive before the echo of the *next* command are
recognised as the rest of the answer before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# What terminals add without meaning: escape sequences, NUL, BEL.
_NOISE = rb"(?:\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|[\x00\x07])*"
_ANY_PROMPT = rb"[^\s>#%][^\r\n>#]{0,99}[>#]"
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
_BEGINNING = re.compile(rb"[\s\x00\x07]*" + _NOISE)
_AFTER_ECHO = re.compile(rb"[ ]*\r*\n")
_TAIL = 2000
_LONGEST_LINE = 1024  # a whole prompt and echo
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
        found = _patterns(self).at_end.search(received, _tail(received))
        return None if found is None else found.group("prompt")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What is looked for in every answer of one router: compiled once, as that takes longer than most answers."""

    at_end: re.Pattern[bytes]
    before_echo: re.Pattern[bytes]
    quiet: re.Pattern[bytes]
    late: re.Pattern[bytes]


@lru_cache(maxsize=4096)
def _patterns(prompt: Prompt) -> _Patterns:
    expected = prompt.pattern
    return _Patterns(
        at_end=re.compile(rb"(?:\A|[\r\n])(?P<line>" + _NOISE + rb"(?P<prompt>" + expected + rb"))" + _END),
        before_echo=re.compile(_NOISE + rb"(?:(?:" + expected + rb")[ ]?)?" + _NOISE),
        quiet=re.compile(rb"\A(?:[\s\x00\x07]|" + _MESSAGE + rb"[\r\n])*" + _NOISE + expected + _END),
        late=re.compile(rb"[\r\n]" + _NOISE + expected + rb"[ ]?[\r\n]+" + _NOISE + expected + _END),
    )


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
        self._received = bytearray()
        self._searched = 0
        self._start: int | None = None
        self._before_echo = b""
        self._command = command.encode()
        self._patterns = _patterns(prompt)
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
            found = self._patterns.at_end.search(self._received, max(self._start - 1, _tail(self._received)))
            self._prompt_at = None if found is None else found.start("line")
            self._prompt_text = b"" if found is None else bytes(found.group("prompt"))

    def _find_echo(self) -> None:
        """The first place where the command ends a line on which nothing but the prompt stands before it."""
        received, command = self._received, self._command
        at = received.find(command, self._searched)
        while at != -1:
            after = _AFTER_ECHO.match(received, at + len(command))
            before = None if after is None else self._before(at)
            if after is not None and before is not None:
                self._start = after.end()
                self._before_echo = bytes(received[:before])
                return
            at = received.find(command, at + 1)
        # Keep a whole prompt and echo in view for the next try; the beginning has its own rule.
        self._searched = max(0, len(received) - _LONGEST_LINE)

    def _before(self, at: int) -> int | None:
        """The length of what stands before the line of an echo at this place; None: it is no echo."""
        received, least = self._received, max(0, at - _LONGEST_LINE)
        if _BEGINNING.fullmatch(received, 0, at):
            return 0
        line = max(received.rfind(b"\n", least, at), received.rfind(b"\r", least, at))
        if line == -1 or not self._patterns.before_echo.fullmatch(received, line + 1, at):
            return None
        return line + 1 if line else 0

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
        self._patterns = _patterns(prompt)

    def feed(self, chunk: bytes) -> None:
        """Take in what was received."""
        self._received += chunk

    @property
    def complete(self) -> bool:
        """Whether the router waits for a command, beyond doubt."""
        quiet = len(self._received) <= _QUIET and self._patterns.quiet.match(self._received)
        return bool(quiet or self._patterns.late.search(self._received, _tail(self._received)))

    @property
    def state(self) -> str:
        """What is there of an answer that did not come to its end, in words for a message."""
        return "; the router did not show its prompt again" if self._received else ""

    @property
    def rest_of_previous(self) -> bytes:
        """The rest of the answer before, where it went on; else empty."""
        found = self._patterns.late.search(self._received, _tail(self._received))
        rest = b"" if found is None else bytes(self._received[: found.start() + 1])
        return _without_messages(rest)

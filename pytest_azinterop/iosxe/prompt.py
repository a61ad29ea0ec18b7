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


# Compiled once for all routers, as a pattern with a hostname in it takes longer to compile than a router to answer.
# Whose prompt was found is looked at afterwards.
_AT_END = re.compile(rb"(?:\A|[\r\n])(?P<line>" + _NOISE + rb"(?P<prompt>" + _ANY_PROMPT + rb"))" + _END)
_BEFORE_ECHO = re.compile(_NOISE + rb"(?:(?P<prompt>[^\r\n]+?)[ ]?)?" + _NOISE)
_BEFORE_FIRST_ECHO = re.compile(_NOISE + rb"(?:" + _ANY_PROMPT + rb"[ ]?)?" + _NOISE)
_IDLE = re.compile(
    rb"\A(?:[\s\x00\x07]|" + _MESSAGE + rb"[\r\n])*" + _NOISE + rb"(?P<prompt>" + _ANY_PROMPT + rb")" + _END
)
_LATE = re.compile(
    rb"[\r\n]" + _NOISE + rb"(?P<first>" + _ANY_PROMPT + rb")[ ]?[\r\n]+" + _NOISE
    + rb"(?P<prompt>" + _ANY_PROMPT + rb")" + _END
)  # fmt: skip
_MODE = re.compile(rb"\([^()\r\n]{1,60}\)#")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The prompt of one router. `hostname` None: not learned yet, any line that looks like a prompt counts."""

    hostname: bytes | None = None

    def is_one(self, text: bytes) -> bool:
        """Whether a text that looks like a prompt is the router's, of exec or of configuration mode."""
        name = self.hostname
        if name is None:
            return True
        if text[:-1] == name:
            return text[-1:] in b"#>"
        short = name[:CONFIGURATION_HOSTNAME]
        return text.startswith(short) and _MODE.fullmatch(text, len(short)) is not None

    def at_end(self, received: bytes | bytearray) -> bytes | None:
        """The prompt at the very end of the received bytes, or None."""
        found = self.find(received, 0)
        return None if found is None else found[1]

    def find(self, received: bytes | bytearray, start: int) -> tuple[int, bytes] | None:
        """Where the line of the prompt at the very end begins, not before `start`, and the prompt; None: no prompt."""
        name = self.hostname
        if name is not None:
            # Mostly the prompt is the whole last line, and mostly a router's name stands nowhere else.
            end = len(received) - (1 if received.endswith(b" ") else 0)
            line = end - len(name) - 1
            if line > start and received[line - 1] in b"\r\n" and self.is_one(bytes(received[line:end])):
                return line, bytes(received[line:end])
            if received.find(name[:CONFIGURATION_HOSTNAME], max(start, _tail(received))) == -1:
                return None
        at = max(start, _tail(received))
        while (found := _AT_END.search(received, at)) is not None:
            if self.is_one(found["prompt"]):
                return found.start("line"), bytes(found["prompt"])
            at = found.start() + 1
        return None

    def stands_alone(self, line: bytes | bytearray) -> bool:
        """Whether the beginning of a line is empty or the prompt alone."""
        if self.hostname is None:
            return _BEFORE_FIRST_ECHO.fullmatch(line) is not None
        found = _BEFORE_ECHO.fullmatch(line)
        return found is not None and (found["prompt"] is None or self.is_one(found["prompt"]))

    def idle(self, received: bytes | bytearray) -> bool:
        """Whether nothing but messages stands before the prompt at the end."""
        found = _IDLE.match(received)
        return found is not None and self.is_one(found["prompt"])

    def late(self, received: bytes | bytearray) -> int | None:
        """Where the line of a prompt begins that is followed by nothing but another one at the end; None: there is
        none."""
        found = _LATE.search(received, _tail(received))
        if found is None or not (self.is_one(found["first"]) and self.is_one(found["prompt"])):
            return None
        return found.start() + 1


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
        self._prompt = prompt
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
            found = self._prompt.find(self._received, self._start - 1)
            self._prompt_at, self._prompt_text = (None, b"") if found is None else found

    def _find_echo(self) -> None:
        """The first place where the command ends a line on which nothing but the prompt stands before it."""
        received, command = self._received, self._command
        at = received.find(command, self._searched)
        while at != -1:
            after = _AFTER_ECHO.match(received, at + len(command))
            before = None if after is None else self.before(received, at)
            if after is not None and before is not None:
                self._start = after.end()
                self._before_echo = bytes(received[:before])
                return
            at = received.find(command, at + 1)
        # Keep a whole prompt and echo in view for the next try; the beginning has its own rule.
        self._searched = max(0, len(received) - _LONGEST_LINE)

    def before(self, received: bytearray, at: int) -> int | None:
        """The length of what stands before the line of an echo at this place; None: it is no echo."""
        least = max(0, at - _LONGEST_LINE)
        if _BEGINNING.fullmatch(received, 0, at):
            return 0
        line = max(received.rfind(b"\n", least, at), received.rfind(b"\r", least, at))
        if line == -1 or not self._prompt.stands_alone(received[line + 1 : at]):
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
        return self._start is not None and self.pages(self._received)

    @staticmethod
    def pages(received: bytes | bytearray) -> bool:
        """Whether the received bytes end by asking for a key."""
        return _PAGER.search(received, _tail(received)) is not None

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
        self._prompt = prompt

    def feed(self, chunk: bytes) -> None:
        """Take in what was received."""
        self._received += chunk

    @property
    def complete(self) -> bool:
        """Whether the router waits for a command, beyond doubt."""
        quiet = len(self._received) <= _QUIET and self._prompt.idle(self._received)
        return quiet or self._prompt.late(self._received) is not None

    @property
    def state(self) -> str:
        """What is there of an answer that did not come to its end, in words for a message."""
        return "; the router did not show its prompt again" if self._received else ""

    @property
    def rest_of_previous(self) -> bytes:
        """The rest of the answer before, where it went on; else empty."""
        end = self._prompt.late(self._received)
        return b"" if end is None else _without_messages(bytes(self._received[:end]))

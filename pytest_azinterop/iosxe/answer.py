"""What an answer of a router is before any parser reads it: cleaned, and told apart from a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_azinterop.errors import ParseError

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

RefusalCause = Literal[
    "rejected",
    "not-authorised",
    "no-such-vrf",
    "no-such-interface",
    "no-such-neighbor",
    "soft-reconfiguration-off",
    "feature-off",
]

# The page prompt and what wipes it away; the blanks behind that belong to the line that follows.
_PAGER = re.compile(r"[ \t]*--More--[ \t]*(?:\x08+(?:[ \t]+\x08+)*|\r[ \t]*\r)")
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes(code for code in (*range(32), 0x7F) if code not in b"\t\n\r")
_PROMPT_ECHO = re.compile(r"\s*[\w.:/()@-]{0,80}[#>]\s?(?:do\s+)?(?:sh|ping|trace|more|dir|who)\w*\b.*")
# Not indented and two characters at least: the status columns of a cut table row (` r>`) are no prompt.
_PROMPT_ONLY = re.compile(r"[\w.:/()@-]{2,80}[#>]")
_ECHO_ONLY = re.compile(r"\s*(?:show|ping|traceroute)\s.*")
# `terminal exec prompt timestamp` and `exec prompt timestamp` put these before every answer.
# A session log of other tools marks what was sent in a line of its own.
_TIMESTAMP = re.compile(
    r"Load for five secs: .*|(?:Time source is \S+|No time source), .*\d\d:\d\d:\d\d.*"
    r"|\S* ?[\d:,.]+\]?:? ?\+\+\+ \S+: executing command '.*' \+\+\+"
)
_TIMESTAMP_MARKS = ("Load for", "ime source", "+++")
_LONGEST = 2000  # characters of such a line; longer ones are content, and looking at them would take too long
_CARET = re.compile(r"\s*\^\s*")
# A log message on the terminal line (`terminal monitor`): optional sequence number and time, then `%FACILITY-n-NAME:`;
# and what a pending rollback says on the terminal that armed it.
_SYSLOG = re.compile(
    r"Rollback Confirmed Change: Rollback will begin in .*|Enter \"configure confirm\" if you wish .*|"
    r"\s*(?:\d+: )?(?:[*.]?(?:[A-Z][a-z]{2} +\d+ |\d{4} )?[\d:.]+(?: \S+){0,2}: )?"
    r"%[A-Z0-9_]+(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+: .*"
)

_FACILITY = re.compile(r"%[A-Z0-9_]+-")
_ROLLBACK = ("Rollback Confirmed Change", 'Enter "configure confirm"')

# The whole answer is one of these lines: a statement about the network, for the command's parser to read.
_STATEMENT = re.compile(
    r"%\s*(?:network|subnet|prefix|route) not in (?:table|database)"
    r"|%\s*(?:can'?t|cannot) find (?:the |an? )?(?:specified )?(?:ip |ipv6 )?prefix[- ]list"
    r"|%\s*(?:no|unknown) (?:such )?(?:prefix-list|route-map)"
    r"|%\s*(?:prefix-list|route-map) \S+ (?:not found|does not exist|not defined)"
    r"|%\s*no matching routes? found"
    r"|%\s*NTP is not (?:enabled|configured|running)"
    r"|%\s*No Rollback Confirmed Change pending",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[RefusalCause, str], ...] = (
    (
        "not-authorised",
        r"(?:%\s*)?(?:command )?authori[sz]ation (?:failed|denied)"
        r"|%\s*(?:this command is )?not authori[sz]ed|%.*\bnot authori[sz]ed"
        r"|(?:%\s*)?(?:permission|access) denied|%.*insufficient privilege",
    ),
    (
        "feature-off",
        r"(?:%.*\b)?(?:bgp|ospf|isakmp|ike|ikev2|crypto|ipsec|bfd)\b.{0,40}\bnot (?:active|enabled|running)\b",
    ),
    ("soft-reconfiguration-off", r"%\s*inbound soft[- ]reconfiguration not enabled"),
    (
        "no-such-vrf",
        r"%.*\b(?:vrf|ip routing table|routing table)\b.*"
        r"\b(?:does not exist|doesn't exist|not found|unknown|invalid|not configured|not defined|no such)"
        r"|%.*\b(?:no|unknown|invalid|undefined|can'?t find|cannot find|no such|no bgp-enabled) vrf\b",
    ),
    ("no-such-neighbor", r"%\s*no such neighbor|%.*\bneighbor\b.*(?:not found|does not exist|not configured)"),
    # A probe from an interface that is down, or from an address that the router has not now, is about no account.
    (
        "no-such-interface",
        r"%\s*(?:invalid|no such|unknown) interface|%.*\binterface\b.*does not exist|%\s*invalid source\b",
    ),
    (
        "rejected",
        r"%\s*(?:invalid input|incomplete command|ambiguous command|unknown command|unrecognized|bad|error)"
        r"|%\s*\S",
    ),
)
_CAUSES = tuple((cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in _PATTERNS)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The router answered, but not with what was asked. `line` is its own words, `line_number` counts from 1."""

    cause: RefusalCause
    line: str
    line_number: int


class _Cleaned(str):
    """A text that was cleaned, so that it need not be cleaned again; `kept_messages`: how. `lines` are its lines;
    `is_content`: it was looked at, and is neither a refusal nor stops at a page prompt."""

    __slots__ = ("is_content", "kept_messages", "lines")
    kept_messages: bool
    lines: list[str]
    is_content: bool


def clean(text: str, *, keep_messages: bool = False) -> str:
    """The text with plain line ends, without terminal control, pager marks, log messages, echo, prompt and time stamps.

    Line numbers are kept: a line that goes leaves an empty one. What surrounds an answer (echo, prompt) is removed only
    at its very beginning and end, where no content of an answer looks like it. `keep_messages`: the log itself was
    asked for.
    """
    if isinstance(text, _Cleaned) and text.kept_messages is keep_messages:
        return text
    return _cleaned(text, keep_messages=keep_messages)


def _cleaned(text: str, *, keep_messages: bool) -> _Cleaned:
    if isinstance(text, _Cleaned) and text.kept_messages is keep_messages:
        return text
    if "--More--" in text:
        text = _PAGER.sub("", text)
    text = text.lstrip("\ufeff")
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if "\x08" in text:
        text = "\n".join(_without_erased(line) for line in text.split("\n"))
    if "\r" in text:
        if "\r\r" in text:
            text = text.replace("\r\r\n", "\n")
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            text = text.replace("\r", "\n")
    # A banner's delimiter: most releases print `^C` as two characters, some the character itself.
    text = _without_control(text.replace("\x03", "^C"))
    noise = None if keep_messages or not _may_hold_messages(text) else _SYSLOG
    if noise is None:
        lines = [line.rstrip() for line in text.split("\n")]
    else:
        lines = ["" if "%" in line and _is(noise, line) else line.rstrip() for line in text.split("\n")]
    lines = _unindented(lines)
    _blank_head(lines)
    last = _last_content(lines)
    if last is not None and _PROMPT_ONLY.fullmatch(lines[last]):
        lines[last] = ""
    cleaned = _Cleaned("\n".join(lines))
    cleaned.kept_messages = keep_messages
    cleaned.lines = lines
    cleaned.is_content = False
    return cleaned


def _may_hold_messages(text: str) -> bool:
    """Whether a line of it can be one of `_SYSLOG` (each of them holds a percent sign)."""
    return "%" in text and (_FACILITY.search(text) is not None or any(words in text for words in _ROLLBACK))


def _without_control(text: str) -> str:
    if text.isascii():  # several times faster than a search of every character
        return text.encode("ascii").translate(None, _CONTROL_BYTES).decode("ascii")
    return _CONTROL.sub("", text)


def _is(kind: re.Pattern[str], line: str) -> bool:
    return len(line) <= _LONGEST and kind.fullmatch(line) is not None


def _without_erased(line: str) -> str:
    """What is left where backspaces take away what stands before them."""
    if "\x08" not in line:
        return line
    kept: list[str] = []
    for character in line:
        if character != "\x08":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def _unindented(lines: list[str]) -> list[str]:
    """Without the margin of a saved copy. No answer of IOS-XE begins with four spaces in every one of its lines."""
    for line in lines:
        if line and not line.startswith("    "):
            return lines
    margin = min((indent(line) for line in lines if line), default=0)
    return [line[margin:] for line in lines]


def _blank_head(lines: list[str]) -> None:
    """Empty the echoed command and the time stamp lines that stand before the answer."""
    echo_seen = False
    for index, line in enumerate(lines):
        if not line:
            continue
        prompted = ("#" in line or ">" in line) and _is(_PROMPT_ECHO, line)
        if not echo_seen and (prompted or _is(_ECHO_ONLY, line)):
            echo_seen = True
        elif not (any(mark in line for mark in _TIMESTAMP_MARKS) and _is(_TIMESTAMP, line)):
            return
        lines[index] = ""


def _last_content(lines: list[str]) -> int | None:
    for index in range(len(lines) - 1, -1, -1):
        if lines[index]:
            return index
    return None


def refused(text: str) -> Refusal | None:
    """The refusal that the answer consists of, or None: then the answer is content.

    Only an answer that begins with the refusal counts (a caret line and log messages may stand before it), so the same
    words inside a banner or a log buffer refuse nothing. A lone line that begins with `%` and is not a known statement
    counts as a rejection.
    """
    content: list[tuple[int, str]] = []
    for number, line in enumerate(_cleaned(text, keep_messages=False).lines, start=1):
        if line and not ("^" in line and _CARET.fullmatch(line)):
            content.append((number, line))
            if len(content) > 3:  # a refusal is one line, in a few releases followed by two of advice
                return None
    if not content:
        return None
    number, line = content[0]
    words = line.strip()[:_LONGEST]
    if _STATEMENT.match(words):
        return None
    for cause, pattern in _CAUSES:
        if pattern.match(words):
            return Refusal(cause, words[:200], number)
    return None


def lines_of(text: str, source: Source, *, keep_messages: bool = False) -> list[str]:
    """The cleaned lines of an answer that is content. Line `n` of the answer is item `n - 1`.

    Raises ParseError for a refusal (with its cause), for a page prompt left at the end and for an answer with no line
    in it at all: the latter is for commands that always print something.
    """
    lines = lines_or_none(text, source, keep_messages=keep_messages)
    if not any(lines):
        raise ParseError(
            f"{source.command}: the answer is empty", cause="not-understood", host=source.host, command=source.command
        )
    return lines


def lines_or_none(text: str, source: Source, *, keep_messages: bool = False) -> list[str]:
    """As `lines_of`, for a command that prints nothing at all where there is nothing: an empty answer passes."""
    cleaned = _cleaned(text, keep_messages=keep_messages)
    if cleaned.is_content:
        return list(cleaned.lines)
    refusal = refused(cleaned if not keep_messages else text)
    if refusal is not None:
        raise ParseError(
            f"{source.command}: the router answered: {refusal.line}",
            line_number=refusal.line_number,
            line=refusal.line,
            cause=refusal.cause,
            host=source.host,
            command=source.command,
        )
    lines = cleaned.lines
    last = _last_content(lines)
    if last is not None and "--More--" in lines[last]:
        raise not_understood(lines, last, source, "the answer stops at a page prompt", cause="cut-off")
    cleaned.is_content = True
    return list(lines)


def unterminated(lines: list[str], index: int) -> bool:
    """Whether the text ends inside or right behind this line: it may be the beginning of a longer one."""
    return index == len(lines) - 1


def ends_with_prompt(text: str) -> bool:
    """Whether a router's prompt stands alone on the last line: the answer before it is complete."""
    last = _PAGER.sub("", text).rstrip(" \t\r\n").rsplit("\n", 1)[-1].strip()
    return _PROMPT_ONLY.fullmatch(_CONTROL.sub("", _ESCAPE.sub("", last))) is not None


def indent(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())


def not_understood(
    lines: list[str], index: int | None, source: Source, why: str, *, cause: str = "not-understood"
) -> ParseError:
    """A ParseError for item `index` of `lines` (None: for a part that is missing), with the object it is about."""
    where = "" if index is None else f" (line {index + 1})"
    return ParseError(
        f"{source.command}: {why}{where}",
        line_number=None if index is None else index + 1,
        line=None if index is None else lines[index],
        cause=cause,
        host=source.host,
        command=source.command,
    )

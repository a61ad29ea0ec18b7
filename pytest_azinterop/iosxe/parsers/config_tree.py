"""A configuration as a tree of lines, by the indentation that IOS-XE prints.

Free text (banners, messages, certificates) is no configuration: its first line stays, its body does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_azinterop.iosxe.answer import not_understood
from pytest_azinterop.state.config import ConfigLine

if TYPE_CHECKING:
    from pytest_azinterop.state.source import Source

_FREE_TEXT = re.compile(
    r"\s*(?:banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp|config-save)"
    r"|aaa authentication (?:banner|fail-message)|menu \S+ (?:title|prompt)|vacant-message|refuse-message)"
    r" +(\^C|\S)(.*)"
)
_ONE_LINE = re.compile(r"\s*(?:neighbor \S+ )?(?:description|remark)\s.*")
"""What an operator writes ends with its line, whatever stands in it."""
# How the two before and behind this begin: most lines need no closer look.
_MAY_OPEN_TEXT = (
    "banner",
    "aaa authentication",
    "menu",
    "vacant-message",
    "refuse-message",
    "certificate",
    "key-string",
)
_CERTIFICATE = re.compile(r"\s*(?:certificate (?:self-signed |ca |rollover |ra-\w+ )*[0-9A-Fa-f]+|key-string)\s*")
_QUIT = re.compile(r"\s*quit\s*")
_HEX = re.compile(r"\s*[0-9A-Fa-f][0-9A-Fa-f\s]*|\s*<redacted>\s*")


# A line whose children are still being read: its indentation, number and text, and the children that are complete.
_Open = tuple[int, int, str, list[ConfigLine]]


def _close(stack: list[_Open]) -> None:
    """The last line has all its children."""
    _, number, text, children = stack.pop()
    stack[-1][3].append(ConfigLine(text, number, tuple(children)))


def tree(lines: list[str], first: int, last: int, source: Source) -> tuple[ConfigLine, ...]:
    """The items `first` to `last` (exclusive) of an answer's lines as a tree.

    Separators (`!`) and the marks that end a block (`exit-address-family`) go. Raises ParseError for free text that is
    not closed: what follows cannot be told from it.
    """
    found: list[ConfigLine] = []
    stack: list[_Open] = [(-1, 0, "", found)]
    at = first
    while at < last:
        line = lines[at]
        text = line.lstrip()
        if text and text[0] != "!" and not text.startswith("exit-"):
            indent = len(line) - len(text)
            text = text.rstrip()
            while stack[-1][0] >= indent:
                _close(stack)
            stack.append((indent, at + 1, text, []))
            if text.startswith(_MAY_OPEN_TEXT) or "^C" in text:
                at = _skip_body(lines, at, last, source)
        at += 1
    while len(stack) > 1:
        _close(stack)
    return tuple(found)


def _skip_body(lines: list[str], at: int, last: int, source: Source) -> int:
    """The item where the free text that item `at` opens ends; `at` itself when it opens none."""
    line = lines[at]
    free = _FREE_TEXT.fullmatch(line)
    if free is not None:
        delimiter, rest = free.group(1), free.group(2)
        return at if delimiter in rest else _find(lines, at, last, delimiter, source)
    if line.count("^C") % 2 and not _ONE_LINE.fullmatch(line):
        return _find(lines, at, last, "^C", source)
    if _CERTIFICATE.fullmatch(line) and at + 1 < last and _HEX.fullmatch(lines[at + 1]):
        for index in range(at + 1, last):
            if _QUIT.fullmatch(lines[index]):
                return index
        raise not_understood(lines, at, source, "a certificate that is not closed by `quit`", cause="cut-off")
    return at


def _find(lines: list[str], at: int, last: int, delimiter: str, source: Source) -> int:
    for index in range(at + 1, last):
        if delimiter in lines[index]:
            return index
    raise not_understood(lines, at, source, "a text whose closing delimiter is missing", cause="cut-off")

"""How a command can be spelled: patterns with optional words and parameters, and IOS's abbreviation of words.

A pattern is words; `[x]` may be absent, `(a|b)` is a choice, `{name}` a parameter. A typed word stands for each keyword
that it begins. Parameters are checked by kind, so `show ip route 10.0.0.1` and `show ip route vrf` never mix.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PIECE = re.compile(r"[\[\]()|]|\{\w+\}|[^\s\[\]()|{}]+")
# One visible word without what IOS gives a meaning to on its command line (`|` pipes, `?` helps, `;` nothing good).
_WORD = re.compile(r"[!-:<->@-{}~]{1,100}")
# Of the router itself: no address, no login, no file.
_FILE_SYSTEM = re.compile(r"(?:bootflash|flash|harddisk|nvram|disk\d|usb\d):")
_LOCAL_FILE = re.compile(r"(?:bootflash|flash\d?|harddisk|nvram|sata|disk\d|usb\d):[\w./$+-]{1,200}")
_INTERFACE = re.compile(r"[A-Za-z][A-Za-z-]*\d[\w/.:-]*|[A-Za-z][A-Za-z0-9-]*(?:[/.:]\d[\w/.:]*)?")


def expand(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Every sequence of words that a pattern stands for."""
    pieces = _PIECE.findall(pattern)
    sequences, rest = _choice(pieces, 0)
    if rest != len(pieces):
        raise ValueError(f"unbalanced pattern: {pattern}")
    return tuple(dict.fromkeys(sequences))


def _choice(pieces: list[str], at: int) -> tuple[list[tuple[str, ...]], int]:
    """The sequences of `a|b|…` up to a closing bracket or the end, and where it stopped."""
    found: list[tuple[str, ...]] = []
    current: list[tuple[str, ...]] = [()]
    while at < len(pieces) and pieces[at] not in (")", "]"):
        piece = pieces[at]
        at += 1
        if piece == "|":
            found += current
            current = [()]
        elif piece in ("(", "["):
            inner, at = _choice(pieces, at)
            at += 1
            options = [*inner, ()] if piece == "[" else inner
            current = [head + tail for head in current for tail in options]
        else:
            current = [(*head, piece) for head in current]
    return found + current, at


def valid(parameter: str, value: str) -> bool:
    """Whether a value is fit for a parameter of this name; what it may hold is what IOS-XE accepts as one word."""
    if parameter in {"address", "prefix"}:
        return _is_address(value) if parameter == "address" else _is_prefix(value)
    if parameter in {"repeat", "timeout", "size", "ttl", "process", "probes"}:
        return value.isdigit() and len(value) <= 9
    if parameter == "filesystem":
        return _FILE_SYSTEM.fullmatch(value) is not None
    if parameter == "archived":
        return _LOCAL_FILE.fullmatch(value) is not None
    if parameter == "interface":
        return _INTERFACE.fullmatch(value) is not None
    return _WORD.fullmatch(value) is not None


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return "%" not in value


def _is_prefix(value: str) -> bool:
    try:
        ip_network(value)
    except ValueError:
        return False
    return True


def bind(form: tuple[str, ...], words: tuple[str, ...]) -> tuple[int, Mapping[str, str]] | None:
    """The parameters when the typed words spell this form, and how many keywords were typed in full; else None."""
    if len(form) != len(words):
        return None
    exact = 0
    bound: dict[str, str] = {}
    for expected, typed in zip(form, words, strict=True):
        if expected.startswith("{"):
            if not valid(expected[1:-1], typed):
                return None
            bound[expected[1:-1]] = typed
        elif expected.startswith(typed.lower()):
            exact += expected == typed.lower()
        else:
            return None
    return exact, bound


def split(command: str) -> tuple[str, ...]:
    """The words of a command line. An interface that is typed in two words (`Tunnel 30`) becomes one."""
    words: list[str] = []
    for word in command.split():
        after_interface = len(words) > 1 and _BEFORE_INTERFACE.fullmatch(words[-2])
        if after_interface and re.fullmatch(r"\d[\d/.:]*", word) and words[-1].replace("-", "").isalpha():
            words[-1] += word
        else:
            words.append(word)
    return tuple(words)


_BEFORE_INTERFACE = re.compile(r"int\w*|source", re.IGNORECASE)


def nearest(words: tuple[str, ...], forms: Iterator[tuple[str, ...]], count: int = 3) -> list[tuple[str, ...]]:
    """The known forms that share the longest beginning with the typed words."""

    def agreement(form: tuple[str, ...]) -> tuple[int, float]:
        shared = 0
        for expected, typed in zip(form, words, strict=False):
            if not expected.startswith("{") and not expected.startswith(typed.lower()):
                break
            shared += 1
        return -shared, -SequenceMatcher(a=" ".join(form), b=" ".join(words)).ratio()

    return sorted(forms, key=agreement)[:count]

"""Lines of many forms, told apart by how they begin: a line meets the few patterns that can mean it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_KEY: Final = 3  # characters
_NUMBER: Final = "0"


class LineForms:
    """Patterns of whole lines without indentation; the first that fits counts.

    Each form is how its lines begin (three characters at least, or `0` for a number) and its pattern. `inside` are
    forms that can begin in any way: words that stand in all of their lines, and the pattern; they come last.
    """

    def __init__(self, *forms: tuple[str, str], inside: tuple[tuple[str, str], ...] = ()) -> None:
        self.forms: Final = forms
        self._by_start: dict[str, list[Callable[[str], re.Match[str] | None]]] = {}
        for start, pattern in forms:
            if len(start) < _KEY and start != _NUMBER:
                raise ValueError(f"too short: {start!r}")
            self._by_start.setdefault(start[:_KEY], []).append(re.compile(pattern).fullmatch)
        self._inside = [(words, re.compile(pattern).fullmatch) for words, pattern in inside]

    def fullmatch(self, line: str) -> re.Match[str] | None:
        """The match of the first form that fits the whole line."""
        for fits in self._by_start.get(_NUMBER if line[:1].isdigit() else line[:_KEY], ()):
            if found := fits(line):
                return found
        for words, fits in self._inside:
            if words in line and (found := fits(line)):
                return found
        return None


class Beginnings:
    """How lines begin that nobody needs; `pattern` for those that begin with more than words.

    `others` are what the lines begin with that somebody needs. `alone` holds, by their first three characters, the
    beginnings that none of these shares.
    """

    def __init__(self, words: tuple[str, ...], pattern: str, *, others: Iterable[str] = ()) -> None:
        self._by_start: dict[str, tuple[str, ...]] = {}
        for each in words:
            if len(each) < _KEY:
                raise ValueError(f"too short: {each!r}")
            self._by_start[each[:_KEY]] = (*self._by_start.get(each[:_KEY], ()), each)
        self._pattern = re.compile(pattern)
        taken = {each[:_KEY] for each in others}
        self.alone: Final = {key: starts for key, starts in self._by_start.items() if key not in taken}

    def match(self, line: str) -> bool:
        """Whether the line begins like one of them."""
        return line.startswith(self._by_start.get(line[:_KEY], ())) or self._pattern.match(line) is not None

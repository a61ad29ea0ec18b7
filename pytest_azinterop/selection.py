"""A selection by -k or -m that selects nothing says what could have been selected."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pytest

from pytest_azinterop.plugin import MARKERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OPERATORS = frozenset(("and", "or", "not", "True", "False", "None"))
_WORDS = re.compile(r"[^\s()]+")
KNOWN = tuple(line.partition(":")[0] for line in MARKERS)


class Selection:
    """The hooks that watch what is deselected."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._items: list[str] = []

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Remember the names."""
        self._items.extend(item.nodeid for item in items)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """One line per expression that names something unknown, or one that says that the two exclude each other."""
        option = self._config.option
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._items:
            for line in hints(option.markexpr or "", option.keyword or "", self._items):
                terminalreporter.write_line(f"azinterop: {line}")


def hints(marks: str, keywords: str, names: Iterable[str]) -> Iterator[str]:
    """What to say of expressions that select none of `names`."""
    named = tuple(names)
    strange = [word for word in _words(marks) if word not in KNOWN]
    missed = [word for word in _words(keywords) if not any(word.lower() in name.lower() for name in named)]
    for word in strange:
        yield f"-m {word} selects nothing; {_meant(word, KNOWN)}markers: {', '.join(KNOWN)}"
    for word in missed:
        yield f"-k {word} selects nothing; {_meant(word, _parts(named))}`--collect-only -q` lists every name"
    if (marks or keywords) and not strange and not missed:
        both = " ".join(f"{form} {value!r}" for form, value in (("-m", marks), ("-k", keywords)) if value)
        yield f"no check is selected by {both}; markers: {', '.join(KNOWN)}"


def _words(expression: str) -> list[str]:
    return [word for word in _WORDS.findall(expression) if word not in _OPERATORS]


def _parts(names: Iterable[str]) -> list[str]:
    """Routers, customers, interfaces, addresses and the words of the checks' names, as -k could name them."""
    parts = {part for name in names for part in re.split(r"::|[/\[\]]", name)}
    words = {word for part in parts for word in part.split("_") if part.startswith("test_")}
    return sorted(part for part in parts | words if len(part) > 1)


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]}? " if close else ""

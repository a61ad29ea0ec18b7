"""Commands as patterns, and IOS's way to find the one that was meant.

A pattern is words and parameters: ``show bgp vpnv4 unicast vrf <vrf> neighbors <addr> advertised-routes``.
``[detail]`` may be left out, ``(in|out)`` is a choice, and the two nest: ``show (bgp|ip bgp) vpnv4 [all] summary``.
Parameter kinds stand in ``arguments``: ``<addr>``, ``<prefix>`` (address, address/length or address and mask),
``<interface>`` (one or two words, given to the renderer in full), ``<number>``, ``<rest>``, anything else is a word;
``<neighbor:addr>`` names a parameter apart from its kind. A keyword goes before a parameter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_azinterop.lab.exec.arguments import READERS, Args, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_azinterop.lab.network.view import RouterView

T = TypeVar("T")
_TOKEN = re.compile(r"\S+")
_CLOSING = {"(": ")", "[": "]"}
_OR = "|"
_PATTERN_TOKEN = re.compile(r"<[^>]+>|[\[\]()|]|[^\s\[\]()|<>]+")


@dataclass(frozen=True, slots=True)
class ShowCommand:
    """One show command: ``render(view, args)`` gives its text, lines separated by a newline, ``""`` for nothing.

    ``privilege`` is the lowest level that may run it; below it IOS does not know the command.
    """

    pattern: str
    render: Callable[[RouterView, Args], str]
    privilege: int = 1


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The command that was meant."""

    command: T
    args: Args


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """More than one keyword starts like what was typed."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Every word is right and more is needed; ``subcommands`` when only one word was typed and keywords follow."""

    first_word: str
    subcommands: bool


@dataclass(frozen=True, slots=True)
class Invalid:
    """Nothing fits at ``column`` (0-based, in the line); ``depth`` is the index of the offending word."""

    column: int
    depth: int


Outcome = Match[T] | Ambiguous | Incomplete | Invalid


@dataclass(slots=True)
class _Node(Generic[T]):
    keywords: dict[str, _Node[T]] = field(default_factory=dict)
    parameters: dict[Parameter, _Node[T]] = field(default_factory=dict)
    commands: list[tuple[int, T]] = field(default_factory=list)
    privilege: int = 16
    """The lowest level for which anything stands here or below."""


def expand(pattern: str) -> list[tuple[str, ...]]:
    """Every sequence of words and ``<parameters>`` that a pattern stands for."""
    tokens = _PATTERN_TOKEN.findall(pattern)
    if re.sub(r"\s", "", pattern) != "".join(tokens):
        raise ValueError(f"not a pattern: {pattern}")
    sequences, rest = _alternatives(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"unbalanced pattern: {pattern}")
    return sequences


def _alternatives(tokens: list[str], at: int) -> tuple[list[tuple[str, ...]], int]:
    done: list[tuple[str, ...]] = []
    current: list[tuple[str, ...]] = [()]
    while at < len(tokens) and tokens[at] not in ")]":
        token = tokens[at]
        if token == _OR:
            done.extend(current)
            current = [()]
        elif token in _CLOSING:
            inner, at = _alternatives(tokens, at + 1)
            if at >= len(tokens) or tokens[at] != _CLOSING[token]:
                raise ValueError(f"unbalanced pattern: {' '.join(tokens)}")
            choices = [(), *inner] if _CLOSING[token] == "]" else inner
            current = [left + right for left in current for right in choices]
        else:
            current = [(*left, token) for left in current]
        at += 1
    return done + current, at


class Grammar(Generic[T]):
    """A set of commands. Built once, matched often: a match walks the line's words once in the usual case."""

    def __init__(self, entries: Iterable[tuple[str, int, T]] = ()) -> None:
        self._root: _Node[T] = _Node()
        for pattern, privilege, command in entries:
            self.add(pattern, command, privilege=privilege)

    def add(self, pattern: str, command: T, *, privilege: int = 1) -> None:
        """Raises ValueError when two commands stand for the same words."""
        for sequence in expand(pattern):
            node = self._root
            for word in sequence:
                node.privilege = min(node.privilege, privilege)
                if word.startswith("<"):
                    parameter = Parameter.parse(word[1:-1])
                    node = node.parameters.setdefault(parameter, _Node())
                else:
                    node = node.keywords.setdefault(word, _Node())
            node.privilege = min(node.privilege, privilege)
            if any(level == privilege for level, _ in node.commands):
                raise ValueError(f"two commands for {' '.join(sequence)!r}")
            node.commands.append((privilege, command))
            node.commands.sort(key=lambda entry: -entry[0])

    def match(self, line: str, *, privilege: int = 15) -> Outcome[T]:
        """What the line means to a user of this privilege level. An empty line is ``Incomplete``."""
        words = [(found.group(), found.start()) for found in _TOKEN.finditer(line)]
        return _match(self._root, _Walk(line, words, privilege), _Read())

    def completions(self, line: str, *, privilege: int = 15) -> list[str]:
        """The keywords that a last, unfinished word may become (after a blank: all that may follow).

        Empty after a wrong word.
        """
        words = line.split() + ([""] if not line or line[-1].isspace() else [])
        nodes = [self._root]
        for word in words[:-1]:
            nodes = [following for node in nodes for following in _step(node, word, privilege)]
        last = words[-1].lower()
        return sorted({key for node in nodes for key in _visible(node, privilege) if key.startswith(last)})


@dataclass(frozen=True, slots=True)
class _Walk:
    line: str
    words: list[tuple[str, int]]
    privilege: int


@dataclass(frozen=True, slots=True)
class _Read:
    """What was understood so far."""

    words: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    full: tuple[str, ...] = ()

    def keyword(self, keyword: str) -> _Read:
        return _Read(self.words + 1, self.values, (*self.keywords, keyword), (*self.full, keyword))

    def value(self, parameter: Parameter, value: str, words: int) -> _Read:
        values = {**self.values, parameter.name: value}
        return _Read(self.words + words, values, self.keywords, (*self.full, value))


def _visible(node: _Node[T], privilege: int) -> Iterator[str]:
    return (keyword for keyword, following in node.keywords.items() if following.privilege <= privilege)


def _fitting(typed: str, keywords: list[str]) -> list[str]:
    return [typed] if typed in keywords else [keyword for keyword in keywords if keyword.startswith(typed)]


def _common_length(left: str, right: str) -> int:
    return next((at for at, pair in enumerate(zip(left, right, strict=False)) if len(set(pair)) > 1), len(right))


def _step(node: _Node[T], word: str, privilege: int) -> list[_Node[T]]:
    keywords = list(_visible(node, privilege))
    fitting = [key for key in keywords if key == word.lower()] or [
        key for key in keywords if key.startswith(word.lower())
    ]
    if fitting:
        return [node.keywords[fitting[0]]] if len(fitting) == 1 else []
    return [
        following
        for parameter, following in node.parameters.items()
        if parameter.kind != "rest" and READERS[parameter.kind]([word]) is not None
    ]


def _match(node: _Node[T], walk: _Walk, read: _Read) -> Outcome[T]:
    at = read.words
    if at == len(walk.words):
        return _end(node, walk, read)
    word, column = walk.words[at]
    typed = word.lower()
    known = list(_visible(node, walk.privilege))
    fitting = _fitting(typed, known)
    failures: list[Outcome[T]] = []
    if len(fitting) == 1:
        outcome = _match(node.keywords[fitting[0]], walk, read.keyword(fitting[0]))
        if isinstance(outcome, Match):
            return outcome
        failures.append(outcome)
    elif fitting:
        failures.append(Ambiguous())
    for parameter, following in sorted(node.parameters.items(), key=lambda item: item[0].rank):
        value = _value(parameter, walk, at)
        if value is None or following.privilege > walk.privilege:
            continue
        outcome = _match(following, walk, read.value(parameter, *value))
        if isinstance(outcome, Match):
            return outcome
        failures.append(outcome)
    if failures:
        return max(failures, key=_furthest)
    fit = max((_common_length(typed, key) for key in known), default=0)
    return Invalid(column + min(fit, len(word) - 1), at)


def _end(node: _Node[T], walk: _Walk, read: _Read) -> Outcome[T]:
    for privilege, command in node.commands:
        if privilege <= walk.privilege:
            line = walk.line.strip()
            return Match(command, Args(read.values, read.keywords, line, " ".join(read.full), privilege=walk.privilege))
    return Incomplete(read.full[0] if read.full else "", len(walk.words) == 1 and bool(node.keywords))


def _value(parameter: Parameter, walk: _Walk, at: int) -> tuple[str, int] | None:
    if parameter.kind == "rest":
        return walk.line[walk.words[at][1] :].rstrip(), len(walk.words) - at
    return READERS[parameter.kind]([word for word, _ in walk.words[at : at + 2]])


def _furthest(outcome: Outcome[T]) -> tuple[int, int]:
    """Of several readings that failed, IOS reports the one that got furthest."""
    match outcome:
        case Invalid(column=column):
            return 0, column
        case Ambiguous():
            return 1, 0
        case _:
            return 2, 0

"""The small language in which the grammar writes commands, and how a typed line is matched against it.

``neighbor <peer:ip> route-map {name:word} <way=in|out>``: plain words are keywords (abbreviable); ``<…>`` is a
parameter that belongs to the identity of the line, ``{…}`` a value that a later line replaces; ``=`` lists the choices,
``:`` names a type; ``[…]`` is optional and never part of the identity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from pytest_azinterop.lab.config import words

MULTI = ("line", "words")
"""Types that take the rest of the line."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A keyword."""

    text: str
    identity: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A typed or enumerated word."""

    name: str
    kind: str
    choices: tuple[str, ...]
    identity: bool


@dataclass(frozen=True, slots=True)
class Optional:
    """A group that may be left out."""

    items: tuple[Item, ...]


Item = Literal | Parameter | Optional


@dataclass(frozen=True, slots=True)
class Token:
    """A typed word and its column."""

    text: str
    column: int


@dataclass(slots=True)
class Progress:
    """How far the best attempt came: the caret of the error goes where no rule could go on."""

    furthest: int = 0
    incomplete: bool = False

    def failed_at(self, index: int, count: int) -> None:
        """Note that a rule could not go beyond token ``index``."""
        if index >= count:
            self.incomplete = True
        self.furthest = max(self.furthest, index)


@dataclass(frozen=True, slots=True)
class Match:
    """A line matched by one rule. ``rank`` orders rivals: exact keywords before abbreviations before words."""

    words: tuple[str, ...]
    key: tuple[str, ...]
    args: dict[str, str]
    rank: tuple[int, ...]
    complete: bool = True


@dataclass(slots=True)
class _Path:
    words: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    args: dict[str, str] = field(default_factory=dict)
    rank: list[int] = field(default_factory=list)

    def copy(self) -> _Path:
        return _Path(list(self.words), list(self.key), dict(self.args), list(self.rank))

    def step(self, text: str, rank: int, name: str | None, *, identity: bool) -> _Path:
        path = self.copy()
        path.words.append(text)
        path.rank.append(rank)
        if identity:
            path.key.append(text)
        if name is not None:
            path.args[name] = text
        return path


def tokenize(line: str) -> list[Token]:
    """Split at blanks, keeping columns."""
    return [Token(found.group(), found.start()) for found in re.finditer(r"\S+", line)]


_ITEM = re.compile(r"\[|\]|<[^<>]+>|\{[^{}]+\}|[^\s\[\]<>{}]+")


@cache
def compile_pattern(text: str) -> tuple[Item, ...]:
    """Read the pattern language. Raises ValueError for an unbalanced bracket."""
    stack: list[list[Item]] = [[]]
    for piece in _ITEM.findall(text):
        if piece == "[":
            stack.append([])
        elif piece == "]":
            items = tuple(stack.pop())
            stack[-1].append(Optional(items))
        elif piece[0] in "<{":
            stack[-1].append(_parameter(piece, identity=piece[0] == "<" and len(stack) == 1))
        else:
            stack[-1].append(Literal(piece, identity=len(stack) == 1))
    if len(stack) != 1:
        raise ValueError(f"unbalanced pattern: {text}")
    return tuple(stack[0])


def _parameter(piece: str, *, identity: bool) -> Parameter:
    inner = piece[1:-1]
    if "=" in inner:
        name, choices = inner.split("=", 1)
        return Parameter(name, "choice", tuple(choices.split("|")), identity)
    name, kind = inner.split(":", 1)
    return Parameter(name, kind, (), identity)


def match(
    items: tuple[Item, ...], tokens: list[Token], line: str, progress: Progress, *, negated: bool, bulk: int = 0
) -> Match | None:
    """Match the whole line, or for ``no`` at least the identity of the command (or its first ``bulk`` words)."""
    best: Match | None = None
    for path, rest in _walk(items, tokens, 0, _Path(), line, progress):
        if rest and not (negated and (_may_stop(rest) or len(path.words) == bulk)):
            progress.failed_at(len(tokens), len(tokens))
            continue
        found = Match(tuple(path.words), tuple(path.key), path.args, tuple(path.rank), complete=not rest)
        if best is None or found.rank < best.rank:
            best = found
    return best


def _may_stop(rest: tuple[Item, ...]) -> bool:
    return all(not getattr(item, "identity", False) for item in rest)


def _walk(
    items: tuple[Item, ...], tokens: list[Token], at: int, path: _Path, line: str, progress: Progress
) -> list[tuple[_Path, tuple[Item, ...]]]:
    """All ways to use up the tokens; with what is left of the pattern where they end early."""
    if not items:
        if at == len(tokens):
            return [(path, ())]
        progress.failed_at(at, len(tokens))
        return []
    head, tail = items[0], items[1:]
    if isinstance(head, Optional):
        taken = _walk(head.items + tail, tokens, at, path, line, progress) if at < len(tokens) else []
        return taken + _walk(tail, tokens, at, path, line, progress)
    if at == len(tokens):
        return [(path, items)]
    if isinstance(head, Literal):
        word = tokens[at].text.lower()
        if not head.text.startswith(word) and head.text.lower() != word:
            progress.failed_at(at, len(tokens))
            return []
        rank = 0 if word == head.text.lower() else 1
        return _walk(tail, tokens, at + 1, path.step(head.text, rank, None, identity=head.identity), line, progress)
    return _walk_parameter(head, tail, tokens, at, path, line, progress)


def _walk_parameter(
    head: Parameter, tail: tuple[Item, ...], tokens: list[Token], at: int, path: _Path, line: str, progress: Progress
) -> list[tuple[_Path, tuple[Item, ...]]]:
    token = tokens[at]
    if head.kind in MULTI:
        text = line[token.column :].rstrip()
        if head.kind == "words":
            text = " ".join(text.split())
        return [(path.step(text, 3, head.name, identity=head.identity), tail)]
    if head.kind == "choice":
        found = words.choose(token.text, head.choices)
        if found is None:
            progress.failed_at(at, len(tokens))
            return []
        rank = 0 if found == token.text else 1
        return _walk(tail, tokens, at + 1, path.step(found, rank, head.name, identity=head.identity), line, progress)
    results: list[tuple[_Path, tuple[Item, ...]]] = []
    in_two = head.kind == "ifname" and not token.text[-1].isdigit()  # `Null 0`, but `Null0 254`: a distance
    for used in (1, 2) if in_two else (1,):
        if at + used > len(tokens):
            break
        text = "".join(each.text for each in tokens[at : at + used])
        value = words.canonical(head.kind, text)
        if value is not None:
            results += _walk(
                tail, tokens, at + used, path.step(value, 2, head.name, identity=head.identity), line, progress
            )
    if not results:
        progress.failed_at(at, len(tokens))
    return results

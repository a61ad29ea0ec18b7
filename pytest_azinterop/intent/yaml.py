"""YAML with positions: plain values, and for every key and item the file and line that it stands on.

Built on PyYAML's composer (in C where available), so no tag can construct an object. Scalars follow YAML 1.2's core
schema: `no` is a word,
and `65021:30` is a route distinguisher rather than a number in base 60.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from pathlib import Path

MAXIMUM_BYTES = 4_000_000
MAXIMUM_NODES = 400_000

Scalar = str | int | float | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]
Key = str | int
Path_ = tuple[Key, ...]

_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "value")}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(frozen=True, slots=True)
class Position:
    """A line of a file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(slots=True)
class Document:
    """A file's content. `positions` maps the path of every key and item to where it stands.

    The empty path is the top.
    """

    value: dict[str, Value]
    positions: dict[Path_, Position] = field(default_factory=dict)


def read(file: Path, shown_as: str) -> Document:
    """Read a file that holds one mapping. Raises `InventoryError` with file and line for anything else."""
    try:
        raw = file.read_bytes()
    except OSError as problem:
        raise InventoryError(f"cannot be read: {problem.strerror}", file=shown_as) from None
    if len(raw) > MAXIMUM_BYTES:
        raise InventoryError(f"is larger than {MAXIMUM_BYTES} bytes; split it into files in interop.d/", file=shown_as)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise InventoryError("is not UTF-8 here; save the file as UTF-8", file=shown_as, line=line) from None
    return parse(text, shown_as)


def parse(text: str, shown_as: str) -> Document:
    """The same from a text."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else None
        if line is not None and _indented_with_tab(text, line):
            raise InventoryError("a tab; indent with blanks", file=shown_as, line=line) from None
        detail = " ".join(part for part in (problem.context, problem.problem) if part)
        raise InventoryError(
            f"is not valid YAML: {detail}; check indentation, colons and quotes here", file=shown_as, line=line
        ) from None
    except yaml.YAMLError as problem:
        raise InventoryError(f"is not valid YAML: {problem}", file=shown_as) from None
    except RecursionError:
        raise InventoryError("is nested too deeply", file=shown_as) from None
    if node is None:
        return Document({}, {(): Position(shown_as, 1)})
    return _Reader(shown_as).document(node)


def _indented_with_tab(text: str, line: int) -> bool:
    content = text.splitlines()[line - 1 : line]
    return any("\t" in each[: len(each) - len(each.lstrip())] for each in content)


class _Reader:
    def __init__(self, shown_as: str) -> None:
        self.file = shown_as
        self.nodes = 0
        self.positions: dict[Path_, Position] = {}

    def document(self, node: yaml.Node) -> Document:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, "a mapping of keys is expected at the top of this file")
        try:
            value = self._mapping(node, ())
        except RecursionError:
            raise InventoryError("refers to itself through an alias, or is nested too deeply", file=self.file) from None
        self.positions[()] = Position(self.file, 1)
        return Document(value, self.positions)

    def _value(self, node: yaml.Node, path: Path_) -> Value:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            raise self._error(node, "the file expands to too many values; are aliases nested?")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, path)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "a key must be a plain word")
            key = str(key_node.value)
            if key == "<<":
                raise self._error(key_node, "merge keys (<<) are not supported; write the values out or use `defaults`")
            here = (*path, key)
            if key in result:
                raise self._error(key_node, f"`{key}` stands here twice, first at line {self.positions[here].line}")
            self.positions[here] = Position(self.file, key_node.start_mark.line + 1)
            result[key] = self._value(value_node, here)
        return result

    def _sequence(self, node: yaml.SequenceNode, path: Path_) -> list[Value]:
        result: list[Value] = []
        for index, item in enumerate(node.value):
            here = (*path, index)
            self.positions[here] = Position(self.file, item.start_mark.line + 1)
            result.append(self._value(item, here))
        return result

    def _scalar(self, node: yaml.Node) -> Scalar:
        text = str(node.value)
        if getattr(node, "style", None) in ("'", '"', "|", ">"):
            return text
        if node.tag not in _PLAIN_TAGS:
            raise self._error(node, f"the tag {node.tag} is not supported; write a plain value")
        if text in _WORDS:
            return _WORDS[text]
        if _LEADING_ZERO.fullmatch(text):
            raise self._error(
                node,
                f"{text} begins with a zero, which some read as octal and others drop; "
                f'write "{text}" in quotes if it is a name, else {int(text)}',
            )
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
        return text

    def _error(self, node: yaml.Node, message: str) -> InventoryError:
        return InventoryError(message, file=self.file, line=node.start_mark.line + 1)

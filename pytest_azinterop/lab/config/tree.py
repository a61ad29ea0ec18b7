"""The configuration as statements in blocks, and its text in the order of ``show running-config``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.words import natural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.lab.config.rules import Rule

Key = tuple[str, ...]


@dataclass(slots=True)
class Statement:
    """One configured command. ``text`` is canonical and starts with ``no `` where a negation is what is stored."""

    rule: Rule
    key: Key
    args: dict[str, str]
    text: str
    negated: bool = False
    block: Block | None = None

    @property
    def name(self) -> str:
        """The rule's name, which says what the statement means."""
        return self.rule.name

    def order(self) -> tuple[object, ...]:
        """Where the statement stands among those of its block."""
        rule = self.rule
        sort = tuple(natural(self.args.get(name, "")) for name in rule.sort)
        return (rule.group, sort, rule.index, () if rule.keep_order else natural(" ".join(self.key)))


@dataclass(slots=True)
class Block:
    """The statements of one mode, by identity."""

    mode: str
    statements: dict[Key, Statement] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Statement]:
        return iter(self.statements.values())

    def named(self, *names: str) -> list[Statement]:
        """Statements of these rules, in order of entry."""
        return [each for each in self.statements.values() if each.rule.name in names]

    def first(self, name: str) -> Statement | None:
        """The statement of a rule that can stand once."""
        return next((each for each in self.statements.values() if each.rule.name == name), None)

    def value(self, name: str, arg: str = "value") -> str | None:
        """One argument of a statement that can stand once; None without it (or where a negation is stored)."""
        found = self.first(name)
        return None if found is None or found.negated else found.args.get(arg)

    def has(self, name: str) -> bool:
        """True when a statement of the rule stands, and not its negation."""
        found = self.first(name)
        return found is not None and not found.negated

    def sorted(self) -> list[Statement]:
        """In the order in which IOS prints them."""
        return sorted(self.statements.values(), key=Statement.order)


def render(block: Block) -> str:
    """The running-config from ``version`` to ``end``."""
    lines: list[str] = []
    previous: Statement | None = None
    for statement in block.sorted():
        if previous is not None and (
            statement.block is not None or previous.block is not None or statement.rule.section != previous.rule.section
        ):
            lines.append("!")
        lines += _render(statement, 0)
        previous = statement
    return "\n".join([*lines, "!", "end"]) + "\n"


def _render(statement: Statement, depth: int) -> list[str]:
    rule, pad = statement.rule, " " * depth
    lines = [pad + statement.text]
    if statement.block is None:
        return lines
    for child in statement.block.sorted():
        if child.rule.closed_by:
            lines.append(pad + " !")
        lines += _render(child, depth + 1)
        if child.block is not None and child.rule.separated:
            lines.append(pad + " !")
    if rule.closed_by:
        lines.append(pad + rule.closed_by)
    return lines

"""What has to be typed to turn one configuration into another, as ``configure replace`` and its rollback do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.lab.config.effects import logical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.lab.config.tree import Block, Statement

_REPLACED = frozenset({"remote-as", "vrf", "vrf-old"})
"""Lines whose ``no`` takes others with it: a new value is typed over the old one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line, and what is typed in the mode that it enters."""

    line: str
    below: tuple[Change, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The line and those below, each indented by its depth."""
        yield " " * depth + self.line
        for each in self.below:
            yield from each.lines(depth + 1)


def changes(running: Block, wanted: Block) -> tuple[Change, ...]:
    """The removals first, then what is added or has another value; empty when both say the same."""
    return (*_removals(running, wanted), *_additions(running, wanted))


def _removals(running: Block, wanted: Block) -> Iterator[Change]:
    for mine in running.sorted():
        theirs = wanted.statements.get(mine.key)
        if mine.block is not None and theirs is not None and theirs.block is not None:
            below = tuple(_removals(mine.block, theirs.block))
            if below:
                yield Change(mine.text, below)
        elif theirs is None and _removable(mine):
            yield Change(mine.text.removeprefix("no ") if mine.negated else f"no {mine.text}")
        elif theirs is not None and theirs.text != mine.text and _removed_first(mine, theirs):
            yield Change(f"no {mine.text}")


def _removable(statement: Statement) -> bool:
    return not statement.rule.derived and (statement.name != "interface" or logical(statement.args["name"]))


def _removed_first(mine: Statement, theirs: Statement) -> bool:
    return not (mine.negated or theirs.negated or mine.rule.derived or mine.name in _REPLACED)


def _additions(running: Block, wanted: Block) -> Iterator[Change]:
    for theirs in wanted.sorted():
        mine = running.statements.get(theirs.key)
        if theirs.block is not None:
            if mine is None or mine.block is None:
                yield Change(theirs.text, tuple(_whole(theirs.block)))
                continue
            below = tuple(_additions(mine.block, theirs.block))
            if below:
                yield Change(theirs.text, below)
        elif not theirs.rule.derived and (mine is None or mine.text != theirs.text):
            yield Change(theirs.text)


def _whole(block: Block) -> Iterator[Change]:
    for each in block.sorted():
        if not each.rule.derived:
            yield Change(each.text, () if each.block is None else tuple(_whole(each.block)))

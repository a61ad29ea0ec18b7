"""A running-config as blocks: what the policy-like show commands repeat from the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the configuration at the left margin, and the lines below it as they stand."""

    header: str
    lines: tuple[str, ...]

    def values(self, keyword: str) -> list[str]:
        """What follows a keyword in the block's own lines."""
        start = f" {keyword} "
        return [line[len(start) :].strip() for line in self.lines if line.startswith(start)]

    def first(self, keyword: str) -> str | None:
        """The first of ``values``, None without one."""
        return next(iter(self.values(keyword)), None)

    def text(self) -> list[str]:
        """The block as it stands."""
        return [self.header, *self.lines]


def blocks(config: str) -> Iterator[Block]:
    """Every block of a configuration; lone lines are blocks without lines, ``!`` at the margin is left out."""
    header: str | None = None
    below: list[str] = []
    for line in config.splitlines():
        if line.startswith(" ") and header is not None:
            below.append(line)
            continue
        if header is not None:
            yield Block(header, tuple(below))
        header, below = (None, []) if line.startswith("!") or not line.strip() else (line, [])
    if header is not None:
        yield Block(header, tuple(below))


def named(config: str, start: str) -> list[tuple[str, Block]]:
    """The blocks whose header begins with ``start``, each with the word that follows: its name."""
    prefix = f"{start} "
    return [
        (block.header[len(prefix) :].split()[0], block)
        for block in blocks(config)
        if block.header.startswith(prefix) and block.header[len(prefix) :].strip()
    ]

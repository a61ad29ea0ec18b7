"""Where a record was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Host, command and time of an answer, and the lines of it that a record was read from.

    `asked_at` is UTC by the collecting machine's clock. `lines` counts from 1 and includes both ends; None means the
    whole answer.
    """

    host: str
    command: str
    asked_at: datetime
    lines: tuple[int, int] | None = None

    def at(self, first: int, last: int | None = None) -> Source:
        """The same source narrowed to the lines `first` to `last`."""
        return Source(self.host, self.command, self.asked_at, (first, last if last is not None else first))

    def __str__(self) -> str:
        where = ""
        if self.lines is not None:
            first, last = self.lines
            where = f", line {first}" if first == last else f", lines {first}-{last}"
        return f"{self.host}: {self.command}{where}, {self.asked_at:%H:%M:%S}Z"

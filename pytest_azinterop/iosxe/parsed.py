"""What a parser returns.

Every parser is `parse(text, source, *, vrf=None, …) -> Parsed[Record]` and raises ParseError on anything that it does
not understand; no records means that the answer positively says "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[RecordT]):
    """The records of one answer, and the lines of it that no record accounts for (lines unread inside a record stand
    on the record)."""

    records: tuple[RecordT, ...]
    unread: tuple[str, ...] = ()

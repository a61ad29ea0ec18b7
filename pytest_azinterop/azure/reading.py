"""What a parser of an Azure answer returns.

Every parser is `parse(document, source, …) -> Reading[Record]` and raises ParseError, with the path in the JSON, on
anything that it does not understand; no records means that the answer positively says "none".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Reading(Generic[RecordT]):
    """The records of one answer, and what of its JSON no record accounts for (what is unread inside a record stands
    on the record)."""

    records: tuple[RecordT, ...]
    unread: tuple[str, ...] = ()

"""A difference between two states of the network, and whether the intent expects it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_azinterop.verify import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from pytest_azinterop.verify.finding import Finding

StateT = TypeVar("StateT")
_DAY, _WEEK, _YEAR = timedelta(days=1), timedelta(weeks=1), timedelta(days=365)
_JITTER = timedelta(seconds=60)  # what two readings of the same timer may differ by through the reading itself
COUNTER_MARGIN = 0.01  # the part of a counter that two readings may differ by in the same way


@dataclass(frozen=True, slots=True)
class Compared(Generic[StateT]):
    """The same state twice: as the baseline recorded it, and as it is now."""

    before: StateT
    after: StateT


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `expected`: why the intent expects it, in words; None where it does not."""

    finding: Finding
    expected: str | None = None


def unexpected(changes: Iterable[Change]) -> list[Finding]:
    """The findings about what the intent does not expect."""
    return [change.finding for change in changes if change.expected is None]


def is_newer(before: timedelta, asked_before: datetime, after: timedelta, asked_after: datetime) -> bool:
    """Whether what has this age `after` began only after the baseline, or has become younger.

    Ages are as printed, and so truncated to hours, days or weeks the older they are; what they leave open is no reset.
    """
    if after + _precision(after) < asked_after - asked_before:
        return True
    return after + max(_JITTER, _precision(after)) < before


def _precision(age: timedelta) -> timedelta:
    """What IOS-XE leaves out of an age: below a day nothing, below a week minutes, below a year hours, then days."""
    if age < _DAY:
        return timedelta(seconds=1)
    if age < _WEEK:
        return timedelta(hours=1)
    return _DAY if age < _YEAR else _WEEK


def went_back(before: int, after: int) -> bool:
    """Whether a counter is lower than it was by more than two readings of it can differ; a 32-bit one may wrap."""
    if before > 2**32 * (1 - COUNTER_MARGIN) and before < 2**32:
        return False
    return after < before * (1 - COUNTER_MARGIN)


def altered(pairs: Iterable[tuple[str, object, object]]) -> Iterator[str]:
    """`MTU is now 1500, was 9000` for each name whose two values differ."""
    for name, before, after in pairs:
        if before != after:
            yield f"{name} is now {_word(after)}, was {_word(before)}"


def _word(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple | frozenset):
        return text.some(str(item) for item in value) or "none"
    return text.clean(str(value))

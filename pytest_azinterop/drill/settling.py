"""When a failover and a fail-back had ended: the one definition for verdicts, timeline, drawing and the terminal.

It is the end of the first look with which every network that keeps service is on its path and answers, by looks that
began after the trigger (the undo) alone. That is later than the first line of the timeline about a path: one network
is not all of them, and a look that was on its way at the trigger proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill import record as recorded
from pytest_azinterop.drill.timeline import Event, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.drill.record import Record
    from pytest_azinterop.intent.drill_expectations import Pair
    from pytest_azinterop.intent.reachability import ExpectedReach


def reaches(record: Record) -> Iterator[tuple[Pair, ExpectedReach]]:
    """What is watched of every network."""
    for pair in record.drill.pairs:
        for reach in pair.reaches:
            yield pair, reach


def moved_at(record: Record) -> datetime | None:
    """When every network that keeps service was on its path and answered; None: never, or nothing was triggered."""
    found = moved_by(record)
    return None if found is None else found.at


def back_at(record: Record) -> datetime | None:
    """When every network was back on its path and answered."""
    found = back_by(record)
    return None if found is None else found.at


@dataclass(frozen=True, slots=True)
class Settled:
    """The first moment at which all is well: the end of a look, which `router` has shown. `networks` are those that it
    was the last to be seen well of; `within` is the time since the moment before, at which they were not."""

    at: datetime
    router: str
    networks: tuple[str, ...]
    within: timedelta


def moved_by(record: Record) -> Settled | None:
    """What ends the failover, by looks that began after the trigger alone."""
    return _settled(record, record.during(), "during", record.triggered)


def back_by(record: Record) -> Settled | None:
    """What ends the fail-back, by looks that began after the undo alone."""
    return _settled(record, record.afterwards(), "after", record.undone)


def _settled(
    record: Record, moments: list[tuple[datetime, Mapping[str, Look]]], phase: str, since: datetime | None
) -> Settled | None:
    """The first moment at which all is well. What comes later is judged by itself."""
    missing = tuple(dict.fromkeys(pair.network for pair, _ in reaches(record)))
    for at, looks in moments:
        bad = dict.fromkeys(
            pair.network
            for pair, reach in reaches(record)
            if not looking.is_on(pair, phase, looking.path_of(record.drill, looks, reach))
            or (looking.answered(looks.get, reach) is not True and not (phase == "during" and pair.is_lost))
        )
        if not bad:
            router = next((name for name, each in looks.items() if each.over == at), "")
            return Settled(at, router, missing, at - (since or at))
        missing, since = tuple(bad), at
    return None


def milestones(record: Record) -> list[Event]:
    """The moments that end the times of failover and fail-back, for the timeline: the same that are judged."""
    found = []
    for word, begins, each in (
        ("failover", record.triggered, moved_by(record)),
        ("fail-back", record.undone, back_by(record)),
    ):
        if each is not None and begins is not None:
            words = (
                f"{word} ends after {(each.at - begins).total_seconds():.3f} s: {', '.join(each.networks)} as expected,"
                " and with that every network"
            )
            found.append(Event(each.at, "path", each.router, words, each.within))
    return found


def timeline(record: Record) -> list[Event]:
    """Everything that changed and the milestones, in order."""
    return ordered([*recorded.timeline(record), *milestones(record)])

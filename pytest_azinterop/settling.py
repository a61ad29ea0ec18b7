"""`--settle`: after a change, collect and judge again until no check fails or the time is up.

Each round asks everything anew, with one login per router, so that all outcomes are of the same moment. The rounds are
judged silently; what the last one collected is then run and reported as always.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _pytest.runner import runtestprotocol

from pytest_azinterop.report import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 15.0  # seconds between two rounds
PAUSES = 20  # pauses that fit into the whole time, within these bounds
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Settled:
    """How it went. `first` are the checks that did not pass in the first round, with why; `left` those of the last."""

    rounds: int
    seconds: float
    first: Mapping[str, str]
    left: Mapping[str, str]

    def lines(self) -> list[str]:
        """First and last state in words."""
        counted = f"{terminal.plural(self.rounds, 'round')}, {self.seconds:.0f} s"
        if not self.first:
            return [f"azinterop: settled at once ({counted})"]
        if not self.left:
            begin = f"azinterop: settled ({counted}); at first {terminal.plural(len(self.first), 'check')} did not pass"
        else:
            begin = (
                f"azinterop: not settled ({counted}); at first {terminal.plural(len(self.first), 'check')}"
                f" did not pass, at last {len(self.left)}"
            )
        shown = [
            f"  {name}: at first {why}; at last {self.left.get(name, 'passed')}"
            for name, why in list(self.first.items())[:SHOWN]
        ]
        shown += [f"  … and {len(self.first) - SHOWN} more"] if len(self.first) > SHOWN else []
        new = [f"  {name}: at first passed; at last {why}" for name, why in self.left.items() if name not in self.first]
        return [f"{begin}:", *shown, *new[:SHOWN]]


def pause(seconds: float) -> float:
    """How long to wait between two rounds, given the whole time."""
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, seconds / PAUSES))


def settle(
    seconds: float,
    collect: Callable[[], None],
    judge: Callable[[], Mapping[str, str]],
    say: Callable[[str], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Settled:
    """Rounds of `collect` and `judge` (what does not pass, and why).

    A round is begun only if one as long as the longest so far would end in time.
    """
    started, longest, rounds = clock(), 0.0, 0
    first: Mapping[str, str] | None = None
    while True:
        begun, rounds = clock(), rounds + 1
        collect()
        left = judge()
        longest = max(longest, clock() - begun)
        first = left if first is None else first
        spent = clock() - started
        words = f"{terminal.plural(len(left), 'check')} not passed" if left else "all checks passed"
        say(f"azinterop: round {rounds} after {spent:.1f} s: {words}")
        if not left or spent + pause(seconds) + longest > seconds:
            return Settled(rounds, spent, first, left)
        sleep(pause(seconds))


def judge_silently(items: Sequence[pytest.Item]) -> dict[str, str]:
    """Run items without reporting them: those that fail or are errors, with the first line of why."""
    found: dict[str, str] = {}
    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else None
        for report in runtestprotocol(item, log=False, nextitem=following):
            if report.failed and item.nodeid not in found:
                word = "failed" if report.when == "call" else "error"
                found[item.nodeid] = f"{word}: {_first_line(report)}"
        item._report_sections.clear()  # noqa: SLF001 (pytest would show the output of every round)
    return found


def _first_line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else report.longrepr)
    return terminal.clean(text.strip().split("\n", 1)[0], 200)

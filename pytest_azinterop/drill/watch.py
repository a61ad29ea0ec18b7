"""Looking at the routers without a break: one read session each, opened before anything is taken away.

The sessions are those of any collection (login, allow-list, redaction, host keys); they only last longer.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_azinterop.collect.answer import Collection
from pytest_azinterop.collect.plan import Plan, plan
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.drill import look as looking
from pytest_azinterop.drill.timeline import ClockMap
from pytest_azinterop.errors import AzinteropError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.credentials import Credentials
    from pytest_azinterop.collect.inventory import RouterInventory
    from pytest_azinterop.collect.plan import PlannedCommand
    from pytest_azinterop.drill.look import Look
    from pytest_azinterop.intent.drill_expectations import Drill

# Seconds that a session of a drill may take in all; the drill itself ends long before.
_WHOLE = 24 * 3600.0
_TICK = 0.01
_READINGS = 3


class Watch:
    """Looks of every router of a drill, as they come. A router whose session ends is in `ended` with the reason."""

    def __init__(
        self,
        drill: Drill,
        inventory: RouterInventory,
        credentials: Credentials | Mapping[str, Credentials] | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.drill = drill
        self.clocks: dict[str, ClockMap] = {router: ClockMap() for router in drill.routers}
        self.looks: list[Look] = []
        self.last: dict[str, Look] = {}
        self.ended: dict[str, str] = {}
        self.answers: list[Answer] = []
        self._inventory = inventory
        self._credentials = credentials
        self._limits = {**(limits or {}), "router_deadline": _WHOLE}
        self._plans: dict[str, Plan] = {router: plan(looking.wanted(drill, router)) for router in drill.routers}
        self._pacing: dict[str, ClockMap] = {router: ClockMap() for router in drill.routers}
        self._seen: dict[str, int] = dict.fromkeys(drill.routers, 0)
        self._queue: queue.SimpleQueue[Look | tuple[str, str]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._interval = drill.poll
        self._thread = threading.Thread(target=self._run, name="drill-watch", daemon=True)

    # In the thread of the drill -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Log in and look. What fails is told by `ended`."""
        self._thread.start()

    def stop(self, patience: float = 30.0) -> None:
        """End the sessions."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def pace(self, interval: timedelta) -> None:
        """From now on, look this often by the routers' clocks."""
        self._interval = interval

    def take(self, patience: float) -> list[Look]:
        """The looks that have come since the last call; waits for the first at most `patience` seconds."""
        found: list[Look] = []
        for each in self._waiting(patience):
            if isinstance(each, tuple):
                self.ended[each[0]] = each[1]
                continue
            self.clocks[each.router].add(each.asked_at, each.at)
            self.looks.append(each)
            self.last[each.router] = each
            found.append(each)
        return found

    def _waiting(self, patience: float) -> Iterator[Look | tuple[str, str]]:
        try:
            yield self._queue.get(timeout=patience)
            while True:
                yield self._queue.get_nowait()
        except queue.Empty:
            return

    def now(self, router: str) -> datetime:
        """A router's clock at this moment, from its last readings. Raises ValueError before the first."""
        return self.clocks[router].router_time(datetime.now(UTC))

    # In the threads of the collection -------------------------------------------------------------------------------

    def _run(self) -> None:
        whole = Plan(tuple(each for one in self._plans.values() for each in one.routers))
        try:
            collected = gather(
                whole,
                self._inventory,
                credentials=self._credentials,
                limits=self._limits,
                following=self._following,
            )
        except AzinteropError as error:
            for router in self.drill.routers:
                self._queue.put((router, str(error)[:300]))
        except Exception as error:  # noqa: BLE001 (a defect here must be seen as a router that is lost)
            for router in self.drill.routers:
                self._queue.put((router, f"watching failed with {type(error).__name__}"))
        else:
            for router in self.drill.routers:
                failure = collected.failures.get(router)
                words = "its session ended" if failure is None else failure.message
                self._queue.put((router, words))

    def _following(self, router: str, answers: Sequence[Answer]) -> Sequence[PlannedCommand]:
        """A look is complete: hand it over, wait for the next turn, and ask the same again; nothing at the end."""
        new = answers[self._seen[router] :]
        self._seen[router] = len(answers)
        self.answers.extend(new)
        ended = datetime.now(UTC)
        taken = self._look(router, new, ended)
        if taken is not None:
            self._pacing[router].add(taken.asked_at, taken.at)
            spent = (ended - taken.asked_at) * self._pacing[router].rate
            self._queue.put(replace(taken, until=taken.at + spent))
        begun = ended if taken is None else taken.asked_at
        while not self._stop.is_set() and datetime.now(UTC) < begun + self._pause(router):
            self._stop.wait(_TICK)
        planned = self._plans[router].router(router)
        return () if self._stop.is_set() or planned is None else planned.commands

    def _pause(self, router: str) -> timedelta:
        """Between the beginnings of two looks, in this machine's time. The first looks follow at once: they show how
        fast the router's clock goes."""
        known = self._pacing[router]
        return self._interval / known.rate if len(known.readings) >= _READINGS else timedelta(0)

    def _look(self, router: str, answers: Sequence[Answer], ended: datetime) -> Look | None:
        if not answers:
            return None
        facts = FactStore(self._plans[router], Collection(tuple(answers)))
        try:
            return looking.read(self.drill, router, facts, timedelta(seconds=answers[0].seconds), ended)
        except UndeterminedError as error:
            self._queue.put((router, error.message[:300]))
            return None

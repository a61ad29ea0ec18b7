"""Asking in rounds within one session: what a router answered says what else can be asked of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pytest_azinterop.collect.answer import Collection
from pytest_azinterop.collect.plan import Plan, RouterPlan, command_text, plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.collect.facts import Fact, Facts
    from pytest_azinterop.collect.plan import PlannedCommand

    # The facts that one more round should ask of a router, given what it answered; asked ones may be among them.
    Further = Callable[[str, Facts], Iterable[Fact]]


class Rounds:
    """The growing plan of a first contact. `following` may be called from several threads, each for its own router.

    `skipped` are facts that no command line can be made of, such as of a VRF whose name is no single safe word.
    """

    def __init__(self, first: Iterable[Fact], further: Further) -> None:
        self.initial = plan(first)
        self.skipped: list[str] = []
        self._further = further
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[PlannedCommand, ...]] = {
            router.host: router.commands for router in self.initial.routers
        }

    @property
    def plan(self) -> Plan:
        """Everything that was asked so far, in order."""
        with self._lock:
            return Plan(tuple(RouterPlan(host, self._asked[host]) for host in sorted(self._asked)))

    def following(self, host: str, answers: Sequence[Answer]) -> Sequence[PlannedCommand]:
        """The next round of one router; nothing: it has been asked everything."""
        with self._lock:
            asked = self._asked[host]
        known = FactStore(Plan((RouterPlan(host, asked),)), Collection(tuple(answers)))
        texts = {command.text for command in asked}
        wanted = plan(self._possible(self._further(host, known)))
        router = wanted.router(host)
        more = () if router is None else tuple(command for command in router.commands if command.text not in texts)
        with self._lock:
            self._asked[host] = (*asked, *more)
        return more

    def _possible(self, facts: Iterable[Fact]) -> Iterable[Fact]:
        for fact in facts:
            try:
                command_text(fact)
            except InventoryError as error:
                with self._lock:
                    self.skipped.append(str(error))
            else:
                yield fact

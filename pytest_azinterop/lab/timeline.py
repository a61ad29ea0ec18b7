"""What happens later in a lab: at a time, when somebody types a line or asks Azure, when a session goes or comes.

Changes of the network come at their exact simulated time, whenever it is next looked at. Faults of the management plane
concern real connections, so they come in real time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pytest_azinterop.lab.scenario_file import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_azinterop.lab.apply import Applier
    from pytest_azinterop.lab.scenario import LaterChange, OperatorChange, Scenario, When


@dataclass(slots=True)
class Timeline:
    """``manage`` is called with a change's management faults and the seconds until then, ``failed`` with what went
    wrong.
    """

    applier: Applier
    manage: Callable[[LaterChange, float], None]
    failed: Callable[[ScenarioError], None]

    def plan(self, scenario: Scenario) -> None:
        """All of a scenario that has no fixed time, and what operators do. Times count from now on."""
        for change in scenario.later:
            if change.at is None:
                self._wait(change, partial(self._begin, change))
        for operator in scenario.operator:
            if operator.at is not None:
                self.applier.network.schedule(operator.at, partial(self._operate, operator))
            else:
                self._wait(operator, partial(self._follow, operator))

    def _begin(self, change: LaterChange) -> None:
        if change.management:
            self.manage(change, change.after)
        self.applier.network.follow(change.after, lambda: self._apply(change))

    def _follow(self, operator: OperatorChange) -> None:
        self.applier.network.follow(operator.after, lambda: self._operate(operator))

    def _wait(self, when: When, action: Callable[[], None]) -> None:
        """Call the action the first time that what it waits for happens."""
        waiting = [action]

        def line(router: str, typed: str, command: str) -> None:
            if when.typed is None or (when.on is not None and when.on != router):
                return
            if waiting and (re.search(when.typed, typed) or re.search(when.typed, command)):
                waiting.pop()()

        def request(asked: str) -> None:
            if waiting and when.asked is not None and re.search(when.asked, asked):
                waiting.pop()()

        def session(node: str, up: bool) -> None:
            if waiting and node == (when.up if up else when.down):
                waiting.pop()()

        if when.typed is not None:
            self.applier.network.on_line.append(line)
        elif when.asked is not None:
            self.applier.network.on_request.append(request)
        else:
            self.applier.network.on_session.append(session)

    def _apply(self, change: LaterChange) -> None:
        try:
            self.applier.apply(change)
        except ScenarioError as error:
            self.failed(error)

    def _operate(self, operator: OperatorChange) -> None:
        try:
            self.applier.operate(operator)
        except ScenarioError as error:
            self.failed(error)

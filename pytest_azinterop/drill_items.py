"""A drill as pytest items, in order: pre-checks, and where it is approved what it did and what that showed.

They are made from the drill of the intent and stand in no file of checks. No waiver covers one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.outcomes import RECORD, FindingsFailure, ItemRecord, UndeterminedFailure
from pytest_azinterop.verification import VERIFICATION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.drill.guard import Guard, Scene
    from pytest_azinterop.verify.finding import Finding

Judgement = "Callable[[], list[Finding]]"


class Collector(pytest.Collector):
    """The parent of the items; it finds nothing by itself."""

    def collect(self) -> list[pytest.Item]:
        """Nothing."""
        return []


class DrillItem(pytest.Item):
    """One question. `says` is the sentence that is true when it passes; `needs` what must be collected before.

    `judge` returns findings, and raises UndeterminedError where it cannot tell.
    """

    def __init__(
        self,
        *,
        says: str,
        judge: Callable[[], list[Finding]],
        needs: Sequence[Need] = (),
        is_guard: bool = False,
        **rest: Any,  # noqa: ANN401 (pytest's own)
    ) -> None:
        super().__init__(**rest)
        self.says = says
        self.is_guard = is_guard
        self.azinterop_needs = tuple(needs)
        self._judge = judge
        self.add_marker("drill")

    def runtest(self) -> None:
        """Judge. Raises FindingsFailure or UndeterminedFailure."""
        __tracebackhide__ = True
        record = self.stash.setdefault(RECORD, ItemRecord())
        try:
            found = self._judge()
        except UndeterminedError as error:
            raise UndeterminedFailure(error) from None
        record.judgements += 1
        record.findings.extend(found)
        if found:
            raise FindingsFailure(found, {})

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where it stands: in no file."""
        return "drill", None, self.nodeid


def guard_items(parent: pytest.Collector, guard: Guard, scenes: Sequence[Scene]) -> list[DrillItem]:
    """The items of one guard: one per router that it asks, or one for the whole drill."""

    def judge(scene: Scene) -> Callable[[], list[Finding]]:
        return lambda: guard.judge(scene, facts_of(parent.config))

    return [
        DrillItem.from_parent(
            parent,
            name=f"pre-check[{scene.router + '/' if scene.router else ''}{guard.name}]",
            says=guard.says,
            judge=judge(scene),
            needs=guard.needs(scene),
            is_guard=True,
        )
        for scene in scenes
    ]


def facts_of(config: pytest.Config) -> Facts:
    """What was collected. Raises UndeterminedError."""
    verification = config.stash[VERIFICATION]
    if verification.failure is not None:
        raise verification.failure
    if verification.facts is None:
        raise UndeterminedError("nothing was collected in this run", cause="not-collected")
    return verification.facts

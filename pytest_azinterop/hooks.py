"""Hooks that this plugin offers to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_azinterop.collect.facts import Facts
    from pytest_azinterop.collect.plan import Plan


@pytest.hookspec(firstresult=True)
def pytest_azinterop_collect(config: pytest.Config, plan: Plan) -> Facts | None:
    """Answer the plan from somewhere else than the inventory's routers; None leaves it to them.

    Called once per process, between the end of pytest's collection and the first item. What it returns must raise
    `UndeterminedError` for every fact that it does not have.
    """

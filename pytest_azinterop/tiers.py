"""The tier of rare and costly checks: not asked for unless somebody says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DEEP = "deep"


def are_asked_for(config: pytest.Config) -> bool:
    """Whether costly checks were named: by `--deep`, in a marker expression, or by the id of an item."""
    named = re.search(rf"\b{DEEP}\b", config.option.markexpr or "") is not None
    return bool(options.value(config, DEEP)) or named or any("::" in str(argument) for argument in config.args)


class Tiers:
    """The hooks that leave costly checks out, and say so at the end.

    `not_judged` receives their pairs of rule and object, so that no waiver is called stale for one of them.
    """

    def __init__(
        self,
        config: pytest.Config,
        not_judged: list[tuple[str, str]],
        pairs: Callable[[pytest.Item], Iterable[tuple[str, str]]],
    ) -> None:
        self._config = config
        self._not_judged = not_judged
        self._pairs = pairs
        self._left_out = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """After everything else was selected and deselected."""
        if are_asked_for(config):
            return
        left_out = [item for item in items if item.get_closest_marker(DEEP) is not None]
        items[:] = [item for item in items if item.get_closest_marker(DEEP) is None]
        self._left_out = len(left_out)
        for item in left_out:
            self._not_judged.extend(self._pairs(item))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How many were left out, and how to run them."""
        if self._left_out:
            checks = "check" if self._left_out == 1 else "checks"
            deep = options.form(self._config, DEEP)
            terminalreporter.write_line(
                f"azinterop: {self._left_out} rare or costly {checks} not asked for; {deep} runs them too"
            )

    # pytest-xdist ----------------------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A worker tells its controller."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["azinterop_deep"] = {"left_out": self._left_out, "not_judged": self._not_judged}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 (xdist has no types)
        """Take over what a worker left out: every worker leaves out the same."""
        told = getattr(node, "workeroutput", {}).get("azinterop_deep")
        if told is not None:
            self._left_out = told["left_out"]
            self._not_judged.extend((rule, object_) for rule, object_ in told["not_judged"])

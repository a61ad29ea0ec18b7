"""A pytest plugin that notes, per item, whether its check looked at anything that was read of a router.

Loaded by `-p evidence_spy` in a run of its own. `unread.json` then lists the items that passed without such a look.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
import sys
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from pytest_azinterop import state

# Where a record was read says nothing of what it holds.
ORIGIN = {"source"}


class Spy:
    """Counts reads of the fields of records while a check runs."""

    def __init__(self) -> None:
        self.reads = 0
        self.unread: list[str] = []
        for module in pkgutil.walk_packages(state.__path__, f"{state.__name__}."):
            importlib.import_module(module.name)
        for record in set(records()):
            self.watch(record)

    def watch(self, record: type[Any]) -> None:
        """Count each read of a field of this type."""
        fields = {field.name for field in dataclasses.fields(record)} - ORIGIN
        plain = record.__getattribute__

        def counted(instance: object, name: str) -> object:
            if name in fields:
                self.reads += 1
            return plain(instance, name)

        record.__getattribute__ = counted  # type: ignore[method-assign]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """One item's check, without its set-up."""
        self.reads = 0
        yield
        if not self.reads:
            self.unread.append(item.name)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell."""
        (session.config.invocation_params.dir / "unread.json").write_text(json.dumps(self.unread))


def records() -> Iterator[type[Any]]:
    """Every record type of `state` but the one that says where a record was read."""
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{state.__name__}.") and not name.endswith(".source"):
            yield from (
                each
                for each in vars(module).values()
                if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__ == name
            )


def pytest_configure(config: pytest.Config) -> None:
    """Watch from the beginning."""
    config.pluginmanager.register(Spy(), "evidence-spy")

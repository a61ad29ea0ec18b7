"""What holds for every finding that any test of the judgements makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_azinterop.verify.finding import Finding
from pytest_azinterop.verify.next_command import further


@pytest.fixture(autouse=True)
def findings_lead_further(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Finding]]:
    """No finding sends its reader to an answer that it was read from. Gives the findings made so far."""
    made: list[Finding] = []
    first = Finding.__init__

    def kept(self: Finding, *arguments: Any, **named: Any) -> None:
        first(self, *arguments, **named)
        made.append(self)

    monkeypatch.setattr(Finding, "__init__", kept)
    yield made
    assert [each for each in made if each.next_command != further(each.next_command, each.evidence)] == []

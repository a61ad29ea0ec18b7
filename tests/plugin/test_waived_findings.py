"""What a waiver covers hides nothing else of the same item, an undetermined fact least of all."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.models import Waiver
from pytest_azinterop.outcomes import FindingsFailure, ItemRecord, Judge
from pytest_azinterop.verify import evidence
from pytest_azinterop.verify.finding import PartialFindings
from pytest_azinterop.verify.rules import finding

TODAY = date(2026, 3, 2)
DOWN = finding("sides.loss", "edge/vrf-A/192.0.2.1", "edge", "session is Idle, expected up", cause="session-down")
WAIVER = Waiver(rule="sides.loss", object="edge/*", reason="known for long", expires=date(2027, 1, 1))
OPEN = UndeterminedError("the intent names no gateway", cause="not-collected")


def test_a_waived_finding_does_not_hide_what_is_open_beside_it() -> None:
    record = ItemRecord()
    with pytest.raises(UndeterminedError, match="names no gateway"):
        Judge(record, (WAIVER,), TODAY)(PartialFindings([DOWN], OPEN))
    assert record.covered == [(DOWN, WAIVER)]
    Judge(ItemRecord(), (WAIVER,), TODAY)([DOWN])


def test_a_finding_that_nothing_covers_is_told_first() -> None:
    with pytest.raises(FindingsFailure):
        Judge(ItemRecord(), (), TODAY)(PartialFindings([DOWN], OPEN))


def test_without_a_finding_what_is_open_is_raised() -> None:
    with pytest.raises(UndeterminedError, match="who knows"):
        evidence.open_beside([], "who knows", "not-collected")
    found = evidence.open_beside([DOWN], "who knows", "not-collected")
    assert found == [DOWN]

"""Rare and costly checks wait until somebody asks for them, and the run says that they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Runs

CHECK = """\
import pytest

@pytest.mark.devices
def test_cheap(device):
    assert device.observed

@pytest.mark.deep
@pytest.mark.devices
def test_costly(device):
    assert device.observed
"""


@pytest.mark.parametrize(
    ("arguments", "ran", "waiting"),
    [
        ((), {"test_cheap"}, True),
        (("-m", "devices"), {"test_cheap"}, True),
        (("--deep",), {"test_cheap", "test_costly"}, False),
        (("-m", "deep"), {"test_costly"}, False),
        (("-m", "devices and not deep"), {"test_cheap"}, False),
        (("-n", "2"), {"test_cheap"}, True),
    ],
)
def test_costly_checks_wait(runs: Runs, arguments: tuple[str, ...], ran: set[str], waiting: bool) -> None:
    file = runs.file("test_tiers_here.py", CHECK)
    done = runs.pytest(*arguments, str(file))
    assert {name.partition("[")[0] for name in done.outcomes()} == ran
    assert ("2 rare or costly checks not asked for; --deep runs them too" in done.text) == waiting


def test_an_item_named_by_its_id_is_asked_for(runs: Runs) -> None:
    file = runs.file("test_tiers_here.py", CHECK)
    done = runs.pytest(f"{file}::test_costly")
    assert {name.partition("[")[0] for name in done.outcomes()} == {"test_costly"}

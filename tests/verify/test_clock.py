"""What a clock that is not synchronised lacks, where the configuration is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from verify.verify_records import CONFIG_TEXT, DEVICE, OBSERVED_DEVICE, config

from pytest_azinterop.verify import device


@pytest.mark.parametrize(("line", "told"), [("", True), ("ntp server 10.0.0.1", False), ("ntp peer 10.0.0.2", False)])
def test_a_clock_that_nothing_sets_is_said_to_be_so(line: str, told: bool) -> None:
    lost = replace(
        OBSERVED_DEVICE,
        clock=replace(OBSERVED_DEVICE.clock, quality="not synchronised"),
        config=config(CONFIG_TEXT.replace("\nend\n", f"\n{line}\nend\n")),
    )
    (found,) = device.clock(DEVICE, lost)
    assert found.cause == "not-synchronised"
    assert ("no `ntp server`" in (found.likely or "")) is told
    (unknown,) = device.clock(DEVICE, replace(lost, config=None))
    assert "lost its time source" in (unknown.likely or "")

"""Judgement about the saved configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_azinterop.verify import subject
from pytest_azinterop.verify.text import clean, some

if TYPE_CHECKING:
    from pytest_azinterop.intent.expectations import ExpectedDevice
    from pytest_azinterop.state.operations import ConfigDifferences
    from pytest_azinterop.verify.finding import Finding


@dataclass(frozen=True, slots=True)
class ObservedSaved:
    """What turns the saved configuration into the running one."""

    differences: ConfigDifferences


def configuration(expected: ExpectedDevice, observed: ObservedSaved) -> list[Finding]:
    """The running and the saved configuration are the same."""
    lines = observed.differences.differences
    if not lines:
        return []
    # Only the sections are named: a line of them may hold a secret.
    sections = dict.fromkeys(clean((each.above or (each.text,))[0].strip(), 60) for each in lines)
    plural = "line differs" if len(lines) == 1 else "lines differ"
    return [
        subject.of_device(expected).finding(
            "device.saved",
            f"{len(lines)} {plural} from the saved configuration (in {some(sections)}), expected none",
            cause="not-saved",
            evidence=[observed.differences.source],
            next_command="show logging | include CONFIG_I",
        )
    ]

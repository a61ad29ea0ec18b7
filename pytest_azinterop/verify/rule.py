"""What a rule is."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_azinterop.verify.finding import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `judged_by` is the function (below `pytest_azinterop.verify`) that returns its findings, such as `session.state`.
    `causes` maps each stable cause code to words that say what probably lies behind it.
    """

    name: str
    severity: Severity
    description: str
    judged_by: str
    causes: Mapping[str, str]


def rule(name: str, severity: Severity, judged_by: str, description: str, **causes: str) -> Rule:
    """A rule; the keywords are its cause codes with `_` for `-`."""
    words = {code.replace("_", "-"): text for code, text in causes.items()}
    return Rule(name, severity, description, judged_by, MappingProxyType(words))

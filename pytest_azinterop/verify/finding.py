"""What a judgement returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_azinterop.errors import UndeterminedError
    from pytest_azinterop.state.source import Source

Severity = Literal["critical", "high", "medium", "low", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence that contradicts the intent.

    `rule` (such as `policy.local-preference`) and `object` (such as `ce1-loc1/vrf-30/192.168.30.18`) are what a
    waiver names. `message` follows one
    grammar: `{object in words}: {what} is {observed}, expected {expected}`. `cause` is a stable code of the rule;
    `likely` says in words what probably
    lies behind it, None where the facts allow no guess. `next_command` is what an engineer would type next.
    `about` is the id of the session that it is about, where `object` has several; None: it is about the object as a
    whole.
    """

    rule: str
    object: str
    severity: Severity
    message: str
    cause: str
    evidence: tuple[Source, ...] = ()
    likely: str | None = None
    next_command: str | None = None
    about: str | None = None


class PartialFindings(list[Finding]):
    """Findings beside which something could not be determined: that is still open where a waiver covers all of them."""

    def __init__(self, findings: Iterable[Finding], undetermined: UndeterminedError) -> None:
        super().__init__(findings)
        self.undetermined = undetermined

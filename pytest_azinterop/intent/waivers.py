"""Which findings are accepted for now. A waiver covers findings, never a fact that could not be determined."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pytest_azinterop.intent.models import Waiver


def covering(waivers: Iterable[Waiver], rule: str, subject: str, on: date) -> Waiver | None:
    """The first waiver that covers a finding of `rule` about `subject` on that day; its last day is `expires`."""
    for waiver in waivers:
        if on <= waiver.expires and about(waiver, rule, subject):
            return waiver
    return None


def expired(waivers: Iterable[Waiver], rule: str, subject: str, on: date) -> Waiver | None:
    """A waiver that would cover the finding if its date had not passed, to be named in the failure."""
    for waiver in waivers:
        if on > waiver.expires and about(waiver, rule, subject):
            return waiver
    return None


def about(waiver: Waiver, rule: str, subject: str) -> bool:
    """Whether rule and object match, whatever the date. `*` stands for any run of characters, in both."""
    return matches(waiver.rule, rule) and matches(waiver.object, subject)


def concerns(waiver: Waiver, rule: str, objects: str) -> bool:
    """As `about`, for objects that may be named by a pattern: what a router's configuration can hold is not known."""
    return about(waiver, rule, objects) or (matches(waiver.rule, rule) and matches(objects, waiver.object))


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; `*` stands for any run of characters, everything else for itself."""
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(expression, text) is not None

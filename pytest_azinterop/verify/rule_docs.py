"""The page of all rules and causes: `python -m pytest_azinterop.verify.rule_docs > docs/rules.md`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_azinterop.verify.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.verify.rule import Rule

_INTRODUCTION = """\
# Rules

<!-- generated: python -m pytest_azinterop.verify.rule_docs > docs/rules.md -->

What a check can find. A finding names its rule, its object and a cause; a waiver names rule and object, and JUnit
carries all three as `azinterop.rule`, `azinterop.object` and `azinterop.cause`. Names and causes are stable.

Where the intent gives none of a check's rules anything to judge, the check is skipped with the reason; it never passes
for that. Where the evidence is missing, refused, cut off or not understood, the check is an error and no finding.

In your own checks, call the function named with a rule and give its findings to `judge`.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_index(), *(line for rule in RULES.values() for line in _section(rule))]) + "\n"


def _index() -> Iterator[str]:
    yield "| rule | severity | says |"
    yield "|---|---|---|"
    for rule in RULES.values():
        yield f"| [`{rule.name}`](#{_anchor(rule.name)}) | {rule.severity} | {rule.description} |"


def _anchor(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character == "-")


def _section(rule: Rule) -> Iterator[str]:
    yield ""
    yield f"## {rule.name}"
    yield ""
    yield f"{rule.description} Severity {rule.severity}. Function: `pytest_azinterop.verify.{rule.judged_by}`."
    yield ""
    yield "| cause | what probably lies behind it |"
    yield "|---|---|"
    for code, words in rule.causes.items():
        yield f"| `{code}` | {words or '-'} |"


if __name__ == "__main__":
    sys.stdout.write(markdown())

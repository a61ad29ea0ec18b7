"""Whether the intent leaves a check anything to judge: a check that it does not is skipped, with the reason.

A check is understood here as the rules that its code names. One that does more than to hand their findings to `judge`
is run all the same, because what else it looks at is its own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from pytest_azinterop import outcomes
from pytest_azinterop.verify import scope
from pytest_azinterop.verify.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FunctionType

# What a subject is asked for on the way to a judgement.
_SIDES: Final = frozenset({"expected", "observed", "evidence"})
_HOME: Final = "pytest_azinterop.verify"


@cache
def rules(function: FunctionType) -> tuple[str, ...]:
    """The rules that a check judges, sorted; empty where its code names none."""
    return tuple(sorted(outcomes.rules_of(function, RULES.values())))


def reason_to_skip(function: FunctionType, expected: object) -> str | None:
    """Why this check has nothing to judge about `expected`, so that nothing need be collected for it; None: it has.

    Only said of a check that does nothing but judge.
    """
    return nothing_judged(function, [expected]) if _only_judges(function) else None


def nothing_judged(function: FunctionType, expected: Iterable[object]) -> str | None:
    """Why none of the rules that a check names has anything to judge about these expectations; None: one has."""
    about = tuple(expected)
    reasons = [scope.reason_not_judged(rule, each) for rule in rules(function) for each in about]
    told = list(dict.fromkeys(reason for reason in reasons if reason is not None))
    return "; ".join(told) if reasons and None not in reasons else None


@cache
def asserts(function: FunctionType) -> bool:
    """Whether a check has an assertion of its own."""
    return "AssertionError" in function.__code__.co_names or any(
        name.startswith("@pytest_ar") for name in function.__code__.co_names
    )


@cache
def _only_judges(function: FunctionType) -> bool:
    """Whether the code names nothing but judgements and the two sides of its subject."""
    judged = {RULES[rule].judged_by.rpartition(".")[2] for rule in rules(function)}
    return bool(judged) and all(
        name in judged or name in _SIDES or _is_ours(function.__globals__.get(name))
        for name in outcomes.names_in(function)
    )


def _is_ours(value: object) -> bool:
    return str(getattr(value, "__name__", "")).startswith(_HOME)

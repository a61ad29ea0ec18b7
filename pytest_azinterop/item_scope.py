"""What an item is about: its subjects, and the rules that it judges of which objects."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from pytest_azinterop import applicability, subjects
from pytest_azinterop.verification import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

Pair = tuple[str, str]


def subjects_of(item: pytest.Item) -> list[Subject]:
    """What the item's fixtures gave of the network."""
    return [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Subject)]


def nothing_judged_by(item: pytest.Item) -> str | None:
    """Why a check that asserts nothing itself has nothing to judge; None where it has, or where it is not known."""
    function = getattr(item, "function", None)
    expected = list(_expected(item))
    if not isinstance(function, FunctionType) or not expected or applicability.asserts(function):
        return None
    return applicability.nothing_judged(function, expected)


def _expected(item: pytest.Item) -> Iterator[Any]:
    callspec = getattr(item, "callspec", None)
    for name, value in callspec.params.items() if callspec is not None else ():
        if name in subjects.SUBJECTS and value is not None:
            yield value


def pairs_of(item: pytest.Item) -> Iterable[Pair]:
    """The rules that an item judges, with each object that they are about."""
    function = getattr(item, "function", None)
    if function is None:
        return
    expected = list(_expected(item))
    for rule in applicability.rules(function):
        for about in expected:
            for object_ in sorted(subjects.objects(about)):
                yield rule, object_

"""Which of the ordinary checks are about the customer's site that is drilled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_azinterop import subjects
from pytest_azinterop.intent.concerned import Concerned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from pytest_azinterop.intent.drill_expectations import Drill
    from pytest_azinterop.intent.expectations import Expectations


class Scope:
    """Whether an item of the ordinary checks is about the customer's site."""

    def __init__(self, drill: Drill, everything: Expectations) -> None:
        self._routers = set(drill.routers)
        self._sessions = {each.id for site in drill.sites for each in (*site.sessions, *site.internal)}
        self._by = Concerned(everything).by

    def concerns(self, item: pytest.Item) -> bool:
        """An item that is about nothing of the intent is kept."""
        expected = list(_expected(item))
        return not expected or any(self._is_about(each) for each in expected)

    def _is_about(self, expected: Any) -> bool:  # noqa: ANN401 (any expectation)
        if getattr(expected, "router", None) in self._routers and not hasattr(expected, "vrf"):
            return True
        ids: Iterable[str] = subjects.objects(expected)
        return any(self._sessions & self._by(each) for each in ids)


def _expected(item: pytest.Item) -> Iterator[Any]:
    callspec = getattr(item, "callspec", None)
    for name, value in callspec.params.items() if callspec is not None else ():
        if name in subjects.SUBJECTS and value is not None:
            yield value

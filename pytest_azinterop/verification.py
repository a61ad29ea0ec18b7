"""What is known while a run with an inventory lasts: the intent, its waivers, and what was collected."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pytest_azinterop import subject_facts, subjects
from pytest_azinterop.azure_side import AzureSide
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.state.source import Source
from pytest_azinterop.verify.observed import ObservedSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.collect.facts import Facts, Need
    from pytest_azinterop.intent.loader import LoadedIntent
    from pytest_azinterop.intent.models import Waiver
    from pytest_azinterop.options import NamedInventory
    from pytest_azinterop.state.config import RunningConfig
    from pytest_azinterop.subject_facts import SubjectKind

Observed = Any


class NeighborMissing(Exception):  # noqa: N818 (an answer, not an error)
    """The router answered, and has no such neighbor: nothing can be asked about it.

    `config` is the router's configuration, which may say why; None where it is not known.
    """

    def __init__(self, config: RunningConfig | None) -> None:
        super().__init__("the router has no such neighbor")
        self.config = config


class Verification:
    """One run. `facts` is None until they are collected; `failure` then says why they could not be."""

    def __init__(
        self,
        inventory: NamedInventory,
        loaded: LoadedIntent,
        today: date | None = None,
        azure: AzureSide | None = None,
    ) -> None:
        self.inventory = inventory
        self.azure = azure or AzureSide(loaded.expectations.azure, None)
        self.loaded = loaded
        self.today = today or datetime.now(UTC).date()
        self.facts: Facts | None = None
        self.failure: UndeterminedError | None = None
        self._observed: dict[tuple[str, str], Observed | UndeterminedError | NeighborMissing] = {}

    def not_asked(self, kind: SubjectKind) -> str | None:
        """Why nothing of this kind is asked about in this run; None: it is."""
        return self.azure.not_asked if kind.of_azure else None

    def renew(self) -> None:
        """Forget what was collected and observed, before it is collected again."""
        self.facts = self.failure = None
        self._observed.clear()

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers of the intent, in its order."""
        return self.loaded.intent.waivers

    def needs(self, kind: SubjectKind, expected: Any) -> tuple[Need, ...]:  # noqa: ANN401 (as the kind's expectation)
        """What must be collected to observe this subject."""
        return kind.needs(expected)

    def observe(self, kind: SubjectKind, expected: Any) -> Observed:  # noqa: ANN401 (as the kind's expectation)
        """The observed bundle, put together once. Raises UndeterminedError, or NeighborMissing."""
        key = (kind.name, expected.id)
        if key not in self._observed:
            try:
                self._observed[key] = self._observe(kind, expected)
            except (UndeterminedError, NeighborMissing) as error:
                self._observed[key] = error
        found = self._observed[key]
        if isinstance(found, (UndeterminedError, NeighborMissing)):
            raise found.with_traceback(None) from None
        return found

    def _observe(self, kind: SubjectKind, expected: Any) -> Observed:  # noqa: ANN401 (as the kind's expectation)
        if self.failure is not None:
            raise self.failure
        if self.facts is None:
            raise UndeterminedError("nothing was collected in this run", cause="not-collected")
        if kind.name in subjects.NEEDS_NEIGHBOR and not subjects.has_neighbor(expected, self.facts):
            raise NeighborMissing(subject_facts.known_configuration(expected.router, self.facts))
        return kind.observe(expected, self.facts, self.loaded.expectations)


VERIFICATION = pytest.StashKey[Verification]()


@dataclass(frozen=True, eq=False)
class Subject:
    """What a subject fixture gives: `.expected` from the intent, `.observed` from the network, and the object's `.id`.

    `kind` is the fixture's name. `bundle` is the observed side as the judgements take it; `absent`, where it is given,
    fails the check with the finding that the router does not have the session at all.
    """

    kind: str
    expected: Any
    bundle: Any
    absent: Callable[[], None] | None = None

    @property
    def id(self) -> str:
        """The stable name of the object, as waivers and JUnit use it."""
        return str(self.expected.id)

    @property
    def evidence(self) -> Any:  # noqa: ANN401 (as the subject's kind)
        """The observed side as the judgements of `pytest_azinterop.verify` take it."""
        if self.absent is not None and self.bundle is None:
            self.absent()
        return self.bundle

    @property
    def observed(self) -> Any:  # noqa: ANN401 (as the subject's kind)
        """The network's side: of a `bgp_session` the neighbor, of everything else the same as `evidence`."""
        if self.absent is not None:
            self.absent()
        return self.bundle.neighbor if isinstance(self.bundle, ObservedSession) else self.bundle

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the observed side was read, each answer once."""
        return tuple(dict.fromkeys(_sources(self.bundle)))

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id}>"


def _sources(value: object) -> Iterator[Source]:
    """The sources of a bundle's records: its fields, and the records of a field that is a tuple."""
    own = getattr(value, "source", None)
    if isinstance(own, Source):
        yield own
    elif isinstance(value, tuple):
        for item in value[:4]:
            yield from _sources(item)
    elif is_dataclass(value):
        for part in fields(value):
            yield from _sources(getattr(value, part.name))

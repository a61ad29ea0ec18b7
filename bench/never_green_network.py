"""A network as it was recorded, and every check judged on it in this process, as a run of pytest would.

What is changed is one answer at a time; every other one is parsed once and shared.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import pytest
from never_green_looks import Looks, watched

from pytest_azinterop import fixtures
from pytest_azinterop.applicability import reason_to_skip
from pytest_azinterop.azure.follow_up import AdvertisedToMsees
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect import replay
from pytest_azinterop.collect.azure_run import place
from pytest_azinterop.collect.facts import Fact, Facts, Sampled
from pytest_azinterop.collect.plan import command_text, plan
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.errors import UndeterminedError
from pytest_azinterop.intent.loader import LoadedIntent, load
from pytest_azinterop.options import NamedInventory
from pytest_azinterop.outcomes import RECORD, FindingsFailure, ItemRecord, UndeterminedFailure
from pytest_azinterop.subjects import SUBJECTS
from pytest_azinterop.verification import VERIFICATION, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_azinterop.collect.answer import Answer
    from pytest_azinterop.state.source import Source
    from pytest_azinterop.subject_facts import SubjectKind

CHECKS: Final = Path(__file__).parent.parent / "checks"
Place = tuple[str, str, int]
"""An answer: router and command, or resource and question; and which sample."""
Wanted = Fact | Request
Part = tuple[Wanted, int]
"""A fact, and which sample of it; 0: the only one, or whichever is the later."""


@dataclass(frozen=True, slots=True)
class Check:
    """A function of `checks/`, and the subject that it asks for."""

    function: FunctionType
    kind: SubjectKind

    @property
    def name(self) -> str:
        """As pytest calls it."""
        return self.function.__name__


@dataclass(frozen=True, eq=False)
class Item:
    """A check of one object. `needs` and `helps`: what its subject declares, flat, probes and both samples with it."""

    check: Check
    expected: Any
    needs: frozenset[Part]
    helps: frozenset[Part]

    @property
    def name(self) -> str:
        """As pytest calls it."""
        return f"{self.check.name}[{self.expected.id}]"


def checks() -> list[Check]:
    """Every check of `checks/`."""
    found = []
    for file in sorted(CHECKS.glob("test_*.py")):
        for name, function in vars(_module(file)).items():
            if not name.startswith("test_") or not isinstance(function, FunctionType):
                continue
            (subject,) = inspect.signature(function).parameters.keys() - {"judge"}
            found.append(Check(function, SUBJECTS[subject]))
    return found


def _module(file: Path) -> ModuleType:
    name = f"never_green_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(fact: Wanted) -> str:
    """The kind of a fact: the command catalogue's word, or that of the operation."""
    return fact.operation_name if isinstance(fact, Request) else fact.kind


class Spied:
    """Facts that note which of them are read."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self.read: set[Wanted] = set()

    def records(self, fact: Wanted) -> Sequence[Any]:
        """As of the store."""
        self.read.add(fact)
        return self._store.records(fact)

    def origin(self, fact: Fact) -> Source:
        """As of the store."""
        self.read.add(fact)
        return self._store.origin(fact)

    def samples(self, fact: Fact) -> tuple[Sequence[Any], Sequence[Any]]:
        """As of the store."""
        self.read.add(fact)
        return self._store.samples(fact)


class Changed(FactStore):
    """A store with one answer changed (None: without it), which takes over what another one has read of all others.

    `resting`: what is read from the answer.
    """

    def __init__(self, healthy: FactStore, changed: Answer | None, of: Place, resting: Iterable[Any]) -> None:
        kept = tuple(each for each in healthy.collection.answers if (each.host, each.command, each.sample) != of)
        answers = kept if changed is None else (*kept, changed)
        super().__init__(healthy.plan, replace(healthy.collection, answers=answers))
        self._read = dict(healthy._read)  # noqa: SLF001 (only so are others not parsed again)
        for key in resting:
            del self._read[key]

    def read_of(self, facts: Sequence[Wanted], sample: int) -> list[Any] | None:
        """The records of these facts in this sample; None where none of them can be read."""
        found: list[Any] | None = None
        for fact in facts:
            try:
                records = self._records(fact, sample)  # type: ignore[arg-type]
            except UndeterminedError:
                continue
            found = [*(found or []), *records]
        return found


def _rests_on(fact: Wanted, taken: int, of: Place) -> bool:
    """Whether a fact is read from this answer; a configuration rests on the privilege and the router's name as well."""
    host, command, sample = of
    if isinstance(fact, Request):
        return place(fact) == (host, command)
    if fact.host != host:
        return False
    return (command_text(fact) == command and taken == sample) or (
        fact.kind == "running_config"
        and command in {command_text(Fact(host, kind)) for kind in ("privilege", "version")}
    )


@dataclass
class Network:
    """The intent of a folder and a recording made with it."""

    name: str
    loaded: LoadedIntent
    store: FactStore
    items: tuple[Item, ...]
    _read: dict[Item, frozenset[Wanted]] = field(default_factory=dict)

    @cached_property
    def answers(self) -> dict[Place, Answer]:
        """What was answered to something that an item reads, by place."""
        return {(each.host, each.command, each.sample): each for each in self.store.collection.answers}

    @cached_property
    def facts(self) -> dict[Place, tuple[Wanted, ...]]:
        """Which facts are read from an answer."""
        found: dict[Place, tuple[Wanted, ...]] = {}
        for router in self.store.plan.routers:
            for command in router.commands:
                found[router.host, command.text, command.sample] = command.facts
        every = {each for item in self.items for each in (*(fact for fact, _ in item.needs), *self.read(item))}
        found |= {(*place(each), 0): (each,) for each in every if isinstance(each, Request)}
        return {key: facts for key, facts in found.items() if key in self.answers}

    def readers(self, of: Place) -> list[Item]:
        """The items that need this answer, are helped by it, or ask for it without either."""
        facts = set(self.facts[of])
        return [
            item for item in self.items if facts & ({fact for fact, _ in (*item.needs, *item.helps)} | self.read(item))
        ]

    def needs(self, item: Item, of: Place) -> bool:
        """Whether the item's subject declares that it needs this answer: of a fact that was read twice, this sample."""
        wanted = {(fact, of[2]) for fact in self.facts[of]}
        if of[2] == 2:
            wanted |= {(fact, 0) for fact in self.facts[of]}
        return bool(wanted & item.needs)

    def read(self, item: Item) -> frozenset[Wanted]:
        """The facts that are asked for while the item's subject is put together in health."""
        if item not in self._read:
            spied = Spied(self.store)
            self.outcome(item, self.run(spied))
            self._read[item] = frozenset(spied.read)
        return self._read[item]

    def resting(self, of: Place) -> list[Any]:
        """What has been read from this answer."""
        return [key for key in self.store._read if _rests_on(*key, of)]  # noqa: SLF001 (as of a changed store)

    def run(self, facts: Facts) -> Verification:
        """A run that collected these facts: what one item's subject is made of is there for the next one."""
        verification = Verification(NamedInventory(self.name, Path(), shipped=False), self.loaded)
        verification.facts = facts
        return verification

    def outcome(self, item: Item, run: Verification, looks: Looks | None = None) -> str:
        """What the run says of the item: passed, failed, error; `broken` where the check itself does not end so.

        What the check then looks at is noted in `looks`; what its subject is chosen by is not, nor what another item
        of the run has looked at already.
        """
        return _outcome(item, run, nullcontext() if looks is None else watched(looks))

    @cached_property
    def healthy(self) -> dict[Item, str]:
        """The outcomes with every answer as it is."""
        run = self.run(self.store)
        return {item: self.outcome(item, run) for item in self.items}

    @cached_property
    def looks(self) -> dict[Item, Looks]:
        """What each item's judgement looks at in health."""
        found: dict[Item, Looks] = {item: {} for item in self.healthy}
        for item, looks in found.items():
            self.outcome(item, self.run(self.store), looks)
        return found


def _outcome(item: Item, verification: Verification, watching: AbstractContextManager[None]) -> str:
    """As the fixture of the subject and pytest make it, without waivers: what is waived is a failure here."""
    stash, own = pytest.Stash(), pytest.Stash()
    stash[VERIFICATION] = verification
    own[RECORD] = record = ItemRecord()
    request: Any = SimpleNamespace(
        config=SimpleNamespace(stash=stash), node=SimpleNamespace(stash=own), param=item.expected
    )
    judge = fixtures._judge(request)  # noqa: SLF001 (a fixture cannot be called)
    judge._waivers = ()  # noqa: SLF001
    try:
        subject = fixtures._subject(request, item.check.kind)  # noqa: SLF001
        with watching:
            item.check.function(subject, judge)
    except (UndeterminedFailure, UndeterminedError):
        return "error"
    except (FindingsFailure, AssertionError, pytest.xfail.Exception):
        return "failed"
    except Exception as error:  # noqa: BLE001 (told as what it is)
        return f"broken: {type(error).__name__}"
    return "failed" if record.covered else "passed"


def network(name: str, inventory: Path, recording: Path, known: Sequence[Check]) -> Network:
    """The intent of this folder, and what was recorded with it."""
    loaded = load(inventory)
    items = tuple(_items(known, loaded))
    wanted = plan(need for item in items for need in _wanted(item))
    collected = replay.read(recording).collection(wanted)
    return Network(name, loaded, FactStore(wanted, collected), items)


def _items(known: Sequence[Check], loaded: LoadedIntent) -> Iterator[Item]:
    for check in known:
        for expected in check.kind.select(loaded.expectations):
            if reason_to_skip(check.function, expected) is None:
                needs, helps = check.kind.needs(expected), check.kind.helps(expected)
                yield Item(check, expected, frozenset(_parts(needs)), frozenset(_parts(helps)))


def _wanted(item: Item) -> Iterator[Any]:
    yield from item.check.kind.needs(item.expected)
    yield from item.check.kind.helps(item.expected)


def _parts(needs: Sequence[Any]) -> Iterator[Part]:
    for need in needs:
        if isinstance(need, AdvertisedToMsees):
            yield need.after, 0
        elif isinstance(need, Sampled):
            yield need.fact, 1
            yield need.fact, 2
            if need.probe is not None:
                yield need.probe, 0
        else:
            yield need, 0

"""The facts that were collected: answers are parsed when a fact is first asked for, and once."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pytest_azinterop.azure.client import Asked
from pytest_azinterop.azure.request import Request
from pytest_azinterop.collect.azure_run import place
from pytest_azinterop.collect.facts import Fact
from pytest_azinterop.collect.plan import command_text
from pytest_azinterop.errors import AzureError, ParseError, UndeterminedError
from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.state.config import RunningConfig
from pytest_azinterop.state.device import DeviceFacts, Privilege
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_azinterop.collect.answer import Answer, Collection
    from pytest_azinterop.collect.plan import Plan, Sample

FULL_PRIVILEGE = 15
CLOCK_STEP = timedelta(minutes=1)
"""How far this machine's clock may be set back while a run goes on: no answer looks old by it."""

ONE_BY_ONE = "with `all_vrfs: false` in its data in the inventory, the router is asked about each VRF by itself"


class FactStore:
    """Implements `Facts` over a plan and what came of it.

    Each fact stands for itself: an answer that is missing, was refused or is not understood raises for the facts that
    need it and for no other.
    """

    def __init__(self, plan: Plan, collection: Collection) -> None:
        self.plan = plan
        self.collection = collection
        self._answers = {(answer.host, answer.command, answer.sample): answer for answer in collection.answers}
        self._sampled = {
            (router.host, command.text): command.sample > 0 for router in plan.routers for command in router.commands
        }
        self._every_vrf = {
            fact: command.text
            for router in plan.routers
            for command in router.commands
            if command.every_vrf
            for fact in command.facts
        }
        self._by_vrf: dict[tuple[str, str], Mapping[str, Sequence[Any]] | UndeterminedError] = {}
        self._unnamed: dict[tuple[str, str], frozenset[str]] = {}
        self._read: dict[tuple[Fact | Request, Sample], Sequence[Any] | UndeterminedError] = {}
        for fact, sample in collection.records:
            self._read[fact, sample] = collection.records[fact, sample]

    def records(self, fact: Fact | Request) -> Sequence[Any]:
        """The records of a fact; of a sampled one, the later sample. Raises UndeterminedError."""
        if isinstance(fact, Request):
            return self._records(fact, 0)
        return self._records(fact, 2 if self._is_sampled(fact) else 0)

    def origin(self, fact: Fact) -> Source:
        """The answer that `records` are read from. Raises UndeterminedError where they do."""
        self.records(fact)
        sample: Sample = 2 if self._is_sampled(fact) else 0
        answer = self._answers[fact.host, self._text(fact), sample]
        return Source(answer.host, answer.command, answer.asked_at)

    def samples(self, fact: Fact) -> tuple[Sequence[Any], Sequence[Any]]:
        """Both samples of a sampled fact, the earlier one first. Raises UndeterminedError."""
        text = self._text(fact)
        if not self._is_sampled(fact):
            raise UndeterminedError(
                f"{fact.host}: {text}: was not read twice", cause="not-collected", host=fact.host, command=text
            )
        return self._records(fact, 1), self._records(fact, 2)

    def understood(self) -> dict[tuple[Fact, Sample], Sequence[Any]]:
        """The records of every answer to the plan's facts that can be parsed; nothing of the others."""
        found: dict[tuple[Fact, Sample], Sequence[Any]] = {}
        for router in self.plan.routers:
            for command in router.commands:
                for fact in command.facts:
                    with suppress(UndeterminedError):
                        found[fact, command.sample] = self._records(fact, command.sample)
        return found

    def _text(self, fact: Fact) -> str:
        """The command line that was to answer a fact in this run."""
        return self._every_vrf.get(fact) or command_text(fact)

    def _is_sampled(self, fact: Fact) -> bool:
        text = self._text(fact)
        sampled = self._sampled.get((fact.host, text))
        if sampled is None:
            raise UndeterminedError(
                f"{fact.host}: {text}: was not collected in this run",
                cause="not-collected",
                host=fact.host,
                command=text,
            )
        return sampled

    def _records(self, fact: Fact | Request, sample: Sample) -> Sequence[Any]:
        key = (fact, sample)
        found = self._read.get(key)
        if found is None:
            try:
                found = self._told(fact) if isinstance(fact, Request) else self._parse(fact, sample)
            except UndeterminedError as error:
                found = error
            self._read[key] = found
        if isinstance(found, UndeterminedError):
            raise found.with_traceback(None) from None
        return found

    def _parse(self, fact: Fact, sample: Sample) -> Sequence[Any]:
        text = self._text(fact)
        answer = self._answers.get((fact.host, text, sample))
        if answer is None:
            raise self._missing(fact.host, text)
        if fact in self._every_vrf:
            return self._of_vrf(fact, answer)
        return self._of_answer(fact, answer)

    def _of_answer(self, fact: Fact, answer: Answer) -> Sequence[Any]:
        if answer.failure is not None:
            raise answer.failure.error(answer.host, answer.command)
        began = self.collection.began
        if began is not None and answer.asked_at < began - CLOCK_STEP:
            raise UndeterminedError(
                f"{answer.host}: {answer.command}: was answered at {answer.asked_at:%Y-%m-%d %H:%M:%SZ},"
                " before this run began",
                cause="stale",
                host=answer.host,
                command=answer.command,
            )
        records = _parsed(fact, answer)
        return self._as_configured(fact.host, records) if fact.kind == "running_config" else records

    def _of_vrf(self, fact: Fact, answer: Answer) -> Sequence[Any]:
        """The records of one VRF out of an answer about every VRF, which is read once."""
        key = (answer.host, answer.command)
        found = self._by_vrf.get(key)
        if found is None:
            try:
                records = self._of_answer(Fact(fact.host, fact.kind), answer)
                found = self._needed_of(fact, records)
                unnamed = (getattr(each, "route_distinguisher", None) for each in records if each.vrf is None)
                self._unnamed[key] = frozenset(each for each in unnamed if each is not None)
            except UndeterminedError as error:
                error.message = f"{error.message}; {ONE_BY_ONE}"
                error.args = (error.message,)
                found = error
            self._by_vrf[key] = found
        if isinstance(found, UndeterminedError):
            raise found
        vrf = dict(fact.parameters)["vrf"]
        return found[vrf] if vrf in found else self._none_of(vrf, fact, answer)

    def _needed_of(self, fact: Fact, records: Iterable[Any]) -> Mapping[str, Sequence[Any]]:
        """The records by VRF, of the VRFs that facts of this kind are needed of."""
        found: dict[str, list[Any]] = {}
        for record in records:
            if record.vrf is not None:
                found.setdefault(record.vrf, []).append(record)
        return {
            vrf: tuple(own) for vrf, own in found.items() if Fact.of(fact.host, fact.kind, vrf=vrf) in self._every_vrf
        }

    def _none_of(self, vrf: str, fact: Fact, answer: Answer) -> Sequence[Any]:
        """What it means that an answer about every VRF says nothing of one: what an empty answer to the command for
        this VRF alone would, if the router has the VRF. Raises UndeterminedError."""
        words, cause = f"{fact.host}: {answer.command}: shows nothing of VRF {vrf}", "no-such-vrf"
        if COMMANDS[fact.kind].may_be_empty:
            try:
                own = [record for record in self.records(Fact(fact.host, "vrfs")) if record.name == vrf]
                unnamed = self._unnamed[answer.host, answer.command]
                if any(record.route_distinguisher in unnamed for record in own):
                    words, cause = (
                        f"{words} by its name, but has a table with its route distinguisher",
                        "not-understood",
                    )
                elif own:
                    return _parsed(fact, dataclasses.replace(answer, text=""))
            except UndeterminedError as error:
                words, cause = f"{words}, and whether the router has it is not known: {error.message}", error.cause
        raise UndeterminedError(words, cause=cause, host=fact.host, command=answer.command)

    def _as_configured(self, host: str, records: Sequence[Any]) -> Sequence[Any]:
        """A configuration, hidden in part where the account does not see everything. Raises UndeterminedError for one
        that names another router than the answer to `show version` does, where that was asked for as well."""
        configurations = [record for record in records if isinstance(record, RunningConfig)]
        own = {record.hostname for record in configurations} - {None}
        names = {record.hostname for record in self._known(Fact(host, "version")) if isinstance(record, DeviceFacts)}
        if own and names and not own & names:
            raise ParseError(
                f"{host}: the configuration is that of {own.pop()}, and the router calls itself {names.pop()}",
                cause="contradiction",
                host=host,
                command=configurations[0].source.command,
            )
        if self._sees_everything(host):
            return records
        return tuple(
            dataclasses.replace(record, hidden=True) if isinstance(record, RunningConfig) else record
            for record in records
        )

    def _known(self, fact: Fact) -> Sequence[Any]:
        """The records of a fact that was asked for as well; none where it was not, or was not understood."""
        try:
            return self.records(fact)
        except UndeterminedError:
            return ()

    def _told(self, request: Request) -> Sequence[Any]:
        answer = self._answers.get((*place(request), 0))
        host, command = request.short, str(request)
        if answer is None:
            words = f"{host}: {command}: was not asked in this run"
            raise AzureError(words, cause="not-collected", host=host, command=command)
        if answer.failure is not None:
            raise AzureError(answer.failure.message, cause=answer.failure.cause, host=host, command=command)
        return _parsed_json(request, answer)

    def _missing(self, host: str, text: str) -> UndeterminedError:
        failure = self.collection.failures.get(host)
        if failure is not None:
            return failure.error(host, None)
        return UndeterminedError(f"{host}: {text}: was not answered", cause="not-collected", host=host, command=text)

    def _sees_everything(self, host: str) -> bool:
        """Whether the account is known to see the whole configuration: privilege 15, by the router's own words."""
        known = self._known(Fact(host, "privilege"))
        return any(isinstance(record, Privilege) and record.level >= FULL_PRIVILEGE for record in known)


def _parsed_json(request: Request, answer: Answer) -> Sequence[Any]:
    """The records of an answer of Azure; a parser that fails in any way has not understood it: ParseError."""
    host, command = request.short, str(request)
    try:
        document = json.loads(answer.text or "")
        return Asked(request, document, answer.asked_at, answer.seconds).read().records
    except UndeterminedError as error:
        error.host = error.host or host
        error.command = error.command or command
        raise
    except Exception as error:  # noqa: BLE001 (a parser's defect must cost its own fact only)
        words = f"{host}: {command}: the parser failed with {type(error).__name__}"
        raise ParseError(words, host=host, command=command) from None


def _parsed(fact: Fact, answer: Answer) -> Sequence[Any]:
    """The records of an answer. A parser that fails in any way has not understood it: ParseError."""
    source = Source(answer.host, answer.command, answer.asked_at)
    try:
        return COMMANDS[fact.kind].read(answer.text or "", source, dict(fact.parameters)).records
    except UndeterminedError as error:
        error.host = error.host or answer.host
        error.command = error.command or answer.command
        raise
    except Exception as error:  # noqa: BLE001 (a parser's defect must cost its own fact only)
        raise ParseError(
            f"{answer.command}: the parser failed with {type(error).__name__}",
            host=answer.host,
            command=answer.command,
        ) from None

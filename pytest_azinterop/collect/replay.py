"""Reading a recording: what routers answered then, as a collection of now.

Nothing in a recording is trusted: what does not agree with its sums, or is not there, is an error of the facts that
need it, and of no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect import recording_format as form
from pytest_azinterop.collect.answer import Answer, Collection, Failure, Totals
from pytest_azinterop.collect.azure_run import follow_ups, place
from pytest_azinterop.collect.plan import PlannedCommand, as_answered
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.recording_format import About

Key = tuple[str, str, int]
TAMPERED = "tampered"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as its manifest tells it.

    `entries` are the manifest's lines of answers, `changed` the keys of those that were changed afterwards, `ended` the
    routers that were asked to their end. `problems` say in words what is wrong with the recording as a whole.
    """

    folder: Path
    about: About
    finished: bool
    entries: Mapping[Key, Mapping[str, Any]]
    failures: Mapping[str, Failure]
    ended: frozenset[str]
    changed: frozenset[Key]
    about_changed: bool
    totals: Totals
    problems: tuple[str, ...]

    def warnings(self, intent: str, tool: str) -> tuple[str, ...]:
        """What a reader of the outcomes must know, given the intent's digest and the tool of now."""
        found = list(self.problems)
        if self.about.customer is not None:
            found.append(f"only the part of customer {self.about.customer}")
        if not self.finished:
            found.append("the recording is unfinished: its run was interrupted")
        if self.about.intent != intent:
            found.append(f"recorded with another intent ({self.about.intent[:12]}, now {intent[:12]})")
        if self.about.tool != tool:
            found.append(f"recorded with version {self.about.tool}, this is {tool}")
        return tuple(found)

    def fitted(self, plan: Plan) -> Plan:
        """The plan with the forms of commands that were recorded: about one VRF each, or about every VRF at once."""
        return as_answered(plan, self._has)

    def _has(self, fact: Fact, command: str) -> bool:
        entry = next((self.entries[key] for n in (2, 0) if (key := (fact.host, command, n)) in self.entries), None)
        if entry is None or not entry.get("part"):
            return entry is not None
        vrfs = entry.get("vrfs")
        return isinstance(vrfs, list) and dict(fact.parameters).get("vrf") in vrfs

    def collection(self, plan: Plan) -> Collection:
        """What the recording has for a plan; each of the plan's answers that it does not have as a failure."""
        answers = [
            answer
            for router in plan.routers
            for command in router.commands
            if (answer := self._answer(router.host, command)) is not None
        ]
        azure = [self._azure_answer(*place(request)) for request in plan.azure.requests]
        azure += [self._azure_answer(*place(request)) for request in follow_ups(plan.azure, azure)]
        return Collection((*answers, *azure), dict(self.failures), self.totals, self.about.started)

    def _azure_answer(self, resource: str, question: str) -> Answer:
        """An answer of Azure, which is only kept when it is whole."""
        command = PlannedCommand(question, ())
        key = (resource, question, 0)
        if self.about_changed:
            words = "the recording's manifest was changed after it was recorded"
            return self._failed(resource, command, TAMPERED, words)
        if key not in self.entries:
            words = "is not in the recording" + ("" if self.finished else ", which is unfinished")
            return self._failed(resource, command, "not-collected", words)
        if key in self.changed:
            words = "its line in the manifest was changed after it was recorded"
            return self._failed(resource, command, TAMPERED, words)
        return self._read(self.entries[key], command)

    def _answer(self, host: str, command: PlannedCommand) -> Answer | None:
        key = self._key(host, command)
        if self.about_changed:
            return self._failed(host, command, TAMPERED, "the recording's manifest was changed after it was recorded")
        if key not in self.entries:
            if host in self.failures:
                return None
            words = "is not in the recording" + ("" if self.finished else ", which is unfinished")
            return self._failed(host, command, "not-collected", words)
        entry = self.entries[key]
        if key in self.changed:
            return self._failed(host, command, TAMPERED, "its line in the manifest was changed after it was recorded")
        if entry.get("part") and not command.every_vrf:
            return self._failed(host, command, "not-collected", "only a customer's part of the answer is here")
        if host not in self.ended and key == self._last(host):
            words = "the run was interrupted before the answer was known to be complete"
            return self._failed(host, command, "cut-off", words)
        return self._read(entry, command)

    def _key(self, host: str, command: PlannedCommand) -> Key:
        """The entry for a sending: what is wanted once may have been recorded twice, of which the later one counts."""
        key = (host, command.text, int(command.sample))
        later = (host, command.text, 2)
        return later if command.sample == 0 and key not in self.entries and later in self.entries else key

    def _last(self, host: str) -> Key | None:
        return next((key for key in reversed(tuple(self.entries)) if key[0] == host), None)

    def _read(self, entry: Mapping[str, Any], command: PlannedCommand) -> Answer:
        host, sample = str(entry["host"]), command.sample
        answer = self._failed(host, command, "not-collected", "")
        try:
            asked_at, seconds = datetime.fromisoformat(entry["asked_at"]), float(entry["seconds"])
            if entry["failure"] is not None:
                failure = Failure(str(entry["failure"]["cause"]), str(entry["failure"]["message"]))
                return Answer(host, command.text, sample, asked_at, seconds, failure=failure)
            file = (self.folder / str(entry["file"])).resolve()
            if not file.is_relative_to(self.folder.resolve()):
                return self._failed(host, command, TAMPERED, "its file lies outside of the recording")
            content = file.read_bytes()
            if form.digest(content) != entry["sha256"]:
                return self._failed(host, command, TAMPERED, f"{entry['file']} was changed after it was recorded")
            return replace(answer, asked_at=asked_at, seconds=seconds, failure=None, text=form.decode(content))
        except OSError as error:
            words = f"{entry['file']} cannot be read: {error.strerror or type(error).__name__}"
            return self._failed(host, command, TAMPERED, words)
        except (ValueError, KeyError, TypeError):
            return self._failed(host, command, TAMPERED, "its line in the manifest is not one of a recording")

    def _failed(self, host: str, command: PlannedCommand, cause: str, words: str) -> Answer:
        shown = host.rpartition("/providers/Microsoft.Network/")[2]
        failure = Failure(cause, f"{shown}: {command.text}: {words}")
        return Answer(host, command.text, command.sample, self.about.started, 0.0, failure=failure)


@dataclass(slots=True)
class _Reading:
    """What was read of a manifest so far."""

    entries: dict[Key, Mapping[str, Any]] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    finished: bool = False
    totals: Totals = field(default_factory=Totals)
    problems: list[str] = field(default_factory=list)

    def take(self, entry: Mapping[str, Any]) -> None:
        """One line. Raises KeyError, TypeError or ValueError for one that is none of a recording."""
        kind = entry["kind"]
        if kind == "answer":
            key = _key(entry)
            self.entries.pop(key, None)  # so that the order is that of the last sending
            self.changed.discard(key)
            self.entries[key] = entry
        elif kind == "router":
            host, failure = str(entry["host"]), entry["failure"]
            self.ended.add(host)
            if failure is not None:
                self.failures[host] = Failure(str(failure["cause"]), str(failure["message"]))
        elif kind == "round":
            self.entries.clear()
            self.failures.clear()
            self.ended.clear()
            self.changed.clear()
        elif kind == "finished":
            self.finished = True
            given = entry.get("totals") or {"logins": 0, "commands": 0, "seconds": 0.0}
            self.totals = Totals.from_json(given)
        else:
            raise ValueError("unknown kind")


def _key(entry: Mapping[str, Any]) -> Key:
    return str(entry["host"]), str(entry["command"]), int(entry["sample"])


def read(folder: Path) -> Recording:
    """The recording in a folder. Raises InventoryError where there is none that this version can read."""
    try:
        content = (folder / form.MANIFEST).read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InventoryError(f"is not a recording: {form.MANIFEST}: {why}", file=str(folder)) from None
    *lines, torn = content.split(b"\n")
    try:
        first = json.loads(lines[0])
        about = form.About.from_json(first)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        why = str(error) if type(error) is ValueError else "its first line is not that of a recording"
        raise InventoryError(f"is not a recording that can be read: {why}", file=str(folder / form.MANIFEST)) from None
    reading = _Reading()
    for number, line in enumerate(lines[1:], start=2):
        entry = _entry(line)
        changed = _is_changed(lines, number)
        if entry is None or not _taken(reading, entry):
            reading.problems.append(f"line {number} of the manifest cannot be read")
        elif changed:
            reading.problems.append(f"line {number} of the manifest was changed after it was recorded")
            if entry["kind"] == "answer":
                reading.changed.add(_key(entry))
    about_changed = _is_changed(lines, 1)
    if about_changed:
        reading.problems.append("line 1 of the manifest was changed after it was recorded")
    if torn:
        reading.finished = False
    return Recording(
        folder=folder,
        about=about,
        finished=reading.finished,
        entries=reading.entries,
        failures=reading.failures,
        ended=frozenset(reading.ended),
        changed=frozenset(reading.changed),
        about_changed=about_changed,
        totals=reading.totals,
        problems=tuple(reading.problems),
    )


def _entry(line: bytes) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _taken(reading: _Reading, entry: Mapping[str, Any]) -> bool:
    try:
        reading.take(entry)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _is_changed(lines: Sequence[bytes], number: int) -> bool:
    """Whether the line after this one (counted from 1) knows another sum of it."""
    if number >= len(lines):
        return False
    following = _entry(lines[number])
    return following is None or following.get("previous") != form.digest(lines[number - 1])

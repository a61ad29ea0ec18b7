"""Keeping every answer of a run as it arrives, so that a run that is killed leaves what it has.

Answers come here already redacted. A router's whole answers stand below `routers/`, those about one customer's VRF
below `customers/`, each with a manifest of its own, so that a customer's folder can be handed out by itself.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect import recording_format as form
from pytest_azinterop.collect.progress import AnswerAmended, AzureAnswered, CommandDone, RouterFinished
from pytest_azinterop.errors import InventoryError, UndeterminedError
from pytest_azinterop.iosxe import answer as cleaning
from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.state.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pytest_azinterop.collect.answer import Answer, Collection, Failure
    from pytest_azinterop.collect.facts import Fact
    from pytest_azinterop.collect.plan import Plan
    from pytest_azinterop.collect.progress import Event
    from pytest_azinterop.collect.recording_format import About
    from pytest_azinterop.collect.recording_scope import Scopes

Key = tuple[str, str, int]


def refuse_used(folder: Path) -> None:
    """Raise InventoryError where a recording cannot be made here: nothing that exists is ever added to or replaced."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InventoryError("is not an empty folder; a recording needs a new one", file=str(folder))


class Recorder:
    """Writes one recording. Its `event` may be called from several threads, and never raises.

    A disk that fails is told by `keep`, so that the routers are still asked to the end.
    """

    def __init__(self, folder: Path, about: About, scopes: Scopes, plan: Plan) -> None:
        self._folder = folder
        self._about = about
        self._scopes = scopes
        self._facts = {
            (router.host, command.text): command.subject for router in plan.routers for command in router.commands
        }
        self._lock = threading.Lock()
        self._written: dict[Key, Answer] = {}
        self._failures: dict[str, Failure | None] = {}
        self._numbers: dict[Path, int] = {}
        self._error: OSError | None = None
        self._cost: dict[str, float] = {}
        try:
            refuse_used(folder)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self._whole = form.ManifestWriter(folder, about)
            self._customers = {name: self._customer(name) for name in scopes.customers}
        except OSError as error:
            raise self._unwritable(error) from None

    def _customer(self, name: str) -> form.ManifestWriter:
        folder = self._folder / form.CUSTOMERS / form.folder_name(name)
        form.make_folder(folder, self._folder)
        return form.ManifestWriter(folder, replace(self._about, customer=name))

    def _unwritable(self, error: OSError) -> InventoryError:
        return InventoryError(f"the recording cannot be written: {error.strerror or error}", file=str(self._folder))

    def event(self, happened: Event) -> None:
        """Keep what happened, if it is an answer or the end of a router's."""
        with self._lock:
            if self._error is not None:
                return
            try:
                if isinstance(happened, (CommandDone, AnswerAmended, AzureAnswered)):
                    self._keep(happened.answer)
                elif isinstance(happened, RouterFinished):
                    self._router(happened.host, happened.failure)
            except OSError as error:
                self._error = error

    def new_round(self, number: int) -> None:
        """From here on everything is asked again, and replaces what was answered before."""
        with self._lock:
            self._written.clear()
            self._failures.clear()
            for manifest in self._manifests():
                manifest.add({"kind": "round", "number": number})

    def keep(self, collection: Collection) -> None:
        """Keep what has not been yet. Raises InventoryError where anything could not be written."""
        self._cost = collection.totals.to_json()
        with self._lock:
            try:
                if self._error is not None:
                    raise self._error
                for answer in collection.answers:
                    if self._written.get(_key(answer)) != answer:
                        self._keep(answer)
                for host, failure in collection.failures.items():
                    if self._failures.get(host) != failure:
                        self._router(host, failure)
            except OSError as error:
                raise self._unwritable(error) from None

    def finish(self) -> None:
        """Say that the recording is complete. Raises InventoryError."""
        ended = {"kind": "finished", "at": datetime.now(UTC).isoformat()}
        with self._lock:
            try:
                self._whole.add({**ended, "answers": len(self._written), "totals": self._cost})
                for manifest in self._customers.values():
                    manifest.add(ended)
                for manifest in self._manifests():
                    manifest.close()
            except OSError as error:
                raise self._unwritable(error) from None

    def _manifests(self) -> Iterator[form.ManifestWriter]:
        yield self._whole
        yield from self._customers.values()

    def _router(self, host: str, failure: Failure | None) -> None:
        entry = {"kind": "router", "host": host}
        told = None if failure is None else {"cause": failure.cause, "message": failure.message}
        self._whole.add({**entry, "failure": told})
        # The message may name the command of another customer at which the session ended.
        short = None if failure is None else {"cause": failure.cause, "message": f"{host}: {failure.cause}"}
        for customer, manifest in self._customers.items():
            if host in self._scopes.routers(customer):
                manifest.add({**entry, "failure": short})
        self._failures[host] = failure

    def _keep(self, answer: Answer) -> None:
        """Write an answer and its line; of a whole router's answer also each customer's part."""
        fact = self._facts.get((answer.host, answer.command))
        customer = None if fact is None else self._scopes.owner(fact)
        entry = _entry(answer)
        if customer is None:
            folder = self._whole_folder(answer.host)
            parts = self._parts(answer, fact)
            self._whole.add({**entry, **self._file(folder, answer, self._folder), "customer": None})
            for owner, (text, vrfs) in parts.items():
                manifest = self._customers[owner]
                place = manifest.folder / form.folder_name(answer.host)
                about = {"part": True, **({"vrfs": vrfs} if vrfs else {})}
                manifest.add({**entry, **about, **self._file(place, replace(answer, text=text), manifest.folder)})
        else:
            manifest = self._customers[customer]
            file = self._file(manifest.folder / form.folder_name(answer.host), answer, manifest.folder)
            whole = dict(file)
            if "file" in file:
                whole["file"] = f"{manifest.folder.relative_to(self._folder).as_posix()}/{file['file']}"
            self._whole.add({**entry, **whole, "customer": customer})
            manifest.add({**entry, **file})
        self._written[_key(answer)] = answer

    def _whole_folder(self, host: str) -> Path:
        """Below `routers/` for a router; below `azure/`, as its id goes, for a resource of Azure."""
        if not host.startswith("/"):
            return self._folder / form.ROUTERS / form.folder_name(host)
        folder = self._folder / form.AZURE
        for part in host.rsplit("/providers/Microsoft.Network/", maxsplit=1)[-1].strip("/").split("/"):
            folder /= form.folder_name(part)
        return folder

    def _file(self, folder: Path, answer: Answer, relative_to: Path) -> dict[str, Any]:
        """Write the text, and give what a manifest says of it; nothing for an answer that failed."""
        if answer.text is None:
            return {}
        form.make_folder(folder, self._folder)
        number = self._numbers[folder] = self._numbers.get(folder, 0) + 1
        sample = f"-sample-{answer.sample}" if answer.sample else ""
        kind = "json" if answer.host.startswith("/") else "txt"
        file = folder / f"{number:03}-{form.slug(answer.command)}{sample}.{kind}"
        content = form.encode(answer.text)
        form.write(file, content)
        return {
            "file": file.relative_to(relative_to).as_posix(),
            "bytes": len(content),
            "sha256": form.digest(content),
        }

    def _parts(self, answer: Answer, fact: Fact | None) -> Mapping[str, tuple[str, Sequence[str]]]:
        """Each customer's lines of a router's answer, and which VRFs all of it is there of; none of one that is not
        understood."""
        if answer.text is None or fact is None:
            return {}
        source = Source(answer.host, answer.command, answer.asked_at)
        try:
            records = COMMANDS[fact.kind].read(answer.text, source, dict(fact.parameters)).records
            numbers = self._scopes.parts(fact, records)
        except UndeterminedError:
            return {}
        except Exception:  # noqa: BLE001 (a parser's defect must not cost the evidence)
            return {}
        lines = cleaning.clean(answer.text).split("\n")
        return {
            customer: (
                "".join(f"{lines[number - 1]}\n" for number in own if number <= len(lines)),
                self._scopes.whole_vrfs(customer, fact, records),
            )
            for customer, own in numbers.items()
        }


def _key(answer: Answer) -> Key:
    return answer.host, answer.command, answer.sample


def _entry(answer: Answer) -> dict[str, Any]:
    failure = answer.failure
    return {
        "kind": "answer",
        "host": answer.host,
        "command": answer.command,
        "sample": answer.sample,
        "asked_at": answer.asked_at.isoformat(),
        "seconds": round(answer.seconds, 6),
        "failure": None if failure is None else {"cause": failure.cause, "message": failure.message},
    }

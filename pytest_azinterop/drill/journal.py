"""What a drill is about to do, on disk before it does it: JSON lines, each flushed to the medium, without secrets.

Whoever finds a journal that is not finished (`azinterop drill recover`) knows how far it came at most: a step that is
written may have been done in part, a step that is not written was not begun.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self, get_args

from pytest_azinterop.errors import InventoryError
from pytest_azinterop.iosxe.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Step = Literal[
    "planned",
    "locked",
    "arming",
    "armed",
    "triggering",
    "triggered",
    "holding",
    "undoing",
    "undone",
    "comparing",
    "confirming",
    "confirmed",
    "reverting",
    "reverted",
    "untouched",
    "left-to-timer",
    "azure-start",
    "azure-started",
    "azure-stop",
    "azure-stopped",
    "manual",
    "recovering",
    "finished",
    "failed",
]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
# After one of these nothing of a router is left to restore.
SETTLED: Final = frozenset({"confirmed", "reverted", "untouched"})
NAME: Final = "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step. `at` is UTC by this machine's clock; `subject` a router or a resource of Azure, None: the drill."""

    number: int
    at: datetime
    step: Step
    subject: str | None
    facts: Mapping[str, Any]


class Journal:
    """A journal that is being written. Used from one thread."""

    def __init__(self, path: Path, entries: list[Entry], told: Callable[[Entry], None] | None = None) -> None:
        self.path = path
        self.entries = entries
        self._told = told

    @classmethod
    def create(cls, folder: Path, told: Callable[[Entry], None] | None = None) -> Self:
        """A new one in this folder. Raises InventoryError where there is one already, or none can be written."""
        path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            _sync(folder)
            return cls(path, [], told)
        except FileExistsError:
            raise InventoryError("a journal stands here already; name another folder", file=str(path)) from None
        except OSError as problem:
            raise InventoryError(f"no journal can be written: {problem.strerror}", file=str(path)) from None

    @classmethod
    def reopen(cls, path: Path, told: Callable[[Entry], None] | None = None) -> Self:
        """An existing one, to go on in it. A last line that was cut off by a crash is ended first."""
        entries = read(path)
        raw = path.read_bytes()
        if raw and not raw.endswith(b"\n"):
            with path.open("ab") as file:
                file.write(b"\n")
        return cls(path, entries, told)

    def write(self, step: Step, subject: str | None = None, **facts: object) -> Entry:
        """Add a step; it is on the medium when this returns. Raises OSError where it is not: then do not go on."""
        last = self.entries[-1].number if self.entries else 0
        entry = Entry(last + 1, datetime.now(UTC), step, subject, _plain(facts))
        line = {
            "number": entry.number,
            "at": entry.at.isoformat(timespec="milliseconds"),
            "step": step,
            **({} if subject is None else {"subject": subject}),
            **({"facts": entry.facts} if facts else {}),
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.entries.append(entry)
        if self._told is not None:
            self._told(entry)
        return entry

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return is_finished(self.entries)


def read(path: Path) -> list[Entry]:
    """The steps of a journal. A last line that is cut off was not done and is left out.

    Raises InventoryError for anything else that is no journal.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as problem:
        raise InventoryError(f"the journal cannot be read: {problem.strerror}", file=str(path)) from None
    entries: list[Entry] = []
    complete = [line for line in lines if line.strip()]
    for number, line in enumerate(complete, start=1):
        entry = _entry(line)
        if entry is not None:
            entries.append(entry)
        elif number < len(complete) or lines[-1] == b"":
            if _is_torn(line) and number < len(complete):
                continue
            raise InventoryError("not a line of a journal", file=str(path), line=number)
    return entries


def is_finished(entries: list[Entry]) -> bool:
    """Whether the last word of a journal is that nothing is left to do."""
    return bool(entries) and entries[-1].step == "finished"


def last_step(entries: list[Entry], subject: str) -> Entry | None:
    """The last step of a router or a resource."""
    return next((each for each in reversed(entries) if each.subject == subject), None)


def _entry(line: bytes) -> Entry | None:
    try:
        value = json.loads(line)
        if value["step"] not in STEPS or not isinstance(value.get("facts", {}), dict):
            return None
        return Entry(
            int(value["number"]),
            datetime.fromisoformat(value["at"]),
            value["step"],
            value.get("subject"),
            value.get("facts", {}),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _is_torn(line: bytes) -> bool:
    """Whether a line is the beginning of one that a crash has cut off, and that `reopen` has ended."""
    return line.startswith(b'{"number"') and not line.endswith(b"}")


def _plain(value: object) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(f"{value}\n").removesuffix("\n")


def _sync(folder: Path) -> None:
    """The folder's own entry of a new file on the medium."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

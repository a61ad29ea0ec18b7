"""How pytest-xdist's workers share one collection: the first to come collects, the others wait for its answers.

Everything stands in a folder that only this user can enter; files are written with mode 0600 and hold redacted text.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pytest_azinterop.collect.answer import Collection
from pytest_azinterop.errors import InventoryError, UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_azinterop.collect.plan import Plan

_ANSWERS, _LOCK = "answers.json", "lock"


@dataclass(frozen=True, slots=True)
class Folder:
    """A private folder (mode 0700) for one run."""

    path: Path

    @classmethod
    def make(cls) -> Self:
        """A new one."""
        return cls(Path(tempfile.mkdtemp(prefix="azinterop-")))

    def remove(self) -> None:
        """It and all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def once(folder: Path, wanted: Plan, collect: Callable[[], Collection]) -> Collection:
    """The collection of this run: made here if no worker has begun it yet, read otherwise.

    Whatever went wrong in the worker that collected is raised in every other one as well. Raises UndeterminedError.
    """
    digest = hashlib.sha256("\n".join(wanted.describe()).encode()).hexdigest()
    with _locked(folder) as first:
        if first:
            return _collect(folder, digest, collect)
    file = folder / _ANSWERS
    if not file.is_file():
        raise UndeterminedError("the worker that collected ended before it had the answers", cause="collection-failed")
    told = json.loads(file.read_text(encoding="utf-8"))
    if told["plan"] != digest:
        raise UndeterminedError("the workers of this run need different facts", cause="collection-failed")
    if told["failure"] is not None:
        raise UndeterminedError(told["failure"]["message"], cause=told["failure"]["cause"])
    return Collection.from_json(told["collection"])


def _collect(folder: Path, digest: str, collect: Callable[[], Collection]) -> Collection:
    try:
        collected = collect()
    except InventoryError as error:
        # The controller has checked what can be checked without a router; a worker cannot stop the run any more.
        failure = UndeterminedError(str(error), cause="inventory")
    except UndeterminedError as error:
        failure = error
    else:
        _write(folder, {"plan": digest, "failure": None, "collection": collected.to_json()})
        return collected
    _write(folder, {"plan": digest, "failure": {"message": failure.message, "cause": failure.cause}})
    raise failure from None


def _write(folder: Path, content: dict[str, object]) -> None:
    with open(folder / _ANSWERS, "x", encoding="utf-8", opener=_private) as file:
        json.dump(content, file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Wait for the lock; True for the first to have it. It is released by the system when its holder dies."""
    try:
        import fcntl
    except ImportError:
        raise UndeterminedError("pytest-xdist is not supported on this system", cause="not-supported") from None

    with open(folder / _LOCK, "a", encoding="utf-8", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        first = file.tell() == 0
        if first:
            file.write("begun\n")
            file.flush()
        yield first

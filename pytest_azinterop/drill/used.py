"""Plans that were carried out from an inventory folder: each hash approves one drill, once.

The plan of a drill says how many of it were carried out before, so the next plan has another hash.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pytest_azinterop.errors import DrillRefusedError

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "used.jsonl"


@dataclass(frozen=True, slots=True)
class Use:
    """One plan that was carried out. `drill` None: the line cannot be read, so it counts for every drill."""

    drill: str | None
    digest: str
    ticket: str
    at: str

    @property
    def words(self) -> str:
        """When and why."""
        return f"at {self.at} under ticket {self.ticket}"


def uses(folder: Path, drill: str) -> list[Use]:
    """Those of one drill, in order. Raises DrillRefusedError where they cannot be read."""
    try:
        lines = (folder / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise DrillRefusedError(f"{folder / NAME} cannot be read: {problem.strerror}") from None
    return [each for each in map(_read, filter(str.strip, lines)) if each.drill in (None, drill)]


def note(folder: Path, drill: str, digest: str, ticket: str) -> None:
    """From now on this hash approves nothing more. Raises DrillRefusedError where it cannot be kept."""
    line = {"drill": drill, "digest": digest, "ticket": ticket, "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise DrillRefusedError(f"{folder / NAME} cannot be written: {problem.strerror}") from None


def _read(line: str) -> Use:
    try:
        value = json.loads(line)
        return Use(*(str(value[name]) for name in ("drill", "digest", "ticket", "at")))
    except (ValueError, KeyError, TypeError):
        return Use(None, "", "", "")

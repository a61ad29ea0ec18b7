"""Something wrong with an intent that is right in form."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a path of the intent, in words with a remedy."""

    path: Path
    message: str

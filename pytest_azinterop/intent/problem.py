"""What is wrong with an intent: where, and in words with a remedy."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a path of the intent, in words with a remedy."""

    path: Path
    message: str


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """`circuit `er-1` is not declared; did you mean `er1`?`"""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean `{close[0]}`?" if close else f"declared: {', '.join(names) or 'none'}"
    return f"{kind} `{name}` is not declared; {hint}"

"""The lab's log: one JSON line per event, with simulated and real time, and no password or key in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HIDDEN = "<removed>"
_TYPED = frozenset({"line", "command"})

_SECRET_WORDS = (
    "pre-shared-key",
    "password",
    "secret",
    "key-string",
    "authentication-key",
    "message-digest-key",
    "key",
)
_HARMLESS = frozenset({"authentication", "s", "a", "sh"})
_SHORTEST = 2
_KEPT = re.compile(r"local|remote|hex|md5|encrypted|[0-9]", re.IGNORECASE)


def redact(line: str) -> str:
    """The line with what follows a word for a secret taken out, in any abbreviation IOS accepts.

    It takes out too much rather than too little: whatever follows such a word, except leading words that say what
    kind of secret it is.
    """
    words = line.split(" ")
    lowered = [word.lower() for word in words]
    for at, word in enumerate(lowered):
        if at + 1 < len(words) and _is_secret_word(word, lowered, first=at == 0):
            rest = words[at + 1 :]
            kinds = 0
            while kinds < len(rest) - 1 and _KEPT.fullmatch(rest[kinds]):
                kinds += 1
            return " ".join([*words[: at + 1 + kinds], HIDDEN])
    return line


def _is_secret_word(word: str, words: list[str], *, first: bool) -> bool:
    if not word or word in _HARMLESS or (len(word) < _SHORTEST and not first):
        return False
    if "community".startswith(word):
        return any(start.startswith("sn") for start in words[:2])
    return any(secret.startswith(word) for secret in _SECRET_WORDS)


@dataclass(slots=True)
class LabLog:
    """Appends events to a file, or drops them when there is none. Each line is flushed: a reader may follow it."""

    stream: TextIO | None
    simulated: Callable[[], datetime]

    @classmethod
    def to_file(cls, path: Path | None, simulated: Callable[[], datetime]) -> LabLog:
        """Opens the file for appending; None logs nothing."""
        stream = path.open("a", encoding="utf-8", buffering=1) if path is not None else None
        return cls(stream, simulated)

    def write(self, event: str, **details: str | int | bool | list[str] | None) -> None:
        """One event. Lines of a configuration or command are redacted here, whoever typed them."""
        if self.stream is None:
            return
        record: dict[str, object] = {
            "event": event,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "simulated": self.simulated().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        for key, value in details.items():
            if isinstance(value, list):
                record[key] = [redact(each) for each in value]
            else:
                record[key] = redact(value) if key in _TYPED and isinstance(value, str) else value
        self.stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """No event may follow."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None

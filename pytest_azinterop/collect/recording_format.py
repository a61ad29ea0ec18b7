"""The form of a recording: a folder with one file per answer, and a manifest of JSON lines that names each of them.

Each line of a manifest carries the SHA-256 of the line before it, and of the file that it names: a change by hand or by
a failing disk is seen. It is no signature: whoever can write the folder can also write new sums.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.jsonl"
ROUTERS = "routers"
AZURE = "azure"
CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True)
class About:
    """What a recording was made from and with.

    `intent` is the digest of the intent, `judged_on` the day by which waivers were judged, `customer` the one whose
    part this is (None: a whole recording).
    """

    tool: str
    intent: str
    inventory: str
    started: datetime
    judged_on: date
    customer: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The first line of a manifest."""
        return {
            "kind": "recording",
            "format": FORMAT,
            "tool": self.tool,
            "intent": self.intent,
            "inventory": self.inventory,
            "started": self.started.isoformat(),
            "judged_on": self.judged_on.isoformat(),
            "customer": self.customer,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> About:
        """What `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        if data["kind"] != "recording":
            raise ValueError("the first line is not that of a recording")
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']!r}, known here is {FORMAT}")
        return cls(
            tool=str(data["tool"]),
            intent=str(data["intent"]),
            inventory=str(data["inventory"]),
            started=datetime.fromisoformat(data["started"]),
            judged_on=date.fromisoformat(data["judged_on"]),
            customer=None if data["customer"] is None else str(data["customer"]),
        )


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def encode(text: str) -> bytes:
    """An answer as it stands in its file: nothing about its lines is changed."""
    return text.encode("utf-8", "surrogatepass")


def decode(content: bytes) -> str:
    """The reverse of `encode`. Raises ValueError."""
    return content.decode("utf-8", "surrogatepass")


def line(entry: Mapping[str, Any], previous: str) -> bytes:
    """A line of a manifest without its end; `previous` is the digest of the line before, empty for the first."""
    return json.dumps({**entry, "previous": previous}, ensure_ascii=True).encode("ascii")


def slug(text: str) -> str:
    """Text as part of a file name: letters, digits, dot, dash and underscore, at most 90, never a hidden name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:90] or "unnamed"


def folder_name(text: str) -> str:
    """A folder for a name; two names never share one."""
    plain = slug(text)
    return plain if plain == text else f"{plain}-{digest(encode(text))[:8]}"


def make_folder(folder: Path, below: Path) -> None:
    """A folder with mode 0700, and so each one between it and `below`, which exists. Raises OSError."""
    for place in reversed([folder, *folder.parents]):
        if place.is_relative_to(below) and place != below:
            place.mkdir(mode=0o700, exist_ok=True)


def write(file: Path, content: bytes) -> None:
    """A new file with mode 0600, on the disk when this returns. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


class ManifestWriter:
    """Appends lines; each is on the disk when `add` returns. Raises OSError."""

    def __init__(self, folder: Path, about: About) -> None:
        self.folder = folder
        self._previous = ""
        self._descriptor = os.open(folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self.add(about.to_json())

    def add(self, entry: Mapping[str, Any]) -> None:
        """One line."""
        content = line(entry, self._previous)
        left = memoryview(content + b"\n")
        while left:
            left = left[os.write(self._descriptor, left) :]
        os.fsync(self._descriptor)
        self._previous = digest(content)

    def close(self) -> None:
        """No more lines."""
        os.close(self._descriptor)

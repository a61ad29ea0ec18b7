"""Which SSH host keys are known, by OpenSSH's known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

USER_FILE = Path("~/.ssh/known_hosts")
_LARGEST = 50_000_000  # bytes


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """The keys of one host, and those that must never be accepted for it."""

    keys: tuple[paramiko.PKey, ...] = ()
    revoked: tuple[paramiko.PKey, ...] = ()
    files: tuple[Path, ...] = field(default=())

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the keys, in the order of the files."""
        return tuple(dict.fromkeys(key.get_name() for key in self.keys))


def read(names: Iterable[str], files: Iterable[Path], *, user_file: bool) -> KnownKeys:
    """The keys under any of the names. The user's own file is read only where the given files know none.

    A line that is no entry is passed over, as OpenSSH does: it makes no key known. Files that are missing or cannot be
    read know none.
    """
    wanted = tuple(dict.fromkeys(names))
    given = tuple(files)
    found = _keys(wanted, given)
    if not found.keys and user_file:
        of_user = _keys(wanted, (USER_FILE.expanduser(),))
        return KnownKeys(of_user.keys, (*found.revoked, *of_user.revoked), (*given, *of_user.files))
    return found


def _keys(names: tuple[str, ...], files: tuple[Path, ...]) -> KnownKeys:
    keys: list[paramiko.PKey] = []
    revoked: list[paramiko.PKey] = []
    for path in files:
        for line in _lines(path):
            words = line.split()
            marker = words.pop(0) if words and words[0].startswith("@") else None
            if len(words) < 3 or words[0].startswith("#") or not _names(words[0], names):
                continue
            key = _key(words)
            if key is not None and marker in (None, "@revoked"):
                (keys if marker is None else revoked).append(key)
    return KnownKeys(tuple(keys), tuple(revoked), files)


def _lines(path: Path) -> Iterator[str]:
    try:
        if path.is_file() and path.stat().st_size <= _LARGEST:
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return


def _names(patterns: str, names: tuple[str, ...]) -> bool:
    """Whether the first word of an entry means one of the names."""
    matched = False
    for pattern in patterns.split(","):
        if pattern.startswith("!"):
            if any(_means(pattern[1:], name) for name in names):
                return False
        else:
            matched = matched or any(_means(pattern, name) for name in names)
    return matched


def _means(pattern: str, name: str) -> bool:
    if pattern.startswith("|1|"):
        try:
            return bool(paramiko.HostKeys.hash_host(name, pattern) == pattern)
        except Exception:  # noqa: BLE001 (a mangled entry is none)
            return False
    if "*" not in pattern and "?" not in pattern:
        return pattern.lower() == name.lower()
    # Only `*` and `?` are special; brackets belong to the name of a port.
    return re.fullmatch(translate(pattern.lower().replace("[", "[[]")), name.lower()) is not None


def _key(words: list[str]) -> paramiko.PKey | None:
    try:
        entry = paramiko.hostkeys.HostKeyEntry.from_line(" ".join(words[:3]))
    except Exception:  # noqa: BLE001 (a mangled entry is none)
        return None
    return None if entry is None else entry.key

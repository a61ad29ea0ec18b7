"""Which SSH host keys are known, by OpenSSH's known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

USER_FILE = Path("~/.ssh/known_hosts")
_LARGEST = 50_000_000  # bytes
_NOT_PLAIN = re.compile(r"[*?!|]")


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
        for marker, words in _entries(path).that_may_mean(names):
            if not _names(words[0], names):
                continue
            key = _key(list(words))
            if key is not None and marker in (None, "@revoked"):
                (keys if marker is None else revoked).append(key)
    return KnownKeys(tuple(keys), tuple(revoked), files)


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of a file in order: marker and words. `by_name` finds those that hold nothing but plain names, in
    lower case; `others` have to be looked at for every name."""

    entries: tuple[tuple[str | None, tuple[str, ...]], ...] = ()
    by_name: Mapping[str, Sequence[int]] = field(default_factory=dict)
    others: tuple[int, ...] = ()

    def that_may_mean(self, names: tuple[str, ...]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
        """Every entry that means one of the names, in the order of the file, and perhaps others."""
        found = {*self.others, *(number for name in names for number in self.by_name.get(name.lower(), ()))}
        return (self.entries[number] for number in sorted(found))


def _entries(path: Path) -> _Entries:
    """A file is read once, and again when it has changed: hundreds of routers share one."""
    try:
        about = path.stat()
        if not path.is_file() or about.st_size > _LARGEST:
            return _Entries()
        return _read_file(path, about.st_mtime_ns, about.st_size, about.st_ino)
    except OSError:
        return _Entries()


@lru_cache(maxsize=8)
def _read_file(path: Path, *_: int) -> _Entries:
    entries: list[tuple[str | None, tuple[str, ...]]] = []
    by_name: dict[str, list[int]] = {}
    others: list[int] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.split()
        marker = words.pop(0) if words and words[0].startswith("@") else None
        if len(words) < 3 or words[0].startswith("#"):
            continue
        if _NOT_PLAIN.search(words[0]):
            others.append(len(entries))
        else:
            for name in words[0].lower().split(","):
                by_name.setdefault(name, []).append(len(entries))
        entries.append((marker, tuple(words)))
    return _Entries(tuple(entries), by_name, tuple(others))


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

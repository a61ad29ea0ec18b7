"""One drill at a time per customer and per router, and none too soon after another.

A second operator on another machine sees the router's own pending timer; on this one, the lock files in the drills'
folder. The operating system holds them for as long as the process lives, so a drill that died leaves no lock, but its
journal, which must be recovered before the next one begins.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import quote

from pytest_azinterop.drill import journal
from pytest_azinterop.errors import DrillRefusedError, InventoryError

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "drills"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a lock file tells about the last drill that had it. `clock` is a router's at its end; None: not told."""

    drill: str
    journal: Path
    user: str
    host: str
    process: int
    began: datetime
    ended: datetime | None = None
    clock: datetime | None = None

    @property
    def who(self) -> str:
        """`expressroute-1-loss by alice on jump-1 since 22:31:07Z`."""
        return f"{self.drill} by {self.user} on {self.host} since {self.began:%Y-%m-%d %H:%M:%S}Z"


class DrillLock:
    """The locks of one drill, held until `release`. Raises DrillRefusedError where one cannot be had.

    `customer` None: of the routers alone. `cools` False: nothing was taken away, so no cool-down follows.
    """

    def __init__(
        self,
        folder: Path,
        drill: str,
        customer: str | None,
        routers: Iterable[str],
        where: Path,
        *,
        cools: bool = True,
    ) -> None:
        self._places = [folder / _name("router", each) for each in routers]
        if customer is not None:
            self._places.insert(0, folder / _name("customer", customer))
        self._mark = Mark(drill, where, _user(), socket.gethostname(), os.getpid(), datetime.now(UTC))
        self._files: list[IO[str]] = []
        self._before: list[str] = []
        self._cools = cools
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise DrillRefusedError(f"{folder}: no locks can be written there: {problem.strerror}") from None

    def acquire(self, cool_down: timedelta = timedelta(0), clock: datetime | None = None) -> Self:
        """Take all of them or none. `clock` is a router's now, by which the cool-down is measured as well as by ours.

        Raises DrillRefusedError: a drill runs, one was never finished, or one ended too short a time ago.
        """
        try:
            for place in self._places:
                self._take(place, cool_down, clock)
        except BaseException:
            self._close()
            raise
        self._write(self._mark)
        return self

    def _take(self, place: Path, cool_down: timedelta, clock: datetime | None) -> None:
        file = place.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            mark = _read(file)
            file.close()
            who = "another drill" if mark is None else mark.who
            raise DrillRefusedError(f"{place.stem}: locked by {who}") from None
        self._files.append(file)
        file.seek(0)
        self._before.append(file.read())
        mark = _read(file)
        if mark is None:
            return
        if mark.journal != self._mark.journal.resolve() and _is_open(mark.journal):
            raise DrillRefusedError(
                f"{place.stem}: {mark.who} was not finished; run `azinterop drill recover {mark.journal}` first"
            )
        left = _left(mark, cool_down, clock)
        if left > timedelta(0):
            raise DrillRefusedError(_cooling(place, mark, left))

    def release(self, clock: datetime | None = None) -> None:
        """Give them back; the cool-down begins now. A second time does nothing."""
        if self._files and not self._cools and not _is_open(self._mark.journal):
            for file, before in zip(self._files, self._before, strict=True):
                _replace(file, before)
            self._close()
        elif self._files:
            mark = self._mark
            self._write(
                Mark(mark.drill, mark.journal, mark.user, mark.host, mark.process, mark.began, datetime.now(UTC), clock)
            )
            self._close()

    def _write(self, mark: Mark) -> None:
        line = {
            "drill": mark.drill,
            "journal": str(mark.journal.resolve()),
            "user": mark.user,
            "host": mark.host,
            "process": mark.process,
            "began": mark.began.isoformat(),
            "ended": None if mark.ended is None else mark.ended.isoformat(),
            "clock": None if mark.clock is None else mark.clock.isoformat(),
        }
        for file in self._files:
            _replace(file, json.dumps(line) + "\n")

    def _close(self) -> None:
        for file in self._files:
            file.close()
        self._files.clear()
        self._before.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def unfinished(folder: Path) -> list[Path]:
    """Journals that the locks of a folder name and that are not finished, each once."""
    found: dict[Path, None] = {}
    for place in sorted(folder.glob("*.lock")):
        with suppress(OSError), place.open(encoding="utf-8") as file:
            mark = _read(file)
            if mark is not None and _is_open(mark.journal):
                found[mark.journal] = None
    return list(found)


def cooling(folder: Path, customer: str, routers: Iterable[str], cool_down: timedelta, clock: datetime) -> str | None:
    """What is left of the cool-down of a drill that was carried out from this folder, in words; None: it is over.
    Nothing is locked."""
    for name in (_name("customer", customer), *(_name("router", each) for each in routers)):
        with suppress(FileNotFoundError), (folder / name).open(encoding="utf-8") as file:
            mark = _read(file)
            if mark is not None and _left(mark, cool_down, clock) > timedelta(0):
                return _cooling(Path(name), mark, _left(mark, cool_down, clock))
    return None


def _cooling(place: Path, mark: Mark, left: timedelta) -> str:
    return (
        f"{place.stem}: the last drill, {mark.drill}, ended too short a time ago; the cool-down lasts for another "
        f"{-(-left.total_seconds() // 60):.0f} min"
    )


def _is_open(path: Path) -> bool:
    """Whether a journal is there and not finished. One that cannot be read counts as not finished."""
    if not path.exists():
        return False
    try:
        entries = journal.read(path)
    except InventoryError:
        return True
    return bool(entries) and not journal.is_finished(entries)


def _left(mark: Mark, cool_down: timedelta, clock: datetime | None) -> timedelta:
    """What is left of the cool-down: by the router's clock or by ours, whichever has gone further."""
    if mark.ended is None:
        return timedelta(0)
    gone = datetime.now(UTC) - mark.ended
    if clock is not None and mark.clock is not None and (clock.tzinfo is None) == (mark.clock.tzinfo is None):
        gone = max(gone, clock - mark.clock)
    return cool_down - gone


def _replace(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def _name(kind: str, name: str) -> str:
    return f"{kind}-{quote(name, safe='')}.lock"


def _read(file: IO[str]) -> Mark | None:
    """None for an empty file, and for one that a crash has cut off."""
    file.seek(0)
    try:
        value: dict[str, Any] = json.loads(file.read())
        return Mark(
            drill=str(value["drill"]),
            journal=Path(value["journal"]),
            user=str(value["user"]),
            host=str(value["host"]),
            process=int(value["process"]),
            began=datetime.fromisoformat(value["began"]),
            ended=_time(value.get("ended")),
            clock=_time(value.get("clock")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"

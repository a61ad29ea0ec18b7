"""A pytest plugin: what a process of a run has at its end that it had not at its beginning.

`pytest -p bench_census` writes for each process, workers of pytest-xdist included, `PID.begun` when it is set up and
`PID.ended` as the last of all when it is taken down, as JSON, into the folder that AZINTEROP_CENSUS names.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import socket
import sys
import threading
import traceback
import weakref
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ["AZINTEROP_CENSUS"])
_FRAMES = 3
_OTHERS_THREADS = ("Dask-Offload",)
"""Of libraries, one for a process and until its end, however often they are used."""
_made: weakref.WeakKeyDictionary[socket.socket, str] = weakref.WeakKeyDictionary()
_BEFORE = pytest.StashKey[tuple[set[str], set[int | None]]]()


def open_files() -> dict[str, str]:
    """What is open, by number and name."""
    found = {}
    for each in Path("/proc/self/fd").iterdir():
        try:
            name = str(each.readlink())
        except OSError:
            continue
        found[f"{each.name} {name}"] = name
    return found


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    """Of an audit hook. It must not fail: what raises here would keep the socket from being made."""
    if event == "socket.__new__" and isinstance(arguments[0], socket.socket):
        frames = [each for each in traceback.extract_stack() if "importlib" not in each.filename]
        places = [f"{Path(each.filename).parent.name}/{Path(each.filename).name}:{each.lineno}" for each in frames]
        _made[arguments[0]] = " < ".join(reversed(places[-_FRAMES - 2 : -2]))


def _who(number: str) -> str:
    """Where the socket with this number was made."""
    made = [where for each, where in list(_made.items()) if each.fileno() == int(number)]
    return f" made by {made[0]}" if made else ""


def _tracker() -> int | None:
    """The pipe to multiprocessing's resource tracker, which a process has from the first child to its end."""
    tracking = sys.modules.get("multiprocessing.resource_tracker")
    return None if tracking is None else tracking._resource_tracker._fd  # noqa: SLF001 (it has no public name)


def write(kind: str, **told: object) -> None:
    """One file of this process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    draft = FOLDER / f"{os.getpid()}.draft"
    draft.write_text(json.dumps({"process": worker, **told}), encoding="utf-8")
    draft.replace(FOLDER / f"{os.getpid()}.{kind}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before any other plugin has begun."""
    sys.addaudithook(_hear)
    config.stash[_BEFORE] = set(open_files()), {each.ident for each in threading.enumerate()}
    write("begun")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """After every other plugin has ended. Garbage is none of what is left: it is collected first."""
    gc.collect()
    files, threads = config.stash[_BEFORE]
    tracker = _tracker()
    new = [each for each in sorted(open_files()) if each not in files and each.split()[0] != str(tracker)]
    write(
        "ended",
        sockets=[f"{each}{_who(each.split()[0])}" for each in new if " socket:" in each],
        files=[each for each in new if " socket:" not in each and "/proc/" not in each],
        threads=sorted(
            each.name
            for each in threading.enumerate()
            if each.ident not in threads and not each.name.startswith(_OTHERS_THREADS)
        ),
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )

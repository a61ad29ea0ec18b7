"""The lab of a forked run: a fork too, with what it imports already there.

A run forks it before anything else, so that it inherits nothing; it waits for what the lab's launcher would start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import IO, Any, NoReturn


class Waiting:
    """What `subprocess.Popen` is to the launcher; the process is there already."""

    def __init__(self, pid: int, stdin: IO[bytes]) -> None:
        self.pid, self.stdin = pid, stdin
        self.returncode: int | None = None

    def start(self, arguments: list[str], said: str) -> None:
        """Become `python -m pytest_azinterop.lab` with these; what it says goes into that file."""
        self.stdin.write(json.dumps([arguments, said]).encode() + b"\n")
        self.stdin.flush()

    def poll(self) -> int | None:
        """The exit code of a lab that has ended."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("lab", timeout or 0.0)
            time.sleep(0.002)
        return int(self.returncode or 0)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


def fork(modules: str) -> Waiting:
    """A process that waits to become a lab; it ends with this one. Its modules are noted in that file."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(writing)
        _become(reading, modules)
    os.close(reading)
    return Waiting(child, os.fdopen(writing, "wb"))


def give(lab: Waiting) -> None:
    """The first lab that this process starts is that one; another is started as usual."""
    from pytest_azinterop.lab import launch

    waiting = [lab]

    def popen(command: list[str], *, stderr: IO[bytes], **kept: Any) -> Any:
        if not waiting:
            return subprocess.Popen(command, stderr=stderr, **kept)
        assert command[1:3] == ["-m", "pytest_azinterop.lab"]
        waiting[0].start(command[3:], stderr.name)
        return waiting.pop()

    launch.subprocess = SimpleNamespace(  # type: ignore[assignment]
        Popen=popen, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL, TimeoutExpired=subprocess.TimeoutExpired
    )


def note(modules: str, known: set[str]) -> None:
    """Which modules have been imported since, of the environment and of ours; those of a test stay with the test."""
    import pytest_azinterop

    shared = (sys.prefix, sys.base_prefix, os.path.dirname(pytest_azinterop.__file__))  # noqa: PTH120
    found = []
    for name in sys.modules.keys() - known:
        origin = getattr(getattr(sys.modules[name], "__spec__", None), "origin", None) or ""
        if origin.startswith(shared):
            found.append(name)
    with open(modules, "a", encoding="utf-8") as file:  # noqa: PTH123
        file.writelines(f"{name}\n" for name in sorted(found))


def _become(reading: int, modules: str) -> NoReturn:
    os.setsid()
    told = b""
    while not told.endswith(b"\n"):
        byte = os.read(reading, 1)
        if not byte:
            os._exit(0)
        told += byte
    arguments, said = json.loads(told)
    nothing, file = os.open(os.devnull, os.O_WRONLY), os.open(said, os.O_WRONLY | os.O_APPEND)
    for number, at in enumerate((reading, nothing, file)):
        os.dup2(at, number)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, closefd=False)
    known, code = set(sys.modules), 1
    try:
        from pytest_azinterop.lab.commands import main

        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        note(modules, known)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

"""The workers of a forked run with xdist: forks too, with what they import already there.

A run forks them before it starts a thread; each waits for what execnet would give a process of its own.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import IO, Any, NoReturn

import warm_lab

LINE = "import sys;exec(eval(sys.stdin.readline()))"
"""What execnet's process is told to do, and these do."""


class Worker(warm_lab.Waiting):
    """What `subprocess.Popen` is to execnet; the process is there already."""

    stdout: IO[bytes]

    def __init__(self, pid: int, door: socket.socket) -> None:
        super().__init__(pid, door.makefile("wb"))
        self._door = door

    def begin(self) -> None:
        """Be started here and now: in this folder and environment, with this error output."""
        reading, stdin = os.pipe()
        stdout, writing = os.pipe()
        told = json.dumps({"cwd": os.getcwd(), "environment": dict(os.environ)}).encode()  # noqa: PTH109
        socket.send_fds(self._door, [b"%10d" % len(told)], [reading, writing, 2])
        self._door.sendall(told)
        self._door.close()
        os.close(reading)
        os.close(writing)
        self.stdin.close()
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")


def number(arguments: list[str]) -> int:
    """How many workers a run with these arguments starts."""
    given = [after for word, after in zip(arguments, [*arguments[1:], ""], strict=True) if word == "-n"]
    given += [word[2:] for word in arguments if word.startswith("-n") and word != "-n"]
    return int(given[-1]) if given and given[-1].isdigit() else 0


def fork(wanted: int, modules: str, lab: warm_lab.Waiting) -> list[Worker]:
    """Processes that wait to become workers, and one to take another's place; they end with this one.

    Their modules are noted in that file.
    """
    made: list[Worker] = []
    for _ in range(wanted and wanted + 1):
        here, there = socket.socketpair()
        child = os.fork()
        if not child:
            here.close()
            lab.stdin.close()
            for other in made:
                other.stdin.close()
                other._door.close()
            _become(there, modules)
        there.close()
        made.append(Worker(child, here))
    return made


def give(workers: list[Worker]) -> None:
    """The first workers that execnet starts are these; others are started as usual."""
    if not workers:
        return
    from execnet import gateway_io

    class Started(gateway_io.Popen2IOMaster):
        def __init__(self, args: list[str], execmodel: Any) -> None:
            if not workers or args != [sys.executable, "-u", "-c", LINE]:
                super().__init__(args, execmodel)
                return
            self.popen = worker = workers.pop(0)
            worker.begin()
            gateway_io.Popen2IO.__init__(self, worker.stdin, worker.stdout, execmodel)

    gateway_io.Popen2IOMaster = Started


def _become(door: socket.socket, modules: str) -> NoReturn:
    length, descriptors, _, _ = socket.recv_fds(door, 10, 3)
    if not length:
        os._exit(0)
    with door.makefile("rb") as told:
        request = json.loads(told.read(int(length)))
    door.close()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[:0] = ["", *(item for item in os.environ.get("PYTHONPATH", "").split(os.pathsep) if item)]
    sys.argv = ["-c"]
    known = set(sys.modules)
    exec(LINE, {"__name__": "__main__"})
    warm_lab.note(modules, known)
    raise SystemExit

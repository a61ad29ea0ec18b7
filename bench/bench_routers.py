"""The replaying server, started and ended, and clients run against it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_machine import HERE, ROOT, processors, run_json

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Condition:
    """What lies between client and routers; milliseconds."""

    rtt: int = 0
    authorization: int = 0

    @property
    def name(self) -> str:
        return f"{self.rtt} ms" + (f" + {self.authorization} ms authorization" if self.authorization else "")


class Routers:
    """Running routers that repeat what was answered."""

    def __init__(self, process: subprocess.Popen[bytes], ready: Path, answers: Path, router: str) -> None:
        self.ready = ready
        self._process = process
        self._answers = answers
        self._router = router

    def told(self) -> dict[str, Any]:
        """Sessions, commands and processor seconds since the last time that this was asked."""
        found = self._answer("tell")
        if not isinstance(found, dict):
            raise TypeError(f"the routers told {found!r}")
        return found

    def saw(self, sessions: int, seconds: float) -> bool:
        """Whether so many sessions were opened, since they were last told, before the time is up."""
        return bool(self._answer(f"sessions {sessions} {seconds}"))

    def left(self, connections: int, seconds: float) -> bool:
        """Whether no more than so many connections are open before the time is up."""
        return bool(self._answer(f"open {connections} {seconds}"))

    def _answer(self, question: str) -> object:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the routers were started without pipes")
        self._process.stdin.write(f"{question}\n".encode())
        self._process.stdin.flush()
        found: object = json.loads(self._process.stdout.readline())
        return found

    def doors(self) -> dict[str, Any]:
        """Ports, names and host key."""
        found: dict[str, Any] = json.loads(self.ready.read_text(encoding="utf-8"))
        return found

    def client(self, kind: str, at_once: int, commands: int | None = None) -> dict[str, Any]:
        """One run of one client, and what it did as the routers saw it."""
        self.told()
        most = [] if commands is None else ["--commands", str(commands)]
        found = run_json(
            "bench_clients.py", kind, self.ready, self._answers, self._router, "--at-once", str(at_once), *most,
            "--processor", str(processors()[1]),
        )  # fmt: skip
        seen = self.told()
        if seen["unknown"]:
            raise RuntimeError(f"{kind} asked what nobody answers: {seen['unknown']}")
        return {**found, "kind": kind, "at_once": at_once, "sessions": seen["sessions"], "commands": seen["commands"],
                "server_cpu": seen["cpu"]}  # fmt: skip


@contextmanager
def routers(answers: Path, router: str, count: int, condition: Condition) -> Iterator[Routers]:
    """`count` routers that answer as `router` did."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        ready = Path(folder) / "ready.json"
        command = [
            sys.executable, str(HERE / "bench_server.py"), str(answers.with_suffix(".json")), router, str(count),
            str(ready), "--rtt", str(condition.rtt), "--authorization", str(condition.authorization),
            "--processor", str(processors()[0]),
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            _wait(process, ready)
            yield Routers(process, ready, answers, router)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _wait(process: subprocess.Popen[bytes], ready: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the routers did not start")
        time.sleep(0.02)

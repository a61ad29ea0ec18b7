"""The machine that figures were measured on, and processes pinned to one of its processors."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_PACKAGES = ("pytest", "nornir", "nornir-napalm", "napalm", "netmiko", "paramiko", "asyncssh", "ntc-templates")


def processors() -> tuple[int, int]:
    """The processor of the routers' side and that of the client. Raises SystemExit on a machine with only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise SystemExit("two processors are needed: the routers' side and the client are pinned apart")
    return usable[0], usable[1]


def pin(processor: int) -> None:
    """From here on this process and its children run on that processor only."""
    os.sched_setaffinity(0, {processor})


def about() -> dict[str, Any]:
    """What stands beside the figures. `load` is the load average over one minute before the run."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processors": len(os.sched_getaffinity(0)),
        "processor": _model(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "packages": found,
    }


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a finished process cost: `wall` and `cpu` in seconds, `memory` at its peak in bytes, and what it wrote."""

    wall: float
    cpu: float
    memory: int
    code: int
    output: str


def _environment() -> dict[str, str]:
    """This process's; Python keeps what it compiled as it does for most users, where that is forbidden in `build`."""
    found = dict(os.environ)
    if found.pop("PYTHONDONTWRITEBYTECODE", ""):
        found.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / "build" / "compiled"))
    return found


def run(command: Sequence[str | Path], *, processor: int | None = None, cwd: Path | None = None,
        environment: dict[str, str] | None = None) -> Cost:  # fmt: skip
    """Run a command to its end, with what it alone cost."""

    def prepare() -> None:
        if processor is not None:
            pin(processor)

    started = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env={**_environment(), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        preexec_fn=prepare,  # noqa: PLW1509 (no threads here)
    ) as process:
        output = process.stdout.read() if process.stdout is not None else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(wall, cpu, usage.ru_maxrss * 1024, process.returncode, output.decode("utf-8", "replace"))


def run_json(script: str, *arguments: str | Path, processor: int | None = None) -> dict[str, Any]:
    """The last line that a script of this folder printed, as JSON. Raises RuntimeError where it failed."""
    done = run([sys.executable, HERE / script, *arguments], processor=processor, cwd=ROOT)
    if done.code != 0:
        raise RuntimeError(f"{script} {' '.join(map(str, arguments))} failed:\n{done.output[-3000:]}")
    told: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
    return told


def used() -> tuple[float, int]:
    """Processor seconds and peak memory in bytes of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024

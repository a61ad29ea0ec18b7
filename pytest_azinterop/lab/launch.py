"""Starting the lab in a process of its own, and ending it whatever happens."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_azinterop.lab.inventory import Ready, RouterDoor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["LabStartError", "Ready", "RouterDoor", "start"]

_PATIENCE = 60.0
"""Seconds that the lab may take to start on a loaded machine; it usually takes one."""
_FAREWELL = 5.0
_POLL = 0.01


class LabStartError(Exception):
    """The lab did not start; the text is what it said."""


@contextmanager
def start(
    network: Path | None = None,
    scenario: Sequence[str] = (),
    *,
    speed: float = 1.0,
    log: Path | None = None,
    intent: Path | None = None,
    inventory: Path | None = None,
    port_base: int = 0,
    arm: bool = False,
    arm_pace: float | None = None,
    linux_hosts: bool = False,
    patience: float = _PATIENCE,
) -> Iterator[Ready]:
    """A started lab. It ends with the block, and by itself when this process dies. Raises LabStartError, also where
    it is not ready after `patience` seconds."""
    with tempfile.TemporaryDirectory(prefix="azinterop-lab-") as temporary:
        place = Path(temporary)
        ready_file, output = place / "ready.json", place / "output.txt"
        options: dict[str, Path | float | None] = {
            "--network": network,
            "--intent": intent,
            "--inventory-dir": inventory or place / "inventory",
            "--log": log or place / "lab.jsonl",
            "--ready-file": ready_file,
            "--remove": place,
            "--speed": speed,
            "--port-base": port_base or None,
            "--arm-pace": arm_pace,
        }
        command = [sys.executable, "-m", "pytest_azinterop.lab", "up", "--parent-pipe", *([] if arm else ["--no-arm"])]
        command += ["--linux-hosts"] if linux_hosts else []
        for option, value in options.items():
            command += [option, str(value)] if value is not None else []
        for name in scenario:
            command += ["--scenario", name]
        with output.open("wb") as sink:
            # In a session of its own: Ctrl-C at the terminal is the parent's to handle, which then ends the lab.
            process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=sink, start_new_session=True
            )
        try:
            yield _wait(process, ready_file, output, patience)
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], ready_file: Path, output: Path, patience: float) -> Ready:
    deadline = time.monotonic() + patience
    while not ready_file.exists():
        if process.poll() is not None:
            raise LabStartError(output.read_text(errors="replace").strip() or f"exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise LabStartError(f"not ready after {patience:.0f} s: {output.read_text(errors='replace').strip()}")
        time.sleep(_POLL)
    return Ready.from_json(ready_file.read_text(encoding="utf-8"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Closing its standard input is enough; a lab that does not listen any more is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

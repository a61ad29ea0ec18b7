"""One collection from the replaying routers in a process of its own, and what is left when it is over.

`python bench/bench_collector.py whole|interrupted READY ANSWERS ROUTER --at-once N` asks every router of READY what the
plan of ANSWERS says. `interrupted` is a Ctrl-C when half of the routers are through. Threads, sockets, temporary files
and processes are counted before the run and after it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench_answers import at_once, read, renamed
from bench_clients import inventory
from bench_machine import pin, used
from bench_server import PASSWORD, USERNAME

from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import Plan
from pytest_azinterop.collect.progress import RouterFinished
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.iosxe import connection, driver, terminal, transport
from pytest_azinterop.iosxe.catalogue import COMMANDS
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from pytest_azinterop.collect.progress import Event

LOADED = (connection, driver, terminal, transport)


def census(temporary: Path) -> dict[str, int]:
    """What this process has."""
    open_files = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return {
        "threads": threading.active_count(),
        "sockets": sum(name.startswith("socket:") for name in open_files),
        "files": sum(1 for _ in temporary.rglob("*")),
        "processes": len(children),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("whole", "interrupted"))
    parser.add_argument("ready", type=Path)
    parser.add_argument("answers", type=Path)
    parser.add_argument("router")
    parser.add_argument("--at-once", type=int, required=True)
    parser.add_argument("--processor", type=int, required=True)
    given = parser.parse_args()
    pin(given.processor)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts it in the background turns it off
    for command in COMMANDS.values():
        command.parse()
    ready = json.loads(given.ready.read_text(encoding="utf-8"))
    router = read(given.answers)[1].router(given.router)
    if router is None:
        raise SystemExit(f"no plan for {given.router}")
    plan = Plan(tuple(renamed(at_once(router), name) for name in ready["names"]))
    limits = {f"{what}_at_once": float(given.at_once) for what in ("routers", "logins", "commands")}
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as temporary:
        tempfile.tempdir = temporary
        routers = load(inventory(Path(place), ready, ready["names"], {**limits, "login_deadline": 300.0}))
        before, idle = census(Path(temporary)), used()[1]
        began, finished = time.perf_counter(), 0
        lock = threading.Lock()

        def progress(event: Event) -> None:
            nonlocal finished
            with lock:
                finished += isinstance(event, RouterFinished)
                if given.kind == "interrupted" and isinstance(event, RouterFinished) and finished == len(names) // 2:
                    os.kill(os.getpid(), signal.SIGINT)

        names, records = ready["names"], 0
        with suppress(KeyboardInterrupt):
            collected = gather(
                plan, routers, credentials=Credentials(USERNAME, Secret(PASSWORD), source="bench"), progress=progress
            )
            if collected.failures:
                raise SystemExit(f"not everything was answered: {collected.failures}")
            records = len(FactStore(plan, collected).understood())
            del collected
        wall, after = time.perf_counter() - began, census(Path(temporary))
    if bool(records) != (given.kind == "whole"):
        raise SystemExit(f"{given.kind}: {records} records")
    left = {what: max(0, after[what] - before[what]) for what in after}
    print(json.dumps({"wall": wall, "memory": used()[1], "idle": idle, "finished": finished, **left}))


if __name__ == "__main__":
    main()

"""A fleet of routers over the workers of a Dask cluster, one of which is killed in the middle of its work.

`python bench/bench_dask.py [--routers 200]` starts a scheduler and workers as processes of their own, over TLS, and has
all routers asked four times: by threads of one process, by two workers, by four, and by four of which one is killed
when half of the routers are through. Writes build/dask.json. Exit 0 only if every run read every record of every
router: what a killed worker costs is a second login for the routers that it had.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_answers import at_once, read, renamed
from bench_clients import inventory
from bench_fleet import ROUTER, answers
from bench_machine import HERE, ROOT, about, pin, processors
from bench_routers import Condition, routers
from bench_server import PASSWORD, USERNAME
from jsonschema import validate

from pytest_azinterop.collect.credentials import Credentials
from pytest_azinterop.collect.inventory import load
from pytest_azinterop.collect.plan import Plan
from pytest_azinterop.collect.progress import RouterFinished
from pytest_azinterop.collect.run import gather
from pytest_azinterop.collect.store import FactStore
from pytest_azinterop.iosxe.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_azinterop.collect.progress import Event

SCHEMA = Path(__file__).with_name("dask.schema.json")
SESSIONS = 40
DASK = str(Path(sys.executable).with_name("dask"))
PATIENCE = 60.0


class Fleet:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self, workers: int) -> None:
        """Certificates, scheduler, workers."""
        from distributed import Client, Security

        made = Security.temporary()
        (self.folder / "fleet.pem").write_text(made.tls_client_cert)
        (self.folder / "key.pem").write_text(made.tls_client_key)
        ready = self.folder / "scheduler.json"
        self.scheduler = self._run("scheduler", "--host", "127.0.0.1", "--port", "0", "--protocol", "tls",
                                   "--scheduler-file", str(ready), "--no-dashboard", "--no-show")  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not ready.exists() or not ready.read_text().strip():
            if time.monotonic() > until or self.scheduler.poll() is not None:
                raise SystemExit((self.folder / "scheduler.log").read_text())
            time.sleep(0.05)
        self.address = json.loads(ready.read_text())["address"]
        for number in range(workers):
            self.workers.append(self._run(
                "worker", self.address, "--host", "127.0.0.1", "--protocol", "tls", "--no-nanny", "--no-dashboard",
                "--nthreads", str(SESSIONS // workers * 2), "--name", f"worker-{number}", "--memory-limit", "0",
                "--local-directory", str(self.folder / f"worker-{number}"),
            ))  # fmt: skip
        with Client(self.address, security=made, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
            client.run(_import)

    def _run(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        files = {"ca-file": "fleet.pem", "cert": "fleet.pem", "key": "key.pem"}
        tls = [word for name, file in files.items() for word in (f"--tls-{name}", str(self.folder / file))]
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen([DASK, what, *arguments, *tls], stdout=log, stderr=log, cwd=self.folder,
                                    env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip

    def end(self) -> None:
        """All of them, the workers first."""
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.wait()


def _import() -> None:
    """What a worker has imported after its first run; imports are not counted."""
    from pytest_azinterop.collect import remote
    from pytest_azinterop.iosxe import connection, driver, terminal, transport
    from pytest_azinterop.iosxe.catalogue import COMMANDS

    del remote, connection, driver, terminal, transport
    for command in COMMANDS.values():
        command.parse()


@contextmanager
def fleet(workers: int) -> Iterator[Fleet]:
    """A running cluster; without workers, none."""
    with tempfile.TemporaryDirectory(prefix="bench-dask-") as folder:
        running = Fleet(Path(folder))
        try:
            if workers:
                running.start(workers)
            yield running
        finally:
            running.end()


def one_run(place: Path, running: Any, plan: Plan, workers: int, *, kill: bool) -> dict[str, Any]:  # noqa: ANN401
    """All routers once, with what it took and how many sessions the routers saw."""
    with fleet(workers) as fleet_:
        files = {"ca": "fleet.pem", "certificate": "fleet.pem", "key": "key.pem"}
        tls = {name: str(fleet_.folder / file) for name, file in files.items()}
        options = {"scheduler": fleet_.address, "tls": tls, "lease": 20}
        settings = {"runner": {"plugin": "azinterop_dask", "options": options}} if workers else {}
        (place / "nornir.yaml").write_text(json.dumps(settings), encoding="utf-8")
        finished: list[str] = []
        lock = threading.Lock()

        def progress(event: Event) -> None:
            with lock:
                if isinstance(event, RouterFinished):
                    finished.append(event.host)
                    if kill and len(finished) == len(plan.routers) // 2:
                        fleet_.workers[0].kill()

        running.told()
        began = time.perf_counter()
        login = Credentials(USERNAME, Secret(PASSWORD), source="bench")
        collected = gather(plan, load(place), credentials=login, progress=progress)
        store = FactStore(plan, collected)
        records = sum(len(store.records(fact)) for router in plan.routers if router.host not in collected.failures
                      for command in router.commands for fact in command.facts)  # fmt: skip
        wall = time.perf_counter() - began
    return {"wall": wall, "workers": workers, "killed": kill, "records": records,
            "failures": {host: failure.cause for host, failure in collected.failures.items()},
            "sessions": running.told()["sessions"], "logins": collected.totals.logins}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routers", type=int, default=200)
    parser.add_argument("--rtt", type=int, default=20, help="milliseconds")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "dask.json")
    given = parser.parse_args()
    build = given.output.parent / "bench"
    build.mkdir(parents=True, exist_ok=True)
    kept = answers(build)
    router = read(kept)[1].router(ROUTER)
    if router is None:
        raise SystemExit(f"no plan for {ROUTER}")
    machine, found = about(), []
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        running = stack.enter_context(routers(kept, ROUTER, given.routers, Condition(given.rtt)))
        pin(processors()[1])
        doors = running.doors()
        plan = Plan(tuple(renamed(at_once(router), name) for name in doors["names"]))
        limits = {f"{what}_at_once": float(SESSIONS) for what in ("routers", "logins", "commands")}
        inventory(place, doors, doors["names"], {**limits, "login_deadline": 300.0, "command_deadline": 300.0})
        print(f"{given.routers} routers, {len(at_once(router).commands)} commands each, round trip {given.rtt} ms,"
              f" {SESSIONS} sessions at once")  # fmt: skip
        _import()
        for workers, kill in ((0, False), (2, False), (4, False), (4, True)):
            one = one_run(place, running, plan, workers, kill=kill)
            found.append(one)
            name = f"{workers} workers" if workers else "threads of one process"
            print(f"  {name + (', one killed in the middle' if kill else ''):<40} {one['wall']:6.2f} s,"
                  f" {one['records']} records, {one['sessions']} logins, {len(one['failures'])} routers failed",
                  flush=True)  # fmt: skip
    whole = all(each["records"] == found[0]["records"] and not each["failures"] for each in found)
    again = found[-1]["sessions"] - given.routers
    print(f"the killed worker cost {again} routers a second login")
    document = {"machine": machine, "routers": given.routers, "rtt": given.rtt, "runs": found, "held": whole}
    validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    given.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{given.output}: {'every record of every router in every run' if whole else 'NOT everything was read'}")
    return 0 if whole and again > 0 else 1


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())

"""A Dask cluster as users start it: `dask scheduler` and `dask worker`, each a process of its own, over TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
DASK = str(Path(sys.executable).with_name("dask"))


class Processes:
    """They write what they log, in full, into `log` files of the folder."""

    def __init__(self, folder: Path) -> None:
        from distributed import Security

        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.security = Security.temporary()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        (folder / "fleet.pem").write_text(self.security.tls_client_cert)
        (folder / "key.pem").write_text(self.security.tls_client_key)
        ready = folder / "scheduler.json"
        self._start("scheduler", "scheduler", "--port", "0", "--scheduler-file", str(ready), "--no-dashboard")
        until = time.monotonic() + 60
        while not ready.exists() or not ready.read_text().strip():
            assert time.monotonic() < until, (folder / "scheduler.log").read_text()
            time.sleep(0.02)
        self.address: str = json.loads(ready.read_text())["address"]

    def worker(self, name: str, resources: str = "") -> None:
        """Start one."""
        needed = ["--resources", resources] if resources else []
        self._start(
            name, "worker", self.address, "--no-nanny", "--nthreads", "4", "--name", name, "--no-dashboard",
            "--local-directory", str(self.folder / name), *needed,
        )  # fmt: skip

    def _start(self, name: str, *arguments: str) -> None:
        files = {"ca-file": "fleet.pem", "cert": "fleet.pem", "key": "key.pem"}
        tls = [word for option, file in files.items() for word in (f"--tls-{option}", str(self.folder / file))]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "debug",
                       "TMPDIR": str(self.temporary)}  # fmt: skip
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [DASK, *arguments, "--host", "127.0.0.1", "--protocol", "tls", *tls],
                stdout=log, stderr=log, cwd=self.folder, env=environment,
            )  # fmt: skip

    def wait_for(self, workers: int) -> None:
        """Until so many of them are known to the scheduler."""
        from distributed import Client

        with Client(self.address, security=self.security, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)

    def kill(self, name: str) -> None:
        """As the kernel would."""
        self.running[name].kill()
        self.running.pop(name).wait()

    def end(self) -> None:
        """All of them."""
        for name in reversed(list(self.running)):
            self.kill(name)

    def options(self, **more: Any) -> dict[str, Any]:
        """What stands in nornir.yaml."""
        files = {"ca": "fleet.pem", "certificate": "fleet.pem", "key": "key.pem"}
        tls = {name: str(self.folder / file) for name, file in files.items()}
        return {"scheduler": self.address, "tls": tls, **more}

    @property
    def logged(self) -> str:
        """Everything that all of them have written."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

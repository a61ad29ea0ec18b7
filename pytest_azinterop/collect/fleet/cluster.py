"""Reaching a Dask cluster, or starting one on this machine. Only TLS: what goes to the workers includes credentials."""

from __future__ import annotations

import logging
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.fleet import preload
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LOOPBACK = "127.0.0.1"
_SECURE = "tls://"
_FILES = {"ca": "tls_ca_file", "certificate": "tls_client_cert", "key": "tls_client_key"}
_CONNECT = 15.0  # seconds for the scheduler to answer
_START = 60.0  # seconds for local workers to be there
_QUIET = ("distributed", "tornado.application", "asyncio")


@dataclass(frozen=True, slots=True)
class Existing:
    """A cluster that others run, by its scheduler's address. `tls` None: Dask's own configuration names the files."""

    address: str
    tls: Mapping[str, Path] | None = None


@dataclass(frozen=True, slots=True)
class Local:
    """Processes on this machine, for one run: their number, and how many routers each may have at the same time."""

    workers: int
    threads: int


Cluster = Existing | Local


def check(scheduler: str | None, tls: Mapping[str, str] | None, workers: int | None, threads: int) -> Cluster:
    """What the options of a runner mean. Raises InventoryError."""
    if (scheduler is None) == (workers is None):
        raise InventoryError(
            "the Dask runner needs either `scheduler`, an address, or `workers`, a number of processes"
        )
    for name, value in (("workers", workers), ("threads", threads)):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
            raise InventoryError(f"{name} of the Dask runner must be a whole number of at least 1, not {value!r}")
    if workers is not None:
        if tls is not None:
            raise InventoryError("the Dask runner makes the certificates of local `workers` itself; leave `tls` out")
        return Local(workers, threads)
    if not str(scheduler).startswith(_SECURE):
        raise InventoryError(f"the Dask scheduler is {scheduler!r}; credentials go there, so it must be {_SECURE}…")
    return Existing(str(scheduler), None if tls is None else _files(tls))


def _files(tls: Mapping[str, str]) -> dict[str, Path]:
    if not hasattr(tls, "items") or set(tls) != set(_FILES):
        raise InventoryError(f"tls of the Dask runner needs {', '.join(_FILES)}: three files in PEM format")
    files = {name: Path(path).expanduser().absolute() for name, path in tls.items()}
    for name, path in files.items():
        if not path.is_file():
            raise InventoryError(f"tls.{name} of the Dask runner: there is no file {path}")
    return files


@contextmanager
def opened(cluster: Cluster, resources: Iterable[str]) -> Iterator[Any]:
    """A `distributed.Client` of the cluster. Local workers offer all the `resources`. Raises InventoryError."""
    if isinstance(cluster, Local):
        with _local(cluster, resources) as client:
            yield client
        return
    with _quiet(), _existing(cluster) as client:
        yield client


@contextmanager
def _existing(cluster: Existing) -> Iterator[Any]:
    from distributed import Client, Security

    files = {_FILES[name]: str(path) for name, path in (cluster.tls or {}).items()}
    failure = ""
    try:
        security = Security(require_encryption=True, **files)
        if not security.tls_ca_file or not security.tls_client_cert:
            failure = "no certificates: name them with `tls`, or in Dask's configuration (distributed.comm.tls)"
        else:
            client = Client(cluster.address, security=security, set_as_default=False, timeout=_CONNECT)
    except Exception as error:  # noqa: BLE001 (whatever TLS and sockets raise)
        failure = f"{type(error).__name__}: {str(error)[:200]}"
    if failure:
        raise InventoryError(f"the Dask scheduler {cluster.address} cannot be used: {failure}")
    try:
        plain = sorted(name for name in client.scheduler_info()["workers"] if not name.startswith(_SECURE))
        if plain:
            raise InventoryError(f"workers of {cluster.address} are not reached over TLS: {', '.join(plain[:3])}")
        yield client
    finally:
        client.close(timeout=_CONNECT)


@contextmanager
def _local(cluster: Local, resources: Iterable[str]) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster, Security

    settings: dict[str, list[str]] = {
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        "distributed.worker.preload": [preload.__name__],
    }
    with (
        _quiet(),
        tempfile.TemporaryDirectory(prefix="azinterop-dask-", ignore_cleanup_errors=True) as folder,
        dask.config.set({**settings, "temporary-directory": folder}),
    ):
        security = Security.temporary()
        with (
            LocalCluster(
                n_workers=cluster.workers,
                threads_per_worker=cluster.threads,
                processes=True,
                host=LOOPBACK,
                protocol=_SECURE,
                security=security,
                dashboard_address=f"{LOOPBACK}:0",
                worker_dashboard_address=f"{LOOPBACK}:0",
                local_directory=folder,
                memory_limit=0,
                silence_logs=logging.CRITICAL,
                resources=dict.fromkeys(resources, cluster.threads),
            ) as running,
            Client(running, security=security, set_as_default=False) as client,
        ):
            client.wait_for_workers(cluster.workers, timeout=_START)
            yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask tells of every worker that comes or goes; what that means for a router is told by the run."""
    loggers = [logging.getLogger(name) for name in _QUIET]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

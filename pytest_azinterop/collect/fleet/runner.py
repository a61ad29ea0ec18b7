"""The Nornir runner `azinterop_dask`: a task's hosts are spread over the workers of a Dask cluster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pytest_azinterop.collect.fleet import cluster
from pytest_azinterop.collect.fleet.errand import InterruptedRunError, LostError
from pytest_azinterop.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nornir.core.inventory import Host
    from nornir.core.task import AggregatedResult, MultiResult, Task

    from pytest_azinterop.collect.fleet.dispatch import Dispatch
    from pytest_azinterop.collect.fleet.errand import Sender

RUNNER_NAME = "azinterop_dask"


class DaskRunner:
    """See nornir's `RunnerPlugin`.

    Either `scheduler`, the `tls://` address of a cluster, with `tls` (`ca`, `certificate`, `key`: files; None: those of
    Dask's configuration), or `workers`, a number of processes on this machine that have `threads` routers each.
    `patience` and `lease` in seconds: how long a router waits while no worker takes any, and how long a worker may give
    no sign of life. Raises InventoryError.
    """

    sends_errands = True

    def __init__(
        self,
        scheduler: str | None = None,
        tls: Mapping[str, str] | None = None,
        workers: int | None = None,
        threads: int = 25,
        patience: float = 30.0,
        lease: float = 30.0,
    ) -> None:
        from importlib.util import find_spec

        for name, value in (("patience", patience), ("lease", lease)):
            if isinstance(value, bool) or not value > 0:
                raise InventoryError(f"{name} of the Dask runner must be a number of seconds above 0, not {value!r}")
        if find_spec("distributed") is None:
            raise InventoryError("the Dask runner needs its extra: pip install 'pytest-azinterop[dask]'")
        self._cluster = cluster.check(scheduler, tls, workers, threads)
        self._patience = float(patience)
        self._lease = float(lease)

    def run(self, task: Task, hosts: list[Host]) -> AggregatedResult:
        """Have the task done for every host. A host whose worker was lost has a failed result.

        A task function that is a `Sender` says itself what a worker does. Raises InventoryError where there is no
        cluster.
        """
        from nornir.core.task import AggregatedResult

        from pytest_azinterop.collect.fleet.dispatch import Dispatch

        result = AggregatedResult(task.name)
        if not hosts:
            return result
        sender = _sender(task, len(hosts))
        needed = sorted({name for name in map(sender.worker, hosts) if name is not None})
        with (
            cluster.opened(self._cluster, needed) as client,
            Dispatch(client, patience=self._patience, lease=self._lease) as dispatch,
            ThreadPoolExecutor(min(sender.at_once, len(hosts)), thread_name_prefix=RUNNER_NAME) as pool,
        ):
            futures = [
                pool.submit(_one, dispatch, sender, number, task.copy(), host) for number, host in enumerate(hosts)
            ]
            try:
                for host, future in zip(hosts, futures, strict=True):
                    result[host.name] = future.result()
            except BaseException:
                sender.interrupt()
                pool.shutdown(wait=False, cancel_futures=True)
                dispatch.stop()
                raise
        return result


def _sender(task: Task, hosts: int) -> Sender:
    from pytest_azinterop.collect.fleet.nornir_task import NornirTasks

    own: Any = task.task
    if hasattr(own, "errand") and hasattr(own, "hear"):
        sender: Sender = own
        return sender
    return NornirTasks(task, hosts)


def _one(dispatch: Dispatch, sender: Sender, number: int, task: Task, host: Host) -> MultiResult:
    """One host, from its turn to its result."""
    task.host = host
    found: object
    with sender.turn(host):
        task.processors.task_instance_started(task, host)
        try:
            outcome = dispatch.send(
                number,
                sender.errand(host),
                lambda message: sender.hear(host, message),
                lambda: sender.forget(host),
                worker=sender.worker(host),
                attempts=sender.attempts,
            )
            found = sender.take(host, outcome)
        except LostError as error:
            found = sender.lose(host, error)
        except InterruptedRunError:
            found = sender.lose(host, LostError("not-collected", "interrupted"))
        except Exception as error:  # noqa: BLE001 (a defect must cost this router only)
            found = sender.lose(
                host, LostError("collector-failed", f"the collector failed with {type(error).__name__}")
            )
        results = _as_results(task, host, found)
        task.processors.task_instance_completed(task, host, results)
    return results


def _as_results(task: Task, host: Host, found: object) -> MultiResult:
    from nornir.core.task import MultiResult, Result

    from pytest_azinterop.collect.fleet.nornir_task import named

    return found if isinstance(found, MultiResult) else named(Result(host, result=found), task.name)
